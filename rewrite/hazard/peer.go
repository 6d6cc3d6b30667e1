package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// ownGoroutine reports whether a body only ever runs as a goroutine of its own.
// What an ordinary function does on the other side says nothing: who calls it
// may need the lock first.
func ownGoroutine(p *summary.Package, b *lockset.Body) bool {
	if b.Spawned || b.Obj == nil {
		return b.Spawned
	}
	calls, complete := p.Uses.Calls(b.Obj)
	for _, call := range calls {
		if _, ok := p.Uses.Parent(call).(*ast.GoStmt); !ok {
			return false
		}
	}
	return complete && len(calls) > 0
}

// buffered reports whether the channel that is waited for has room. Then the
// other side may have come and gone: no cycle is shown.
func buffered(o *Observation) bool {
	c, ok := o.Pkg.Uses.ChanOf(channel(o.Op.Node))
	if !ok {
		return false
	}
	makes, _ := o.Pkg.Uses.Makes(c)
	return len(makes) > 0 && !slices.ContainsFunc(makes, func(m uses.Make) bool { return !m.HasRoom() })
}

// channel is what a send, a receive or a range works on; nil for anything else.
func channel(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.SendStmt:
		return n.Chan
	case *ast.UnaryExpr:
		return n.X
	case *ast.RangeStmt:
		return n.X
	}
	return nil
}

// A peer is a place on the other side: a receive for a send, Done for Wait.
type peer struct {
	node  ast.Node
	body  *lockset.Body
	what  string
	atEnd bool // it happens when the body returns
}

// peersOf finds the other side of a direct wait; all says that there is no
// other.
func peersOf(o *Observation) (peers []peer, all bool) {
	u := o.Pkg.Uses
	add := func(what string, nodes ...ast.Node) {
		for _, n := range nodes {
			if b := bodyOf(o.Pkg, n); b != nil && b != o.Body {
				peers = append(peers, peer{node: n, body: b, what: what, atEnd: isDeferred(b, n)})
			}
		}
	}
	if call, ok := o.Op.Node.(*ast.CallExpr); ok && o.Kind == Wait {
		return doneCalls(o, call)
	}
	c, ok := u.ChanOf(channel(o.Op.Node))
	if !ok {
		return nil, false
	}
	closes, closed := u.Closes(c)
	_, made := u.Makes(c)
	if o.Kind == Send {
		add("receives", u.Receives(c)...)
		return peers, closed && made && len(peers) > 0
	}
	for _, s := range u.Sends(c) {
		add("sends", s)
	}
	for _, call := range closes {
		add("closes it", call)
	}
	return peers, closed && made && len(peers) > 0
}

// isDeferred reports whether an operation of a body runs when it returns.
func isDeferred(b *lockset.Body, n ast.Node) bool {
	i := slices.IndexFunc(b.Ops, func(op *lockset.Op) bool { return op.Node == n })
	return i >= 0 && b.Ops[i].Defer != nil
}

// doneCalls finds the calls of Done on the group that is waited for.
func doneCalls(o *Observation, wait *ast.CallExpr) (peers []peer, all bool) {
	sel, ok := ast.Unparen(wait.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	group, ok := o.Pkg.Namer.Method(sel, lockset.Lock).Field().(*types.Var)
	if !ok {
		return nil, false
	}
	for _, b := range o.Pkg.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok {
				continue
			}
			s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if !ok || s.Sel.Name != "Done" && s.Sel.Name != "Go" || o.Pkg.Namer.Method(s, lockset.Lock).Field() != types.Object(group) {
				continue
			}
			switch s.Sel.Name {
			case "Done":
				peers = append(peers, peer{node: call, body: b, what: "calls Done", atEnd: op.Defer != nil})
			case "Go":
				if lit, ok := lastArg(call).(*ast.FuncLit); ok {
					if lb := bodyOfLit(o.Pkg, lit); lb != nil {
						peers = append(peers, peer{node: call, body: lb, what: "runs until it returns", atEnd: true})
					}
				}
			}
		}
	}
	return peers, len(peers) > 0
}

func lastArg(call *ast.CallExpr) ast.Expr {
	if len(call.Args) == 0 {
		return nil
	}
	return ast.Unparen(call.Args[len(call.Args)-1])
}

func bodyOfLit(p *summary.Package, lit *ast.FuncLit) *lockset.Body {
	return p.BodyOf(lit)
}

// bodyOf finds the body that a node is part of.
func bodyOf(p *summary.Package, n ast.Node) *lockset.Body {
	for fn := p.Uses.Enclosing(n); fn != nil; fn = p.Uses.Enclosing(fn) {
		if b := p.BodyOf(fn); b != nil {
			return b
		}
	}
	return nil
}

// ownerOf is the variable that a channel operation's channel, or a group,
// starts at.
func ownerOf(p *summary.Package, n ast.Node) (types.Object, bool) {
	e := channel(n)
	if n, ok := n.(*ast.CallExpr); ok {
		if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
			e = sel.X
		} else if len(n.Args) == 1 {
			e = n.Args[0] // close(ch)
		}
	}
	if e == nil {
		return nil, false
	}
	r := p.Namer.Name(e, lockset.ChanSem)
	return r.Root, r.Root != nil
}

func bodyName(p *summary.Package, b *lockset.Body) string {
	if b.Obj != nil {
		return p.FuncName(b.Obj)
	}
	if fd, ok := b.Decl.(*ast.FuncDecl); ok {
		if fn, ok := p.Src.Info.Defs[fd.Name].(*types.Func); ok {
			return "a goroutine or function of " + p.FuncName(fn)
		}
	}
	return "a function literal"
}
