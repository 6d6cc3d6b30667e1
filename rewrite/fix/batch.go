package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// batchSize bounds how many wakes are gathered before the lock is let go.
const batchSize = 32

// batch wakes in bounded batches, where the loop may bring more than fits into a
// list.
//
//	Lock; for C { A; O(w) }; Unlock
//	=>
//	Lock; for { var batch []W; for C && len(batch) < 32 { A; batch = append(batch, w) }; if len(batch) == 0 { break }; Unlock; for _, w := range batch { O(w) }; Lock }; Unlock
//
// so long as
//   - the loop begins each round with what it reads anew (stale),
//   - nothing behind it completes what others would see half done (window),
//   - a round that ends the loop has changed nothing before it does (once),
//   - what [section.gather] asks for, but the bound.
//
// It is never safe: others get in between two batches.
func (s *section) batch() (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "batch", Obligation: o} }
	if s.Acquire.Resource.Sort.IsToken() || !s.obs[len(s.obs)-1].Drains {
		return nil, nil
	}
	g, o := s.newGathering()
	if o != nil || g.unbounded() == nil {
		return nil, nil // gather says why, or does better
	}
	loop, ok := g.top.Stmt.(*ast.ForStmt)
	if !ok || len(g.loops) != 1 || loop.Init != nil || loop.Post != nil {
		return refuse(refuted("stale", "the loop counts on from one round to the next", g.top.Stmt))
	}
	if o := g.endsClean(loop); o != nil {
		return refuse(*o)
	}
	if o := g.completes(); o != nil {
		return refuse(*o)
	}
	obligations := merge(s.judge([]moved{{Observation: g.op, from: g.from, copied: g.copies()}}), settled(g.out)...)
	obligations = merge(obligations,
		proved("memory", fmt.Sprintf("a batch has %d elements", batchSize)),
		proved("detach", "what is gathered is copied"),
		assumed("exclusion", "others get in between two batches", loop),
		g.stale(loop))
	if s.defers != nil {
		obligations = merge(obligations, proved("defer", "the lock is held again whatever happens in the gap"))
	}
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	acquire, ok := s.Acquire.Node.(*ast.CallExpr)
	if !ok || len(acquire.Args) > 0 {
		return refuse(refuted("region", "the acquisition takes arguments", s.Acquire.Node))
	}
	plan := s.plan("batch", fmt.Sprintf("gather a batch, unlock, then %s, and lock again for the next", s.verb()), obligations)
	g.writeBatches(plan, loop, acquire)
	return plan, nil
}

// endsClean: a round that leaves the loop has done nothing before it does, since
// it is done again after the gap.
func (g *gathering) endsClean(loop *ast.ForStmt) *Obligation {
	var bad ast.Node
	ast.Inspect(loop.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit, *ast.RangeStmt, *ast.ForStmt, *ast.SelectStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
			return n == ast.Node(loop) || !hasJump(n)
		case *ast.ReturnStmt:
			bad = n
		case *ast.BranchStmt:
			if n.Label != nil || n.Tok == token.GOTO || n.Tok == token.BREAK && !g.first(loop, n) {
				bad = n
			}
		}
		return bad == nil
	})
	if bad == nil {
		return nil
	}
	o := refuted("once", "a round that ends the loop here would be begun twice", bad)
	return &o
}

// hasJump reports whether a statement holds a jump that may lead out of it.
func hasJump(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.FuncLit:
			return m == n
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || m.Label != nil
		}
		return !found
	})
	return found
}

// first: ahead of a break the round only defines variables, without calls.
func (g *gathering) first(loop *ast.ForStmt, br *ast.BranchStmt) bool {
	for _, st := range loop.Body.List {
		if contains(st, br) {
			branch, ok := st.(*ast.IfStmt)
			return ok && branch.Init == nil && !hasCall(branch.Cond) && len(branch.Body.List) == 1 && branch.Body.List[0] == ast.Stmt(br)
		}
		def, ok := st.(*ast.AssignStmt)
		if !ok || def.Tok != token.DEFINE {
			return false
		}
		for _, e := range def.Rhs {
			if hasCall(e) {
				return false
			}
		}
	}
	return false
}

// completes says what behind the loop others must not miss once the lock is let
// go.
func (g *gathering) completes() *Obligation {
	rest := g.top.Rest()
	if g.release != nil {
		_, rest = g.s.release(g.top)
	}
	for _, st := range rest {
		if _, returns := st.(*ast.ReturnStmt); returns && g.release == nil {
			continue
		}
		o := refuted("window", "others would see the state without what follows the loop", st)
		return &o
	}
	return nil
}

// stale judges whether the loop uses what the section read before it.
func (g *gathering) stale(loop *ast.ForStmt) Obligation {
	s := g.s
	var old *ast.Ident
	ast.Inspect(loop, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || old != nil {
			return old == nil
		}
		v, ok := s.info.Uses[id].(*types.Var)
		if ok && !v.IsField() && s.Acquire.Node.End() <= v.Pos() && v.Pos() < loop.Pos() {
			old = id
		}
		return old == nil
	})
	if old != nil {
		return assumed("stale", old.Name+" was read before the gap", old)
	}
	return proved("stale", "each round reads the state anew")
}

// writeBatches adds the steps to a plan.
func (g *gathering) writeBatches(plan *Plan, loop *ast.ForStmt, acquire *ast.CallExpr) {
	s := g.s
	name := s.fresh("batch")
	f := g.form(name)
	length := "len(" + name + ")"
	if len(g.elems) == 0 {
		length = name
	}
	full := fmt.Sprintf("%s < %d", length, batchSize)
	gap, args := "_1_\n"+f.around+"\n_2_", []ast.Expr{s.releaseExpr(), acquire}
	if s.defers != nil {
		gap, args = "func() {\n_1_\ndefer _2_()\n"+f.around+"\n}()", []ast.Expr{s.releaseExpr(), acquire.Fun}
	}
	stop := "if " + length + " == 0 {\nbreak\n}"
	add := func(steps ...Step) { plan.Steps = append(plan.Steps, steps...) }
	if loop.Cond != nil {
		add(Replace{Old: loop.Cond, Code: Code{Text: "_1_ && " + full, Args: []ast.Expr{loop.Cond}}})
	} else {
		add(Insert{At: Place{Before: loop.Body.List[0]}, Code: Code{Text: fmt.Sprintf("if %s == %d {\nbreak\n}", length, batchSize)}})
	}
	if f.call {
		add(f.steps...)
		add(Enclose{First: g.stmt, Last: g.stmt, Code: Code{Text: f.note}},
			Enclose{First: loop, Last: loop, Code: Code{Text: "for {\n" + f.declare + "\n_body_\n" + stop + "\n" + gap + "\n}", Args: args}})
		return
	}
	var elem []ast.Expr
	if len(g.elems) == 1 {
		elem = []ast.Expr{g.elems[0].expr}
	}
	add(Insert{At: Place{Before: g.stmt}, Code: Code{Text: f.note, Args: elem}})
	add(f.steps...)
	add(Move{Stmts: []ast.Stmt{g.stmt}, At: Place{After: loop}},
		Enclose{First: loop, Last: g.stmt, Code: Code{Text: "for {\n" + f.declare + "\n_body_\n}"}},
		Insert{At: Place{Before: g.stmt}, Code: Code{Text: stop}},
		Enclose{First: g.stmt, Last: g.stmt, Code: Code{Text: gap, Args: args}})
}
