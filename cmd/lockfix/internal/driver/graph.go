package driver

import (
	"go/types"
	"path/filepath"
	"strings"
)

// A node is one package of the graph: what is listed, and what became of it.
type node struct {
	meta    *meta
	imports map[string]*node // by import path as written in the source
	waits   []*node          // what must be done before: imports, and the base of a test variant
	root    bool             // it was asked for
	owns    map[string]bool  // files that are its to report

	done  chan struct{} // closed when types is final
	types *types.Package
}

// A universe holds the packages by import path. Modules that are loaded apart
// share the standard library and nothing else, as they may use other versions.
type universe map[string]*node

// build adds listed packages to a universe. It returns all new ones and, in an
// order in which every package comes after those that it waits for, the new ones
// that the roots need: what only a generated test program imports is left out.
func build(listed []*meta, u universe) (added, order []*node) {
	for _, m := range listed {
		if u[m.ImportPath] != nil || isTestMain(m) {
			continue
		}
		n := &node{meta: m, done: make(chan struct{})}
		n.root = !m.DepOnly && (m.Name != "" || len(m.GoFiles)+len(m.CgoFiles) > 0)
		u[m.ImportPath] = n
		added = append(added, n)
	}
	for _, n := range added {
		n.link(u)
	}
	return added, sortNodes(added)
}

// isTestMain reports whether the package is the program that go test would
// generate; its one file lies in a cache.
func isTestMain(m *meta) bool {
	return m.Name == "main" && strings.HasSuffix(m.ImportPath, ".test") && len(m.GoFiles) == 1 && filepath.IsAbs(m.GoFiles[0])
}

// link resolves imports. Listed paths are real ones; the import map leads there
// from those in the source, for vendored packages and test variants.
func (n *node) link(u universe) {
	n.imports = make(map[string]*node)
	for _, path := range n.meta.Imports {
		if dep := u[path]; dep != nil {
			n.imports[path] = dep
			n.waits = append(n.waits, dep)
		}
	}
	for written, path := range n.meta.ImportMap {
		if dep := u[path]; dep != nil {
			n.imports[written] = dep
		}
	}
	if n.meta.ForTest != "" {
		base, _, _ := strings.Cut(n.meta.ImportPath, " [")
		if dep := u[base]; dep != nil && dep != n {
			n.waits = append(n.waits, dep)
		}
	}
}

// sortNodes orders the roots among nodes, and those that they need, by what they
// wait for. A broken program may import in a circle: the edge that closes it is cut, the type checker says the rest.
func sortNodes(nodes []*node) []*node {
	const (
		active = 1
		placed = 2
	)
	state := make(map[*node]int)
	fresh := make(map[*node]bool)
	for _, n := range nodes {
		fresh[n] = true
	}
	var order []*node
	var visit func(n *node)
	visit = func(n *node) {
		state[n] = active
		var waits []*node
		for _, dep := range n.waits {
			if fresh[dep] && state[dep] == 0 {
				visit(dep)
			}
			if state[dep] != active {
				waits = append(waits, dep)
			}
		}
		n.waits = waits
		state[n] = placed
		order = append(order, n)
	}
	for _, n := range nodes {
		if n.root && state[n] == 0 {
			visit(n)
		}
	}
	return order
}

// goVersion is the language version that the package's module asks for.
func (m *meta) goVersion() string {
	switch {
	case m.Module == nil:
		return ""
	case m.Module.GoVersion == "":
		return "go1.16" // what a go.mod file without a go line means
	}
	return "go" + m.Module.GoVersion
}

// readOnly says why no file of the package may be edited, "" if they may.
func (m *meta) readOnly() string {
	switch {
	case m.Module != nil && m.Module.Main:
		return ""
	case strings.Contains(filepath.ToSlash(m.Dir), "/vendor/"):
		return "vendored"
	case m.ownStandard:
		return ""
	}
	return "not of a main module"
}
