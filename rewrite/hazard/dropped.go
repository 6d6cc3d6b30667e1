package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

const (
	// UncheckedAcquire is an acquisition that can fail and whose outcome nobody
	// looks at. Its spot is the call.
	UncheckedAcquire FaultSort = "unchecked acquisition"

	// IgnoredContext is a channel operation that waits on in spite of a context
	// that its function is given. Its spots are the operation and the name of the
	// parameter.
	IgnoredContext FaultSort = "ignored context"

	// IgnoredDone is a channel operation that waits on when its object is over,
	// where most others like it do not, or where its partners leave then. Its
	// spots are the operation, the done channel or the context of the object, as
	// another function writes it, and the object, as it is written here.
	IgnoredDone FaultSort = "ignored done channel"
)

// droppedResults finds acquisitions that can fail, TryLock or Acquire with a
// context, as statements of their own or assigned to nothing. A context that is
// never cancelled lets no Acquire fail. A helper's result may tell of other things.
func droppedResults(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, s := range b.Sections {
			call, ok := s.Acquire.Node.(*ast.CallExpr)
			if !ok || !s.Acquire.Fallible || s.Acquire.Via != nil || !isDropped(p, call) || s.Acquire.Kind != syncapi.Try && unending(p, call) {
				continue
			}
			r := s.Acquire.Resource.Expr
			f := &Fault{
				Pkg: p, Body: b, Section: s, Sort: UncheckedAcquire, Node: call, Level: Hazard, Resource: r, Spots: []ast.Node{call},
				What: "the error of " + types.ExprString(call.Fun) + " is dropped: " + r + " may not be held",
			}
			if s.Acquire.Kind == syncapi.Try {
				f.What = "the result of " + types.ExprString(call.Fun) + " is dropped: " + r + " may not be held"
			}
			out = append(out, f)
		}
	}
	return out
}

// isDropped reports whether nobody looks at what a call returns.
func isDropped(p *summary.Package, call *ast.CallExpr) bool {
	switch up := p.Uses.Parent(call).(type) {
	case *ast.ExprStmt, *ast.DeferStmt, *ast.GoStmt:
		return true
	case *ast.AssignStmt:
		return !slices.ContainsFunc(up.Lhs, func(e ast.Expr) bool {
			id, ok := e.(*ast.Ident)
			return !ok || id.Name != "_" && !isUnread(p, id)
		})
	}
	return false
}

// isUnread: a variable is defined and only ever assigned to nothing.
func isUnread(p *summary.Package, id *ast.Ident) bool {
	v, ok := p.Src.Info.Defs[id].(*types.Var)
	return ok && !slices.ContainsFunc(p.Uses.Reads(v), func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		as, blank := p.Uses.Parent(n).(*ast.AssignStmt)
		return !ok || !blank || !isBlank(as, e)
	})
}

// unending reports whether a call is given a context that is never cancelled,
// directly or through a variable.
func unending(p *summary.Package, call *ast.CallExpr) bool {
	if p.NeverEnds(call) {
		return true
	}
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		id, ok := ast.Unparen(arg).(*ast.Ident)
		if !ok {
			return false
		}
		v, _ := p.Src.Info.Uses[id].(*types.Var)
		def, ok := p.Namer.Def(v)
		return ok && p.Endless(def)
	})
}

// ignoredContexts finds sends and receives, outside of a select, of functions
// that are given a context: while something is held, or in the function that
// others call. The channel is one that others know: who waits for a goroutine of
// its own has told that goroutine of the context, or should have.
func ignoredContexts(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		ctx := contextOf(p, b)
		if ctx == nil {
			continue
		}
		for _, op := range b.Ops {
			if op.Defer != nil || len(op.Lits) > 0 || !isPlain(p, op.Node) || !mayWait(p, b, op) || !isShared(p, op.Node) || afterEnd(p, op.Node) {
				continue
			}
			if isBaton(p, b, op.Node) || madeBefore(p, op.Node) || handsOnContext(p, b, ctx, op.Node) {
				continue
			}
			held := strongest(op)
			if held == "" && !ast.IsExported(b.Obj.Name()) {
				continue
			}
			f := &Fault{
				Pkg: p, Body: b, Sort: IgnoredContext, Node: op.Node, Level: Hazard, Resource: types.ExprString(channel(op.Node)),
				What: what(op.Node) + " waits on when " + ctx.Name + " is cancelled", Spots: []ast.Node{op.Node, ctx},
			}
			if held != "" {
				f.Why = held + " is held meanwhile"
			}
			out = append(out, f)
		}
	}
	return out
}

// contextOf returns the parameter of a declared function that is a context.
func contextOf(p *summary.Package, b *lockset.Body) *ast.Ident {
	fd, ok := b.Fn.(*ast.FuncDecl)
	if !ok || b.Obj == nil {
		return nil
	}
	for _, field := range fd.Type.Params.List {
		if !isContext(p.Src.Info.TypeOf(field.Type)) {
			continue
		}
		for _, name := range field.Names {
			if name.Name != "_" {
				return name
			}
		}
	}
	return nil
}

// isPlain: a send or a receive that is no case of a select.
func isPlain(p *summary.Package, n ast.Node) bool {
	switch n.(type) {
	case *ast.SendStmt, *ast.UnaryExpr:
		return selectOf(p, n) == nil
	}
	return false
}

// selectOf returns the select that an operation is a case of.
func selectOf(p *summary.Package, n ast.Node) *ast.SelectStmt {
	for up := n; up != nil; up = p.Uses.Parent(up) {
		if clause, ok := p.Uses.Parent(up).(*ast.CommClause); ok {
			if clause.Comm != up {
				return nil
			}
			sel, _ := p.Uses.Parent(p.Uses.Parent(clause)).(*ast.SelectStmt)
			return sel
		}
		if _, ok := up.(*ast.BlockStmt); ok {
			return nil
		}
	}
	return nil
}

// mayWait reports whether an operation can wait without an end.
func mayWait(p *summary.Package, b *lockset.Body, op *lockset.Op) bool {
	return slices.ContainsFunc(p.Acts(b, op), func(a summary.Act) bool { return a.Class == syncapi.Waits && a.Bounded == "" })
}

// isShared: the channel is a field, of an object that others know, or a variable
// of the package.
func isShared(p *summary.Package, n ast.Node) bool {
	r := p.Namer.Name(channel(n), lockset.ChanSem)
	v, ok := r.Field().(*types.Var)
	if !ok || r.Root == nil {
		return false // what a call yields may be told of the context
	}
	return v.IsField() && !isOwn(p, r.Root) || v.Parent() == p.Src.Types.Scope()
}

// isOwn: an object that its function has made is known to few yet.
func isOwn(p *summary.Package, root types.Object) bool {
	v, _ := root.(*types.Var)
	def, ok := p.Namer.Def(v)
	if !ok {
		return false
	}
	if u, ok := ast.Unparen(def).(*ast.UnaryExpr); ok {
		def = u.X
	}
	_, ok = ast.Unparen(def).(*ast.CompositeLit)
	return ok
}

// isBaton: a channel that one function both sends on and receives from holds
// something that is taken and put back.
func isBaton(p *summary.Package, b *lockset.Body, n ast.Node) bool {
	_, send := n.(*ast.SendStmt)
	key := p.Namer.Name(channel(n), lockset.ChanSem).Key()
	return slices.ContainsFunc(b.Ops, func(op *lockset.Op) bool {
		_, other := op.Node.(*ast.SendStmt)
		ch := channel(op.Node)
		return ch != nil && other != send && p.Namer.Name(ch, lockset.ChanSem).Key() == key
	})
}

// madeBefore: the function has just given the field a channel of its own.
func madeBefore(p *summary.Package, n ast.Node) bool {
	c, ok := p.Uses.ChanOf(channel(n))
	return ok && slices.ContainsFunc(p.Uses.Writes(c.Var), func(w uses.Write) bool {
		return w.Fn == p.Uses.Enclosing(n) && w.Node.Pos() < n.Pos()
	})
}

// handsOnContext: a goroutine that was started before was given the context, and
// may be the one that is waited for.
func handsOnContext(p *summary.Package, b *lockset.Body, ctx *ast.Ident, n ast.Node) bool {
	obj, found := p.Src.Info.Defs[ctx], false
	ast.Inspect(b.Block, func(m ast.Node) bool {
		g, ok := m.(*ast.GoStmt)
		if !ok || g.Pos() > n.Pos() {
			return !found
		}
		ast.Inspect(g, func(m ast.Node) bool {
			id, ok := m.(*ast.Ident)
			found = found || ok && p.Src.Info.Uses[id] == obj
			return !found
		})
		return !found
	})
	return found
}

// afterEnd: a case of a select was chosen before, what waits now waits for the end;
// or a case of ctx.Done() leads here, and so it waits all the same.
func afterEnd(p *summary.Package, n ast.Node) bool {
	if goesOnTo(p, n) {
		return true
	}
	for up := p.Uses.Parent(n); up != nil; up = p.Uses.Parent(up) {
		if c, ok := up.(*ast.CommClause); ok && c.Comm != nil {
			return true
		}
	}
	return false
}

// goesOnTo: from a case of ctx.Done() a path leads to the operation.
func goesOnTo(p *summary.Package, n ast.Node) bool {
	block, found := bodyBlock(p.Uses.Enclosing(n)), false
	ast.Inspect(block, func(m ast.Node) bool {
		clause, ok := m.(*ast.CommClause)
		if !ok || found || clause.Pos() > n.Pos() {
			return !found
		}
		u, ok := commOp(clause.Comm).(*ast.UnaryExpr)
		if !ok {
			return true
		}
		call, ok := ast.Unparen(u.X).(*ast.CallExpr)
		if !ok {
			return true
		}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); !ok || sel.Sel.Name != "Done" || !isContext(p.Src.Info.TypeOf(sel.X)) {
			return true
		}
		r := newRoute(p, block)
		r.step = func(m ast.Node, state int) (int, bool) {
			found = found || m.Pos() <= n.Pos() && n.End() <= m.End()
			return state, !found && m.Pos() >= clause.Pos()
		}
		if at, ok := r.behind(clause.Comm); ok {
			r.from(at, 0)
		}
		return !found
	})
	return found
}

// strongest names what is held at an operation, on every path.
func strongest(op *lockset.Op) string {
	for _, h := range op.State.Held() {
		if h.Must && h.Sort != lockset.OnceLock {
			return h.Expr
		}
	}
	return ""
}

// ignoredDones compares the sends, and the receives, on each channel field of a
// struct: where at least two of them, and most, stand in a select beside a
// receive from one other field of the same object, the plain ones are reported.
// Two channels that are only closed are two ends, and neither bounds the other.
func ignoredDones(in *view) []*Fault {
	p := in.Package
	groups := map[doneKey]*doneGroup{}
	var order []doneKey
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			for _, n := range comms(op.Node) {
				r := p.Namer.Name(channel(n), lockset.ChanSem)
				v, ok := r.Field().(*types.Var)
				_, send := n.(*ast.SendStmt)
				if !ok || !v.IsField() || !send && onlyCloses(p, v) {
					continue
				}
				key := doneKey{v.Origin(), send}
				g := groups[key]
				if g == nil {
					g = &doneGroup{}
					groups[key], order = g, append(order, key)
				}
				g.add(p, b, op, n, r)
			}
		}
	}
	var out []*Fault
	for _, key := range order {
		out = append(out, groups[key].faults(p)...)
	}
	for _, f := range append(heldUp(in), gonePartners(p)...) {
		if !slices.ContainsFunc(out, func(o *Fault) bool { return o.Node == f.Node }) {
			out = append(out, f)
		}
	}
	others := in.ignoredContexts()
	return slices.DeleteFunc(out, func(f *Fault) bool {
		return slices.ContainsFunc(others, func(o *Fault) bool { return o.Node == f.Node })
	})
}

// A doneKey is one way of using one channel field.
type doneKey struct {
	field *types.Var
	send  bool
}

// A doneGroup is all operations of one kind on one channel field.
type doneGroup struct {
	plain   []doneOp
	guarded []doneOp
}

// A doneOp is one of them; done is the receive from the other field of its
// object that stands beside it.
type doneOp struct {
	body *lockset.Body
	op   *lockset.Op
	node ast.Node
	done *ast.UnaryExpr
}

// comms lists the channel operations of an operation: its own, or those of its
// cases.
func comms(n ast.Node) []ast.Node {
	switch n := n.(type) {
	case *ast.SendStmt:
		return []ast.Node{n}
	case *ast.UnaryExpr:
		return []ast.Node{n}
	case *ast.SelectStmt:
		var out []ast.Node
		for _, c := range n.Body.List {
			if op := commOp(c.(*ast.CommClause).Comm); op != nil {
				out = append(out, op)
			}
		}
		return out
	}
	return nil
}

// commOp is the send or receive of a select clause; nil for a default.
func commOp(comm ast.Stmt) ast.Node {
	var e ast.Expr
	switch comm := comm.(type) {
	case *ast.SendStmt:
		return comm
	case *ast.ExprStmt:
		e = comm.X
	case *ast.AssignStmt:
		e = comm.Rhs[0]
	default:
		return nil
	}
	u, _ := ast.Unparen(e).(*ast.UnaryExpr)
	return u
}

func (g *doneGroup) add(p *summary.Package, b *lockset.Body, op *lockset.Op, n ast.Node, r lockset.Resource) {
	sel, ok := op.Node.(*ast.SelectStmt)
	if !ok {
		if selectOf(p, n) == nil {
			g.plain = append(g.plain, doneOp{body: b, op: op, node: n})
		}
		return
	}
	for _, other := range comms(sel) {
		u, ok := other.(*ast.UnaryExpr)
		if !ok || other == n {
			continue
		}
		d := p.Namer.Name(u.X, lockset.ChanSem)
		if v, ok := d.Field().(*types.Var); ok && v.IsField() && d.Root == r.Root && slices.Equal(d.Fields[:len(d.Fields)-1], r.Fields[:len(r.Fields)-1]) && onlyCloses(p, v) {
			g.guarded = append(g.guarded, doneOp{body: b, op: op, node: n, done: u})
			return
		}
	}
}

// onlyCloses: a channel that is closed and never sent on says that something is
// over.
func onlyCloses(p *summary.Package, v *types.Var) bool {
	c := uses.Chan{Var: v.Origin()}
	closes, _ := p.Uses.Closes(c)
	return len(closes) > 0 && len(p.Uses.Sends(c)) == 0
}

func (g *doneGroup) faults(p *summary.Package) []*Fault {
	var plain []doneOp
	for _, o := range g.plain {
		if mayWait(p, o.body, o.op) && !afterEnd(p, o.node) {
			plain = append(plain, o)
		}
	}
	if len(g.guarded) < 2 || len(plain) == 0 || len(plain) >= len(g.guarded) {
		return nil
	}
	done := g.guarded[0].done
	field := p.Namer.Name(done.X, lockset.ChanSem).Field().(*types.Var)
	for _, o := range g.guarded {
		if p.Namer.Name(o.done.X, lockset.ChanSem).Field() != field {
			return nil // they do not agree
		}
	}
	closes, _ := p.Uses.Closes(uses.Chan{Var: field.Origin()})
	var out []*Fault
	for _, o := range plain {
		if slices.ContainsFunc(closes, func(c *ast.CallExpr) bool { return bodyOf(p, c) == o.body }) {
			continue // it ends the object itself
		}
		f := &Fault{
			Pkg: p, Body: o.body, Sort: IgnoredDone, Node: o.node, Level: Hazard, Resource: types.ExprString(channel(o.node)),
			What: what(o.node) + " waits on when " + field.Name() + " is closed, which others of its kind look at", Spots: []ast.Node{o.node, ast.Unparen(done.X), ownerOfField(channel(o.node))},
		}
		for _, g := range g.guarded {
			f.Peer = append(f.Peer, Frame{g.node.Pos(), "looks at " + types.ExprString(g.done.X) + " as well"})
		}
		f.Peer = f.Peer[:min(len(f.Peer), 3)]
		out = append(out, f)
	}
	return out
}
