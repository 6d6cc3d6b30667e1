package lockset

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/cfg"

	"github.com/lockfix/lockfix/rewrite/flow"
)

// An Env is what the analysis of a body asks for. All functions must be pure.
type Env struct {
	Info  *types.Info
	Namer *Namer

	// Effect says what calling fun with args does to resources, in the terms
	// of the place where it stands. call is nil for a method value or a
	// stored function that is called elsewhere.
	Effect func(fun ast.Expr, args []ast.Expr) Effect

	// ChanSem says whether a send on, or a receive from, a channel takes or
	// gives back a token; ok is false for an ordinary channel.
	ChanSem func(ch ast.Expr, send bool) (c Change, ok bool)

	// Births lists the tokens that start to be held at a statement: one that
	// came with the item that the statement defines.
	Births func(ast.Node) []Change

	// Entry says what the caller holds when a declared function starts.
	Entry func(*types.Func) []Held
}

// Analyze computes the bodies of a top-level declaration: its own, when it is
// a function, and those of all literals in it that are not run in place. Linear
// in the size of the declaration for code that loops cannot make hold more
// than it did the first time round. For a declaration that takes more work than
// any that a person wrote there are no bodies but a reason ([Excess]).
func Analyze(env *Env, decl ast.Decl) (bodies []*Body, excess *Excess) {
	a := &analysis{env: env, decl: decl, inner: map[*ast.FuncLit]bool{}, spawned: map[*ast.FuncLit]bool{}, handed: map[*ast.FuncLit][]Held{}}
	if excess := a.find(); excess != nil {
		return nil, excess
	}
	defer func() {
		if v := recover(); v != nil {
			var ok bool
			if excess, ok = v.(*Excess); !ok {
				panic(v)
			}
			bodies = nil
		}
	}()
	if fn, ok := decl.(*ast.FuncDecl); ok {
		if fn.Body == nil {
			return nil, nil
		}
		obj, _ := env.Info.Defs[fn.Name].(*types.Func)
		var entry []Held
		if env.Entry != nil && obj != nil {
			entry = env.Entry(obj)
		}
		a.body(fn, obj, fn.Body, entry, false)
	}
	for _, lit := range a.all {
		if a.isFree(lit) {
			a.body(lit, nil, lit.Body, a.handed[lit], a.spawned[lit])
		}
	}
	return a.bodies, nil
}

// An analysis is the work on one declaration.
type analysis struct {
	env     *Env
	decl    ast.Decl
	bodies  []*Body
	all     []*ast.FuncLit               // in source order
	inner   map[*ast.FuncLit]bool        // run in place somewhere
	spawned map[*ast.FuncLit]bool        // started by go
	handed  map[*ast.FuncLit][]Held      // run elsewhere: the tokens that they take over
	loose   map[*ast.FuncLit]bool        // bound to a variable that is used otherwise than called
	selects map[ast.Node]*ast.SelectStmt // by the communication of each clause, and the statement of it
	cases   map[*ast.CaseClause]bool     // of switches without tag: their expressions are conditions
	steps   int                          // of work done so far
}

// find walks the declaration once, for all that is asked of its syntax: the
// function literals, the select statement that each communication belongs to, the
// clauses of switches without tag, and whether it is too large.
func (a *analysis) find() *Excess {
	var m measure
	ast.Inspect(a.decl, func(n ast.Node) bool {
		m.node(n)
		switch n := n.(type) {
		case *ast.FuncLit:
			a.all = append(a.all, n)
		case *ast.SelectStmt:
			a.communications(n)
		case *ast.SwitchStmt:
			a.conditions(n)
		}
		return true
	})
	if _, code := a.decl.(*ast.FuncDecl); code {
		m.code = true
	}
	return m.excess()
}

func (a *analysis) communications(n *ast.SelectStmt) {
	if a.selects == nil {
		a.selects = map[ast.Node]*ast.SelectStmt{}
	}
	for _, c := range n.Body.List {
		if c := c.(*ast.CommClause); c.Comm != nil {
			a.selects[communication(c.Comm)], a.selects[c.Comm] = n, n
		}
	}
}

func (a *analysis) conditions(n *ast.SwitchStmt) {
	if n.Tag != nil {
		return
	}
	if a.cases == nil {
		a.cases = map[*ast.CaseClause]bool{}
	}
	for _, c := range n.Body.List {
		a.cases[c.(*ast.CaseClause)] = true
	}
}

// communication is the send or receive of a clause.
func communication(comm ast.Stmt) ast.Node {
	var e ast.Expr
	switch comm := comm.(type) {
	case *ast.ExprStmt:
		e = comm.X
	case *ast.AssignStmt:
		e = comm.Rhs[0]
	default:
		return comm
	}
	return ast.Unparen(e)
}

// isFree reports whether a literal needs a body of its own: it is not run in
// place, or may also run elsewhere.
func (a *analysis) isFree(lit *ast.FuncLit) bool {
	if !a.inner[lit] {
		return true
	}
	if a.loose == nil {
		a.loose = a.looseLits()
	}
	return a.loose[lit]
}

// looseLits finds the literals that are bound to a variable which is passed on,
// stored or started somewhere.
func (a *analysis) looseLits() map[*ast.FuncLit]bool {
	called := map[*ast.Ident]bool{}
	loose := map[*ast.FuncLit]bool{}
	ast.Inspect(a.decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			if lit, ok := a.literal(n.Call.Fun); ok {
				loose[lit] = true
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				called[id] = true
			}
		case *ast.Ident:
			if !called[n] && a.env.Info.Uses[n] != nil {
				if lit, ok := a.literal(n); ok {
					loose[lit] = true
				}
			}
		}
		return true
	})
	return loose
}

// literal resolves a function expression to the literal that it is, directly or
// through a variable that is assigned once.
func (a *analysis) literal(fun ast.Expr) (*ast.FuncLit, bool) {
	switch x := ast.Unparen(fun).(type) {
	case *ast.FuncLit:
		return x, true
	case *ast.Ident:
		v, _ := a.env.Info.Uses[x].(*types.Var)
		if def, ok := a.env.Namer.Def(v); ok {
			lit, ok := ast.Unparen(def).(*ast.FuncLit)
			return lit, ok
		}
	}
	return nil, false
}

// body analyses one body: first to the fixed point, then once more to record
// what is seen on the way. Where nothing is held from block to block, once is
// enough.
func (a *analysis) body(fn ast.Node, obj *types.Func, block *ast.BlockStmt, entry []Held, spawned bool) {
	empty := func() *Body {
		return &Body{Fn: fn, Obj: obj, Decl: a.decl, Block: block, Entry: entry, Spawned: spawned}
	}
	w := &walker{analysis: a}
	b := w.plain(empty)
	if b == nil {
		b = empty()
		w.out = newRecorder(b)
		w.out.ops = map[ast.Node]*Op{}
		init := State{}
		for _, h := range entry {
			init = init.with(h)
		}
		w.recording = false
		w.run(block, init)
		w.recording = true
		b.Exit = w.run(block, init)
	}
	w.out.finish()
	if len(b.Sections)*len(b.Ops) > maxPairs {
		panic(&Excess{fmt.Sprintf("%d critical sections and %d operations", len(b.Sections), len(b.Ops))})
	}
	a.bodies = append(a.bodies, b)
}

// with adds an entry as it is.
func (s State) with(h Held) State {
	i, ok := search(s.held, h.key)
	held := append([]Held(nil), s.held[:i]...)
	held = append(held, h)
	if ok {
		i++
	}
	s.held = append(held, s.held[i:]...)
	return s
}

// run analyses a block from a state and returns the state at its exits, its
// deferred calls done. The defers of the surrounding body are none of its.
func (w *walker) run(block *ast.BlockStmt, init State) State {
	if w.once != nil {
		return w.runOnce(block, init)
	}
	g := w.graph(block)
	return w.apart(init, func(init State) {
		sol := flow.Solve(flow.Problem[State]{
			Size:     len(g.Blocks),
			Init:     init,
			Succs:    g.succs,
			Transfer: w.quietly(g),
			Join:     w.join,
			Equal:    same,
		})
		if w.recording {
			w.exit = nil
			for i, blk := range g.Blocks {
				if sol.Reached[i] {
					w.block(blk, sol.Before[i])
				}
			}
		}
	})
}

// apart runs something that has exits and deferred calls of its own, and returns the
// state at these exits, with the deferred calls that were there before.
func (w *walker) apart(init State, run func(init State)) State {
	outer, saved := init.defers, w.exit
	init.defers, w.exit = nil, nil
	run(init)
	exit := State{dead: true}
	if w.exit != nil {
		exit = *w.exit
	}
	w.exit, exit.defers = saved, outer
	return exit
}

// quietly is the transfer function of a graph: it records nothing.
func (w *walker) quietly(g *graph) func(int, State) []State {
	return func(i int, before State) []State {
		recording := w.recording
		w.recording = false
		defer func() { w.recording = recording }()
		w.spend(1 + len(g.Blocks[i].Nodes) + len(before.held) + len(before.defers))
		return w.block(g.Blocks[i], before)
	}
}

// A graph is a control-flow graph with successors as indices.
type graph struct {
	*cfg.CFG
	next [][]int
}

func (g *graph) succs(i int) []int { return g.next[i] }

// graph builds the graph of a block, once.
func (w *walker) graph(block *ast.BlockStmt) *graph {
	if g, ok := w.graphs[block]; ok {
		return g
	}
	c := cfg.New(block, func(call *ast.CallExpr) bool {
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && w.env.Info.Uses[id] == types.Universe.Lookup("panic") {
			return false
		}
		return !w.env.Effect(call.Fun, call.Args).NoReturn
	})
	g := &graph{CFG: c, next: make([][]int, len(c.Blocks))}
	for i, blk := range c.Blocks {
		for _, s := range blk.Succs {
			g.next[i] = append(g.next[i], int(s.Index))
		}
	}
	if w.graphs == nil {
		w.graphs = map[*ast.BlockStmt]*graph{}
	}
	w.graphs[block] = g
	return g
}
