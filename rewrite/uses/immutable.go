package uses

import (
	"go/ast"
	"go/types"
	"strconv"
)

func itoa(n int) string { return strconv.Itoa(n) }

// Immutable reports whether the value of v, once it can be seen by others, is
// never changed, and if not, why. It is about the variable's own value: what a
// map, a slice or a pointer leads to may change all the same, and a struct with
// pointer methods, a mutex say, changes when they run. For paths ask Fixed.
//
//   - A field is written only by composite literals, and by assignments to an
//     object that the same function made and has not shown to anyone yet.
//   - A local variable is written only where it is declared, a parameter never.
//   - Nobody takes its address, and no other package can write it.
func (x *Index) Immutable(v *types.Var) (bool, string) {
	x.build()
	v = v.Origin()
	if why := x.outside(v); why != "" {
		return false, why
	}
	if v.IsField() {
		if n := x.seen().whole[v]; n != nil {
			return false, "the struct that holds " + v.Name() + " is overwritten" + x.where(n)
		}
	}
	inits := 0
	for _, w := range x.writesOf(v) {
		if why := x.changes(v, w, &inits); why != "" {
			return false, why + x.where(w.Node)
		}
	}
	return true, ""
}

// Fixed reports whether a path through v always leads to the same object: v is
// the object, a struct or an array, which stays where it is whatever is stored
// in it, or v is Immutable and leads there.
func (x *Index) Fixed(v *types.Var) (bool, string) {
	switch v.Type().Underlying().(type) {
	case *types.Struct, *types.Array:
		return true, ""
	}
	return x.Immutable(v)
}

// Changes returns the writes that change a variable, or what it holds if it is a
// map or slice, once others can see it. ok is false if it may be changed
// otherwise too: by another package, or together with the struct around it.
func (x *Index) Changes(v *types.Var) (list []Write, ok bool) {
	x.build()
	v = v.Origin()
	inits := 0
	for _, w := range x.writesOf(v) {
		if w.Kind == Element || w.Kind == Mutate || x.changes(v, w, &inits) != "" {
			list = append(list, w)
		}
	}
	return list, x.outside(v) == "" && (!v.IsField() || x.seen().whole[v] == nil)
}

// ChangesUnder is Changes for who holds a lock: that the struct around v is
// overwritten does not count if the lock lies in the same struct. It would be
// overwritten too, and who holds it would release one that is not held, which ends
// the program.
func (x *Index) ChangesUnder(lock, v *types.Var) (list []Write, ok bool) {
	list, ok = x.Changes(v)
	v, lock = v.Origin(), lock.Origin()
	if ok || !v.IsField() || !lock.IsField() || x.outside(v) != "" {
		return list, ok
	}
	named, ok := types.Unalias(lock.Type()).(*types.Named)
	ends := ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "sync" && !types.IsInterface(named)
	home := x.seen().home
	return list, ends && home[v] != nil && home[v] == home[lock]
}

// changes says how a write changes v after its construction; "" if it does not.
func (x *Index) changes(v *types.Var, w Write, inits *int) string {
	name := v.Name()
	switch w.Kind {
	case Init:
		if *inits++; *inits > 1 && !v.IsField() {
			return name + " is declared twice" // broken code only
		}
		return ""
	case Assign:
		if v.IsField() && x.fresh(v, w) {
			return ""
		}
	case Range:
		if rng, ok := w.Node.(*ast.RangeStmt); ok && !v.IsField() && x.perIteration(v, rng) {
			return ""
		}
	case Element:
		if _, ok := v.Type().Underlying().(*types.Array); !ok {
			return ""
		}
	case Mutate:
		if !appended(w) {
			return ""
		}
	case AddressTaken:
		return "the address of " + name + " is taken"
	case Method:
		return "a method may change " + name
	case Part:
		return "a part of " + name + " is written"
	}
	return name + " is assigned"
}

// perIteration reports whether v is a new variable in each iteration, or as
// good as one because no closure holds it.
func (x *Index) perIteration(v *types.Var, rng *ast.RangeStmt) bool {
	if !v.Pos().IsValid() || v.Pos() < rng.Pos() || v.Pos() > rng.X.Pos() {
		return false // assigned, not declared
	}
	if x.newEachTurn(rng) {
		return true
	}
	for _, n := range x.readsOf(v) {
		if x.fn(n) != x.fn(rng) {
			return false
		}
	}
	return true
}

// fresh reports whether w assigns to a field of an object that its function
// has made and nobody else can see: the object's variable was used for nothing
// but the selection of fields before.
func (x *Index) fresh(v *types.Var, w Write) bool {
	s, ok := w.Node.(*ast.AssignStmt)
	if !ok || w.index >= len(s.Lhs) {
		return false
	}
	sel, ok := ast.Unparen(s.Lhs[w.index]).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if sn := x.p.Info.Selections[sel]; !ok || sn == nil || len(sn.Index()) > 1 {
		return false // a promoted field belongs to another object, perhaps known
	}
	local := x.varOf(id)
	return local != nil && x.unshared(local, s)
}

// unshared reports whether, when n runs, the object that local names was made
// by the same call of the same function and is known to nobody else.
func (x *Index) unshared(local *types.Var, n ast.Node) bool {
	ws := x.writesOf(local)
	if len(ws) == 0 || ws[0].Kind != Init || !x.makesObject(ws[0]) || ws[0].Fn == nil || ws[0].Fn != x.fn(n) {
		return false
	}
	made := ws[0].Node
	for _, w := range ws[1:] {
		if w.Kind != Part && (w.Kind != Method || w.Node.Pos() < n.End()) {
			return false
		}
	}
	if x.loop(n, x.up.of(made)) != nil {
		return false
	}
	for _, r := range x.readsOf(local) {
		if r.Pos() < n.End() && (x.fn(r) != ws[0].Fn || !x.selects(r)) {
			return false
		}
	}
	return true
}

// makesObject reports whether a declaration gives its variable a new object.
func (x *Index) makesObject(w Write) bool {
	if w.Value == nil {
		return false
	}
	return x.composite(w.Value) != nil || x.isNew(w.Value)
}

func (x *Index) isNew(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && x.builtin(call) == "new"
}

// composite returns the struct literal that e is, or the address of.
func (x *Index) composite(e ast.Expr) *ast.CompositeLit {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	lit, _ := e.(*ast.CompositeLit)
	if lit == nil || structOf(x.typeOf(lit)) == nil {
		return nil
	}
	return lit
}

// selects reports whether an occurrence only selects a field.
func (x *Index) selects(n ast.Node) bool {
	e, ok := n.(ast.Expr)
	if !ok {
		return false
	}
	sel, ok := x.above(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := x.p.Info.Selections[sel]
	return s != nil && s.Kind() == types.FieldVal
}

// loop returns the outermost loop around n inside of scope, nil if there is
// none. A function literal counts as a loop: nobody says how often it runs.
func (x *Index) loop(n, scope ast.Node) ast.Node {
	var found ast.Node
	for n = x.up.of(n); n != nil && n != scope; n = x.up.of(n) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit:
			found = n
		}
	}
	return found
}
