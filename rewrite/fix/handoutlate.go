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

// staysSame: an argument is context.Background(), or a local variable that nobody
// changes in between.
func (g *handout) staysSame(arg ast.Expr, between []ast.Stmt) bool {
	if call, ok := ast.Unparen(arg).(*ast.CallExpr); ok {
		name := g.fullName(call.Fun)
		return name == "context.Background" || name == "context.TODO"
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

// deferStarted defers the end at the start of the goroutine that alone has it.
//
//	x := F(); go func() { A }()  =>  x := F(); go func() { defer x.Stop(); A }()
//
// so long as the goroutine gives it to nobody.
func deferStarted(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "defer in the goroutine", Obligation: o}
	}
	g, o := guardCase(f)
	if o != nil {
		return refuse(*o)
	}
	lit := f.Spots[1].(*ast.FuncLit)
	g.fn = lit // the goroutine has it
	if why, at := g.handedOut(); why != "" {
		return refuse(refuted("once", why, at))
	}
	plan := g.plan("defer in the goroutine", "defer "+g.text()+" in the goroutine", []Obligation{
		proved("region", "the deferred call is registered before any path leaves"),
		proved("once", "the goroutine alone has it, and ending it twice is ending it once"),
		proved("defer", "it is in no loop"),
	})
	plan.Steps = []Step{Insert{At: Place{Before: lit.Body.List[0]}, Code: Code{Text: "defer " + g.text()}}}
	return plan, nil
}

// deferStop defers the end of a timer right behind where it is made.
//
//	t := NewTimer(d); A  =>  t := NewTimer(d); defer t.Stop(); A
//
// so long as nobody but this function has it, which the detector has seen; it is
// made in no loop; and stopping it twice is stopping it once.
func deferStop(f *hazard.Fault) (*Plan, *Refusal) {
	as := f.Spots[0].(*ast.AssignStmt)
	s := &section{pkg: f.Pkg, u: f.Pkg.Uses, info: f.Pkg.Src.Info}
	if s.u.StmtOf(as).Stmt != ast.Stmt(as) {
		return nil, &Refusal{Strategy: "defer", Obligation: refuted("region", "it is no statement of its own", as)}
	}
	return &Plan{
		Strategy: "defer", Title: "defer " + f.Resource + ".Stop() right behind it", Decl: s.u.Decl(as),
		Obligations: []Obligation{
			proved("region", "the deferred call is registered before any path leaves"),
			proved("once", "nobody else has it, and stopping it twice is stopping it once"),
			proved("defer", "it is in no loop"),
		},
		Steps: []Step{Insert{At: Place{After: as}, Code: Code{Text: "defer " + f.Resource + ".Stop()"}}},
	}, nil
}
