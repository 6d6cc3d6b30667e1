package driver

import (
	"fmt"
	"slices"
)

// noRefs is for a test: what export data refers to is not listed, so that all is missing.
var noRefs bool

// needs lists the packages without which the types of a package cannot be read. Most of
// what a program imports is in no such list, and never read. A test variant imports
// variants: which one a path means is told by what it imports, directly or not.
func (w *world) needs(n *node, refs []string) []*node {
	if n.variant {
		return n.behindAt(refs)
	}
	var out []*node
	for _, path := range refs {
		if dep := w.nodes[path]; dep != nil {
			out = append(out, dep)
		}
	}
	return out
}

// behindAt lists the packages of some paths that a package imports, directly or not.
func (n *node) behindAt(paths []string) []*node {
	var out []*node
	for dep := range n.behind() {
		if slices.Contains(paths, dep.typesPath()) {
			out = append(out, dep)
		}
	}
	return out
}

func (w *world) loadAll(nodes []*node) {
	for _, n := range nodes {
		w.load(n)
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

// missing lists packages that export data refers to though its list did not say so.
func (n *node) missing(paths []string) ([]*node, error) {
	found := n.behindAt(paths)
	for _, path := range paths {
		if !slices.ContainsFunc(found, func(dep *node) bool { return dep.typesPath() == path }) {
			return nil, fmt.Errorf("it refers to %s, which it does not import", path)
		}
	}
	return found, nil
}
