package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// cancelGroup gives a group a context that ends with the function.
//
//	g, ctx := WithContext(p); A  =>  ctx, cancel := context.WithCancel(p); defer cancel(); g, ctx := WithContext(ctx); A
//
// so long as the function waits for the group on other paths, gives it to nobody,
// and is in no loop there. What the group still runs when a path leaves is told to
// end, which is assumed to be meant (liveness).
func cancelGroup(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "cancel the group", Obligation: o}
	}
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	as := g.begin.Stmt.(*ast.AssignStmt)
	if o := g.canDeferHere(); o != nil {
		return refuse(*o)
	}
	if as.Tok != token.DEFINE || g.with == nil {
		return refuse(refuted("names", "the statement declares nothing", as))
	}
	if !g.waitedFor() {
		return refuse(refuted("not-needed", "the function waits for it on no path", as))
	}
	if why, at := g.handedOut(); why != "" {
		return refuse(refuted("once", why, at))
	}
	if !g.importsContext(as.Pos()) {
		return refuse(refuted("names", "context is not known there", as))
	}
	ctx, cancel := g.fresh("cancelled"), g.fresh("cancel")
	plan := g.plan("cancel the group", "cancel what "+g.v.Name()+" runs when the function returns", []Obligation{
		proved("region", "the deferred call is registered before any path leaves"),
		proved("once", "Wait has ended the context on the other paths"),
		proved("defer", "it is in no loop"),
		proved("names", ctx+" and "+cancel+" are free"),
		assumed("liveness", "what "+g.v.Name()+" runs is not needed when a path leaves without it", f.Spots[1]),
	})
	plan.Steps = []Step{
		Insert{At: Place{Before: as}, Code: Code{Text: ctx + ", " + cancel + " := context.WithCancel(_1_)\ndefer " + cancel + "()", Args: []ast.Expr{g.call.Args[0]}}},
		Replace{Old: g.call.Args[0], Code: Code{Text: ctx}},
	}
	return plan, nil
}

// waitedFor: the function calls Wait of the group.
func (g *handout) waitedFor() bool {
	for _, e := range g.uses(g.v, g.member) {
		if sel, ok := g.u.Parent(e).(*ast.SelectorExpr); ok && sel.Sel.Name == "Wait" {
			return true
		}
	}
	return false
}

// importsContext: the name context means the package.
func (g *handout) importsContext(pos token.Pos) bool {
	_, obj := g.info.Scopes[g.file.Syntax].Innermost(pos).LookupParent("context", pos)
	name, ok := obj.(*types.PkgName)
	return ok && name.Imported().Path() == "context"
}
