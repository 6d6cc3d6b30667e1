package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// checkError leaves with the error of an acquisition that failed.
//
//	sem.Acquire(ctx, 1)  =>  if err := sem.Acquire(ctx, 1); err != nil { return err }
//
// so long as
//
//   - the function returns an error last, and its other results have a value
//     that can be written down (results);
//   - nothing else is held there that no deferred call gives back (outer);
//   - what would have followed gives back what was not got (region);
//   - nobody relies on what would have followed, nor is anything left unfinished
//     that was begun before (liveness, assumed).
func checkError(f *hazard.Fault) (*Plan, *Refusal) {
	call := f.Spots[0].(*ast.CallExpr)
	g := newGivingUp(f, call)
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "check the error", Obligation: o} }
	if f.Section.Acquire.Kind == syncapi.Try || !isError(g.info.TypeOf(call)) {
		return refuse(refuted("region", "what to do without it is for a person to say", call))
	}
	if g.block == nil || g.at.Stmt == nil || !isAlone(g.u, call, g.at.Stmt) {
		return refuse(refuted("region", "it is no statement of its own", call))
	}
	results, ok := g.results("err")
	if !ok {
		return refuse(refuted("results", "the function cannot return the error", call))
	}
	if len(f.Section.Releases) == 0 || f.Section.Leaks {
		return refuse(refuted("region", "it is not given back here: it may be meant to go on without", call))
	}
	obligations := []Obligation{
		proved("region", "what follows gives back what it did not get"), proved("results", "the function returns an error"), g.outer(),
		assumed("liveness", "what follows no longer runs when the context is cancelled, and what was begun may be left unfinished", call),
	}
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	return &Plan{
		Strategy: "check the error", Title: "return the error of " + types.ExprString(call.Fun), Obligations: obligations, Decl: g.u.Decl(call),
		Steps: []Step{ReplaceStmt{Old: g.at.Stmt, Code: Code{Text: "if err := _1_; err != nil {\n" + results + "\n}", Args: []ast.Expr{call}}}},
	}, nil
}

// selectContext gives up when the context is cancelled.
//
//	ch <- v  =>  select { case ch <- v: case <-ctx.Done(): return ctx.Err() }
//
// so long as
//
//   - nothing takes what the operation yields (results), and the function returns
//     an error last;
//   - nothing is held there that no deferred call gives back (outer);
//   - whoever cancels wants the function to leave, also when the other side is
//     there as well (liveness, assumed).
func selectContext(f *hazard.Fault) (*Plan, *Refusal) {
	op, name := f.Spots[0], f.Spots[1].(*ast.Ident).Name
	g := newGivingUp(f, op)
	if !g.reaches(f.Spots[1].(*ast.Ident)) {
		return nil, &Refusal{Strategy: "give up", Obligation: refuted("names", "another "+name+" is meant there", op)}
	}
	results, ok := g.results(name + ".Err()")
	if !ok {
		return nil, &Refusal{Strategy: "give up", Obligation: refuted("results", "the function cannot return the error of "+name, op)}
	}
	return g.selectOr(name+".Done()", results, "give up when "+name+" is cancelled", nil)
}

// selectDone gives up when the object is over, as the others do.
//
//	t.ch <- v  =>  select { case t.ch <- v: case <-t.done: return }
//
// so long as
//
//   - the object has a name there that means the same when it is read again
//     (operands);
//   - the function returns nothing, or an error last, which those return that give
//     up already, or the context has, or which it returns itself when another
//     channel of the object is closed; or it leaves out a send that it does
//     without where the channel is nil (results);
//
// and for the rest as [selectContext].
func selectDone(f *hazard.Fault) (*Plan, *Refusal) {
	op, done, owner := f.Spots[0], f.Spots[1].(ast.Expr), f.Spots[2].(ast.Expr)
	g := newGivingUp(f, op)
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "give up", Obligation: o} }
	there, ok := done.(*ast.SelectorExpr)
	if r := f.Pkg.Namer.Name(owner, lockset.Lock); !ok || r.Root == nil || !r.Stable {
		return refuse(refuted("operands", "the object has no name here", op))
	}
	if id, ok := owner.(*ast.Ident); ok && !g.means(id.Name, g.info.ObjectOf(id)) {
		return refuse(refuted("names", "another "+id.Name+" is meant there", op))
	}
	name, isClosed := "_N_."+there.Sel.Name, isChan(g.info.TypeOf(done))
	wait, err, title := name, g.sharedError(there), "give up when "+types.ExprString(owner)+"."+there.Sel.Name+" is closed"
	if !isClosed {
		wait, err, title = name+".Done()", name+".Err()", "give up when "+types.ExprString(owner)+"."+there.Sel.Name+" is cancelled"
	}
	back, ok := g.leave(err)
	if !ok {
		back, ok = g.closedReturn(owner)
	}
	if ok {
		return g.selectOr(wait, back, title, owner)
	}
	if g.goesOn() {
		return g.selectOr(wait, "", "leave it out when "+strings.TrimPrefix(title, "give up when "), owner)
	}
	return refuse(refuted("results", "what to return then is for a person to say", op))
}

// goesOn: the function does without the channel where that is nil, and so it can
// leave out the send: if t.ch != nil { t.ch <- v }.
func (g *givingUp) goesOn() bool {
	send, ok := g.op.(*ast.SendStmt)
	if !ok {
		return false
	}
	test, ok := g.u.Parent(g.at.Owner).(*ast.IfStmt)
	if !ok || test.Body != g.at.Owner || test.Else != nil {
		return false
	}
	cmp, ok := ast.Unparen(test.Cond).(*ast.BinaryExpr)
	return ok && cmp.Op == token.NEQ && g.info.Types[cmp.Y].IsNil() && g.pkg.Namer.Name(cmp.X, lockset.ChanSem).Key() == g.pkg.Namer.Name(send.Chan, lockset.ChanSem).Key()
}

// leave writes what a function does that gives up: nothing, where nothing follows.
func (g *givingUp) leave(err string) (text string, ok bool) {
	sig := g.signature()
	if sig == nil {
		return "", false
	}
	if sig.Results().Len() > 0 {
		text, ok = g.results(err)
		return text, ok && err != ""
	}
	if g.at.Stmt != nil && len(g.at.Rest()) == 0 && g.at.Owner == g.block {
		return "", true
	}
	return "return", true
}

// closedReturn is the return statement that the function has for the case that
// another channel of the object is closed: v, ok := <-t.in; if !ok { return err }.
func (g *givingUp) closedReturn(owner ast.Expr) (text string, ok bool) {
	ast.Inspect(g.block, func(n ast.Node) bool {
		test, is := n.(*ast.IfStmt)
		if !is || test.Init != nil || len(test.Body.List) != 1 {
			return true
		}
		not, _ := ast.Unparen(test.Cond).(*ast.UnaryExpr)
		ret, _ := test.Body.List[0].(*ast.ReturnStmt)
		if not == nil || ret == nil || not.Op != token.NOT || !g.saysClosed(not.X, owner) || !g.isConstant(ret) {
			return true
		}
		var values []string
		for _, e := range ret.Results {
			values = append(values, types.ExprString(e))
		}
		text, ok = strings.TrimSpace("return "+strings.Join(values, ", ")), true
		return false
	})
	return text, ok
}

// saysClosed: a variable is what a receive from a channel of the object says.
func (g *givingUp) saysClosed(e, owner ast.Expr) bool {
	id, _ := ast.Unparen(e).(*ast.Ident)
	v, ok := g.info.ObjectOf(id).(*types.Var)
	if id == nil || !ok {
		return false
	}
	ws := g.u.Writes(v)
	if len(ws) != 1 {
		return false
	}
	as, ok := ws[0].Node.(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 || len(as.Lhs) != 2 {
		return false
	}
	recv, ok := ast.Unparen(as.Rhs[0]).(*ast.UnaryExpr)
	if !ok || recv.Op != token.ARROW {
		return false
	}
	sel, ok := ast.Unparen(recv.X).(*ast.SelectorExpr)
	return ok && g.pkg.Namer.Name(sel.X, lockset.Lock).Key() == g.pkg.Namer.Name(owner, lockset.Lock).Key()
}

// isConstant: a return statement is made of calls, literals and names that mean
// the same where the operation is.
func (g *givingUp) isConstant(ret *ast.ReturnStmt) bool {
	ok := true
	for _, e := range ret.Results {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case nil, *ast.BasicLit, *ast.CallExpr:
			case *ast.SelectorExpr:
				id, isName := n.X.(*ast.Ident)
				_, isPkg := g.info.ObjectOf(id).(*types.PkgName)
				ok = ok && isName && isPkg && g.means(id.Name, g.info.ObjectOf(id))
				return false
			case *ast.Ident:
				obj := g.info.ObjectOf(n)
				ok = ok && obj != nil && (obj.Parent() == types.Universe || obj.Parent() == g.pkg.Src.Types.Scope()) && g.means(n.Name, obj)
			default:
				ok = false
			}
			return ok
		})
	}
	return ok
}

// sharedError is the error that all return that give up when a channel is closed:
// a variable of the package; "" where they do not agree.
func (g *givingUp) sharedError(done *ast.SelectorExpr) string {
	v, _ := g.info.ObjectOf(done.Sel).(*types.Var)
	var shared types.Object
	for _, r := range g.u.Reads(v.Origin()) {
		ret := g.returnBehind(r)
		if ret == nil || len(ret.Results) == 0 || !isError(g.info.TypeOf(ret.Results[len(ret.Results)-1])) {
			continue
		}
		id, _ := ret.Results[len(ret.Results)-1].(*ast.Ident)
		obj, ok := g.info.ObjectOf(id).(*types.Var)
		if id == nil || !ok || obj.Parent() != g.pkg.Src.Types.Scope() || shared != nil && shared != obj {
			return ""
		}
		shared = obj
	}
	if shared == nil || !g.means(shared.Name(), shared) {
		return ""
	}
	return shared.Name()
}

// returnBehind is the return statement of the select clause that a read of a
// channel stands in.
func (g *givingUp) returnBehind(n ast.Node) *ast.ReturnStmt {
	for range 4 {
		if n == nil {
			return nil
		}
		if clause, ok := n.(*ast.CommClause); ok && len(clause.Body) > 0 {
			ret, _ := clause.Body[len(clause.Body)-1].(*ast.ReturnStmt)
			return ret
		}
		n = g.u.Parent(n)
	}
	return nil
}

// A givingUp is a statement of a function that may leave instead.
type givingUp struct {
	pkg   *summary.Package
	u     *uses.Index
	info  *types.Info
	file  *source.File
	fn    ast.Node
	block *ast.BlockStmt
	op    ast.Node
	at    uses.Place
	state []lockset.Held // what is held there
	body  *lockset.Body
}

func newGivingUp(f *hazard.Fault, op ast.Node) *givingUp {
	g := &givingUp{pkg: f.Pkg, u: f.Pkg.Uses, info: f.Pkg.Src.Info, file: f.Pkg.Src.File(op.Pos()), op: op, at: f.Pkg.Uses.StmtOf(op), body: f.Body}
	g.fn = g.u.Enclosing(op)
	switch fn := g.fn.(type) {
	case *ast.FuncDecl:
		g.block = fn.Body
	case *ast.FuncLit:
		g.block = fn.Body
	}
	for _, o := range f.Body.Ops {
		if o.Node == op {
			g.state = o.State.Held()
		}
	}
	return g
}

// selectOr turns the operation into a select with another case. _N_ stands for object.
func (g *givingUp) selectOr(done, back, title string, object ast.Expr) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "give up", Obligation: o} }
	var code Code
	switch op := g.op.(type) {
	case *ast.SendStmt:
		code = Code{Text: "case _1_ <- _2_:", Args: []ast.Expr{op.Chan, op.Value}}
	case *ast.UnaryExpr:
		code = Code{Text: "case <-_1_:", Args: []ast.Expr{op.X}}
	}
	if g.block == nil || g.at.Stmt == nil || g.at.Stmt != g.op && !isAlone(g.u, g.op, g.at.Stmt) {
		return refuse(refuted("results", "what it yields is used", g.op))
	}
	if object != nil {
		code.Args = append(code.Args, object)
		done = strings.ReplaceAll(done, "_N_", fmt.Sprintf("_%d_", len(code.Args)))
		back = strings.ReplaceAll(back, "_N_", fmt.Sprintf("_%d_", len(code.Args)))
	}
	if back != "" {
		back += "\n"
	}
	code.Text = "select {\n" + code.Text + "\ncase <-" + done + ":\n" + back + "}"
	obligations := []Obligation{proved("results", "nobody takes what it yields"), g.outer(), assumed("liveness", "it may leave although the other side is there as well", g.op)}
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	return &Plan{Strategy: "give up", Title: title, Obligations: obligations, Decl: g.u.Decl(g.op), Steps: []Step{ReplaceStmt{Old: g.at.Stmt, Code: code}}}, nil
}

// isAlone: an expression is a statement, or assigned to nothing.
func isAlone(u *uses.Index, n ast.Node, st ast.Stmt) bool {
	switch up := u.Parent(n).(type) {
	case *ast.ExprStmt:
		return up == st
	case *ast.AssignStmt:
		return up == st && len(up.Rhs) == 1 && !slices.ContainsFunc(up.Lhs, func(e ast.Expr) bool {
			id, ok := e.(*ast.Ident)
			return !ok || id.Name != "_"
		})
	}
	return false
}

func (g *givingUp) signature() *types.Signature {
	switch fn := g.fn.(type) {
	case *ast.FuncDecl:
		if obj, ok := g.info.Defs[fn.Name].(*types.Func); ok {
			return obj.Signature()
		}
	case *ast.FuncLit:
		sig, _ := g.info.TypeOf(fn).(*types.Signature)
		return sig
	}
	return nil
}

// results writes a return statement with an error last and zero values before it.
func (g *givingUp) results(err string) (text string, ok bool) {
	sig := g.signature()
	if sig == nil || sig.Results().Len() == 0 || !isError(sig.Results().At(sig.Results().Len()-1).Type()) {
		return "", false
	}
	var values []string
	for i := range sig.Results().Len() - 1 {
		zero, ok := g.zero(sig.Results().At(i).Type())
		if !ok {
			return "", false
		}
		values = append(values, zero)
	}
	return "return " + strings.Join(append(values, err), ", "), true
}

// zero writes the zero value of a type; ok is false where that takes more than
// a name of this package.
func (g *givingUp) zero(t types.Type) (text string, ok bool) {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			text = "false"
		case u.Info()&types.IsString != 0:
			text = `""`
		case u.Info()&types.IsNumeric != 0:
			return "0", true
		default:
			return "", false
		}
	case *types.Struct:
		n, ok := types.Unalias(t).(*types.Named)
		if !ok || n.Obj().Parent() != g.pkg.Src.Types.Scope() || n.TypeArgs().Len() > 0 || !g.means(n.Obj().Name(), n.Obj()) {
			return "", false
		}
		return n.Obj().Name() + "{}", true
	case *types.Array:
		return "", false
	default:
		if _, isParam := types.Unalias(t).(*types.TypeParam); isParam {
			return "", false
		}
		text = "nil"
	}
	return text, text == `""` || g.means(text, types.Universe.Lookup(text))
}

// means reports whether a name stands for an object where the operation is.
func (g *givingUp) means(name string, obj types.Object) bool {
	scope := g.pkg.Src.Types.Scope().Innermost(g.op.Pos())
	if scope == nil {
		return false
	}
	_, found := scope.LookupParent(name, g.op.Pos())
	return found == obj
}

// reaches: the parameter is what its name stands for at the operation.
func (g *givingUp) reaches(param *ast.Ident) bool {
	return g.means(param.Name, g.info.Defs[param])
}

func isError(t types.Type) bool {
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// outer: a return at the operation leaves nothing held that it did not find so.
func (g *givingUp) outer() Obligation {
	for _, h := range g.state {
		if h.Caller != "" {
			continue // the caller's, as before
		}
		for _, s := range g.body.Sections {
			if !slices.Contains(h.From, s.Acquire) || s.Acquire.Node == g.op {
				continue
			}
			if !slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return r.Defer != nil && r.Defer.Pos() < g.op.Pos() }) {
				return refuted("outer", h.Expr+" would still be held", s.Acquire.Node)
			}
		}
	}
	return proved("outer", "what is held there is given back by deferred calls")
}
