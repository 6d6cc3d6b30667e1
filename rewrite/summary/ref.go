package summary

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

// ref translates a resource of a function body into terms of its signature.
func (p *Package) ref(fn *types.Func, r lockset.Resource) Ref {
	out := Ref{Param: Nowhere, Sort: r.Sort}
	v, ok := r.Root.(*types.Var)
	if !ok || r.Index != "" {
		return out
	}
	out.Fields = p.steps(v.Type(), r.Fields)
	if v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		out.Param, out.Pkg, out.Name = Global, v.Pkg().Path(), v.Name()
		return out
	}
	if fn == nil {
		return out
	}
	sig := fn.Signature()
	if v == sig.Recv() {
		out.Param = Receiver
		return out
	}
	for i := range sig.Params().Len() {
		if v == sig.Params().At(i) {
			out.Param = i
			return out
		}
	}
	out.Fields = nil
	return out
}

// steps spells the fields of a path. Where it runs through an interface, the type
// behind it stands in parentheses: "(pkg/path.T)".
func (p *Package) steps(t types.Type, fields []*types.Var) []string {
	var out []string
	for _, f := range fields {
		if types.IsInterface(t) {
			if owner := p.Owner(f); !strings.Contains(owner, "?") {
				out = append(out, "("+owner+")")
			}
		}
		out = append(out, f.Name())
		t = f.Type()
	}
	return out
}

// resource translates a Ref of a callee into a resource at a call; ok is false
// where nothing here can name it.
func (p *Package) resource(ref Ref, fun ast.Expr, args []ast.Expr) (r lockset.Resource, ok bool) {
	switch {
	case ref.Param == Nowhere:
		return r, false
	case ref.Param == Global:
		return p.global(ref)
	case ref.Param == Receiver:
		sel, isSel := ast.Unparen(fun).(*ast.SelectorExpr)
		if !isSel {
			return r, false
		}
		r = p.Namer.Method(sel, ref.Sort)
		return p.extend(r, ref, p.receiverType(sel))
	case ref.Param < len(args):
		if p.Src.Info.Types[args[ref.Param]].IsNil() {
			return r, false // no semaphore, no limit
		}
		r = p.Namer.Name(args[ref.Param], ref.Sort)
		return p.extend(r, ref, p.Src.Info.TypeOf(args[ref.Param]))
	}
	return r, false
}

// receiverType is the type that a method is declared for, behind the embedded
// fields of a promoted one.
func (p *Package) receiverType(sel *ast.SelectorExpr) types.Type {
	if s := p.Src.Info.Selections[sel]; s != nil {
		if fn, ok := s.Obj().(*types.Func); ok {
			return fn.Signature().Recv().Type()
		}
	}
	return p.Src.Info.TypeOf(sel.X)
}

func (p *Package) extend(r lockset.Resource, ref Ref, t types.Type) (lockset.Resource, bool) {
	fields, ok := p.lookupFields(t, ref.Fields)
	if !ok {
		return r, false
	}
	return r.Extend(ref.Sort, fields), true
}

func (p *Package) global(ref Ref) (lockset.Resource, bool) {
	pkg := p.Src.Types
	if pkg.Path() != ref.Pkg {
		pkg = nil
		for _, imp := range p.Src.Types.Imports() {
			if imp.Path() == ref.Pkg {
				pkg = imp
			}
		}
	}
	if pkg == nil {
		return lockset.Resource{}, false
	}
	v, ok := pkg.Scope().Lookup(ref.Name).(*types.Var)
	if !ok {
		return lockset.Resource{}, false
	}
	fields, ok := p.lookupFields(v.Type(), ref.Fields)
	return lockset.Global(v, ref.Sort, fields), ok
}

// lookupFields follows names of fields through struct types, and through interfaces
// where the type behind them is said. A path for one type leads nowhere in another.
func (p *Package) lookupFields(t types.Type, names []string) ([]*types.Var, bool) {
	var out []*types.Var
	for _, name := range names {
		if t == nil {
			return nil, false
		}
		if name[0] == '(' {
			if t = p.typeBehind(t, name[1:len(name)-1]); t == nil {
				return nil, false
			}
			continue
		}
		f := field(t, name)
		if f == nil {
			return nil, false
		}
		out = append(out, f.Origin())
		t = f.Type()
	}
	return out, true
}

// typeBehind is the type that is called name, if a value of type t can be of it.
func (p *Package) typeBehind(t types.Type, name string) types.Type {
	if !types.IsInterface(t) {
		if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
			t = ptr.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path()+"."+n.Obj().Name() == name {
			return t
		}
		return nil
	}
	dot := strings.LastIndex(name, ".")
	for _, pkg := range append([]*types.Package{p.Src.Types}, p.Src.Types.Imports()...) {
		if pkg.Path() == name[:dot] {
			if tn, ok := pkg.Scope().Lookup(name[dot+1:]).(*types.TypeName); ok {
				return tn.Type()
			}
		}
	}
	return nil
}

func field(t types.Type, name string) *types.Var {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for i := range st.NumFields() {
		if st.Field(i).Name() == name {
			return st.Field(i)
		}
	}
	return nil
}

// Class names a resource for all instances of its type: "path.Type.field",
// "path.var". It is "" for a local variable.
func (p *Package) Class(r lockset.Resource) string {
	v, ok := r.Root.(*types.Var)
	global := ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
	if n := len(r.Fields); n > 0 {
		name := p.class(r.Fields[n-1])
		if global && strings.Contains(name, anonymous) {
			return v.Pkg().Path() + "." + v.Name() + "." + path(r.Fields)
		}
		return name
	}
	if global {
		return v.Pkg().Path() + "." + v.Name()
	}
	if r.Root != nil {
		t := r.Root.Type()
		if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
			t = ptr.Elem()
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() != "sync" {
			return n.Obj().Pkg().Path() + "." + n.Obj().Name()
		}
	}
	return ""
}

// anonymous stands in the name of a field for a type that has none.
const anonymous = ".?."

// class names a field by the named type that declares it and, behind an
// anonymous struct, the fields that lead from there: two such structs in one
// type may both embed a lock.
func (p *Package) class(f *types.Var) string {
	if name, ok := p.classes[f]; ok {
		return name
	}
	if f.Pkg() == nil {
		return f.Name()
	}
	name := f.Pkg().Path() + anonymous + f.Name()
	for _, tn := range p.typesOf(f.Pkg()) {
		if way, ok := wayTo(tn.Type(), f, 3); ok {
			name = f.Pkg().Path() + "." + tn.Name() + "." + way
			break
		}
	}
	p.classes[f] = name
	return name
}

// wayTo spells the fields that lead to a field through anonymous structs.
func wayTo(t types.Type, f *types.Var, depth int) (string, bool) {
	st, ok := t.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return "", false
	}
	for i := range st.NumFields() {
		g := st.Field(i)
		if g == f {
			return f.Name(), true
		}
		if _, ok := g.Type().(*types.Struct); ok {
			if way, ok := wayTo(g.Type(), f, depth-1); ok {
				return g.Name() + "." + way, true
			}
		}
	}
	return "", false
}

// owner names a field by the named type that declares it.
func (p *Package) owner(f *types.Var) string {
	if name, ok := p.owners[f]; ok {
		return name
	}
	if f.Pkg() == nil {
		return f.Name()
	}
	name := f.Pkg().Path() + ".?." + f.Name()
	for _, tn := range p.typesOf(f.Pkg()) {
		if declares(tn.Type(), f, 3) {
			name = f.Pkg().Path() + "." + tn.Name() + "." + f.Name()
			break
		}
	}
	p.owners[f] = name
	return name
}

// typesOf lists the types that a package declares by their names, which a scope sorts
// each time that it is asked.
func (p *Package) typesOf(pkg *types.Package) []*types.TypeName {
	list, ok := p.named[pkg]
	if !ok {
		for _, id := range pkg.Scope().Names() {
			if tn, ok := pkg.Scope().Lookup(id).(*types.TypeName); ok {
				list = append(list, tn)
			}
		}
		p.named[pkg] = list
	}
	return list
}

// declares reports whether a struct type has the field, anonymous structs in it
// included.
func declares(t types.Type, f *types.Var, depth int) bool {
	st, ok := t.Underlying().(*types.Struct)
	if !ok || depth == 0 {
		return false
	}
	for i := range st.NumFields() {
		g := st.Field(i)
		if g == f {
			return true
		}
		if _, anonymous := g.Type().(*types.Struct); anonymous && declares(g.Type(), f, depth-1) {
			return true
		}
	}
	return false
}

// IsTarget reports whether what an act of a body waits for is a resource of that
// body: the same field of the same receiver, parameter or package-level variable.
func (p *Package) IsTarget(b *lockset.Body, act Act, r lockset.Resource) bool {
	p.focus(b)
	ref := p.ref(p.current, r)
	return ref.Param != Nowhere && act.Target.Param == ref.Param && act.Target.Pkg == ref.Pkg && act.Target.Name == ref.Name && slices.Equal(act.Target.Fields, ref.Fields)
}
