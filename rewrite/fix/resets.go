package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// resetBetween reports whether a field gets a new value between a statement
// that copied it and the end of the section, in the copy's own list.
func (s *section) resetBetween(x ast.Expr, after ast.Stmt) bool {
	for _, st := range s.u.StmtOf(after).Rest() {
		if ok, fresh := s.resets(st, x); ok && fresh == "" {
			return true
		}
		if s.isRelease(st) {
			return false
		}
	}
	return false
}

// resetOf finds the statement behind a loop, in the same list, that empties
// its collection, with nothing in between that looks at it.
func (s *section) resetOf(n *ast.RangeStmt) (ast.Stmt, string) {
	for _, st := range s.listStmt(n).Rest() {
		if ok, fresh := s.resets(st, n.X); ok {
			return st, fresh
		}
		if mentions(st, types.ExprString(n.X)) || s.isRelease(st) {
			return nil, ""
		}
	}
	return nil, ""
}

// listStmt is the place of a loop, its label included.
func (s *section) listStmt(n ast.Stmt) uses.Place {
	if l, ok := s.u.Parent(n).(*ast.LabeledStmt); ok {
		return s.u.StmtOf(l)
	}
	return s.u.StmtOf(n)
}

func (s *section) isRelease(st ast.Stmt) bool {
	for _, r := range s.Releases {
		if r.Defer == nil && contains(st, r.Node) {
			return true
		}
	}
	return false
}

// resets reports whether a statement empties a collection, and what to assign
// instead where it does so in place.
func (s *section) resets(st ast.Stmt, x ast.Expr) (ok bool, fresh string) {
	text := types.ExprString(x)
	switch st := st.(type) {
	case *ast.AssignStmt:
		if st.Tok != token.ASSIGN || len(st.Lhs) != 1 || types.ExprString(st.Lhs[0]) != text {
			return false, ""
		}
		if sl, isSlice := ast.Unparen(st.Rhs[0]).(*ast.SliceExpr); isSlice {
			if types.ExprString(sl.X) == text && sl.Low == nil && isZero(sl.High) {
				return true, "nil"
			}
			return false, ""
		}
		return s.ownValue(st.Rhs[0], nil), ""
	case *ast.ExprStmt:
		call, isCall := st.X.(*ast.CallExpr)
		if !isCall || len(call.Args) != 1 || types.ExprString(call.Args[0]) != text {
			return false, ""
		}
		if b, isBuiltin := s.builtin(call.Fun); isBuiltin && b == "clear" {
			if _, isMap := s.typeOf(x).Underlying().(*types.Map); isMap && s.unshared(x) {
				if t, ok := s.spell(s.typeOf(x)); ok {
					return true, "make(" + t + ")"
				}
			}
		}
	}
	return false, ""
}
