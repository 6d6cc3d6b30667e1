package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// LatePublish is a write of what others read when they have been woken, behind
// what wakes them. Its spots are the operation that wakes and the assignment.
const LatePublish FaultSort = "late publish"

// latePublishes looks at each operation that wakes: a close, the Done of a group, a
// cancel, a send on a channel without a buffer; with one, it may be a semaphore that
// the send acquires. It compares what its function writes behind it with what those
// read who were woken:
//
//   - the write is of the same object, or of a local variable that both share, and
//     comes in the same round of every loop;
//   - it is the first write in the function, and not of nil: one that follows
//     another, or clears it, is a reset;
//   - no lock is held from the one to the other, by which the woken may be kept
//     back until it is written;
//   - nothing is received in between, which may be the answer of the woken, nor by
//     the woken before they read, which may tell them of the write;
//   - the object is not one that the function has just made, of which nobody waits
//     before it starts a goroutine.
func latePublishes(in *view) []*Fault {
	p := in.Package
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			if op.Defer != nil || len(op.Lits) > 0 {
				continue
			}
			if res, group, ok := told(in, op); ok {
				l := &publishing{p: p, b: b, op: op, res: res, group: group}
				out = append(out, l.faults()...)
			}
		}
	}
	return out
}

// A publishing is an operation that tells others that something is ready.
type publishing struct {
	p     *summary.Package
	b     *lockset.Body
	op    *lockset.Op
	res   lockset.Resource // the channel, the group or the context
	group bool
}

// told is what is waited for by whom an operation wakes: the channel, the group or
// the context.
func told(in *view, op *lockset.Op) (res lockset.Resource, group, ok bool) {
	p := in.Package
	switch n := op.Node.(type) {
	case *ast.SendStmt:
		res = p.Namer.Name(n.Chan, lockset.ChanSem)
		return res, false, res.Root != nil && selectOf(p, n) == nil && loopOf(p, n) == nil && isRendezvous(p, n.Chan)
	case *ast.CallExpr:
		if g, ok := groupCall(p, n, "Done"); ok {
			return g, true, true
		}
		if ch := closed(p, n); ch != nil {
			res = p.Namer.Name(ch, lockset.ChanSem)
			return res, false, res.Root != nil
		}
		if ctx := endedBy(in, n); ctx != nil {
			res = p.Namer.Name(n.Fun, lockset.ChanSem)
			if len(res.Fields) == 0 {
				return res, false, false
			}
			res.Fields = append(slices.Clone(res.Fields[:len(res.Fields)-1]), ctx)
			return res, false, true
		}
	}
	return res, false, false
}

// isRendezvous: a channel is seen to be made, and never with a buffer.
func isRendezvous(p *summary.Package, ch ast.Expr) bool {
	c, ok := p.Uses.ChanOf(ch)
	if !ok {
		return false
	}
	makes, complete := p.Uses.Makes(c)
	return complete && len(makes) > 0 && !slices.ContainsFunc(makes, uses.Make.HasRoom)
}

// faults lists the writes behind the operation that come too late.
func (l *publishing) faults() []*Fault {
	var out []*Fault
	for _, w := range l.writes() {
		r := l.p.Namer.Name(w.Lhs[0], lockset.Lock)
		wait, read := l.reader(r)
		if wait == nil {
			continue
		}
		text := types.ExprString(w.Lhs[0])
		out = append(out, &Fault{
			Pkg: l.p, Body: l.b, Sort: LatePublish, Node: w, Level: Hazard, Resource: text,
			What:  text + " is written behind " + l.text() + ": who was woken may read it before",
			Peer:  []Frame{{wait.Pos(), "waits for it"}, {read.Pos(), "reads " + types.ExprString(read.(ast.Expr))}},
			Spots: []ast.Node{l.op.Node, w},
		})
	}
	return out
}

func (l *publishing) text() string {
	if call, ok := l.op.Node.(*ast.CallExpr); ok {
		return types.ExprString(call)
	}
	return what(l.op.Node)
}

// writes lists the plain assignments that a path leads to from the operation.
func (l *publishing) writes() []*ast.AssignStmt {
	var out []*ast.AssignStmt
	r := newRoute(l.p, l.b.Block)
	r.step = func(n ast.Node, state int) (int, bool) {
		if n.Pos() < l.op.Node.End() {
			return state, false // the next round
		}
		if receives(n) {
			return state, false // it was answered
		}
		as, ok := n.(*ast.AssignStmt)
		if ok && len(as.Lhs) == 1 && as.Tok != token.DEFINE && !l.p.Src.Info.Types[as.Rhs[0]].IsNil() && l.isFirst(as) && !l.isHeld(as) && !l.isNew(as) && !slices.Contains(out, as) {
			out = append(out, as)
		}
		return state, true
	}
	if at, ok := r.after(l.op.Node); ok {
		r.from(at, 0)
	}
	slices.SortFunc(out, func(a, b *ast.AssignStmt) int { return int(a.Pos() - b.Pos()) })
	return out
}

// receives reports whether a node receives something.
func receives(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		_, lit := m.(*ast.FuncLit)
		u, ok := m.(*ast.UnaryExpr)
		found = found || ok && u.Op == token.ARROW
		return !lit && !found
	})
	return found
}

// isNew: the function made the object, and starts nobody before an assignment.
func (l *publishing) isNew(as *ast.AssignStmt) bool {
	v, ok := l.res.Root.(*types.Var)
	if !ok || len(l.res.Fields) == 0 || v.IsField() {
		return false
	}
	ws := l.p.Uses.Writes(v)
	if len(ws) == 0 || ws[0].Kind != uses.Init || ws[0].Value == nil || !allocates(l.p.Src.Info, ws[0].Value) {
		return false
	}
	starts := false
	ast.Inspect(l.b.Block, func(n ast.Node) bool {
		_, isGo := n.(*ast.GoStmt)
		starts = starts || isGo && n.Pos() < as.Pos()
		return !starts
	})
	return !starts
}

// isFirst: an assignment is to something beside what is waited for, and no other
// assignment of the body comes before.
func (l *publishing) isFirst(as *ast.AssignStmt) bool {
	r := l.p.Namer.Name(as.Lhs[0], lockset.Lock)
	v, ok := r.Field().(*types.Var)
	if !ok || len(r.Fields) > 0 && !r.Stable || r.Key() == l.res.Key() || !l.beside(r, l.res) {
		return false
	}
	return !slices.ContainsFunc(l.p.Uses.Writes(v), func(w uses.Write) bool {
		return w.Node.Pos() < l.op.Node.Pos() && (w.Kind != uses.Init || v.IsField()) && bodyOf(l.p, w.Node) == l.b
	})
}

// beside: two fields of one object, or two variables that a function and its
// literals share.
func (l *publishing) beside(a, b lockset.Resource) bool {
	if len(a.Fields) > 0 || len(b.Fields) > 0 {
		return besides(a, b)
	}
	return isCaptured(l.b, a.Root) && isCaptured(l.b, b.Root)
}

// isCaptured: a literal captures the variable.
func isCaptured(b *lockset.Body, v types.Object) bool {
	return v != nil && (v.Pos() < b.Fn.Pos() || v.Pos() > b.Fn.End()) && b.Decl.Pos() <= v.Pos() && v.Pos() < b.Decl.End()
}

// isHeld: a lock is held at the operation and at an assignment.
func (l *publishing) isHeld(as *ast.AssignStmt) bool {
	state, ok := l.b.Before(as)
	return !ok || slices.ContainsFunc(state.Held(), func(h lockset.Held) bool {
		_, held := l.op.State.Find(h.Key())
		return held && !h.Sort.IsToken()
	})
}

// reader finds a wait for what the operation tells, and a read of what is written,
// of the same object, that a path leads to from there.
func (l *publishing) reader(written lockset.Resource) (wait, read ast.Node) {
	for _, b := range l.p.Bodies() {
		if b == l.b {
			continue
		}
		for _, op := range b.Ops {
			for _, n := range l.waits(op) {
				r, ok := l.waited(n)
				if !ok || r.Field() != l.res.Field() {
					continue
				}
				if at := l.readBehind(b, n, r, written); at != nil {
					return n, at
				}
			}
		}
	}
	return nil, nil
}

// waits lists the waits of an operation.
func (l *publishing) waits(op *lockset.Op) []ast.Node {
	if l.group {
		return []ast.Node{op.Node}
	}
	return comms(op.Node)
}

// waited is what a node waits for.
func (l *publishing) waited(n ast.Node) (lockset.Resource, bool) {
	if l.group {
		return groupCall(l.p, n, "Wait")
	}
	u, ok := n.(*ast.UnaryExpr)
	if !ok {
		return lockset.Resource{}, false
	}
	if e, ok := endingOf(l.p, u); ok {
		return e.res, true
	}
	return l.p.Namer.Name(u.X, lockset.ChanSem), true
}

// readBehind finds a read of what was written behind a wait, unless it is written
// anew before.
func (l *publishing) readBehind(b *lockset.Body, wait ast.Node, r, written lockset.Resource) ast.Node {
	field, _ := written.Field().(*types.Var)
	var reads []ast.Node
	for _, n := range l.p.Uses.Reads(field) {
		e, ok := n.(ast.Expr)
		if !ok || bodyOf(l.p, n) != b || n.Pos() < wait.End() {
			continue
		}
		if got := l.p.Namer.Name(e, lockset.Lock); len(got.Fields) == 0 || besides(got, r) {
			reads = append(reads, n)
		}
	}
	if len(reads) == 0 {
		return nil
	}
	var found ast.Node
	route := newRoute(l.p, b.Block)
	route.step = func(n ast.Node, state int) (int, bool) {
		i := slices.IndexFunc(reads, func(r ast.Node) bool { return n.Pos() <= r.Pos() && r.End() <= n.End() })
		if i >= 0 && found == nil {
			found = reads[i]
		}
		itself := n.Pos() <= wait.Pos() && wait.End() <= n.End()
		return state, found == nil && (itself || !receives(n))
	}
	if at, ok := route.behind(wait); ok {
		route.from(at, 0)
	}
	return found
}
