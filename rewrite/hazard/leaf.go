package hazard

import (
	"go/ast"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// LeafLocks is the sort of acquisitions of a lock under one that is declared
// //lockfix:lock leaf: under it no other is to be taken. It has no Spots.
const LeafLocks FaultSort = "leaf"

// leafs finds acquisitions under leaf locks, in the body or by what it calls.
func leafs(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			h, ok := leafHeld(p, op)
			if !ok {
				continue
			}
			if what, takes := takesAnother(p, b, op, h); takes {
				out = append(out, leafFault(p, b, h, op.Node, what))
			}
		}
	}
	return out
}

// leafHeld is the leaf lock that is held at an operation.
func leafHeld(p *summary.Package, op *lockset.Op) (lockset.Held, bool) {
	for _, h := range op.State.Held() {
		if f := h.Field(); f != nil && h.Must && p.Directive(f, "lock leaf") {
			return h, true
		}
	}
	return lockset.Held{}, false
}

// takesAnother reports whether an operation takes another lock than the one that is
// held, and what its callees take. A try waits for nobody.
func takesAnother(p *summary.Package, b *lockset.Body, op *lockset.Op, h lockset.Held) (callees []Frame, takes bool) {
	for _, s := range b.Sections {
		if a := s.Acquire; a.Node == op.Node {
			return nil, a.Resource.Sort == lockset.Lock && a.Kind != syncapi.Try && a.Resource.Key() != h.Key()
		}
	}
	if call, ok := op.Node.(*ast.CallExpr); ok && inherits(p, call, h) {
		return nil, false // it is reported in the callee
	}
	for _, l := range p.LocksTaken(op) {
		if l.Class != "" && l.Class != p.Class(h.Resource) {
			return []Frame{{Text: "takes " + l.Class}}, true
		}
	}
	return nil, false
}

// inherits reports whether a callee is known to be called with what is held.
func inherits(p *summary.Package, call *ast.CallExpr, h lockset.Held) bool {
	for _, fn := range p.Callees(call) {
		if slices.ContainsFunc(p.Entry(fn), func(e lockset.Held) bool { return e.Field() == h.Field() }) {
			return true
		}
	}
	return false
}

func leafFault(p *summary.Package, b *lockset.Body, h lockset.Held, n ast.Node, chain []Frame) *Fault {
	f := &Fault{
		Pkg: p, Body: b, Sort: LeafLocks, Node: n, Level: Hazard, Resource: h.Expr, Chain: chain,
		What: what(n) + " takes another lock while " + h.Expr + ", a leaf lock, is held",
		Why:  h.Expr + " is declared lockfix:lock leaf: no other lock is taken under it",
	}
	for _, s := range b.Sections {
		if len(h.From) > 0 && s.Acquire == h.From[0] {
			f.Section = s
		}
	}
	return f
}
