package fix

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// exclusive are methods that lose their meaning when two run at once.
var exclusive = pattern.New(`^(Write|Read|Encode|Decode|Flush|Send|Recv|Log|Print|Append|Next|Scan|Marshal|Put|Push|Commit|Begin|Rollback|Exec)`)

// exclusion: the operation did not use the lock to exclude itself.
func (s *section) exclusion(op moved) Obligation {
	lock := s.Acquire.Resource.Expr
	if s.Acquire.Resource.Sort.IsToken() {
		return proved("exclusion", "several may hold a token")
	}
	switch op.Ends {
	case hazard.IO:
		return refuted("exclusion", lock+" may be there to serialise it", op.Op.Node)
	case hazard.Callback:
		if exclusive.MatchString(op.Act.Method) && !s.eachHasOwn(op) {
			return refuted("exclusion", lock+" may be there to serialise "+op.Act.Method, op.Op.Node)
		}
		return assumed("exclusion", "the callback may not expect to run twice at once", op.Op.Node)
	case hazard.Wait, hazard.Sleep, hazard.CondWait, hazard.Acquire:
		return assumed("exclusion", "others may get in during the wait", op.Op.Node)
	}
	if call, ok := op.Op.Node.(*ast.CallExpr); ok && op.Kind == hazard.Call && !s.callee(call).onlySends {
		return assumed("exclusion", "the callee may not expect to run twice at once", op.Op.Node)
	}
	if s.takes(op.Op.Node) {
		return assumed("exclusion", "others may receive in between", op.Op.Node)
	}
	if s.polled(op.Op.Node) {
		return assumed("exclusion", "who looks without waiting may find nothing yet", op.Op.Node)
	}
	return proved("exclusion", "channel operations exclude each other")
}

// polled reports whether a send is on a channel that someone looks into without
// waiting: a drain under the lock, say, which relies on nothing coming later.
func (s *section) polled(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if send, ok := n.(*ast.SendStmt); ok {
			c, known := s.u.ChanOf(send.Chan)
			found = found || known && s.u.Polls(c)
		}
		return !found
	})
	return found
}

// takes reports whether an operation receives from a channel on which something
// is sent.
func (s *section) takes(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.UnaryExpr:
		return !s.onlyClosed(n.X)
	case *ast.RangeStmt:
		return true
	case *ast.SelectStmt:
		for _, c := range n.Body.List {
			comm := c.(*ast.CommClause).Comm
			var e ast.Expr
			switch comm := comm.(type) {
			case *ast.ExprStmt:
				e = comm.X
			case *ast.AssignStmt:
				e = comm.Rhs[0]
			default:
				continue
			}
			if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && !s.neverSent(u.X) {
				return true
			}
		}
	}
	return false
}

// onlyClosed: nothing is ever sent on the channel, it is closed: a receive
// takes nothing from anyone.
func (s *section) onlyClosed(ch ast.Expr) bool {
	c, ok := s.u.ChanOf(ch)
	if !ok {
		return false
	}
	closes, _ := s.u.Closes(c)
	return len(closes) > 0 && s.neverSent(ch)
}

// neverSent: nobody, here or elsewhere, sends on the channel.
func (s *section) neverSent(ch ast.Expr) bool {
	c, ok := s.u.ChanOf(ch)
	return ok && len(s.u.Sends(c)) == 0 && s.u.Escapes(c) == ""
}

// eachHasOwn reports whether the method that a loop calls in the end is one of the
// round's own element: then no two rounds meet in it.
func (s *section) eachHasOwn(op moved) bool {
	call, ok := op.Op.Node.(*ast.CallExpr)
	if !ok || op.Loop == nil {
		return false
	}
	on := s.actsOn(call, op)
	return on != nil && mentionsVar(s.info, on, func(v *types.Var) bool { return s.bornIn(op.Loop, v) })
}

// actsOn is the object whose method a call calls in the end, as the call names it;
// nil where that cannot be told.
func (s *section) actsOn(call *ast.CallExpr, op moved) ast.Expr {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	fns := s.pkg.Callees(call)
	if len(fns) != 1 || s.u.FuncDecl(fns[0]) == nil {
		if !ok {
			return nil
		}
		return sel.X
	}
	var in *ast.SelectorExpr
	ast.Inspect(s.u.FuncDecl(fns[0]), func(n ast.Node) bool {
		if c, ok := n.(*ast.CallExpr); ok && c.Pos() <= op.Act.Pos() && op.Act.Pos() < c.End() {
			in, _ = ast.Unparen(c.Fun).(*ast.SelectorExpr)
		}
		return true
	})
	if in == nil {
		return nil
	}
	root := rootIdent(in.X)
	if root == nil {
		return nil
	}
	sig := fns[0].Signature()
	if ok && sig.Recv() != nil && s.info.Uses[root] == types.Object(sig.Recv()) {
		return sel.X
	}
	for i := range min(sig.Params().Len(), len(call.Args)) {
		if s.info.Uses[root] == types.Object(sig.Params().At(i)) {
			return call.Args[i]
		}
	}
	return nil
}
