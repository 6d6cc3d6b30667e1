package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// UnloopedWait is a wait on a condition that is not waited for again when it
// does not hold: behind an if, or behind nothing. Its spots are the call of Wait
// and the if statement, when there is one.
const UnloopedWait FaultSort = "unlooped wait"

// unloopedWaits judges each call of Cond.Wait by what runs next when it returns:
//
//   - the condition is tested again, because a loop ends there or goes on: right;
//   - the function returns, and its callers, all of them known, test in a loop:
//     right, it is a helper;
//   - anything else: the state may not be what was waited for.
func unloopedWaits(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok || !isCondMethod(p, call, "Wait") {
				continue
			}
			w := &waiting{p: p, call: call, guard: guardOf(p, call)}
			if w.retested(call) || w.isHelper(b) {
				continue
			}
			out = append(out, w.fault(b))
		}
	}
	return out
}

// isCondMethod reports whether a call is of a method of sync.Cond.
func isCondMethod(p *summary.Package, call *ast.CallExpr, names ...string) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := p.Src.Info.Uses[sel.Sel].(*types.Func)
	return ok && isOfSync(fn, "Cond", names...)
}

// isOfSync reports whether a function is a method of a type of package sync, with
// one of some names. The name goes first, for every call of the package is asked.
func isOfSync(fn *types.Func, typ string, names ...string) bool {
	return slices.Contains(names, fn.Name()) && syncType(fn) == typ
}

// syncType names the type of package sync that a method is declared for; "" for any
// other function.
func syncType(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil || !inSync(fn) {
		return ""
	}
	if ptr, ok := recv.Type().(*types.Pointer); ok {
		if named, ok := ptr.Elem().(*types.Named); ok {
			return named.Obj().Name()
		}
	}
	return ""
}

func inSync(fn *types.Func) bool { return fn.Pkg() != nil && fn.Pkg().Path() == "sync" }

// Signals reports whether a call wakes who waits on a condition.
func Signals(p *summary.Package, call *ast.CallExpr) bool {
	return isCondMethod(p, call, "Signal", "Broadcast")
}

// condOf names the condition that a method of sync.Cond is called on.
func condOf(p *summary.Package, call *ast.CallExpr) lockset.Resource {
	return p.Namer.Method(ast.Unparen(call.Fun).(*ast.SelectorExpr), lockset.Lock)
}

// guardOf returns the if statement whose branch a wait stands in, when no loop
// is nearer.
func guardOf(p *summary.Package, n ast.Node) *ast.IfStmt {
	for n = p.Uses.Parent(n); n != nil; n = p.Uses.Parent(n) {
		switch n := n.(type) {
		case *ast.IfStmt:
			return n
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit, *ast.FuncDecl:
			return nil
		}
	}
	return nil
}

// A waiting is one call of Cond.Wait.
type waiting struct {
	p     *summary.Package
	call  *ast.CallExpr
	guard *ast.IfStmt
}

func (w *waiting) fault(b *lockset.Body) *Fault {
	c := condOf(w.p, w.call)
	f := &Fault{
		Pkg: w.p, Body: b, Sort: UnloopedWait, Node: w.call, Level: Hazard, Resource: c.Expr,
		What:  c.Expr + ".Wait is guarded by nothing: what it waits for may have happened before, or not yet",
		Spots: []ast.Node{w.call},
	}
	if w.guard != nil {
		f.What = c.Expr + ".Wait is guarded by if: the condition may not hold when it returns"
		f.Spots = append(f.Spots, w.guard)
		f.Chain = []Frame{{w.guard.Pos(), "the condition is tested once"}}
	}
	return f
}

// retested reports whether what runs next behind a node tests again. It climbs
// through the statements around it: where one follows, that one decides; where
// a loop ends, the loop does. A wait in a loop without a guard of its own is
// behind the tests of the loop.
func (w *waiting) retested(n ast.Node) bool {
	for at := w.p.Uses.StmtOf(n); at.Stmt != nil; at = w.p.Uses.StmtOf(at.Owner) {
		for _, next := range at.Rest() {
			if decided, again := w.decides(next); decided && w.guard != nil || w.jumpsBack(next) {
				return again
			}
		}
		switch w.p.Uses.Parent(at.Owner).(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
	}
	return false
}

// jumpsBack: a statement goes to a label ahead of the wait.
func (w *waiting) jumpsBack(st ast.Stmt) bool {
	br, ok := st.(*ast.BranchStmt)
	if !ok || br.Tok != token.GOTO {
		return false
	}
	to, ok := w.p.Src.Info.Uses[br.Label].(*types.Label)
	return ok && to.Pos() < w.call.Pos()
}

// decides judges a statement behind a wait: does it test again, or does it go
// on as if the condition held? Neither is said of one that does not care.
func (w *waiting) decides(st ast.Stmt) (decided, again bool) {
	switch st := st.(type) {
	case *ast.BranchStmt:
		return true, st.Tok == token.CONTINUE || st.Tok == token.GOTO
	case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt:
		return w.tests(st), true
	case *ast.ReturnStmt:
		return true, slices.ContainsFunc(st.Results, func(e ast.Expr) bool { return isBool(w.p.Src.Info.TypeOf(e)) && w.reads(e) })
	case *ast.IncDecStmt:
		return w.reads(st), false // a count of those who wait
	case *ast.ExprStmt:
		call, ok := ast.Unparen(st.X).(*ast.CallExpr)
		if ok {
			if _, plain := w.p.Plain(call); plain {
				return false, false // logging, and the like
			}
		}
	}
	return true, false
}

func isBool(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// tests reports whether the condition of a statement is about what was waited
// for.
func (w *waiting) tests(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.IfStmt:
		return w.reads(st.Cond) || st.Init != nil && w.reads(st.Init)
	case *ast.ForStmt:
		return st.Cond == nil || w.reads(st.Cond)
	case *ast.SwitchStmt:
		return w.reads(st)
	}
	return false
}

// reads reports whether a node reads a variable or calls a function that the
// guard does too. Without a guard anything that is tested is taken for it.
func (w *waiting) reads(n ast.Node) bool {
	if w.guard == nil {
		return true
	}
	mine := mentioned(w.p, w.guard.Cond)
	for obj := range mentioned(w.p, n) {
		if mine[obj] {
			return true
		}
	}
	return false
}

// mentioned collects the variables, fields and functions in a node, what fields
// are selected from left out.
func mentioned(p *summary.Package, n ast.Node) map[types.Object]bool {
	out := map[types.Object]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if obj := p.Src.Info.Uses[n.Sel]; obj != nil {
				out[obj] = true
			}
			_, call := ast.Unparen(n.X).(*ast.CallExpr)
			return call
		case *ast.Ident:
			switch obj := p.Src.Info.Uses[n].(type) {
			case *types.Var, *types.Func:
				out[obj] = true
			}
		}
		return true
	})
	return out
}

// isHelper: a function that does not lock itself waits for its callers, and it
// is theirs to test again. What others may call is not judged.
func (w *waiting) isHelper(b *lockset.Body) bool {
	if slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool { return !s.Acquire.Resource.Sort.IsToken() }) {
		return false
	}
	if b.Obj == nil {
		return !b.Spawned
	}
	calls, complete := w.p.Uses.Calls(b.Obj)
	if !complete {
		return true
	}
	return !slices.ContainsFunc(calls, func(call *ast.CallExpr) bool {
		outer := &waiting{p: w.p, call: call, guard: guardOf(w.p, call)}
		return !outer.retested(call)
	})
}
