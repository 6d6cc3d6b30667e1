package lockset

import (
	"go/ast"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// communicate does what a send or a receive does.
func (w *walker) communicate(node ast.Node, ch ast.Expr, send bool, s State) State {
	if sel := w.selects[node]; sel != nil {
		w.op(sel, s) // one operation, whichever clause is taken
		return s
	}
	c, ok := w.chanSem(ch, send)
	if !ok || c.Kind == syncapi.Acquire {
		w.op(node, s)
	}
	if ok {
		s = w.apply(node, []Change{c}, s)
	}
	return s
}

// born starts the tokens that came with what a statement defines.
func (w *walker) born(n ast.Node, s State) State {
	if w.env.Births == nil {
		return s
	}
	return w.apply(n, w.env.Births(n), s)
}

// chosen does what the communication of a select clause does once it is chosen:
// go/cfg evaluates those of all clauses ahead of the choice.
func (w *walker) chosen(clause *ast.CommClause, s State) State {
	var ch ast.Expr
	node, send := communication(clause.Comm), false
	switch n := node.(type) {
	case *ast.SendStmt:
		ch, send = n.Chan, true
	case *ast.UnaryExpr:
		ch = n.X
	default:
		return s
	}
	if c, ok := w.chanSem(ch, send); ok {
		s = w.apply(node, []Change{c}, s)
	}
	return w.born(clause.Comm, s)
}

func (w *walker) chanSem(ch ast.Expr, send bool) (Change, bool) {
	if w.env.ChanSem == nil {
		return Change{}, false
	}
	return w.env.ChanSem(ch, send)
}
