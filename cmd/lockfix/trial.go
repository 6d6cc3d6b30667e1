package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/repair"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// maxTrials bounds how often --check runs its command. Finding one fix to blame
// among n takes log2(n) runs, and one to see that the rest is good.
const maxTrials = 40

// A trial is the work of --check: the command must pass with the fixes that stay.
type trial struct {
	*check
	ctx    context.Context
	fixes  [][]string        // names of the fixes, in the order of their places; a fix has one for each finding
	blamed map[string]string // by name: why the fix does not stay
	runs   int
	last   string // line that the command printed last when it failed last
}

// tryFixes writes the fixes and runs the command of --check. Where it fails, the
// files are put back and the fixes to blame are looked for: the first one that
// the command fails with, when those before it are there, is left out, and so on
// until it passes.
//
// Each attempt analyses the files as they were once more, with some fixes barred:
// fixes of one file were planned on top of each other, so that none can be taken
// out of the text that they made together.
func (c *check) tryFixes(ctx context.Context) error {
	if len(c.changes) == 0 {
		return nil // nothing to try
	}
	t := &trial{check: c, ctx: ctx, fixes: names(c.fixed), blamed: make(map[string]string)}
	passed, err := t.run("as it is")
	switch {
	case err != nil:
		return t.interrupted(err)
	case !passed:
		return fmt.Errorf("the command of --check fails before anything is changed: nothing was written (%s)", t.last)
	}
	good := 0 // the command passes with so many of the fixes, without those that are blamed
	for {
		if passed, err = t.with(len(t.fixes)); passed || err != nil {
			return t.interrupted(err)
		}
		c.again = true
		bad := len(t.fixes)
		for bad-good > 1 && t.runs < maxTrials && err == nil {
			middle := (good + bad) / 2
			if passed, err = t.with(middle); passed {
				good = middle
			} else {
				bad = middle
			}
		}
		if err != nil {
			return t.interrupted(err)
		}
		if t.runs >= maxTrials {
			return t.interrupted(t.giveUp(good))
		}
		t.blame(t.fixes[bad-1], "check failed: "+t.last)
		if bad == len(t.fixes) { // what is left has passed
			return t.interrupted(t.write(bad))
		}
		good = bad
	}
}

// names lists the names of fixes: findings that share one are one fix.
func names(fixed []*rule.Finding) [][]string {
	var list [][]string
	at := make(map[*rule.Fix]int)
	for _, f := range fixed {
		i, ok := at[f.Fix]
		if !ok {
			i = len(list)
			at[f.Fix], list = i, append(list, nil)
		}
		list[i] = append(list[i], repair.Identity(f))
	}
	return list
}

func (t *trial) blame(fix []string, why string) {
	for _, id := range fix {
		t.blamed[id] = why
	}
}

// giveUp keeps the fixes that are known to be good.
func (t *trial) giveUp(good int) error {
	for _, fix := range t.fixes[good:] {
		if t.blamed[fix[0]] == "" {
			t.blame(fix, fmt.Sprintf("not tried: --check ran its command %d times", t.runs))
		}
	}
	return t.write(len(t.fixes))
}

// with writes the first n fixes without those that are blamed, and runs the
// command. Where it fails the files are put back.
func (t *trial) with(n int) (passed bool, err error) {
	if err := t.write(n); err != nil {
		return false, err
	}
	passed, err = t.run(fmt.Sprintf("with %s", fixes(len(names(t.fixed)))))
	if err == nil && passed {
		return true, nil
	}
	return false, errors.Join(err, t.restore())
}

func fixes(n int) string {
	if n == 1 {
		return "1 fix"
	}
	return fmt.Sprintf("%d fixes", n)
}

// write puts the first n fixes without those that are blamed in the files. Other
// fixes, which show only where one is missing, are not made.
func (t *trial) write(n int) error {
	if n < len(t.fixes) || len(t.blamed) > 0 {
		if err := t.restore(); err != nil {
			return err
		}
		allowed := make(map[string]bool)
		for _, fix := range t.fixes[:n] {
			for _, id := range fix {
				allowed[id] = t.blamed[id] == ""
			}
		}
		t.bar = func(id string) string {
			switch why := t.blamed[id]; {
			case why != "":
				return why
			case !allowed[id]:
				return "not tried with the command of --check: run it again"
			}
			return ""
		}
		if err := t.analyse(t.ctx); err != nil {
			return err
		}
	}
	return t.writeFiles(t.ctx)
}

// restore puts the files back as they were, whatever else happens.
func (t *trial) restore() error {
	var errs []error
	for name, ch := range t.changes {
		now, err := os.ReadFile(name)
		if err == nil && bytes.Equal(now, ch.old) {
			continue
		}
		err = repair.Write(context.WithoutCancel(t.ctx), repair.File{Name: name, Old: ch.text, Text: ch.old})
		if errors.Is(err, repair.ErrChanged) {
			err = &repair.WriteError{Name: name, Err: errors.New("changed while the command of --check ran")}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("putting back %w", err))
		}
	}
	clear(t.changes)
	return errors.Join(errs...)
}

// run runs the command where lockfix runs, and says how it went.
func (t *trial) run(what string) (passed bool, err error) {
	t.runs++
	cmd := exec.CommandContext(t.ctx, "sh", "-c", t.command)
	cmd.Dir = t.dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	group(cmd)
	cmd.WaitDelay = 5 * time.Second // for what the command started and left running
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case t.ctx.Err() != nil:
		return false, t.ctx.Err()
	case err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay):
		return false, fmt.Errorf("running the command of --check: %w", err)
	}
	passed = err == nil || errors.Is(err, exec.ErrWaitDelay)
	verdict := "passes"
	if !passed {
		verdict = fmt.Sprintf("fails (%v)", err)
		t.last = lastLine(out.String(), err)
	}
	if !t.quiet {
		fmt.Fprintf(t.stderr, "lockfix: %s %s %s\n", t.command, verdict, what)
	}
	if t.verbose || !passed && t.runs <= 2 { // what it says with a part of the fixes is the same again
		t.stderr.Write(out.Bytes())
	}
	return passed, nil
}

// lastLine is the last line of an output that says something.
func lastLine(out string, err error) string {
	lines := strings.Split(out, "\n")
	for _, line := range slices.Backward(lines) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return err.Error()
}

// interrupted puts the files back when the end came from outside.
func (t *trial) interrupted(err error) error {
	if err == nil {
		return nil
	}
	if restore := t.restore(); restore != nil {
		return errors.Join(err, restore)
	}
	var cut *interruptedError
	if errors.Is(err, context.Canceled) || errors.As(err, &cut) {
		return errors.New("interrupted: the files are as they were")
	}
	return err
}
