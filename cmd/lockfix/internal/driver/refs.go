package driver

import (
	"fmt"
	"slices"
)

// noRefs is for a test: what export data refers to is not listed, so that all is missing.
var noRefs bool

// needs lists the packages without which the types of a package cannot be read. Most of
// what a program imports is in no such list, and never read.
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
