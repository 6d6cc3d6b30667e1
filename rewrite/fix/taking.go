package fix

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// A taking is what takes one element out of a collection: q = q[1:], q = q.next,
// delete(m, k), q.Pop(), l.Remove(e), heap.Pop(&q).
type taking struct {
	node ast.Node
	from ast.Expr
}

// takings lists those that every path makes which comes by a statement, up to the
// end of a block around it.
func (s *section) takings(wake ast.Stmt, within *ast.BlockStmt) []taking {
	var out []taking
	for n := ast.Node(wake); n != nil && n != ast.Node(within); n = s.u.Parent(n) {
		switch n := n.(type) {
		case *ast.IfStmt:
			out = append(out, s.takingsIn(n.Init, n.Cond)...)
		case *ast.SwitchStmt:
			out = append(out, s.takingsIn(n.Init, n.Tag)...)
		}
		st, ok := n.(ast.Stmt)
		if !ok || s.u.StmtOf(st).Stmt != st {
			continue
		}
		p := s.u.StmtOf(st)
		for _, before := range p.List[:p.Index] {
			if isPlain(before) && before.Pos() >= s.Acquire.Node.End() {
				out = append(out, s.takingsIn(before)...)
			}
		}
		for _, after := range p.Rest() {
			if s.isRelease(after) || leaves(after) {
				break
			}
			if isPlain(after) {
				out = append(out, s.takingsIn(after)...)
			}
		}
	}
	return out
}

// isPlain: a statement without branches.
func isPlain(st ast.Stmt) bool {
	switch st.(type) {
	case *ast.AssignStmt, *ast.ExprStmt, *ast.DeclStmt:
		return true
	}
	return false
}

// takingsIn lists those in nodes that are evaluated as a whole.
func (s *section) takingsIn(nodes ...ast.Node) (out []taking) {
	for _, n := range nodes {
		if n == nil {
			continue
		}
		ast.Inspect(n, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.BinaryExpr:
				return n.Op != token.LAND && n.Op != token.LOR
			case *ast.AssignStmt:
				if uses.Shortens(n) {
					out = append(out, taking{n, n.Lhs[0]})
				}
			case *ast.CallExpr:
				if c := s.u.RemovedFrom(n); c != nil {
					out = append(out, taking{n, c})
				}
			}
			return true
		})
	}
	return out
}

// An origin is where a value is read from: any place of a collection, or the
// element that is taken out of it.
type origin struct {
	of    ast.Expr
	taken taking
}

// ranges reports whether what a loop gives is of it: what is taken out is
// that of the round.
func (from origin) ranges(r *ast.RangeStmt) bool {
	if from.of != nil {
		return sameText(r.X, from.of)
	}
	call, ok := from.taken.node.(*ast.CallExpr)
	return ok && sameText(r.X, from.taken.from) && len(call.Args) > 1 && r.Key != nil && sameText(call.Args[1], r.Key)
}

// is reports whether an expression is of it.
func (from origin) is(s *section, e ast.Expr) bool {
	if from.of != nil {
		return sameText(e, from.of)
	}
	switch t := from.taken.node.(type) {
	case *ast.AssignStmt:
		return e.Pos() < t.Pos() && s.isFirst(e, t)
	case *ast.CallExpr:
		return s.isRemoved(e, t, from.taken.from)
	}
	return false
}

// isFirst reports whether an expression is the element that x = x[1:],
// x = x[:n] or x = x.next leaves out.
func (s *section) isFirst(e ast.Expr, t *ast.AssignStmt) bool {
	cut, ok := ast.Unparen(t.Rhs[0]).(*ast.SliceExpr)
	if !ok {
		return sameText(e, t.Lhs[0])
	}
	at, ok := e.(*ast.IndexExpr)
	switch {
	case !ok || !sameText(at.X, t.Lhs[0]) || !s.unwrittenBetween(at, t):
		return false
	case cut.Low == nil:
		return cut.High != nil && sameText(at.Index, cut.High)
	}
	return cut.High == nil && s.isInt(cut.Low, 1) && s.isInt(at.Index, 0)
}

func (s *section) isInt(e ast.Expr, n int64) bool {
	v := s.info.Types[e].Value
	return v != nil && v.Kind() == constant.Int && constant.Compare(v, token.EQL, constant.MakeInt64(n))
}

// isRemoved reports whether an expression is what a call takes out: what it
// yields, the key's element, or the element that it is given.
func (s *section) isRemoved(e ast.Expr, call *ast.CallExpr, from ast.Expr) bool {
	if e == ast.Expr(call) {
		return true
	}
	given := call.Args
	if _, method := ast.Unparen(call.Fun).(*ast.SelectorExpr); len(given) == 0 {
		return method && sameText(e, from) // q.Front() ahead of q.Pop()
	}
	if uses.Deref(given[0]) == ast.Unparen(from) {
		given = given[1:]
	}
	return slices.ContainsFunc(given, func(arg ast.Expr) bool {
		at, index := e.(*ast.IndexExpr)
		switch {
		case !s.unwrittenBetween(e, call):
			return false
		case index && sameText(at.X, from):
			return sameText(at.Index, arg)
		}
		_, literal := ast.Unparen(arg).(*ast.BasicLit)
		return !literal && !isBasic(s.typeOf(arg)) && sameText(e, arg)
	})
}

// unwrittenBetween: no variable that one of two nodes names is written between
// them.
func (s *section) unwrittenBetween(a, b ast.Node) bool {
	if a.Pos() > b.Pos() {
		a, b = b, a
	}
	same := true
	ast.Inspect(a, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return same
		}
		if v, ok := s.info.Uses[id].(*types.Var); ok {
			same = same && !slices.ContainsFunc(s.u.Writes(v), func(w uses.Write) bool {
				return w.Node != b && !contains(b, w.Node) && a.End() <= w.Node.Pos() && w.Node.Pos() < b.Pos()
			})
		}
		return same
	})
	return same
}

func isBasic(t types.Type) bool {
	_, ok := t.Underlying().(*types.Basic)
	return ok
}

func sameText(a, b ast.Expr) bool { return types.ExprString(a) == types.ExprString(b) }
