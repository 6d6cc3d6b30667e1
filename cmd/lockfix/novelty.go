package main

import (
	"context"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/baseline"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/changed"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

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

// overlay is what is analysed in place of files on disk.
func (c *check) overlay() map[string][]byte {
	if c.adoption == nil || c.adoption.index == nil {
		return nil
	}
	return c.adoption.index.Overlay
}

// hold says of a file why no fix edits it; nil where git is not asked.
func (c *check) hold() func(file string) string {
	if c.adoption == nil || c.adoption.changed == nil || !c.write && !c.diff {
		return nil
	}
	return c.adoption.held
}

// held leaves alone what git does not tell about, and keeps apart what is staged and
// what is not.
func (a *adoption) held(file string) string {
	switch {
	case !a.changed.Covers(file):
		return "the file is in another git repository"
	case a.index != nil:
		return a.index.Held(file)
	}
	return ""
}

// pick leaves old findings as they are, and of the others those that -i leaves.
func (c *check) pick(src *source.Package, f *rule.Finding, was token.Position) *rule.Fix {
	switch {
	case c.adoption != nil && c.adoption.judge(f, was) != isNew:
		return nil
	case c.choose != nil:
		return c.choose(src, f, was)
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
	c.strange()
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

// strange says of which files git cannot tell what has changed: they are in another
// repository. What is found there counts as new, and is not edited.
func (c *check) strange() {
	if c.adoption.changed == nil {
		return
	}
	last := ""
	for _, f := range c.findings {
		if name := f.Pos.Filename; name != last && !c.adoption.changed.Covers(name) {
			c.problem(name, fmt.Errorf("not in the git repository of %s: whether it has changed is not known", c.dir))
			last = name
		}
	}
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
	known := c.match()
	for i, f := range c.findings {
		if known[i] {
			a.verdicts[spotOf(f, f.Pos)] = isKnown
		} else if _, judged := a.verdicts[spotOf(f, f.Pos)]; !judged {
			a.verdicts[spotOf(f, f.Pos)] = isNew
		}
	}
}

// touched reports whether a function has changed that a finding speaks of.
func (c *check) touched(f *rule.Finding) bool {
	set := c.adoption.changed
	if !set.Covers(f.Pos.Filename) {
		return true
	}
	places := []token.Position{f.Pos, f.Acquired}
	for _, n := range f.Notes {
		places = append(places, n.Pos)
	}
	return slices.ContainsFunc(places, func(p token.Position) bool { return p.IsValid() && set.Has(p.Filename, p.Line) })
}

// remind says that what -w has changed is not in the index.
func (c *check) remind() {
	if n := len(c.changes); c.staged && c.write && n > 0 && !c.quiet {
		fmt.Fprintf(c.stderr, "lockfix: %s changed in the working tree, not in the index: git add what you want to commit\n", report.Count(n, "file"))
	}
}
