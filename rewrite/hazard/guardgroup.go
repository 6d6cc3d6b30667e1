package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// parentEnds: the context that the call is given is one of those that somebody has
// to cancel; that it is, is looked at there.
func (x *guarded) parentEnds() bool {
	v := x.contextVar(x.call)
	return v != nil && slices.ContainsFunc(x.p.Uses.Writes(v), func(w uses.Write) bool {
		as, ok := w.Node.(*ast.AssignStmt)
		if !ok || len(as.Rhs) != 1 || w.Node == x.stmt {
			return false
		}
		call, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
		if !ok {
			return false
		}
		g, _, ok := Guarded(x.p, call)
		return ok && g.With == 0
	})
}

// endsWithParent: a path leaves because an acquisition failed that waited for as
// long as the parent of the group's context lives: what the group runs is told so.
func (x *guarded) endsWithParent(l duty.Leak) bool {
	test, ok := x.p.Uses.Parent(x.p.Uses.StmtOf(l.At).Owner).(*ast.IfStmt)
	if !ok || test.Init == nil {
		return false
	}
	as, ok := test.Init.(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 {
		return false
	}
	call, ok := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 || x.contextVar(call) == nil || x.contextVar(call) != x.contextVar(x.call) {
		return false
	}
	if fn := called(x.p.Src.Info, call); fn != nil && fn.FullName() == "(*golang.org/x/time/rate.Limiter).Wait" {
		return true
	}
	return slices.ContainsFunc(x.p.Changes(call), func(c lockset.Change) bool { return c.Kind == syncapi.Acquire })
}

// contextVar is the variable that a call has its context from; nil if none.
func (x *guarded) contextVar(call *ast.CallExpr) *types.Var {
	if len(call.Args) == 0 {
		return nil
	}
	id, ok := ast.Unparen(call.Args[0]).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := x.p.Src.Info.Uses[id].(*types.Var)
	return v
}
