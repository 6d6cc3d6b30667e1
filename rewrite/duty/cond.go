package duty

import (
	"go/ast"
	"go/token"
	"go/types"
)

// cond evaluates a condition: the states where it is true and where it is false.
func (w *walk) cond(e ast.Expr, s state) (yes, no []state) {
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			no, yes = w.cond(x.X, s)
			return yes, no
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND:
			left, leftNo := w.cond(x.X, s)
			for _, l := range left {
				y, n := w.cond(x.Y, l)
				yes, no = append(yes, y...), append(no, n...)
			}
			return yes, append(no, leftNo...)
		case token.LOR:
			leftYes, left := w.cond(x.X, s)
			for _, l := range left {
				y, n := w.cond(x.Y, l)
				yes, no = append(yes, y...), append(no, n...)
			}
			return append(yes, leftYes...), no
		}
	}
	if contains(e, w.Begin) && w.Fallible && !w.inLiteral(e) {
		return w.outcome(e, s)
	}
	for _, s := range w.node(nil, e, s) {
		y, n := w.test(e, s)
		yes, no = append(yes, y...), append(no, n...)
	}
	return yes, no
}

// outcome is a condition that begins the duty: mu.TryLock(), sem.Acquire(ctx, 1) != nil.
func (w *walk) outcome(e ast.Expr, s state) (yes, no []state) {
	if s.begun {
		w.again(s)
	}
	got, failed := s, s
	got.begun, got.held, got.took = true, 0, 0
	failed.begun = false
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.NEQ {
		return []state{failed}, []state{got} // err != nil
	}
	return []state{got}, []state{failed}
}

// test splits a state by a condition, and drops the side that contradicts what
// is known.
func (w *walk) test(e ast.Expr, s state) (yes, no []state) {
	t := w.asked(e)
	value, known := s.get(t.fact)
	switch {
	case known && value != t.not:
		return []state{s}, nil
	case known:
		return nil, []state{s}
	case t.fact >= 0:
		return []state{w.facts.set(s, t.fact, !t.not)}, []state{w.facts.set(s, t.fact, t.not)}
	}
	// What is known to be nil is no particular error, and a function that asks about an
	// error says no.
	if value, known := s.get(t.noError); known && value {
		if t.not {
			return []state{s}, nil
		}
		return nil, []state{s}
	}
	return []state{s}, []state{s}
}

func isError(t types.Type) bool { return t != nil && types.TypeString(t, nil) == "error" }

// asksDeadline is the variable that a statement has told whether a context has a
// deadline: ok, after _, ok := ctx.Deadline().
func asksDeadline(info *types.Info, n ast.Node, ctx types.Object) *types.Var {
	as, ok := n.(*ast.AssignStmt)
	if !ok || ctx == nil || len(as.Lhs) != 2 || len(as.Rhs) != 1 {
		return nil
	}
	call, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Deadline" || object(info, sel.X) != ctx {
		return nil
	}
	v, _ := object(info, as.Lhs[1]).(*types.Var)
	return v
}
