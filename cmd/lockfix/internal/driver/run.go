package driver

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A runner is one run in progress.
type runner struct {
	Config
	fset  *token.FileSet
	files map[string]string // files that were named, canonical
	std   universe
	facts factTable
	slots chan struct{} // a place to work

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
	return &runner{
		Config:  c,
		fset:    token.NewFileSet(),
		files:   files,
		std:     make(universe),
		facts:   factTable{m: make(map[token.Pos]*summary.Func)},
		slots:   make(chan struct{}, c.Jobs),
		owned:   make(map[string]bool),
		found:   make(map[string]bool),
		overlay: make(map[string][]byte),
	}
}

// group lists the packages of one module or workspace and works through them.
func (r *runner) group(ctx context.Context, g *group) error {
	listed, err := list(ctx, g, r.Config)
	if err != nil {
		return err
	}
	if r.around(g, listed) {
		if listed, err = list(ctx, g, r.Config); err != nil {
			return err
		}
	}
	if r.Listed != nil && r.Listed(directories(listed)) {
		if listed, err = list(ctx, g, r.Config); err != nil {
			return err
		}
	}
	u := make(universe)
	for path, n := range r.std {
		u[path] = n
	}
	added, nodes := build(listed, u)
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
		return fmt.Errorf("no packages match %s", strings.Join(g.patterns, " "))
	}
	for _, n := range nodes {
		if n.meta.Standard {
			r.std[n.meta.ImportPath] = n
		}
	}
	r.own(nodes, u, g.whole)
	r.total += len(nodes)
	sizes := types.SizesFor("gc", g.env.GOARCH)
	var wait sync.WaitGroup
	for _, n := range nodes {
		wait.Go(func() { r.work(ctx, n, sizes) })
	}
	all := make(chan struct{})
	go func() { wait.Wait(); close(all) }()
	select { // an interruption does not wait for what is being analysed
	case <-all:
	case <-ctx.Done():
	}
	return ctx.Err()
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
			for _, file := range slices.Concat(n.meta.GoFiles, n.meta.CgoFiles) {
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

func (n *node) path(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(n.meta.Dir, file)
}

// work waits for what a package needs, checks it, analyses it and lets go of
// all but its types and facts. A fault costs this package only.
func (r *runner) work(ctx context.Context, n *node, sizes types.Sizes) {
	defer close(n.done)
	for _, dep := range n.waits {
		<-dep.done
	}
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	defer r.progress()
	if n.meta.ImportPath == "unsafe" || ctx.Err() != nil {
		return
	}
	src := r.check(n, sizes)
	n.types = r.analyse(n, src).Declarations().Types
	if r.Loaded != nil {
		r.Loaded(n.types)
	}
}

// analyse returns the package as it is after its visit.
func (r *runner) analyse(n *node, src *source.Package) (after *source.Package) {
	after = src
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
		}
	}()
	pkg := r.Summarize(src, r.facts.of)
	r.facts.add(pkg)
	if len(n.owns) == 0 {
		return src
	}
	r.mu.Lock()
	r.packages++
	r.mu.Unlock()
	for _, err := range src.Errors {
		r.problem(sourceProblem(src, err))
	}
	for _, large := range pkg.TooLarge() {
		r.problem(Problem{Pos: src.Position(large.Decl.Pos()), Package: src.Path,
			Message: "too large to analyse (" + large.What + "): nothing is known of it, and nothing in the package is edited"})
	}
	if final := r.Visit(&Unit{Package: pkg, Facts: r.facts.of, files: n.owns}); final != pkg {
		r.facts.add(final)
		r.keep(src, final.Src)
		return final.Src
	}
	return src
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
