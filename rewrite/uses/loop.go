package uses

import (
	"go/ast"
	"go/token"
	"go/types"
)

// trips returns how often a loop repeats at most.
func (k *counter) trips(loop ast.Stmt) int64 {
	var bound ast.Expr
	switch l := loop.(type) {
	case *ast.RangeStmt:
		bound = l.X
		if a, ok := k.x.typeOf(bound).Underlying().(*types.Array); ok {
			return a.Len()
		}
	case *ast.ForStmt:
		bound = k.x.upTo(l)
	}
	if bound == nil {
		return endless
	}
	if n, ok := k.x.constant(bound); ok {
		return max(n, 0)
	}
	if v := k.x.size(bound); v != nil && k.room != nil && v == k.x.size(k.room) && k.x.settled(v, k.made) {
		return symbolic
	}
	return endless
}

// upTo returns n of a loop of the form for i := 0; i < n; i++, where the body
// leaves i alone.
func (x *Index) upTo(l *ast.ForStmt) ast.Expr {
	init, _ := l.Init.(*ast.AssignStmt)
	cond, _ := l.Cond.(*ast.BinaryExpr)
	post, _ := l.Post.(*ast.IncDecStmt)
	if init == nil || cond == nil || post == nil || len(init.Lhs) != 1 || len(init.Rhs) != 1 || cond.Op != token.LSS || post.Tok != token.INC {
		return nil
	}
	zero, ok := x.constant(init.Rhs[0])
	i := x.varOf(init.Lhs[0])
	if !ok || zero != 0 || i == nil || x.varOf(cond.X) != i || x.varOf(post.X) != i || len(x.writesOf(i)) != 2 {
		return nil
	}
	return cond.Y
}

// size returns the variable that a number of repetitions or a capacity is the
// value of (an integer) or the length of (a slice, len(slice)).
func (x *Index) size(e ast.Expr) *types.Var {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && x.builtin(call) == "len" && len(call.Args) == 1 {
		e = call.Args[0]
	}
	v := x.varOf(e)
	if v == nil || v.IsField() || x.p.Types == nil || v.Parent() == x.p.Types.Scope() {
		return nil
	}
	switch u := v.Type().Underlying().(type) {
	case *types.Slice:
		return v
	case *types.Basic:
		if u.Info()&types.IsInteger != 0 {
			return v
		}
	}
	return nil
}

// settled reports whether v keeps its value, of a slice the length, from n on.
func (x *Index) settled(v *types.Var, n ast.Node) bool {
	for _, w := range x.writesOf(v) {
		if w.Kind == Element {
			continue
		}
		if w.Kind == AddressTaken || w.Kind == Method || w.Fn != x.fn(n) || w.Node.End() > n.Pos() {
			return false
		}
	}
	return true
}
