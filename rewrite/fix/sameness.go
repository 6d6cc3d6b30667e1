package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
)

// A sameness compares code, up to the names of what it declares itself.
type sameness struct {
	info  *types.Info
	pairs map[types.Object]types.Object
}

// pair takes receivers, parameters and results of two functions for the same.
func (s *sameness) pair(a, b *types.Signature) bool {
	s.pairs[a.Recv()] = b.Recv()
	for _, t := range [][2]*types.Tuple{{a.Params(), b.Params()}, {a.Results(), b.Results()}} {
		if t[0].Len() != t[1].Len() {
			return false
		}
		for i := range t[0].Len() {
			s.pairs[t[0].At(i)] = t[1].At(i)
		}
	}
	return true
}

func (s *sameness) list(a, b []ast.Stmt) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !s.node(a[i], b[i]) {
			return false
		}
	}
	return true
}

// node compares two pieces of code in step.
func (s *sameness) node(a, b ast.Node) bool {
	xs, ys := flatten(a), flatten(b)
	if len(xs) != len(ys) {
		return false
	}
	for i, x := range xs {
		y := ys[i]
		if reflect.TypeOf(x) != reflect.TypeOf(y) || mark(x) != mark(y) {
			return false
		}
		if x, ok := x.(*ast.Ident); ok && !s.ident(x, y.(*ast.Ident)) {
			return false
		}
	}
	return true
}

func (s *sameness) ident(x, y *ast.Ident) bool {
	if a, b := s.info.Defs[x], s.info.Defs[y]; a != nil || b != nil {
		if a != nil && b != nil {
			s.pairs[a] = b
		}
		return a != nil && b != nil && types.Identical(a.Type(), b.Type())
	}
	a, b := s.info.Uses[x], s.info.Uses[y]
	if to, ok := s.pairs[a]; ok {
		return to == b
	}
	return a == b && (a != nil || x.Name == y.Name)
}

// flatten lists the nodes of a piece of code as they are met, nil where one
// ends.
func flatten(n ast.Node) []ast.Node {
	var out []ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		out = append(out, m)
		return true
	})
	return out
}

// mark is what tells nodes of one type apart, their children left out.
func mark(n ast.Node) any {
	switch n := n.(type) {
	case *ast.BasicLit:
		return n.Value
	case *ast.BinaryExpr:
		return n.Op
	case *ast.UnaryExpr:
		return n.Op
	case *ast.AssignStmt:
		return n.Tok
	case *ast.IncDecStmt:
		return n.Tok
	case *ast.BranchStmt:
		return n.Tok
	case *ast.RangeStmt:
		return [3]any{n.Tok, n.Key == nil, n.Value == nil}
	case *ast.GenDecl:
		return n.Tok
	case *ast.CallExpr:
		return n.Ellipsis.IsValid()
	case *ast.ChanType:
		return n.Dir
	case *ast.SliceExpr:
		return [4]bool{n.Slice3, n.Low == nil, n.High == nil, n.Max == nil}
	case *ast.TypeSpec:
		return n.Assign.IsValid()
	case *ast.IfStmt:
		return [2]bool{n.Init == nil, n.Else == nil}
	case *ast.ForStmt:
		return [3]bool{n.Init == nil, n.Cond == nil, n.Post == nil}
	case *ast.SwitchStmt:
		return [2]bool{n.Init == nil, n.Tag == nil}
	case *ast.CaseClause:
		return len(n.List)
	case *ast.CommClause:
		return n.Comm == nil
	}
	return token.ILLEGAL
}
