package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// waitsItself reports whether the goroutine that makes a change is the only one
// that could wait for it, so that nobody waits meanwhile:
//
//   - nobody outside of the package can wait on the condition, and of each wait
//     in it the loop is seen, and all that the loop looks at;
//   - whoever reads the field in such a loop reads it of an object that its
//     function was given, and so up to where the object was made, by plain calls
//     only, all of which are known; the change likewise;
//   - all these calls begin with the one that starts the goroutine of the object,
//     or with plain calls of the function that made it.
func (c *condition) waitsItself(w wake) bool {
	if !c.private() || slices.ContainsFunc(c.p.Uses.Writes(w.atom.field), func(o uses.Write) bool { return o.Kind == uses.AddressTaken }) {
		return false
	}
	t := &origin{p: c.p, seen: map[*types.Var]bool{}}
	if !t.of(w.Node, ownerExpr(w.Write)) {
		return false
	}
	for _, b := range c.p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok || !isCondMethod(c.p, call, "Wait") {
				continue
			}
			switch c.p.CondField(call) {
			case nil:
				return false // it may be this one
			case c.field:
				if !c.looksOnlyAtOwn(call, w.atom.field, t) {
					return false
				}
			}
		}
	}
	return t.together()
}

// private reports whether all waits on a condition are calls on its field.
func (c *condition) private() bool {
	if _, ok := c.p.Uses.Changes(c.field); !ok {
		return false
	}
	for _, r := range c.p.Uses.Reads(c.field) {
		switch up := c.p.Uses.Parent(r).(type) {
		case *ast.SelectorExpr:
			if up.X != r {
				return false
			}
		case *ast.BinaryExpr: // compared with nil
		default:
			return false
		}
	}
	return !slices.ContainsFunc(c.p.Uses.Writes(c.field), func(w uses.Write) bool {
		call, ok := ast.Unparen(w.Value).(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return true
		}
		fn, ok := c.p.Src.Info.Uses[sel.Sel].(*types.Func)
		return !ok || fn.FullName() != "sync.NewCond"
	})
}

// looksOnlyAtOwn traces where the loop around a wait has the objects from whose
// field it reads; false where that is not seen.
func (c *condition) looksOnlyAtOwn(wait *ast.CallExpr, field *types.Var, t *origin) bool {
	var loop ast.Node
	for n := c.p.Uses.Parent(wait); loop == nil; n = c.p.Uses.Parent(n) {
		switch n := n.(type) {
		case nil, *ast.FuncDecl, *ast.FuncLit:
			return false
		case *ast.ForStmt:
			loop = n
		}
	}
	reads, ok := c.readsIn(loop, field, map[*types.Func]bool{})
	return ok && !slices.ContainsFunc(reads, func(sel *ast.SelectorExpr) bool { return !t.of(sel, sel.X) })
}

// readsIn lists the reads of a field in a node and in what it calls; ok is false
// where a call leads elsewhere.
func (c *condition) readsIn(n ast.Node, field *types.Var, seen map[*types.Func]bool) (reads []*ast.SelectorExpr, ok bool) {
	for _, r := range c.p.Uses.Reads(field) {
		if r.Pos() < n.Pos() || n.End() < r.End() {
			continue
		}
		sel, ok := r.(*ast.SelectorExpr)
		if !ok {
			return nil, false
		}
		reads = append(reads, sel)
	}
	ok = true
	ast.Inspect(n, func(n ast.Node) bool {
		call, isCall := n.(*ast.CallExpr)
		if !isCall || !ok || c.harmless(call) {
			return ok
		}
		ok = c.p.Reach(call) == "known"
		for _, fn := range c.p.Callees(call) {
			fd := c.p.Uses.FuncDecl(fn)
			switch {
			case fd == nil || fd.Body == nil:
				ok = false
			case !seen[fn]:
				seen[fn] = true
				more, known := c.readsIn(fd.Body, field, seen)
				reads, ok = append(reads, more...), ok && known
			}
		}
		return ok
	})
	return reads, ok
}

// harmless: a call that runs none of the package's functions.
func (c *condition) harmless(call *ast.CallExpr) bool {
	tv := c.p.Src.Info.Types[call.Fun]
	return tv.IsType() || tv.IsBuiltin() || isCondMethod(c.p, call, "Wait", "Signal", "Broadcast") || c.p.Reach(call) == "plain"
}

// An origin finds the calls with which the work on an object begins in the
// function that made it.
type origin struct {
	p      *summary.Package
	seen   map[*types.Var]bool // parameters whose calls are known
	object *types.Var          // what the maker calls the object
	begins []*ast.CallExpr
}

// of traces the object that an expression names at a node up to its maker; false
// where some way there is not seen, or is another goroutine's.
func (t *origin) of(n ast.Node, e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, _ := t.p.Src.Info.Uses[id].(*types.Var)
	fd, ok := t.p.Uses.Enclosing(n).(*ast.FuncDecl)
	if v == nil || !ok || len(t.p.Uses.Writes(v)) > 0 {
		return false
	}
	fn, _ := t.p.Src.Info.Defs[fd.Name].(*types.Func)
	sig := fn.Signature()
	at := -1 // the receiver
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			at = i
		}
	}
	if at < 0 && sig.Recv() != v || sig.Variadic() {
		return false
	}
	if t.seen[v] {
		return true
	}
	t.seen[v] = true
	calls, complete := t.p.Uses.Calls(fn)
	return complete && !slices.ContainsFunc(calls, func(call *ast.CallExpr) bool { return !t.call(call, at) })
}

// call traces what a call gives for a parameter, or for the receiver.
func (t *origin) call(call *ast.CallExpr, at int) bool {
	var e ast.Expr
	if at >= 0 {
		if at >= len(call.Args) {
			return false
		}
		e = call.Args[at]
	} else {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if s := t.p.Src.Info.Selections[sel]; s == nil || len(s.Index()) > 1 {
			return false // of an object embedded in it
		}
		e = sel.X
	}
	if v := t.made(call, e); v != nil {
		if t.object != nil && t.object != v {
			return false
		}
		t.object, t.begins = v, append(t.begins, call)
		return true
	}
	return !t.starts(call) && t.of(call, e)
}

func (t *origin) starts(call *ast.CallExpr) bool {
	_, ok := t.p.Uses.Parent(call).(*ast.GoStmt)
	return ok
}

// made returns the variable that an expression names, if it holds an object which
// the function of the call has made.
func (t *origin) made(call *ast.CallExpr, e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := t.p.Src.Info.Uses[id].(*types.Var)
	if v == nil || v.IsField() {
		return nil
	}
	if _, ok := v.Type().Underlying().(*types.Pointer); !ok {
		return nil
	}
	ws := t.p.Uses.Writes(v)
	if len(ws) != 1 || ws[0].Kind != uses.Init || ws[0].Fn == nil || ws[0].Fn != t.p.Uses.Enclosing(call) || !isOwn(t.p, v) {
		return nil
	}
	return v
}

// together reports whether all that begins is one goroutine's: one call that runs
// once for the object, or plain calls of its maker.
func (t *origin) together() bool {
	if len(t.begins) == 0 {
		return false
	}
	if !slices.ContainsFunc(t.begins, t.starts) {
		return true
	}
	if len(t.begins) > 1 {
		return false
	}
	decl := t.p.Uses.StmtOf(t.p.Uses.Writes(t.object)[0].Node)
	for n := t.p.Uses.Parent(t.begins[0]); n != decl.Owner; n = t.p.Uses.Parent(n) {
		switch n.(type) {
		case nil, *ast.ForStmt, *ast.RangeStmt:
			return false
		}
	}
	jumps := false
	ast.Inspect(bodyBlock(t.p.Uses.Enclosing(t.begins[0])), func(n ast.Node) bool {
		b, ok := n.(*ast.BranchStmt)
		jumps = jumps || ok && b.Tok == token.GOTO
		return !jumps
	})
	return !jumps
}
