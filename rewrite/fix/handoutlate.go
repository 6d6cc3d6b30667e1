package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// nameEndAfter gives what was thrown away a name, and calls it where a list of
// statements has used the context for the last time.
//
//	for { ctx, _ := F(); A(ctx); B }  =>  for { ctx, cancel := F(); A(ctx); cancel(); B }
//
// so long as nothing jumps away in between, what came of the context is used no
// later, and nothing that outlives the turn waits for it. A panic in between
// leaves the context behind, as it did before.
func nameEndAfter(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "name and call", Obligation: o}
	}
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	as := g.begin.Stmt.(*ast.AssignStmt)
	if as.Tok != token.DEFINE || g.with == nil {
		return refuse(refuted("names", "the statement declares nothing", as))
	}
	context := g.contextStays(token.NoPos)
	if context.Status == Refuted {
		return refuse(context)
	}
	last, o := g.lastUse()
	if o != nil {
		return refuse(*o)
	}
	for _, st := range g.begin.List[g.begin.Index+1 : last+1] {
		if at := g.jumpsOut(st, true); at != nil {
			return refuse(refuted("region", "the path may leave ahead of the call", at))
		}
	}
	name := g.fresh("cancel")
	plan := g.plan("name and call", "call "+name+" where "+g.with.Name()+" was used last", []Obligation{
		proved("region", "nothing leaves in between"),
		proved("once", "nobody else can cancel it"),
		proved("names", name+" is free"),
		context,
	})
	plan.Steps = []Step{
		Replace{Old: as.Lhs[g.Result], Code: Code{Text: name}},
		Insert{At: Place{After: g.begin.List[last]}, Code: Code{Text: name + g.args()}},
	}
	return plan, nil
}

// lastUse is the index of the last statement of the list that uses the context, or
// what came of it: a stream reads on from the context that it was opened with. A
// number or an error stands on its own.
func (g *handout) lastUse() (last int, o *Obligation) {
	last = g.begin.Index
	alive := map[*types.Var]bool{g.with: true}
	for i := last + 1; i < len(g.begin.List); i++ {
		st := g.begin.List[i]
		if !g.mentionsAny(st, alive) {
			continue
		}
		last = i
		ast.Inspect(st, func(n ast.Node) bool {
			if o == nil {
				o = g.keeps(n, alive)
			}
			return o == nil
		})
	}
	return last, o
}

// keeps notes the variables that a statement gives to what lives on the context.
func (g *handout) keeps(n ast.Node, alive map[*types.Var]bool) *Obligation {
	var lhs []ast.Expr
	switch n := n.(type) {
	case *ast.GoStmt, *ast.DeferStmt, *ast.FuncLit, *ast.SendStmt:
		if g.mentionsAny(n, alive) {
			o := refuted("not-needed", "it may be needed after this turn", n)
			return &o
		}
	case *ast.AssignStmt:
		for _, r := range n.Rhs {
			if g.mentionsAny(r, alive) {
				lhs = n.Lhs
			}
		}
	case *ast.RangeStmt:
		if g.mentionsAny(n.X, alive) {
			lhs = []ast.Expr{n.Key, n.Value}
		}
	case *ast.ValueSpec:
		for _, r := range n.Values {
			if g.mentionsAny(r, alive) {
				for _, id := range n.Names {
					lhs = append(lhs, id)
				}
			}
		}
	}
	for _, l := range lhs {
		if l == nil || g.isCopy(l) {
			continue
		}
		v := g.variable(l)
		if v == nil || !contains(g.begin.Owner, g.declared(v)) {
			o := refuted("not-needed", types.ExprString(l)+" may be needed after this turn", l)
			return &o
		}
		alive[v] = true
	}
	return nil
}

// isCopy: the blank identifier, or what holds a number, a text, a flag or an error.
func (g *handout) isCopy(e ast.Expr) bool {
	if id, ok := e.(*ast.Ident); ok && id.Name == "_" {
		return true
	}
	return types.TypeString(g.typeOf(e), nil) == "error" || g.isPlain(e)
}

func (g *handout) mentionsAny(n ast.Node, vars map[*types.Var]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if ok {
			v, isVar := g.info.ObjectOf(id).(*types.Var)
			found = found || isVar && vars[v]
		}
		return !found
	})
	return found
}

// jumpsOut is what leaves a statement otherwise than by its end: a jump to
// elsewhere, and if asked for a return. Literals are left out.
func (g *handout) jumpsOut(st ast.Stmt, returns bool) ast.Node {
	var found ast.Node
	ast.Inspect(st, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if returns {
				found = n
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO || n.Label != nil || n.Tok != token.FALLTHROUGH && !g.landsIn(n, st) {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// landsIn: what a break or continue is for is a statement or stands in it.
func (g *handout) landsIn(br *ast.BranchStmt, st ast.Stmt) bool {
	for n := g.u.Parent(br); n != nil && contains(st, n); n = g.u.Parent(n) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
			if br.Tok == token.BREAK {
				return true
			}
		}
	}
	return false
}
