package summary

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Acts says what an operation of a body may do that matters under a lock, the
// worst first.
func (p *Package) Acts(b *lockset.Body, op *lockset.Op) []Act {
	p.focus(b)
	return p.Does(op)
}

// focus makes the declaration of a body the one that refs are relative to.
func (p *Package) focus(b *lockset.Body) {
	p.current = p.declared(b.Decl)
}

// StillHeld lists what is held while an act of an operation happens: what the
// callee releases before, and what it is known to be called with (then the act
// is reported where it stands), is left out.
func (p *Package) StillHeld(b *lockset.Body, op *lockset.Op, act Act) []lockset.Held {
	p.focus(b)
	var out []lockset.Held
	for _, h := range op.State.Held() {
		ref := p.ref(p.current, h.Resource)
		is := func(o Ref) bool { return ref.Param != Nowhere && sameRef(o, ref) }
		if !slices.ContainsFunc(act.Dropped, is) && !slices.ContainsFunc(act.Kept, is) {
			out = append(out, h)
		}
	}
	return out
}

// IsOn reports whether an act calls a method of the very object that is held as
// a lock: tx.Lock(); tx.Put().
func (p *Package) IsOn(act Act, h lockset.Held) bool {
	return act.on.Root != nil && act.on.Key() == h.Key()
}

// CondField is the field or variable that holds the condition which a method of
// sync.Cond is called on; nil if none does.
func (p *Package) CondField(call *ast.CallExpr) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	cond, _ := p.Namer.Name(sel.X, lockset.Lock).Field().(*types.Var)
	return cond
}

// CondLock finds the lock of a condition from the way it is made: the field or
// variable whose address sync.NewCond got. It is nil where that is not seen.
func (p *Package) CondLock(wait *ast.CallExpr) types.Object {
	cond := p.CondField(wait)
	if cond == nil {
		return nil
	}
	for _, w := range p.Uses.Writes(cond) {
		var arg ast.Expr
		switch v := ast.Unparen(w.Value).(type) {
		case *ast.CallExpr: // sync.NewCond(&s.mu)
			if len(v.Args) == 1 {
				arg = v.Args[0]
			}
		}
		if arg != nil {
			if f := p.Namer.Name(arg, lockset.Lock).Field(); f != nil {
				return f
			}
		}
	}
	return nil
}

// HeldAt lists what is held before an operation or an assignment of the package;
// ok is false where no path leads there. A literal's own body counts if it has
// one: what it may run under elsewhere is not known.
func (p *Package) HeldAt(n ast.Node) (held []lockset.Held, ok bool) {
	u := p.units[p.Uses.Decl(n)]
	if u == nil {
		return nil, false
	}
	p.dress(u)
	for _, b := range u.bodies {
		s, here := b.Before(n)
		if !here {
			continue
		}
		if !ok {
			held, ok = s.Held(), true
			continue
		}
		held = slices.DeleteFunc(slices.Clone(held), func(h lockset.Held) bool {
			_, both := s.Find(h.Key())
			return !both
		})
	}
	return held, ok
}

// Callees lists the declared functions that a call may run, those of an
// interface or a func value of this package included.
func (p *Package) Callees(call *ast.CallExpr) []*types.Func {
	s := p.look(call.Fun)
	c := s.callee
	if s.known {
		return nil
	}
	if c.fn != nil && !c.iface {
		return []*types.Func{c.fn}
	}
	fns, _, _ := p.targets(c)
	return fns
}

// Reach says how far a call is known: "plain" for one that the table or
// convention calls harmless, "known" for one whose targets are all known,
// "foreign" for the rest.
func (p *Package) Reach(call *ast.CallExpr) string {
	c := p.callee(call.Fun)
	if p.stirs(c) {
		return "foreign"
	}
	if e, ok := p.entryOf(c); ok {
		if e.Class <= syncapi.Plain {
			return "plain"
		}
		return "foreign"
	}
	if c.fn != nil && !c.iface {
		return "known"
	}
	if c.fn != nil {
		if e, ok := p.customOf(c.fn); ok && e.Class <= syncapi.Plain {
			return "plain"
		}
	}
	if fns, lits, complete := p.targets(c); complete && len(fns) > 0 && len(lits) == 0 {
		return "known"
	}
	return "foreign"
}

// NoReturn reports whether a call is known not to return: it exits or panics.
func (p *Package) NoReturn(call *ast.CallExpr) bool {
	return p.effect(call.Fun, call.Args).NoReturn
}

// Summary returns what is known of a declared function; nil for nothing.
func (p *Package) Summary(fn *types.Func) *Func { return p.summary(fn) }

// Entry lists what a function is taken to be called with.
func (p *Package) Entry(fn *types.Func) []lockset.Held { return p.entry[fn] }

// Owner names a field by the type that declares it.
func (p *Package) Owner(f *types.Var) string {
	name := p.owner(f)
	return strings.TrimSuffix(name, "."+f.Name())
}

// DeclName names a declared function: "f", "(*T).m".
func (p *Package) DeclName(fd *ast.FuncDecl) string {
	if fn := p.declared(fd); fn != nil {
		return p.FuncName(fn)
	}
	return fd.Name.Name
}

// Opaque reports whether an operation calls into another project, where it may
// run foreign code, at any depth: what was registered there can be ours. Acts
// leaves out what happens deep in a library; a proof must not.
func (p *Package) Opaque(op *lockset.Op) bool {
	call, ok := op.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	c := p.callee(call.Fun)
	if p.stirs(c) {
		return true
	}
	if _, ok := p.entryOf(c); ok || c.fn == nil || c.iface || near(c.fn.Pkg(), p.Src.Types) {
		return false
	}
	f := p.summary(c.fn)
	return f == nil || slices.ContainsFunc(f.Acts, func(a Act) bool { return a.Class == syncapi.Foreign || a.Class == syncapi.Waits })
}

// Plain says what the table calls a function that can neither block nor run
// foreign code, and whether the call is of such a one.
func (p *Package) Plain(call *ast.CallExpr) (syncapi.Kind, bool) {
	c := p.callee(call.Fun)
	if p.stirs(c) {
		return syncapi.None, false
	}
	if e, ok := p.entryOf(c); ok && e.Class <= syncapi.Plain {
		return e.Kind, true
	}
	return syncapi.None, p.Reach(call) == "plain"
}

// MayReturn reports whether a call can come back.
func (p *Package) MayReturn(call *ast.CallExpr) bool {
	if b := p.callee(call.Fun).builtin; b != nil {
		return b.Name() != "panic"
	}
	return !p.effect(call.Fun, call.Args).NoReturn
}

// Recovers reports whether a deferred call of a body may turn a panic into a
// return.
func (p *Package) Recovers(body *ast.BlockStmt) bool { return p.recovers(body, true) }

// Changes lists what a call does to resources, in the terms of the place where it
// stands.
func (p *Package) Changes(call *ast.CallExpr) []lockset.Change {
	return p.effect(call.Fun, call.Args).Changes
}

// Kind is the kind of a call of a function of the table, None for any other.
func (p *Package) Kind(call *ast.CallExpr) syncapi.Kind {
	return p.look(call.Fun).entry.Kind
}
