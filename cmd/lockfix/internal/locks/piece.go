package locks

import (
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A Step is one place on the way from a lock to what happens under it.
type Step struct {
	Pos  token.Position // zero if it is not known
	Text string
}

// An Order is a place that takes a lock while it holds another.
type Order struct {
	summary.Edge
	Package string // path of the package that does it
	Steps   []Step // where the first is acquired, calls, where the second is taken
	Learned bool   // the package was not asked for: an importer has learned it

	alike bool // two of one class that are taken in both orders, for what edges do not tell
}

// A Call runs code under a lock that the program does not know.
type Call struct {
	Class   string // of the lock
	Callee  string // as it is written: "s.onClose"
	Package string
	Steps   []Step // where the lock is acquired, calls, the call itself
}

// A Piece is what one package adds to the graph.
type Piece struct {
	Package string
	Orders  []Order
	Calls   []Call
	Written []string // classes that it locks for writing
}

// Of takes the piece of a package, of the files that are its own to report.
func Of(p *summary.Package, owns func(file string) bool) Piece {
	piece := Piece{Package: p.Src.Path, Written: hazard.Written(p)}
	alike := map[*summary.Edge]bool{}
	for _, f := range hazard.Orders(p) {
		if f.Sort == hazard.SelfInverted && len(f.Order) == 1 {
			alike[f.Order[0]] = true
		}
	}
	for _, c := range p.Crossings() {
		if named(&c.Edge) && owns(p.Src.Position(c.Op.Node.Pos()).Filename) {
			piece.Orders = append(piece.Orders, Order{Edge: c.Edge, Package: p.Src.Path, Steps: way(p.Src, &c.Edge), alike: alike[&c.Edge]})
		}
	}
	for _, o := range hazard.Observe(p) {
		class := p.Class(o.Held.Resource)
		if rule.CallsBack(o) && o.Level >= hazard.Hazard && o.Held.Sort == lockset.Lock && class != "" && owns(p.Src.Position(o.Op.Node.Pos()).Filename) {
			piece.Calls = append(piece.Calls, callOf(p, o, class))
		}
	}
	return piece
}

// Learned takes what a package knows of the orders of the packages that it imports.
func Learned(p *summary.Package) []Order {
	var out []Order
	for _, e := range p.ImportedEdges() {
		if named(e.Edge) {
			out = append(out, Order{Edge: *e.Edge, Package: e.From, Steps: way(p.Src, e.Edge), Learned: true})
		}
	}
	return out
}

func named(e *summary.Edge) bool { return !e.Held.Local && !e.Taken.Local }

func way(src *source.Package, e *summary.Edge) []Step {
	return steps(src, hazard.Way(e))
}

func steps(src *source.Package, frames []hazard.Frame) []Step {
	var out []Step
	for _, f := range frames {
		s := Step{Text: f.Text}
		if f.Pos.IsValid() {
			s.Pos = src.Position(f.Pos)
		}
		out = append(out, s)
	}
	return out
}

func callOf(p *summary.Package, o *hazard.Observation, class string) Call {
	holds := hazard.Frame{Text: "holds " + o.Held.Expr}
	if o.Section != nil {
		holds.Pos = o.Section.Acquire.Node.Pos()
	}
	frames := []hazard.Frame{holds}
	if len(o.Act.Via) == 0 {
		frames = append(frames, hazard.Frame{Pos: o.Op.Node.Pos(), Text: o.Act.What})
	}
	frames = append(frames, o.Chain...)
	callee, _, _ := strings.Cut(strings.TrimPrefix(o.Act.What, "calls "), ", ")
	return Call{Class: class, Callee: callee, Package: p.Src.Path, Steps: steps(p.Src, frames)}
}

// same reports whether two packages tell of the same place: a test variant repeats
// the files of its base.
func (o *Order) same(x *Order) bool {
	return o.Held.Class == x.Held.Class && o.Taken.Class == x.Taken.Class && slices.Equal(o.Steps, x.Steps)
}
