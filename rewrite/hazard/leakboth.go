package hazard

import (
	"go/ast"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
)

// started lists the calls of the body that start a goroutine which releases the
// lock on every path without having taken it. Nobody else may have taken it for
// the body: whoever takes it, takes it for himself.
func (l *leaking) started() []ast.Node {
	out := l.givers()
	if len(out) > 0 && !l.isOurs() {
		return nil
	}
	return out
}

// givers lists the calls of the body that start a goroutine which always releases
// the lock.
func (l *leaking) givers() []ast.Node {
	var out []ast.Node
	ast.Inspect(l.b.Block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			if lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit); ok && l.alwaysGives(n, lit) {
				out = append(out, n.Call)
			}
			return false
		}
		return true
	})
	return out
}

// isOurs: all that is done with the lock is seen, and every other body that takes
// it gives it back itself, or by a goroutine of its own.
func (l *leaking) isOurs() bool {
	r := l.s.Acquire.Resource
	private := isPrivate(l.p, r)
	if _, all := lockCalls(l.p, r); !private && !all {
		return false
	}
	class := l.p.Class(r)
	return !slices.ContainsFunc(l.p.Bodies(), func(b *lockset.Body) bool {
		return b != l.b && slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool {
			same := s.Acquire.Resource.Key() == r.Key() || !private && l.p.Class(s.Acquire.Resource) == class
			return same && s.Leaks && len((&leaking{p: l.p, b: b, s: s}).givers()) == 0
		})
	})
}

// alwaysGives: a literal that a statement starts releases the lock on every path
// that leaves it, once, and does nothing else with it.
func (l *leaking) alwaysGives(g *ast.GoStmt, lit *ast.FuncLit) bool {
	b := bodyOfLit(l.p, lit)
	if b == nil || slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool { return s.Acquire.Resource.Key() == l.key() }) {
		return false
	}
	d := &duty.Duty{Begin: g.Call, Entry: true}
	for _, op := range b.Ops {
		call, ok := op.Node.(*ast.CallExpr)
		switch {
		case !ok || !l.unlocks(call):
		case len(op.Lits) > 0 || loopOf(l.p, call) != nil:
			return false
		case op.Defer != nil:
			if op.Defer.Call != call {
				return false
			}
			d.Defers = append(d.Defers, op.Defer)
		default:
			d.Ends = append(d.Ends, call)
		}
	}
	return len(d.Ends)+len(d.Defers) > 0 && duty.Always(code(l.p, lit.Body), d)
}
