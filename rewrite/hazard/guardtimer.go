package hazard

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// TimerLeft: a timer that is set again and again, and that some path leaves
// running. Its Spots are the statement that makes it, and the places where paths
// leave.
const TimerLeft FaultSort = "timer left running"

// timersLeft finds timers that their function resets, so that they may run when it
// returns, and that some path does not stop. One that is used once is left out: it
// ends by itself when it fires.
func timersLeft(in *view) []*Fault {
	var out []*Fault
	for _, x := range in.nodes() {
		if as, ok := x.node.(*ast.AssignStmt); ok && len(as.Lhs) == 1 {
			if f := timerLeft(in.Package, x.body, as); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// timerLeft judges one statement that makes a timer.
func timerLeft(p *summary.Package, b *lockset.Body, as *ast.AssignStmt) *Fault {
	id, ok := as.Lhs[0].(*ast.Ident)
	call, isCall := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	if !ok || !isCall {
		return nil
	}
	v, ok := p.Src.Info.Defs[id].(*types.Var)
	if !ok || !syncapi.IsTimer(v.Type()) || len(p.Uses.Writes(v)) != 1 {
		return nil
	}
	fn := p.Uses.Enclosing(as)
	if bodyBlock(fn) == nil || loopOf(p, as) != nil {
		return nil
	}
	d := &duty.Duty{Begin: call}
	reset := false
	for _, r := range p.Uses.Reads(v) {
		sel, ok := p.Uses.Parent(r).(*ast.SelectorExpr)
		if !ok || !staysInFunc(p, r, fn) {
			return nil
		}
		reset = reset || sel.Sel.Name == "Reset"
		switch {
		case sel.Sel.Name == "Reset":
		case p.Uses.Enclosing(r) == fn:
			ended(p, d, p.Uses.Parent(sel), sel) // it is stopped, or has fired
		case sel.Sel.Name == "Stop" && !endedByLit(p, d, v, r, fn):
			return nil
		}
	}
	if !reset {
		return nil
	}
	return timerFault(&guarded{p: p, b: b, stmt: as, call: call, id: id, text: id.Name, Guard: syncapi.Timer}, duty.Leaks(code(p, bodyBlock(fn)), d))
}

func timerFault(x *guarded, found []duty.Leak) *Fault {
	if len(found) == 0 || x.isMain() {
		return nil
	}
	f := x.left(found)
	f.Sort, f.Node = TimerLeft, x.call
	f.What = fmt.Sprintf("%s.Stop is not called on every path", x.text)
	return f
}

// ended notes a use that ends the timer, at once or when the function returns.
func ended(p *summary.Package, d *duty.Duty, call, at ast.Node) {
	if df, ok := p.Uses.Parent(call).(*ast.DeferStmt); ok {
		d.Defers = append(d.Defers, df)
		return
	}
	d.Ends = append(d.Ends, at)
}

// endedByLit notes the calls of a literal that stops the timer. One that may set it
// again ends nothing. It is false where the literal is called in another one.
func endedByLit(p *summary.Package, d *duty.Duty, v *types.Var, stop, fn ast.Node) bool {
	lit := p.Uses.Enclosing(stop)
	if p.Uses.Enclosing(lit) != fn {
		return false
	}
	var calls []ast.Node
	switch up := p.Uses.Parent(lit).(type) {
	case *ast.CallExpr:
		calls = append(calls, up)
	case *ast.AssignStmt:
		bound, _ := p.Src.Info.Defs[up.Lhs[0].(*ast.Ident)].(*types.Var)
		for _, r := range p.Uses.Reads(bound) {
			calls = append(calls, p.Uses.Parent(r))
		}
	}
	sets := slices.ContainsFunc(p.Uses.Reads(v), func(r ast.Node) bool {
		sel, ok := p.Uses.Parent(r).(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Reset" && lit.Pos() <= r.Pos() && r.End() <= lit.End()
	})
	for _, call := range calls {
		_, deferred := p.Uses.Parent(call).(*ast.DeferStmt)
		if p.Uses.Enclosing(call) != fn || sets && deferred {
			return false
		}
		if !sets {
			ended(p, d, call, call)
		}
	}
	return true
}

// staysInFunc: a use stands in the function, or in a literal that only the function
// runs: one that is called or deferred at once, or bound to a variable that is.
func staysInFunc(p *summary.Package, n, fn ast.Node) bool {
	for at := p.Uses.Enclosing(n); at != fn; at = p.Uses.Enclosing(at) {
		lit, ok := at.(*ast.FuncLit)
		if !ok || startsLit(p, lit) != nil {
			return false
		}
		switch up := p.Uses.Parent(lit).(type) {
		case *ast.CallExpr:
			if up.Fun != ast.Expr(lit) {
				return false
			}
		case *ast.AssignStmt:
			id, ok := up.Lhs[0].(*ast.Ident)
			if !ok || len(up.Lhs) != 1 || !onlyCalled(p, id) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// onlyCalled: a variable is defined, and then called where it stands.
func onlyCalled(p *summary.Package, id *ast.Ident) bool {
	v, ok := p.Src.Info.Defs[id].(*types.Var)
	if !ok {
		return false
	}
	for _, r := range p.Uses.Reads(v) {
		call, ok := p.Uses.Parent(r).(*ast.CallExpr)
		if !ok || call.Fun != r {
			return false
		}
		if _, ok := p.Uses.Parent(call).(*ast.GoStmt); ok {
			return false
		}
	}
	return true
}
