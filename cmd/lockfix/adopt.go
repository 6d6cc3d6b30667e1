package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/baseline"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/changed"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// adoptOptions are the flags by which old code comes to use lockfix.
type adoptOptions struct {
	newFrom       string
	staged        bool
	baseline      string
	writeBaseline bool
	failOn        []string // levels and rules
}

func (o *adoptOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.newFrom, "new-from", "", "only findings in functions that changed since HEAD left this git `revision`")
	f.BoolVar(&o.staged, "staged", false, "only findings in functions that are changed in the git index, as they are there")
	f.StringVar(&o.baseline, "baseline", "", "leave out the findings that are known in this `file`")
	f.BoolVar(&o.writeBaseline, "write-baseline", false, "write what is found to the file of --baseline")
	f.StringSliceVar(&o.failOn, "fail-on", nil, "exit 1 for findings of these `levels` and above, or of these rules, only")
}

// validateAdoption refuses what cannot be meant.
func (o *options) validateAdoption(given func(flag string) bool) error {
	switch {
	case given("new-from") && o.newFrom == "":
		return errors.New("--new-from names no revision: give it a branch, a tag or a commit")
	case given("baseline") && o.baseline == "":
		return errors.New("--baseline names no file")
	case given("fail-on") && len(o.failOn) == 0:
		return errors.New("--fail-on names nothing: give it levels or rules, or use --exit-zero")
	case o.newFrom != "" && o.staged:
		return errors.New("--new-from looks at the working tree and --staged at the index: use one of them")
	case o.staged && o.command != "":
		return errors.New("--check runs its command on the working tree, --staged looks at the index: use one of them")
	case o.exitZero && len(o.failOn) > 0:
		return errors.New("--exit-zero and --fail-on both say when to fail: use one of them")
	case o.writeBaseline && o.baseline == "":
		return errors.New("--write-baseline writes the file of --baseline: name it")
	case !o.writeBaseline:
		return nil
	}
	for _, name := range []string{"write", "diff", "list", "new-from", "staged", "fail-on", "format", "output", "select", "ignore", "level"} {
		if given(name) {
			return fmt.Errorf("--write-baseline writes down all that is found, and reports nothing: use it without --%s", name)
		}
	}
	return nil
}

// knownTo checks what --fail-on names: levels, and rules that run.
func (o *adoptOptions) knownTo(active []*rule.Rule) error {
	for _, name := range o.failOn {
		if levels[name] > 0 || slices.ContainsFunc(active, func(r *rule.Rule) bool { return r.Name == name }) {
			continue
		}
		known := []string{"contention", "hazard", "deadlock"}
		for _, r := range active {
			known = append(known, r.Name)
		}
		return fmt.Errorf("--fail-on %s: no level and no rule that runs has this name: %s", name, nearest.Hint(name, known, "levels are contention, hazard and deadlock"))
	}
	return nil
}

// fails reports whether what is left makes the run fail.
func (c *check) fails() bool {
	counts := c.findings
	if c.diff && !c.write {
		counts = slices.Concat(counts, c.fixed)
	}
	unstaged := c.staged && c.write && len(c.changes) > 0 // the commit would be without
	return !c.exitZero && (unstaged || slices.ContainsFunc(counts, c.fatal))
}

// fatal reports whether a finding counts, by --fail-on.
func (c *check) fatal(f *rule.Finding) bool {
	return len(c.failOn) == 0 || slices.ContainsFunc(c.failOn, func(name string) bool {
		return name == f.Rule || levels[name] > 0 && levels[name] <= f.Level
	})
}

// An adoption tells new findings from old ones.
type adoption struct {
	changed *changed.Set // nil: every function counts
	index   *changed.Index
	entries []baseline.Entry
	files   []string // that were looked at, links resolved

	verdicts map[spot]verdict // of the first analysis; nil before
	stale    int
}

// A spot names a finding by its place in the text as it was.
type spot struct {
	file          string
	offset        int
	rule, message string
}

func spotOf(f *rule.Finding, was token.Position) spot {
	return spot{was.Filename, was.Offset, f.Rule, f.Message}
}

type verdict int

const (
	isNew       verdict = iota
	isKnown             // in the baseline
	isUnchanged         // in a function that has not changed
)

// adopt finds out what makes a finding new. It reports whether nothing can be.
//
// What is fixed must be decided before the first fix: an entry of the baseline may
// be of a function that has moved to another package, and a fix moves the lines that
// notes of other findings point to. So -w and -d look twice, first without a fix; the
// second time most comes from the cache.
func (c *check) adopt(ctx context.Context) (nothing bool, err error) {
	if c.newFrom == "" && !c.staged && c.baseline == "" {
		return false, nil
	}
	if c.dir, err = filepath.EvalSymlinks(c.dir); err != nil {
		return false, fmt.Errorf("finding the working directory: %w", err)
	}
	a := new(adoption)
	if err := c.askGit(ctx, a); err != nil {
		return false, err
	}
	if err := c.readBaseline(a); err != nil {
		return false, err
	}
	c.adoption = a
	if a.changed != nil && a.changed.Empty() {
		if c.staged {
			c.remark("no Go file is staged")
		} else {
			c.remark("no Go file has changed since " + c.newFrom)
		}
		return true, nil
	}
	if c.write || c.diff {
		c.scouting = true
		err = c.analyse(ctx)
		c.scouting, c.again = false, true
	}
	return false, err
}

func (c *check) askGit(ctx context.Context, a *adoption) (err error) {
	switch {
	case c.newFrom != "":
		if a.changed, err = changed.Since(ctx, c.dir, c.newFrom); err != nil {
			return fmt.Errorf("--new-from: %w", err)
		}
	case c.staged:
		if a.changed, a.index, err = changed.Staged(ctx, c.dir); err != nil {
			return fmt.Errorf("--staged: %w", err)
		}
	}
	return nil
}

// novelty words what has not changed.
func (c *check) novelty() string {
	if c.staged {
		return "unstaged"
	}
	return "unchanged since " + c.newFrom
}

func (c *check) baselineFile() string {
	if filepath.IsAbs(c.baseline) {
		return c.baseline
	}
	return filepath.Join(c.dir, c.baseline)
}

// readBaseline reads what is known. The file need not be there to be written.
func (c *check) readBaseline(a *adoption) (err error) {
	if c.baseline == "" {
		return nil
	}
	a.entries, err = baseline.Read(c.baselineFile())
	if c.writeBaseline && errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// overlay is what is analysed in place of files on disk.
func (c *check) overlay() map[string][]byte {
	if c.adoption == nil || c.adoption.index == nil {
		return nil
	}
	return c.adoption.index.Overlay
}

// hold says of a file why no fix edits it, so that what is staged and what is not stay
// apart; nil where none is.
func (c *check) hold() func(file string) string {
	if c.adoption == nil || c.adoption.index == nil || !c.write && !c.diff {
		return nil
	}
	return c.adoption.index.Held
}

// pick leaves old findings as they are.
func (c *check) pick(_ *source.Package, f *rule.Finding, was token.Position) *rule.Fix {
	if c.adoption != nil && !c.scouting && c.adoption.judge(f, was) != isNew {
		return nil
	}
	return f.Fix
}

// sieve leaves new findings only, and counts the others.
func (c *check) sieve() {
	if c.adoption == nil || c.writeBaseline {
		return
	}
	if c.adoption.verdicts == nil {
		c.decide()
	}
	var fresh []*rule.Finding
	for _, f := range c.findings {
		was, moved := c.origins[f]
		if !moved {
			was = f.Pos
		}
		switch c.adoption.judge(f, was) {
		case isNew:
			fresh = append(fresh, f)
		case isKnown:
			c.tally.Known++
		case isUnchanged:
			c.tally.Old++
		}
	}
	c.findings = fresh
	c.tally.Stale, c.tally.Novelty = c.adoption.stale, c.novelty()
}

// judge tells whether a finding is new. One that only a fix brought up is, where its
// function has changed.
func (a *adoption) judge(f *rule.Finding, was token.Position) verdict {
	if v, ok := a.verdicts[spotOf(f, was)]; ok {
		return v
	}
	if a.changed != nil && !a.changed.Has(was.Filename, was.Line) {
		return isUnchanged
	}
	return isNew
}

// decide judges what was found before anything was fixed.
func (c *check) decide() {
	a := c.adoption
	a.verdicts = make(map[spot]verdict)
	for _, f := range c.findings {
		if a.changed != nil && !c.touched(f) {
			a.verdicts[spotOf(f, f.Pos)] = isUnchanged
		}
	}
	entries := slices.DeleteFunc(slices.Clone(a.entries), func(e baseline.Entry) bool { return !c.ran(e.Rule()) })
	known, left := baseline.Match(entries, c.entries(), c.gone)
	for i, f := range c.findings {
		if known[i] {
			a.verdicts[spotOf(f, f.Pos)] = isKnown
		} else if _, judged := a.verdicts[spotOf(f, f.Pos)]; !judged {
			a.verdicts[spotOf(f, f.Pos)] = isNew
		}
	}
	if len(c.problems) == 0 && levels[c.level] <= levels["hazard"] { // else some were not found
		a.stale = len(left)
	}
}

// touched reports whether a function has changed that a finding speaks of.
func (c *check) touched(f *rule.Finding) bool {
	set := c.adoption.changed
	if !set.Covers(f.Pos.Filename) {
		c.problem(f.Pos.Filename, fmt.Errorf("not in the git repository of %s: whether it has changed is not known", c.dir))
		return true
	}
	places := []token.Position{f.Pos, f.Acquired}
	for _, n := range f.Notes {
		places = append(places, n.Pos)
	}
	return slices.ContainsFunc(places, func(p token.Position) bool { return p.IsValid() && set.Has(p.Filename, p.Line) })
}

// ran reports whether a rule was looked for, or is none: comments are always read.
func (c *check) ran(name string) bool {
	return !slices.Contains(c.names(), name) || slices.ContainsFunc(c.active, func(r *rule.Rule) bool { return r.Name == name })
}

// entries words the findings as a baseline does.
func (c *check) entries() []baseline.Entry {
	var list []baseline.Entry
	dir := filepath.Dir(c.baselineFile())
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	lines := make(map[string][][]byte)
	for _, f := range c.findings {
		name := f.Pos.Filename
		if _, ok := lines[name]; !ok {
			lines[name] = bytes.Split(c.source(name), []byte("\n"))
		}
		code := ""
		if at := f.Pos.Line - 1; at >= 0 && at < len(lines[name]) {
			code = string(lines[name][at])
		}
		list = append(list, baseline.Entry{File: report.Rel(dir, name), Text: baseline.Text(f.Rule, f.Function, f.Message, code)})
	}
	return list
}

// gone reports whether all that an entry's file has was found: it was looked at, or it
// is not there any more, which a run tells that has looked beside it.
func (c *check) gone(file string) bool {
	name := filepath.FromSlash(file)
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(c.baselineFile()), name)
	}
	real, err := filepath.EvalSymlinks(name)
	if err == nil {
		return slices.Contains(c.adoption.files, real)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(name))
	return err != nil || slices.ContainsFunc(c.adoption.files, func(f string) bool { return filepath.Dir(f) == dir })
}

// recordBaseline writes down what was found. Entries of files that were not looked at
// stay.
func (c *check) recordBaseline() error {
	c.complain()
	if len(c.problems) > 0 {
		fmt.Fprintln(c.stderr, "lockfix: the baseline was not written: it would lack what could not be analysed")
		return errFailed
	}
	entries := slices.DeleteFunc(c.adoption.entries, func(e baseline.Entry) bool { return c.gone(e.File) })
	entries = append(entries, c.entries()...)
	if err := baseline.Write(c.baselineFile(), entries); err != nil {
		return err
	}
	c.remark(fmt.Sprintf("%s: %s", report.Rel(c.dir, c.baselineFile()), report.Count(len(entries), "known finding")))
	return nil
}

// remind says that what -w has changed is not in the index.
func (c *check) remind() {
	if n := len(c.changes); c.staged && c.write && n > 0 && !c.quiet {
		fmt.Fprintf(c.stderr, "lockfix: %s changed in the working tree, not in the index: git add what you want to commit\n", report.Count(n, "file"))
	}
}
