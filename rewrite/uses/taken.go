package uses

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

var removing = pattern.New(`^(Remove|Pop|Dequeue|Shift|Take|Delete)`)

// Taken lists the collections that a body takes elements out of: x = x[1:],
// x = x.next, delete(x, k), x.Remove(e), x.Pop(), heap.Pop(&x). Literals in it
// are not looked into.
func (x *Index) Taken(body ast.Node) []ast.Expr {
	var out []ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			if Shortens(n) {
				out = append(out, n.Lhs[0])
			}
		case *ast.CallExpr:
			if c := x.RemovedFrom(n); c != nil {
				out = append(out, c)
			}
		}
		return true
	})
	return out
}

// Shortens reports whether a statement is x = x[1:], x = x[:n] or x = x.next.
func Shortens(n *ast.AssignStmt) bool {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 || n.Tok != token.ASSIGN {
		return false
	}
	l := types.ExprString(n.Lhs[0])
	switch r := ast.Unparen(n.Rhs[0]).(type) {
	case *ast.SliceExpr:
		return types.ExprString(r.X) == l && (r.Low != nil || r.High != nil)
	case *ast.SelectorExpr:
		return types.ExprString(r.X) == l
	}
	return false
}

// RemovedFrom is the collection that a call takes an element out of, by the
// builtin delete or a method or function whose name says so; nil if it does not.
func (x *Index) RemovedFrom(call *ast.CallExpr) ast.Expr {
	if b := x.builtin(call); b != "" {
		if b != "delete" {
			return nil
		}
		return call.Args[0]
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !removing.MatchString(sel.Sel.Name) {
		return nil
	}
	if x.p.Info.Selections[sel] != nil {
		return sel.X
	}
	if len(call.Args) == 0 {
		return nil
	}
	return Deref(call.Args[0]) // a function of another package: heap.Pop(&x)
}

// Deref is what an expression takes the address of, or the expression.
func Deref(e ast.Expr) ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		return u.X
	}
	return ast.Unparen(e)
}
