package hazard

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Sorts of inverted orders. The Spots of each are where the first lock is
// acquired, missing where a caller holds it, and where the second is taken.
const (
	Inverted     FaultSort = "inverted order"               // of locks of several classes
	SelfInverted FaultSort = "inverted order of one's like" // of two locks of one class
)

// orders finds the cycles of the lock order that the package closes: at least
// one edge is its own, the others may be of packages of the project that it
// imports. A cycle is reported once, whatever places lead round it.
func orders(p *summary.Package) []*Fault {
	own := p.Crossings()
	if len(own) == 0 {
		return nil
	}
	g := newOrder(p, own)
	var out []*Fault
	seen := map[string]bool{}
	for _, c := range own {
		key, ring := g.ring(&c.Edge, seen)
		if f := g.fault(ring); f != nil {
			seen[key] = true
			out = append(out, f)
		}
	}
	return append(out, g.selves()...)
}

// An order is the graph of the lock order that a package sees.
type order struct {
	p       *summary.Package // nil where edges are all that there is: see [Cycles]
	own     []*summary.Crossing
	at      map[*summary.Edge]*summary.Crossing
	next    map[string][]string                   // sorted
	edges   map[string]map[string][]*summary.Edge // by held and taken class, own ones first
	written func(class string) bool               // whether anything locks a class for writing
}

func newOrder(p *summary.Package, own []*summary.Crossing) *order {
	var edges []*summary.Edge
	for _, c := range own {
		edges = append(edges, &c.Edge)
	}
	for _, e := range p.ImportedEdges() {
		edges = append(edges, e.Edge)
	}
	g := orderOf(edges, func(class string) bool { return slices.Contains(Written(p), class) })
	g.p, g.own = p, own
	for _, c := range own {
		g.at[&c.Edge] = c
	}
	return g
}

// orderOf makes the graph of edges.
func orderOf(edges []*summary.Edge, written func(class string) bool) *order {
	g := &order{at: map[*summary.Edge]*summary.Crossing{}, next: map[string][]string{}, edges: map[string]map[string][]*summary.Edge{}}
	g.written = func(class string) bool { return written(class) || g.takesForWriting(class) }
	for _, e := range edges {
		g.add(e)
	}
	for class := range g.next {
		slices.Sort(g.next[class])
	}
	return g
}

func (g *order) add(e *summary.Edge) {
	from, to := e.Held.Class, e.Taken.Class
	if g.edges[from] == nil {
		g.edges[from] = map[string][]*summary.Edge{}
	}
	if g.edges[from][to] == nil && from != to {
		g.next[from] = append(g.next[from], to)
	}
	g.edges[from][to] = append(g.edges[from][to], e)
}

// ring picks the edges of the shortest cycle of classes that an edge closes, nil
// if there is none that is not among those seen. The key tells the classes.
func (g *order) ring(e *summary.Edge, seen map[string]bool) (key string, edges []*summary.Edge) {
	if e.Held.Class == e.Taken.Class {
		return "", nil
	}
	way := g.way(e.Taken.Class, e.Held.Class)
	if way == nil {
		return "", nil
	}
	classes := append([]string{e.Held.Class}, way[:len(way)-1]...)
	slices.Sort(classes)
	if key = strings.Join(classes, " "); seen[key] {
		return key, nil
	}
	return key, g.pick(append([]string{e.Held.Class}, way...))
}

// way is the shortest path of classes, the first left out.
func (g *order) way(from, to string) []string {
	came := map[string]string{from: ""}
	queue := []string{from}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, n := range g.next[at] {
			if _, ok := came[n]; ok {
				continue
			}
			came[n] = at
			if n == to {
				out := []string{from}
				var back []string
				for x := n; x != from; x = came[x] {
					back = append(back, x)
				}
				slices.Reverse(back)
				return append(out, back...)
			}
			queue = append(queue, n)
		}
	}
	return nil
}

// maxChoices bounds the edges between two classes that are tried for a cycle
// without a gate.
const maxChoices = 6

// pick picks an edge for each step of a cycle, so that no lock is held around
// all of them. It is nil when there is no such choice. classes begins and ends
// with the same class.
func (g *order) pick(classes []string) []*summary.Edge {
	var best []*summary.Edge
	var pick func(chosen []*summary.Edge, gates []string)
	pick = func(chosen []*summary.Edge, gates []string) {
		i := len(chosen)
		if i == len(classes)-1 {
			if len(gates) == 0 && joins(chosen) && (best == nil || g.rank(chosen) > g.rank(best)) {
				best = slices.Clone(chosen)
			}
			return
		}
		choices := g.edges[classes[i]][classes[i+1]]
		for _, e := range choices[:min(len(choices), maxChoices)] {
			both := e.Gates
			if i > 0 {
				both = common(gates, e.Gates)
			}
			pick(append(chosen[:i:i], e), both)
		}
	}
	pick(nil, nil)
	return best
}

// joins reports whether each edge takes a lock that the next one can hold.
func joins(edges []*summary.Edge) bool {
	for i, e := range edges {
		if !e.Taken.May(edges[(i+1)%len(edges)].Held) {
			return false
		}
	}
	return true
}

func common(a, b []string) []string {
	var out []string
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}

// rank orders choices of edges: what is certain, of one relation and near goes
// before the rest.
func (g *order) rank(edges []*summary.Edge) int {
	n := 0
	for _, e := range edges {
		n -= len(e.Via)
		if e.Must {
			n += 10
		}
	}
	if g.onePair(edges) {
		n += 20
	}
	if slices.ContainsFunc(edges, func(e *summary.Edge) bool { return g.at[e] != nil && g.adjacent(g.at[e]) }) {
		n += 5
	}
	return n
}

// adjacent reports whether one acquisition follows the other, a deferred release
// apart: then they can change places.
func (g *order) adjacent(c *summary.Crossing) bool {
	if c.Section == nil || len(c.Via) > 0 {
		return false
	}
	a, b := g.p.Uses.StmtOf(c.Section.Acquire.Node), g.p.Uses.StmtOf(c.Op.Node)
	if a.Owner != b.Owner || b.Index <= a.Index || b.Index > a.Index+2 {
		return false
	}
	_, isDefer := a.List[a.Index+1].(*ast.DeferStmt)
	return b.Index == a.Index+1 || isDefer
}

// fault makes the fault of a cycle. It is reported at an edge of this package;
// one that acquires directly can be mended, so it goes first. It is nil if none of
// the edges is of this package.
func (g *order) fault(edges []*summary.Edge) *Fault {
	first := -1
	for i, e := range edges {
		if c := g.at[e]; c != nil && (first < 0 || g.better(c, g.at[edges[first]])) {
			first = i
		}
	}
	if first < 0 {
		return nil
	}
	edges = slices.Concat(edges[first:], edges[:first])
	c := g.at[edges[0]]
	f := g.start(c)
	f.Sort, f.Two = Inverted, len(edges) == 2
	f.What = takenAt(c) + " while " + c.Held.Expr + " is held, and in the other order elsewhere"
	for _, e := range edges[1:] {
		f.Peer = append(f.Peer, Way(e)...)
	}
	f.Order = edges
	f.Level, f.Why = g.level(edges)
	if f.Two {
		f.Also = g.also(c, edges[1])
	}
	return f
}

// also lists the other places that take two locks in the order of an edge, against
// the same other side.
func (g *order) also(c *summary.Crossing, other *summary.Edge) []Frame {
	var out []Frame
	for _, o := range g.own {
		if o.Body != c.Body && o.Held.Class == c.Held.Class && o.Taken.Class == c.Taken.Class && o.Must && len(common(o.Gates, other.Gates)) == 0 && joins([]*summary.Edge{&o.Edge, other}) {
			out = append(out, Frame{o.Op.Node.Pos(), o.Func})
		}
	}
	return out
}

// better prefers the place that can be mended, the one that takes the lock
// itself, then the later one: who comes second usually got it wrong.
func (g *order) better(a, b *summary.Crossing) bool {
	switch {
	case g.adjacent(a) != g.adjacent(b):
		return g.adjacent(a)
	case (len(a.Via) == 0) != (len(b.Via) == 0):
		return len(a.Via) == 0
	}
	return a.Op.Node.Pos() > b.Op.Node.Pos()
}

// start begins the fault of an edge.
func (g *order) start(c *summary.Crossing) *Fault {
	f := &Fault{Pkg: g.p, Body: c.Body, Section: c.Section, Node: c.Op.Node, Resource: c.Held.Expr, Order: []*summary.Edge{&c.Edge}}
	if c.Section != nil {
		f.Spots = append(f.Spots, c.Section.Acquire.Node)
	}
	f.Spots = append(f.Spots, c.Op.Node)
	if len(c.Take.Via) > 0 {
		for _, fr := range c.Take.Via {
			f.Chain = append(f.Chain, Frame{fr.Pos(), "calls " + fr.Func})
		}
		f.Chain = append(f.Chain, Frame{c.Take.Pos(), "locks " + c.Taken.Expr})
	}
	return f
}

// takenAt words how an edge takes its lock.
func takenAt(c *summary.Crossing) string {
	if len(c.Via) == 0 {
		return c.Taken.Expr + " is locked"
	}
	return what(c.Op.Node) + " locks " + c.Taken.Expr
}

// Way lists the frames of an edge: from the lock that is held to the one that is
// taken.
func Way(e *summary.Edge) []Frame {
	out := []Frame{{e.Pos(), "holds " + e.Held.Expr + " in " + e.Func}}
	for _, v := range e.Via {
		out = append(out, Frame{v.Pos(), "calls " + v.Func})
	}
	return append(out, Frame{e.End(), "locks " + e.Taken.Expr})
}

// level ranks a cycle. It is a deadlock when every edge takes its lock without
// condition and the locks can be the same ones all round; readers close it only
// through a writer that waits between them.
func (g *order) level(edges []*summary.Edge) (Level, string) {
	readers := false
	for i, e := range edges {
		prev := edges[(i+len(edges)-1)%len(edges)]
		if prev.Taken.Mode == syncapi.Read && e.Held.Mode == syncapi.Read {
			if !g.written(e.Held.Class) {
				return Contention, e.Held.Expr + " is only ever locked for reading"
			}
			readers = true
		}
	}
	certain := !slices.ContainsFunc(edges, func(e *summary.Edge) bool { return !e.Must })
	switch {
	case slices.ContainsFunc(edges, func(e *summary.Edge) bool { return e.Held.Many || e.Taken.Many }):
		return Contention, "one of the locks is one of many"
	case len(edges) > 2 && !g.onePair(edges):
		return Contention, "the locks may be others at one of many places"
	case !certain && !g.onePair(edges):
		return Contention, "a branch on the way may not be taken, and the locks may be others"
	case readers:
		return Hazard, "a writer that waits between two readers closes the cycle"
	case !certain:
		return Hazard, "unless a branch on the way is not taken"
	case !g.onePair(edges):
		return Hazard, "if they are the same locks on both sides"
	}
	return Deadlock, ""
}

// takesForWriting reports whether an edge locks a class for writing.
func (g *order) takesForWriting(class string) bool {
	for _, to := range g.edges {
		for _, edges := range to {
			for _, e := range edges {
				if e.Held.Class == class && e.Held.Mode == syncapi.Write || e.Taken.Class == class && e.Taken.Mode == syncapi.Write {
					return true
				}
			}
		}
	}
	return false
}

// onePair reports whether the locks of a cycle are, or can be taken to be, the
// same on all sides: of a variable of the package there is only one, and of two
// locks that hang on one object in the same way the one determines the other.
func (g *order) onePair(edges []*summary.Edge) bool {
	if len(edges) == 2 {
		a, b := edges[0], edges[1]
		if a.Held.Root == summary.Unique || a.Taken.Root == summary.Unique {
			return true
		}
		return reversed(a, b)
	}
	many := 0
	for _, e := range edges {
		if e.Held.Root != summary.Unique {
			many++
		}
	}
	return many <= 1
}

// reversed reports whether two edges join the same locks of an object the one
// way and the other.
func reversed(a, b *summary.Edge) bool {
	return a.One && b.One && a.Held.Root != "" && a.Held.Root == b.Held.Root &&
		a.Held.Path == b.Taken.Path && a.Taken.Path == b.Held.Path
}

// selves finds two locks of one class that are taken in both orders: a parent's
// and its child's, or those of two parameters that callers exchange. Where only
// one order is seen, or none, nothing is said.
func (g *order) selves() []*Fault {
	var out []*Fault
	seen := map[string]bool{}
	for _, c := range g.own {
		class := c.Held.Class
		if class != c.Taken.Class || seen[class] {
			continue
		}
		var f *Fault
		switch {
		case c.Take.Resource.Index != "" && c.Holder.Index != "":
			f = g.elements(c)
		case c.Take.Resource.Index == "" && c.Holder.Index == "":
			if f = g.family(c); f == nil {
				f = g.exchanged(c)
			}
		}
		if f != nil {
			seen[class] = true
			out = append(out, f)
		}
	}
	return out
}

// family finds the edge that takes the same two locks of one object the other
// way round.
func (g *order) family(c *summary.Crossing) *Fault {
	e := g.mirror(&c.Edge)
	if e == nil {
		return nil
	}
	f := g.start(c)
	f.Sort, f.Order = SelfInverted, []*summary.Edge{&c.Edge, e}
	f.What = takenAt(c) + " while " + c.Held.Expr + " is held, and in the other order elsewhere"
	f.Peer = Way(e)
	f.Level, f.Why = g.level(f.Order)
	return f
}

// mirror is the edge that takes two locks of one class the other way round; nil if
// there is none, or one lock is held around both.
func (g *order) mirror(e *summary.Edge) *summary.Edge {
	for _, o := range g.edges[e.Held.Class][e.Held.Class] {
		if reversed(e, o) && len(common(e.Gates, o.Gates)) == 0 {
			return o
		}
	}
	return nil
}

// exchanged finds two calls that give a function the same two objects in both
// orders, which it locks one after the other without a look at which they are.
func (g *order) exchanged(c *summary.Crossing) *Fault {
	one, other, ok := twoParams(c.Body, c.Holder.Resource, c.Take.Resource)
	if !ok || !c.Must || c.Held.Mode == syncapi.Read && c.Taken.Mode == syncapi.Read || compares(g.p, c.Body, c.Op.Node, one, other) {
		return nil
	}
	calls, _ := g.p.Uses.Calls(c.Body.Obj)
	for i, x := range calls {
		for _, y := range calls[i+1:] {
			a, b := g.given(c.Body.Obj, x, one), g.given(c.Body.Obj, x, other)
			if a == "" || b == "" || a == b || a != g.given(c.Body.Obj, y, other) || b != g.given(c.Body.Obj, y, one) {
				continue
			}
			f := g.start(c)
			f.Sort, f.Level = SelfInverted, Hazard
			f.What = takenAt(c) + " while " + c.Held.Expr + " is held, and callers give the two in both orders"
			f.Peer = []Frame{{x.Pos(), "gives them in one order"}, {y.Pos(), "gives them in the other"}}
			return f
		}
	}
	return nil
}

// given is the key of what a call gives a function for a parameter or its
// receiver; "" if it has no name.
func (g *order) given(fn *types.Func, call *ast.CallExpr, v *types.Var) string {
	sig := fn.Signature()
	if sig.Recv() == v {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			return rooted(g.p.Namer.Name(sel.X, lockset.Lock))
		}
		return ""
	}
	for i := range min(sig.Params().Len(), len(call.Args)) {
		if sig.Params().At(i) == v {
			return rooted(g.p.Namer.Name(call.Args[i], lockset.Lock))
		}
	}
	return ""
}

func rooted(r lockset.Resource) string {
	if r.Root == nil {
		return ""
	}
	return r.Key()
}
