package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A stop is a function that ends an object, and then waits for a goroutine of it
// to have ended.
type stop struct {
	ending *types.Var // the channel that it closes, or the context that it cancels
	wait   ast.Node
	runner *lockset.Body // the goroutine that it waits for
	look   ending        // where somebody of the object looks at the ending
	own    bool          // that is the goroutine itself
}

// stops lists the stops of a package.
func stops(in *view) []stop {
	p := in.Package
	var out []stop
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			d := endedBy(in, op.Node)
			if d == nil || op.Defer != nil {
				continue
			}
			for _, later := range b.Ops {
				if later.Node.Pos() > op.Node.Pos() && later.Defer == nil && selectOf(p, later.Node) == nil {
					out = append(out, stopsAt(in, d, later.Node)...)
				}
			}
		}
	}
	return out
}

// endedBy is the field whose object a call ends: close(x.done), x.cancel().
func endedBy(in *view, n ast.Node) *types.Var {
	p := in.Package
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil
	}
	if ch := closed(p, call); ch != nil {
		if v := fieldOf(p, ch); v != nil && onlyCloses(p, v) {
			return v
		}
		return nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && len(call.Args) == 0 {
		if v, ok := p.Src.Info.Uses[sel.Sel].(*types.Var); ok && v.IsField() {
			return in.cancels()[v.Origin()]
		}
	}
	return nil
}

// closed is the channel that a call of close ends; nil for anything else.
func closed(p *summary.Package, n ast.Node) ast.Expr {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || p.Src.Info.Uses[id] != types.Universe.Lookup("close") {
		return nil
	}
	return call.Args[0]
}

// cancels maps the fields that hold a cancel function to the field that holds its
// context: x.ctx, x.cancel = context.WithCancel(...).
func cancels(p *summary.Package) map[*types.Var]*types.Var {
	out := map[*types.Var]*types.Var{}
	for _, f := range p.Src.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			as, ok := n.(*ast.AssignStmt)
			if !ok || len(as.Lhs) != 2 || len(as.Rhs) != 1 || !isContext(p.Src.Info.TypeOf(as.Lhs[0])) {
				return true
			}
			ctx, cancel := holders(p, as.Lhs[0]), holders(p, as.Lhs[1])
			if ctx != nil && cancel != nil {
				out[cancel] = ctx
			}
			return true
		})
	}
	return out
}

// holders is the field that an assigned expression is, or that the variable is
// put into by a composite literal.
func holders(p *summary.Package, e ast.Expr) *types.Var {
	if v := fieldOf(p, e); v != nil && v.IsField() {
		return v.Origin()
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := p.Src.Info.ObjectOf(id).(*types.Var)
	if v == nil {
		return nil
	}
	var field *types.Var
	for _, r := range p.Uses.Reads(v) {
		if kv, ok := p.Uses.Parent(r).(*ast.KeyValueExpr); ok && kv.Value == r {
			key, _ := kv.Key.(*ast.Ident)
			f, _ := p.Src.Info.Uses[key].(*types.Var)
			if f == nil || !f.IsField() || field != nil {
				return nil
			}
			field = f.Origin()
		}
	}
	return field
}

// stopsAt finds the goroutines that a node waits for, and where the ending is
// looked at.
func stopsAt(in *view, d *types.Var, wait ast.Node) []stop {
	p := in.Package
	var out []stop
	for _, b := range p.Bodies() {
		if !slices.ContainsFunc(in.lastsOf(b), func(e end) bool { return e.res.Field() != nil && isField(e.res.Field()) && waitsFor(p, wait, e) }) {
			continue
		}
		if look, own := lookAt(in, d, b); look.expr != nil {
			out = append(out, stop{ending: d, wait: wait, runner: b, look: look, own: own})
		}
	}
	return out
}

func isField(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && v.IsField()
}

// lastsOf adds the closes to the deferred ends of a body that stand as a
// statement of its own at the end, or ahead of a return.
func lastsOf(p *summary.Package, b *lockset.Body) []end {
	out := endsOf(p, b)
	for _, op := range b.Ops {
		ch := closed(p, op.Node)
		if ch == nil || op.Defer != nil {
			continue
		}
		at := p.Uses.StmtOf(op.Node)
		if rest := at.Rest(); len(rest) == 0 && at.Owner == b.Block || len(rest) == 1 && isReturn(rest[0]) {
			out = append(out, end{node: op.Node, res: p.Namer.Name(ch, lockset.ChanSem)})
		}
	}
	return out
}

func isReturn(st ast.Stmt) bool {
	_, ok := st.(*ast.ReturnStmt)
	return ok
}

// lookAt finds a receive from the ending, in a select of the goroutine itself if
// there is one.
func lookAt(in *view, d *types.Var, runner *lockset.Body) (look ending, own bool) {
	for _, l := range in.endings() {
		if l.at.res.Field() == types.Object(d) && (look.expr == nil || l.body == runner && !own) {
			look, own = l.at, l.body == runner
		}
	}
	return look, own
}

// heldUp finds plain sends and receives of goroutines that somebody ends and then
// waits for: the goroutine looks at the ending elsewhere, but not there, and who is
// on the other side is not known, or may leave. Such a goroutine keeps who waits
// for it waiting.
func heldUp(in *view) []*Fault {
	p, all := in.Package, stops(in)
	if len(all) == 0 {
		return nil
	}
	var out []*Fault
	may := slices.DeleteFunc(slices.Clone(p.Bodies()), func(b *lockset.Body) bool { return !mayHold(p, b) && !longWay })
	for _, s := range all {
		for _, b := range may {
			if !s.runs(p, b, 2) && !s.mayRun(p, b) {
				continue
			}
			for _, op := range b.Ops {
				if f := s.holds(p, b, op); f != nil && !slices.ContainsFunc(out, func(o *Fault) bool { return o.Node == f.Node }) {
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// runs reports whether the goroutine, which looks at the ending, runs a body: its
// own, or a method that it calls.
func (s stop) runs(p *summary.Package, b *lockset.Body, depth int) bool {
	if b == s.runner || !s.own {
		return s.own
	}
	if b.Obj == nil || depth == 0 || receiverOf(b) == nil {
		return false
	}
	calls, _ := p.Uses.Calls(b.Obj)
	return slices.ContainsFunc(calls, func(call *ast.CallExpr) bool {
		if _, ok := p.Uses.Parent(call).(*ast.GoStmt); ok {
			return false
		}
		caller := bodyOf(p, call)
		return caller != nil && caller.Decl != b.Decl && s.runs(p, caller, depth-1)
	})
}

// mayRun: the goroutine only runs foreign code, with which it shares the object,
// and that may call a method that the package itself does not call.
func (s stop) mayRun(p *summary.Package, b *lockset.Body) bool {
	if s.own || b.Obj == nil || !b.Obj.Exported() || receiverOf(b) == nil {
		return false
	}
	calls, _ := p.Uses.Calls(b.Obj)
	return len(calls) == 0 && slices.ContainsFunc(s.runner.Ops, func(op *lockset.Op) bool {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok {
			return false
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || len(p.Callees(call)) > 0 && p.Uses.FuncDecl(p.Callees(call)[0]) != nil {
			return false
		}
		r := p.Namer.Name(sel.X, lockset.ChanSem)
		return isField(r.Field()) && r.Root == types.Object(receiverVar(p, s.runner))
	})
}

// receiverOf is the receiver of the method that a body is, or stands in.
func receiverOf(b *lockset.Body) *ast.Ident {
	fd, ok := b.Decl.(*ast.FuncDecl)
	if !ok || fd.Recv == nil || len(fd.Recv.List) != 1 || len(fd.Recv.List[0].Names) != 1 || fd.Recv.List[0].Names[0].Name == "_" {
		return nil
	}
	return fd.Recv.List[0].Names[0]
}

func receiverVar(p *summary.Package, b *lockset.Body) *types.Var {
	id := receiverOf(b)
	if id == nil {
		return nil
	}
	v, _ := p.Src.Info.Defs[id].(*types.Var)
	return v
}

// mayHold: a body is a method's, and sends or receives outside of a select: what
// holds asks first of whatever stop. Few bodies do.
func mayHold(p *summary.Package, b *lockset.Body) bool {
	return receiverVar(p, b) != nil && slices.ContainsFunc(b.Ops, func(op *lockset.Op) bool { return isPlain(p, op.Node) })
}

// holds judges one operation of the goroutine.
func (s stop) holds(p *summary.Package, b *lockset.Body, op *lockset.Op) *Fault {
	recv := receiverVar(p, b)
	if op.Defer != nil || len(op.Lits) > 0 || recv == nil || !isPlain(p, op.Node) || !mayWait(p, b, op) || afterEnd(p, op.Node) {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(recv.Type(), true, p.Src.Types, s.ending.Name())
	if v, ok := obj.(*types.Var); !ok || v.Origin() != s.ending {
		return nil
	}
	if !s.own && !s.mayMiss(p, recv, op.Node) || s.own && !isForeign(p, b, op.Node) {
		return nil
	}
	return &Fault{
		Pkg: p, Body: b, Sort: IgnoredDone, Node: op.Node, Level: Hazard, Resource: types.ExprString(channel(op.Node)),
		What:  what(op.Node) + " waits on when " + s.look.over(p, receiverOf(b)) + ", and so does who waits for this goroutine",
		Peer:  []Frame{{s.look.at.Pos(), "looks at " + types.ExprString(s.look.expr)}, {s.wait.Pos(), "waits for the goroutine to end"}},
		Spots: []ast.Node{op.Node, s.look.expr, receiverOf(b)},
	}
}

// isForeign: the channel was given to the function, and nobody of the package is
// on the other side.
func isForeign(p *summary.Package, b *lockset.Body, n ast.Node) bool {
	c, ok := p.Uses.ChanOf(channel(n))
	if !ok || c.Elem || c.Var.IsField() {
		return false
	}
	fn, _ := p.Src.Info.Defs[b.Decl.(*ast.FuncDecl).Name].(*types.Func)
	return fn != nil && isParam(fn, c.Var) && len(partnersOf(p, c, n)) == 0
}

// partnersOf lists what is on the other side of an operation.
func partnersOf(p *summary.Package, c uses.Chan, n ast.Node) []ast.Node {
	if _, ok := n.(*ast.SendStmt); ok {
		return p.Uses.Receives(c)
	}
	var out []ast.Node
	for _, s := range p.Uses.Sends(c) {
		out = append(out, s)
	}
	closes, _ := p.Uses.Closes(c)
	for _, call := range closes {
		out = append(out, call)
	}
	return out
}

// mayMiss: the channel is one of the object, without a buffer, and each partner is
// there once, or leaves when something is over, and is not the goroutine itself.
func (s stop) mayMiss(p *summary.Package, recv *types.Var, n ast.Node) bool {
	r := p.Namer.Name(channel(n), lockset.ChanSem)
	v, ok := r.Field().(*types.Var)
	if !ok || len(r.Fields) != 1 || r.Root != types.Object(recv) {
		return false
	}
	c := uses.Chan{Var: v.Origin()}
	makes, complete := p.Uses.Makes(c)
	if !complete || slices.ContainsFunc(makes, uses.Make.HasRoom) {
		return false
	}
	x := &partnership{p: p, c: c, partners: partnersOf(p, c, n)}
	left := false
	for _, o := range x.partners {
		_, closes := o.(*ast.CallExpr)
		switch {
		case bodyOf(p, o) == s.runner:
			return false
		case selectOf(p, o) != nil && len(x.endings(o)) > 0:
			left = true
		case closes || isLooped(p, o):
			return false
		}
	}
	return left
}

// isLooped: a node is a loop, or stands in one of its function.
func isLooped(p *summary.Package, n ast.Node) bool {
	_, itself := n.(*ast.RangeStmt)
	return itself || loopOf(p, n) != nil
}
