package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// stored follows what a field keeps: so long as nobody else knows the object,
// whoever drops the object drops it too.
func (x *guarded) stored(sel *ast.SelectorExpr, fallible bool) []*Fault {
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok || x.isMain() || x.Field != "" {
		return nil
	}
	owner, _ := x.p.Src.Info.ObjectOf(id).(*types.Var)
	fn := x.p.Uses.Enclosing(x.stmt)
	block := bodyBlock(fn)
	if owner == nil || block == nil || !x.isOwn(owner, fn) || duty.CapturedBefore(code(x.p, block), owner, x.stmt.Pos()) {
		return nil
	}
	d := x.duty(owner, fallible)
	d.Field, d.Wrapped = sel.Sel.Name, true
	found := duty.Leaks(code(x.p, block), d)
	if len(found) == 0 {
		return nil
	}
	f := x.left(found)
	f.Sort, f.Node = GuardStored, x.call
	return []*Fault{f}
}

// isOwn: the function made the object, in the same turn of a loop, and up to the
// statement has only set and read its fields.
func (x *guarded) isOwn(v *types.Var, fn ast.Node) bool {
	ws := x.p.Uses.Writes(v)
	if len(ws) != 1 || ws[0].Kind != uses.Init || ws[0].Value == nil || x.p.Uses.Enclosing(ws[0].Node) != fn || !allocates(x.p.Src.Info, ws[0].Value) {
		return false
	}
	if loopOf(x.p, ws[0].Node) != loopOf(x.p, x.stmt) {
		return false
	}
	return !slices.ContainsFunc(x.p.Uses.Reads(v), func(r ast.Node) bool {
		sel, ok := x.p.Uses.Parent(r).(*ast.SelectorExpr)
		return r.Pos() < x.stmt.Pos() && (!ok || sel.X != r || fieldOf(x.p, sel) == nil)
	})
}

// allocates: &T{…} or new(T).
func allocates(info *types.Info, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		_, lit := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && lit
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		return ok && info.Uses[id] == types.Universe.Lookup("new")
	}
	return false
}

// started follows what one goroutine alone uses, from where that begins. A
// context is left out: a goroutine mostly leaves because its context has ended.
func (x *guarded) started(v *types.Var) []*Fault {
	lit := x.goroutine(v)
	if lit == nil || len(x.Ends) == 0 || x.Field != "" || x.Waits || x.isMain() {
		return nil
	}
	d := x.duty(v, false)
	d.Begin, d.Entry = lit, true
	found := duty.Leaks(code(x.p, lit.Body), d)
	if len(found) == 0 {
		return nil
	}
	f := x.left(found)
	f.Sort, f.Node = GuardStarted, x.call
	f.Spots = slices.Insert(f.Spots, 1, ast.Node(lit))
	return []*Fault{f}
}

// goroutine is the literal that has all uses of a variable, and that one go
// statement runs, once for each value of the variable.
func (x *guarded) goroutine(v *types.Var) *ast.FuncLit {
	reads := x.p.Uses.Reads(v)
	if len(x.p.Uses.Writes(v)) != 1 || len(reads) == 0 {
		return nil
	}
	lit, ok := x.p.Uses.Enclosing(reads[0]).(*ast.FuncLit)
	if !ok {
		return nil
	}
	g, ok := startsLit(x.p, lit).(*ast.GoStmt)
	if !ok || x.p.Uses.Enclosing(g) != x.p.Uses.Enclosing(x.stmt) || loopOf(x.p, g) != loopOf(x.p, x.stmt) {
		return nil
	}
	if slices.ContainsFunc(reads, func(r ast.Node) bool { return r.Pos() < lit.Body.Pos() || r.End() > lit.Body.End() }) {
		return nil
	}
	return lit
}
