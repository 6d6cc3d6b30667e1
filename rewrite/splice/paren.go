package splice

import "github.com/dave/dst"

// protect puts parentheses around an expression if it would come apart as the
// named child of parent.
func protect(parent dst.Node, name string, e dst.Expr) dst.Expr {
	need := false
	switch e := e.(type) {
	case *dst.BinaryExpr:
		need = operand(parent, name, e) || postfix(parent, name)
	case *dst.UnaryExpr, *dst.StarExpr, *dst.FuncType, *dst.ChanType, *dst.ArrayType, *dst.MapType:
		need = postfix(parent, name)
	case *dst.FuncLit:
		_, statement := parent.(*dst.ExprStmt)
		need = statement
	case *dst.CompositeLit:
		need = inHeader(parent)
	}
	if !need {
		return e
	}
	return &dst.ParenExpr{X: e}
}

// operand reports whether the child is an operand of a prefix operator, or of an
// infix one that does not bind looser.
func operand(parent dst.Node, name string, e *dst.BinaryExpr) bool {
	switch p := parent.(type) {
	case *dst.BinaryExpr:
		return e.Op.Precedence() < p.Op.Precedence() || e.Op.Precedence() == p.Op.Precedence() && name == "Y"
	case *dst.UnaryExpr, *dst.StarExpr:
		return true
	}
	return false
}

// postfix reports whether the child is what a selector, index, call, slice or
// assertion applies to.
func postfix(parent dst.Node, name string) bool {
	switch parent.(type) {
	case *dst.SelectorExpr, *dst.IndexExpr, *dst.IndexListExpr, *dst.SliceExpr, *dst.TypeAssertExpr:
		return name == "X"
	case *dst.CallExpr:
		return name == "Fun"
	}
	return false
}

// inHeader reports whether the child stands before the brace of a statement,
// where a composite literal's own brace would be taken for it. An operand may
// well stand there.
func inHeader(parent dst.Node) bool {
	switch parent.(type) {
	case *dst.RangeStmt, *dst.IfStmt, *dst.ForStmt, *dst.SwitchStmt, *dst.BinaryExpr:
		return true
	}
	return false
}
