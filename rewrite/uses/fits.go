package uses

import (
	"go/ast"
	"go/types"
	"slices"
)

// A sending is a send together with what is known of its channel.
type sending struct {
	stmt  *ast.SendStmt
	c     Chan
	name  string // the channel as the source has it
	cap   int64  // the least capacity, when all are constant
	fixed bool
}

// A proof shows that a send finds room in its channel; "" if it cannot, else
// why it does.
type proof func(*Index, sending) string

// proofs are tried in order. Each holds for a channel whose makes are all known
// and on which nobody else can send: another reason why a send fits is another
// function here.
var proofs = []proof{(*Index).counted, (*Index).turnwise, (*Index).drained, (*Index).flagged, (*Index).removed}

// SendFits reports whether the capacity of the channel provably suffices for
// the send, so that it cannot block, and why or why not. A send under a lock is
// taken to exclude itself where the lock is seen to be taken.
func (x *Index) SendFits(send *ast.SendStmt) (ok bool, why string) {
	x.drawn()
	if x.nonBlocking(send) {
		return true, "the select has a default"
	}
	if why := x.unpublished(send); why != "" {
		return true, why
	}
	s := sending{stmt: send, name: types.ExprString(send.Chan)}
	if s.c, ok = x.ChanOf(send.Chan); !ok {
		return false, "nothing is known of the channel " + s.name
	}
	makes, why := x.sources(s.c)
	switch {
	case why != "":
		return false, "the capacity of " + s.name + " is not known: " + why
	case len(makes) == 0:
		return false, s.name + " is never made"
	}
	s.fixed, s.cap = true, makes[0].Cap
	for _, m := range makes {
		if m.CapKnown && m.Cap == 0 {
			return false, s.name + " is unbuffered" + x.where(m.Node)
		}
		s.fixed = s.fixed && m.CapKnown
		s.cap = min(s.cap, m.Cap)
	}
	if why := x.Escapes(s.c); why != "" {
		return false, "others may send on " + s.name + ": " + why
	}
	for _, prove := range proofs {
		if why := prove(x, s); why != "" {
			return true, why
		}
	}
	return false, "nothing shows that " + s.name + " has room"
}

// nonBlocking reports whether a send is a case of a select with default.
func (x *Index) nonBlocking(send *ast.SendStmt) bool {
	clause, ok := x.up.of(send).(*ast.CommClause)
	if !ok || clause.Comm != send {
		return false
	}
	sel, ok := x.up.of(x.up.of(clause)).(*ast.SelectStmt)
	return ok && hasDefault(sel)
}

func hasDefault(sel *ast.SelectStmt) bool {
	return slices.ContainsFunc(sel.Body.List, func(s ast.Stmt) bool {
		c, ok := s.(*ast.CommClause)
		return ok && c.Comm == nil
	})
}

// unpublished proves a send into a channel that its function has just made and
// nobody else knows yet:
//
//   - the channel is a local variable, or a field of a local object, set to a
//     make of constant capacity where the variable is declared;
//   - up to the send, the channel is used for nothing but sends, the object for
//     nothing but the selection of fields, and neither in a closure;
//   - there are no more sends on a path than there is room.
func (x *Index) unpublished(send *ast.SendStmt) string {
	made, cap := x.madeHere(send)
	if made == nil || cap < 1 {
		return ""
	}
	decl := x.StmtOf(made)
	if decl.Stmt == nil || x.loop(send, decl.Owner) != nil || !x.within(send, decl.Owner) {
		return ""
	}
	k := x.counter(func(s *ast.SendStmt) bool {
		return s.Pos() <= send.Pos() && sameExpr(s.Chan, send.Chan)
	})
	if n := k.list(decl.Rest()).most(); n > cap || !k.seen[send] {
		return ""
	}
	return types.ExprString(send.Chan) + " was made" + x.where(made) + " and nobody else knows it yet"
}

// madeHere returns the declaration and the constant capacity of the channel of
// send, if it is unknown to others up to there.
func (x *Index) madeHere(send *ast.SendStmt) (ast.Node, int64) {
	var value ast.Expr
	var local, held *types.Var
	switch e := ast.Unparen(send.Chan).(type) {
	case *ast.Ident:
		local = x.varOf(e)
		held = local
	case *ast.SelectorExpr:
		id, ok := ast.Unparen(e.X).(*ast.Ident)
		if !ok {
			return nil, 0
		}
		local, held = x.varOf(id), x.varOf(e)
	}
	if local == nil || held == nil {
		return nil, 0
	}
	ws := x.writesOf(local)
	if len(ws) == 0 || ws[0].Kind != Init || ws[0].Fn == nil || ws[0].Fn != x.fn(send) {
		return nil, 0
	}
	if held == local {
		if len(ws) > 1 {
			return nil, 0
		}
		value = ws[0].Value
	} else if x.unshared(local, send) {
		value = x.fieldValue(held, ws[0].Value)
	}
	cap, ok := x.roomOf(value)
	if !ok || !x.onlySent(held, local, send) {
		return nil, 0
	}
	return ws[0].Node, cap
}

// fieldValue returns what a composite literal sets a field to, if nothing else
// ever sets the field of that object.
func (x *Index) fieldValue(field *types.Var, e ast.Expr) ast.Expr {
	lit := x.composite(e)
	var value ast.Expr
	for _, w := range x.writesOf(field) {
		switch {
		case w.Kind != Init:
			return nil
		case w.Node == lit || x.up.of(w.Node) == lit:
			value = w.Value
		}
	}
	return value
}

// roomOf returns the constant capacity of a make.
func (x *Index) roomOf(e ast.Expr) (int64, bool) {
	if e == nil {
		return 0, false
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || x.builtin(call) != "make" {
		return 0, false
	}
	m := x.makeOf(call)
	return m.Cap, m.CapKnown
}

// onlySent reports whether, up to the send, the channel in held of the object
// local is used for nothing but sends, outside of closures.
func (x *Index) onlySent(held, local *types.Var, send *ast.SendStmt) bool {
	for _, r := range x.readsOf(held) {
		e, ok := r.(ast.Expr)
		if !ok || r.Pos() > send.Pos() || x.root(e) != local {
			continue
		}
		if s, ok := x.up.of(e).(*ast.SendStmt); !ok || s.Chan != e || x.fn(e) != x.fn(send) {
			return false
		}
	}
	return true
}

func (x *Index) within(n, outer ast.Node) bool {
	for ; n != nil; n = x.up.of(n) {
		if n == outer {
			return true
		}
	}
	return false
}

// drained proves a send that makes its own room:
//
//		select { case <-ch: default: }
//		ch <- v
//
//	  - every send on the channel is of this form or has a default;
//	  - all of them stand under one lock, taken from the object of the channel,
//	    so that nobody fills the room in between.
func (x *Index) drained(s sending) string {
	if !s.fixed || s.c.Elem || !x.exclusive(s.c.Var) {
		return ""
	}
	var common []*types.Var
	for i, send := range x.Sends(s.c) {
		if !x.directField(send.Chan) || !x.nonBlocking(send) && !x.drains(send) {
			return ""
		}
		locks := x.locks(send, x.root(send.Chan))
		if i == 0 {
			common = locks
			continue
		}
		common = slices.DeleteFunc(common, func(l *types.Var) bool { return !slices.Contains(locks, l) })
	}
	if len(common) == 0 || !x.drains(s.stmt) {
		return ""
	}
	return s.name + " is drained right before, under " + common[0].Name()
}

// drains reports whether the statement before send empties a place.
func (x *Index) drains(send *ast.SendStmt) bool {
	p := x.StmtOf(send)
	if p.Stmt != ast.Stmt(send) || p.Index == 0 {
		return false
	}
	sel, ok := p.List[p.Index-1].(*ast.SelectStmt)
	if !ok || len(sel.Body.List) != 2 || !hasDefault(sel) {
		return false
	}
	for _, c := range sel.Body.List {
		c := c.(*ast.CommClause)
		if len(c.Body) > 0 {
			return false
		}
		if c.Comm == nil {
			continue
		}
		var e ast.Expr
		switch comm := c.Comm.(type) {
		case *ast.ExprStmt:
			e = comm.X
		case *ast.AssignStmt:
			e = comm.Rhs[0]
		}
		if e == nil || !isArrow(e) || !sameExpr(ast.Unparen(e).(*ast.UnaryExpr).X, send.Chan) {
			return false
		}
	}
	return true
}
