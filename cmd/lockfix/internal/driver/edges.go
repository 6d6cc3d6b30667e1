package driver

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// Edges answers as [summary.FactsOf] does, of the graph of packages instead of their
// types: those of a project lead to most that a program is made of, and need not be read
// to be asked in which order they take locks.
func (v view) Edges(pkg *types.Package) []summary.ImportedEdge {
	var out []summary.ImportedEdge
	seen := map[*node]bool{v.node: true}
	var visit func(deps []*node)
	visit = func(deps []*node) {
		for _, dep := range deps {
			if !seen[dep] && dep.finished() && summary.SameProject(dep.typesPath(), pkg.Path()) {
				seen[dep] = true
				visit(dep.direct)
				out = append(out, v.world.edges(dep)...)
			}
		}
	}
	visit(v.imported(pkg))
	return out
}

// imported lists the imports of a package by path: an edit may have added to those of
// the node.
func (v view) imported(pkg *types.Package) []*node {
	var out []*node
	for _, imp := range pkg.Imports() {
		i := slices.IndexFunc(v.direct, func(dep *node) bool { return dep.typesPath() == imp.Path() })
		switch {
		case i >= 0:
			out = append(out, v.direct[i])
		case v.world.nodes[imp.Path()] != nil:
			out = append(out, v.world.nodes[imp.Path()])
		}
	}
	slices.SortFunc(out, func(a, b *node) int { return strings.Compare(a.typesPath(), b.typesPath()) })
	return out
}

// edges lists the edges that the functions of a package hand to importers, by the names
// of the functions.
func (w *world) edges(n *node) []summary.ImportedEdge {
	n.handing.Do(func() {
		if e := n.fetch(w.run); e == nil || e.Alone {
			w.load(n) // it is in the store no more
		}
		n.mu.Lock()
		l, e := n.loaded, n.entry
		n.mu.Unlock()
		if e == nil || e.facts.size == 0 { // it has errors, or is told
			return
		}
		list, err := l.known.open(e.facts)
		if err != nil {
			w.unread(n.typesPath(), err)
			return
		}
		for _, i := range list.Edged {
			f, err := list.fact(list.Names[i], w.find, w.pos)
			if err != nil {
				w.unread(n.typesPath(), err)
				return
			}
			if w.declares(n, list.Names[i]) {
				n.handed = append(n.handed, summary.Handed(n.typesPath(), f)...)
			}
		}
	})
	return n.handed
}

// declares reports whether importers see a function of a package. Methods of types that
// are not exported have edges only where no function is that they see; the type may be
// one that they get from a variable all the same.
func (w *world) declares(n *node, name string) bool {
	typ, _, method := strings.Cut(name, ".")
	if !method || token.IsExported(typ) {
		return true
	}
	w.load(n)
	return n.types != nil && n.types.Scope().Lookup(typ) != nil
}
