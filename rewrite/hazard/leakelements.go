package hazard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// unheldElements finds releases of the locks of a list's elements that nobody
// holds: the function made the list of what it had locked itself, and released
// what it locks in the same turn of a loop.
//
//	for _, x := range all { x.mu.Lock(); kept = append(kept, x); x.mu.Unlock() }
//	for _, x := range kept { x.mu.Unlock() }
func unheldElements(p *summary.Package, b *lockset.Body) []*Fault {
	var out []*Fault
	for _, op := range b.Ops {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok || !isRelease(call) || op.Defer != nil || len(op.Lits) > 0 {
			continue
		}
		sel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if fn, ok := p.Src.Info.Uses[sel.Sel].(*types.Func); !ok || !isLockMethod(fn) {
			continue
		}
		e := &element{p: p, b: b, lock: p.Namer.Method(sel, lockset.Lock)}
		if _, held := op.State.Find(e.lock.Key()); held || !e.isDrawn(call) || !e.isFilled() || !e.isReleased() || !e.isAlone() {
			continue
		}
		out = append(out, &Fault{
			Pkg: p, Body: b, Sort: LeakUnheld, Node: call, Resource: e.lock.Expr, Level: Hazard,
			What:  fmt.Sprintf("%s is unlocked, which was unlocked before it came into %s", e.lock.Expr, e.list.Name()),
			Why:   "the program ends with a fatal error here",
			Chain: []Frame{{e.appends[0].Pos(), "it comes into " + e.list.Name() + " here"}},
		})
	}
	return out
}

// An element is one of a list, with a lock that is released.
type element struct {
	p       *summary.Package
	b       *lockset.Body
	lock    lockset.Resource // as it is named where it is released
	list    *types.Var
	appends []*ast.CallExpr // the calls that put elements into the list
}

// isDrawn: the lock is that of an element which a loop draws from a variable of
// the function.
func (e *element) isDrawn(at ast.Node) bool {
	v, ok := e.lock.Root.(*types.Var)
	if !ok || !isPointerType(v.Type()) {
		return false
	}
	for n := e.p.Uses.Parent(at); n != nil && n != e.b.Fn; n = e.p.Uses.Parent(n) {
		rng, ok := n.(*ast.RangeStmt)
		if !ok || rng.Value == nil {
			continue
		}
		id, ok := rng.Value.(*ast.Ident)
		list, isName := ast.Unparen(rng.X).(*ast.Ident)
		if !ok || !isName || e.p.Src.Info.Defs[id] != types.Object(v) {
			continue
		}
		e.list, ok = e.p.Src.Info.Uses[list].(*types.Var)
		return ok && len(e.p.Uses.Writes(v)) == 1 && e.b.Block.Pos() <= e.list.Pos() && e.list.Pos() < e.b.Block.End()
	}
	return false
}

// isFilled: the list is empty at first, and all that is put into it are names of
// objects of which the function has taken this very lock in the same turn.
func (e *element) isFilled() bool {
	for _, w := range e.p.Uses.Writes(e.list) {
		as, ok := w.Node.(*ast.AssignStmt)
		switch {
		case w.Kind == uses.Init && w.Value == nil, w.Kind == uses.Init && e.isEmpty(w.Value):
			continue
		case w.Kind != uses.Mutate || !ok || w.Value == nil || as.Tok != token.ASSIGN:
			return false
		}
		call, ok := ast.Unparen(w.Value).(*ast.CallExpr)
		if !ok || len(call.Args) != 2 || call.Ellipsis.IsValid() || !e.isTaken(call) {
			return false
		}
		e.appends = append(e.appends, call)
	}
	return len(e.appends) > 0
}

// isEmpty: a literal without elements, or a list that is made without any.
func (e *element) isEmpty(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.CompositeLit:
		return len(x.Elts) == 0
	case *ast.CallExpr:
		id, ok := x.Fun.(*ast.Ident)
		if !ok || id.Name != "make" || len(x.Args) < 2 {
			return false
		}
		n := e.p.Src.Info.Types[x.Args[1]].Value
		return n != nil && n.String() == "0"
	}
	return e.p.Src.Info.Types[x].IsNil()
}

// isTaken: on every path from the start of the turn to an append, the lock of what
// is appended is taken.
func (e *element) isTaken(call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Args[1]).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := e.p.Src.Info.Uses[id].(*types.Var)
	if !ok || len(e.p.Uses.Writes(v)) != 1 {
		return false
	}
	rng, ok := loopOf(e.p, call).(*ast.RangeStmt)
	if !ok || rng.Value == nil {
		return false
	}
	if drawn, ok := rng.Value.(*ast.Ident); !ok || e.p.Src.Info.Defs[drawn] != types.Object(v) {
		return false
	}
	d := &duty.Duty{Begin: rng.Value, Hits: []ast.Node{call}}
	for _, s := range e.b.Sections {
		if r := s.Acquire.Resource; r.Root == types.Object(v) && slices.Equal(r.Fields, e.lock.Fields) && s.Acquire.Via == nil {
			d.Ends = append(d.Ends, s.Acquire.Node)
		}
	}
	return len(d.Ends) > 0 && !slices.ContainsFunc(duty.Leaks(code(e.p, e.b.Block), d), func(x duty.Leak) bool { return x.Kind == duty.Hit })
}

// isReleased: whatever lock of this kind the function takes, it gives back before
// the turn or the function ends.
func (e *element) isReleased() bool {
	for _, s := range e.b.Sections {
		if s.Acquire.Resource.Field() != e.lock.Field() {
			continue
		}
		l := &leaking{p: e.p, b: e.b, s: s}
		if s.Acquire.Via != nil || len(s.Lits) > 0 || !duty.Always(l.code(), l.duty()) {
			return false
		}
	}
	return true
}

// isAlone: nothing else in the function can take such a lock, or put something
// into the list: it calls nothing but what is harmless, and has no literals.
func (e *element) isAlone() bool {
	alone := true
	ast.Inspect(e.b.Block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			alone = false
		case *ast.CallExpr:
			alone = alone && e.isHarmless(n)
		}
		return alone
	})
	for _, n := range e.p.Uses.Reads(e.list) {
		_, drawn := e.p.Uses.Parent(n).(*ast.RangeStmt)
		alone = alone && (drawn || slices.ContainsFunc(e.appends, func(c *ast.CallExpr) bool { return c.Args[0] == n }))
	}
	return alone
}

func (e *element) isHarmless(call *ast.CallExpr) bool {
	info := e.p.Src.Info
	if tv := info.Types[call.Fun]; tv.IsBuiltin() || tv.IsType() {
		return true
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if fn, ok := info.Uses[sel.Sel].(*types.Func); ok && isLockMethod(fn) {
			return true
		}
	}
	return e.p.Reach(call) == "plain"
}
