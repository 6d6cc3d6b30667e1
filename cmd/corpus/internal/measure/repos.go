package measure

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A RepoRun is what lockfix says of a module and what it does to it.
type RepoRun struct {
	Target Target
	Check  tool.Run
	Writes []Write // with the safe fixes, then with all
}

// A Write is one run that applies fixes, and what was made sure of after it.
type Write struct {
	Flags     []string
	Fault     string
	Elapsed   time.Duration
	RSS       int64
	Changed   []string // files
	Strange   []string // of these, files for which no such fix had been reported
	Second    []string // files that a second run changed
	Problems  []string // of building and vetting the edited packages, new ones
	RedBefore []string // tests
	RedAfter  []string // tests that were green before, and are red twice
	Tested    bool
}

// Broken lists which promises the run broke, in words.
func (w Write) Broken() []string {
	var out []string
	if w.Fault != "" {
		out = append(out, w.Fault)
	}
	list := func(what string, items []string) {
		if len(items) > 0 {
			out = append(out, fmt.Sprintf("%s: %s", what, items))
		}
	}
	list("files changed without a reported fix", w.Strange)
	list("files changed by a second run", w.Second)
	list("new problems", w.Problems)
	list("tests red only after", w.RedAfter)
	return out
}

// Promises runs lockfix on targets, lets it write, and checks the promises: it does
// not fail, edits only where it reported a fix, leaves packages that build and
// vet no worse, and has nothing to do a second time. With tests, the tests of
// edited packages stay as green as they were. The diffs go to out.
func (b *Bench) Promises(targets []Target, tests bool, out string) ([]RepoRun, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("make a directory for diffs: %w", err)
	}
	var runs []RepoRun
	for _, t := range targets {
		run, err := b.repo(t, tests, out)
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", t.Name(), err)
		}
		runs = append(runs, run)
	}
	return runs, nil
}

func (b *Bench) repo(t Target, tests bool, out string) (RepoRun, error) {
	r := RepoRun{Target: t}
	git := t.Tree + ".git"
	if err := os.RemoveAll(git); err != nil {
		return r, fmt.Errorf("clear an earlier run: %w", err)
	}
	snap, err := clone.Take(t.Tree, git)
	if err != nil {
		return r, err
	}
	b.log("%s: check", t.Name())
	if r.Check, err = b.Tool.Run(t.where(), t.Pattern); err != nil {
		return r, err
	}
	for _, mode := range modes {
		w := writer{Bench: b, target: t, snap: snap, tests: tests, diff: filepath.Join(out, t.slug()+"."+mode.name+".diff")}
		b.log("%s: lockfix %s", t.Name(), strings.Join(mode.flags, " "))
		write, err := w.run(mode.flags)
		if err != nil {
			return r, err
		}
		r.Writes = append(r.Writes, write)
	}
	return r, snap.Restore()
}

// modes are the ways to write, each from the commit's own state.
var modes = []struct {
	name  string
	flags []string
}{
	{"safe", []string{"-w"}},
	{"unsafe", []string{"-w", "--unsafe-fixes"}},
}
