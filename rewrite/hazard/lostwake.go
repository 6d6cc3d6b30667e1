package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// LostWake is a change that can end a wait on a condition, by a function that
// does not signal it, while others that make such a change do. Its spots are the
// node that writes, the expression whose field it writes, a call of Wait on the
// condition, and the return statement ahead of the function's own signal, when
// there is one.
const LostWake FaultSort = "lost wake"

// lostWakes compares, for each condition that is waited on in a loop, the places
// that write what the loop reads, in the direction that ends the wait: where
// that can be told, and where another place signals.
func lostWakes(p *summary.Package) []*Fault {
	var out []*Fault
	for _, c := range conditions(p) {
		writes := c.writes()
		if !slices.ContainsFunc(writes, func(w wake) bool { return w.signal != nil }) {
			continue // nobody keeps to the protocol: it is another one
		}
		for _, w := range writes {
			if f := c.fault(w, writes); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// A condition is a sync.Cond and what its waiters wait for.
type condition struct {
	p     *summary.Package
	field *types.Var
	waits []*ast.CallExpr
	atoms []atom
	wakes map[*types.Func]bool // whether functions lead to a signal
}

// conditions lists the conditions of a package that are waited on in loops.
func conditions(p *summary.Package) []*condition {
	var out []*condition
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok || !isCondMethod(p, call, "Wait") {
				continue
			}
			field := p.CondField(call)
			if field == nil {
				continue
			}
			i := slices.IndexFunc(out, func(c *condition) bool { return c.field == field })
			if i < 0 {
				i = len(out)
				out = append(out, &condition{p: p, field: field, wakes: map[*types.Func]bool{}})
			}
			out[i].waits = append(out[i].waits, call)
			for _, a := range atomsOf(p, call) {
				a.waiter = b
				out[i].atoms = append(out[i].atoms, a)
			}
		}
	}
	return out
}

// A wake is a write that can end a wait.
type wake struct {
	uses.Write
	atom   atom
	body   *lockset.Body
	signal ast.Node // where its function signals; nil if it does not
}

// Waits lists the calls of Wait on a condition, and says whether each stands in a
// loop.
func Waits(p *summary.Package, field *types.Var) (calls []*ast.CallExpr, looped bool) {
	looped = true
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if ok && isCondMethod(p, call, "Wait") && p.CondField(call) == field {
				w := &waiting{p: p, call: call, guard: guardOf(p, call)}
				calls, looped = append(calls, call), looped && w.retested(call)
			}
		}
	}
	return calls, looped
}

// writes lists the writes that can end a wait, of objects that others may know.
// Who waits for a change itself has found it made.
func (c *condition) writes() []wake {
	var out []wake
	seen := map[ast.Node]bool{}
	for _, a := range c.atoms {
		for _, w := range c.p.Uses.Writes(a.field) {
			b := bodyOf(c.p, w.Node)
			if b == nil || c.waitsFor(b, a) || seen[w.Node] || w.Kind == uses.Init || !a.endedBy(c.p, w) || c.ownMaking(w) {
				continue
			}
			seen[w.Node] = true
			out = append(out, wake{Write: w, atom: a, body: b, signal: c.signalIn(b)})
		}
	}
	return out
}

// waitsFor: a body waits for such a change of the field itself.
func (c *condition) waitsFor(b *lockset.Body, a atom) bool {
	return slices.ContainsFunc(c.atoms, func(o atom) bool { return o.waiter == b && o.field == a.field && o.until == a.until })
}

// ownMaking: a write to an object that its function has just made.
func (c *condition) ownMaking(w uses.Write) bool {
	owner := ownerExpr(w)
	if owner == nil {
		return true
	}
	return isOwn(c.p, c.p.Namer.Name(owner, lockset.Lock).Root)
}

// ownerExpr returns x of a write to x.f; nil where the field is not named so.
func ownerExpr(w uses.Write) ast.Expr {
	var target ast.Expr
	switch n := w.Node.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == 1 {
			target = n.Lhs[0]
		}
	case *ast.IncDecStmt:
		target = n.X
	case *ast.CallExpr:
		if len(n.Args) > 0 {
			target = n.Args[0] // delete, clear
		}
	}
	for target != nil {
		switch t := ast.Unparen(target).(type) {
		case *ast.IndexExpr:
			target = t.X
		case *ast.SelectorExpr:
			return t.X
		default:
			return nil
		}
	}
	return nil
}

// signalIn returns where a body signals, itself or in a function that it calls.
func (c *condition) signalIn(b *lockset.Body) ast.Node {
	for _, op := range b.Ops {
		if call, ok := op.Node.(*ast.CallExpr); ok && c.signals(call) {
			return call
		}
	}
	return nil
}

// signals reports whether a call wakes who waits on the condition, itself or in
// what it calls, at any depth.
func (c *condition) signals(call *ast.CallExpr) bool {
	if Signals(c.p, call) {
		return c.p.CondField(call) == c.field
	}
	for _, fn := range c.p.Callees(call) {
		wakes, known := c.wakes[fn]
		if !known {
			wakes = c.reaches(fn, map[*types.Func]bool{})
			c.wakes[fn] = wakes
		}
		if wakes {
			return true
		}
	}
	return false
}

// reaches reports whether a function of the package leads to a signal.
func (c *condition) reaches(fn *types.Func, seen map[*types.Func]bool) bool {
	fd := c.p.Uses.FuncDecl(fn)
	if fd == nil || fd.Body == nil || seen[fn] {
		return false
	}
	seen[fn] = true
	found := false
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		switch {
		case !ok || found:
		case Signals(c.p, call):
			found = c.p.CondField(call) == c.field
		default:
			found = slices.ContainsFunc(c.p.Callees(call), func(fn *types.Func) bool { return c.reaches(fn, seen) })
		}
		return !found
	})
	return found
}

// fault judges one write: its function never signals, or it returns before it
// does. A function that does not lock itself leaves the signal to its callers,
// and one whose caller signals has left it there.
func (c *condition) fault(w wake, all []wake) *Fault {
	var ret *ast.ReturnStmt
	if w.signal != nil {
		if ret = c.returnsEarly(w); ret == nil {
			return nil
		}
	} else if !c.locks(w.body) || c.callerSignals(w.body) {
		return nil
	}
	sibling := all[slices.IndexFunc(all, func(o wake) bool { return o.signal != nil && (o.body != w.body || ret != nil) })]
	text := types.ExprString(ownerExpr(w.Write)) + "." + w.atom.field.Name()
	f := &Fault{
		Pkg: c.p, Body: w.body, Sort: LostWake, Node: w.Node, Level: Hazard, Resource: c.field.Name(),
		What:  text + " is changed without a signal: who waits on " + c.field.Name() + " does not wake",
		Peer:  []Frame{{c.waits[0].Pos(), "waits for it"}},
		Spots: []ast.Node{w.Node, ownerExpr(w.Write), c.waits[0]},
	}
	if c.waitsItself(w) {
		f.Level, f.Why = Contention, "who changes it is the only one that would wait for it"
	}
	if ret != nil {
		f.What = text + " is changed, and a return comes before the signal: who waits on " + c.field.Name() + " does not wake"
		f.Chain = []Frame{{ret.Pos(), "returns here"}}
		f.Spots = append(f.Spots, ret)
	} else {
		f.Peer = append(f.Peer, Frame{sibling.signal.Pos(), "signals when it changes it"})
	}
	return f
}

// locks reports whether a body takes the condition's lock itself.
func (c *condition) locks(b *lockset.Body) bool {
	lock := c.p.CondLock(c.waits[0])
	return slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool {
		r := s.Acquire.Resource
		return lock == nil || r.Field() == lock || r.Field() != nil && r.Field().Name() == "L"
	})
}

// callerSignals reports whether some caller of a function signals.
func (c *condition) callerSignals(b *lockset.Body) bool {
	if b.Obj == nil {
		return false
	}
	calls, _ := c.p.Uses.Calls(b.Obj)
	return slices.ContainsFunc(calls, func(call *ast.CallExpr) bool {
		caller := bodyOf(c.p, call)
		return caller != nil && c.signalIn(caller) != nil
	})
}

// returnsEarly returns a return statement between a write and the one signal of
// its function, on a path that does not signal.
func (c *condition) returnsEarly(w wake) *ast.ReturnStmt {
	fn := c.p.Uses.Enclosing(w.Node)
	var signals []ast.Node
	for _, op := range w.body.Ops {
		if call, ok := op.Node.(*ast.CallExpr); ok && c.signals(call) {
			if op.Defer != nil || c.p.Uses.Enclosing(call) != fn {
				return nil
			}
			signals = append(signals, call)
		}
	}
	last := signals[len(signals)-1]
	if c.p.Uses.StmtOf(last).Owner != bodyBlock(fn) || signals[0].Pos() < w.Node.Pos() {
		return nil // it signals on some paths only, or has done so
	}
	var early *ast.ReturnStmt
	r := newRoute(c.p, bodyBlock(fn))
	r.step = func(n ast.Node, state int) (int, bool) {
		for _, s := range signals {
			if n.Pos() <= s.Pos() && s.End() <= n.End() {
				return state, false
			}
		}
		if ret, ok := n.(*ast.ReturnStmt); ok && ret.Pos() < last.Pos() && early == nil && !c.knewBefore(w, ret) {
			early = ret
		}
		return state, early == nil
	}
	if at, ok := r.after(w.Node); ok {
		r.from(at, 0)
	}
	return early
}

// knewBefore: a return stands under a test of what the field was before the write,
// and may be the one of who changed nothing.
func (c *condition) knewBefore(w wake, ret *ast.ReturnStmt) bool {
	test, ok := c.p.Uses.Parent(c.p.Uses.Parent(ret)).(*ast.IfStmt)
	if !ok {
		return false
	}
	found := false
	ast.Inspect(test.Cond, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return !found
		}
		v, _ := c.p.Src.Info.Uses[id].(*types.Var)
		def, ok := c.p.Namer.Def(v)
		found = found || ok && fieldOf(c.p, def) == w.atom.field && def.Pos() < w.Node.Pos()
		return !found
	})
	return found
}
