package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// gather leaves the loop where it is and collects what to wake.
//
//	Lock; for { A; O(w); B }; T; Unlock  =>  Lock; var wake []W; for { A; wake = append(wake, w); B }; T; Unlock; for _, w := range wake { O(w) }
//
// so long as
//   - no path leaves between a gathering and the release (once),
//   - what O needs is gathered by value (operands),
//   - nothing else in the loop or in T depends on what O does (trailing),
//   - the loop is bounded by what the section holds (memory).
//
// In a branch outside of loops a flag takes the place of the list.
func (s *section) gather() (*Plan, *Refusal) {
	if s.Acquire.Resource.Sort.IsToken() {
		return nil, nil
	}
	g, o := s.newGathering()
	if o == nil {
		o = g.unbounded()
	}
	if o != nil {
		return nil, &Refusal{Strategy: "gather", Obligation: *o}
	}
	s.comesBack(g.out) // at least the next round follows it
	obligations := merge(s.judge([]moved{{Observation: g.op, from: g.from, copied: g.copies() || g.leads()}}), settled(g.out)...)
	obligations = merge(obligations, proved("memory", "the list is no longer than what the section held"), proved("detach", "what is gathered is copied"))
	explicit := s.defers == nil
	if s.defers != nil {
		if o := g.asTail(); o == nil {
			explicit = true
			obligations = merge(obligations, proved("defer", "nothing that remains in the section can panic"))
		} else if d := s.canDefer(); d != nil {
			return nil, &Refusal{Strategy: "gather", Obligation: *d}
		} else {
			obligations = merge(obligations, proved("defer", "the release stays deferred, the wakes are deferred ahead of it"))
			g.closure = g.closure || !g.inScope()
		}
	}
	if b := blocked(obligations); b != nil {
		return nil, &Refusal{Strategy: "gather", Obligation: *b}
	}
	plan := s.plan("gather", fmt.Sprintf("gather what to wake, unlock, then %s", s.verb()), obligations)
	g.write(plan, explicit)
	return plan, nil
}

// A gathering is one operation that is collected.
type gathering struct {
	s       *section
	op      obsv
	stmt    ast.Stmt   // the operation's statement
	top     uses.Place // the statement around it that stands beside the release
	release ast.Stmt   // nil where it is deferred
	loops   []ast.Stmt // between the two, innermost first
	out     *region
	elems   []elem
	from    ast.Expr // the collection that what is woken is taken out of; nil if it stays
	closure bool     // the operation names what is not declared where it would move
}

// An elem is one value that differs from one wake to the next.
type elem struct {
	expr ast.Expr
	uses []ast.Expr
	t    types.Type
	v    *types.Var // set when it is a variable, which keeps its name
}

// newGathering looks at the last operation of the section.
func (s *section) newGathering() (*gathering, *Obligation) {
	no := func(name, why string, at ast.Node) (*gathering, *Obligation) {
		o := refuted(name, why, at)
		return nil, &o
	}
	op := s.obs[len(s.obs)-1]
	g := &gathering{s: s, op: op, stmt: s.u.StmtOf(op.Op.Node).Stmt}
	places := s.climb(op.Op.Node)
	if op.Op.Defer != nil || len(places) == 0 {
		return no("region", "it runs in a function literal inside the section", op.Op.Node)
	}
	switch st := g.stmt.(type) {
	case *ast.SendStmt:
	case *ast.ExprStmt:
		if ast.Unparen(st.X) != op.Op.Node {
			return no("results", "what it yields is used", g.stmt)
		}
	default:
		return no("results", "what it yields is used in the section", g.stmt)
	}
	if o := g.findTop(places); o != nil {
		return nil, o
	}
	for m := s.u.Parent(g.stmt); m != nil && m != s.u.Parent(g.top.Stmt); m = s.u.Parent(m) {
		if st, ok := m.(ast.Stmt); ok && isLoop(st) {
			if _, labelled := st.(*ast.LabeledStmt); !labelled {
				g.loops = append(g.loops, st)
			}
		}
	}
	if o := g.check(); o != nil {
		return nil, o
	}
	return g, nil
}

// findTop finds the statement that stands in one list with the release.
func (g *gathering) findTop(places []uses.Place) *Obligation {
	s := g.s
	for _, p := range places {
		if contains(p.Stmt, s.Acquire.Node) {
			break
		}
		if (s.defers != nil || s.borrowed) && p.Owner == s.acquire.Owner && p.Index > s.acquire.Index {
			g.top = p
		}
		if r, _ := s.release(p); r != nil {
			g.top, g.release = p, r
			break
		}
	}
	if g.top.Stmt == g.stmt && !s.borrowed {
		o := refuted("region", "it stands in no branch or loop: there is nothing to gather", g.stmt)
		return &o
	}
	if g.top.Stmt == nil {
		o := refuted("region", "no release follows in a block around it", g.stmt)
		return &o
	}
	return nil
}

// check evaluates the conditions.
func (g *gathering) check() *Obligation {
	s := g.s
	if g.release != nil && leaves(g.top.Stmt) {
		o := refuted("once", "a path leaves the section between the operation and the release", g.top.Stmt)
		return &o
	}
	g.out = s.leave([]ast.Stmt{g.stmt}, false)
	if g.out.refusal != nil {
		return g.out.refusal
	}
	c := s.newCalmness(g.out)
	c.skip, c.around, c.returns = g.stmt, g.top.Stmt, g.release == nil
	c.stmt(g.top.Stmt)
	if c.why == "" {
		c.around = nil
		_, between := s.release(g.top)
		if g.release == nil {
			between = g.top.Rest()
		}
		for _, st := range between {
			c.stmt(st)
		}
		if o := s.shadows(between, []ast.Stmt{g.stmt}); o != nil {
			return o
		}
	}
	if c.why != "" {
		o := refuted("trailing", c.why, c.at)
		return &o
	}
	if len(g.loops) > 0 {
		g.from = s.removed(g.stmt, g.loops[0])
	} else {
		g.from = s.removedBeside(g.stmt)
	}
	return g.collect()
}

// copies reports whether what is woken is an element of a collection that keeps
// it.
func (g *gathering) copies() bool {
	if g.from != nil || len(g.loops) == 0 {
		return false
	}
	outer := g.loops[len(g.loops)-1]
	return slices.ContainsFunc(g.s.awakened(g.stmt), func(e ast.Expr) bool {
		return mentionsVar(g.s.info, e, func(v *types.Var) bool { return g.s.bornIn(outer, v) })
	})
}

// unbounded says which loop may gather more than the section held; nil if none
// does. A number takes no room, so long as the loop itself brings its end about.
func (g *gathering) unbounded() *Obligation {
	if len(g.elems) == 0 && len(g.loops) == 1 && g.op.Drains {
		return nil
	}
	for _, l := range g.loops {
		if why := g.s.unbounded(l); why != "" {
			o := refuted("memory", why, l)
			return &o
		}
	}
	return nil
}

// leaves reports whether a statement can leave itself otherwise than by its
// end.
func leaves(st ast.Stmt) bool { return leavesFrom(st, st, false, false) }

// leavesFrom looks at a part of a statement; breaks, continues: such a branch
// without a label stays inside.
func leavesFrom(st ast.Stmt, part ast.Node, breaks, continues bool) bool {
	found := false
	ast.Inspect(part, func(n ast.Node) bool {
		if found {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		case *ast.ForStmt:
			found = leavesFrom(st, n.Body, true, true)
			return false
		case *ast.RangeStmt:
			found = leavesFrom(st, n.Body, true, true)
			return false
		case *ast.SwitchStmt:
			found = leavesFrom(st, n.Body, true, continues)
			return false
		case *ast.TypeSwitchStmt:
			found = leavesFrom(st, n.Body, true, continues)
			return false
		case *ast.SelectStmt:
			found = leavesFrom(st, n.Body, true, continues)
			return false
		case *ast.BranchStmt:
			switch {
			case n.Label != nil:
				found = !definesLabel(st, n.Label.Name)
			case n.Tok == token.BREAK:
				found = !breaks
			case n.Tok == token.CONTINUE:
				found = !continues
			}
		}
		return !found
	})
	return found
}

func definesLabel(st ast.Stmt, name string) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Label.Name == name {
			found = true
		}
		return !found
	})
	return found
}

// unbounded says why a loop may run longer than what the section held; "" if it
// does not: it ranges over a collection, or takes an element away each time.
func (s *section) unbounded(loop ast.Stmt) string {
	switch l := loop.(type) {
	case *ast.RangeStmt:
		switch s.typeOf(l.X).Underlying().(type) {
		case *types.Slice, *types.Map, *types.Array, *types.Pointer:
			return ""
		case *types.Basic:
			return "nothing that the section holds bounds the loop"
		}
		return "nothing bounds what comes out of " + types.ExprString(l.X)
	case *ast.ForStmt:
		if len(s.u.Taken(l.Body)) > 0 || l.Cond != nil && walksList(l) {
			return ""
		}
	}
	return "nothing that the section holds bounds the loop"
}

// walksList: for e := q.Front(); e != nil; e = e.Next() visits each element once.
func walksList(l *ast.ForStmt) bool {
	as, ok := l.Post.(*ast.AssignStmt)
	if !ok || len(as.Rhs) != 1 || len(as.Lhs) != 1 {
		return false
	}
	switch r := ast.Unparen(as.Rhs[0]).(type) {
	case *ast.CallExpr:
		sel, ok := r.Fun.(*ast.SelectorExpr)
		return ok && types.ExprString(sel.X) == types.ExprString(as.Lhs[0]) && (sel.Sel.Name == "Next" || sel.Sel.Name == "Prev")
	case *ast.SelectorExpr:
		return types.ExprString(r.X) == types.ExprString(as.Lhs[0])
	}
	return false
}

// leads reports whether whom the operation wakes is read from what the lock may
// guard, where it may be unregistered.
func (g *gathering) leads() bool {
	return len(g.loops) == 0 && slices.ContainsFunc(g.out.captures, func(c *capture) bool { return c.leadsTo(g.op) })
}

// collect finds the values that differ from one wake to the next.
func (g *gathering) collect() *Obligation {
	s := g.s
	// Behind the section what stands in the branch or loop is out of scope; behind
	// the helper everything is but its receiver.
	from, to := g.top.Stmt.Pos(), g.top.Stmt.End()
	if fd, ok := s.fn.(*ast.FuncDecl); ok && s.borrowed {
		from, to = fd.Type.Params.Pos(), fd.End()
	}
	seen := map[*types.Var]int{}
	ast.Inspect(g.stmt, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := s.info.Uses[id]
		v, ok := obj.(*types.Var)
		if !ok && obj != nil && s.isLocal(obj) && obj.Pos() >= from && obj.Pos() < to {
			g.closure = true // a constant or type of the branch
		}
		if !ok || v.IsField() || g.out.own[v] || v.Pos() < from || v.Pos() >= to || g.out.captured(id) {
			return true
		}
		if i, ok := seen[v]; ok {
			g.elems[i].uses = append(g.elems[i].uses, id)
			return true
		}
		seen[v] = len(g.elems)
		g.elems = append(g.elems, elem{expr: id, uses: []ast.Expr{id}, t: v.Type(), v: v})
		return true
	})
	for _, c := range g.out.captures {
		g.elems = append(g.elems, elem{expr: c.uses[0], uses: c.uses, t: s.typeOf(c.uses[0])})
	}
	if (len(g.elems) > 1 || g.closure) && len(g.loops) > 0 && !s.atLeast("go1.22") {
		o := refuted("operands", "before go1.22 a loop has one variable for all its rounds", g.loops[0])
		return &o
	}
	if len(g.elems) == 1 && len(g.loops) > 0 {
		if _, ok := s.spell(g.elems[0].t); !ok {
			o := refuted("names", "the type of "+types.ExprString(g.elems[0].expr)+" cannot be spelled here", g.stmt)
			return &o
		}
	}
	return nil
}

// inScope reports whether what the operation names, beside what is gathered, is
// declared ahead of the lock.
func (g *gathering) inScope() bool {
	r := &region{stmts: []ast.Stmt{g.stmt}, own: maps.Clone(g.out.own)}
	for _, e := range g.elems {
		if e.v != nil {
			r.own[e.v] = true
		}
	}
	return g.s.inScope(r)
}

// asTail says why the deferred unlock cannot become explicit behind the loop;
// nil if it can.
func (g *gathering) asTail() *Obligation {
	s := g.s
	if g.top.Owner != s.block || s.acquire.Owner != s.block {
		o := refuted("region", "it is not at the end of the function", g.top.Stmt)
		return &o
	}
	if why, at := s.mayPanic(s.block.List[s.acquire.Index+1:], &region{stmts: []ast.Stmt{g.stmt, s.defers}}); why != "" {
		o := refuted("defer", why, at)
		return &o
	}
	for _, ret := range s.Returns {
		if ret != s.block.List[len(s.block.List)-1] {
			if ret.Pos() > g.top.Stmt.Pos() {
				o := refuted("once", "it returns behind the operation", ret)
				return &o
			}
		} else if r := s.leave([]ast.Stmt{ret}, true); r.refusal != nil || len(r.captures) > 0 {
			o := refuted("defer", "the result reads what the lock may guard", ret)
			return &o
		}
	}
	_, o := s.earlyReturns(&region{stmts: []ast.Stmt{g.top.Stmt, s.block.List[len(s.block.List)-1]}})
	return o
}
