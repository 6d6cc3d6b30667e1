package locks

import (
	"fmt"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/hazard"
)

// maxPlaces bounds the places that are shown of one arrow or callback.
const maxPlaces = 3

// Text writes the graph for a terminal: what there is of it, the cycles, the
// callbacks under a lock, then the other orders. Names of files are relative to dir.
func Text(g *Graph, dir string) string {
	w := writer{dir: dir}
	w.WriteString(Count(g) + "\n")
	for _, c := range g.Cycles {
		fmt.Fprintf(&w, "\n%s\n", c)
		for _, o := range c.Orders {
			w.steps(o.Steps)
		}
	}
	for _, c := range g.Calls() {
		fmt.Fprintf(&w, "\ncallback: %s runs under %s\n", c.Callee, c.Lock.Name)
		for i := range c.Calls[:min(len(c.Calls), maxPlaces)] {
			w.steps(c.Calls[i].Steps)
		}
		w.rest(len(c.Calls))
	}
	for _, a := range g.Arrows {
		if a.Level > hazard.Silent && len(a.Orders) == 1 {
			continue // it stands in the cycle
		}
		fmt.Fprintf(&w, "\norder: %s\n", a)
		for _, o := range a.Orders[:min(len(a.Orders), maxPlaces)] {
			w.steps(o.Steps)
		}
		w.rest(len(a.Orders))
	}
	return w.String()
}

type writer struct {
	strings.Builder
	dir string
}

func (w *writer) steps(steps []Step) {
	for _, s := range steps {
		fmt.Fprintf(w, "\t%s\n", s.Line(w.dir))
	}
}

func (w *writer) rest(n int) {
	if n > maxPlaces {
		fmt.Fprintf(w, "\tand %d more places\n", n-maxPlaces)
	}
}

// Line words a step.
func (s Step) Line(dir string) string {
	if s.Pos.Filename == "" {
		return s.Text
	}
	return report.Place(dir, s.Pos) + ": " + s.Text
}

// String words a cycle: "cycle (deadlock): a.A.mu -> b.B.mu -> a.A.mu".
func (c *Cycle) String() string {
	var names []string
	for _, a := range c.Arrows {
		names = append(names, a.From.Name)
	}
	names = append(names, c.Arrows[0].From.Name)
	text := "cycle (" + report.LevelName(c.Level)
	if c.Why != "" {
		text += ": " + c.Why
	}
	return text + "): " + strings.Join(names, " -> ")
}

// String words an arrow: "a.A.mu -> b.B.mu (in a cycle)".
func (a *Arrow) String() string {
	text := a.From.Name + " -> " + a.To.Name
	var list []string
	if a.Level > hazard.Silent {
		list = append(list, "in a cycle")
	}
	if from := a.Learned(); from != "" {
		list = append(list, "learned from "+from)
	}
	if len(list) == 0 {
		return text
	}
	return text + " (" + strings.Join(list, ", ") + ")"
}

// Learned is the package that an arrow was learned from, where it was not asked for
// and no other one makes the arrow; else "".
func (a *Arrow) Learned() string {
	for _, o := range a.Orders {
		if !o.Learned {
			return ""
		}
	}
	return a.Orders[0].Package
}

// Count says in one line how much there is, and of how much it is a part.
func Count(g *Graph) string {
	whole := g
	if g.Whole != nil {
		whole = g.Whole
	}
	of := func(n, all int, what string) string {
		if all != 1 {
			what += "s"
		}
		if n == all {
			return fmt.Sprintf("%d %s", n, what)
		}
		return fmt.Sprintf("%d of %d %s", n, all, what)
	}
	return strings.Join([]string{
		of(len(g.Locks), len(whole.Locks), "lock"),
		of(len(g.Arrows), len(whole.Arrows), "order"),
		of(len(g.Cycles), len(whole.Cycles), "cycle"),
		of(len(g.Calls()), len(whole.Calls()), "callback"),
	}, ", ")
}
