package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// window: what others may see once the lock is down is complete. Foreign code
// that is handed what this section made and published may be what completes it:
//
//	e := &entry{}; t.byName[name] = e; init(e)
//
// Whoever looks e up afterwards must find it as init left it.
func (s *section) window(op moved) Obligation {
	call, ok := op.Op.Node.(*ast.CallExpr)
	if ok && op.Ends == hazard.Callback {
		for _, v := range s.handed(call) {
			if at := s.publishes(v, call); at != nil && s.bornHere(v) {
				return refuted("window", v.Name()+" can be seen by others before "+types.ExprString(call.Fun)+" has completed it", at)
			}
		}
	}
	return proved("window", "it writes nothing that the lock may guard")
}

// handed lists the variables whose pointees a callee can reach by its receiver
// and its arguments.
func (s *section) handed(call *ast.CallExpr) []*types.Var {
	var vars []*types.Var
	add := func(e ast.Expr) {
		e = ast.Unparen(e)
		u, address := e.(*ast.UnaryExpr)
		if address && u.Op == token.AND {
			e = ast.Unparen(u.X)
		}
		id, ok := e.(*ast.Ident)
		if !ok {
			return
		}
		if v, ok := s.info.Uses[id].(*types.Var); ok && s.isLocal(v) {
			vars = append(vars, v)
		}
	}
	for _, arg := range call.Args {
		add(arg)
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		add(sel.X)
	}
	return vars
}

// bornHere: the section gives the variable a value that nobody has seen before.
func (s *section) bornHere(v *types.Var) bool {
	made := false
	s.inside(s.block.End(), func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok && s.info.ObjectOf(id) == types.Object(v) && len(n.Lhs) == len(n.Rhs) {
					made = made || s.isNew(n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if s.info.Defs[id] == types.Object(v) {
					made = made || len(n.Values) == 0 || len(n.Values) == len(n.Names) && s.isNew(n.Values[i])
				}
			}
		}
	})
	return made
}

// isNew: a literal, its address, new or make.
func (s *section) isNew(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		return e.Op == token.AND && s.isNew(e.X)
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		b, isBuiltin := s.info.Uses[id].(*types.Builtin)
		return ok && isBuiltin && (b.Name() == "new" || b.Name() == "make")
	}
	return false
}

// publishes returns where a section puts a variable, or hands it on, ahead of a
// call: others may see it from then on, once the lock is down. Nil means nowhere.
func (s *section) publishes(v *types.Var, call *ast.CallExpr) (at ast.Node) {
	mentions := func(e ast.Expr) bool {
		return mentionsVar(s.info, e, func(u *types.Var) bool { return u == v })
	}
	s.inside(call.Pos(), func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if id, ok := ast.Unparen(l).(*ast.Ident); ok && s.isLocal(s.info.ObjectOf(id)) {
					continue
				}
				if mentions(n.Rhs[min(i, len(n.Rhs)-1)]) && !mentions(l) {
					at = n
				}
			}
		case *ast.CallExpr:
			id, ok := ast.Unparen(n.Fun).(*ast.Ident)
			if _, builtin := s.info.Uses[id].(*types.Builtin); ok && builtin || contains(n, call) {
				return
			}
			for _, arg := range n.Args {
				if mentions(arg) {
					at = n
				}
			}
		}
	})
	return at
}

// inside visits the nodes between the acquisition and a place.
func (s *section) inside(end token.Pos, visit func(ast.Node)) {
	ast.Inspect(s.block, func(n ast.Node) bool {
		if n == nil || n.Pos() >= end || n.End() <= s.Acquire.Node.Pos() {
			return false
		}
		if n.Pos() >= s.Acquire.Node.End() {
			visit(n)
		}
		return true
	})
}
