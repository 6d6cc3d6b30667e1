package uses

import (
	"go/ast"
	"go/token"
	"go/types"
)

// What follows proves sends into a channel that gets at most one value in its
// life. Two things are shown: each channel belongs to one object only, and the
// one place that sends on it runs at most once an object.

// SentOnce reports whether a send provably is the only one that its channel ever
// gets: the holder of the channel is taken out of its collection, or flags it.
func (x *Index) SentOnce(send *ast.SendStmt) bool {
	x.drawn()
	c, ok := x.ChanOf(send.Chan)
	if !ok || x.Escapes(c) != "" {
		return false
	}
	s := sending{stmt: send, c: c, name: types.ExprString(send.Chan), fixed: true}
	return x.flagged(s) != "" || x.removed(s) != ""
}

// OneEach reports whether each element of a collection has a channel of its own,
// which the send is on, and is put into the collection once.
func (x *Index) OneEach(send *ast.SendStmt, collection *types.Var) bool {
	x.drawn()
	c, ok := x.ChanOf(send.Chan)
	if !ok || x.Escapes(c) != "" || !x.insertedOnce(collection) {
		return false
	}
	return c.Elem && c.Var == collection || !c.Elem && x.directField(send.Chan) && x.exclusive(c.Var)
}

// Polls reports whether someone looks into a channel without waiting: by a
// receive in a select with default, or by its length.
func (x *Index) Polls(c Chan) bool {
	for _, n := range x.Receives(c) {
		m := x.up.of(n)
		for ; m != nil; m = x.up.of(m) {
			if _, ok := m.(*ast.CommClause); ok {
				break
			}
			if _, ok := m.(*ast.BlockStmt); ok {
				break
			}
		}
		clause, ok := m.(*ast.CommClause)
		if !ok || !x.within(n, clause.Comm) {
			continue
		}
		if sel, ok := x.up.of(x.up.of(clause)).(*ast.SelectStmt); ok && hasDefault(sel) {
			return true
		}
	}
	for _, n := range x.Reads(c.Var) {
		if sel, ok := x.up.of(n).(*ast.SelectorExpr); ok && sel.Sel == n {
			n = sel
		}
		if call, ok := x.up.of(n).(*ast.CallExpr); ok && x.builtin(call) == "len" && !c.Elem {
			return true
		}
	}
	return false
}

// lone reports whether each channel of s is made for one object alone and s is
// the only send on it.
func (x *Index) lone(s sending) bool {
	sends := x.Sends(s.c)
	if !s.fixed || len(sends) != 1 || sends[0] != s.stmt {
		return false
	}
	if s.c.Elem {
		return s.c.Var.IsField() // removed looks at what is put in
	}
	return x.exclusive(s.c.Var)
}

// exclusive reports whether each channel in a field is made for one object.
func (x *Index) exclusive(field *types.Var) bool {
	if !field.IsField() || x.seen().whole[field] != nil {
		return false
	}
	for _, w := range x.writesOf(field) {
		if w.Kind != Init && w.Kind != Assign || w.Value == nil || !isNil(w.Value) && !x.ownMake(w.Value) {
			return false
		}
	}
	return true
}

// ownMake reports whether e is a new channel that nothing else is set to.
func (x *Index) ownMake(e ast.Expr) bool {
	if _, ok := x.roomOf(e); ok {
		return true
	}
	v := x.varOf(e)
	if v == nil || len(x.writesOf(v)) != 1 || x.writesOf(v)[0].Kind != Init {
		return false
	}
	w := x.writesOf(v)[0]
	if _, ok := x.roomOf(w.Value); !ok || x.loop(e, x.up.of(w.Node)) != nil {
		return false
	}
	stored := 0
	for _, to := range x.flow.fwd[Chan{v, false}] {
		if to.Elem || to.Var.IsField() || x.roles[to.Var] == (role{}) {
			stored++
		}
	}
	return stored == 1
}

// flagged proves a send that the object itself admits once, under its lock:
//
//		if o.done { return }            if o.ch != nil {
//		o.done = true                       o.ch <- v
//		o.ch <- v                           o.ch = nil
//		                                }
//
//	  - nothing ever takes the flag back;
//	  - test, change and send stand in one list, nothing leaves it in between.
func (x *Index) flagged(s sending) string {
	sel, ok := ast.Unparen(s.stmt.Chan).(*ast.SelectorExpr)
	if !ok || s.c.Elem || !x.directField(sel) || !x.lone(s) {
		return ""
	}
	if root := x.root(sel); root == nil || !x.excludes(s.stmt, root) {
		return ""
	}
	return x.Admitted(s.stmt)
}

// Admitted says what lets a send through once, as flagged does but for the lock
// that must exclude others and for other sends: "" where nothing does.
func (x *Index) Admitted(send *ast.SendStmt) string {
	x.build()
	p := x.StmtOf(send)
	sel, ok := ast.Unparen(send.Chan).(*ast.SelectorExpr)
	if !ok || p.Stmt != ast.Stmt(send) {
		return ""
	}
	root, name := x.root(sel), types.ExprString(sel)
	if root == nil || len(x.writesOf(root)) > 1 {
		return ""
	}
	for {
		if guard := x.letsOne(p, sel, root, send, p.Stmt == ast.Stmt(send)); guard != "" {
			return name + " is sent to once: " + guard
		}
		iff, ok := x.up.of(p.Owner).(*ast.IfStmt)
		if !ok || iff.Body != p.Owner {
			return ""
		}
		p = x.StmtOf(iff)
	}
}

// letsOne says what lets a send through once that a place is or that stands in an
// if there; a change behind it counts only in its own list.
func (x *Index) letsOne(p Place, ch *ast.SelectorExpr, root *types.Var, send *ast.SendStmt, own bool) string {
	for i, st := range p.List {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 || i > p.Index && !own {
			continue
		}
		first := p.List[min(i, p.Index)]
		if i > p.Index && !x.straight(p.List, i, p.Index) || !x.keeps(first, send, root) {
			continue
		}
		target, ok := ast.Unparen(as.Lhs[0]).(*ast.SelectorExpr)
		if !ok || !sameExpr(target.X, ch.X) {
			continue
		}
		switch {
		case i > p.Index && isNil(as.Rhs[0]) && sameExpr(target, ch) && x.tested(p, first, root, ch, false):
			return "it is nil afterwards"
		case x.raised(x.varOf(target)) && isTrue(as.Rhs[0]) && x.tested(p, first, root, target, true):
			return types.ExprString(target) + " guards it"
		}
	}
	return ""
}

// raised reports whether a flag, once true, stays so.
func (x *Index) raised(v *types.Var) bool {
	if v == nil || x.outside(v) != "" || x.seen().whole[v] != nil {
		return false
	}
	for _, w := range x.writesOf(v) {
		if w.Kind != Init && (w.Kind != Assign || w.Value == nil || !isTrue(w.Value)) {
			return false
		}
	}
	return true
}

func isTrue(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "true"
}

// tested reports whether a statement of the list of p runs only while the flag
// is false, or, for a channel, while it is not nil: by an if around the list, or
// by one before it that leaves.
func (x *Index) tested(p Place, first ast.Stmt, root *types.Var, e ast.Expr, flag bool) bool {
	if iff, ok := x.up.of(p.Owner).(*ast.IfStmt); ok && iff.Body == p.Owner && open(iff.Cond, e, flag) {
		return x.keeps(iff, first, root)
	}
	for _, s := range p.List {
		if s == first {
			break
		}
		iff, ok := s.(*ast.IfStmt)
		if ok && iff.Else == nil && shut(iff.Cond, e, flag) && goesAway(iff.Body) && x.keeps(iff, first, root) {
			return true
		}
	}
	return false
}

// open reports whether cond holds only if the flag e is false, or the channel e
// not nil.
func open(cond, e ast.Expr, flag bool) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return flag && c.Op == token.NOT && sameExpr(c.X, e)
	case *ast.BinaryExpr:
		if c.Op == token.LAND {
			return open(c.X, e, flag) || open(c.Y, e, flag)
		}
		return !flag && c.Op == token.NEQ && sameExpr(c.X, e) && isNil(c.Y)
	}
	return false
}

// shut reports whether cond holds at least if the flag e is true, or the
// channel e nil.
func shut(cond, e ast.Expr, flag bool) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if c.Op == token.LOR {
			return shut(c.X, e, flag) || shut(c.Y, e, flag)
		}
		return !flag && c.Op == token.EQL && sameExpr(c.X, e) && isNil(c.Y)
	}
	return flag && sameExpr(cond, e)
}

// goesAway reports whether a block ends by leaving the list around it.
func goesAway(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch s := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.BREAK || s.Tok == token.CONTINUE
	}
	return false
}

// straight reports whether the statements i to j of a list, in either order,
// run through: none leaves, and none gives up a lock.
func (x *Index) straight(list []ast.Stmt, i, j int) bool {
	if i > j {
		i, j = j, i
	}
	for _, s := range list[i:min(j+1, len(list))] {
		if !x.through(s) {
			return false
		}
	}
	return true
}

// through reports whether a statement neither leaves the list it stands in nor
// calls an unlock.
func (x *Index) through(s ast.Stmt) bool {
	ok := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			ok = false
		case *ast.CallExpr:
			sel, isSel := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if isSel && (sel.Sel.Name == "Unlock" || sel.Sel.Name == "RUnlock") || x.builtin(n) == "panic" {
				ok = false
			}
		}
		return ok
	})
	return ok
}
