package driver

import (
	"context"
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
	"sync"
)

// A runner is one run in progress.
type runner struct {
	Config
	fset  *token.FileSet
	files map[string]string // files that were named, canonical

	session *Session
	shared  bool // the session is not this run's own
	links   links
	clock   *clock
	memory  *memory       // of what earlier runs have listed
	busy    chan struct{} // has one for each worker that works

	hasOutcome bool // what the run will come to is kept

	mu       sync.Mutex
	owned    map[string]bool
	found    map[string]bool   // of files: what some package lists
	excluded map[string]bool   // of files: what no package has here, by build constraints
	overlay  map[string][]byte // files as the visitor left them
	problems []Problem
	remarks  []string            // what Remark was called with
	notes    []map[string]string // what Noted was called with
	packages int
	done     int
	total    int
}

func newRun(c Config, files map[string]string) *runner {
	r := &runner{
		Config:   c,
		fset:     c.Session.fset,
		session:  c.Session,
		files:    files,
		clock:    newClock(),
		busy:     make(chan struct{}, c.Jobs),
		owned:    make(map[string]bool),
		found:    make(map[string]bool),
		excluded: make(map[string]bool),
		overlay:  make(map[string][]byte),
	}
	maps.Copy(r.overlay, c.Overlay)
	r.Remark = func(text string) {
		r.remarks = append(r.remarks, text)
		c.Remark(text)
	}
	return r
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
	m.note(groups, slices.Clone(r.remarks))
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
			r.listProblem(n, g.whole)
		}
		if len(r.files) > 0 { // of them only it is asked
			for _, file := range n.meta.IgnoredGoFiles {
				r.excluded[r.links.canonical(n.path(file))] = true
			}
		}
		if n.root {
			roots++
		}
	}
	if roots == 0 && len(r.problems) == 0 && len(g.whole) > 0 {
		return nil, fmt.Errorf("no packages match %s", strings.Join(g.patterns, " "))
	}
	r.own(nodes, u, g.whole)
	r.total += len(nodes)
	w := newWorld(r, u, nodes, g.env.GOARCH)
	for _, n := range nodes {
		n.world, n.state = w, g.states[n.meta.ImportPath]
	}
	q := newQueue(nodes)
	if r.shuffle != nil {
		r.shuffle(q.left)
	}
	var wait sync.WaitGroup
	for range r.Jobs {
		wait.Go(func() {
			for n := q.next(); n != nil; n = q.next() {
				r.busy <- struct{}{}
				r.work(ctx, n)
				r.vacate()
				q.done(n)
			}
		})
	}
	all := make(chan struct{})
	go func() { wait.Wait(); close(all) }()
	select { // an interruption does not wait for what is being analysed
	case <-all:
	case <-ctx.Done():
		if r.shared {
			<-all // it works on what the next run will use
		}
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
				real := r.links.canonical(file)
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

func (r *runner) count() {
	r.mu.Lock()
	r.packages++
	r.mu.Unlock()
}

// noted passes on what was made of the types of a package.
func (r *runner) noted(notes map[string]string) {
	if r.Noted == nil || len(notes) == 0 {
		return
	}
	r.mu.Lock()
	r.notes = append(r.notes, notes)
	r.mu.Unlock()
	r.Noted(notes)
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
