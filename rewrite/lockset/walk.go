package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// A walker runs through a body in evaluation order, from state to state. It
// records only when it is told to, so that the fixed point leaves no traces.
type walker struct {
	*analysis
	out       *recorder
	recording bool
	graphs    map[*ast.BlockStmt]*graph
	exit      *State         // joined over the exits of the block being run
	lits      []*ast.FuncLit // run in place around the point
	deferred  *ast.DeferStmt // the defer whose call is running
	running   []*ast.FuncLit // literals being run, to end recursion
	once      *once          // the attempt to do with one run; nil: none
}

// block runs one block of a graph; the result has a state for each successor.
func (w *walker) block(b *cfg.Block, s State) []State {
	yes, no := w.branch(b, s)
	outs := make([]State, len(b.Succs))
	for i := range outs {
		outs[i] = yes
	}
	if len(outs) == 2 {
		outs[1] = no
	}
	return outs
}

// branch runs one block of a graph. The results are for its successors if there are
// two, and the same if there are not.
func (w *walker) branch(b *cfg.Block, s State) (yes, no State) {
	if r, ok := b.Stmt.(*ast.RangeStmt); ok && b.Kind == cfg.KindRangeLoop && w.waits(r.X) {
		w.op(r, s)
	}
	if clause, ok := b.Stmt.(*ast.CommClause); ok && b.Kind == cfg.KindSelectCaseBody {
		s = w.chosen(clause, s)
	}
	if r, ok := b.Stmt.(*ast.RangeStmt); ok && b.Kind == cfg.KindRangeBody {
		s = w.born(r, s)
	}
	nodes := b.Nodes
	if len(b.Succs) == 2 && len(nodes) > 0 {
		if cond, ok := nodes[len(nodes)-1].(ast.Expr); ok && w.isCondition(b, cond) {
			for _, n := range nodes[:len(nodes)-1] {
				s = w.node(n, s)
			}
			return w.cond(cond, s)
		}
	}
	for _, n := range nodes {
		s = w.node(n, s)
	}
	return s, s
}

// isCondition reports whether the last node of a block decides between its two
// successors, true first.
func (w *walker) isCondition(b *cfg.Block, cond ast.Expr) bool {
	for _, succ := range b.Succs {
		switch stmt := succ.Stmt.(type) {
		case *ast.CaseClause:
			return w.cases[stmt] && slices.Contains(stmt.List, cond)
		case *ast.IfStmt:
			return stmt.Cond == cond
		case *ast.ForStmt:
			return stmt.Cond == cond
		}
	}
	return false
}

// waits reports whether ranging over an expression waits or runs foreign code.
func (w *walker) waits(x ast.Expr) bool {
	t := w.env.Info.TypeOf(x)
	if t == nil {
		return false
	}
	switch t.Underlying().(type) {
	case *types.Chan, *types.Signature:
		return true
	}
	return false
}

// node runs one node of a block: a statement, an expression or a ValueSpec.
func (w *walker) node(n ast.Node, s State) State {
	switch n := n.(type) {
	case ast.Expr:
		return w.expr(n, s)
	case *ast.ExprStmt:
		return w.expr(n.X, s)
	case *ast.AssignStmt:
		s = w.exprs(n.Rhs, s)
		if n.Tok != token.DEFINE {
			s = w.exprs(n.Lhs, s)
		}
		w.write(n, s)
		s = w.bind(n.Lhs, n.Rhs, s)
		if w.selects[n] != nil {
			return s // what comes with the item comes when the clause is chosen
		}
		return w.born(n, s)
	case *ast.ValueSpec:
		lhs := make([]ast.Expr, len(n.Names))
		for i, id := range n.Names {
			lhs[i] = id
		}
		return w.bind(lhs, n.Values, w.exprs(n.Values, s))
	case *ast.IncDecStmt:
		s = w.expr(n.X, s)
		w.write(n, s)
		return s
	case *ast.SendStmt:
		s = w.expr(n.Value, w.expr(n.Chan, s))
		return w.communicate(n, n.Chan, true, s)
	case *ast.GoStmt:
		return w.spawn(n, s)
	case *ast.DeferStmt:
		s = w.operands(n.Call, s)
		return s.register(deferred{stmt: n, lits: w.lits, must: true})
	case *ast.ReturnStmt:
		return w.leave(n, w.exprs(n.Results, s))
	}
	return s
}

// leave runs the deferred calls, latest first, and notes the state at the exit.
func (w *walker) leave(n *ast.ReturnStmt, s State) State {
	if s.dead {
		return s
	}
	w.record(func(r *recorder) { r.leaving(n, s, w.lits) })
	defers := s.defers
	s.defers = nil
	outer, lits := w.deferred, w.lits
	for _, d := range slices.Backward(defers) {
		if outer == nil {
			w.deferred = d.stmt
		}
		w.lits = d.lits
		before := s
		if d.must {
			s = w.call(d.stmt.Call, s)
		} else {
			s = w.call(d.stmt.Call, s.on(d)).ran(d.stmt, before)
		}
	}
	w.deferred, w.lits = outer, lits
	w.record(func(r *recorder) { r.left(n, s, w.lits) })
	if w.exit != nil {
		s = join(*w.exit, s)
	}
	w.exit = &s
	return s
}

func (w *walker) exprs(list []ast.Expr, s State) State {
	for _, e := range list {
		s = w.expr(e, s)
	}
	return s
}

// expr evaluates an expression: operands first, then what it does itself.
func (w *walker) expr(e ast.Expr, s State) State {
	switch e := e.(type) {
	case *ast.CallExpr:
		return w.call(e, w.operands(e, s))
	case *ast.UnaryExpr:
		s = w.expr(e.X, s)
		if e.Op == token.ARROW {
			return w.communicate(e, e.X, false, s)
		}
		return s
	case *ast.BinaryExpr:
		s = w.expr(e.X, s)
		if e.Op == token.LAND || e.Op == token.LOR {
			return join(s, w.expr(e.Y, s))
		}
		return w.expr(e.Y, s)
	case *ast.ParenExpr:
		return w.expr(e.X, s)
	case *ast.SelectorExpr:
		return w.expr(e.X, s)
	case *ast.StarExpr:
		return w.expr(e.X, s)
	case *ast.IndexExpr:
		return w.expr(e.Index, w.expr(e.X, s))
	case *ast.SliceExpr:
		for _, x := range []ast.Expr{e.X, e.Low, e.High, e.Max} {
			if x != nil {
				s = w.expr(x, s)
			}
		}
		return s
	case *ast.TypeAssertExpr:
		return w.expr(e.X, s)
	case *ast.KeyValueExpr:
		return w.expr(e.Value, w.expr(e.Key, s))
	case *ast.CompositeLit:
		return w.exprs(e.Elts, s)
	}
	return s // identifiers, literals of basic type, types, function literals (they run when they are called)
}

// op records an operation.
func (w *walker) op(n ast.Node, s State) {
	if s.dead {
		return
	}
	w.record(func(r *recorder) { r.op(n, s, w.deferred, w.lits) })
}

// write records an assignment.
func (w *walker) write(n ast.Node, s State) {
	if !s.dead {
		w.record(func(r *recorder) { r.write(n, s) })
	}
}

func (w *walker) record(f func(*recorder)) {
	if w.recording {
		f(w.out)
	}
}
