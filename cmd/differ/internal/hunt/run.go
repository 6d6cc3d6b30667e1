package hunt

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/cmd/differ/internal/compare"
	"github.com/lockfix/lockfix/cmd/differ/internal/mend"
)

// Figures are what a run came to.
type Figures struct {
	Tally
	Programs int
	Edited   int
	Failed   []error // programs that could not be generated or rewritten
	Applied  map[mend.Applied]int
	Parts    map[string][2]int // programs and edited programs by what they are made of
	Time     time.Duration
}

// Run generates, rewrites, runs and compares. Progress goes to log, a line a batch.
func Run(opts Options, log io.Writer) (*Figures, error) {
	start := time.Now()
	total := &Figures{Applied: map[mend.Applied]int{}, Parts: map[string][2]int{}}
	firsts := make(chan int)
	var mu sync.Mutex // guards total, failed and log
	var failed error
	var wg sync.WaitGroup
	for range max(1, opts.Jobs) {
		wg.Go(func() {
			m := mend.New(opts.Unsafe)
			for first := range firsts {
				f, err := runBatch(m, opts, first, min(opts.Batch, opts.First+opts.Programs-first))
				mu.Lock()
				if err != nil {
					failed = cmp.Or(failed, fmt.Errorf("programs from %d on: %w", first, err))
				} else {
					total.add(f)
					total.Time = time.Since(start)
					fmt.Fprintln(log, total.line())
				}
				mu.Unlock()
			}
		})
	}
	for first := opts.First; first < opts.First+opts.Programs; first += opts.Batch {
		firsts <- first
	}
	close(firsts)
	wg.Wait()
	total.Time = time.Since(start)
	return total, failed
}

// runBatch does some programs. What it built is removed.
func runBatch(m *mend.Mender, opts Options, first, n int) (*Figures, error) {
	f := &Figures{Programs: n, Applied: map[mend.Applied]int{}, Parts: map[string][2]int{}}
	var cases []*Case
	for id := first; id < first+n; id++ {
		c, err := Prepare(m, opts, id)
		if err != nil {
			f.Failed = append(f.Failed, err)
			continue
		}
		f.prepared(c)
		if c.Broken != "" {
			f.Findings = append(f.Findings, Finding{Case: c, Verdict: compare.Verdict{Kind: compare.Broken}, Crash: c.Broken})
		}
		if c.edited() {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		return f, keep(opts, f.Findings)
	}
	dir, err := os.MkdirTemp(opts.Work, "differ")
	if err != nil {
		return nil, fmt.Errorf("make a directory for the batch: %w", err)
	}
	defer os.RemoveAll(dir)
	t, err := Judge(dir, cases, opts)
	if err != nil {
		return nil, err
	}
	t.Findings = append(t.Findings, f.Findings...)
	f.Tally = *t
	return f, keep(opts, f.Findings)
}

// prepared counts a program.
func (f *Figures) prepared(c *Case) {
	for _, name := range c.Parts {
		n := f.Parts[name]
		n[0]++
		if c.edited() {
			n[1]++
		}
		f.Parts[name] = n
	}
	if c.edited() {
		f.Edited++
	}
	for _, a := range c.Applied {
		f.Applied[mend.Applied{Rule: a.Rule, Strategy: a.Strategy, Safe: a.Safe}]++
	}
}

func (f *Figures) add(g *Figures) {
	f.Programs += g.Programs
	f.Edited += g.Edited
	f.Failed = append(f.Failed, g.Failed...)
	for k, n := range g.Applied {
		f.Applied[k] += n
	}
	for k, n := range g.Parts {
		f.Parts[k] = [2]int{f.Parts[k][0] + n[0], f.Parts[k][1] + n[1]}
	}
	f.Schedules += g.Schedules
	f.Lost += g.Lost
	f.Stuck += g.Stuck
	f.Racy += g.Racy
	f.Died = append(f.Died, g.Died...)
	f.Undecided += g.Undecided
	f.Findings = append(f.Findings, g.Findings...)
}

// line is the progress of a run.
func (f *Figures) line() string {
	return fmt.Sprintf("%d programs, %d edited, %d schedules, %d violations, %d failed [%s]",
		f.Programs, f.Edited, f.Schedules, len(f.Findings), len(f.Failed), f.Time.Round(time.Second))
}

// String is the report of a run.
func (f *Figures) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	row := func(name string, n int, note string) { fmt.Fprintf(w, "%s\t%d\t%s\n", name, n, note) }
	row("programs", f.Programs, "")
	row("edited", f.Edited, "the others were not run")
	row("failed", len(f.Failed), "did not build as generated")
	row("schedules", f.Schedules, "")
	row("stuck", f.Stuck, "originals that get stuck in some schedule")
	row("lost", f.Lost, "of these, rewritten programs that get stuck less often")
	row("racy", f.Racy, "originals with a race: a new one is not seen")
	row("died", len(f.Died), "originals that end the process or hang, not judged: "+strings.Trim(fmt.Sprint(f.Died), "[]"))
	row("undecided", f.Undecided, "something was new and too rare to be sure")
	row("violations", len(f.Findings), "")
	kinds := map[compare.Kind]int{}
	for _, x := range f.Findings {
		kinds[x.Kind]++
	}
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		row("  "+string(k), kinds[k], "")
	}
	fmt.Fprintln(w, "\nrule\tstrategy\t\tedits")
	keys := slices.SortedFunc(maps.Keys(f.Applied), func(a, b mend.Applied) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Strategy, b.Strategy), cmp.Compare(fmt.Sprint(b.Safe), fmt.Sprint(a.Safe)))
	})
	for _, k := range keys {
		how := "unsafe"
		if k.Safe {
			how = "safe"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", k.Rule, k.Strategy, how, f.Applied[k])
	}
	fmt.Fprintln(w, "\npart\tprograms\tedited")
	for _, k := range slices.Sorted(maps.Keys(f.Parts)) {
		fmt.Fprintf(w, "%s\t%d\t%d\n", k, f.Parts[k][0], f.Parts[k][1])
	}
	w.Flush()
	for _, x := range f.Findings {
		fmt.Fprintf(&b, "\nprogram %d: %s\n", x.ID, x.what())
	}
	for _, err := range f.Failed {
		fmt.Fprintf(&b, "\n%v\n", err)
	}
	return b.String()
}

// what says in a line what is wrong.
func (x *Finding) what() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s", x.Kind)
	if x.Label != "" {
		fmt.Fprintf(&b, " at %s", x.Label)
	}
	if x.News != nil {
		fmt.Fprintf(&b, ", schedule %d: stuck %t, races %d, %v", x.News.Seed, x.News.Stuck, x.News.Races, x.News.Logs)
	}
	for _, a := range x.Applied {
		fmt.Fprintf(&b, "; %s: %s", a.Rule, a.Strategy)
		if !a.Safe {
			fmt.Fprintf(&b, " (assumed %s)", a.Assumed)
		}
	}
	return b.String()
}

// archive is a program before and after.
func (c *Case) archive(comment string) *txtar.Archive {
	return &txtar.Archive{
		Comment: []byte(comment),
		Files:   []txtar.File{{Name: "x.go", Data: []byte(c.Source)}, {Name: "x.go.fixed", Data: []byte(c.After)}},
	}
}

// Show returns a program and its rewriting as an archive.
func Show(opts Options, id int) ([]byte, error) {
	c, err := Prepare(mend.New(opts.Unsafe), opts, id)
	if err != nil {
		return nil, err
	}
	return txtar.Format(c.archive(fmt.Sprintf("program %d: %v, %v\n", id, c.Parts, c.Applied))), nil
}

// keep writes an archive for each finding.
func keep(opts Options, found []Finding) error {
	dir := opts.Keep
	if dir == "" || len(found) == 0 {
		return nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("keep what was found: %w", err)
	}
	for _, x := range found {
		a := x.archive(fmt.Sprintf("differ --seed %d --only %d: %s\n%s", opts.Seed, x.ID, x.what(), x.Crash))
		name := filepath.Join(dir, fmt.Sprintf("%s-%d.txtar", x.Kind, x.ID))
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			return fmt.Errorf("keep what was found: %w", err)
		}
	}
	return nil
}
