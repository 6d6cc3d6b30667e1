package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// What a project says of a function, in its vocabulary or by a directive, goes
// before what the table and the code of the function say. It is believed as far
// as it goes: that a function blocks, wakes or does neither says nothing of the
// locks that it takes, which its code still does.

// heedDirectives notes what //lockfix:blocks and //lockfix:wakes say. Functions
// without a body, methods of interfaces among them, get a summary that says it to
// other packages.
func (p *Package) heedDirectives() {
	p.said = map[types.Object]syncapi.Saying{}
	for obj, notes := range p.notes {
		for _, n := range notes {
			s := syncapi.Saying{By: n.name()}
			switch {
			case n.gvisor:
			case n.verb == "blocks":
				s.Is = syncapi.Blocks
			case n.verb == "wakes":
				s.Is = syncapi.Wakes
			}
			if s.Is == syncapi.Unsaid {
				continue
			}
			p.said[obj] = s
			if fn, ok := obj.(*types.Func); ok && p.decls[fn] == nil {
				p.Funcs[fn] = &Func{Said: s}
			}
		}
	}
}

// saying finds what the project says of a callee: the vocabulary first, then a
// directive here, then one in its package.
func (p *Package) saying(c callee) (syncapi.Saying, bool) {
	if c.value != nil {
		s, ok := p.said[c.value]
		return s, ok
	}
	if c.fn == nil {
		return syncapi.Saying{}, false
	}
	var recv types.Type
	if c.sel != nil {
		recv = p.Src.Info.TypeOf(c.sel.X)
	}
	if s, ok := p.Words.LookupOn(recv, c.fn); ok {
		return s, true
	}
	if s, ok := p.said[c.fn]; ok {
		return s, true
	}
	if f := p.summary(c.fn); f != nil && f.Said.Is != syncapi.Unsaid {
		return f.Said, true
	}
	return syncapi.Saying{}, false
}

// saidEntry is the entry of what a saying makes an acquisition or a release.
func saidEntry(s syncapi.Saying, fn *types.Func) (syncapi.Entry, bool) {
	e := syncapi.Entry{Mode: s.Mode, Class: syncapi.Plain, Operand: -1}
	if fn.Signature().Recv() == nil {
		e.Operand = 0
	}
	switch s.Is {
	case syncapi.Gives:
		e.Kind = syncapi.Release
		return e, true
	case syncapi.Takes:
	default:
		return syncapi.Entry{}, false
	}
	e.Kind = syncapi.Acquire
	if returnsBool(fn) {
		e.Kind = syncapi.Try // a bool tells the outcome; it may be waited for all the same
	}
	switch {
	case strings.HasPrefix(strings.ToLower(fn.Name()), "try"):
	case s.Token:
		e.Class, e.What = syncapi.Waits, "waits for the token"
	default:
		e.Class, e.What = syncapi.Locks, "waits for the lock"
	}
	return e, true
}

// saidEffect is the effect of a function that a saying makes an acquisition or a
// release.
func (p *Package) saidEffect(s syncapi.Saying, e syncapi.Entry, c callee, args []ast.Expr) lockset.Effect {
	eff := lockset.Effect{}
	sort := lockset.Lock
	if s.Token {
		sort = lockset.Semaphore // it may bound the work in flight
	}
	if s.Is == syncapi.Takes {
		if i := s.Handle(c.fn); i >= 0 {
			eff.Handles = map[int][]lockset.Resource{i: {{Sort: sort}}}
			return eff
		}
	}
	r, ok := p.operand(e.Operand, c, args, sort)
	if !ok {
		return eff
	}
	change := lockset.Change{Kind: e.Kind, Resource: r, Mode: e.Mode, Fallible: s.Is == syncapi.Takes && tellsOutcome(c.fn)}
	if n := len(args); s.Token && n > 0 && n > e.Operand+1 && isInteger(p.Src.Info.TypeOf(args[n-1])) {
		change.Count = args[n-1]
	}
	eff.Changes = []lockset.Change{change}
	return eff
}

func isInteger(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

// saidActs is what a call does that a saying speaks of; ok is false if it leaves
// that to others.
func (p *Package) saidActs(s syncapi.Saying, c callee, n *ast.CallExpr) (acts []Act, ok bool) {
	if s.Is == syncapi.Harmless {
		return nil, true
	}
	act, ok := actOf(s, n.Pos())
	if !ok {
		return nil, false
	}
	act.What = "calls " + types.ExprString(n.Fun) + ", which " + act.Said
	if c.fn != nil {
		act.Method = c.fn.Name()
	}
	return []Act{act}, true
}

// actOf is the act of a function that is said to block or to wake.
func actOf(s syncapi.Saying, pos token.Pos) (act Act, ok bool) {
	act = Act{Param: Nowhere, Target: Ref{Param: Nowhere}, pos: pos}
	switch s.Is {
	case syncapi.Blocks:
		act.Kind, act.Class, act.Said = Wait, syncapi.Waits, "blocks by "+s.By
	case syncapi.Wakes:
		act.Kind, act.Class, act.Said = Callback, syncapi.Foreign, "wakes others by "+s.By
	default:
		return act, false
	}
	act.What = act.Said
	return act, true
}

// overrule lets what the project says of the current function stand for what its
// body may do, where the function is called through something else than its name.
func (p *Package) overrule(f *Func) {
	s, ok := p.saying(callee{fn: p.current})
	if !ok {
		return
	}
	f.Said = s
	if s.Is == syncapi.Harmless {
		f.Acts = nil
	}
	if act, ok := actOf(s, p.current.Pos()); ok {
		act.Method = p.current.Name()
		f.Acts = rank(append([]Act{act}, f.Acts...))
	}
}

// Harmless reports whether the project says of a function that it neither blocks
// nor runs foreign code: then what it does is no matter of its callers' locks.
func (p *Package) Harmless(fn *types.Func) bool {
	s, ok := p.saying(callee{fn: fn})
	return ok && s.Is == syncapi.Harmless
}

// stirs reports whether the project says of a callee that it blocks or wakes: then
// no proof calls it harmless or known, whatever its code or its name says.
func (p *Package) stirs(c callee) bool {
	s, ok := p.saying(c)
	return ok && (s.Is == syncapi.Blocks || s.Is == syncapi.Wakes)
}
