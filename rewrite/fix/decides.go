package fix

import (
	"go/ast"
	"go/types"
	"slices"

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

// mayHaveGone is what an operation wakes, where the section reads it from state
// that may change: whoever takes it out there, with the lock, knows that nobody
// wakes it after that. It is nil where the section itself has taken it out.
func (s *section) mayHaveGone(op moved) ast.Expr {
	if op.from != nil || s.Acquire.Resource.Sort.IsToken() || !s.delivers(op) {
		return nil
	}
	for _, e := range s.awakened(op.Op.Node) {
		if s.changing(e) != nil {
			return e
		}
	}
	return nil
}

// delivers reports whether an operation sends, itself or in what it calls.
func (s *section) delivers(op moved) bool {
	call, ok := op.Op.Node.(*ast.CallExpr)
	return s.sends(op) || ok && op.Kind == hazard.Call && len(s.callee(call).sends) > 0
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
	return s.changingIn(e, map[types.Object]bool{})
}

func (s *section) changingIn(e ast.Expr, seen map[types.Object]bool) ast.Expr {
	if e == nil {
		return nil
	}
	var found ast.Expr
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			_, builtin := s.builtin(n.Fun)
			if !builtin && !s.info.Types[n.Fun].IsType() && s.yieldsChanging(n, seen) {
				found = n
			}
		case *ast.SelectorExpr:
			if f, ok := s.info.Uses[n.Sel].(*types.Var); ok && f.IsField() && (s.written(f) || isCollection(f.Type()) && !s.neverChanged(n)) {
				found = n
			}
		case *ast.IndexExpr:
			if v, ok := s.localOf(n.X); ok && isCollection(v.Type()) && !s.allOwn(v) {
				found = n // its elements may be those of another
			}
		case *ast.StarExpr:
			if tv := s.info.Types[n]; !tv.IsType() {
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

// localOf is the local variable that an expression is.
func (s *section) localOf(e ast.Expr) (*types.Var, bool) {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil, false
	}
	v, ok := s.info.Uses[id].(*types.Var)
	return v, ok && !v.IsField() && !isPackageLevel(v)
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
func (s *section) readsChanging(v *types.Var, seen map[types.Object]bool) bool {
	if seen[v] {
		return false
	}
	seen[v] = true
	if v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return s.written(v)
	}
	for _, w := range s.u.Writes(v) {
		if s.u.Enclosing(w.Node) == s.fn && w.Node.Pos() < s.Acquire.Node.Pos() {
			continue
		}
		var values []ast.Expr
		switch n := w.Node.(type) {
		case *ast.AssignStmt:
			values = n.Rhs
		case *ast.ValueSpec:
			values = n.Values
		case *ast.RangeStmt:
			values = []ast.Expr{n.X}
		}
		for _, value := range values {
			if s.changingIn(value, seen) != nil {
				return true
			}
		}
	}
	return false
}

// yieldsChanging: what a call yields may be another later. Of a function of this
// package what it returns tells; its arguments are looked at beside it.
func (s *section) yieldsChanging(call *ast.CallExpr, seen map[types.Object]bool) bool {
	fns := s.pkg.Callees(call)
	if len(fns) != 1 || s.pkg.Reach(call) == "foreign" {
		return true
	}
	fd := s.u.FuncDecl(fns[0])
	if fd == nil || fd.Body == nil || seen[fns[0]] {
		return true
	}
	seen[fns[0]] = true
	returns := returnsOf(fd.Body)
	return len(returns) == 0 || slices.ContainsFunc(returns, func(ret *ast.ReturnStmt) bool {
		return len(ret.Results) == 0 || slices.ContainsFunc(ret.Results, func(e ast.Expr) bool { return s.changingIn(e, seen) != nil })
	})
}
