package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// removed finds the collection that what a statement wakes is taken out of, by
// the loop around it or by what follows that loop, and not put back; nil if there
// is none.
func (s *section) removed(wake ast.Stmt, loop ast.Stmt) ast.Expr {
	var body *ast.BlockStmt
	switch l := loop.(type) {
	case *ast.ForStmt:
		body = l.Body
	case *ast.RangeStmt:
		if reset, fresh := s.resetOf(l); reset != nil && fresh == "" {
			return l.X
		}
		body = l.Body
	default:
		return nil
	}
	for _, x := range s.takenFrom(body) {
		if !s.putsInto(body, x) && s.comesFrom(woken(wake), loop, x, map[*types.Var]bool{}) {
			return x
		}
	}
	return nil
}

// onlyRemoved reports whether everyone who sends on a channel takes what it sends
// to out of the same collection, in the function that sends: then one send is
// the last, whoever else sends.
func (s *section) onlyRemoved(send *ast.SendStmt, from ast.Expr) bool {
	c, ok := s.u.ChanOf(send.Chan)
	if !ok {
		return false
	}
	field := s.endsIn(from)
	for _, other := range s.u.Sends(c) {
		if other != send && (field == nil || !s.empties(s.u.Enclosing(other), field)) {
			return false
		}
	}
	return true
}

// empties reports whether a function takes elements out of a collection, or
// resets it, and puts none in.
func (s *section) empties(fn ast.Node, collection types.Object) bool {
	if fn == nil {
		return false
	}
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if as, ok := n.(*ast.AssignStmt); ok && len(as.Lhs) == 1 && s.endsIn(as.Lhs[0]) == collection {
			resets, fresh := s.resets(as, as.Lhs[0])
			found = found || resets && fresh == ""
		}
		return !found
	})
	for _, x := range s.takenFrom(fn) {
		found = found || s.endsIn(x) == collection && !s.putsInto(fn, x)
	}
	return found
}

// endsIn is the field or variable that an expression ends in.
func (s *section) endsIn(e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return s.info.ObjectOf(e)
	case *ast.SelectorExpr:
		return s.info.ObjectOf(e.Sel)
	}
	return nil
}

// woken is the expression that says who is woken: the channel, or the function.
func woken(st ast.Stmt) ast.Expr {
	switch st := st.(type) {
	case *ast.SendStmt:
		return st.Chan
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(st.X).(*ast.CallExpr); ok {
			return call.Fun
		}
	}
	return nil
}

var (
	removing = regexp.MustCompile(`^(Remove|Pop|Dequeue|Shift|Take|Delete)`)
	looking  = regexp.MustCompile(`^(Len|Front|Back|First|Last|Next|Prev|Peek|Get|Empty|IsEmpty|Contains|Has)$`)
)

// takenFrom lists the collections that a body takes elements from: x = x[1:],
// x = x.next, delete(x, k), x.Remove(e), x.Pop(), heap.Pop(&x).
func (s *section) takenFrom(body ast.Node) []ast.Expr {
	var out []ast.Expr
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.AssignStmt:
			if shortens(n) {
				out = append(out, n.Lhs[0])
			}
		case *ast.CallExpr:
			if x := s.removedFrom(n); x != nil {
				out = append(out, x)
			}
		}
		return true
	})
	return out
}

// shortens: x = x[1:] or x = x.next.
func shortens(n *ast.AssignStmt) bool {
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

// removedFrom is the collection that a call takes an element out of; nil if it
// does not.
func (s *section) removedFrom(call *ast.CallExpr) ast.Expr {
	if b, ok := s.builtin(call.Fun); ok {
		if b != "delete" {
			return nil
		}
		return call.Args[0]
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !removing.MatchString(sel.Sel.Name) {
		return nil
	}
	if s.info.Selections[sel] != nil {
		return sel.X
	}
	if len(call.Args) == 0 {
		return nil
	}
	return deref(call.Args[0]) // a function of another package: heap.Pop(&x)
}

func deref(e ast.Expr) ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		return u.X
	}
	return ast.Unparen(e)
}

// putsInto reports whether a body may put something into a collection: it writes
// it, or an element of it, calls what does more than look or remove, or hands it
// to others.
func (s *section) putsInto(body ast.Node, collection ast.Expr) bool {
	x := types.ExprString(collection)
	is := func(e ast.Expr) bool { return e != nil && types.ExprString(e) == x }
	puts := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if shortens(n) && is(n.Lhs[0]) {
				return false
			}
			for _, l := range n.Lhs {
				if i, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
					l = i.X
				}
				puts = puts || is(l)
			}
		case *ast.CallExpr:
			if is(s.removedFrom(n)) {
				return true
			}
			if b, ok := s.builtin(n.Fun); ok {
				puts = puts || b == "copy" && is(n.Args[0])
				return true
			}
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && is(sel.X) {
				puts = puts || !looking.MatchString(sel.Sel.Name)
			}
			for _, arg := range n.Args {
				puts = puts || is(deref(arg))
			}
		}
		return !puts
	})
	return puts
}

// comesFrom reports whether a value is read from a collection, through the
// variables of the loop.
func (s *section) comesFrom(e ast.Expr, loop ast.Stmt, from ast.Expr, seen map[*types.Var]bool) bool {
	if e == nil {
		return false
	}
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		x, ok := n.(ast.Expr)
		if !ok || found {
			return !found
		}
		if types.ExprString(x) == types.ExprString(from) {
			found = true
			return false
		}
		id, ok := x.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := s.info.Uses[id].(*types.Var)
		if !ok || v.IsField() || seen[v] || !s.bornIn(loop, v) {
			return true
		}
		seen[v] = true
		for _, w := range s.u.Writes(v) {
			value := w.Value
			if r, ok := w.Node.(*ast.RangeStmt); ok && w.Kind == uses.Range {
				value = r.X
			}
			found = found || s.comesFrom(value, loop, from, seen)
		}
		return !found
	})
	return found
}

// bornIn reports whether a variable gets its first value in a loop.
func (s *section) bornIn(loop ast.Stmt, v *types.Var) bool {
	w := s.u.Writes(v)
	return len(w) > 0 && contains(loop, w[0].Node)
}
