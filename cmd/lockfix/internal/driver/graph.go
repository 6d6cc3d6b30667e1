package driver

import (
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A node is one package of the graph: what is listed, and what became of it.
type node struct {
	meta    *meta
	imports map[string]*node // by import path as written in the source
	waits   []*node          // what must be done before: imports, and the base of a test variant
	root    bool             // it was asked for
	world   *world
	state   nodeState       // what an earlier run knew
	owns    map[string]bool // files that are its to report

	direct  []*node // imports, each once, sorted by path
	variant bool    // it is a test variant, or imports one
	needed  bool    // something waits for it

	told   bool // what its functions do is known without their code
	moved  bool // its files are not as they were stamped
	faulty bool // analysing it met a fault

	done chan struct{} // closed when sum and deep are final
	key  store.Key     // under which its entry is kept; zero: not at all
	sum  store.Key     // of what importers see of it
	deep store.Key     // of that and of all that it imports; zero: unknown

	visited store.Key // under which is kept what its visit left; zero: nothing
	nothing bool      // its visit left an empty list

	loading sync.Once
	handing sync.Once
	handed  []summary.ImportedEdge // by its functions, when handing is done
	mu      sync.Mutex             // guards what follows, entry until it is loaded
	*loaded
	parsed []*token.File // in the file set still
}

// note takes down a file that was parsed for the package: as it is, or with an edit
// that is tried.
func (n *node) note(f *token.File) {
	if f == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.parsed = append(n.parsed, f)
}

// files lists the Go files of the package, as go list has them.
func (n *node) files() []string { return slices.Concat(n.meta.GoFiles, n.meta.CgoFiles) }

// typesPath is the path that the package has in the types: that of the base of a
// test variant.
func (n *node) typesPath() string {
	path, _, _ := strings.Cut(n.meta.ImportPath, " [")
	return path
}

// fetch returns what is kept of the package, nil if there is nothing.
func (n *node) fetch(r *runner) *entry {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.entry == nil && n.key != (store.Key{}) {
		if data, ok := r.get(n.key); ok {
			e := new(entry)
			if decoding.Unmarshal(data, e) == nil {
				e.ready(inMemory(e.Facts))
				n.entry = e
			}
		}
	}
	return n.entry
}

// finished reports whether it is known what importers see of a package. To one of them it
// always is, but in a circle of imports.
func (n *node) finished() bool {
	select {
	case <-n.done:
		return true
	default:
		return false
	}
}

// layout returns where the declarations of the package stand, nil if it is not
// known.
func (n *node) layout(r *runner) *layout {
	if e := n.fetch(r); e != nil {
		return e.layout()
	}
	return nil
}

// A universe holds the packages by import path.
type universe map[string]*node

// build makes a universe of listed packages. It returns all of them and, in an
// order in which every package comes after those that it waits for, those that
// the roots need: what only a generated test program imports is left out.
func build(listed []*meta) (u universe, added, order []*node) {
	u = make(universe)
	for _, m := range listed {
		if u[m.ImportPath] != nil || isTestMain(m) {
			continue
		}
		n := &node{meta: m, done: make(chan struct{}), loaded: new(loaded)}
		n.root = !m.DepOnly && (m.Name != "" || len(m.GoFiles)+len(m.CgoFiles) > 0)
		u[m.ImportPath] = n
		added = append(added, n)
	}
	for _, n := range added {
		n.link(u)
	}
	order = sortNodes(added)
	for _, n := range order {
		n.variant = n.meta.ForTest != "" || slices.ContainsFunc(n.direct, func(dep *node) bool { return dep.variant })
	}
	return u, added, order
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
	for _, dep := range n.imports {
		if !slices.Contains(n.direct, dep) {
			n.direct = append(n.direct, dep)
		}
	}
	slices.SortFunc(n.direct, func(a, b *node) int { return strings.Compare(a.meta.ImportPath, b.meta.ImportPath) })
	if n.meta.ForTest != "" {
		base, _, _ := strings.Cut(n.meta.ImportPath, " [")
		if dep := u[base]; dep != nil && dep != n {
			n.waits = append(n.waits, dep)
		}
	}
	for _, dep := range n.waits {
		dep.needed = true
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
	case m.OwnStandard:
		return ""
	}
	return "not of a main module"
}
