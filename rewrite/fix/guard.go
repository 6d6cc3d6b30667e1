package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A guard is what was handed out, as a plan sees it.
type guard struct {
	syncapi.Guard
	*section
	f     *hazard.Fault
	call  *ast.CallExpr
	begin uses.Place
	v     *types.Var
	err   *types.Var // says that there is nothing to end; nil if there always is
	with  *types.Var // the context that ends with it; nil if none
}

// guardCase looks at the statement that hands something out.
func guardCase(f *hazard.Fault) (*guard, *Obligation) {
	no := func(why string, at ast.Node) (*guard, *Obligation) {
		o := refuted("region", why, at)
		return nil, &o
	}
	s := &section{pkg: f.Pkg, u: f.Pkg.Uses, info: f.Pkg.Src.Info, taken: map[string]bool{}}
	g := &guard{section: s, f: f}
	as, ok := f.Spots[0].(*ast.AssignStmt)
	if !ok {
		return no("it is no assignment", f.Spots[0])
	}
	g.call, _ = ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	g.Guard, _, ok = hazard.Guarded(f.Pkg, g.call)
	g.begin = s.u.StmtOf(as)
	if !ok || g.begin.Stmt != ast.Stmt(as) {
		return no("it is no statement of its own", as)
	}
	s.file = s.pkg.Src.File(as.Pos())
	s.fn = s.u.Enclosing(as)
	switch fn := s.fn.(type) {
	case *ast.FuncDecl:
		s.block = fn.Body
	case *ast.FuncLit:
		s.block = fn.Body
	}
	if s.block == nil || s.file == nil {
		return no("it is not in a function body", as)
	}
	g.v = g.variable(as.Lhs[g.Result])
	if len(as.Lhs) > 1 && g.Result == 0 {
		if g.err = g.variable(as.Lhs[len(as.Lhs)-1]); g.err == nil {
			return no("its error is not looked at", as)
		}
	}
	if g.Result > 0 && g.With >= 0 {
		g.with = g.variable(as.Lhs[g.With])
	}
	if f.Sort == hazard.GuardPath && (g.v == nil || len(s.u.Writes(g.v)) != 1) {
		return no("the variable gets other values too", as)
	}
	return g, nil
}

func (g *guard) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := g.info.ObjectOf(id).(*types.Var)
	return v
}

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

// canDeferHere: the statement runs once.
func (g *guard) canDeferHere() *Obligation {
	for n := g.u.Parent(g.begin.Stmt); n != nil && n != g.fn; n = g.u.Parent(n) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			o := refuted("defer", "a deferred call in a loop runs when the function returns", n)
			return &o
		}
	}
	if hasGoto(g.block) {
		o := refuted("region", "a goto jumps in the function", g.block)
		return &o
	}
	return nil
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
	name, args := g.fresh("cancel"), "()"
	if t, ok := g.typeOf(g.call).(*types.Tuple); ok {
		if sig, ok := t.At(g.Result).Type().Underlying().(*types.Signature); ok && sig.Params().Len() > 0 {
			args = "(nil)"
		}
	}
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

// plan starts a plan.
func (g *guard) plan(strategy, title string, obligations []Obligation) *Plan {
	p := &Plan{Strategy: strategy, Title: title, Decl: g.u.Decl(g.call), Obligations: obligations}
	slices.SortStableFunc(p.Obligations, func(a, b Obligation) int { return rankOf(a.Name) - rankOf(b.Name) })
	return p
}

// text is the call that ends it.
func (g *guard) text() string {
	if len(g.Ends) > 0 {
		name := g.v.Name()
		if g.Field != "" {
			name += "." + g.Field
		}
		return name + "." + g.Ends[len(g.Ends)-1] + "()"
	}
	if sig, ok := g.v.Type().Underlying().(*types.Signature); ok && sig.Params().Len() > 0 {
		return g.v.Name() + "(nil)"
	}
	return g.v.Name() + "()"
}

// behindCheck is the place behind the creation, and behind the test of its error.
func (g *guard) behindCheck() (Place, *Obligation) {
	if g.err == nil {
		return Place{After: g.begin.Stmt}, nil
	}
	o := refuted("region", "its error is not tested right behind it", g.begin.Stmt)
	rest := g.begin.Rest()
	if len(rest) == 0 {
		return Place{}, &o
	}
	test, ok := rest[0].(*ast.IfStmt)
	if !ok || test.Init != nil || test.Else != nil || len(test.Body.List) == 0 || !ends(test.Body.List) {
		return Place{}, &o
	}
	cond, ok := ast.Unparen(test.Cond).(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ || !g.info.Types[cond.Y].IsNil() || g.variable(cond.X) != g.err {
		return Place{}, &o
	}
	return Place{After: test}, nil
}

// handedOut says where the thing, or a part of it that lives as long, goes to
// somebody else.
func (g *guard) handedOut() (why string, at ast.Node) {
	for _, n := range g.u.Reads(g.v) {
		e, ok := n.(ast.Expr)
		if !ok || g.staysHere(e) {
			continue
		}
		return g.v.Name() + " is handed on", e
	}
	return "", nil
}

// staysHere: it is called, one of its methods is, or it is compared.
func (g *guard) staysHere(e ast.Expr) bool {
	if g.u.Enclosing(e) != g.fn {
		return false
	}
	switch p := g.u.Parent(e).(type) {
	case *ast.CallExpr:
		return p.Fun == e
	case *ast.BinaryExpr:
		return p.Op == token.EQL || p.Op == token.NEQ
	case *ast.SelectorExpr:
		if p.X != e {
			return false
		}
		switch q := g.u.Parent(p).(type) {
		case *ast.CallExpr:
			return q.Fun == p && g.derives(q) == nil
		case *ast.UnaryExpr:
			return q.Op == token.ARROW
		case *ast.RangeStmt:
			return q.X == p
		case *ast.BinaryExpr:
			return q.Op == token.EQL || q.Op == token.NEQ
		case *ast.SelectorExpr: // resp.Body.Close, resp.Header.Get
			call, ok := g.u.Parent(q).(*ast.CallExpr)
			return ok && call.Fun == q && g.derives(call) == nil
		}
		return g.isPlain(p)
	}
	return false
}

// derives is a result of a method that may live no longer than the thing does: the
// rows of a connection. What a listener accepts stands on its own.
func (g *guard) derives(call *ast.CallExpr) types.Type {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && strings.HasPrefix(sel.Sel.Name, "Accept") {
		return nil
	}
	list := []types.Type{g.typeOf(call)}
	if t, ok := list[0].(*types.Tuple); ok {
		list = nil
		for v := range t.Variables() {
			list = append(list, v.Type())
		}
	}
	for _, t := range list {
		name := types.TypeString(t, nil)
		if _, basic := t.Underlying().(*types.Basic); !basic && name != "error" && name != "net.Addr" && name != "database/sql.Result" {
			return t
		}
	}
	return nil
}

// derived reports whether something may live on the thing up to a place.
func (g *guard) derived(until token.Pos) ast.Node {
	for _, n := range g.u.Reads(g.v) {
		sel, ok := g.u.Parent(n).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		if call, ok := g.u.Parent(sel).(*ast.CallExpr); ok && call.Fun == sel && call.Pos() < until && g.derives(call) != nil {
			return call
		}
	}
	return nil
}

// hasField: what is to be ended is there. A client of net/http sets it, others may
// leave the body out.
func (g *guard) hasField() Obligation {
	if fn := g.origin(); g.Field != "" && fn != "net/http" {
		return refuted("operands", g.v.Name()+"."+g.Field+" may be nil", g.call)
	}
	return proved("operands", "there is something to end")
}

// origin is the package of the function that hands the thing out.
func (g *guard) origin() string {
	_, fn, ok := hazard.Guarded(g.f.Pkg, g.call)
	if !ok || fn.Pkg() == nil {
		return ""
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return "" // others implement it
	}
	return fn.Pkg().Path()
}

// isPlain: a number, a string or a flag is a copy.
func (g *guard) isPlain(e ast.Expr) bool {
	_, ok := g.typeOf(e).Underlying().(*types.Basic)
	return ok
}

// contextStays: nothing that outlives the function, or the path up to a place,
// waits for the context.
func (g *guard) contextStays(until token.Pos) Obligation {
	out := proved("not-needed", "nothing outlives the function with it")
	if g.with == nil {
		return out
	}
	for _, n := range g.u.Reads(g.with) {
		e, ok := n.(ast.Expr)
		if !ok || e.Pos() < g.call.End() || until.IsValid() && e.Pos() > until || g.asks(e) {
			continue
		}
		call, isArg := g.u.Parent(e).(*ast.CallExpr)
		_, isGo := g.u.Parent(g.u.Parent(e)).(*ast.GoStmt)
		switch {
		case isArg && call.Fun != e && !isGo && g.u.Enclosing(e) == g.fn:
			out = assumed("not-needed", types.ExprString(call.Fun)+" keeps nothing that waits for "+g.with.Name()+" afterwards", call)
		case until.IsValid():
			return assumed("not-needed", "what has "+g.with.Name()+" is not needed when the path leaves", e)
		default:
			return refuted("not-needed", g.with.Name()+" is handed on: it may be needed after the function", e)
		}
	}
	return out
}

// asks: ctx.Done(), ctx.Err() and the like.
func (g *guard) asks(e ast.Expr) bool {
	sel, ok := g.u.Parent(e).(*ast.SelectorExpr)
	return ok && sel.X == e && g.u.Enclosing(e) == g.fn
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
	plan := g.plan("end before leaving", "call "+strings.TrimSuffix(g.text(), "()")+" before it returns", obligations)
	plan.Steps = steps
	return plan, nil
}

// before is the place ahead of a return.
func (g *guard) before(at ast.Node) (Place, *Obligation) {
	no := func(name, why string) (Place, *Obligation) {
		o := refuted(name, why, at)
		return Place{}, &o
	}
	ret, ok := at.(*ast.ReturnStmt)
	if !ok || g.u.StmtOf(ret).Stmt != ast.Stmt(ret) {
		return no("region", "the path does not leave by a return")
	}
	for _, e := range ret.Results {
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
	return Place{Before: ret}, nil
}

func (g *guard) mentions(e ast.Expr, v *types.Var) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && g.info.Uses[id] == v
		return !found
	})
	return found
}
