package measure

import (
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A writer lets lockfix write once and looks at what came of it.
type writer struct {
	*Bench
	target Target
	snap   clone.Snapshot
	tests  bool
	diff   string // file
}

func (w writer) run(flags []string) (Write, error) {
	result := Write{Flags: flags}
	if err := w.snap.Restore(); err != nil {
		return result, err
	}
	args := append(slices.Clone(flags), w.target.Pattern)
	run, err := w.Tool.Run(w.target.where(), args...)
	if err != nil {
		return result, err
	}
	result.Fault, result.Elapsed, result.RSS = run.Fault, run.Elapsed, run.RSS
	if result.Changed, err = w.snap.Changed(); err != nil {
		return result, err
	}
	result.Changed = slices.DeleteFunc(result.Changed, byGo)
	result.Strange = strange(result.Changed, run.Report.Fixed)
	if err := w.saveDiff(); err != nil {
		return result, err
	}
	if err := w.again(args, &result); err != nil {
		return result, err
	}
	return result, w.compare(&result)
}

// byGo reports whether a file is one that the go command completes when it lists
// packages, with or without lockfix.
func byGo(name string) bool {
	base := path.Base(name)
	return base == "go.sum" || base == "go.work.sum"
}

// strange lists the changed files in which nothing was fixed by the report.
func strange(changed []string, fixed []tool.Finding) []string {
	reported := make(map[string]bool)
	for _, f := range fixed {
		for _, e := range f.Fix.Edits {
			reported[e.File] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(changed), func(name string) bool { return reported[name] })
}

func (w writer) saveDiff() error {
	text, err := w.snap.Diff()
	if err != nil {
		return err
	}
	if err := os.WriteFile(w.diff, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the diff: %w", err)
	}
	return nil
}

// again runs the same once more: nothing may change.
func (w writer) again(args []string, result *Write) error {
	middle, err := clone.Take(w.target.Tree, w.target.Tree+".again.git")
	if err != nil {
		return err
	}
	defer middle.Forget()
	run, err := w.Tool.Run(w.target.where(), args...)
	if err != nil {
		return err
	}
	if result.Fault == "" {
		result.Fault = run.Fault
	}
	result.Second, err = middle.Changed()
	return err
}

// compare builds, vets and tests the edited packages before and after.
func (w writer) compare(result *Write) error {
	if len(result.Changed) == 0 {
		return nil
	}
	gs := groups(w.target.Tree, result.Changed)
	before, redBefore, err := w.state(gs, false)
	if err != nil {
		return err
	}
	after, redAfter, err := w.state(gs, true)
	if err != nil {
		return err
	}
	result.Problems, result.RedBefore, result.Tested = worse(before, after), redBefore, w.tests
	if result.RedAfter = worse(redBefore, redAfter); len(result.RedAfter) == 0 {
		return nil
	}
	// A test that fails now and then proves nothing by failing once.
	_, red, err := w.state(gs, true)
	result.RedAfter = slices.DeleteFunc(result.RedAfter, func(t string) bool { return !slices.Contains(red, t) })
	return err
}

// state is what the packages' builds, vets and tests say without or with the edits.
func (w writer) state(gs []group, edited bool) (lines, red []string, err error) {
	if err := w.snap.Restore(); err != nil {
		return nil, nil, err
	}
	if edited {
		if err := w.snap.Apply(w.diff); err != nil {
			return nil, nil, err
		}
	}
	if lines, err = problems(gs); err != nil || !w.tests {
		return lines, nil, err
	}
	red, err = failures(gs)
	return lines, red, err
}
