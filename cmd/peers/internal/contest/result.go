package contest

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/lockfix/lockfix/cmd/peers/internal/figures"
)

// A Result is what a contest gave.
type Result struct {
	Head []string // what was measured
	Runs []Run
}

// A measure is one kind of cost.
type measure struct {
	name string
	of   func(Run) float64
}

var measures = []measure{
	{"wall_s", func(r Run) float64 { return r.Wall.Seconds() }},
	{"cpu_s", func(r Run) float64 { return r.CPU.Seconds() }},
	{"peak_mb", func(r Run) float64 { return float64(r.Peak) / (1 << 20) }},
}

// of lists the figures of a tool in a state, by round.
func (r *Result) of(state, tool string, m measure) []float64 {
	var list []float64
	for _, run := range r.Runs {
		if run.State == state && run.Tool == tool {
			list = append(list, m.of(run))
		}
	}
	return list
}

// pairs lists states and tools that were measured, lockfix first.
func (r *Result) pairs() (list [][2]string) {
	for _, s := range States {
		for _, t := range []string{Lockfix, "go vet", "staticcheck", "go build"} {
			if slices.ContainsFunc(r.Runs, func(run Run) bool { return run.State == s && run.Tool == t }) {
				list = append(list, [2]string{s, t})
			}
		}
	}
	return list
}

// Print prints medians, and the ratios of lockfix to each tool with their spread.
func (r *Result) Print(w io.Writer) error {
	for _, line := range r.Head {
		fmt.Fprintln(w, line)
	}
	fmt.Fprintln(w, "medians; ratios are lockfix/tool within a round: median [least greatest]")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nstate\ttool\twall s\tCPU s\tpeak MB\twall ratio\tCPU ratio\tpeak ratio")
	for _, p := range r.pairs() {
		state, tool := p[0], p[1]
		row := []string{state, tool}
		for _, m := range measures {
			row = append(row, spell(figures.Of(r.of(state, tool, m)).Median))
		}
		for _, m := range measures {
			ratio := "-"
			if tool != Lockfix {
				if s, ok := figures.Ratios(r.of(state, Lockfix, m), r.of(state, tool, m)); ok {
					ratio = s.String()
				}
			}
			row = append(row, ratio)
		}
		fmt.Fprintln(table, strings.Join(row, "\t"))
	}
	return table.Flush()
}

// spell spells what was measured; nothing costs nothing.
func spell(f float64) string {
	if f == 0 {
		return "-"
	}
	return figures.Spell(f)
}

// Save writes each run as a line of a tab-separated table, from which the rest can
// be worked out.
func (r *Result) Save(w io.Writer) error {
	columns := []string{"state", "tool", "round"}
	for _, m := range measures {
		columns = append(columns, m.name)
	}
	if _, err := fmt.Fprintln(w, strings.Join(columns, "\t")); err != nil {
		return err
	}
	for _, run := range r.Runs {
		row := []string{run.State, run.Tool, fmt.Sprint(run.Round)}
		for _, m := range measures {
			row = append(row, fmt.Sprintf("%.3f", m.of(run)))
		}
		if _, err := fmt.Fprintln(w, strings.Join(row, "\t")); err != nil {
			return err
		}
	}
	return nil
}
