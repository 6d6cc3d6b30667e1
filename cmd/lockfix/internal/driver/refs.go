package driver

import (
	"fmt"
	"go/types"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// noRefs is for a test: no references are listed, so that all are missing.
var noRefs bool

// refsOf lists the paths of the other packages that the exported declarations of a
// package refer to, sorted. What these refer to in turn is theirs to list.
func refsOf(pkg *types.Package) []string {
	if noRefs {
		return nil
	}
	r := refs{pkg: pkg, seen: make(map[types.Type]bool), paths: make(map[string]bool)}
	for _, name := range pkg.Scope().Names() {
		if obj := pkg.Scope().Lookup(name); obj.Exported() {
			r.typ(obj.Type())
		}
	}
	return slices.Sorted(maps.Keys(r.paths))
}

// refs walks types, into those that the package declares itself.
type refs struct {
	pkg   *types.Package
	seen  map[types.Type]bool
	paths map[string]bool
}

// declared notes where a type is declared; it is true for those of the package.
func (r *refs) declared(pkg *types.Package) bool {
	if pkg != nil && pkg != r.pkg {
		r.paths[pkg.Path()] = true
	}
	return pkg == r.pkg
}

func (r *refs) typ(t types.Type) {
	if t == nil || r.seen[t] {
		return
	}
	r.seen[t] = true
	switch t := t.(type) {
	case *types.Alias:
		r.list(t.TypeArgs())
		if r.declared(t.Obj().Pkg()) {
			r.params(t.TypeParams())
			r.typ(t.Rhs())
		}
	case *types.Named:
		r.list(t.TypeArgs())
		if t.Origin() != t {
			r.typ(t.Origin())
		} else if r.declared(t.Obj().Pkg()) {
			r.params(t.TypeParams())
			r.typ(t.Underlying())
			for m := range t.Methods() {
				r.typ(m.Type())
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			r.declared(f.Pkg())
			r.typ(f.Type())
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			r.declared(m.Pkg())
			r.typ(m.Type())
		}
		for e := range t.EmbeddedTypes() {
			r.typ(e)
		}
	case *types.Signature:
		r.params(t.TypeParams())
		if v := t.Recv(); v != nil {
			r.typ(v.Type())
		}
		r.typ(t.Params())
		r.typ(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			r.typ(v.Type())
		}
	case *types.Map:
		r.typ(t.Key())
		r.typ(t.Elem())
	case *types.TypeParam:
		r.typ(t.Constraint())
	case *types.Union:
		for term := range t.Terms() {
			r.typ(term.Type())
		}
	case interface{ Elem() types.Type }: // pointers, slices, arrays, channels
		r.typ(t.Elem())
	}
}

func (r *refs) list(l *types.TypeList) {
	for t := range l.Types() {
		r.typ(t)
	}
}

func (r *refs) params(l *types.TypeParamList) {
	for t := range l.TypeParams() {
		r.typ(t)
	}
}

// needs lists the packages without which the types of a package cannot be read, and
// those of its project that it imports: an analysis follows the imports of a project
// to the end. Most of what a program imports is in neither list, and never read.
func (w *world) needs(n *node, refs []string) []*node {
	if n.variant {
		return n.direct
	}
	var out []*node
	for _, path := range refs {
		if dep := w.nodes[path]; dep != nil {
			out = append(out, dep)
		}
	}
	for _, dep := range n.direct {
		if summary.SameProject(dep.meta.ImportPath, n.meta.ImportPath) && !slices.Contains(out, dep) {
			out = append(out, dep)
		}
	}
	return out
}

// loadNeeds loads what needs lists; of a test variant all that it imports, directly
// or not: by the path alone it is not known which variant is meant.
func (w *world) loadNeeds(n *node, refs []string) {
	if n.variant {
		for dep := range n.behind() {
			w.load(dep)
		}
		return
	}
	for _, dep := range w.needs(n, refs) {
		w.load(dep)
	}
}

// behind lists what a package imports, directly or not.
func (n *node) behind() map[*node]bool {
	all := make(map[*node]bool)
	var visit func(*node)
	visit = func(n *node) {
		for _, dep := range n.direct {
			if !all[dep] {
				all[dep] = true
				visit(dep)
			}
		}
	}
	visit(n)
	return all
}

// loadMissing loads packages that export data refers to though its list did not say
// so.
func (w *world) loadMissing(n *node, paths []string) error {
	for dep := range n.behind() {
		if slices.Contains(paths, dep.typesPath()) {
			w.load(dep)
			paths = slices.DeleteFunc(paths, func(p string) bool { return p == dep.typesPath() })
		}
	}
	if len(paths) > 0 {
		return fmt.Errorf("it refers to %s, which it does not import", paths[0])
	}
	return nil
}
