package summary

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

// maxGuards bounds how many locks a summary lists for its func parameters.
const maxGuards = 8

// guardsOf lists the locks that a body must hold where it runs its func
// parameters, itself or through callees. One that it runs without any lock at
// some place is guarded by none.
func (p *Package) guardsOf(ops []*lockset.Op, runs []int) []Guard {
	if len(runs) == 0 {
		return nil
	}
	seen := map[int]bool{}
	var out []Guard
	params := p.current.Signature().Params()
	note := func(v *types.Var, locks []Lock) {
		for i := range params.Len() {
			if v == nil || params.At(i) != v {
				continue
			}
			if seen[i] {
				out = slices.DeleteFunc(out, func(g Guard) bool {
					return g.Param == i && !slices.ContainsFunc(locks, func(l Lock) bool { return sameRef(l.Ref, g.Ref) })
				})
				continue
			}
			seen[i] = true
			for _, l := range locks {
				if len(out) < maxGuards {
					out = append(out, Guard{Param: i, Lock: l})
				}
			}
		}
	}
	for _, op := range ops {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok {
			continue
		}
		held := p.heldAt(op)
		note(p.at(call.Fun).value, held)
		for _, i := range p.effect(call.Fun, call.Args).InPlace {
			if i < len(call.Args) {
				note(p.callee(call.Args[i]).value, append(held[:len(held):len(held)], p.guardsAt(call, i)...))
			}
		}
	}
	return out
}

// heldAt lists the locks that are acquired and held at an operation, as a caller
// can name them.
func (p *Package) heldAt(op *lockset.Op) []Lock {
	var out []Lock
	for _, h := range op.State.Held() {
		ref := p.ref(p.current, h.Resource)
		if h.Must && len(h.From) > 0 && h.Sort == lockset.Lock && ref.Param != Nowhere {
			out = append(out, Lock{Ref: ref, Class: p.Class(h.Resource), Mode: h.Mode, Expr: h.Expr})
		}
	}
	return out
}

// guardsAt lists the locks that a callee holds while it runs an argument, in the
// terms of the declaration at hand.
func (p *Package) guardsAt(call *ast.CallExpr, arg int) []Lock {
	c := p.callee(call.Fun)
	if c.fn == nil || c.iface {
		return nil
	}
	f := p.summary(c.fn)
	if f == nil {
		return nil
	}
	var out []Lock
	for _, g := range f.Guards {
		if g.Param == arg {
			l := g.Lock
			l.Ref = p.rename(l.Ref, call)
			out = append(out, l)
		}
	}
	return out
}

// Around lists what the callee that runs a function literal holds around it, and
// who that is.
func (p *Package) Around(b *lockset.Body, lit *ast.FuncLit) (held []lockset.Held, callee *types.Func) {
	call, ok := p.Uses.Parent(lit).(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	p.focus(b)
	c := p.callee(call.Fun)
	f := p.summary(c.fn)
	if f == nil || c.iface {
		return nil, nil
	}
	for _, g := range f.Guards {
		if g.Param >= len(call.Args) || call.Args[g.Param] != ast.Expr(lit) {
			continue
		}
		if r, ok := p.resource(g.Ref, call.Fun, call.Args); ok {
			held = append(held, lockset.Held{Resource: r, Mode: g.Mode, Must: true})
		}
	}
	return held, c.fn
}
