package hazard

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// isAgreed reports whether a comment says that the caller holds a lock, and no
// caller is seen: then nobody else tells that it is taken again. A name alone says
// too little.
func isAgreed(p *summary.Package, b *lockset.Body, h lockset.Held) bool {
	if b.Obj == nil || !strings.HasPrefix(h.Caller, "the comment of ") {
		return false
	}
	calls, _ := p.Uses.Calls(b.Obj)
	return len(calls) == 0
}

// throughMember makes the fault of a lock that is taken through an interface: the
// object that is called has a member which was given the very object whose lock is
// held.
//
//	c.mu.Lock(); api := NewAPI(c); api.List() // which calls api.client, and that is c
func throughMember(p *summary.Package, b *lockset.Body, op *lockset.Op, t summary.Take, h lockset.Held) *Fault {
	if t.Asked || !h.Sure() || len(h.From) == 0 || len(h.Fields) == 0 || !excludes(t.Resource) || t.Class == "" || t.Class != p.Class(h.Resource) || len(t.Resource.Fields) < 2 {
		return nil
	}
	v, ok := t.Resource.Root.(*types.Var)
	if !ok || v.IsField() || !t.Resource.Stable {
		return nil
	}
	def, ok := p.Namer.Def(v)
	member := t.Resource.Fields[0]
	if !ok || !types.IsInterface(member.Type()) || !isGiven(p, def, member, h) {
		return nil
	}
	f := newFault(p, b, op, t, h)
	f.Sort = sortOf(t, h)
	f.What = f.word(t, h)
	f.Level, f.Why = howBad(p, f.Sort, t, h)
	if f.Level > Contention {
		f.Level, f.Why = Hazard, "unless what stands behind "+v.Name()+"."+member.Name()+" is another"
	}
	f.Chain = append(f.Chain, Frame{def.Pos(), v.Name() + "." + member.Name() + " is given the object of " + h.Expr})
	return f
}

// throughGetter makes the fault of a lock that is held by the name of what a getter
// returned, and taken by the path that the getter reads.
//
//	tx := b.Tx(); tx.Lock(); b.Commit() // which locks b.tx, and that is tx
func throughGetter(p *summary.Package, b *lockset.Body, op *lockset.Op, t summary.Take, h lockset.Held) *Fault {
	if t.Asked || !h.Sure() || len(h.From) == 0 || len(t.Via) == 0 || !excludes(t.Resource) {
		return nil
	}
	v, ok := h.Root.(*types.Var)
	if !ok || !h.Stable {
		return nil
	}
	def, ok := p.Namer.Def(v)
	call, isCall := def.(*ast.CallExpr)
	if !ok || !isCall {
		return nil
	}
	got, ok := p.Got(call)
	if !ok || !got.Stable || got.Root != t.Resource.Root || !isPartOf(t.Resource.Fields, append(got.Fields, h.Fields...)) {
		return nil
	}
	f := newFault(p, b, op, t, h)
	f.Sort = Relocked
	f.What = f.word(t, h)
	f.Level, f.Why = Hazard, "unless what stands behind an interface on the way is another"
	f.Chain = append(f.Chain, Frame{call.Pos(), v.Name() + " is what it locks: a getter reads the same path"})
	return f
}

// isPartOf reports whether a path leads to a lock that is embedded in what another
// path leads to.
func isPartOf(lock, object []*types.Var) bool {
	if len(lock) < len(object) || !slices.Equal(lock[:len(object)], object) {
		return false
	}
	return !slices.ContainsFunc(lock[len(object):], func(f *types.Var) bool { return !f.Embedded() })
}

// isGiven reports whether an object is made with a member that is the object of a
// held lock: by a literal, or by a function that stores its argument there.
func isGiven(p *summary.Package, def ast.Expr, member *types.Var, h lockset.Held) bool {
	is := func(e ast.Expr) bool {
		r := p.Namer.Name(e, lockset.Lock)
		return r.Root != nil && r.Root == h.Root && r.Index == "" && slices.Equal(r.Fields, h.Fields[:len(h.Fields)-1])
	}
	switch def := ast.Unparen(def).(type) {
	case *ast.UnaryExpr:
		return isGiven(p, def.X, member, h)
	case *ast.CompositeLit:
		return slices.ContainsFunc(p.Uses.Writes(member), func(w uses.Write) bool {
			return def.Pos() <= w.Node.Pos() && w.Node.End() <= def.End() && w.Value != nil && is(w.Value)
		})
	case *ast.CallExpr:
		fn := called(p.Src.Info, def)
		if fn == nil {
			return false
		}
		for i := range min(fn.Signature().Params().Len(), len(def.Args)) {
			if is(def.Args[i]) && stores(p, member, fn.Signature().Params().At(i)) {
				return true
			}
		}
	}
	return false
}

// stores reports whether a parameter is written to a field.
func stores(p *summary.Package, field, param *types.Var) bool {
	return slices.ContainsFunc(p.Uses.Writes(field), func(w uses.Write) bool {
		id, ok := w.Value.(*ast.Ident)
		return ok && p.Src.Info.Uses[id] == types.Object(param)
	})
}
