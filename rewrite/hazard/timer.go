package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// DrainedTimer is a receive from the channel of a timer that Stop has found
// expired, where what the timer sent was received before: nothing comes any
// more. Its spot is the receive.
const DrainedTimer FaultSort = "drain of a drained timer"

// drainedTimers looks at
//
//	if !t.Stop() { <-t.C }
//
// and finds a way to it from a receive from t.C, or from another Stop, on which
// the timer is not set again. With Go 1.23 or later Stop takes back what was sent
// and not received, and returns true: it returns false only when there is nothing
// to receive, so that the receive can do nothing but block. Where others receive
// from the timer, that is said as contention.
func drainedTimers(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			d := drainOf(p, op.Node)
			if d == nil {
				continue
			}
			d.deferred = op.Defer
			from, level := d.drainedBefore(b)
			if from == nil && takesBack(p, op.Node) {
				from, level = d.receivedElsewhere(b), Contention
			}
			if from == nil {
				continue
			}
			f := &Fault{
				Pkg: p, Body: b, Sort: DrainedTimer, Node: op.Node, Level: level, Resource: d.timer.Expr, Spots: []ast.Node{op.Node},
				What: "receive from " + d.timer.Expr + ".C waits for ever: what the timer sent was received before",
				Peer: []Frame{{from.Pos(), "took it, or stopped the timer"}},
			}
			if takesBack(p, op.Node) {
				f.Why = "as of Go 1.23 Stop returns false only when there is nothing to receive"
			}
			out = append(out, f)
		}
	}
	return out
}

// takesBack reports whether a file is written for Go 1.23 or later, where Stop
// takes back what was not received.
func takesBack(p *summary.Package, n ast.Node) bool {
	f := p.Src.File(n.Pos())
	return f != nil && f.GoVersion != "" && version.Compare(f.GoVersion, "go1.23") >= 0
}

// A drain is a receive from the channel of a timer behind a Stop that failed.
type drain struct {
	p        *summary.Package
	node     ast.Node
	guard    *ast.IfStmt
	timer    lockset.Resource
	deferred *ast.DeferStmt
}

// drainOf recognises if !t.Stop() { <-t.C }; nil for anything else.
func drainOf(p *summary.Package, n ast.Node) *drain {
	timer, ok := timerChan(p, n)
	if !ok || selectOf(p, n) != nil {
		return nil
	}
	st := p.Uses.StmtOf(n)
	guard, ok := p.Uses.Parent(st.Owner).(*ast.IfStmt)
	if !ok || guard.Body != st.Owner {
		return nil
	}
	not, ok := ast.Unparen(guard.Cond).(*ast.UnaryExpr)
	if !ok || not.Op != token.NOT {
		return nil
	}
	if stopped, ok := timerCall(p, ast.Unparen(not.X), "Stop"); !ok || stopped.Key() != timer.Key() {
		return nil
	}
	return &drain{p: p, node: n, guard: guard, timer: timer}
}

// timerChan returns the timer whose channel a receive is from.
func timerChan(p *summary.Package, n ast.Node) (lockset.Resource, bool) {
	u, ok := n.(*ast.UnaryExpr)
	if !ok || u.Op != token.ARROW {
		return lockset.Resource{}, false
	}
	sel, ok := ast.Unparen(u.X).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "C" || !isTimer(p.Src.Info.TypeOf(sel.X)) {
		return lockset.Resource{}, false
	}
	return p.Namer.Name(sel.X, lockset.Lock), true
}

// timerCall returns the timer that a call is a method of.
func timerCall(p *summary.Package, n ast.Node, names ...string) (lockset.Resource, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return lockset.Resource{}, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !slices.Contains(names, sel.Sel.Name) || !isTimer(p.Src.Info.TypeOf(sel.X)) {
		return lockset.Resource{}, false
	}
	return p.Namer.Name(sel.X, lockset.Lock), true
}

func isTimer(t types.Type) bool {
	if t == nil {
		return false
	}
	s := types.TypeString(t, nil)
	return s == "*time.Timer" || s == "time.Timer"
}

// drainedBefore returns a receive, or another Stop, from which a path leads to
// the drain without setting the timer again; nil if there is none. The drain must
// not stand behind a test of its own, which may know. Where another path sets the
// timer, the test between the two may never fail: that is contention.
func (d *drain) drainedBefore(b *lockset.Body) (from ast.Node, level Level) {
	fn := d.p.Uses.Enclosing(d.guard)
	target := ast.Node(d.guard.Cond)
	if d.deferred != nil {
		target, fn = nil, d.p.Uses.Enclosing(d.deferred)
		if d.p.Uses.Enclosing(d.guard) == fn {
			return nil, Silent
		}
	}
	body := bodyBlock(fn)
	if body == nil {
		return nil, Silent
	}
	r := newRoute(d.p, body)
	for _, from := range d.takes(b, fn) {
		if d.tested(from) || d.deferred != nil && from.Pos() < d.deferred.Pos() {
			continue
		}
		reached, set := false, false
		r.step = func(n ast.Node, state int) (int, bool) {
			_, leaves := n.(*ast.ReturnStmt)
			switch {
			case target != nil && n.Pos() <= target.Pos() && target.End() <= n.End(), target == nil && leaves:
				reached = true
				return state, false
			case d.sets(n):
				set = true
				return state, false
			}
			return state, true
		}
		if at, ok := r.behind(from); ok {
			r.from(at, 0)
		}
		switch {
		case reached && set:
			return from, Contention
		case reached:
			return from, Deadlock
		}
	}
	return nil, Silent
}

// takes lists what empties the timer for good in a function: receives from its
// channel, in select clauses too, and calls of Stop, the drain's own included.
func (d *drain) takes(b *lockset.Body, fn ast.Node) []ast.Node {
	var out []ast.Node
	ast.Inspect(bodyBlock(fn), func(n ast.Node) bool {
		if n == nil || n == d.node {
			return false
		}
		if t, ok := timerChan(d.p, n); ok && t.Key() == d.timer.Key() && !d.inDrain(n) {
			out = append(out, n)
		}
		if t, ok := timerCall(d.p, n, "Stop"); ok && t.Key() == d.timer.Key() {
			out = append(out, n)
		}
		switch n.(type) {
		case *ast.FuncLit, *ast.DeferStmt:
			return false // elsewhere, or at the end
		}
		return true
	})
	return out
}

// inDrain: the receive of another drain, whose Stop counts already.
func (d *drain) inDrain(n ast.Node) bool {
	for up := d.p.Uses.Parent(n); up != nil; up = d.p.Uses.Parent(up) {
		if guard, ok := up.(*ast.IfStmt); ok {
			found := false
			ast.Inspect(guard.Cond, func(m ast.Node) bool {
				if m != nil {
					if t, ok := timerCall(d.p, m, "Stop"); ok && t.Key() == d.timer.Key() {
						found = true
					}
				}
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

// tested: between what both stand in and the drain there is a test, which may
// tell whether the timer was drained. From behind the drain the way to it is the
// next turn of a loop.
func (d *drain) tested(from ast.Node) bool {
	for up := d.p.Uses.Parent(d.guard); up != nil; up = d.p.Uses.Parent(up) {
		if up.Pos() <= from.Pos() && from.End() <= up.End() && (from.Pos() < d.guard.Pos() || isLoop(up)) {
			return false
		}
		switch up.(type) {
		case *ast.IfStmt, *ast.CaseClause:
			return true
		}
	}
	return false
}

// sets reports whether a node sets the timer again, or names another one.
func (d *drain) sets(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if t, ok := timerCall(d.p, n, "Reset"); ok && t.Key() == d.timer.Key() {
				found = true
			}
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if isTimer(d.p.Src.Info.TypeOf(l)) {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// receivedElsewhere returns a receive from the same field by another function.
func (d *drain) receivedElsewhere(b *lockset.Body) ast.Node {
	v, ok := d.timer.Field().(*types.Var)
	if !ok || !v.IsField() {
		return nil
	}
	for _, other := range d.p.Bodies() {
		for _, op := range other.Ops {
			for _, n := range comms(op.Node) {
				if t, ok := timerChan(d.p, n); ok && other != b && t.Field() == types.Object(v) {
					return n
				}
			}
		}
	}
	return nil
}
