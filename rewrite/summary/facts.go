package summary

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Facts tell what other packages do.
type Facts interface {
	// Func tells what a function does, nil if that is not known.
	Func(*types.Func) *Func

	// Edges lists the edges of the packages of its project that a package imports,
	// directly or not: by path, those of a package after those that it imports, and by the
	// names of the functions that have them (see [Handed]).
	Edges(*types.Package) []ImportedEdge
}

// FactsOf are facts by function. The edges are looked for behind the imports of a
// package, which must be there as types.
type FactsOf func(*types.Func) *Func

// Func is as of [Facts].
func (of FactsOf) Func(fn *types.Func) *Func { return of(fn) }

// Edges is as of [Facts].
func (of FactsOf) Edges(pkg *types.Package) []ImportedEdge {
	var out []ImportedEdge
	seen := map[*types.Package]bool{pkg: true}
	var visit func(at *types.Package)
	visit = func(at *types.Package) {
		for _, imp := range importsOf(at) {
			if seen[imp] || !near(imp, pkg) {
				continue
			}
			seen[imp] = true
			visit(imp)
			for _, fn := range declaredIn(imp) {
				out = append(out, Handed(imp.Path(), of(fn))...)
			}
		}
	}
	visit(pkg)
	return out
}

// Handed lists the edges that a function hands to importers of its package; it may be
// nil. Of a package that the table describes they are not asked for.
func Handed(path string, f *Func) []ImportedEdge {
	if f == nil || syncapi.Describes(path) {
		return nil
	}
	var out []ImportedEdge
	for i := range f.Edges {
		out = append(out, ImportedEdge{&f.Edges[i], path})
	}
	return out
}

// declaredIn lists the functions and methods of a package, sorted by name.
func declaredIn(pkg *types.Package) []*types.Func {
	var out []*types.Func
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		switch obj := scope.Lookup(name).(type) {
		case *types.Func:
			out = append(out, obj)
		case *types.TypeName:
			if n, ok := obj.Type().(*types.Named); ok && !obj.IsAlias() {
				out = slices.AppendSeq(out, n.Methods())
				slices.SortFunc(out[len(out)-n.NumMethods():], func(a, b *types.Func) int { return cmp.Compare(a.Name(), b.Name()) })
			}
		}
	}
	return out
}
