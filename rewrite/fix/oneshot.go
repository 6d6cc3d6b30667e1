package fix

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// removed finds the collection that what a statement wakes is taken out of, by
// the loop around it or by what follows that loop, and not put back; nil if there
// is none.
func (s *section) removed(wake ast.Stmt, loop ast.Stmt) ast.Expr {
	var body *ast.BlockStmt
	local := func(v *types.Var) bool { return s.bornIn(loop, v) }
	switch l := loop.(type) {
	case *ast.ForStmt:
		body = l.Body
	case *ast.RangeStmt:
		if reset, fresh := s.resetOf(l); reset != nil && fresh == "" && s.allComeFrom(wake, origin{of: l.X}, local) {
			return l.X
		}
		body = l.Body
	default:
		return nil
	}
	for _, t := range s.takings(wake, body) {
		if !s.putsInto(body, t.from) && s.allComeFrom(wake, origin{taken: t}, local) {
			return t.from
		}
	}
	return nil
}

// removedBeside is the same for a wake that no loop repeats.
func (s *section) removedBeside(wake ast.Stmt) ast.Expr {
	for _, t := range s.takings(wake, s.block) {
		if !s.putsInto(s.block, t.from) && s.allComeFrom(wake, origin{taken: t}, func(v *types.Var) bool { return v.Pos() > s.Acquire.Node.Pos() }) {
			return t.from
		}
	}
	return nil
}

// onlyRemoved reports whether everyone who sends on a channel takes what it sends
// to out of the same collection, in the function that sends or one around it: then
// one send is the last, whoever else sends.
func (s *section) onlyRemoved(send *ast.SendStmt, from ast.Expr) bool {
	c, ok := s.u.ChanOf(send.Chan)
	if !ok {
		return false
	}
	field := s.endsIn(from)
	for _, other := range s.u.Sends(c) {
		if other != send && (field == nil || !s.empties(s.u.Decl(other), field)) {
			return false
		}
	}
	return true
}

// empties reports whether a function takes elements out of a collection, or
// resets it, and puts none in.
func (s *section) empties(fn ast.Decl, collection types.Object) bool {
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
	for _, x := range s.u.Taken(fn) {
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

// allComeFrom reports whether what a statement wakes is read from an origin: of
// the channel, or the function and what it is given, each part that is read in
// the section.
func (s *section) allComeFrom(wake ast.Stmt, from origin, local func(*types.Var) bool) bool {
	found := false
	for _, e := range s.awakened(wake) {
		switch {
		case s.comesThrough(e, from, local, map[*types.Var]bool{}):
			found = true
		case mentionsVar(s.info, e, local):
			return false
		}
	}
	return found
}

// awakened lists the expressions that lead to who is woken: the channel, or the
// function and those of its arguments that lead anywhere.
func (s *section) awakened(n ast.Node) []ast.Expr {
	if st, ok := n.(*ast.ExprStmt); ok {
		n = ast.Unparen(st.X)
	}
	switch n := n.(type) {
	case *ast.SendStmt:
		return []ast.Expr{n.Chan}
	case *ast.SelectStmt:
		var out []ast.Expr
		for _, c := range n.Body.List {
			if send, ok := c.(*ast.CommClause).Comm.(*ast.SendStmt); ok {
				out = append(out, send.Chan)
			}
		}
		return out
	case *ast.CallExpr:
		out := []ast.Expr{n.Fun}
		for _, arg := range n.Args {
			if t := s.typeOf(arg); isReference(t) || isCollection(t) {
				out = append(out, arg)
			}
		}
		return out
	}
	return nil
}

// mentionsVar reports whether an expression names one of the variables that a
// predicate is about.
func mentionsVar(info *types.Info, e ast.Expr, is func(*types.Var) bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := info.Uses[id].(*types.Var)
			found = found || ok && !v.IsField() && is(v)
		}
		return !found
	})
	return found
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

var looking = pattern.New(`^(Len|Front|Back|First|Last|Next|Prev|Peek|Get|Empty|IsEmpty|Contains|Has)$`)

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
			if uses.Shortens(n) && is(n.Lhs[0]) {
				return false
			}
			for _, l := range n.Lhs {
				if i, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
					l = i.X
				}
				puts = puts || is(l)
			}
		case *ast.CallExpr:
			if is(s.u.RemovedFrom(n)) {
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
				puts = puts || is(uses.Deref(arg))
			}
		}
		return !puts
	})
	return puts
}

// comesThrough reports whether a value is read from an origin, through variables
// that are local to where it is taken out.
func (s *section) comesThrough(e ast.Expr, from origin, local func(*types.Var) bool, seen map[*types.Var]bool) bool {
	if e == nil {
		return false
	}
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		x, ok := n.(ast.Expr)
		if !ok || found {
			return !found
		}
		if from.is(s, x) {
			found = true
			return false
		}
		id, ok := x.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := s.info.Uses[id].(*types.Var)
		if !ok || v.IsField() || seen[v] || !local(v) {
			return true
		}
		seen[v] = true
		for _, w := range s.u.Writes(v) {
			if r, ok := w.Node.(*ast.RangeStmt); ok && w.Kind == uses.Range {
				found = found || from.ranges(r)
				continue
			}
			found = found || s.comesThrough(w.Value, from, local, seen)
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
