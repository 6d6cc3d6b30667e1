// Package hunt generates programs, rewrites them, runs both variants and judges
// what it sees.
package hunt

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lockfix/lockfix/cmd/differ/internal/batch"
	"github.com/lockfix/lockfix/cmd/differ/internal/compare"
	"github.com/lockfix/lockfix/cmd/differ/internal/generate"
	"github.com/lockfix/lockfix/cmd/differ/internal/instrument"
	"github.com/lockfix/lockfix/cmd/differ/internal/mend"
)

// Options say how much to do.
type Options struct {
	Seed      uint64
	First     int // number of the first program
	Programs  int
	Schedules int // of each variant, at first
	Batch     int // programs that are built together
	Jobs      int
	Stages    int    // how far to go before something is called new; 0: all of [stages]
	Unsafe    bool   // also fixes with assumptions; then orders may differ
	Keep      string // directory for what was found; "" nowhere
	Work      string // directory for batches
}

// A Case is one program that was rewritten.
type Case struct {
	generate.Program
	Applied []mend.Applied
	After   string // its rewritten text
	Broken  string // why there is none: lockfix is to blame
	Pair    batch.Program
}

// edited reports whether anything was applied.
func (c *Case) edited() bool { return len(c.Applied) > 0 }

// A Finding is a case with what is wrong about it.
type Finding struct {
	*Case
	compare.Verdict
	Crash string // the end of what the binary said, if it died
}

// Prepare generates a program and rewrites it. A program that does not build
// before or after is an error.
func Prepare(m *mend.Mender, opts Options, id int) (*Case, error) {
	p, err := generate.New(opts.Seed, id)
	if err != nil {
		return nil, err
	}
	return Rewrite(m, p)
}

// Rewrite rewrites a program and instruments both variants.
func Rewrite(m *mend.Mender, p generate.Program) (*Case, error) {
	const name, support = "x.go", "record.go"
	out, err := m.Program("p", map[string]string{name: p.Source, support: generate.Support})
	var broken *mend.BrokenError
	if errors.As(err, &broken) {
		return &Case{Program: p, Broken: broken.Reason}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("program %d: %w", p.ID, err)
	}
	defer m.Forget(out.Before, out.After)
	c := &Case{Program: p, Applied: out.Applied}
	if !c.edited() {
		return c, nil
	}
	c.After = string(mend.File(out.After, name).Content)
	c.Pair, err = Pair(p.ID, out)
	return c, err
}

// Pair instruments both variants of a program.
func Pair(id int, out *mend.Mended) (batch.Program, error) {
	pair := batch.Program{ID: id, Files: map[batch.Variant][]byte{}}
	before, err := instrument.File(out.Before, mend.File(out.Before, "x.go"), string(batch.Original), batch.Shim)
	if err != nil {
		return pair, fmt.Errorf("program %d: %w", id, err)
	}
	after, err := instrument.File(out.After, mend.File(out.After, "x.go"), string(batch.Rewritten), batch.Shim)
	if err != nil {
		return pair, fmt.Errorf("program %d, rewritten: %w", id, err)
	}
	pair.Files[batch.Original], pair.Files[batch.Rewritten] = before, after
	return pair, nil
}

// A Tally is what a batch of cases came to.
type Tally struct {
	Schedules int
	Lost      int   // cases whose deadlocks are fewer
	Stuck     int   // cases whose original gets stuck at all
	Racy      int   // cases whose original races
	Died      []int // numbers of those whose original ends the process or hangs
	Undecided int
	Findings  []Finding
}

// Judge builds the cases, runs them and compares.
func Judge(dir string, cases []*Case, opts Options) (*Tally, error) {
	var programs []batch.Program
	for _, c := range cases {
		programs = append(programs, c.Pair)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("find the directory of the batch: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the directory of the batch: %w", err)
	}
	b, err := batch.Build(dir, programs)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	t := &Tally{}
	for _, c := range cases {
		if err := t.judge(b, c, opts); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// stages are how many times as many schedules the variants get before something
// is called new, and how often a new result must be seen then: of one goroutine,
// and of all together.
var stages = []struct{ original, rewritten, least, joint int }{
	{1, 1, 0, 0}, {4, 1, 0, 0}, {20, 1, 0, 0}, {100, 10, 3, 6}, {1000, 100, 8, 50},
}

// judge runs one case: what is new in the rewritten variant is looked for in ever
// more schedules of the original, and has to show itself again.
func (t *Tally) judge(b *batch.Batch, c *Case, opts Options) error {
	original, rewritten := &compare.Set{}, &compare.Set{}
	run := func(s *compare.Set, v batch.Variant, n int) error {
		seen, err := b.Run(batch.Request{Program: c.ID, Variant: v, From: uint64(s.Runs), To: uint64(s.Runs + n)})
		s.Add(seen...)
		t.Schedules += n
		return err
	}
	var crash *batch.CrashError
	var v, last compare.Verdict
	for _, stage := range stages[:cmp.Or(opts.Stages, len(stages))] {
		if err := run(original, batch.Original, stage.original*opts.Schedules-original.Runs); errors.As(err, &crash) {
			t.Died = append(t.Died, c.ID)
			return nil
		} else if err != nil {
			return err
		}
		if err := run(rewritten, batch.Rewritten, stage.rewritten*opts.Schedules-rewritten.Runs); errors.As(err, &crash) {
			t.Findings = append(t.Findings, Finding{Case: c, Verdict: compare.Verdict{Kind: compare.Fatal}, Crash: crash.Output})
			return nil
		} else if err != nil {
			return err
		}
		last, v = v, compare.Judge(original, rewritten, compare.Options{Orders: opts.Unsafe, Least: stage.least, Joint: stage.joint})
		if v.Kind == "" {
			if stage.least > 0 && last.Kind != "" && compare.Judge(original, rewritten, compare.Options{Orders: opts.Unsafe}).Kind != "" {
				t.Undecided++
			}
			break
		}
	}
	t.count(c, original, rewritten, v)
	return nil
}

func (t *Tally) count(c *Case, original, rewritten *compare.Set, v compare.Verdict) {
	if original.Stuck() > 0 {
		t.Stuck++
		if rewritten.Stuck()*original.Runs < original.Stuck()*rewritten.Runs {
			t.Lost++
		}
	}
	if original.Races() > 0 {
		t.Racy++
	}
	if v.Kind != "" {
		t.Findings = append(t.Findings, Finding{Case: c, Verdict: v})
	}
}
