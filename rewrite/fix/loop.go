package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// waitAgain waits until the condition holds.
//
//	if cond { c.Wait() }  =>  for cond { c.Wait() }
//
// so long as
//
//   - the branch does nothing else, there is no other branch, and what the if
//     statement begins with is part of the condition (once);
//   - to evaluate the condition again changes nothing (operands);
//   - the condition reads what others write, so that it can come to an end
//     (region);
//   - whoever signals has made the condition false (liveness, else assumed: a
//     signal that means something else would no longer end the wait).
func waitAgain(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "wait again", Obligation: refuted(name, why, at)}
	}
	if len(f.Spots) < 2 {
		return refuse("region", "there is no condition to wait for", f.Node)
	}
	wait, guard := f.Spots[0].(*ast.CallExpr), f.Spots[1].(*ast.IfStmt)
	a := &awaited{pkg: f.Pkg, u: f.Pkg.Uses, wait: wait, cond: guard.Cond}
	switch {
	case guard.Init != nil:
		return refuse("once", "what the if statement begins with would not run again", guard.Init)
	case guard.Else != nil:
		return refuse("once", "the other branch would run behind each wait", guard.Else)
	case len(guard.Body.List) != 1 || a.u.StmtOf(wait).Stmt != guard.Body.List[0]:
		return refuse("once", "what stands beside the wait would run more than once", guard.Body)
	case a.u.StmtOf(guard).Stmt != guard:
		return refuse("region", "the if statement is a branch of another", guard)
	}
	if at := a.unsteady(); at != nil {
		return refuse("operands", "to evaluate the condition again may do something", at)
	}
	shared := a.shared()
	if len(shared) == 0 {
		return refuse("region", "nobody else changes what the condition reads", guard.Cond)
	}
	obligations := []Obligation{
		proved("region", "others change what the condition reads"),
		proved("once", "the wait is all that the branch does"),
		proved("operands", "the condition is only read"),
		a.liveness(shared),
	}
	st := guard.Body.List[0]
	return &Plan{
		Strategy: "wait again", Title: "wait in a loop until the condition holds", Obligations: obligations, Decl: a.u.Decl(wait),
		Steps: []Step{
			Move{Stmts: []ast.Stmt{st}, At: Place{After: guard}},
			Delete{Stmt: guard},
			Enclose{First: st, Last: st, Code: Code{Text: "for _1_ {\n_body_\n}", Args: []ast.Expr{guard.Cond}}},
		},
	}, nil
}

// An awaited is a condition that is waited for.
type awaited struct {
	pkg  *summary.Package
	u    *uses.Index
	wait *ast.CallExpr
	cond ast.Expr
}

// unsteady returns the first part of the condition that may do something when
// it is evaluated; nil if there is none.
func (a *awaited) unsteady() ast.Node {
	var at ast.Node
	ast.Inspect(a.cond, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				at = n
			}
		case *ast.FuncLit:
			at = n
		case *ast.CallExpr:
			if !a.onlyReads(n, 2) {
				at = n
			}
		}
		return at == nil
	})
	return at
}

// looks are methods of other packages that read and do nothing else.
var looks = []string{"Load", "Len", "Err", "Before", "After", "Equal", "IsZero"}

// onlyReads reports whether a call does nothing but read: len, a getter of
// another package, or a function of this one that returns such an expression.
func (a *awaited) onlyReads(call *ast.CallExpr, depth int) bool {
	info := a.pkg.Src.Info
	if info.Types[call.Fun].IsType() {
		return true
	}
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := info.Uses[id].(*types.Builtin); ok {
			return slices.Contains([]string{"len", "cap", "min", "max"}, b.Name())
		}
	}
	fns := a.pkg.Callees(call)
	if len(fns) == 0 {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		kind, plain := a.pkg.Plain(call)
		return ok && plain && kind == syncapi.None && slices.Contains(looks, sel.Sel.Name)
	}
	fd := a.u.FuncDecl(fns[0])
	if len(fns) > 1 || fd == nil || fd.Body == nil || len(fd.Body.List) != 1 || depth == 0 {
		return false
	}
	ret, ok := fd.Body.List[0].(*ast.ReturnStmt)
	if !ok {
		return false
	}
	reads := true
	ast.Inspect(ret, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			reads = false
		case *ast.UnaryExpr:
			reads = reads && n.Op != token.ARROW
		case *ast.CallExpr:
			reads = reads && a.onlyReads(n, depth-1)
		}
		return reads
	})
	return reads
}

// shared lists the fields and variables that the condition reads, the functions
// of the package that it calls included, and that other functions write.
func (a *awaited) shared() []*types.Var {
	var out []*types.Var
	here := a.u.Enclosing(a.wait)
	for _, v := range a.read(a.cond, 2) {
		if slices.ContainsFunc(a.u.Writes(v), func(w uses.Write) bool { return w.Kind != uses.Init && w.Fn != nil && w.Fn != here }) {
			out = append(out, v)
		}
	}
	return out
}

func (a *awaited) read(n ast.Node, depth int) []*types.Var {
	var out []*types.Var
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if v, ok := a.pkg.Src.Info.Uses[n].(*types.Var); ok {
				out = append(out, v.Origin())
			}
		case *ast.CallExpr:
			for _, fn := range a.pkg.Callees(n) {
				if fd := a.u.FuncDecl(fn); fd != nil && fd.Body != nil && depth > 0 {
					out = append(out, a.read(fd.Body, depth-1)...)
				}
			}
		}
		return true
	})
	return out
}

// liveness: each function that signals the condition has made it false. Who wakes
// and finds it true again has been overtaken, and waits for the next signal.
func (a *awaited) liveness(shared []*types.Var) Obligation {
	cond := a.pkg.CondField(a.wait)
	if cond == nil {
		return assumed("liveness", "who signals is not known: a signal that does not end the condition would no longer end the wait", a.wait)
	}
	for _, b := range a.pkg.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok || !hazard.Signals(a.pkg, call) || a.pkg.CondField(call) != cond {
				continue
			}
			if !slices.ContainsFunc(shared, func(v *types.Var) bool { return a.ends(v, b.Fn) }) {
				return assumed("liveness", "this signal may come without an end of the condition, and would no longer end the wait", call)
			}
		}
	}
	return proved("liveness", "who signals has made the condition false")
}

// ends reports whether a function writes a variable so that the condition is
// false.
func (a *awaited) ends(v *types.Var, fn ast.Node) bool {
	return slices.ContainsFunc(a.u.Writes(v), func(w uses.Write) bool { return w.Fn == fn && hazard.Ends(a.pkg, a.cond, w) })
}
