package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/config"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/driver"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/repair"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/suppress"
)

// A check is one run over packages.
type check struct {
	program
	options
	args    []string
	active  []*rule.Rule
	config  *config.Config
	color   bool
	store   *store.Store
	build   string                                                         // names the program that runs
	bar     func(id string) string                                         // of fixes: why one is not applied; nil: none is barred
	choose  func(*source.Package, *rule.Finding, token.Position) *rule.Fix // of a finding: the fix to apply; nil: its own
	unasked func(*rule.Finding) string                                     // of -i: why a fix is not applied; nil: another run
	again   bool                                                           // this is not the first analysis: what it remarks was said

	adoption *adoption // which findings are old; nil: none is
	scouting bool      // this analysis is before the first fix

	mu sync.Mutex
	collected
}

// collected is what one analysis has found, and what was done about it.
type collected struct {
	findings []*rule.Finding // left
	fixed    []*rule.Finding
	undone   map[*rule.Finding]string
	changes  map[string]change
	together [][]string // changed files that fixes tie, in the order to write them in
	tally    report.Tally
	problems []driver.Problem
	timing   driver.Stats

	origins map[*rule.Finding]token.Position // of what is left where something was fixed: the place as it was
}

// A change is a file before and after.
type change struct{ old, text []byte }

// check loads, analyses, repairs, writes and reports, in this order.
func (p program) check(ctx context.Context, o options, args []string) error {
	conf, err := p.configure(o)
	if err != nil {
		return err
	}
	active, err := p.active(o.selected, o.ignored, conf)
	if err != nil {
		return err
	}
	if err := o.knownTo(active); err != nil {
		return err
	}
	c := &check{program: p, options: o, args: args, active: active, config: conf}
	c.color = c.settle(p.stdout)
	start := time.Now()
	if c.store, err = c.openStore(); err != nil {
		return err
	}
	if c.interactive { // nothing is confirmed yet
		c.choose = func(*source.Package, *rule.Finding, token.Position) *rule.Fix { return nil }
	}
	nothing, err := c.adopt(ctx)
	if err == nil && !nothing {
		err = c.analyse(ctx)
	}
	if err != nil {
		return err
	}
	switch {
	case c.writeBaseline:
		return c.recordBaseline()
	case c.interactive:
		err = c.ask(ctx)
	case c.command != "":
		err = c.tryFixes(ctx)
	case c.write:
		err = c.writeFiles(ctx)
	}
	if err != nil {
		return err
	}
	c.store.Trim()
	c.tally.Problems, c.tally.Took = len(c.problems), time.Since(start)
	return c.report(ctx)
}

// analyse loads, analyses and repairs in memory. What an earlier call has
// collected is forgotten.
func (c *check) analyse(ctx context.Context) error {
	c.collected = collected{undone: make(map[*rule.Finding]string), changes: make(map[string]change), origins: make(map[*rule.Finding]token.Position)}
	progress, heap := newProgress(c.stderr), newHeap()
	defer heap.done()
	result, err := driver.Run(ctx, driver.Config{
		Dir:      c.dir,
		Patterns: c.args,
		Tests:    c.tests,
		Tags:     c.tags,
		Overlay:  c.overlay(),
		Jobs:     c.jobs,
		Summarize: func(src *source.Package, facts rewrite.Facts) *summary.Package {
			return c.engine.Summarize(src, facts, c.config.Words)
		},
		Visit:    c.visit,
		Listed:   func(dirs []string) bool { return c.listed(ctx, dirs) },
		Recall:   c.recall,
		Store:    c.store,
		Analysis: c.analysis(),
		Purpose:  c.purpose(),
		Loaded:   c.config.Seer(),
		Noted:    c.config.Note,
		Remark:   c.remark,
		Progress: progress.show,
		Computes: heap.compute,
	})
	progress.erase()
	if err != nil {
		return err
	}
	c.tally.Packages, c.timing = result.Packages, result.Stats
	c.problems = append(c.problems, result.Problems...)
	for _, m := range c.config.Missing() {
		c.problems = append(c.problems, driver.Problem{Pos: m.Pos, Message: m.Message})
	}
	c.sort()
	if c.adoption != nil {
		c.adoption.files = result.Files
	}
	c.sieve()
	return nil
}

// visit repairs one package and collects what is left of it.
func (c *check) visit(u *driver.Unit) (after *summary.Package, keep []byte) {
	out := repair.Package(u.Package, repair.Options{
		Engine: c.engine,
		Rules:  c.active,
		Known:  c.names(),
		Unsafe: c.unsafe,
		Facts:  u.Facts,
		Spread: u.Spread,
		Owns:   u.Owns,
		Except: c.config.Except,
		Level:  levels[c.level],
		Plan:   !c.list || c.scouting,
		Apply:  (c.write || c.diff) && !c.scouting,
		Write:  c.write,
		Bar:    c.bar,
		Hold:   c.hold(),
		Choose: c.pick,
	})
	for _, f := range out.Report.Findings {
		forget(f)
	}
	c.collect(out.Report)
	if len(out.Fixed) == 0 && len(out.Undone) == 0 && c.hold() == nil {
		keep = remember(u, out.Report)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fixed = append(c.fixed, out.Fixed...)
	c.together = append(c.together, out.Together...)
	maps.Copy(c.undone, out.Undone)
	for _, f := range out.Report.Findings {
		c.origins[f] = out.Origin(f.Pos)
	}
	for i, f := range out.Package.Src.Files {
		if old := u.Src.Files[i].Content; !bytes.Equal(old, f.Content) {
			c.changes[f.Name] = change{old, f.Content}
		}
	}
	return out.Package, keep
}

// collect adds what is left of one package.
func (c *check) collect(r rewrite.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findings = append(c.findings, r.Findings...)
	c.tally.Generated += r.Generated
	c.tally.Ignored += r.Ignored
	c.tally.Off += r.Off
}

// sort puts what several goroutines collected into the order of places.
func (c *check) sort() {
	byPlace := func(a, b *rule.Finding) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset),
			strings.Compare(a.Rule, b.Rule), strings.Compare(a.Message, b.Message))
	}
	slices.SortStableFunc(c.findings, byPlace)
	slices.SortStableFunc(c.fixed, byPlace)
}

// writeFiles writes the changed files. One that cannot be written is a problem,
// and its fixes were none: files that share a fix with it stay as they were. An
// interruption ends it between two sets of files.
func (c *check) writeFiles(ctx context.Context) error {
	total, written := len(c.changes), 0
	for _, names := range c.sets() {
		if ctx.Err() != nil {
			return &interruptedError{written, total}
		}
		var files []repair.File
		for _, name := range names {
			files = append(files, repair.File{Name: name, Old: c.changes[name].old, Text: c.changes[name].text})
		}
		if err := repair.Write(ctx, files...); err != nil {
			c.failed(err)
			c.drop(names)
			continue
		}
		written += len(names)
	}
	return nil
}

// sets lists the changed files: those that fixes tie together, in the order to
// write them in, and every other one alone.
func (c *check) sets() [][]string {
	sets := slices.Clone(c.together)
	for name := range c.changes {
		if !slices.ContainsFunc(c.together, func(set []string) bool { return slices.Contains(set, name) }) {
			sets = append(sets, []string{name})
		}
	}
	slices.SortFunc(sets, slices.Compare)
	return sets
}

// drop forgets files that were not written, and the fixes in them.
func (c *check) drop(names []string) {
	for _, name := range names {
		delete(c.changes, name)
	}
	c.fixed = slices.DeleteFunc(c.fixed, func(f *rule.Finding) bool { return touches(f.Fix, names) })
}

// failed makes problems of what writing met.
func (c *check) failed(err error) {
	var we *repair.WriteError
	switch joined, ok := err.(interface{ Unwrap() []error }); {
	case ok:
		for _, err := range joined.Unwrap() {
			c.failed(err)
		}
	case errors.As(err, &we):
		c.problem(we.Name, we.Err)
	default:
		c.problem("", err)
	}
}

func (c *check) problem(name string, err error) {
	p := driver.Problem{Message: err.Error()}
	p.Pos.Filename = name
	c.problems = append(c.problems, p)
}

// listed completes what a run that was killed left half done, before anything is
// read; without -w it is a problem. It reports whether files changed.
func (c *check) listed(ctx context.Context, dirs []string) (changed bool) {
	for _, dir := range dirs {
		if !c.write {
			if repair.Halfway(dir) {
				c.problem(filepath.Join(dir, repair.JournalName), errors.New("lockfix -w was killed here between two files that belong together: lockfix -w completes it"))
			}
			continue
		}
		completed, err := repair.Recover(ctx, dir)
		if err != nil {
			c.failed(err)
		}
		for _, name := range completed {
			c.remark("completed " + report.Place(c.dir, token.Position{Filename: name}) + ", where an earlier run was killed")
			changed = true
		}
	}
	return changed
}

// touches reports whether a fix changes one of the files.
func touches(fix *rule.Fix, names []string) bool {
	return slices.ContainsFunc(fix.Changes, func(c rule.Change) bool { return slices.Contains(names, c.File) })
}

// source returns a file as it was analysed last.
func (c *check) source(file string) []byte {
	if ch, changed := c.changes[file]; changed {
		return ch.text
	}
	if text, differs := c.overlay()[file]; differs {
		return text
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil // the excerpt is left out
	}
	return text
}

// report prints, and says by its error how the run ended.
func (c *check) report(ctx context.Context) error {
	var out strings.Builder
	switch {
	case c.diff:
		for _, name := range slices.Sorted(maps.Keys(c.changes)) {
			out.WriteString(repair.Diff(report.Rel(c.dir, name), c.changes[name].old, c.changes[name].text))
		}
	case c.list:
		for _, name := range c.files() {
			fmt.Fprintln(&out, report.Rel(c.dir, name))
		}
	case c.format == "html":
		if err := c.writePage(ctx, &out); err != nil {
			return fmt.Errorf("writing the report: %w", err)
		}
	default:
		if c.write && report.ForPeople(c.format) {
			c.deeds(&out)
		}
		if c.interactive && report.ForPeople(c.format) {
			break // all of it was shown
		}
		report.Write(&out, c.format, c.input())
	}
	if err := c.print(out.String()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if err := c.summarizeStep(); err != nil {
		return fmt.Errorf("writing the summary of the step: %w", err)
	}
	c.complain()
	if !c.quiet {
		c.tally.Findings, c.tally.Fixed, c.tally.Written = c.findings, c.mended(), c.write
		fmt.Fprintln(c.stderr, report.Summary(c.tally))
	}
	c.remind()
	c.times()
	switch {
	case len(c.problems) > 0:
		return errFailed
	case c.fails():
		return errFindings
	}
	return nil
}

// files returns the names that -l prints.
func (c *check) files() []string {
	if c.write {
		return slices.Sorted(maps.Keys(c.changes))
	}
	var names []string
	for _, f := range c.findings {
		names = append(names, f.Pos.Filename)
	}
	return slices.Compact(names)
}

// deeds says in one line each what -w did to the findings.
func (c *check) deeds(out *strings.Builder) {
	for _, f := range c.fixed {
		did := "fixed"
		if f.Fix.Strategy == suppress.Silenced {
			did = "silenced"
		}
		fmt.Fprintf(out, "%s %s: %s\n", did, report.Line(c.dir, f), f.Fix.Title)
	}
	for _, f := range c.findings {
		if why := c.undone[f]; why != "" {
			fmt.Fprintf(out, "undone %s (%s)\n", report.Line(c.dir, f), why)
			continue
		}
		why := report.Why(f)
		if c.unasked != nil && f.Fix != nil {
			why = c.unasked(f)
		}
		fmt.Fprintf(out, "kept %s (%s)\n", report.Line(c.dir, f), why)
	}
}

// mended counts the findings that are gone and not only silenced.
func (c *check) mended() (n int) {
	for _, f := range c.fixed {
		if f.Fix.Strategy != suppress.Silenced {
			n++
		}
	}
	return n
}

// print writes the report where -o says.
func (c *check) print(text string) error {
	if c.output == "" {
		_, err := fmt.Fprint(c.stdout, text)
		return err
	}
	name := c.output
	if !filepath.IsAbs(name) {
		name = filepath.Join(c.dir, name)
	}
	return os.WriteFile(name, []byte(text), 0o666)
}

// complain prints the problems on standard error, in every format: a report in a
// file or a pipe must not hide that it is not whole.
func (c *check) complain() {
	for i, p := range c.worded() {
		text := p.String(c.dir)
		if p.Pos.Filename == "" {
			text = "lockfix: " + text
		}
		fmt.Fprintln(c.stderr, text)
		if c.verbose && c.problems[i].Stack != "" {
			fmt.Fprint(c.stderr, c.problems[i].Stack)
		}
	}
}

func (c *check) worded() []report.Problem {
	var list []report.Problem
	for _, p := range c.problems {
		list = append(list, report.Problem{Pos: p.Pos, Package: p.Package, Message: p.Message})
	}
	return list
}

func (c *check) remark(text string) {
	if !c.quiet && !c.again {
		fmt.Fprintln(c.stderr, "lockfix: "+text)
	}
}
