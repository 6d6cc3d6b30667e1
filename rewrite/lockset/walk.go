package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"

	"github.com/lockfix/lockfix/rewrite/syncapi"
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
}

// block runs one block of a graph; the result has a state for each successor.
func (w *walker) block(b *cfg.Block, s State) []State {
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
		if cond, ok := nodes[len(nodes)-1].(ast.Expr); ok && isCondition(b, cond) {
			for _, n := range nodes[:len(nodes)-1] {
				s = w.node(n, s)
			}
			yes, no := w.cond(cond, s)
			return []State{yes, no}
		}
	}
	for _, n := range nodes {
		s = w.node(n, s)
	}
	outs := make([]State, len(b.Succs))
	for i := range outs {
		outs[i] = s
	}
	return outs
}

// isCondition reports whether the last node of a block decides between its two
// successors, true first.
func isCondition(b *cfg.Block, cond ast.Expr) bool {
	for _, succ := range b.Succs {
		switch stmt := succ.Stmt.(type) {
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
		return w.born(n, w.bind(n.Lhs, n.Rhs, s))
	case *ast.ValueSpec:
		lhs := make([]ast.Expr, len(n.Names))
		for i, id := range n.Names {
			lhs[i] = id
		}
		return w.bind(lhs, n.Values, w.exprs(n.Values, s))
	case *ast.IncDecStmt:
		return w.expr(n.X, s)
	case *ast.SendStmt:
		s = w.expr(n.Value, w.expr(n.Chan, s))
		return w.communicate(n, n.Chan, true, s)
	case *ast.GoStmt:
		return w.spawn(n, s)
	case *ast.DeferStmt:
		s = w.operands(n.Call, s)
		return s.register(deferred{stmt: n, lits: w.lits})
	case *ast.ReturnStmt:
		return w.leave(n, w.exprs(n.Results, s))
	}
	return s
}

// leave runs the deferred calls, latest first, and notes the state at the exit.
func (w *walker) leave(n *ast.ReturnStmt, s State) State {
	w.record(func(r *recorder) { r.leaving(n, s, w.lits) })
	defers := s.defers
	s.defers = nil
	outer, lits := w.deferred, w.lits
	for _, d := range slices.Backward(defers) {
		if outer == nil {
			w.deferred = d.stmt
		}
		w.lits = d.lits
		s = w.call(d.stmt.Call, s)
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

// operands evaluates the function and the arguments of a call.
func (w *walker) operands(call *ast.CallExpr, s State) State {
	if _, ok := ast.Unparen(call.Fun).(*ast.FuncLit); !ok {
		s = w.expr(call.Fun, s)
	}
	return w.exprs(call.Args, s)
}

// call does what a call does, its operands evaluated already.
func (w *walker) call(call *ast.CallExpr, s State) State {
	if tv, ok := w.env.Info.Types[call.Fun]; ok && tv.IsType() {
		return s // a conversion
	}
	if lit, ok := w.literal(call.Fun); ok {
		return w.inPlace(lit, s)
	}
	w.op(call, s)
	eff, changes := w.effects(call)
	for i, arg := range call.Args {
		if slices.Contains(eff.InPlace, i) {
			s = w.sometimes(call, arg, eff.Once, s)
		} else if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
			// group.Go(func() { defer sem.Release(1); … })
			handed, after := w.handOver(lit, s)
			if s = after; w.recording && len(handed) > 0 {
				w.spawned[lit] = handed
			}
		}
	}
	return w.apply(call, changes, s)
}

// effects looks up what a call does, stored functions included: unlock() after
// unlock := s.lock(), or s.lock()().
func (w *walker) effects(call *ast.CallExpr) (Effect, []Change) {
	fun := ast.Unparen(call.Fun)
	if id, ok := fun.(*ast.Ident); ok {
		if v, _ := w.env.Info.Uses[id].(*types.Var); v != nil {
			if def, ok := w.env.Namer.Def(v); ok {
				return w.stored(ast.Unparen(def), v)
			}
		}
	}
	if inner, ok := fun.(*ast.CallExpr); ok {
		return Effect{}, w.env.Effect(inner.Fun, inner.Args).Results[0]
	}
	eff := w.env.Effect(fun, call.Args)
	return eff, eff.Changes
}

// stored is the effect of calling a variable whose one value is known.
func (w *walker) stored(def ast.Expr, v *types.Var) (Effect, []Change) {
	switch def := def.(type) {
	case *ast.CallExpr:
		results := w.env.Effect(def.Fun, def.Args).Results
		if sig, ok := w.env.Info.TypeOf(def).(*types.Tuple); ok {
			for i := range sig.Len() {
				if types.Identical(sig.At(i).Type(), v.Type()) && len(results[i]) > 0 {
					return Effect{}, results[i]
				}
			}
		}
		return Effect{}, results[0]
	case *ast.SelectorExpr: // a method value
		eff := w.env.Effect(def, nil)
		return eff, eff.Changes
	}
	return Effect{}, nil
}

// apply does the changes of one node in order.
func (w *walker) apply(node ast.Node, changes []Change, s State) State {
	for _, c := range changes {
		switch c.Kind {
		case syncapi.Acquire:
			s = s.acquire(w.out.acquisition(node, c, w.lits), true, nil)
		case syncapi.Try:
			s = s.acquire(w.out.acquisition(node, c, w.lits), false, nil)
		case syncapi.Release:
			w.record(func(r *recorder) { r.release(node, c, s, w.deferred, w.lits) })
			s = s.release(c.Resource)
		}
	}
	return s
}

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

// inPlace runs a literal where it stands.
func (w *walker) inPlace(lit *ast.FuncLit, s State) State {
	if slices.Contains(w.running, lit) {
		return s
	}
	w.inner[lit] = true
	w.record(func(r *recorder) { r.body.Inner[lit] = true })
	w.running = append(w.running, lit)
	lits := w.lits
	w.lits = append(lits[:len(lits):len(lits)], lit)
	s = w.run(lit.Body, s)
	w.lits = lits
	w.running = w.running[:len(w.running)-1]
	return s
}

// sometimes runs a function argument any number of times, under a sync.Once
// when there is one.
func (w *walker) sometimes(call *ast.CallExpr, arg ast.Expr, once *Resource, s State) State {
	lit, ok := w.literal(arg)
	if !ok {
		return s
	}
	before := s
	if once != nil {
		c := Change{Kind: syncapi.Acquire, Resource: *once}
		s = s.acquire(w.out.acquisition(call, c, w.lits), true, nil)
	}
	after := w.inPlace(lit, s)
	if once != nil {
		after = after.release(*once)
	}
	return join(before, after)
}

// spawn starts a goroutine: it holds nothing of ours, except tokens that it
// gives back.
func (w *walker) spawn(n *ast.GoStmt, s State) State {
	s = w.operands(n.Call, s)
	lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit)
	if !ok {
		return s
	}
	handed, s := w.handOver(lit, s)
	if w.recording {
		w.spawned[lit] = handed
	}
	return s
}

// handOver gives a literal that runs later or elsewhere the tokens that it
// gives back.
func (w *walker) handOver(lit *ast.FuncLit, s State) (handed []Held, after State) {
	for _, h := range s.held {
		if h.Sort.IsToken() && w.gives(lit, h.Resource) {
			handed = append(handed, h)
			s = s.release(h.Resource)
		}
	}
	return handed, s
}

// gives reports whether a literal releases a resource somewhere.
func (w *walker) gives(lit *ast.FuncLit, r Resource) bool {
	found := false
	is := func(changes []Change) {
		for _, c := range changes {
			found = found || c.Kind == syncapi.Release && c.Resource.key == r.key
		}
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			_, changes := w.effects(n)
			is(changes)
		case *ast.SendStmt:
			if c, ok := w.chanSem(n.Chan, true); ok {
				is([]Change{c})
			}
		case *ast.UnaryExpr:
			if c, ok := w.chanSem(n.X, false); n.Op == token.ARROW && ok {
				is([]Change{c})
			}
		}
		return !found
	})
	return found
}

func (w *walker) chanSem(ch ast.Expr, send bool) (Change, bool) {
	if w.env.ChanSem == nil {
		return Change{}, false
	}
	return w.env.ChanSem(ch, send)
}

// op records an operation.
func (w *walker) op(n ast.Node, s State) {
	w.record(func(r *recorder) { r.op(n, s, w.deferred, w.lits) })
}

func (w *walker) record(f func(*recorder)) {
	if w.recording {
		f(w.out)
	}
}
