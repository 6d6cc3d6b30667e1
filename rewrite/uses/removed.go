package uses

import (
	"go/ast"
	"go/types"
)

// removed proves a send to an object that is taken out of the only collection
// that it can be found in, under the lock of the collection's owner:
//
//   - each object is put into the collection at most once: one place puts them
//     in, right where it makes them;
//   - nothing else holds the elements: the collection is hidden and never
//     copied but to be emptied;
//   - the element goes out in the list of the send, or the whole collection
//     before or after the loop around it.
func (x *Index) removed(s sending) string {
	if !x.lone(s) {
		return ""
	}
	elem := x.root(s.stmt.Chan)
	if !s.c.Elem && !x.directField(s.stmt.Chan) || elem == nil || len(x.writesOf(elem)) != 1 {
		return ""
	}
	w := x.writesOf(elem)[0]
	take, ok := x.takenFrom(w)
	if !ok || take.field == nil || !x.insertedOnce(take.field) {
		return ""
	}
	if !x.goesOut(s.stmt, w, take) {
		return ""
	}
	return s.name + " is sent to once: its holder leaves " + take.field.Name() + " in the same section"
}

// directField reports whether e is v.f.
func (x *Index) directField(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	_, ok = ast.Unparen(sel.X).(*ast.Ident)
	return ok
}

// A take is one way of getting an element out of a collection.
type take struct {
	field *types.Var // the collection
	expr  ast.Expr   // as it is written where the owner is known: o.waiters
	key   ast.Expr   // nil: none
	loop  *ast.RangeStmt
	alias ast.Node // the declaration that copied the collection; nil
}

func (x *Index) takenFrom(w Write) (take, bool) {
	var t take
	switch n := w.Node.(type) {
	case *ast.RangeStmt:
		t = take{expr: n.X, loop: n, key: n.Key}
		if v := x.varOf(n.Value); n.Value == nil || v == nil || len(x.writesOf(v)) != 1 || x.writesOf(v)[0].Node != w.Node {
			t.key = nil
		}
	default:
		ix, ok := unparen(w.Value).(*ast.IndexExpr)
		if !ok || w.Kind != Init {
			return t, false
		}
		t = take{expr: ix.X, key: ix.Index}
	}
	v := x.varOf(t.expr)
	if v != nil && !v.IsField() {
		ws := x.writesOf(v)
		if len(ws) != 1 || ws[0].Kind != Init || ws[0].Value == nil {
			return t, false
		}
		t.alias, t.expr = ws[0].Node, ws[0].Value
		v = x.varOf(t.expr)
	}
	if v == nil || !v.IsField() || !x.directField(t.expr) {
		return t, false // of an object behind another, its owner's lock says nothing
	}
	t.field = v
	return t, true
}

func unparen(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	return ast.Unparen(e)
}

// goesOut reports whether the element that w took is out of its collection
// before the section ends.
func (x *Index) goesOut(send *ast.SendStmt, w Write, t take) bool {
	owner := x.root(t.expr)
	if t.alias != nil {
		from := x.StmtOf(t.alias)
		to := x.StmtOf(w.Node)
		if t.loop == nil || from.Owner != to.Owner || from.Stmt == nil {
			return false
		}
		// ws := o.waiters; o.waiters = nil; for _, w := range ws { … }
		for i := from.Index + 1; i < to.Index; i++ {
			if x.renews(from.List[i], t.expr) && x.straight(from.List, from.Index, i) && x.excludes(from.List[i], owner) {
				return x.perTurn(send, t.loop)
			}
		}
		return false
	}
	if !x.excludes(send, owner) {
		return false
	}
	p := x.StmtOf(send)
	if t.key != nil && !blank(t.key) {
		for i, s := range p.List {
			if (x.deletes(s, t) || x.pops(s, t)) && x.straight(p.List, i, p.Index) && x.sameTurn(p, w, t) {
				return true
			}
		}
	}
	if t.loop == nil || !x.runsThrough(t.loop.Body) || !x.perTurn(send, t.loop) {
		return false
	}
	p = x.StmtOf(t.loop)
	for i := p.Index + 1; i < len(p.List); i++ {
		if x.empties(p.List[i], t.expr) {
			return x.straight(p.List, p.Index+1, i)
		}
	}
	return false
}

// perTurn reports whether the send runs at most once in a turn of the loop.
func (x *Index) perTurn(send *ast.SendStmt, loop *ast.RangeStmt) bool {
	return x.within(send, loop.Body) && x.loop(send, loop) == nil
}

// sameTurn reports whether send and removal, in the list p, run once for each
// time that the element is taken.
func (x *Index) sameTurn(p Place, w Write, t take) bool {
	if t.loop != nil {
		return x.within(p.Stmt, t.loop.Body) && x.loop(p.Stmt, t.loop) == nil
	}
	from := x.StmtOf(w.Node)
	return from.Stmt != nil && x.within(p.Stmt, from.Owner) && x.loop(p.Stmt, from.Owner) == nil &&
		x.keeps(from.Stmt, p.Stmt, x.root(t.expr))
}

// keeps reports whether no lock of owner is given up between two statements of
// a function, but on a way out.
func (x *Index) keeps(from, to ast.Stmt, owner *types.Var) bool {
	for _, call := range x.allCalls {
		if call.Pos() < from.Pos() || call.Pos() > to.Pos() || x.fn(call) != x.fn(to) {
			continue
		}
		if _, name := x.lockCall(call, owner); name == "Unlock" && !x.deferred(call) && !x.leaves(x.StmtOf(call)) {
			return false
		}
	}
	return true
}
