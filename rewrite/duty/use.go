package duty

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// step does what a node does to a duty that is begun; ok is false where the path
// needs no further look.
func (w *walk) step(n ast.Node, s state) (out state, ok bool) {
	if d, isDefer := n.(*ast.DeferStmt); isDefer {
		for _, x := range w.Defers {
			if x == d {
				s.armed = true
				return s, true
			}
		}
	}
	if !s.begun {
		return s, true
	}
	if containsAny(n, w.Ends) {
		s.begun = false
		return s, true
	}
	for _, hit := range w.Hits {
		if contains(n, hit) {
			w.leak(Hit, hit, s)
			s.begun = false
			return s, true
		}
	}
	var moves []*types.Var
	for _, lit := range w.Gives {
		if contains(n, lit) {
			switch use, to := w.carried(lit, n); use {
			case ends:
				s.begun = false
				return s, true
			case movesOn:
				moves = append(moves, to)
			}
		}
	}
	for i, v := range w.vars {
		if s.held&(1<<i) == 0 {
			continue
		}
		switch use, to := w.uses(n, v, s.took != 0 || w.Wrapped); use {
		case ends:
			s.begun = false
			return s, true
		case movesOn:
			moves = append(moves, to)
		}
	}
	return w.overwrite(n, s, moves), true
}

// overwrite lets variables take the duty over, and drops those that get another
// value.
func (w *walk) overwrite(n ast.Node, s state, moves []*types.Var) state {
	as, ok := n.(*ast.AssignStmt)
	before := s.held
	if ok && as.Tok == token.ASSIGN && !contains(n, w.Begin) {
		for _, l := range as.Lhs {
			if v := w.variable(l); v != nil && !slices.Contains(moves, v) {
				if bit := w.number(v); s.held&bit != 0 {
					s.held &^= bit
				}
			}
		}
	}
	stmt, _ := n.(ast.Stmt)
	if spec, ok := n.(*ast.ValueSpec); ok {
		stmt, _ = w.Parent(w.Parent(spec)).(ast.Stmt)
	}
	for _, v := range moves {
		bit := w.number(v)
		if bit == 0 || stmt == nil {
			s.begun = false // too many variables to tell
			return s
		}
		if before&bit == 0 {
			s.took = w.tookNumber(stmt)
		}
		s.held |= bit
	}
	if before != 0 && s.held == 0 {
		w.leak(Lost, as, s)
		s.begun = false
	}
	return s
}

// tookNumber gives a statement one number, however many paths pass it.
func (w *walk) tookNumber(stmt ast.Stmt) int {
	i := slices.Index(w.tooks, stmt)
	if i < 0 {
		i = len(w.tooks)
		w.tooks = append(w.tooks, stmt)
	}
	return i
}

// A use says what a node does with a variable that holds the duty.
type use uint8

const (
	reads   use = iota // looks at it
	movesOn            // leaves it in another variable of the function
	ends               // ends the duty, or gives it to somebody else
)

// uses looks at all uses of a variable in a node.
func (w *walk) uses(n ast.Node, v *types.Var, moved bool) (out use, to *types.Var) {
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		if !ok || w.Info.Uses[id] != v {
			return out != ends
		}
		u, target := w.used(id, n, moved)
		if u > out {
			out, to = u, target
		}
		return out != ends
	})
	return out, to
}

// used looks at one use: an operation on the variable, or a place that it goes to.
func (w *walk) used(id *ast.Ident, n ast.Node, moved bool) (use, *types.Var) {
	if lit := w.literalAround(id, n); lit != nil {
		return w.carried(lit, n)
	}
	var e ast.Expr = id
	if sel, ok := w.Parent(e).(*ast.SelectorExpr); ok && w.Field != "" && (w.Wrapped || !moved) && sel.X == e && sel.Sel.Name == w.Field {
		e, moved = sel, false // resp.Body stands for resp
	}
	switch p := w.Parent(e).(type) {
	case *ast.SelectorExpr:
		if p.X != e {
			return reads, nil
		}
		call, isCall := w.Parent(p).(*ast.CallExpr)
		switch closes := w.closes(p.Sel.Name); {
		case isCall && call.Fun == p && closes, !isCall && closes:
			return ends, nil
		case isCall && call.Fun == p && moved:
			return ends, nil // what it does with what it holds is not followed
		case !isCall && isFunc(w.Info.TypeOf(p)):
			return w.carried(p, n)
		}
		return reads, nil
	case *ast.CallExpr:
		if p.Fun == e {
			return ends, nil
		}
	}
	return w.carried(e, n)
}

// literalAround is the outermost function literal of a node that a use stands in.
func (w *walk) literalAround(id ast.Node, n ast.Node) *ast.FuncLit {
	var out *ast.FuncLit
	for p := w.Parent(id); p != nil && contains(n, p); p = w.Parent(p) {
		if lit, ok := p.(*ast.FuncLit); ok {
			out = lit
		}
	}
	return out
}

func (w *walk) closes(method string) bool {
	return w.Closes != nil && w.Closes(method)
}

func isFunc(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// carried follows a value to where it goes within a node.
func (w *walk) carried(e ast.Expr, n ast.Node) (use, *types.Var) {
	for {
		p := w.Parent(e)
		if p == nil || !contains(n, p) {
			return reads, nil // a condition, or a statement of its own
		}
		switch p := p.(type) {
		case *ast.ParenExpr:
			e = p
		case *ast.CompositeLit:
			e = p
		case *ast.KeyValueExpr:
			if p.Key == e {
				return reads, nil
			}
			e = p
		case *ast.UnaryExpr:
			if p.Op != token.AND {
				return reads, nil
			}
			if _, lit := ast.Unparen(p.X).(*ast.CompositeLit); !lit {
				return ends, nil
			}
			e = p
		case *ast.TypeAssertExpr:
			return ends, nil // whether it is of that type is known elsewhere
		case *ast.BinaryExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr, *ast.SelectorExpr:
			return reads, nil
		case *ast.CallExpr:
			if tv := w.Info.Types[p.Fun]; tv.IsType() {
				e = p
				continue
			}
			return ends, nil
		case *ast.AssignStmt:
			return w.assignedTo(p, e)
		case *ast.ValueSpec:
			for i, v := range p.Values {
				if v == e && i < len(p.Names) {
					return w.local(p.Names[i])
				}
			}
			return ends, nil
		case *ast.ExprStmt, *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.RangeStmt, *ast.IncDecStmt, *ast.CaseClause:
			return reads, nil
		default: // returned, sent, deferred, started, captured
			return ends, nil
		}
	}
}

// assignedTo: a local variable keeps it, anything else takes it away.
func (w *walk) assignedTo(as *ast.AssignStmt, e ast.Expr) (use, *types.Var) {
	for i, l := range as.Lhs {
		if l == e {
			return reads, nil
		}
		if i < len(as.Rhs) && as.Rhs[i] == e && len(as.Lhs) == len(as.Rhs) {
			return w.local(l)
		}
	}
	return ends, nil
}

func (w *walk) local(e ast.Expr) (use, *types.Var) {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && id.Name == "_" {
		return ends, nil // _ = cancel: it is known
	}
	v := w.variable(e)
	if v == nil || v.IsField() || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() || v.Pos() < w.Block.Pos() || v.Pos() > w.Block.End() || CapturedBefore(w.Code, v, e.Pos()) {
		return ends, nil
	}
	return movesOn, v
}

// CapturedBefore reports whether a function literal that stands before a place
// uses a variable: it may end what the variable gets there.
func CapturedBefore(c *Code, v *types.Var, at token.Pos) bool {
	found := false
	ast.Inspect(c.Block, func(n ast.Node) bool {
		lit, ok := n.(*ast.FuncLit)
		if !ok || lit.Pos() > at || lit.Body.Pos() <= v.Pos() && v.Pos() < lit.Body.End() {
			return !found
		}
		ast.Inspect(lit.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && c.Info.Uses[id] == v {
				found = true
			}
			return !found
		})
		return !found
	})
	return found
}
