package uses

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// A surface is what other packages can reach of this one, and what changes
// without being named.
type surface struct {
	fields map[*types.Var]bool          // exported fields of values that others can hold
	types  map[*types.TypeName]bool     // types of such values
	whole  map[*types.Var]ast.Node      // fields overwritten together with their struct
	home   map[*types.Var]*types.Struct // of these, the struct of those that are overwritten in no other way
}

func (x *Index) seen() *surface {
	x.surfaceOnce.Do(func() {
		s := &surface{
			fields: make(map[*types.Var]bool),
			types:  make(map[*types.TypeName]bool),
			whole:  make(map[*types.Var]ast.Node),
			home:   make(map[*types.Var]*types.Struct),
		}
		x.surface = s
		for _, to := range x.targets {
			e := to.Expr
			if e != nil && !x.private(e) {
				s.overwrite(e, x.typeOf(e), x.remakes(to))
			}
			if _, generic := x.typeOf(e).(*types.TypeParam); e != nil && generic {
				s.instances(x, e)
			}
		}
		for _, call := range x.allCalls {
			if t := x.rearranges(call); t != nil {
				s.overwrite(call, t, false)
			}
			for _, t := range x.decoded(call) {
				s.fill(call, t, make(map[types.Type]bool))
			}
		}
		if x.p.Types == nil {
			return
		}
		scope := x.p.Types.Scope()
		for _, name := range scope.Names() {
			if obj := scope.Lookup(name); obj.Exported() {
				s.expose(x.p.Types, obj.Type())
			}
		}
	})
	return x.surface
}

// rearranges returns the type of the elements that a call may store in a list
// that exists already, where others may know them by their address; nil if it
// stores none.
func (x *Index) rearranges(call *ast.CallExpr) types.Type {
	if len(call.Args) == 0 {
		return nil
	}
	switch x.builtin(call) {
	case "copy", "clear":
	case "append":
		if _, part := ast.Unparen(call.Args[0]).(*ast.SliceExpr); !part {
			return nil
		}
	case "":
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		fn, ok := x.p.Info.Uses[sel.Sel].(*types.Func)
		if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "slices" && fn.Pkg().Path() != "sort" {
			return nil
		}
	default:
		return nil
	}
	if t, ok := x.typeOf(call.Args[0]).Underlying().(*types.Slice); ok {
		return t.Elem()
	}
	return nil
}

// private reports whether e is a local variable that no pointer leads to:
// overwriting its struct changes no object that others know.
func (x *Index) private(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v := x.varOf(id)
	if v == nil {
		return id.Name == "_"
	}
	if x.p.Types == nil || v.Parent() == x.p.Types.Scope() {
		return false
	}
	for _, w := range x.writesOf(v) {
		if w.Kind == AddressTaken || w.Kind == Method {
			return false
		}
	}
	return true
}

// instances: an assignment through a type parameter may be to any type that is
// given for one.
func (s *surface) instances(x *Index, n ast.Node) {
	for _, inst := range x.p.Info.Instances {
		for i := range inst.TypeArgs.Len() {
			s.overwrite(n, inst.TypeArgs.At(i), false)
		}
	}
}

// decoded returns the types that a call hands, as a pointer in an interface, to
// another package: a decoder writes the exported fields of those.
func (x *Index) decoded(call *ast.CallExpr) []types.Type {
	sig, ok := x.typeOf(call.Fun).Underlying().(*types.Signature)
	if !ok || x.p.Types == nil {
		return nil
	}
	var fn types.Object
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		fn = x.p.Info.Uses[fun.Sel]
	case *ast.Ident:
		fn = x.p.Info.Uses[fun]
	}
	if fn == nil || fn.Pkg() == nil || fn.Pkg() == x.p.Types || readers.MatchString(fn.Pkg().Path()) {
		return nil
	}
	var out []types.Type
	for i, arg := range call.Args {
		if i >= sig.Params().Len() {
			break // variadic values are printed, as a rule
		}
		if in, ok := sig.Params().At(i).Type().Underlying().(*types.Interface); !ok || in.NumMethods() > 0 {
			continue
		}
		if p, ok := x.typeOf(arg).Underlying().(*types.Pointer); ok {
			out = append(out, p.Elem())
		}
	}
	return out
}

// readers matches packages that look at what they are given and leave it alone.
var readers = pattern.New(`^(fmt|log|log/slog|errors|sync|sync/atomic|context|container/.*|testing)$`)

// fill marks the exported fields that can be reached from a type.
func (s *surface) fill(n ast.Node, t types.Type, seen map[types.Type]bool) {
	if seen[t] {
		return
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i).Origin()
			if !f.Exported() && !f.Embedded() {
				continue
			}
			if f.Exported() {
				s.whole[f], s.home[f] = cmp.Or(s.whole[f], n), nil
			}
			s.fill(n, f.Type(), seen)
		}
	case *types.Pointer:
		s.fill(n, u.Elem(), seen)
	case *types.Slice:
		s.fill(n, u.Elem(), seen)
	case *types.Array:
		s.fill(n, u.Elem(), seen)
	case *types.Map:
		s.fill(n, u.Elem(), seen)
	}
}

// overwrite marks the fields that go with a struct of type t; made says that a new
// object is written over it, whose locks nobody holds.
func (s *surface) overwrite(n ast.Node, t types.Type, made bool) {
	if named, ok := types.Unalias(t).(*types.Named); ok {
		t = named.Origin()
	}
	switch u := t.Underlying().(type) {
	case *types.Array:
		s.overwrite(n, u.Elem(), made)
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i).Origin()
			switch {
			case s.whole[f] == nil && made:
				s.whole[f], s.home[f] = n, u
			case s.whole[f] == nil || !made:
				s.whole[f], s.home[f] = cmp.Or(s.whole[f], n), nil
			}
			s.overwrite(n, f.Type(), made)
		}
	}
}

// remakes reports whether what is assigned to a target is a new object: a literal
// that leaves locks alone, or what a function of this package makes at each call.
func (x *Index) remakes(to target) bool {
	as := to.by
	i := -1
	if as != nil && len(as.Lhs) == len(as.Rhs) {
		i = slices.Index(as.Lhs, to.Expr)
	}
	if i < 0 {
		return false
	}
	value := ast.Unparen(as.Rhs[i])
	star, ok := value.(*ast.StarExpr)
	if !ok {
		return x.plainLiteral(value)
	}
	call, ok := ast.Unparen(star.X).(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok {
		return false
	}
	fn, _ := x.p.Info.Uses[id].(*types.Func)
	return fn != nil && x.makes(x.FuncDecl(fn.Origin()))
}

// makes reports whether a function returns an object that it made, on every path.
func (x *Index) makes(fd *ast.FuncDecl) bool {
	if fd == nil || fd.Body == nil {
		return false
	}
	all, any := true, false
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok {
			any = true
			all = all && len(ret.Results) == 1 && x.isMade(ret.Results[0])
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return all && any
}

// isMade reports whether an expression is a new object, or the only name of one,
// by which nothing is done but to fill its fields.
func (x *Index) isMade(e ast.Expr) bool {
	e = ast.Unparen(e)
	if addr, ok := e.(*ast.UnaryExpr); ok && addr.Op == token.AND {
		return x.plainLiteral(addr.X)
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v := x.varOf(id)
	if v == nil || v.IsField() {
		return false
	}
	ws := x.writesOf(v)
	if len(ws) == 0 || ws[0].Kind != Init || ws[0].Value == nil {
		return false
	}
	for _, w := range ws[1:] {
		if w.Kind != Part {
			return false
		}
	}
	for _, r := range x.readsOf(v) {
		if ast.Node(e) != r && (x.fn(r) != ws[0].Fn || !x.selects(r) || x.isCalled(x.up.of(r))) {
			return false
		}
	}
	addr, ok := ast.Unparen(ws[0].Value).(*ast.UnaryExpr)
	return ok && addr.Op == token.AND && x.plainLiteral(addr.X) || x.isNew(ws[0].Value)
}

// isCalled reports whether a selection is of a method, of what one may be called on,
// or of what is known elsewhere from then on.
func (x *Index) isCalled(n ast.Node) bool {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok {
		return true
	}
	s := x.p.Info.Selections[sel]
	if s == nil || s.Kind() != types.FieldVal {
		return true
	}
	switch outer := x.up.of(sel).(type) {
	case *ast.SelectorExpr:
		return true
	case *ast.UnaryExpr:
		return outer.Op == token.AND
	}
	return false
}

// plainLiteral reports whether an expression is a literal that copies no lock.
func (x *Index) plainLiteral(e ast.Expr) bool {
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return false
	}
	return !slices.ContainsFunc(lit.Elts, func(e ast.Expr) bool {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		_, isStruct := x.typeOf(e).Underlying().(*types.Struct)
		return isStruct && !x.plainLiteral(e)
	})
}

// expose marks the types that who holds a t can reach.
func (s *surface) expose(pkg *types.Package, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			s.expose(pkg, t.TypeArgs().At(i))
		}
		tn := t.Origin().Obj()
		if tn.Pkg() != pkg || s.types[tn] {
			return
		}
		s.types[tn] = true
		for i := range t.Origin().NumMethods() {
			if m := t.Origin().Method(i); m.Exported() {
				s.expose(pkg, m.Type())
			}
		}
		s.expose(pkg, t.Origin().Underlying())
	case *types.Pointer:
		s.expose(pkg, t.Elem())
	case *types.Slice:
		s.expose(pkg, t.Elem())
	case *types.Array:
		s.expose(pkg, t.Elem())
	case *types.Chan:
		s.expose(pkg, t.Elem())
	case *types.Map:
		s.expose(pkg, t.Key())
		s.expose(pkg, t.Elem())
	case *types.Signature:
		s.expose(pkg, t.Params())
		s.expose(pkg, t.Results())
	case *types.Tuple:
		for i := range t.Len() {
			s.expose(pkg, t.At(i).Type())
		}
	case *types.Struct:
		for i := range t.NumFields() {
			// What an embedded field promotes can be reached, whatever its name.
			f := t.Field(i)
			if f.Exported() {
				s.fields[f.Origin()] = true
			}
			if f.Exported() || f.Embedded() {
				s.expose(pkg, f.Type())
			}
		}
	case *types.Interface:
		for i := range t.NumMethods() {
			if m := t.Method(i); m.Exported() {
				s.expose(pkg, m.Type())
			}
		}
	}
}

// outside says why other packages can read and write v; "" if they cannot.
// Nothing of a main package can be named elsewhere.
func (x *Index) outside(v *types.Var) string {
	if x.p.Types == nil || v.Pkg() != x.p.Types {
		return v.Name() + " belongs to another package"
	}
	if x.p.Types.Name() == "main" || !v.Exported() {
		return ""
	}
	if !v.IsField() {
		if v.Parent() == x.p.Types.Scope() {
			return v.Name() + " is exported"
		}
		return ""
	}
	if x.seen().fields[v] {
		return v.Name() + " is an exported field of a type that others can hold"
	}
	return ""
}
