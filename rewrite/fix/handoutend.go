package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// deferEnd defers the end right behind the creation.
//
//	x, err := F(); if err != nil { return }; A  =>  x, err := F(); if err != nil { return }; defer x.Close(); A
//
// so long as nobody but this function has it, so that it ends here anyway; the
// statement is not in a loop; and ending it a second time does nothing.
func deferEnd(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "defer", Obligation: o} }
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	if f.Node != ast.Node(g.call) {
		return refuse(refuted("once", "another variable takes it over", f.Node))
	}
	if o := g.canDeferHere(); o != nil {
		return refuse(*o)
	}
	place, o := g.behindCheck()
	if o != nil {
		return refuse(*o)
	}
	if why, at := g.handedOut(); why != "" {
		return refuse(refuted("once", why, at))
	}
	context, field := g.contextStays(token.NoPos), g.hasField()
	if context.Status == Refuted {
		return refuse(context)
	}
	if field.Status == Refuted {
		return refuse(field)
	}
	plan := g.plan("defer", "defer "+g.text()+" right behind it", []Obligation{
		proved("region", "the deferred call is registered before any path leaves"),
		proved("once", "nobody else has it, and ending it twice is ending it once"),
		proved("defer", "it is in no loop"),
		context,
		field,
	})
	plan.Steps = []Step{Insert{At: place, Code: Code{Text: "defer " + g.text()}}}
	return plan, nil
}

// nameEnd gives what was thrown away a name, and defers it.
//
//	ctx, _ := F(); A  =>  ctx, cancel := F(); defer cancel(); A
//
// so long as nothing that outlives the function waits for the context, and the
// statement is not in a loop.
func nameEnd(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "name and defer", Obligation: o}
	}
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	as := g.begin.Stmt.(*ast.AssignStmt)
	if as.Tok != token.DEFINE {
		return refuse(refuted("names", "the statement declares nothing", as))
	}
	if o := g.canDeferHere(); o != nil {
		return refuse(*o)
	}
	context := g.contextStays(token.NoPos)
	if context.Status == Refuted {
		return refuse(context)
	}
	name, args := g.fresh("cancel"), g.args()
	plan := g.plan("name and defer", "defer "+name+args+" right behind it", []Obligation{
		proved("once", "nobody else can cancel it"),
		proved("defer", "it is in no loop"),
		proved("names", name+" is free"),
		context,
	})
	plan.Steps = []Step{
		Replace{Old: as.Lhs[g.Result], Code: Code{Text: name}},
		Insert{At: Place{After: as}, Code: Code{Text: "defer " + name + args}},
	}
	return plan, nil
}

// endBefore ends it ahead of each return that leaves it.
//
//	x, cancel := F(); o := &T{cancel}; if c { return nil }; return o  =>  …; if c { cancel(); return nil }; return o
//
// so long as every path to these returns has it and has given it to nobody, and
// what they return is not computed by a call.
func endBefore(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "end before leaving", Obligation: o}
	}
	g, o := guardCase(f)
	switch {
	case o != nil:
		return refuse(*o)
	case !g.unchanged(f.Spots[1:]):
		return refuse(refuted("region", "the variable gets other values too", f.Spots[0]))
	case !f.Must:
		return refuse(refuted("region", "some paths come by without it", f.Spots[1]))
	case len(f.Spots)-1 > maxUnlocks:
		return refuse(refuted("region", fmt.Sprintf("%d paths would each have to end it", len(f.Spots)-1), f.Spots[1]))
	}
	obligations := []Obligation{
		proved("region", "every path to there has it, and gave it to nobody"),
		proved("names", "its name means the same there"),
		g.hasField(),
	}
	if obligations[2].Status == Refuted {
		return refuse(obligations[2])
	}
	var steps []Step
	for _, at := range f.Spots[1:] {
		place, o := g.before(at)
		if o != nil {
			return refuse(*o)
		}
		obligations = merge(obligations, g.contextStays(at.Pos()))
		if d := g.derived(at.Pos()); d != nil {
			obligations = merge(obligations, assumed("liveness", "what came of it is not used any more when the path leaves", d))
		}
		steps = append(steps, Insert{At: place, Code: Code{Text: g.text()}})
	}
	if f.Node != ast.Node(g.call) {
		obligations = merge(obligations, assumed("liveness", "what has taken it over is not used any more when the path leaves", f.Node))
	}
	plan := g.plan("end before leaving", "call "+strings.TrimSuffix(g.text(), "()")+" before it "+leavesHow(f.Spots[1]), obligations)
	plan.Steps = steps
	return plan, nil
}

// unchanged: up to where the paths leave, the variable has no other value.
func (g *handout) unchanged(leaves []ast.Node) bool {
	ws := g.u.Writes(g.v)
	if len(ws) == 1 {
		return true
	}
	for _, w := range ws {
		if w.Node == ast.Node(g.begin.Stmt) {
			continue
		}
		for _, at := range leaves {
			if w.Fn != g.fn || w.Node.Pos() < at.End() || g.canDeferHere() != nil {
				return false
			}
		}
	}
	return true
}

// before is the place ahead of a return, or of the next turn of a loop.
func (g *handout) before(at ast.Node) (Place, *Obligation) {
	no := func(name, why string) (Place, *Obligation) {
		o := refuted(name, why, at)
		return Place{}, &o
	}
	leave, ok := at.(ast.Stmt)
	var results []ast.Expr
	switch st := at.(type) {
	case *ast.ReturnStmt:
		results = st.Results
	case *ast.BranchStmt:
	default:
		ok = false
	}
	if !ok || g.u.StmtOf(leave).Stmt != leave {
		return no("region", "the path does not leave by a return")
	}
	for _, e := range results {
		for _, v := range []*types.Var{g.v, g.with} {
			if v != nil && g.mentions(e, v) {
				return no("operands", v.Name()+" is part of what is returned")
			}
		}
		if hasCall(e) && !g.calmCall(e) {
			return no("operands", types.ExprString(e)+" is computed by a call")
		}
	}
	scope := g.info.Scopes[g.file.Syntax].Innermost(at.Pos())
	if _, obj := scope.LookupParent(g.v.Name(), at.Pos()); obj != types.Object(g.v) {
		return no("names", g.v.Name()+" means something else there")
	}
	return Place{Before: leave}, nil
}

func (g *handout) mentions(e ast.Expr, v *types.Var) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && g.info.Uses[id] == v
		return !found
	})
	return found
}
