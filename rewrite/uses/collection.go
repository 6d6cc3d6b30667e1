package uses

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// runsThrough reports whether a loop's body neither ends the loop early nor
// gives up a lock.
func (x *Index) runsThrough(body *ast.BlockStmt) bool {
	return !slices.ContainsFunc(body.List, func(s ast.Stmt) bool { return !x.through(s) })
}

// deletes reports whether s is delete(c, k) of what was taken.
func (x *Index) deletes(s ast.Stmt, t take) bool {
	es, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := es.X.(*ast.CallExpr)
	return ok && x.builtin(call) == "delete" && len(call.Args) == 2 &&
		sameExpr(call.Args[0], t.expr) && sameExpr(call.Args[1], t.key) && x.steady(t.key)
}

// pops reports whether s is c = c[1:] where c[0] was taken.
func (x *Index) pops(s ast.Stmt, t take) bool {
	as, ok := s.(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 || t.loop != nil {
		return false
	}
	first, ok := x.constant(t.key)
	low, tail := x.tail(as.Rhs[0], t.expr)
	return ok && first == 0 && sameExpr(as.Lhs[0], t.expr) && tail && low == 1
}

// tail reports whether value is e[low:].
func (x *Index) tail(value, e ast.Expr) (low int64, ok bool) {
	sl, ok := ast.Unparen(value).(*ast.SliceExpr)
	if !ok || sl.Low == nil || sl.High != nil || !sameExpr(sl.X, e) {
		return 0, false
	}
	return x.constant(sl.Low)
}

// steady reports whether a key means the same wherever it stands: a constant,
// or a variable that is written once.
func (x *Index) steady(key ast.Expr) bool {
	if x.p.Info.Types[key].Value != nil {
		return true
	}
	id, ok := ast.Unparen(key).(*ast.Ident)
	if !ok {
		return false
	}
	v := x.varOf(id)
	return v != nil && len(x.writesOf(v)) <= 1
}

// empties reports whether s leaves nothing in the collection e.
func (x *Index) empties(s ast.Stmt, e ast.Expr) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok || x.builtin(call) != "clear" || len(call.Args) != 1 || !sameExpr(call.Args[0], e) {
			return false
		}
		_, isMap := x.typeOf(e).Underlying().(*types.Map)
		return isMap
	case *ast.AssignStmt:
		return s.Tok == token.ASSIGN && len(s.Lhs) == 1 && len(s.Rhs) == 1 && sameExpr(s.Lhs[0], e) && x.empty(s.Rhs[0], e)
	}
	return false
}

// renews reports whether s gives the collection e a new value, so that its old
// elements are in nobody's way.
func (x *Index) renews(s ast.Stmt, e ast.Expr) bool {
	as, ok := s.(*ast.AssignStmt)
	if !ok || !x.empties(s, e) {
		return false
	}
	_, reused := ast.Unparen(as.Rhs[0]).(*ast.SliceExpr)
	return !reused
}

// empty reports whether value is a collection without elements, perhaps made
// from e itself.
func (x *Index) empty(value, e ast.Expr) bool {
	switch v := ast.Unparen(value).(type) {
	case *ast.Ident:
		return isNil(v)
	case *ast.CompositeLit:
		return len(v.Elts) == 0
	case *ast.CallExpr:
		if x.builtin(v) != "make" {
			return false
		}
		if len(v.Args) == 1 {
			return true
		}
		n, ok := x.constant(v.Args[1])
		_, isMap := x.typeOf(v).Underlying().(*types.Map)
		return isMap || ok && n == 0
	case *ast.SliceExpr:
		if v.High == nil || !sameExpr(v.X, e) || v.Max != nil {
			return false
		}
		n, ok := x.constant(v.High)
		return ok && n == 0
	}
	return false
}

// insertedOnce reports whether each element of a collection was made for it and
// put in once, and the collection is not known elsewhere.
func (x *Index) insertedOnce(c *types.Var) bool {
	if x.outside(c) != "" {
		return false
	}
	puts := 0
	for _, w := range x.writesOf(c) {
		switch {
		case w.Kind == Element && w.Value != nil:
			puts++
			if !x.madeFor(w.Value, w.Node) {
				return false
			}
		case appended(w):
			call := ast.Unparen(w.Value).(*ast.CallExpr)
			puts += len(call.Args) - 1
			if len(call.Args) != 2 || call.Ellipsis.IsValid() || !x.madeFor(call.Args[1], w.Node) {
				return false
			}
		case w.Kind == Mutate:
			if call, ok := w.Node.(*ast.CallExpr); !ok || x.builtin(call) == "copy" {
				return false
			}
		case (w.Kind == Init || w.Kind == Assign) && w.Value != nil && (x.empty(w.Value, w.Value) || x.emptied(w)):
		default:
			return false
		}
	}
	return puts == 1 && x.seen().whole[c] == nil && x.unaliased(c)
}

// emptied reports whether a write is c = c[:0], c = c[1:] or c = c[:len(c)-1].
func (x *Index) emptied(w Write) bool {
	as, ok := w.Node.(*ast.AssignStmt)
	return ok && len(as.Lhs) == 1 && x.shrinks(as, as.Lhs[0])
}

// loses reports whether a value is c[:len(c)-1], or c[:n-1] after n := len(c).
func (x *Index) loses(value, c ast.Expr) bool {
	sl, ok := ast.Unparen(value).(*ast.SliceExpr)
	if !ok || sl.Low != nil || sl.Max != nil || !sameExpr(sl.X, c) {
		return false
	}
	less, ok := ast.Unparen(sl.High).(*ast.BinaryExpr)
	if !ok || less.Op != token.SUB {
		return false
	}
	if k, ok := x.constant(less.Y); !ok || k < 0 {
		return false
	}
	of := ast.Unparen(less.X)
	if v := x.varOf(of); v != nil && !v.IsField() && len(x.writesOf(v)) == 1 && x.writesOf(v)[0].Value != nil {
		of = ast.Unparen(x.writesOf(v)[0].Value) // n := len(c)
	}
	n, ok := of.(*ast.CallExpr)
	return ok && x.builtin(n) == "len" && sameExpr(n.Args[0], c)
}

func (x *Index) shrinks(as *ast.AssignStmt, e ast.Expr) bool {
	if x.empties(as, e) || x.loses(as.Rhs[0], e) {
		return true
	}
	_, tail := x.tail(as.Rhs[0], e)
	return tail && len(as.Lhs) == 1 && sameExpr(as.Lhs[0], e)
}

// madeFor reports whether e, put into a collection by n, is a local variable
// with a new object or channel, which n puts in at most once.
func (x *Index) madeFor(e ast.Expr, n ast.Node) bool {
	v := x.varOf(e)
	if v == nil || v.IsField() || len(x.writesOf(v)) == 0 {
		return false
	}
	w := x.writesOf(v)[0]
	if w.Kind != Init || w.Fn == nil || w.Fn != x.fn(n) || w.Value == nil || x.loop(n, x.up.of(w.Node)) != nil {
		return false
	}
	for _, other := range x.writesOf(v)[1:] {
		if other.Kind != Part && other.Kind != Method {
			return false
		}
	}
	_, room := x.roomOf(w.Value)
	return isPointer(v.Type()) && x.makesObject(w) || room && x.ownMake(e)
}

// unaliased reports whether every read of a collection only looks at its
// elements, or copies it into a local variable to range over.
func (x *Index) unaliased(c *types.Var) bool {
	for _, r := range x.readsOf(c) {
		e, ok := r.(ast.Expr)
		if !ok || !x.looks(e) {
			return false
		}
	}
	return true
}

func (x *Index) looks(e ast.Expr) bool {
	switch p := x.up.of(e).(type) {
	case *ast.RangeStmt:
		return p.X == e
	case *ast.IndexExpr, *ast.BinaryExpr:
		return true
	case *ast.SliceExpr:
		as, ok := x.up.of(p).(*ast.AssignStmt)
		return ok && x.shrinks(as, e)
	case *ast.CallExpr:
		switch x.builtin(p) {
		case "len", "delete", "clear":
			return true
		case "append":
			as, ok := x.up.of(p).(*ast.AssignStmt)
			return ok && len(as.Lhs) == 1 && p.Args[0] == e && sameExpr(as.Lhs[0], e)
		}
	case *ast.AssignStmt:
		if p.Tok != token.DEFINE || len(p.Lhs) != 1 {
			return false
		}
		v := x.varOf(p.Lhs[0])
		if v == nil || len(x.writesOf(v)) != 1 {
			return false
		}
		return !slices.ContainsFunc(x.readsOf(v), func(n ast.Node) bool {
			rng, ok := x.up.of(n).(*ast.RangeStmt)
			return !ok || rng.X != n
		})
	}
	return false
}
