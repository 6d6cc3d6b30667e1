package hazard

import (
	"go/ast"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// entered reports whether a lock is taken only in functions that no code of the
// package calls, like Start and Stop: then no goroutine of the package that is
// waited for comes to it.
func entered(o *Observation, class string) bool {
	for _, b := range o.Pkg.Bodies() {
		for _, s := range b.Sections {
			if o.Pkg.Class(s.Acquire.Resource) != class {
				continue
			}
			if b.Obj == nil {
				return false
			}
			if calls, _ := o.Pkg.Uses.Calls(b.Obj); len(calls) > 0 {
				return false
			}
		}
	}
	return true
}

// needsLock reports whether a peer takes a lock of the class on its way: before
// it comes to the other side, or between one time and the next. frames is nil
// when it provably takes none; it is not when foreign code runs there.
func needsLock(o *Observation, p peer, class string) (frames []Frame, needs bool) {
	where := Frame{p.node.Pos(), p.what + " in " + bodyName(o.Pkg, p.body)}
	for _, s := range p.body.Sections {
		if o.Pkg.Class(s.Acquire.Resource) != class {
			continue
		}
		if mustBefore(o, p, s) && sameOwner(o, p, s) {
			return []Frame{where, {s.Acquire.Node.Pos(), "only after " + s.Acquire.Resource.Expr + " is acquired"}}, true
		}
		return []Frame{where}, false
	}
	for _, op := range p.body.Ops {
		if done(o, p, op) {
			break
		}
		for _, l := range o.Pkg.LocksTaken(op) {
			if l.Class == class {
				return []Frame{where}, false
			}
		}
		if o.Kind != Wait && o.Pkg.Opaque(op) {
			return []Frame{where}, false // a library that may be given functions of ours
		}
		for _, a := range o.Pkg.Acts(p.body, op) {
			if o.Kind == Wait && entered(o, class) {
				continue
			}
			if a.Class == syncapi.Foreign && o.Kind != Wait {
				return []Frame{where}, false // it runs code that may come back for the lock
			}
			if a.Class == syncapi.Waits && a.Kind != summary.Wait && a.Bounded == "" && o.Kind == Wait && !served(o, op) {
				return append([]Frame{where}, waits(o.Pkg, op, a)...), false // for one who may need the lock
			}
		}
	}
	return nil, false
}

// waits shows where the other side waits itself.
func waits(p *summary.Package, op *lockset.Op, a summary.Act) []Frame {
	if len(a.Via) == 0 {
		return append([]Frame{{op.Node.Pos(), "waits itself: " + what(op.Node)}}, room(p, op.Node)...)
	}
	return []Frame{{op.Node.Pos(), "waits itself, in the " + what(op.Node)}, {a.Pos(), "waits here: " + a.What}}
}

// done reports whether an operation comes after the Done that a wait waits for.
func done(o *Observation, p peer, op *lockset.Op) bool {
	_, call := p.node.(*ast.CallExpr)
	_, deferred := o.Pkg.Uses.Parent(p.node).(*ast.DeferStmt)
	return o.Kind == Wait && call && p.what == "calls Done" && !deferred && op.Node.Pos() > p.node.End()
}

// served reports whether a worker receives from a channel that only the one who
// waits for it fills and closes: it ends when its input does.
func served(o *Observation, op *lockset.Op) bool {
	var ch ast.Expr
	switch n := op.Node.(type) {
	case *ast.RangeStmt:
		ch = n.X
	case *ast.UnaryExpr:
		ch = n.X
	default:
		return false
	}
	c, ok := o.Pkg.Uses.ChanOf(ch)
	if !ok {
		return false
	}
	closes, _ := o.Pkg.Uses.Closes(c)
	for _, call := range closes {
		if bodyOf(o.Pkg, call) != o.Body {
			return false
		}
	}
	for _, s := range o.Pkg.Uses.Sends(c) {
		if bodyOf(o.Pkg, s) != o.Body {
			return false
		}
	}
	return len(closes) > 0
}

// mustBefore: the acquisition stands above the other side in one statement list
// or around it, outside of branches, so that the peer cannot get there without.
func mustBefore(o *Observation, p peer, s *lockset.Section) bool {
	if s.Acquire.Kind == syncapi.Try {
		return false
	}
	at := o.Pkg.Uses.StmtOf(s.Acquire.Node)
	if p.atEnd {
		return at.Owner == p.body.Block && !returnsBefore(p.body.Block, s.Acquire.Node)
	}
	if s.Acquire.Node.Pos() > p.node.Pos() {
		return false
	}
	for n := p.node; n != nil; n = o.Pkg.Uses.Parent(n) {
		if n == at.Owner {
			return true
		}
	}
	return false
}

// returnsBefore reports whether a function can return ahead of a node.
func returnsBefore(block *ast.BlockStmt, at ast.Node) bool {
	found := false
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || n.Pos() < at.Pos()
		}
		return !found
	})
	return found
}

// sameOwner: lock and channel hang on one variable on both sides, so that one
// object on this side is one object on the other; or they are the very same
// variables, as in a literal and the function around it.
func sameOwner(o *Observation, p peer, s *lockset.Section) bool {
	here, ok := ownerOf(o.Pkg, o.Op.Node)
	there, ok2 := ownerOf(o.Pkg, p.node)
	if !ok || !ok2 {
		return false
	}
	root := s.Acquire.Resource.Root
	return here == o.Held.Root && there == root || here == there && root == o.Held.Root
}
