package lockset

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// cond evaluates a condition and returns what is held where it is true and
// where it is false. It knows how TryLock, and acquisitions that return an
// error, tell their outcome.
func (w *walker) cond(e ast.Expr, s State) (yes, no State) {
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
			right, rightNo := w.cond(x.Y, left)
			return right, join(leftNo, rightNo)
		case token.LOR:
			leftYes, left := w.cond(x.X, s)
			rightYes, right := w.cond(x.Y, left)
			return join(leftYes, rightYes), right
		case token.EQL, token.NEQ:
			if isNil(w.env.Info, x.Y) {
				return w.compared(x, s)
			}
		}
	case *ast.CallExpr:
		if changes := w.outcome(x, syncapi.Try); changes != nil {
			s = w.operands(x, s)
			w.op(x, s)
			return w.succeeded(x, changes, s), s
		}
	case *ast.Ident:
		if v, ok := w.env.Info.Uses[x].(*types.Var); ok {
			return s.settle(v, true), s.settle(v, false)
		}
	}
	s = w.expr(e, s)
	return s, s
}

// compared evaluates err != nil and err == nil, or the same of a call.
func (w *walker) compared(x *ast.BinaryExpr, s State) (yes, no State) {
	got, failed := s, s
	switch y := ast.Unparen(x.X).(type) {
	case *ast.Ident:
		v, _ := w.env.Info.Uses[y].(*types.Var)
		if v == nil {
			return s, s
		}
		got, failed = w.absent(y, s.settle(v, true)), s.settle(v, false)
	case *ast.CallExpr:
		changes := w.outcome(y, syncapi.Acquire)
		if changes == nil {
			s = w.expr(y, s)
			return s, s
		}
		failed = w.operands(y, s)
		w.op(y, failed)
		got = w.apply(y, changes, failed)
	default:
		s = w.expr(x, s)
		got, failed = w.absent(y, s), s
	}
	if x.Op == token.EQL {
		return got, failed
	}
	return failed, got
}

// absent is the state where a resource is nil: there is none, so that who releases
// it where there is one releases it on every path.
//
//	if s.limiter != nil { s.limiter.Release(1) }
func (w *walker) absent(e ast.Expr, s State) State {
	t := w.env.Info.TypeOf(e)
	if t == nil || s.dead || !isPath(e) {
		return s
	}
	sort := Lock
	if !syncapi.IsLock(t) {
		if sort = Semaphore; !syncapi.IsSemaphore(t) {
			return s
		}
	}
	r := w.env.Namer.Name(e, sort)
	if _, ok := s.Find(r.key); ok {
		return s.without(r.key)
	}
	return s.drop(r)
}

// outcome returns the changes of a call that may fail, if it is such a call.
func (w *walker) outcome(call *ast.CallExpr, kind syncapi.Kind) []Change {
	_, changes := w.effects(call)
	for _, c := range changes {
		if c.Kind == kind && c.Fallible {
			return changes
		}
	}
	return nil
}

// succeeded does what a call does whose attempts succeed.
func (w *walker) succeeded(call *ast.CallExpr, changes []Change, s State) State {
	s = w.apply(call, changes, s)
	for _, c := range changes {
		if c.Kind == syncapi.Try {
			s = s.sure(c.Resource.key)
		}
	}
	return s
}

// bind ties fallible acquisitions to the variable that tells their outcome, and
// tokens to the variable that they are assigned to.
func (w *walker) bind(lhs, rhs []ast.Expr, s State) State {
	for _, e := range lhs {
		s = s.forget(w.variable(e))
	}
	if len(rhs) != 1 || len(lhs) == 0 {
		return s
	}
	call, ok := ast.Unparen(rhs[0]).(*ast.CallExpr)
	if !ok {
		return s
	}
	eff, changes := w.effects(call)
	v := w.variable(lhs[len(lhs)-1])
	s = w.handles(call, eff, lhs, s)
	for _, c := range changes {
		if i, ok := search(s.held, c.Resource.key); ok && c.Fallible && c.Kind != syncapi.Release && v != nil {
			h := s.held[i]
			h.guard = v
			s = s.with(h)
		}
	}
	return s
}

// variable is the variable that an expression is, nil if it is none.
func (w *walker) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := w.env.Info.ObjectOf(id).(*types.Var)
	return v
}

// handles starts the tokens and locks that a call hands out, under the name they got. The
// last of several results says whether there is one.
func (w *walker) handles(call *ast.CallExpr, eff Effect, lhs []ast.Expr, s State) State {
	var guard *types.Var
	if len(lhs) > 1 {
		guard = w.variable(lhs[len(lhs)-1])
	}
	for i := range lhs {
		for _, h := range eff.Handles[i] {
			id, ok := ast.Unparen(lhs[i]).(*ast.Ident)
			if !ok || id.Name == "_" || s.dead {
				continue
			}
			c := Change{Kind: syncapi.Acquire, Resource: w.env.Namer.Name(id, h.Sort), Fallible: len(lhs) > 1}
			s = s.acquire(w.out.acquisition(call, c, w.lits), true, guard)
		}
	}
	return s
}

func isNil(info *types.Info, e ast.Expr) bool {
	tv, ok := info.Types[e]
	return ok && tv.IsNil()
}
