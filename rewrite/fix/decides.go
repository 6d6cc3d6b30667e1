package fix

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// decides is the state under the lock that decides whether an operation sends;
// nil if there is none, or who is sent to was removed in this section. Someone who
// sets it, with the lock, knows that nobody sends after that; once the send has
// left the section somebody may, to a receiver that has gone.
func (s *section) decides(op moved) ast.Expr {
	if op.from != nil || s.Acquire.Resource.Sort.IsToken() || !s.sends(op) {
		return nil
	}
	return s.decidesAbout(op.Op.Node)
}

// decidesAbout is the state under the lock that decides whether a node runs.
func (s *section) decidesAbout(n ast.Node) ast.Expr {
	var found ast.Expr
	for m := n; m != nil && m != s.fn && found == nil; m = s.u.Parent(m) {
		if st, ok := m.(ast.Stmt); ok {
			found = s.decidedAt(st, n)
		}
	}
	return found
}

// sends reports whether an operation delivers something.
func (s *section) sends(op moved) bool {
	switch n := op.Op.Node.(type) {
	case *ast.SendStmt:
		return true
	case *ast.SelectStmt:
		return selectSends(n)
	case *ast.CallExpr:
		return op.Kind == hazard.Call && s.callee(n).onlySends
	}
	return false
}

// decidedAt looks at the condition of a statement around an operation, and at
// those of the statements before it in its list that can leave.
func (s *section) decidedAt(st ast.Stmt, op ast.Node) ast.Expr {
	switch st := st.(type) {
	case *ast.IfStmt:
		if f := s.changing(st.Cond); f != nil {
			return f
		}
	case *ast.SwitchStmt:
		if f := s.changing(st.Tag); f != nil {
			return f
		}
	case *ast.CaseClause:
		for _, e := range st.List {
			if f := s.changing(e); f != nil {
				return f
			}
		}
	}
	p := s.u.StmtOf(st)
	if p.Stmt != st {
		return nil
	}
	for _, before := range p.List[:p.Index] {
		if branch, ok := before.(*ast.IfStmt); ok && before.Pos() > s.Acquire.Node.Pos() && jumps(branch.Body) {
			if f := s.changing(branch.Cond); f != nil {
				return f
			}
		}
	}
	return nil
}

// jumps reports whether a block ends by leaving what it stands in.
func jumps(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}

// changing is what in an expression someone may change later: a field, what a
// variable of the section read from one, or what a call finds out.
func (s *section) changing(e ast.Expr) ast.Expr {
	return s.changingIn(e, map[*types.Var]bool{})
}

func (s *section) changingIn(e ast.Expr, seen map[*types.Var]bool) ast.Expr {
	if e == nil {
		return nil
	}
	var found ast.Expr
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			_, builtin := s.builtin(n.Fun)
			if !builtin && !s.info.Types[n.Fun].IsType() {
				found = n
			}
		case *ast.SelectorExpr:
			if f, ok := s.info.Uses[n.Sel].(*types.Var); ok && f.IsField() && s.written(f) {
				found = n
			}
		case *ast.Ident:
			if v, ok := s.info.Uses[n].(*types.Var); ok && !v.IsField() && s.readsChanging(v, seen) {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// written: a variable of this package is written after it was made.
func (s *section) written(v *types.Var) bool {
	if v.Pkg() != s.pkg.Src.Types {
		return false
	}
	immutable, _ := s.u.Immutable(v.Origin())
	return !immutable
}

// readsChanging: a variable got its value in the section, from what changes; or
// it is the package's, and changes itself.
func (s *section) readsChanging(v *types.Var, seen map[*types.Var]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	if v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return s.written(v)
	}
	for _, w := range s.u.Writes(v) {
		def, ok := w.Node.(*ast.AssignStmt)
		if !ok || def.Pos() < s.Acquire.Node.Pos() {
			continue
		}
		for _, value := range def.Rhs {
			if s.changingIn(value, seen) != nil {
				return true
			}
		}
	}
	return false
}
