package summary

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A callee is what a function expression is known to call.
type callee struct {
	fn      *types.Func // declared function or method, generic origin; nil if dynamic
	sel     *ast.SelectorExpr
	iface   bool // fn is a method of an interface
	builtin *types.Builtin
	value   *types.Var // variable, parameter or field that holds the function
}

// callee resolves the function of a call.
func (p *Package) callee(fun ast.Expr) callee {
	fun = ast.Unparen(fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		if _, ok := p.Src.Info.TypeOf(x).(*types.Signature); ok && !p.isValue(x.X) {
			return p.callee(x.X) // an instantiation
		}
		return callee{}
	case *ast.IndexListExpr:
		return p.callee(x.X)
	case *ast.Ident:
		return p.object(p.Src.Info.Uses[x], nil)
	case *ast.SelectorExpr:
		if s := p.Src.Info.Selections[x]; s != nil {
			return p.object(s.Obj(), x)
		}
		c := p.object(p.Src.Info.Uses[x.Sel], nil)
		return c
	}
	return callee{}
}

// isValue: m[k] of a map or slice of functions is a value, f[T] is not.
func (p *Package) isValue(x ast.Expr) bool {
	t := p.Src.Info.TypeOf(x)
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return !ok
}

func (p *Package) object(obj types.Object, sel *ast.SelectorExpr) callee {
	switch obj := obj.(type) {
	case *types.Func:
		c := callee{fn: obj.Origin(), sel: sel}
		if recv := obj.Signature().Recv(); recv != nil {
			c.iface = types.IsInterface(recv.Type())
		}
		return c
	case *types.Builtin:
		return callee{builtin: obj}
	case *types.Var:
		return callee{value: obj.Origin(), sel: sel}
	}
	return callee{}
}

// entryOf asks the table about a callee, what the project says of it first.
func (p *Package) entryOf(c callee) (syncapi.Entry, bool) {
	s, ok := p.saying(c)
	return p.entryBeside(s, ok, c)
}

// entryBeside is entryOf for who knows what the project says.
func (p *Package) entryBeside(s syncapi.Saying, said bool, c callee) (syncapi.Entry, bool) {
	if said && c.fn != nil {
		if e, ok := saidEntry(s, c.fn); ok {
			return e, true
		}
	}
	switch {
	case c.builtin != nil:
		return syncapi.Builtin(c.builtin), true
	case c.fn != nil && c.fn.Pkg() == p.Src.Types && !isStd(c.fn.Pkg()):
		return syncapi.Entry{}, false // what its code says goes before what a table says of it
	case c.fn != nil && c.sel != nil:
		return syncapi.LookupOn(p.Src.Info.TypeOf(c.sel.X), c.fn)
	case c.fn != nil:
		return syncapi.Lookup(c.fn)
	case c.value != nil && p.Uses.AllFrom(c.value, syncapi.IsCancel):
		return syncapi.Cancel, true
	}
	return syncapi.Entry{}, false
}

// isStd: paths of std have no dot in their first element, nor have those of
// tests.
func isStd(pkg *types.Package) bool {
	first, _, _ := strings.Cut(pkg.Path(), "/")
	return !strings.Contains(first, ".")
}

// summary returns what is known of a declared function: this package's own
// work, or a fact.
func (p *Package) summary(fn *types.Func) *Func {
	if fn == nil {
		return nil
	}
	if f := p.soFar(fn); f != nil {
		return f
	}
	if fn.Pkg() == p.Src.Types || p.known == nil {
		return nil
	}
	f, ok := p.facts[fn]
	if !ok {
		f = fact(fn, p.known)
		p.facts[fn] = f
	}
	return f
}

// fact asks what is known of a function of another package. Of one that the table
// describes it is only what the project says: its code may not have been looked at.
func fact(fn *types.Func, known Facts) *Func {
	f := known.Func(fn)
	if f == nil || fn.Pkg() == nil || !syncapi.Describes(fn.Pkg().Path()) {
		return f
	}
	if f.Said.Is == syncapi.Unsaid {
		return nil
	}
	return &Func{Said: f.Said}
}

// targets lists the declared functions that a dynamic call may reach, and
// whether these are all.
func (p *Package) targets(c callee) (fns []*types.Func, lits []*ast.FuncLit, complete bool) {
	switch {
	case c.iface && c.fn.Pkg() == p.Src.Types:
		impls := p.implementations(c.fn)
		return impls, nil, len(impls) > 0 && len(impls) <= maxImpls
	case c.value != nil:
		values, complete := p.Uses.FuncValues(c.value)
		for _, v := range values {
			if v.Fn != nil {
				fns = append(fns, v.Fn.Origin())
			} else if v.Lit != nil {
				lits = append(lits, v.Lit)
			}
		}
		return fns, lits, complete || p.isPackageVar(c.value) && len(fns)+len(lits) > 0
	}
	return nil, nil, false
}

// implementations lists this package's methods behind a method of an interface,
// those of test doubles left out.
func (p *Package) implementations(m *types.Func) []*types.Func {
	impls, ok := p.impls[m]
	if !ok {
		impls = slices.DeleteFunc(slices.Clone(p.Uses.Behind(m)), standsIn)
		p.impls[m] = impls
	}
	return impls
}

// A custom is what convention says of a method of an interface.
type custom struct {
	syncapi.Entry
	speaks bool
}

// customOf asks what convention says of a method of an interface, once.
func (p *Package) customOf(m *types.Func) (syncapi.Entry, bool) {
	c, ok := p.customs[m]
	if !ok {
		c.Entry, c.speaks = syncapi.Conventional(m)
		p.customs[m] = c
	}
	return c.Entry, c.speaks
}

// maxImpls bounds how many implementations stand for a call through an
// interface. What one of many does says little about this call; the custom of
// the method's name says more.
const maxImpls = 4

// How types begin, and end, that stand in for others in tests, in lower case.
var (
	doubles     = []string{"mock", "fake", "stub", "dummy", "test", "noop", "nop", "discard"}
	doublesLast = []string{"mock", "fake", "stub", "dummy", "noop", "nop"}
)

// testDouble reports whether a type that is called so stands in for others in tests. It
// is asked of each type behind each method of an interface.
func testDouble(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(doubles, func(s string) bool { return strings.HasPrefix(name, s) }) ||
		slices.ContainsFunc(doublesLast, func(s string) bool { return strings.HasSuffix(name, s) })
}

// standsIn reports whether a method belongs to a test double.
func standsIn(fn *types.Func) bool {
	t := fn.Signature().Recv().Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && testDouble(n.Obj().Name())
}

// isPackageVar: a function in a package-level variable is an indirection for
// tests, platforms or set-up: what it was given here is what it is.
func (p *Package) isPackageVar(v *types.Var) bool {
	return v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// FuncName spells a function for messages: "flush", "(*S).flush", "pkg.F" and
// "(*pkg.T).m" for one of another package.
func (p *Package) FuncName(fn *types.Func) string { return funcName(fn, p.Src.Types) }

func funcName(fn *types.Func, from *types.Package) string {
	q := func(pkg *types.Package) string {
		if pkg == from {
			return ""
		}
		return pkg.Name()
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		if fn.Pkg() != nil && fn.Pkg() != from {
			return fn.Pkg().Name() + "." + fn.Name()
		}
		return fn.Name()
	}
	t := recv.Type()
	star := ""
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t, star = ptr.Elem(), "*"
	}
	var name string
	if n, ok := types.Unalias(t).(*types.Named); ok {
		name = n.Obj().Name() // without type arguments
		if prefix := pkgName(n.Obj().Pkg(), from); prefix != "" {
			name = prefix + "." + name
		}
	} else {
		name = types.TypeString(t, q)
	}
	if star == "" {
		return name + "." + fn.Name()
	}
	return "(" + star + name + ")." + fn.Name()
}

func pkgName(pkg, from *types.Package) string {
	if pkg == nil || pkg == from {
		return ""
	}
	return pkg.Name()
}
