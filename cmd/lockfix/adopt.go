package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/pflag"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/rule"
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
	for _, name := range []string{"interactive", "write", "diff", "list", "new-from", "staged", "fail-on", "format", "output", "select", "ignore", "level"} {
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
