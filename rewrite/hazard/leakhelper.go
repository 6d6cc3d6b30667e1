package hazard

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// unheldByHelper finds the calls of a helper that releases a lock for its caller,
// which this caller does not hold while others do.
//
//   - All that is done with the lock is seen, and no function but the caller's own
//     leaves it held: so nobody can hold it on the caller's behalf.
//   - Nobody calls the caller with it held, or passes the caller on.
func unheldByHelper(p *summary.Package, b *lockset.Body) []*Fault {
	if b.Obj == nil || len(b.Entry) > 0 {
		return nil
	}
	var out []*Fault
	for _, op := range b.Ops {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok || op.Defer != nil || len(op.Lits) > 0 {
			continue
		}
		for _, c := range p.Changes(call) {
			if c.Kind != syncapi.Release || c.Via == nil || c.Once || !c.Resource.Stable || c.Resource.Sort != lockset.Lock || !isHeldNowhere(p, b, op, c.Resource) {
				continue
			}
			out = append(out, &Fault{
				Pkg: p, Body: b, Sort: LeakUnheld, Node: call, Resource: c.Resource.Expr, Level: Hazard,
				What:  fmt.Sprintf("%s unlocks %s, which is not locked here", what(call), c.Resource.Expr),
				Why:   "the program ends with a fatal error there",
				Chain: []Frame{{c.Via.Pos(), "releases it for its caller"}},
			})
		}
	}
	return out
}

// isHeldNowhere: a lock is not held where an operation releases it, neither by its
// function nor for it.
func isHeldNowhere(p *summary.Package, b *lockset.Body, op *lockset.Op, r lockset.Resource) bool {
	class := p.Class(r)
	if class == "" || isDroppedBefore(op, r) {
		return false
	}
	if _, all := lockCalls(p, r); !all || !isOnlyCalled(p, b.Obj) {
		return false
	}
	locked := false
	for _, o := range p.Bodies() {
		for _, s := range o.Sections {
			if p.Class(s.Acquire.Resource) != class {
				continue
			}
			if o == b || s.Leaks || o.Decl == b.Decl {
				return false
			}
			locked = true
		}
		for _, x := range o.Ops {
			if call, ok := x.Node.(*ast.CallExpr); ok && holdsClass(p, x, class) && slices.Contains(p.Callees(call), b.Obj) {
				return false
			}
		}
	}
	return locked
}

// isDroppedBefore: the function has released it before, so it counts on holding it.
func isDroppedBefore(op *lockset.Op, r lockset.Resource) bool {
	_, held := op.State.Find(r.Key())
	return held || slices.ContainsFunc(op.State.Dropped(), func(d lockset.Resource) bool { return d.Key() == r.Key() })
}

func holdsClass(p *summary.Package, op *lockset.Op, class string) bool {
	return slices.ContainsFunc(op.State.Held(), func(h lockset.Held) bool { return p.Class(h.Resource) == class })
}

// isOnlyCalled: a function is called by its name, and neither passed on, nor
// started, nor deferred.
func isOnlyCalled(p *summary.Package, fn *types.Func) bool {
	calls, _ := p.Uses.Calls(fn)
	n := 0
	for _, obj := range p.Src.Info.Uses {
		if f, ok := obj.(*types.Func); ok && f.Origin() == fn {
			n++
		}
	}
	return n == len(calls) && !slices.ContainsFunc(calls, func(c *ast.CallExpr) bool {
		switch p.Uses.Parent(c).(type) {
		case *ast.DeferStmt, *ast.GoStmt:
			return true
		}
		return false
	})
}
