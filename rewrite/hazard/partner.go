package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// An ending is what says that an object is over: a channel that is only closed,
// or a context.
type ending struct {
	expr ast.Expr // x.done, x.ctx
	res  lockset.Resource
	at   ast.Node // where who looks at it, or closes it, stands
	why  string
}

// endingOf finds the ending that a receive waits for: <-x.done, <-x.ctx.Done().
func endingOf(p *summary.Package, recv *ast.UnaryExpr) (ending, bool) {
	e, ctx := ast.Unparen(recv.X), false
	if call, ok := e.(*ast.CallExpr); ok {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != "Done" || !isContext(p.Src.Info.TypeOf(sel.X)) {
			return ending{}, false
		}
		e, ctx = ast.Unparen(sel.X), true
	}
	if _, ok := e.(*ast.SelectorExpr); !ok {
		return ending{}, false
	}
	r := p.Namer.Name(e, lockset.ChanSem)
	v, ok := r.Field().(*types.Var)
	if !ok || !v.IsField() || !ctx && !onlyCloses(p, v) {
		return ending{}, false
	}
	return ending{expr: e, res: r, at: recv}, true
}

// over says that an ending has come, of an object as it is written elsewhere.
func (e ending) over(p *summary.Package, owner ast.Expr) string {
	text := types.ExprString(owner) + "." + e.res.Field().Name()
	if isChan(p.Src.Info.TypeOf(e.expr)) {
		return text + " is closed"
	}
	return text + " is cancelled"
}

// isContext: a type is written context.Context. To spell it takes much longer than to
// look at its name.
func isContext(t types.Type) bool {
	n, ok := t.(interface{ Obj() *types.TypeName })
	return ok && n.Obj().Name() == "Context" && types.TypeString(t, nil) == "context.Context"
}

// besides reports whether two fields are of one object.
func besides(a, b lockset.Resource) bool {
	return a.Root != nil && a.Root == b.Root && a.Index == b.Index && len(a.Fields) > 0 && len(b.Fields) > 0 &&
		slices.Equal(a.Fields[:len(a.Fields)-1], b.Fields[:len(b.Fields)-1])
}

// gonePartners finds sends and receives on a field that wait on when their object
// is over, for all their partners have left then. Each partner
//
//   - stands in a select beside the ending, and comes to no other partner from
//     that case; or
//   - is in a function that closes the ending when it returns, and that can return
//     without it.
//
// All partners are seen, and who tells of the ending has not waited for this one
// before, nor shares a lock with it.
func gonePartners(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			if op.Defer != nil || len(op.Lits) > 0 || !isPlain(p, op.Node) || !mayWait(p, b, op) || afterEnd(p, op.Node) {
				continue
			}
			if f := gonePartner(p, b, op); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// gonePartner judges one operation.
func gonePartner(p *summary.Package, b *lockset.Body, op *lockset.Op) *Fault {
	r := p.Namer.Name(channel(op.Node), lockset.ChanSem)
	v, ok := r.Field().(*types.Var)
	if !ok || !v.IsField() || isOwn(p, r.Root) {
		return nil
	}
	x := &partnership{p: p, b: b, op: op, c: uses.Chan{Var: v.Origin()}}
	if p.Uses.Escapes(x.c) != "" || !staysHere(p, v.Origin(), 2) || !x.find() {
		return nil
	}
	for _, e := range x.common() {
		if x.outlives(e) {
			continue
		}
		f := &Fault{
			Pkg: p, Body: b, Sort: IgnoredDone, Node: op.Node, Level: Hazard, Resource: types.ExprString(channel(op.Node)),
			What:  what(op.Node) + " waits on when " + e.over(p, ownerOfField(channel(op.Node))) + ", and nobody is on the other side any more",
			Peer:  []Frame{{e.at.Pos(), e.why}},
			Spots: []ast.Node{op.Node, e.expr, ownerOfField(channel(op.Node))},
		}
		if ownGoroutine(p, b) {
			f.Level, f.Why = Contention, "it stays behind alone: the goroutine was started to wait for nothing else"
		}
		return f
	}
	return nil
}

// ownerOfField is x of x.f; the expression itself where it is no selection.
func ownerOfField(e ast.Expr) ast.Expr {
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return e
}

// A partnership is an operation and who is on the other side of its channel.
type partnership struct {
	p        *summary.Package
	b        *lockset.Body
	op       *lockset.Op
	c        uses.Chan
	partners []ast.Node
}

// find collects the partners; false where there are none, or a close is one, or
// the function is its own.
func (x *partnership) find() bool {
	closes, _ := x.p.Uses.Closes(x.c)
	x.partners = partnersOf(x.p, x.c, x.op.Node)
	return len(x.partners) > 0 && len(closes) == 0 && !slices.ContainsFunc(x.partners, func(n ast.Node) bool { return bodyOf(x.p, n) == x.b })
}

// common lists the endings that all partners leave with.
func (x *partnership) common() []ending {
	var out []ending
	for i, n := range x.partners {
		ends := x.endings(n)
		if i == 0 {
			out = ends
			continue
		}
		out = slices.DeleteFunc(out, func(e ending) bool {
			return !slices.ContainsFunc(ends, func(o ending) bool { return o.res.Field() == e.res.Field() })
		})
	}
	return out
}

// endings lists what one partner leaves with, first what it closes itself.
func (x *partnership) endings(n ast.Node) []ending {
	b, r := bodyOf(x.p, n), x.p.Namer.Name(channel(n), lockset.ChanSem)
	if b == nil {
		return nil
	}
	var out []ending
	for _, end := range endsOf(x.p, b) {
		call, ok := end.node.(*ast.CallExpr)
		if !ok || end.group || !besides(end.res, r) || !onlyCloses(x.p, end.res.Field().(*types.Var)) || !x.leaves(b) {
			continue
		}
		out = append(out, ending{expr: ast.Unparen(call.Args[0]), res: end.res, at: call, why: "closes it when it leaves"})
	}
	if sel := selectOf(x.p, n); sel != nil && (x.isUnbuffered() || x.isRepeated()) {
		for _, c := range sel.Body.List {
			clause := c.(*ast.CommClause)
			u, ok := commOp(clause.Comm).(*ast.UnaryExpr)
			if !ok {
				continue
			}
			if e, ok := endingOf(x.p, u); ok && besides(e.res, r) && !x.comesBack(clause.Comm) {
				e.why = "leaves then"
				out = append(out, e)
			}
		}
	}
	return out
}

// isUnbuffered: nothing can be left in the channel, by which a waiter would get by.
func (x *partnership) isUnbuffered() bool {
	makes, complete := x.p.Uses.Makes(x.c)
	return !complete || !slices.ContainsFunc(makes, uses.Make.HasRoom)
}

// isRepeated: a send may be made often enough to fill any buffer: others can call
// its function, or several places do.
func (x *partnership) isRepeated() bool {
	if _, ok := x.op.Node.(*ast.SendStmt); !ok || x.b.Obj == nil {
		return false
	}
	calls, _ := x.p.Uses.Calls(x.b.Obj)
	return x.b.Obj.Exported() || len(calls) > 1
}

// comesBack: from a case of a select a path leads to a partner in its function.
func (x *partnership) comesBack(comm ast.Stmt) bool {
	found := false
	r := newRoute(x.p, bodyBlock(x.p.Uses.Enclosing(comm)))
	r.step = func(n ast.Node, state int) (int, bool) {
		found = found || x.isPartner(n)
		return state, !found
	}
	at, ok := r.behind(comm)
	if ok {
		r.from(at, 0)
	}
	return found || !ok
}

// leaves: some path through a function takes no part in the channel.
func (x *partnership) leaves(b *lockset.Body) bool {
	found := false
	r := newRoute(x.p, b.Block)
	r.step = func(n ast.Node, state int) (int, bool) {
		_, ret := n.(*ast.ReturnStmt)
		found = found || ret
		return state, !found && !x.isPartner(n)
	}
	r.from(point{r.graph.Blocks[0], 0}, 0)
	return found
}

// isPartner: a node of a path holds one of the partners.
func (x *partnership) isPartner(n ast.Node) bool {
	return slices.ContainsFunc(x.partners, func(o ast.Node) bool {
		if rng, ok := o.(*ast.RangeStmt); ok {
			return rng.X == n
		}
		return n.Pos() <= o.Pos() && o.End() <= n.End()
	})
}

// outlives: the object is over only after this operation, or by its function.
func (x *partnership) outlives(e ending) bool {
	v, _ := e.res.Field().(*types.Var)
	closes, _ := x.p.Uses.Closes(uses.Chan{Var: v.Origin()})
	return slices.ContainsFunc(closes, func(call *ast.CallExpr) bool {
		b := bodyOf(x.p, call)
		return b == nil || b == x.b || x.joined(b, call) || x.excluded(b, call)
	})
}

// joined: a body waits for the operation's goroutine before a call.
func (x *partnership) joined(b *lockset.Body, call *ast.CallExpr) bool {
	bodies := []*lockset.Body{x.b}
	if x.b.Obj != nil {
		calls, _ := x.p.Uses.Calls(x.b.Obj)
		for _, c := range calls {
			if caller := bodyOf(x.p, c); caller != nil {
				bodies = append(bodies, caller)
			}
		}
	}
	for _, from := range bodies {
		for _, end := range endsOf(x.p, from) {
			for _, op := range b.Ops {
				if op.Node.Pos() < call.Pos() && waitsFor(x.p, op.Node, end) {
					return true
				}
			}
		}
	}
	return false
}

// waitsFor: a node waits for the end of a goroutine, of this object or another.
func waitsFor(p *summary.Package, n ast.Node, e end) bool {
	if e.group {
		g, ok := groupCall(p, n, "Wait")
		return ok && g.Field() == e.res.Field()
	}
	u, ok := n.(*ast.UnaryExpr)
	return ok && p.Namer.Name(u.X, lockset.ChanSem).Field() == e.res.Field()
}

// excluded: a lock is held at the operation and at the call.
func (x *partnership) excluded(b *lockset.Body, call *ast.CallExpr) bool {
	for _, op := range b.Ops {
		if op.Node != call {
			continue
		}
		for _, h := range op.State.Held() {
			for _, o := range x.op.State.Held() {
				if h.Must && o.Must && h.Field() != nil && h.Field() == o.Field() {
					return true
				}
			}
		}
	}
	return false
}
