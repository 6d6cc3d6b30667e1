package hazard

import (
	"slices"

	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Cycle is a ring of edges of the lock order: each takes a lock that the next
// one holds.
type Cycle struct {
	Edges []*summary.Edge
	Level Level
	Why   string // it is not worse than its level
}

// Cycles finds the cycles that edges make, the order of their appearance first, as
// the faults of a package do: each set of classes once, none around all of which one
// lock is held. The edges may be those of a whole program, so that a cycle is seen
// that no package sees. written says of a class whether anything locks it for
// writing, besides the edges.
//
// Two locks of one class that callers exchange, and two of one array, are no
// matter of edges alone: they are faults of the package that takes them.
func Cycles(edges []*summary.Edge, written func(class string) bool) []Cycle {
	g := orderOf(edges, written)
	var out []Cycle
	seen := map[string]bool{}
	tried := map[[2]string]bool{}
	for _, e := range edges {
		pair := [2]string{e.Held.Class, e.Taken.Class}
		if tried[pair] && pair[0] != pair[1] {
			continue
		}
		tried[pair] = true
		key, ring := g.ring(e, seen)
		if e.Held.Class == e.Taken.Class && !seen[e.Held.Class] {
			if o := g.mirror(e); o != nil {
				key, ring = e.Held.Class, []*summary.Edge{e, o}
			}
		}
		if ring == nil {
			continue
		}
		seen[key] = true
		level, why := g.level(ring)
		out = append(out, Cycle{ring, level, why})
	}
	return out
}

// Orders returns the faults of a package that are inverted orders.
func Orders(p *summary.Package) []*Fault { return orders(p) }

// Written lists the classes that a package locks for writing, sorted.
func Written(p *summary.Package) []string {
	var out []string
	for _, b := range p.Bodies() {
		for _, s := range b.Sections {
			if class := p.Class(s.Acquire.Resource); class != "" && s.Acquire.Mode == syncapi.Write {
				out = append(out, class)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
