package duty

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/cfg"
)

// A state is what is remembered of a path. It is comparable: paths that agree in
// it go on as one.
type state struct {
	begun, armed bool
	known, value uint64 // of the facts, by their number
	held         uint32 // the variables that hold the duty, by their number
	took         int    // number of the statement by which the last of them took it; 0 none
}

// maxSteps bounds the states of a walk.
const maxSteps = 8000

// A walk follows one duty.
type walk struct {
	*Code
	*Duty
	*graph
	facts   *facts
	changes map[ast.Node]change
	tests   map[ast.Expr]test
	vars    []*types.Var
	tooks   []ast.Stmt
	leaks   []Leak
	clean   map[ast.Node]bool // returns and continues that some path reaches without the duty
	now     *item
	outs    [][]state // see block
}

// An item is a state at the start of a block, and the one before it on the path.
type item struct {
	block *cfg.Block
	state state
	from  *item
}

func newWalk(c *Code, d *Duty) *walk {
	if c.graph == nil {
		c.graph = newGraph(c)
	}
	return &walk{
		Code: c, Duty: d, graph: c.graph, facts: collect(c, d), clean: map[ast.Node]bool{}, tooks: []ast.Stmt{nil},
		changes: map[ast.Node]change{}, tests: map[ast.Expr]test{},
	}
}

// A graph is the control flow of a body.
type graph struct {
	blocks []*cfg.Block
	comms  map[ast.Node]bool // communications of select clauses: they happen when the clause is chosen
	jumps  map[*cfg.Block]*ast.BranchStmt
}

func newGraph(c *Code) *graph {
	g := &graph{blocks: cfg.New(c.Block, c.MayReturn).Blocks, comms: map[ast.Node]bool{}, jumps: map[*cfg.Block]*ast.BranchStmt{}}
	for _, b := range g.blocks {
		if br := c.jump(b); br != nil && br.Tok == token.CONTINUE {
			g.jumps[b] = br
		}
	}
	ast.Inspect(c.Block, func(n ast.Node) bool {
		if n, ok := n.(*ast.CommClause); ok && n.Comm != nil {
			g.comms[n.Comm] = true
			switch comm := n.Comm.(type) {
			case *ast.ExprStmt:
				g.comms[comm.X], g.comms[ast.Unparen(comm.X)] = true, true
			case *ast.AssignStmt:
				g.comms[comm.Rhs[0]], g.comms[ast.Unparen(comm.Rhs[0])] = true, true
			}
		}
		return true
	})
	return g
}

// A key is where a path has come to: two that agree in it go on as one.
type key struct {
	block int32
	state state
}

// run walks all paths; it is false where there are too many.
func (w *walk) run() bool {
	clear(w.seen) // of the walk before
	if w.seen == nil {
		w.seen = map[key]bool{}
	}
	start := state{}
	if w.Entry {
		start = w.begin(start)
	}
	work := []*item{{block: w.blocks[0], state: start}}
	for len(work) > 0 {
		it := work[len(work)-1]
		work = work[:len(work)-1]
		before := len(w.seen)
		if w.seen[key{it.block.Index, it.state}] = true; len(w.seen) == before {
			continue
		}
		if len(w.seen) > maxSteps {
			return false
		}
		w.now = it
		for i, outs := range w.block(it.block, it.state) {
			succ := it.block.Succs[i]
			for _, s := range outs {
				if !w.seen[key{succ.Index, s}] {
					work = append(work, &item{succ, s, it})
				}
			}
		}
	}
	return true
}

// block runs through one block; the result, good until the next call, has the states for
// each successor.
func (w *walk) block(b *cfg.Block, s state) [][]state {
	states := []state{s}
	if clause, ok := b.Stmt.(*ast.CommClause); ok && b.Kind == cfg.KindSelectCaseBody && clause.Comm != nil {
		states = w.node(nil, clause.Comm, s)
	}
	if rng, ok := b.Stmt.(*ast.RangeStmt); ok && b.Kind == cfg.KindRangeBody && w.isDrawn(rng) {
		states = w.node(nil, w.Begin, s)
	}
	nodes, next := b.Nodes, []state(nil)
	var cond ast.Expr
	if len(b.Succs) == 2 && len(nodes) > 0 {
		if cond = w.condition(b, nodes[len(nodes)-1]); cond != nil {
			nodes = nodes[:len(nodes)-1]
		}
	}
	for _, n := range nodes {
		if w.comms[n] || n == w.Begin && w.isDrawn(w.Parent(n)) {
			continue
		}
		next = next[:0]
		for _, s := range states {
			next = w.node(next, n, s)
		}
		states, next = next, states
	}
	if br := w.jumps[b]; br != nil {
		for _, s := range states {
			w.clean[br] = w.clean[br] || !s.begun || s.armed
		}
	}
	for len(w.outs) < len(b.Succs) {
		w.outs = append(w.outs, nil)
	}
	outs := w.outs[:len(b.Succs)]
	for i := range outs {
		outs[i] = outs[i][:0]
	}
	if w.endless(b) {
		outs[0] = append(outs[0], states...)
		return outs
	}
	for _, s := range states {
		if cond != nil {
			yes, no := w.decide(cond, s)
			outs[0], outs[1] = append(outs[0], yes...), append(outs[1], no...)
			continue
		}
		for i := range outs {
			outs[i] = append(outs[i], s)
		}
	}
	return outs
}

// endless: a block is the head of a loop over the channel of a ticker, which
// nobody closes.
func (w *walk) endless(b *cfg.Block) bool {
	loop, ok := b.Stmt.(*ast.RangeStmt)
	if !ok || b.Kind != cfg.KindRangeLoop {
		return false
	}
	sel, ok := ast.Unparen(loop.X).(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "C" && strings.TrimPrefix(types.TypeString(w.Info.TypeOf(sel.X), nil), "*") == "time.Ticker"
}

// isDrawn: each round of a loop begins the duty, with the variable that it draws.
func (w *walk) isDrawn(n ast.Node) bool {
	rng, ok := n.(*ast.RangeStmt)
	return ok && (w.Begin == ast.Node(rng.Key) || w.Begin == ast.Node(rng.Value))
}

// decide evaluates the condition of a block. That of a clause was put together of
// the tag, which was evaluated before, and the clause's own expression.
func (w *walk) decide(cond ast.Expr, s state) (yes, no []state) {
	made, ok := cond.(*ast.BinaryExpr)
	if !ok || made.OpPos != made.Y.Pos() { // between operands that were read there is room for the operator
		return w.cond(cond, s)
	}
	for _, s := range w.node(nil, made.Y, s) {
		y, n := w.test(cond, s)
		yes, no = append(yes, y...), append(no, n...)
	}
	return yes, no
}

// condition is what decides between the two successors of a block, true first;
// nil where that is no condition that means the same each time.
func (w *walk) condition(b *cfg.Block, last ast.Node) ast.Expr {
	e, ok := last.(ast.Expr)
	if !ok {
		return nil
	}
	for _, succ := range b.Succs {
		switch stmt := succ.Stmt.(type) {
		case *ast.IfStmt:
			if stmt.Cond == e {
				return e
			}
		case *ast.ForStmt:
			if stmt.Cond == e {
				return e
			}
		case *ast.CaseClause:
			if slices.Contains(stmt.List, e) {
				return w.caseCond(stmt, e)
			}
		}
	}
	return nil
}

// node runs one node of a block, and adds the states behind it to some others.
func (w *walk) node(to []state, n ast.Node, s state) []state {
	s, ok := w.step(n, s)
	if !ok {
		return to
	}
	begins := contains(n, w.Begin) && !w.inLiteral(n)
	if begins && s.begun {
		w.again(s)
		s.begun = false
	}
	changes := w.change(n)
	s = changes.of(s)
	if v := asksDeadline(w.Info, n, w.Deadline); v != nil && s.begun {
		s = w.facts.set(s, w.facts.truth(v), true)
	}
	if ret, ok := n.(*ast.ReturnStmt); ok {
		w.leave(ret, s)
		return to
	}
	if !begins {
		if changes.stops != nil {
			w.stop(n, changes.stops, s)
			return to
		}
		return append(to, s)
	}
	s = w.begin(s)
	if !w.Fallible {
		return append(to, s)
	}
	failed := s
	failed.begun, failed.held = false, 0
	for _, v := range w.Values {
		if !w.Wrapped {
			failed = w.facts.set(failed, w.facts.nilness(v), true)
		}
	}
	guard, isErr := w.guard(n)
	if guard == nil {
		return append(to, failed) // nobody looks: it may not have begun
	}
	if isErr {
		return append(to, w.facts.set(s, w.facts.nilness(guard), true), w.facts.set(failed, w.facts.nilness(guard), false))
	}
	return append(to, w.facts.set(s, w.facts.truth(guard), true), w.facts.set(failed, w.facts.truth(guard), false))
}

// begin is a state in which the variables hold the duty, and are not nil.
func (w *walk) begin(s state) state {
	s.begun, s.took, s.held = true, 0, 0
	for _, v := range w.Values {
		s.held |= w.number(v)
		s = w.facts.set(s, w.facts.nilness(v), false)
		s = w.facts.set(s, w.facts.fieldness(v, w.Field), false)
	}
	return s
}

// stop notes what is left behind where a path ends with a call that does not return.
func (w *walk) stop(n ast.Node, call *ast.CallExpr, s state) {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && w.Recovers && s.begun && !s.armed && w.Info.Uses[id] == types.Universe.Lookup("panic") {
		w.leak(Panic, n, s)
	}
}

// inLiteral: the duty begins in a function literal inside of a node: it is not
// known when that runs.
func (w *walk) inLiteral(n ast.Node) bool {
	for p := w.Parent(w.Begin); p != nil && p != n && contains(n, p); p = w.Parent(p) {
		if _, ok := p.(*ast.FuncLit); ok {
			return true
		}
	}
	return false
}

// guard is the variable that a statement assigns the outcome to.
func (w *walk) guard(n ast.Node) (v *types.Var, isErr bool) {
	var last ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		last = n.Lhs[len(n.Lhs)-1]
	case *ast.ValueSpec:
		last = n.Names[len(n.Names)-1]
	default:
		return nil, false
	}
	v = w.variable(last)
	if v == nil {
		return nil, false
	}
	b, isBool := v.Type().Underlying().(*types.Basic)
	return v, !isBool || b.Kind() != types.Bool
}

func (w *walk) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || id.Name == "_" {
		return nil
	}
	v, _ := w.Info.ObjectOf(id).(*types.Var)
	return v
}

// number gives a variable its bit; 0 when there are too many.
func (w *walk) number(v *types.Var) uint32 {
	i := slices.Index(w.vars, v)
	if i < 0 {
		i = len(w.vars)
		w.vars = append(w.vars, v)
	}
	if i > 31 {
		return 0
	}
	return 1 << i
}

// leave notes what is left behind at a return.
func (w *walk) leave(ret *ast.ReturnStmt, s state) {
	var at ast.Node = ret
	if w.made(ret) {
		at = w.Block
	}
	if !s.begun || s.armed != w.Inverse {
		w.clean[at] = true
		return
	}
	w.leak(Exit, at, s)
}

// made: go/cfg made the return up with which a path falls off the end of the body.
// It stands nowhere, so that nobody is to be asked for its parent: to find that it has
// none the nodes of the whole package are looked through.
func (c *Code) made(n ast.Node) bool {
	ret, ok := n.(*ast.ReturnStmt)
	return ok && ret.Return == c.Block.End()-1
}

func (w *walk) leak(kind Kind, at ast.Node, s state) {
	l := Leak{Kind: kind, At: at, Took: w.tooks[s.took]}
	if !slices.Contains(w.leaks, l) {
		w.leaks = append(w.leaks, l)
	}
}
