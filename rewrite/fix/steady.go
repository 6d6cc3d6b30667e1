package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// elsewhere reports whether a field belongs to a type of another package.
func (r *region) elsewhere(sel *ast.SelectorExpr) bool {
	f, ok := r.s.info.Uses[sel.Sel].(*types.Var)
	return ok && f.IsField() && f.Pkg() != nil && f.Pkg() != r.s.pkg.Src.Types
}

// fixed reports whether reading an expression later gives the same: a path of
// fields that are never written again, from a variable that is not.
func (r *region) fixed(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := r.s.info.Uses[e].(*types.Var)
		return ok && (r.own[v] || r.s.steady(v))
	case *ast.SelectorExpr:
		sel := r.s.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal || !r.fixed(e.X) {
			return false
		}
		if r.isOwnStruct(e.X) {
			return true // a copy of its own
		}
		f, ok := sel.Obj().(*types.Var)
		if !ok {
			return false
		}
		for _, in := range implicitFields(sel) {
			if ok, _ := r.s.u.Immutable(in); !ok && isPointer(in.Type()) {
				return false
			}
		}
		immutable, _ := r.s.u.Immutable(f.Origin())
		return immutable
	}
	return false
}

// isOwnStruct: a variable that holds a struct, not a pointer, and is the
// region's, or a local one that nobody else knows and nobody changes any more.
func (r *region) isOwnStruct(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := r.s.info.Uses[id].(*types.Var)
	if !ok {
		return false
	}
	_, isStruct := v.Type().Underlying().(*types.Struct)
	return isStruct && (r.own[v] || r.s.unchanged(v))
}

// unchanged: a local variable is neither written once the lock is held nor known
// by its address.
func (s *section) unchanged(v *types.Var) bool {
	if v.Pkg() == nil || v.IsField() || v.Parent() == v.Pkg().Scope() {
		return false
	}
	for _, w := range s.u.Writes(v) {
		if w.Kind == uses.AddressTaken || w.Kind == uses.Method || !s.isBefore(w.Node, v) {
			return false
		}
	}
	return true
}

func (r *region) mentionsOwn(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && r.own[r.s.info.Uses[id]] {
			found = true
		}
		return !found
	})
	return found
}

func isReference(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Chan, *types.Map, *types.Signature:
		return true
	}
	return false
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// implicitFields are the embedded fields that a selection runs through.
func implicitFields(sel *types.Selection) []*types.Var {
	var out []*types.Var
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return out
		}
		out = append(out, st.Field(i).Origin())
		t = st.Field(i).Type()
	}
	return out
}

func (s *section) typeOf(e ast.Expr) types.Type {
	if t := s.info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

func (s *section) builtin(fun ast.Expr) (string, bool) {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return "", false
	}
	b, ok := s.info.Uses[id].(*types.Builtin)
	if !ok {
		return "", false
	}
	return b.Name(), true
}

// steady reports whether a variable keeps its value from the acquisition on.
func (s *section) steady(v *types.Var) bool {
	if v.Pkg() == nil || v.IsField() {
		return false
	}
	if v.Pkg() != s.pkg.Src.Types {
		return len(s.u.Writes(v)) == 0 // what this package never writes, its lock cannot guard
	}
	if v.Parent() == v.Pkg().Scope() {
		ok, _ := s.u.Immutable(v)
		return ok
	}
	for _, w := range s.u.Writes(v) {
		if !s.isBefore(w.Node, v) {
			return false
		}
	}
	return true
}

// writtenInPlace reports whether a struct or array may be written, through its
// address or field by field, while the lock is held: the variable stays where it
// is, what it holds does not.
func (s *section) writtenInPlace(v *types.Var) bool {
	switch v.Type().Underlying().(type) {
	case *types.Struct, *types.Array:
	default:
		return false
	}
	for _, w := range s.u.Writes(v) {
		if w.Kind == uses.AddressTaken || w.Kind == uses.Method {
			return true
		}
	}
	return false
}

// copiesReceiver reports whether a method is called on a copy of its object.
func (s *section) copiesReceiver(e *ast.SelectorExpr) bool {
	fn, ok := s.info.Uses[e.Sel].(*types.Func)
	return ok && fn.Signature().Recv() != nil && !isPointer(fn.Signature().Recv().Type()) && !isPointer(s.typeOf(e.X))
}

// isBefore: a write that stands above the acquisition, in this function and in
// no loop with it, or is the variable's definition, is over by then.
func (s *section) isBefore(n ast.Node, v *types.Var) bool {
	if n.Pos() <= v.Pos() && v.Pos() < n.End() {
		return true
	}
	if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND {
		_, isStruct := v.Type().Underlying().(*types.Struct)
		return isStruct
	}
	return n.End() <= s.Acquire.Node.Pos() && s.u.Enclosing(n) == s.fn && s.loopAround(s.Acquire.Node) == nil
}

// shadows says which variable that a statement of the list declares would take
// the name of another that moved statements use, once they stand below it; nil
// for none.
func (s *section) shadows(stay, moved []ast.Stmt) *Obligation {
	for _, st := range stay {
		for _, id := range declared(st) {
			for _, m := range moved {
				if s.usesOther(m, id) {
					o := refuted("names", id.Name+" means another variable below", id)
					return &o
				}
			}
		}
	}
	return nil
}

// declared lists the names that a statement declares in its own list.
func declared(st ast.Stmt) []*ast.Ident {
	var out []*ast.Ident
	switch st := unlabel(st).(type) {
	case *ast.AssignStmt:
		for _, l := range st.Lhs {
			if id, ok := l.(*ast.Ident); ok && st.Tok == token.DEFINE {
				out = append(out, id)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range st.Decl.(*ast.GenDecl).Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				out = append(out, spec.Names...)
			case *ast.TypeSpec:
				out = append(out, spec.Name)
			}
		}
	}
	return out
}

// usesOther reports whether a node uses the name for another object than the
// one that is declared there.
func (s *section) usesOther(n ast.Node, decl *ast.Ident) bool {
	def := s.info.Defs[decl]
	if def == nil {
		return false // assigned to, not declared
	}
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok && id.Name == decl.Name {
			obj := s.info.Uses[id]
			v, isVar := obj.(*types.Var)
			found = found || obj != nil && obj != def && !(isVar && v.IsField())
		}
		return !found
	})
	return found
}

// loopAround is the innermost loop around a node in its function.
func (s *section) loopAround(n ast.Node) ast.Stmt {
	for m := s.u.Parent(n); m != nil && m != s.fn; m = s.u.Parent(m) {
		switch l := m.(type) {
		case *ast.ForStmt:
			return l
		case *ast.RangeStmt:
			return l
		}
	}
	return nil
}
