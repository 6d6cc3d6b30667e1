package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/baseline"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
)

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

// ran reports whether a rule was looked for, or is none: comments are always read.
func (c *check) ran(name string) bool {
	return !slices.Contains(c.names(), name) || slices.ContainsFunc(c.active, func(r *rule.Rule) bool { return r.Name == name })
}

// match looks for the findings in the baseline, and counts what is stale in it.
func (c *check) match() (known []bool) {
	if len(c.adoption.entries) == 0 {
		return make([]bool, len(c.findings))
	}
	entries := slices.DeleteFunc(slices.Clone(c.adoption.entries), func(e baseline.Entry) bool { return !c.ran(e.Rule()) })
	known, left := baseline.Match(entries, c.entries(), c.gone)
	if len(c.problems) == 0 && levels[c.level] <= levels["hazard"] { // else some were not found
		c.adoption.stale = len(left)
	}
	return known
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
