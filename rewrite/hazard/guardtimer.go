package hazard

import (
	"fmt"
	"go/ast"
	"go/types"

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
func timersLeft(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies {
		ast.Inspect(b.Block, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				return b.Inner[lit]
			}
			if as, ok := n.(*ast.AssignStmt); ok && len(as.Lhs) == 1 {
				if f := timerLeft(p, b, as); f != nil {
					out = append(out, f)
				}
			}
			return true
		})
	}
	return out
}

// timerLeft judges one statement that makes a timer.
func timerLeft(p *summary.Package, b *lockset.Body, as *ast.AssignStmt) *Fault {
	id, ok := as.Lhs[0].(*ast.Ident)
	call, isCall := ast.Unparen(as.Rhs[0]).(*ast.CallExpr)
	fn := p.Uses.Enclosing(as)
	if !ok || !isCall || bodyBlock(fn) == nil || loopOf(p, b, as) != nil {
		return nil
	}
	v, ok := p.Src.Info.Defs[id].(*types.Var)
	if !ok || !syncapi.IsTimer(v.Type()) || len(p.Uses.Writes(v)) != 1 {
		return nil
	}
	d := &duty.Duty{Begin: call}
	reset := false
	for _, r := range p.Uses.Reads(v) {
		sel, ok := p.Uses.Parent(r).(*ast.SelectorExpr)
		if !ok || !staysInFunc(p, r, fn) {
			return nil
		}
		use := p.Uses.Parent(sel)
		reset = reset || sel.Sel.Name == "Reset"
		switch {
		case sel.Sel.Name == "Reset":
		case p.Uses.Enclosing(r) != fn && sel.Sel.Name == "Stop" && inDeferredLit(p, r, fn):
			return nil
		case p.Uses.Enclosing(r) == fn && !inDefer(p, use):
			d.Ends = append(d.Ends, sel) // it is stopped, or has fired
		case inDefer(p, use):
			d.Defers = append(d.Defers, p.Uses.Parent(use).(*ast.DeferStmt))
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

func inDefer(p *summary.Package, n ast.Node) bool {
	_, ok := p.Uses.Parent(n).(*ast.DeferStmt)
	return ok
}

// inDeferredLit: a use stands in a literal that the function defers.
func inDeferredLit(p *summary.Package, n, fn ast.Node) bool {
	for at := p.Uses.Enclosing(n); at != nil && at != fn; at = p.Uses.Enclosing(at) {
		if call, ok := p.Uses.Parent(at).(*ast.CallExpr); ok && inDefer(p, call) {
			return true
		}
	}
	return false
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
