package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// createLater makes a context behind the statements that leave without it.
//
//	ctx, cancel := WithCancel(p); if c { return }; A  =>  if c { return }; ctx, cancel := WithCancel(p); A
//
// so long as nothing in between uses it, or the object that keeps it, or changes
// what it is made of. A context that is made later is the same context: it ends
// when its parent has ended.
func createLater(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "create later", Obligation: o}
	}
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	_, fn, _ := hazard.Guarded(f.Pkg, g.call)
	if fn == nil || !timeless[fn.FullName()] {
		return nil, nil
	}
	if as := g.begin.Stmt.(*ast.AssignStmt); as.Tok != token.DEFINE && g.member == "" {
		return refuse(refuted("names", "the variable is known before", as))
	}
	if at := g.seenBefore(); at != nil {
		return refuse(refuted("operands", "a function that stands before sees the context", at))
	}
	if hasGoto(g.block) {
		return refuse(refuted("region", "a goto jumps in the function", g.block))
	}
	last, o := g.lastLeave(f.Spots[1:])
	if o != nil {
		return refuse(*o)
	}
	between := g.begin.List[g.begin.Index+1 : last+1]
	for _, st := range between {
		if g.touched(st) {
			return refuse(refuted("operands", "it is used before the path leaves", st))
		}
		if at := g.jumpsOut(st, false); at != nil {
			return refuse(refuted("region", "the path may go on elsewhere", at))
		}
	}
	for _, arg := range g.call.Args {
		if !g.staysSame(arg, between) {
			return refuse(refuted("operands", types.ExprString(arg)+" may be another one later", arg))
		}
	}
	plan := g.plan("create later", "make it behind what leaves without it", []Obligation{
		proved("region", "every path that leaves does so before it is made"),
		proved("operands", "nothing in between uses it, or changes what it is made of"),
		proved("names", "its names are used behind it only"),
	})
	plan.Steps = []Step{Move{Stmts: []ast.Stmt{g.begin.Stmt}, At: Place{After: g.begin.List[last]}}}
	return plan, nil
}

// touched: a statement has the context or what cancels it, or the object that keeps
// them; another field of that is nobody's business.
func (g *handout) touched(st ast.Stmt) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && g.member != "" && g.variable(sel.X) == g.v {
			s := g.info.Selections[sel]
			found = found || s == nil || s.Kind() != types.FieldVal || sel.Sel.Name == g.member || sel.Sel.Name == g.withMember
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			v, _ := g.info.ObjectOf(id).(*types.Var)
			found = found || v != nil && (v == g.v || v == g.with)
		}
		return !found
	})
	return found
}

// seenBefore is a use of the context's variable in a literal ahead of the
// statement, which may run in between.
func (g *handout) seenBefore() ast.Node {
	if g.with == nil {
		return nil
	}
	for _, r := range g.u.Reads(g.with) {
		if r.Pos() < g.begin.Stmt.Pos() && g.u.Enclosing(r) != g.fn {
			return r
		}
	}
	return nil
}

// timeless are the functions that make the same thing a little later.
var timeless = map[string]bool{
	"context.WithCancel": true, "context.WithCancelCause": true, "golang.org/x/sync/errgroup.WithContext": true,
}

// lastLeave is the index of the last statement of the list in which a path leaves.
func (g *handout) lastLeave(leaves []ast.Node) (last int, o *Obligation) {
	for _, at := range leaves {
		ret, ok := at.(*ast.ReturnStmt)
		found := -1
		for i, st := range g.begin.List {
			if ok && i > g.begin.Index && contains(st, ret) {
				found = i
			}
		}
		if found < 0 {
			o := refuted("region", "the path does not leave by a return of the statements behind it", at)
			return 0, &o
		}
		last = max(last, found)
	}
	if last == len(g.begin.List)-1 {
		o := refuted("region", "nothing stands behind what leaves", g.begin.List[last])
		return 0, &o
	}
	return last, nil
}

// staysSame: an argument is a context that never ends, or a local variable that nobody
// changes in between.
func (g *handout) staysSame(arg ast.Expr, between []ast.Stmt) bool {
	if g.pkg.Endless(arg) {
		return true
	}
	v := g.variable(arg)
	if v == nil || isPackageLevel(v) {
		return false
	}
	for _, w := range g.u.Writes(v) {
		if w.Fn != g.fn {
			return false
		}
		for _, st := range between {
			if contains(st, w.Node) {
				return false
			}
		}
	}
	return true
}
