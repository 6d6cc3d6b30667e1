package uses

import (
	"go/ast"
)

// Room says what capacity a channel needs so that no send on it ever waits: n,
// or as many as size counts when size is not nil. It holds for the channels of
// one local variable that is made where it is declared, once for each run of its
// block; others and channels that escape have none.
func (x *Index) Room(c Chan) (n int64, size ast.Expr, ok bool) {
	x.drawn()
	decl, made := x.declaration(c)
	if made == nil || x.Escapes(c) != "" {
		return 0, nil, false
	}
	sends := x.Sends(c)
	if n := x.mostSends(c, decl, made, nil); n < symbolic && n >= 0 {
		return n, nil, true
	}
	for _, send := range sends {
		for m := x.up.of(send); m != nil && m != decl.Owner; m = x.up.of(m) {
			bound := x.turns(m)
			if v := x.size(bound); v != nil && x.settled(v, made) {
				if n := x.mostSends(c, decl, made, bound); n <= symbolic && n >= 0 {
					return 0, bound, true
				}
			}
		}
	}
	return 0, nil, false
}

// turns returns what says how often a loop repeats, nil for anything else.
func (x *Index) turns(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.RangeStmt:
		return n.X
	case *ast.ForStmt:
		return x.upTo(n)
	}
	return nil
}

// declaration returns the statement that declares and makes a local channel.
func (x *Index) declaration(c Chan) (Place, *ast.CallExpr) {
	ws := x.writesOf(c.Var)
	if c.Elem || c.Var.IsField() || len(ws) != 1 || ws[0].Kind != Init || ws[0].Fn == nil || ws[0].Value == nil {
		return Place{}, nil
	}
	call, ok := ast.Unparen(ws[0].Value).(*ast.CallExpr)
	if !ok || x.builtin(call) != "make" {
		return Place{}, nil
	}
	decl := x.StmtOf(ws[0].Node)
	if decl.Stmt == nil || !declares(decl.Stmt, ws[0].Node) {
		return Place{}, nil
	}
	return decl, call
}

// mostSends returns the most sends on any path behind the declaration of a
// channel; -1 when not all of its sends stand there. A loop that repeats as
// often as room counts is symbolic.
func (x *Index) mostSends(c Chan, decl Place, made ast.Node, room ast.Expr) int64 {
	k := x.counter(x.on(c.Var))
	k.arg, k.room, k.made = c.Var, room, made
	n := k.list(decl.Rest()).most()
	for _, send := range x.Sends(c) {
		if !k.seen[send] {
			return -1
		}
	}
	return n
}
