package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A handout is what was handed out, as a plan sees it.
type handout struct {
	syncapi.Guard
	*section
	f     *hazard.Fault
	call  *ast.CallExpr
	begin uses.Place
	v     *types.Var // what has it, or the object that keeps it
	err   *types.Var // says that there is nothing to end; nil if there always is
	with  *types.Var // the context that ends with it; nil if none

	member     string // the field of v that keeps it; "" for v itself
	withMember string // the field of v that keeps the context
}

// guardCase looks at the statement that hands something out.
func guardCase(f *hazard.Fault) (*handout, *Obligation) {
	no := func(why string, at ast.Node) (*handout, *Obligation) {
		o := refuted("region", why, at)
		return nil, &o
	}
	s := &section{pkg: f.Pkg, u: f.Pkg.Uses, info: f.Pkg.Src.Info, taken: map[string]bool{}}
	g := &handout{section: s, f: f}
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
	g.v, g.member = g.keeper(as.Lhs[g.Result])
	if len(as.Lhs) > 1 && g.Result == 0 && !g.Waits {
		if g.err = g.variable(as.Lhs[len(as.Lhs)-1]); g.err == nil {
			return no("its error is not looked at", as)
		}
	}
	if len(as.Lhs) > 1 && g.With >= 0 {
		g.with, g.withMember = g.keeper(as.Lhs[g.With])
	}
	if f.Sort != hazard.GuardIgnored && g.v == nil || g.withMember != "" && g.with != g.v {
		return no("it is kept elsewhere", as)
	}
	return g, nil
}

// keeper is what an assignment gives a value to: a variable, or a field of one.
func (g *handout) keeper(e ast.Expr) (v *types.Var, member string) {
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		return g.variable(sel.X), sel.Sel.Name
	}
	return g.variable(e), ""
}

// uses lists the expressions that stand for a variable, or for a field of it.
func (g *handout) uses(v *types.Var, member string) []ast.Expr {
	var out []ast.Expr
	for _, n := range g.u.Reads(v) {
		e, ok := n.(ast.Expr)
		if sel, isSel := g.u.Parent(n).(*ast.SelectorExpr); member != "" && isSel && sel.X == e && sel.Sel.Name == member {
			e = sel
		} else if member != "" {
			ok = false
		}
		if ok {
			out = append(out, e)
		}
	}
	return out
}

func (g *handout) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := g.info.ObjectOf(id).(*types.Var)
	return v
}

// canDeferHere: the statement runs once.
func (g *handout) canDeferHere() *Obligation {
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

// plan starts a plan.
func (g *handout) plan(strategy, title string, obligations []Obligation) *Plan {
	p := &Plan{Strategy: strategy, Title: title, Decl: g.u.Decl(g.call), Obligations: obligations}
	slices.SortStableFunc(p.Obligations, func(a, b Obligation) int { return rankOf(a.Name) - rankOf(b.Name) })
	return p
}

// text is the call that ends it.
func (g *handout) text() string {
	if len(g.Ends) > 0 {
		name := g.name()
		if g.Field != "" {
			name += "." + g.Field
		}
		return name + "." + g.Ends[len(g.Ends)-1] + "()"
	}
	return g.name() + g.args()
}

// name is how the function writes what it was given.
func (g *handout) name() string {
	if g.member != "" {
		return g.v.Name() + "." + g.member
	}
	return g.v.Name()
}

// args are the arguments of the function that ends it.
func (g *handout) args() string {
	if t, ok := g.typeOf(g.call).(*types.Tuple); ok {
		if sig, ok := t.At(g.Result).Type().Underlying().(*types.Signature); ok && sig.Params().Len() > 0 {
			return "(nil)"
		}
	}
	return "()"
}

// behindCheck is the place behind the creation, and behind the test of its error.
func (g *handout) behindCheck() (Place, *Obligation) {
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
func (g *handout) handedOut() (why string, at ast.Node) {
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
func (g *handout) staysHere(e ast.Expr) bool {
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
func (g *handout) derives(call *ast.CallExpr) types.Type {
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
func (g *handout) derived(until token.Pos) ast.Node {
	for _, e := range g.uses(g.v, g.member) {
		sel, ok := g.u.Parent(e).(*ast.SelectorExpr)
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
func (g *handout) hasField() Obligation {
	if fn := g.origin(); g.Field != "" && fn != "net/http" {
		return refuted("operands", g.v.Name()+"."+g.Field+" may be nil", g.call)
	}
	return proved("operands", "there is something to end")
}

// origin is the package of the function that hands the thing out.
func (g *handout) origin() string {
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
func (g *handout) isPlain(e ast.Expr) bool {
	_, ok := g.typeOf(e).Underlying().(*types.Basic)
	return ok
}

// contextStays: nothing that outlives the function, or the path up to a place,
// waits for the context. What a goroutine does with it ends on the other paths
// anyway, if there are any.
func (g *handout) contextStays(until token.Pos) Obligation {
	out := proved("not-needed", "nothing outlives the function with it")
	if g.with == nil {
		return out
	}
	for _, e := range g.uses(g.with, g.withMember) {
		if e.Pos() < g.call.End() && g.u.Enclosing(e) == g.fn || until.IsValid() && e.Pos() > until || g.asks(e) {
			continue
		}
		call, isArg := g.u.Parent(e).(*ast.CallExpr)
		runs := g.u.Enclosing(e) != g.fn || isDone(g.u.Parent(e))
		if isArg {
			_, isGo := g.u.Parent(call).(*ast.GoStmt)
			runs = runs || isGo
		}
		switch {
		case isArg && call.Fun != e && !runs:
			out = assumed("not-needed", types.ExprString(call.Fun)+" keeps nothing that waits for "+g.with.Name()+" afterwards", call)
		case g.withMember != "" || until.IsValid() || runs && g.f.Sort == hazard.GuardPath && len(g.u.Reads(g.v)) > 0:
			out = assumed("not-needed", "what has "+g.with.Name()+" is not needed when the path leaves", e)
		default:
			return refuted("not-needed", g.with.Name()+" is handed on: it may be needed after the function", e)
		}
	}
	return out
}

// asks: ctx.Err() and the like, and a wait for ctx.Done().
func (g *handout) asks(e ast.Expr) bool {
	sel, ok := g.u.Parent(e).(*ast.SelectorExpr)
	if !ok || sel.X != e || g.u.Enclosing(e) != g.fn {
		return false
	}
	if !isDone(sel) {
		return true
	}
	call, ok := g.u.Parent(sel).(*ast.CallExpr)
	if !ok {
		return false
	}
	wait, ok := g.u.Parent(call).(*ast.UnaryExpr)
	return ok && wait.Op == token.ARROW
}

func isDone(n ast.Node) bool {
	sel, ok := n.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Done"
}
