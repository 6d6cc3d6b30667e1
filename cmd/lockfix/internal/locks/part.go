package locks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/hazard"
)

// Wrong is the part of the graph to look at first: the cycles with one hop around
// them, and the locks under which callbacks run.
func (g *Graph) Wrong() *Graph {
	core, more := map[*Lock]bool{}, map[*Lock]bool{}
	for _, l := range g.Locks {
		if l.Level > hazard.Silent {
			core[l] = true
		} else if len(l.Calls) > 0 {
			more[l] = true
		}
	}
	return g.around(core, more)
}

// Focus is the part around one lock. A name may be that of several: all but the end
// of the class may be left out, at a dot or a slash.
func (g *Graph) Focus(name string) (*Graph, error) {
	core := map[*Lock]bool{}
	var names []string
	for _, l := range g.Locks {
		_, field, _ := strings.Cut(l.Name, ".")
		names = append(names, l.Name, field)
		if l.Class == name || strings.HasSuffix(l.Class, "."+name) || strings.HasSuffix(l.Class, "/"+name) {
			core[l] = true
		}
	}
	if len(core) == 0 {
		return nil, fmt.Errorf("no lock %s in the graph: %s", name, nearest.Hint(name, names, "lockfix graph --all lists them"))
	}
	return g.around(core, nil), nil
}

// around takes some locks with one hop around them, and more without.
func (g *Graph) around(core, more map[*Lock]bool) *Graph {
	keep := map[*Lock]bool{}
	for _, a := range g.Arrows {
		if core[a.From] || core[a.To] {
			keep[a.From], keep[a.To] = true, true
		}
	}
	part := &Graph{Whole: g}
	for _, l := range g.Locks {
		if keep[l] || core[l] || more[l] {
			part.Locks = append(part.Locks, l)
		}
	}
	within := func(l *Lock) bool { return slices.Contains(part.Locks, l) }
	for _, a := range g.Arrows {
		if within(a.From) && within(a.To) {
			part.Arrows = append(part.Arrows, a)
		}
	}
	for _, c := range g.Cycles {
		if !slices.ContainsFunc(c.Arrows, func(a *Arrow) bool { return !within(a.From) }) {
			part.Cycles = append(part.Cycles, c)
		}
	}
	return part
}

// Calls lists the callbacks of all locks.
func (g *Graph) Calls() []*Callback {
	var out []*Callback
	for _, l := range g.Locks {
		out = append(out, l.Calls...)
	}
	return out
}
