// Package growth measures lockfix on generated modules of several sizes, and
// checks a law: twice the packages take at most 2.2 times the CPU time.
//
// The law holds of work that grows with the program a little faster than the
// program itself, as sorting does and garbage collection of a larger heap. What
// looks at pairs of packages takes four times as long for twice the packages, and
// breaks it. What every run costs, the standard library first, makes small modules
// look better than they are, never large ones worse.
package growth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lockfix/lockfix/cmd/peers/internal/figures"
	"github.com/lockfix/lockfix/cmd/peers/internal/meter"
	"github.com/lockfix/lockfix/internal/sample"
)

// Most is how many times the CPU time may be taken for twice the packages.
const Most = 2.2

// least is the CPU time below which growth is not judged: what starting a process
// takes, and the clock of the system, are most of it.
const least = 100 * time.Millisecond

// Options say what is measured.
type Options struct {
	Lockfix string // the binary
	Sizes   []int  // numbers of packages, ascending
	Rounds  int
	Work    string // directory for modules and caches
	Log     io.Writer
}

// A Series is the costs of one size in one state, by round.
type Series struct {
	Packages int
	State    string
	Costs    []meter.Cost
}

// Measure runs lockfix on a module of each size, with an empty cache and again.
func Measure(ctx context.Context, o Options) ([]*Series, error) {
	var all []*Series
	for _, n := range o.Sizes {
		if err := sample.Write(o.dir(n), n); err != nil {
			return nil, err
		}
		all = append(all, &Series{Packages: n, State: "cold"}, &Series{Packages: n, State: "warm"})
	}
	for round := range o.Rounds + 1 {
		cache := filepath.Join(o.Work, fmt.Sprintf("cache%d", round))
		for _, s := range all {
			if round == 0 && s != all[0] {
				break // which fills the caches of the system and of the go command
			}
			cost, err := o.run(ctx, s.Packages, filepath.Join(cache, fmt.Sprint(s.Packages)))
			if err != nil {
				return nil, err
			}
			if round == 0 {
				continue
			}
			s.Costs = append(s.Costs, cost)
			fmt.Fprintf(o.Log, "round %d, %5d packages %s: wall %6.2f s, CPU %6.2f s, peak %5d MB\n",
				round, s.Packages, s.State, cost.Wall.Seconds(), cost.CPU.Seconds(), cost.Peak>>20)
		}
		if err := os.RemoveAll(cache); err != nil {
			return nil, fmt.Errorf("empty a cache: %w", err)
		}
	}
	return all, nil
}

func (o Options) dir(n int) string { return filepath.Join(o.Work, fmt.Sprint(n)) }

func (o Options) run(ctx context.Context, n int, cache string) (meter.Cost, error) {
	r, err := meter.Run(ctx, meter.Command{
		Args: []string{o.Lockfix, "./..."}, Dir: o.dir(n),
		Env: []string{"GOCACHE=" + filepath.Join(o.Work, "build"), "GOCACHEPROG=", "GOWORK=off", "LOCKFIX_CACHE=" + cache},
	})
	if err != nil {
		return meter.Cost{}, err
	}
	if r.Status > 1 {
		return meter.Cost{}, fmt.Errorf("lockfix ends with status %d on a generated module of %d packages: %s", r.Status, n, r.Tail)
	}
	return r.Cost, nil
}

// A Step is how the CPU time grew from one size to another.
type Step struct {
	State    string
	From, To int
	Doubling float64 // factor for twice the packages
	Short    bool    // too short to tell
}

// Broken reports whether a step breaks the law.
func (s Step) Broken() bool { return !s.Short && s.Doubling > Most }

// Steps compares each size with the greatest one that is at most half of it:
// smaller steps say less than the clock errs.
func Steps(all []*Series) []Step {
	var steps []Step
	for _, to := range all {
		var from *Series
		for _, s := range all {
			if s.State == to.State && 2*s.Packages <= to.Packages && (from == nil || s.Packages > from.Packages) {
				from = s
			}
		}
		if from == nil {
			continue
		}
		growth, ok := figures.Ratios(to.cpu(), from.cpu())
		steps = append(steps, Step{
			State: to.State, From: from.Packages, To: to.Packages,
			Doubling: figures.PerDoubling(growth.Median, float64(to.Packages)/float64(from.Packages)),
			Short:    !ok || figures.Of(from.cpu()).Median < least.Seconds(),
		})
	}
	return steps
}

func (s *Series) cpu() []float64 {
	return s.list(func(c meter.Cost) float64 { return c.CPU.Seconds() })
}

func (s *Series) list(of func(meter.Cost) float64) []float64 {
	var list []float64
	for _, c := range s.Costs {
		list = append(list, of(c))
	}
	return list
}

// Print prints medians and steps.
func Print(w io.Writer, all []*Series) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "packages\tstate\twall s\tCPU s\tCPU ms/package\tpeak MB\t")
	for _, s := range all {
		wall := figures.Of(s.list(func(c meter.Cost) float64 { return c.Wall.Seconds() })).Median
		peak := figures.Of(s.list(func(c meter.Cost) float64 { return float64(c.Peak) / (1 << 20) })).Median
		cpu := figures.Of(s.cpu()).Median
		row := []string{fmt.Sprint(s.Packages), s.State}
		for _, f := range []float64{wall, cpu, cpu * 1000 / float64(s.Packages), peak} {
			row = append(row, figures.Spell(f))
		}
		fmt.Fprintln(table, strings.Join(row, "\t")+"\t")
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(w)
	for _, s := range Steps(all) {
		verdict := "holds"
		switch {
		case s.Short:
			verdict = "too short to tell"
		case s.Broken():
			verdict = "is broken"
		}
		fmt.Fprintf(w, "%s, %d to %d packages: CPU time x %s per doubling; at most %v %s\n",
			s.State, s.From, s.To, figures.Spell(s.Doubling), Most, verdict)
	}
	return nil
}

// Check says which steps break the law.
func Check(steps []Step) error {
	var broken []error
	for _, s := range steps {
		if s.Broken() {
			broken = append(broken, fmt.Errorf("%s, %d to %d packages: twice the packages take %s times the CPU time, and may take %v: profile the larger one",
				s.State, s.From, s.To, figures.Spell(s.Doubling), Most))
		}
	}
	return errors.Join(broken...)
}
