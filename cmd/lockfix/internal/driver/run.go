package driver

import (
	"bytes"
	"context"
	"fmt"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A runner is one run in progress.
type runner struct {
	Config
	fset  *token.FileSet
	files map[string]string // files that were named, canonical
	slots chan struct{}     // a place to work

	clock  *clock
	memory *memory // of what earlier runs have listed

	mu       sync.Mutex
	owned    map[string]bool
	found    map[string]bool   // of files: what some package lists
	overlay  map[string][]byte // files as the visitor left them
	problems []Problem
	packages int
	done     int
	total    int
}

func newRun(c Config, files map[string]string) *runner {
	r := &runner{
		Config:  c,
		fset:    token.NewFileSet(),
		files:   files,
		clock:   newClock(),
		slots:   make(chan struct{}, c.Jobs),
		owned:   make(map[string]bool),
		found:   make(map[string]bool),
		overlay: make(map[string][]byte),
	}
	maps.Copy(r.overlay, c.Overlay)
	return r
}

// edited reports whether an editor has a file of the package open, or one beside it,
// with other contents than on disk.
func (r *runner) edited(n *node) bool {
	for name := range r.Overlay {
		if filepath.Dir(name) == n.meta.Dir {
			return true
		}
	}
	return false
}

// groups lists the packages of all modules or workspaces, or remembers what they
// are.
func (r *runner) groups(ctx context.Context, a *args) ([]*group, error) {
	m := r.memory
	if !m.fresh {
		groups := m.groups()
		if r.Listed == nil || !slices.ContainsFunc(groups, func(g *group) bool { return r.Listed(directories(g.listed)) }) {
			for _, text := range m.listing.Remarks {
				r.Remark(text)
			}
			return groups, nil
		}
		m.fresh, m.doubt = true, true // files were changed under it
	}
	var remarks []string
	remark := r.Remark
	r.Remark = func(text string) {
		remarks = append(remarks, text)
		remark(text)
	}
	defer func() { r.Remark = remark }()
	groups, err := a.groups(ctx, r.Dir, r.Remark)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		if err := r.list(ctx, g); err != nil {
			return nil, err
		}
	}
	m.doubt = m.doubt || len(r.problems) > 0
	m.note(groups, remarks)
	return groups, nil
}

// list lists the packages of one module or workspace.
func (r *runner) list(ctx context.Context, g *group) (err error) {
	if g.listed, err = list(ctx, g, r.Config); err != nil {
		return err
	}
	again := r.around(g, g.listed)
	if r.Listed != nil && r.Listed(directories(g.listed)) {
		again = true
	}
	if again {
		g.listed, err = list(ctx, g, r.Config)
	}
	return err
}

// group works through the packages of one module or workspace.
func (r *runner) group(ctx context.Context, g *group) (*world, error) {
	u, added, nodes := build(g.listed)
	roots := 0
	for _, n := range added {
		if n.meta.Error != nil && !n.meta.DepOnly {
			r.listProblem(n)
		}
		if n.root {
			roots++
		}
	}
	if roots == 0 && len(r.problems) == 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(g.patterns, " "))
	}
	r.own(nodes, u, g.whole)
	r.total += len(nodes)
	if r.shuffle != nil {
		r.shuffle(nodes)
	}
	w := newWorld(r, u, nodes, g.env.GOARCH)
	var wait sync.WaitGroup
	for _, n := range nodes {
		n.world, n.state = w, g.states[n.meta.ImportPath]
		wait.Go(func() { r.work(ctx, n) })
	}
	all := make(chan struct{})
	go func() { wait.Wait(); close(all) }()
	select { // an interruption does not wait for what is being analysed
	case <-all:
	case <-ctx.Done():
	}
	return w, ctx.Err()
}

// directories returns those of the packages that were asked for.
func directories(listed []*meta) []string {
	var dirs []string
	for _, m := range listed {
		if !m.DepOnly && !m.Standard && m.Dir != "" && !isTestMain(m) {
			dirs = append(dirs, m.Dir)
		}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

// own gives each file to the first package that lists it, test variants last.
func (r *runner) own(nodes []*node, u universe, whole map[string]bool) {
	for _, variant := range []bool{false, true} {
		for _, n := range nodes {
			if !n.root || (n.meta.ForTest != "") != variant {
				continue
			}
			all := n.matches(u, whole)
			n.owns = make(map[string]bool)
			for _, file := range n.files() {
				file = n.path(file)
				real := canonical(file)
				r.found[real] = true
				if _, asked := r.files[real]; (asked || all) && !r.owned[real] {
					r.owned[real] = true
					n.owns[file] = true
				}
			}
		}
	}
}

// matches reports whether one of the patterns matches the package. go list does
// not say so of the package of external tests: its base is asked.
func (n *node) matches(u universe, patterns map[string]bool) bool {
	match := n.meta.Match
	if base := u[n.meta.ForTest]; base != nil && len(match) == 0 {
		match = base.meta.Match
	}
	return slices.ContainsFunc(match, func(p string) bool { return patterns[p] })
}

func (n *node) path(file string) string { return join(n.meta.Dir, file) }

// work waits for what a package needs and finds out what importers see of it: it
// is in the store, or the package is analysed. A fault costs this package only.
func (r *runner) work(ctx context.Context, n *node) {
	defer close(n.done)
	for _, dep := range n.waits {
		<-dep.done
	}
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	defer r.progress()
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
		}
	}()
	if n.meta.ImportPath == "unsafe" {
		n.deep = store.KeyOf("unsafe")
		return
	}
	if ctx.Err() != nil {
		return
	}
	end := r.clock.start(stageRead, n.meta.ImportPath)
	if r.unchanged(n) && r.recall(n) {
		end()
		r.clock.recall()
		return
	}
	inputs, unread := r.inputs(n)
	n.key, n.state = r.key(n, inputs, unread), nodeState{}
	known := r.recall(n)
	end()
	if known {
		r.clock.recall()
		return
	}
	r.compute(n, inputs, unread, true)
}

// unchanged reports whether all that an earlier run knew of a package still holds,
// without reading its files: its key is what it was.
func (r *runner) unchanged(n *node) bool {
	if n.state.Deep == (store.Key{}) {
		return false
	}
	for _, dep := range n.direct {
		if dep.deep == (store.Key{}) || dep.deep != dep.state.Deep {
			return false
		}
	}
	for _, file := range n.files() {
		if path := n.path(file); r.memory.changed[path] || r.overlaid(path) {
			return false
		}
	}
	n.key = n.state.Key
	return true
}

func (r *runner) overlaid(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.overlay[path]
	return ok
}

// key hashes what the entry of a package depends on: the zero key where that is
// not known for sure.
func (r *runner) key(n *node, inputs []source.Input, unread []error) (none store.Key) {
	m := n.meta
	if m.Error != nil || len(unread) > 0 {
		return none
	}
	parts := []string{"package", r.Analysis, n.world.arch, m.ImportPath, m.goVersion()}
	for _, in := range inputs {
		name, err := filepath.Rel(m.Dir, in.Name)
		if err != nil {
			return none
		}
		sum := r.memory.sum(n, in.Name, in.Content)
		parts = append(parts, name, in.ReadOnly, string(sum[:]))
	}
	for _, written := range slices.Sorted(maps.Keys(n.imports)) {
		dep := n.imports[written]
		if dep.deep == none {
			return none
		}
		parts = append(parts, "import", written, dep.meta.ImportPath, string(dep.deep[:]))
	}
	return store.KeyOf(parts...)
}

// visitKey is the key of what a visit of a package has kept: places in it name
// files by their paths, and a proof may rest on what stands in no file beside it.
func (r *runner) visitKey(n *node) store.Key {
	beside := r.beside(n)
	if s := n.state; s.Visit != (store.Key{}) && s.Purpose == r.Purpose && !slices.ContainsFunc(beside, func(path string) bool { return r.memory.changed[path] }) {
		return s.Visit
	}
	parts := []string{"visit", string(n.key[:]), r.Purpose, n.meta.Dir}
	for _, path := range slices.Sorted(maps.Keys(n.owns)) {
		parts = append(parts, "owns", path)
	}
	for _, path := range beside {
		content, err := r.read(path)
		sum := r.memory.sum(n, path, content)
		parts = append(parts, "beside", path, string(sum[:]), fmt.Sprint(err))
	}
	return store.KeyOf(parts...)
}

// beside lists the Go files in the directory of the package that it does not have:
// tests, files for other platforms, those that are only in an editor.
func (r *runner) beside(n *node) []string {
	entries, _ := os.ReadDir(n.meta.Dir) // a directory that is nowhere has no files
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for path := range r.Overlay {
		if filepath.Dir(path) == n.meta.Dir {
			names = append(names, filepath.Base(path))
		}
	}
	slices.Sort(names)
	var paths []string
	for _, name := range slices.Compact(names) {
		if strings.HasSuffix(name, ".go") && !slices.Contains(n.files(), name) {
			paths = append(paths, n.path(name))
		}
	}
	return paths
}

// recall takes a package from the store. It reports whether that was enough.
func (r *runner) recall(n *node) bool {
	if n.key == (store.Key{}) {
		return false
	}
	sum, notes := n.state.Sum, map[string]string(nil)
	if sum == (store.Key{}) || r.Loaded != nil {
		e := n.fetch(r)
		if e == nil {
			return false
		}
		sum, notes = e.Sum, e.Notes
		n.entry = nil // whoever needs it reads it again
	}
	n.see(sum)
	if len(n.owns) > 0 {
		key := r.visitKey(n)
		kept, ok := r.Store.Get(key)
		if !ok || r.Recall == nil || !r.Recall(r.unit(n, nil, nil), kept) {
			return false
		}
		n.visited = key
		r.count()
	}
	if r.Noted != nil {
		r.Noted(notes)
	}
	return true
}

// see sets what importers see of a package.
func (n *node) see(sum store.Key) {
	n.sum = sum
	parts := []string{"deep", string(sum[:])}
	for _, dep := range n.direct {
		if dep.deep == (store.Key{}) {
			return
		}
		parts = append(parts, string(dep.deep[:]))
	}
	n.deep = store.KeyOf(parts...)
}

func (r *runner) unit(n *node, pkg *summary.Package, own *layout) *Unit {
	return &Unit{Package: pkg, Facts: n.world.facts, files: n.owns, node: n, world: n.world, own: own}
}

// compute checks and analyses a package, and lets go of all but what its importers
// see of it.
func (r *runner) compute(n *node, inputs []source.Input, unread []error, visit bool) {
	end := r.clock.start(stageCheck, n.meta.ImportPath)
	src := r.check(n, inputs, unread)
	end()
	before, after := src, src
	var facts factList
	var kept []byte
	own := layoutOf(n.meta.Dir, src)
	if pkg := r.summarize(n, src); pkg != nil {
		final := pkg
		if visit && len(n.owns) > 0 {
			final, kept = r.visit(n, pkg, own)
		}
		if after = final.Src; after != before {
			r.keep(before, after)
			own = layoutOf(n.meta.Dir, after)
			inputs, unread = r.inputs(n)
			n.key, kept = r.key(n, inputs, unread), nil
		}
		facts = listFacts(final, func(pos token.Pos) Place { return n.world.place(n, own, after.Position(pos)) })
	} else {
		n.faulty = true
	}
	var notes map[string]string
	if r.Loaded != nil {
		notes = r.Loaded(after.Types)
		r.Noted(notes)
	}
	defer r.clock.start(stageKeep, n.meta.ImportPath)()
	r.conclude(n, after, &entry{Layout: own, Notes: notes}, facts)
	if kept != nil && n.key != (store.Key{}) && !r.edited(n) {
		n.visited = r.visitKey(n)
		r.Store.Put(n.visited, kept)
	}
	if n.types == nil {
		r.forget(before)
		r.forget(after)
	}
}

// conclude makes the entry of a package and stores it. Of a package with errors
// there may be no export data: its types stay as they are, and nothing that
// depends on it is stored.
func (r *runner) conclude(n *node, src *source.Package, e *entry, facts factList) {
	n.entry = e
	var err error
	if e.Facts, err = encoding.Marshal(facts); err != nil {
		r.problem(Problem{Package: n.meta.ImportPath, Message: fmt.Sprintf("fault of lockfix: writing its facts: %v", err), Fault: true})
	}
	var types bytes.Buffer
	if err == nil && len(src.Errors) == 0 {
		err = gcexportdata.Write(&types, nil, src.Types)
	}
	if err != nil || len(src.Errors) > 0 {
		n.key, n.deep, n.sum = store.Key{}, store.Key{}, store.Key{}
		n.types = src.Declarations().Types
		return
	}
	e.Types = types.Bytes()
	if n.faulty {
		n.key = store.Key{}
		return
	}
	e.Sum = store.KeyOf(types.String(), string(e.Facts))
	n.see(e.Sum)
	if n.key == (store.Key{}) || r.edited(n) {
		return
	}
	if data, err := encoding.Marshal(e); err == nil {
		r.Store.Put(n.key, data)
	}
}

// forget takes the files of a package out of the file set: nothing that is left
// of it has positions there.
func (r *runner) forget(src *source.Package) {
	for _, f := range src.Files {
		if tf := r.fset.File(f.Syntax.FileStart); tf != nil {
			r.fset.RemoveFile(tf)
		}
	}
}

// summarize understands a package; it is nil after a fault.
func (r *runner) summarize(n *node, src *source.Package) (pkg *summary.Package) {
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
			pkg = nil
		}
	}()
	defer r.clock.start(stageSummarize, n.meta.ImportPath)()
	return r.Summarize(src, n.world.facts)
}

// visit shows a package to the visitor. After a fault it stays as it is.
func (r *runner) visit(n *node, pkg *summary.Package, own *layout) (after *summary.Package, kept []byte) {
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
			after, kept = pkg, nil
		}
	}()
	r.count()
	defer r.clock.start(stageVisit, n.meta.ImportPath)()
	src := pkg.Src
	for _, err := range src.Errors {
		r.problem(sourceProblem(src, err))
	}
	for _, large := range pkg.TooLarge() {
		r.problem(Problem{Pos: src.Position(large.Decl.Pos()), Package: src.Path,
			Message: "too large to analyse (" + large.What + "): nothing is known of it, and nothing in the package is edited"})
	}
	after, kept = r.Visit(r.unit(n, pkg, own))
	if len(pkg.TooLarge()) > 0 {
		kept = nil // it is said each time
	}
	return after, kept
}

func (r *runner) count() {
	r.mu.Lock()
	r.packages++
	r.mu.Unlock()
}

func (r *runner) progress() {
	r.mu.Lock()
	r.done++
	done := r.done
	r.mu.Unlock()
	if r.Progress != nil {
		r.Progress(done, r.total)
	}
}
