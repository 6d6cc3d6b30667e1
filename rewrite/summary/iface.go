package summary

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

// interfaces tells importers what a call of a method of an exported interface of
// this package may take: what its implementations in the package do, where these
// are few. Others may implement it too, so nothing of it is certain.
func (p *Package) interfaces() {
	scope := p.Src.Types.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || !tn.Exported() || tn.IsAlias() {
			continue
		}
		named, ok := tn.Type().(*types.Named)
		if !ok || named.TypeParams().Len() > 0 {
			continue
		}
		iface, ok := named.Underlying().(*types.Interface)
		if !ok {
			continue
		}
		for i := range iface.NumExplicitMethods() {
			p.unite(iface.ExplicitMethod(i), iface)
		}
	}
}

// unite gives a method of an interface the summary of its implementations.
func (p *Package) unite(m *types.Func, iface *types.Interface) {
	impls := p.implementations(m)
	if len(impls) == 0 || len(impls) > maxImpls {
		return
	}
	out := &Func{}
	if said := p.Funcs[m]; said != nil {
		out.Said = said.Said
	}
	for _, impl := range impls {
		f, step := p.Funcs[impl], behindStep(impl, iface)
		if f == nil || step == "" {
			continue
		}
		for _, l := range f.Locks {
			if l.Deep || len(l.Dropped) > 0 || len(out.Locks) >= maxLocks {
				continue
			}
			l.Ref, l.Must, l.Behind = within(l.Ref, step), false, p.FuncName(impl)
			out.Locks = append(out.Locks, l)
		}
		if ref, ok := f.Gets[0]; ok && len(impls) == 1 {
			out.Gets = map[int]Ref{0: within(ref, step)}
		}
	}
	if !out.Empty() {
		p.Funcs[m] = out
	}
}

// behindStep is the step of a path to the type that a method is declared for; ""
// if that type has the method for another one, which embeds it.
func behindStep(impl *types.Func, iface *types.Interface) string {
	t := impl.Signature().Recv().Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil || !types.Implements(types.NewPointer(n), iface) {
		return ""
	}
	return "(" + n.Obj().Pkg().Path() + "." + n.Obj().Name() + ")"
}

// within puts a step ahead of a path that starts at a receiver.
func within(ref Ref, step string) Ref {
	if ref.Param == Receiver {
		ref.Fields = append([]string{step}, ref.Fields...)
	}
	return ref
}

// getsOf says which path each result of a function that does nothing else is read
// from: return s.tx.
func (p *Package) getsOf(d *ast.FuncDecl) map[int]Ref {
	if len(d.Body.List) != 1 || p.current == nil {
		return nil
	}
	ret, ok := d.Body.List[0].(*ast.ReturnStmt)
	if !ok {
		return nil
	}
	var out map[int]Ref
	for i, e := range ret.Results {
		if _, ok := ast.Unparen(e).(*ast.SelectorExpr); !ok {
			continue
		}
		r := p.Namer.Name(e, lockset.Lock)
		if ref := p.ref(p.current, r); r.Stable && ref.Param != Nowhere && len(ref.Fields) > 0 {
			if out == nil {
				out = map[int]Ref{}
			}
			out[i] = ref
		}
	}
	return out
}

// Got names what a call of a getter returns, by the path that the getter reads.
func (p *Package) Got(call *ast.CallExpr) (lockset.Resource, bool) {
	c := p.callee(call.Fun)
	if c.fn == nil {
		return lockset.Resource{}, false
	}
	f := p.summary(c.fn)
	if f == nil {
		return lockset.Resource{}, false
	}
	ref, ok := f.Gets[0]
	if !ok {
		return lockset.Resource{}, false
	}
	return p.resource(ref, call.Fun, call.Args)
}
