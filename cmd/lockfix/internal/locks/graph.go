package locks

import (
	"cmp"
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A Graph is the lock order of a program, or a part of it.
type Graph struct {
	Locks  []*Lock  // by class
	Arrows []*Arrow // by the classes of their ends
	Cycles []*Cycle

	Whole *Graph // that this is a part of; nil: it is all
}

// A Lock is one class of locks: a field of a type, or a package-level variable.
type Lock struct {
	Class string // "example.com/m/hub.Broker.mu"
	Name  string // as it is shown: "hub.Broker.mu"
	Calls []*Callback
	Level hazard.Level // of the worst cycle that it is in; zero: none
}

// A Callback is what runs under a lock that the program does not know.
type Callback struct {
	Lock   *Lock
	Callee string
	Calls  []Call
}

// An Arrow leads from a lock that is held to one that is taken meanwhile.
type Arrow struct {
	From, To *Lock
	Orders   []*Order
	Level    hazard.Level // of the worst cycle that it is in; zero: none
}

// A Cycle is a ring of arrows, with the order of each that closes it.
type Cycle struct {
	Level  hazard.Level
	Why    string // it is not worse than its level
	Arrows []*Arrow
	Orders []*Order
}

// Build puts the pieces of a program together. What was learned of a package that
// has a piece of its own is left out.
func Build(pieces []Piece, learned []Order) *Graph {
	b := builder{locks: map[string]*Lock{}, arrows: map[[2]string]*Arrow{}, of: map[*summary.Edge]*Order{}}
	asked := map[string]bool{}
	var orders []*Order
	var calls []Call
	for _, p := range pieces {
		asked[p.Package] = true
		b.written = append(b.written, p.Written...)
		for i := range p.Orders {
			orders = append(orders, &p.Orders[i])
		}
		calls = append(calls, p.Calls...)
	}
	for i := range learned {
		if !asked[learned[i].Package] {
			orders = append(orders, &learned[i])
		}
	}
	slices.SortStableFunc(orders, func(x, y *Order) int {
		return cmp.Or(cmp.Compare(x.Package, y.Package), byPlace(x.Steps, y.Steps))
	})
	for _, o := range orders {
		b.order(o)
	}
	slices.SortStableFunc(calls, func(x, y Call) int { return byPlace(x.Steps, y.Steps) })
	for _, c := range calls {
		b.call(c)
	}
	return b.graph()
}

// byPlace compares ways by the places that they lead to, then by those that they
// begin at.
func byPlace(x, y []Step) int {
	end := func(s []Step) token.Position { return s[len(s)-1].Pos }
	return cmp.Or(compare(end(x), end(y)), compare(x[0].Pos, y[0].Pos))
}

func compare(x, y token.Position) int {
	return cmp.Or(cmp.Compare(x.Filename, y.Filename), cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
}

type builder struct {
	locks   map[string]*Lock
	arrows  map[[2]string]*Arrow
	edges   []*summary.Edge
	of      map[*summary.Edge]*Order
	written []string
}

func (b *builder) lock(class string) *Lock {
	l := b.locks[class]
	if l == nil {
		l = &Lock{Class: class}
		b.locks[class] = l
	}
	return l
}

func (b *builder) order(o *Order) {
	key := [2]string{o.Held.Class, o.Taken.Class}
	a := b.arrows[key]
	if a == nil {
		a = &Arrow{From: b.lock(o.Held.Class), To: b.lock(o.Taken.Class)}
		b.arrows[key] = a
	}
	if slices.ContainsFunc(a.Orders, o.same) {
		return
	}
	a.Orders = append(a.Orders, o)
	b.edges = append(b.edges, &o.Edge)
	b.of[&o.Edge] = o
}

func (b *builder) call(c Call) {
	l := b.lock(c.Class)
	i := slices.IndexFunc(l.Calls, func(x *Callback) bool { return x.Callee == c.Callee })
	if i < 0 {
		i = len(l.Calls)
		l.Calls = append(l.Calls, &Callback{Lock: l, Callee: c.Callee})
	}
	l.Calls[i].Calls = append(l.Calls[i].Calls, c)
}

func (b *builder) graph() *Graph {
	g := new(Graph)
	for _, l := range b.locks {
		g.Locks = append(g.Locks, l)
	}
	slices.SortFunc(g.Locks, func(x, y *Lock) int { return cmp.Compare(x.Class, y.Class) })
	name(g.Locks)
	for _, a := range b.arrows {
		g.Arrows = append(g.Arrows, a)
	}
	slices.SortFunc(g.Arrows, func(x, y *Arrow) int {
		return cmp.Or(cmp.Compare(x.From.Class, y.From.Class), cmp.Compare(x.To.Class, y.To.Class))
	})
	b.cycles(g)
	return g
}

// cycles asks for the cycles of all orders, and marks what is in one.
func (b *builder) cycles(g *Graph) {
	slices.Sort(b.written)
	for _, c := range hazard.Cycles(b.edges, func(class string) bool {
		_, ok := slices.BinarySearch(b.written, class)
		return ok
	}) {
		var orders []*Order
		for _, e := range c.Edges {
			orders = append(orders, b.of[e])
		}
		b.cycle(g, c.Level, c.Why, orders)
	}
	for _, e := range b.edges {
		if o := b.of[e]; o.alike && b.locks[o.Held.Class].Level == hazard.Silent {
			b.cycle(g, hazard.Hazard, "nothing orders two locks of this class", []*Order{o})
		}
	}
	slices.SortStableFunc(g.Cycles, func(x, y *Cycle) int {
		return cmp.Or(cmp.Compare(y.Level, x.Level), cmp.Compare(x.Arrows[0].From.Class, y.Arrows[0].From.Class))
	})
}

// cycle adds a cycle, turned so that its first class comes first.
func (b *builder) cycle(g *Graph, level hazard.Level, why string, orders []*Order) {
	first := 0
	for i, o := range orders {
		if o.Held.Class < orders[first].Held.Class {
			first = i
		}
	}
	c := &Cycle{Level: level, Why: why, Orders: slices.Concat(orders[first:], orders[:first])}
	for _, o := range c.Orders {
		a := b.arrows[[2]string{o.Held.Class, o.Taken.Class}]
		a.Level = max(a.Level, level)
		a.From.Level = max(a.From.Level, level)
		c.Arrows = append(c.Arrows, a)
	}
	g.Cycles = append(g.Cycles, c)
}

// name gives the locks the names that they are shown by: without the directories of
// their packages, unless two would have the same.
func name(locks []*Lock) {
	count := map[string]int{}
	for _, l := range locks {
		count[short(l.Class)]++
	}
	for _, l := range locks {
		if l.Name = l.Class; count[short(l.Class)] == 1 {
			l.Name = short(l.Class)
		}
	}
}

// short takes the directories off the path of a package. A type argument may have a
// path of its own.
func short(class string) string {
	head, rest, generic := strings.Cut(class, "[")
	if head = head[strings.LastIndex(head, "/")+1:]; generic {
		return head + "[" + rest
	}
	return head
}

// NameOf is the name that a class is shown by; one that is not in the graph is
// shortened.
func (g *Graph) NameOf(class string) string {
	whole := g
	if g.Whole != nil {
		whole = g.Whole
	}
	for _, l := range whole.Locks {
		if l.Class == class {
			return l.Name
		}
	}
	return short(class)
}
