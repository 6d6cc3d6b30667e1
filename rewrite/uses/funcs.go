package uses

import (
	"go/ast"
	"go/types"
	"slices"
)

// A Target is a function that a function value may be: one of the two is set.
type Target struct {
	Fn  *types.Func  // a declared function or a method, generic origin
	Lit *ast.FuncLit // a literal
}

// FuncValues returns the functions that may flow into a variable, field or
// parameter of function type, or into the elements of a container of such. It
// is complete when it found some and no other can.
func (x *Index) FuncValues(v *types.Var) (targets []Target, complete bool) {
	x.drawn()
	v = v.Origin()
	self, elem := levels(v.Type())
	if !self && !elem {
		return nil, false
	}
	complete = true
	var leaves []ast.Expr
	for _, s := range reach(x.flow.back, Chan{v, !self}) {
		if x.inward(s) != "" {
			complete = false
		}
		leaves = append(leaves, x.flow.leaves[s]...)
	}
	slices.SortFunc(leaves, func(a, b ast.Expr) int { return x.order(a, b) })
	for _, e := range leaves {
		t := x.target(e)
		if t == (Target{}) {
			complete = false
		} else if !slices.Contains(targets, t) {
			targets = append(targets, t)
		}
	}
	return targets, complete && len(targets) > 0
}

// AllFrom reports whether everything that v may hold came out of a variable or
// expression of one of certain types, though v's own type may say less: a field
// of type func() that is only ever given a context.CancelFunc.
func (x *Index) AllFrom(v *types.Var, is func(types.Type) bool) bool {
	x.drawn()
	v = v.Origin()
	if self, _ := levels(v.Type()); !self {
		return false
	}
	found, seen := false, make(map[Chan]bool)
	var all func(Chan) bool
	all = func(c Chan) bool {
		switch {
		case seen[c]:
			return true
		case is(c.Var.Type()) && !c.Elem:
			found = true
			return true
		case len(x.flow.back[c])+len(x.flow.leaves[c]) == 0:
			return false // nobody sets it here
		case x.inward(c) != "" || slices.ContainsFunc(x.flow.leaves[c], func(e ast.Expr) bool { return !is(x.typeOf(e)) }):
			return false
		}
		seen[c] = true
		found = found || len(x.flow.leaves[c]) > 0
		return !slices.ContainsFunc(x.flow.back[c], func(from Chan) bool { return !all(from) })
	}
	return all(Chan{v, false}) && found
}

// target returns the function that an expression names or is. A method of an
// interface is no target: it may be any.
func (x *Index) target(e ast.Expr) Target {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return Target{Lit: e}
	case *ast.Ident:
		return x.named(e)
	case *ast.SelectorExpr:
		return x.named(e.Sel)
	case *ast.IndexExpr:
		return x.target(e.X)
	case *ast.IndexListExpr:
		return x.target(e.X)
	}
	return Target{}
}

func (x *Index) named(id *ast.Ident) Target {
	fn, ok := x.p.Info.Uses[id].(*types.Func)
	if !ok || dynamic(fn) {
		return Target{}
	}
	return Target{Fn: fn.Origin()}
}

// dynamic reports whether fn is a method of an interface.
func dynamic(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// Calls returns the static calls of fn in the package, go and defer included.
// It is complete when there can be no other call.
func (x *Index) Calls(fn *types.Func) (calls []*ast.CallExpr, complete bool) {
	x.build()
	fn = fn.Origin()
	return x.calls[fn], x.hidden(fn) == ""
}

// Hidden says why fn may be called where the package does not show it; "" if it
// shows all calls.
func (x *Index) Hidden(fn *types.Func) string {
	x.build()
	return x.hidden(fn.Origin())
}

// hidden says why fn may be called where the package does not show it; "" if
// it shows all calls.
func (x *Index) hidden(fn *types.Func) string {
	if n := x.values[fn]; n != nil {
		return fn.Name() + " is used as a value" + x.where(n)
	}
	if x.p.Types == nil || fn.Pkg() != x.p.Types || x.decls[fn] == nil {
		return fn.Name() + " belongs to another package"
	}
	if fn.Name() == "main" || fn.Name() == "init" {
		return fn.Name() + " is called by the runtime"
	}
	if fn.Signature().Recv() != nil {
		switch {
		case fn.Exported() && x.callable(fn):
			return fn.Name() + " is an exported method"
		case x.methods[fn.Name()]:
			return fn.Name() + " may be called through an interface"
		}
		return ""
	}
	if fn.Exported() && x.p.Types.Name() != "main" {
		return fn.Name() + " is exported"
	}
	return ""
}

// callable reports whether an exported method may be called from other
// packages: its type can be held there, or an interface that occurs here, or is
// known for being asserted everywhere, has a method of the name.
func (x *Index) callable(fn *types.Func) bool {
	t := fn.Signature().Recv().Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || x.seen().types[named.Origin().Obj()] {
		return true
	}
	x.foreignOnce.Do(x.survey)
	return asserted[fn.Name()] || x.foreign.methods[fn.Name()]
}

// asserted are methods that the standard library looks for behind any, or calls
// by reflection.
var asserted = map[string]bool{
	"As": true, "Close": true, "Error": true, "Format": true, "Formatter": true, "GoString": true, "GobDecode": true,
	"GobEncode": true, "Is": true, "IsZero": true, "LogValue": true, "MarshalBinary": true, "MarshalJSON": true,
	"MarshalText": true, "MarshalXML": true, "Read": true, "ReadFrom": true, "Scan": true, "Set": true, "String": true,
	"Temporary": true, "Timeout": true, "UnmarshalBinary": true, "UnmarshalJSON": true, "UnmarshalText": true,
	"UnmarshalXML": true, "Unwrap": true, "Value": true, "Write": true, "WriteString": true, "WriteTo": true,
}

// Implementations returns the methods by which this package's types implement
// the interface method m. It is complete when there are some and no type of
// another package can be behind the interface.
func (x *Index) Implementations(m *types.Func) (impls []*types.Func, complete bool) {
	x.build()
	x.behindMu.Lock()
	defer x.behindMu.Unlock()
	b := x.implementations(m)
	if !b.judged {
		recv := m.Signature().Recv()
		b.judged, b.complete = true, b.own && x.closed(recv.Type(), recv.Type().Underlying().(*types.Interface))
	}
	return slices.Clip(b.impls), b.complete
}

// Behind is Implementations for who does not ask whether these are all, which is
// most of the work.
func (x *Index) Behind(m *types.Func) []*types.Func {
	x.build()
	x.behindMu.Lock()
	defer x.behindMu.Unlock()
	return slices.Clip(x.implementations(m).impls)
}

// A behind is what is known to stand behind a method of an interface.
type behind struct {
	impls    []*types.Func
	own      bool // there are some, and none is promoted from an embedded interface
	judged   bool
	complete bool
}

func (x *Index) implementations(m *types.Func) *behind {
	b, ok := x.behind[m]
	if !ok {
		if x.behind == nil {
			x.behind = make(map[*types.Func]*behind)
		}
		b = new(behind)
		b.impls, b.own = x.findImplementations(m)
		x.behind[m] = b
	}
	return b
}

func (x *Index) findImplementations(m *types.Func) (impls []*types.Func, own bool) {
	recv := m.Signature().Recv()
	if recv == nil || !types.IsInterface(recv.Type()) {
		return nil, false
	}
	iface, ok := recv.Type().Underlying().(*types.Interface)
	if !ok {
		return nil, false
	}
	own = true
	for _, tn := range x.implementers(iface) {
		obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, x.p.Types, m.Name())
		fn, ok := obj.(*types.Func)
		switch {
		case !ok:
		case dynamic(fn):
			own = false // promoted from an embedded interface
		case !slices.Contains(impls, fn.Origin()):
			impls = append(impls, fn.Origin())
		}
	}
	return impls, own && len(impls) > 0
}

// implementers lists the types of this package that implement an interface, once
// for all of its methods.
func (x *Index) implementers(iface *types.Interface) []*types.TypeName {
	list, ok := x.fit[iface]
	if !ok {
		for _, tn := range x.types {
			if !tn.IsAlias() && !types.IsInterface(tn.Type()) && implements(tn.Type(), iface) {
				list = append(list, tn)
			}
		}
		if x.fit == nil {
			x.fit = make(map[*types.Interface][]*types.TypeName)
		}
		x.fit[iface] = list
	}
	return list
}

// tooFew reports whether a type has fewer methods than an interface. It has none but
// those that are declared for it, unless it is an interface or embeds something.
func tooFew(t types.Type, iface *types.Interface) bool {
	named, ok := t.(*types.Named)
	if !ok || named.NumMethods() >= iface.NumMethods() {
		return false
	}
	switch u := named.Underlying().(type) {
	case *types.Interface:
		return false
	case *types.Struct:
		for i := range u.NumFields() {
			if u.Field(i).Embedded() {
				return false
			}
		}
	}
	return true
}

// implements reports whether t or *t implements iface. Of a generic type the
// names of the methods decide.
func implements(t types.Type, iface *types.Interface) bool {
	if tooFew(t, iface) {
		return false // the usual case; the type checker takes long for it
	}
	if named, ok := t.(*types.Named); ok && named.TypeParams().Len() > 0 {
		for i := range iface.NumMethods() {
			m := iface.Method(i)
			obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, m.Pkg(), m.Name())
			if _, ok := obj.(*types.Func); !ok {
				return false
			}
		}
		return true
	}
	return types.Implements(t, iface) || types.Implements(types.NewPointer(t), iface)
}

// closed reports whether only types of this package can be behind the
// interface: it has an unexported method, or no other package can name it and
// no value in this package has a foreign type that would fit.
func (x *Index) closed(t types.Type, iface *types.Interface) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || x.p.Types == nil || named.Obj().Pkg() != x.p.Types {
		return false
	}
	for i := range iface.NumMethods() {
		if m := iface.Method(i); !m.Exported() && m.Pkg() == x.p.Types {
			return true
		}
	}
	if x.seen().types[named.Origin().Obj()] || named.TypeParams().Len() > 0 {
		return false
	}
	if named.Obj().Exported() && x.p.Types.Name() != "main" {
		return false
	}
	return !x.admits(named, iface)
}

// A foreign knows how values of foreign types get into the package.
type foreign struct {
	types    []types.Type    // of expressions: of other packages, or interfaces of this one
	asserted []types.Type    // what interfaces are asserted to be
	methods  map[string]bool // of interfaces that values are seen to become
}

// admits reports whether a value of a foreign type may become a value of the
// interface: one that fits occurs, or some value is asserted to be one.
func (x *Index) admits(named *types.Named, iface *types.Interface) bool {
	x.foreignOnce.Do(x.survey)
	for _, t := range x.foreign.asserted {
		if types.Identical(t, named) {
			return true
		}
	}
	for _, t := range x.foreign.types {
		if !types.Identical(t, named) && implements(t, iface) {
			return true
		}
	}
	return false
}

// survey collects the types that admits asks about. The order is that of a
// map; only "is there one" is asked of it.
func (x *Index) survey() {
	x.foreign = &foreign{methods: make(map[string]bool)}
	seen := make(map[types.Type]bool)
	for _, e := range x.asserts {
		if tv := x.p.Info.Types[e]; tv.Type != nil && tv.IsType() {
			x.foreign.asserted = append(x.foreign.asserted, tv.Type)
		}
	}
	for _, tv := range x.p.Info.Types {
		if tv.Type == nil || tv.IsType() {
			continue
		}
		t := types.Unalias(tv.Type)
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		if seen[t] {
			continue
		}
		seen[t] = true
		x.foreign.see(t)
		switch t := t.(type) {
		case *types.Named:
			if t.Obj().Pkg() != x.p.Types || types.IsInterface(t) {
				x.foreign.types = append(x.foreign.types, t)
			}
		case *types.Interface:
			x.foreign.types = append(x.foreign.types, t)
		}
	}
}

// see notes the methods of the interfaces that t is or takes.
func (f *foreign) see(t types.Type) {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		for i := range u.NumMethods() {
			f.methods[u.Method(i).Name()] = true
		}
	case *types.Signature:
		for i := range u.Params().Len() {
			p := u.Params().At(i).Type()
			if s, ok := p.(*types.Slice); ok {
				p = s.Elem()
			}
			if types.IsInterface(p) {
				f.see(p)
			}
		}
	}
}
