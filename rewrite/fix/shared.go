package fix

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// unshared reports whether a collection lies in one field only: every value of
// the field is made for it or is a part of the last one, and it is never handed
// on, so that a new value of the field is a new one for everyone.
func (s *section) unshared(x ast.Expr) bool {
	sel, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := s.info.Uses[sel.Sel].(*types.Var)
	if !ok {
		return false
	}
	f = f.Origin()
	for _, w := range s.u.Writes(f) {
		switch w.Kind {
		case uses.AddressTaken:
			return false
		case uses.Element:
			if _, pointer := w.Node.(*ast.UnaryExpr); pointer {
				return false
			}
		case uses.Init, uses.Assign, uses.Range:
			if w.Value == nil || !s.ownValue(w.Value, nil) && !s.partOf(w.Value, f) {
				return false
			}
		}
	}
	return s.onlyLookedInto(f)
}

// partOf: x[1:], or append(x[:i], x[i+1:]...), of the field x itself.
func (s *section) partOf(e ast.Expr, f *types.Var) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SliceExpr:
		return s.partOf(e.X, f)
	case *ast.SelectorExpr:
		v, ok := s.info.Uses[e.Sel].(*types.Var)
		return ok && v.Origin() == f
	case *ast.CallExpr:
		b, ok := s.builtin(e.Fun)
		return ok && b == "append" && s.partOf(e.Args[0], f)
	}
	return false
}

// onlyLookedInto: no use of a field or variable hands the collection on.
func (s *section) onlyLookedInto(v *types.Var) bool {
	for _, n := range s.u.Reads(v) {
		if !s.looksInto(n) && !s.looksThrough(n, v) {
			return false
		}
	}
	return true
}

// looksInto: the use of a collection indexes it, ranges over it, or asks for its
// length.
func (s *section) looksInto(n ast.Node) bool {
	if sel, ok := s.u.Parent(n).(*ast.SelectorExpr); ok && sel.Sel == n {
		n = sel
	}
	switch p := s.u.Parent(n).(type) {
	case *ast.IndexExpr:
		return p.X == n
	case *ast.RangeStmt:
		return p.X == n
	case *ast.BinaryExpr:
		return true
	case *ast.CallExpr:
		switch b, _ := s.builtin(p.Fun); b {
		case "len", "cap", "delete", "clear", "copy":
			return true
		case "append":
			return p.Args[0] != n // its elements are copied
		}
		switch s.fullName(p.Fun) {
		case "slices.Clone", "maps.Clone":
			return true
		}
	}
	return false
}

// looksThrough: the use yields a part that goes back where it came from, or to a
// local variable which itself is only looked into.
func (s *section) looksThrough(n ast.Node, v *types.Var) bool {
	if sel, ok := s.u.Parent(n).(*ast.SelectorExpr); ok && sel.Sel == n {
		n = sel
	}
	e := n.(ast.Expr)
	for {
		switch p := s.u.Parent(e).(type) {
		case *ast.SliceExpr:
			e = p
			continue
		case *ast.CallExpr:
			if b, _ := s.builtin(p.Fun); b == "append" {
				if p.Args[0] != e {
					return true // its elements are copied
				}
				e = p
				continue
			}
		case *ast.AssignStmt:
			i := slices.Index(p.Rhs, e)
			return i >= 0 && len(p.Lhs) == len(p.Rhs) && s.keepsTo(p.Lhs[i], v)
		case *ast.RangeStmt:
			return p.X == e
		}
		return false
	}
}

// keepsTo: the target is the field itself, or a local variable that nobody
// changes in place or hands on.
func (s *section) keepsTo(e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return s.partOf(e, v)
	}
	local, ok := s.info.ObjectOf(id).(*types.Var)
	if !ok || local.Pkg() == nil || local.IsField() || local.Parent() == local.Pkg().Scope() {
		return id.Name == "_"
	}
	for _, w := range s.u.Writes(local) {
		if w.Kind != uses.Init && w.Kind != uses.Assign {
			return false
		}
	}
	for _, n := range s.u.Reads(local) {
		if !s.looksInto(n) {
			return false
		}
	}
	return true
}

func isZero(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Value == "0"
}
