package driver

import (
	"bytes"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// A world is one universe of types with the facts of its packages: those of one
// module or workspace, and all that they import. Modules that are loaded apart
// share what is stored and nothing else, as they may use other versions.
//
// The types of a package come from its export data, where that can be read, also when
// it has just been checked from source: so an analysis sees the same of a package
// whether it is in the cache or not.
type world struct {
	run   *runner
	nodes universe
	arch  string
	sizes types.Sizes
	atlas *atlas

	*pool

	files func() map[string]*node // whose layout has a file, by path
	named sync.Map                // paths of packages that visits have named places in
}

// A pool is what a world has loaded.
type pool struct {
	mu     sync.RWMutex
	types  map[string]*types.Package // by path, test variants aside
	loaded map[*types.Package]*loaded
}

func newWorld(r *runner, nodes universe, order []*node, arch string) *world {
	w := &world{
		run:   r,
		nodes: nodes,
		arch:  arch,
		sizes: types.SizesFor("gc", arch),
		atlas: r.session.atlas,
		pool:  &pool{types: make(map[string]*types.Package), loaded: make(map[*types.Package]*loaded)},
	}
	w.files = sync.OnceValue(func() map[string]*node {
		files := make(map[string]*node)
		for _, variant := range []bool{false, true} { // a variant repeats the files of its base
			for _, n := range order {
				if (n.meta.ForTest != "") == variant {
					for _, file := range n.files() {
						if path := n.path(file); files[path] == nil {
							files[path] = n
						}
					}
				}
			}
		}
		return files
	})
	return w
}

// load makes the types of a package ready, and of all that they refer to.
func (w *world) load(n *node) {
	n.loading.Do(func() {
		if n.meta.ImportPath == "unsafe" {
			n.types = types.Unsafe
			return
		}
		w.ready(n)
		if n.types == nil {
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.loaded[n.types] = n.loaded
		if !n.variant {
			w.types[n.types.Path()] = n.types
		}
	})
}

// ready takes what the session has loaded, or makes it of what is kept.
func (w *world) ready(n *node) {
	w.mu.Lock()
	old := w.run.session.find(n)
	w.mu.Unlock()
	if old != nil {
		n.mu.Lock()
		n.loaded = old
		n.mu.Unlock()
		w.loadAll(w.needs(n, old.refs))
		return
	}
	if e := n.fetch(w.run); n.types == nil && (e == nil || e.Alone) {
		inputs, unread := w.run.inputs(n) // it is in the store no more
		w.run.compute(n, inputs, unread, false)
	}
	if n.types == nil && n.entry != nil {
		if err := w.read(n); err != nil && !w.fromSource(n) {
			w.run.problem(Problem{Package: n.meta.ImportPath, Message: fmt.Sprintf("fault of lockfix: reading its export data: %v", err), Fault: true})
		}
	}
}

// read makes the types of a package of its export data. All packages that it
// refers to are complete, so that it adds to none of them: should one be missing, it
// is loaded, and all is read again.
func (w *world) read(n *node) error {
	n.refs = n.entry.Refs
	needs := w.needs(n, n.refs)
	w.loadAll(needs)
	pkg, missing, err := w.try(n, needs)
	if len(missing) > 0 {
		more, unknown := n.missing(missing)
		if unknown != nil {
			return unknown
		}
		w.loadAll(more)
		needs = append(needs, more...)
		pkg, missing, err = w.try(n, needs)
	}
	switch {
	case err != nil:
		return err
	case len(missing) > 0:
		return fmt.Errorf("it refers to %s, which cannot be loaded", missing[0])
	}
	// Export data knows the packages that declarations refer to, not the imports.
	var imports []*types.Package
	for _, dep := range n.direct {
		if slices.Contains(needs, dep) && dep.types != nil { // of others somebody may be making them
			imports = append(imports, dep.types)
		}
	}
	pkg.SetImports(imports)
	w.add(n, pkg)
	return nil
}

func (w *world) add(n *node, pkg *types.Package) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n.types, n.entry.Types = pkg, nil
	w.run.session.add(n)
}

// fromSource makes the types of a package from source whose export data cannot be read,
// and reports whether that went well. The reader has a fault: it does not understand a
// generic alias that leads back to itself.
func (w *world) fromSource(n *node) bool {
	inputs, unread := w.run.inputs(n)
	src := w.run.check(n, inputs, unread)
	if len(src.Errors) > 0 {
		w.run.forget(n)
		return false
	}
	w.add(n, src.Declarations().Types)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.parsed = nil // they stay in the file set: the session has types with places in them
	return true
}

// try reads export data among the packages that are loaded, that of a test variant among
// those that it needs. Missing are those that it refers to and that are not there.
func (w *world) try(n *node, needs []*node) (pkg *types.Package, missing []string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.types
	if n.variant {
		known = make(map[string]*types.Package)
		for _, dep := range needs {
			if dep.types != nil {
				known[dep.types.Path()] = dep.types
			}
		}
	}
	own := n.typesPath()
	before := len(known)
	pkg, err = gcexportdata.Read(bytes.NewReader(n.entry.Types), w.run.fset, known, own)
	delete(known, own) // who reads it says when it is ready
	if len(known) == before {
		return pkg, nil, err
	}
	for path, made := range known {
		if path != "unsafe" && w.loaded[made] == nil {
			missing = append(missing, path)
			delete(known, path)
		}
	}
	slices.Sort(missing)
	return pkg, missing, err
}

// leave takes the files of packages with errors out of the file set, where they were
// as long as others referred to types that came from source.
func (w *world) leave() {
	for _, n := range w.nodes {
		if n.types != nil && n.deep == (store.Key{}) && n.meta.ImportPath != "unsafe" {
			w.run.forget(n)
		}
	}
}

// A declRef names a declaration of any package.
type declRef struct {
	Package, Decl string
}

// A spot is where a declaration stands, in a file of so many lines. The zero spot is
// that of one that is not known.
type spot struct {
	path        string
	line, lines int
}

func (w *world) find(ref declRef) spot {
	n := w.nodes[ref.Package]
	if n == nil {
		return spot{}
	}
	l := n.layout(w.run)
	if l == nil {
		return spot{}
	}
	f, line := l.find(ref.Decl)
	if f == nil {
		return spot{}
	}
	return spot{path: n.path(f.Name), line: line, lines: f.Lines}
}

// locate finds a place.
func (w *world) locate(p Place) token.Position {
	s := w.find(declRef{Package: p.Package, Decl: p.Decl})
	if s == (spot{}) {
		return token.Position{}
	}
	return token.Position{Filename: s.path, Line: s.line + p.Line, Column: p.Column}
}

// pos returns a position for a place in relation to a declaration.
func (w *world) pos(s spot, line, column int) token.Pos {
	return w.atlas.pos(s.path, s.lines, s.line+line, column)
}

// place turns a position into a place, of a package at hand or of another one.
// own is the layout of the package at hand, which has no entry yet.
func (w *world) place(n *node, own *layout, at token.Position) Place {
	if !at.IsValid() {
		return Place{}
	}
	if f := own.file(n.meta.Dir, at.Filename); f != nil {
		return f.place(n.meta.ImportPath, at.Line, at.Column)
	}
	other := w.files()[at.Filename]
	if other == nil {
		return Place{}
	}
	l := other.layout(w.run)
	if l == nil {
		return Place{}
	}
	if f := l.file(other.meta.Dir, at.Filename); f != nil {
		return f.place(other.meta.ImportPath, at.Line, at.Column)
	}
	return Place{}
}
