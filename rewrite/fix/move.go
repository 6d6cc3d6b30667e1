package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// maxUnlocks bounds how many early returns get an unlock of their own; beyond
// that the deferred form reads better.
const maxUnlocks = 3

// move takes whole statements out of the section.
//
//	Lock; A; O; T; Unlock        =>  Lock; A; T; Unlock; O
//	Lock; defer Unlock; A; O     =>  Lock; A; Unlock; O
//	Lock; defer Unlock; A; O; T  =>  var wake; defer wake; Lock; defer Unlock; A; wake = O; T
//
// so long as
//   - every path from O goes through T to the release (region, once),
//   - O reads nothing later that may change, or has it captured (operands, detach),
//   - nobody in T uses what O yields or does (results, trailing),
//   - O writes nothing that the lock may guard (window),
//   - where a deferred unlock becomes explicit nothing that stays can panic (defer).
func (s *section) move() (*Plan, *Refusal) {
	if s.Acquire.Resource.Sort.IsToken() {
		return nil, nil
	}
	var first *Refusal
	last := s.obs[len(s.obs)-1]
	places := s.climb(last.Op.Node)
	if last.Op.Defer != nil {
		return s.reorderDefer(last.Op.Defer)
	}
	if len(places) == 0 {
		return nil, &Refusal{Strategy: "move", Obligation: refuted("region", "it runs in a function literal inside the section", last.Op.Node)}
	}
	for _, p := range slices.Backward(places) {
		if contains(p.Stmt, s.Acquire.Node) {
			continue
		}
		var here *Refusal
		for _, units := range s.units(p) {
			plan, refusal := s.moveUnits(p, units)
			if plan != nil {
				return plan, nil
			}
			if here == nil {
				here = refusal
			}
		}
		if here != nil && (first == nil || better(here, first)) {
			first = here
		}
	}
	return nil, first
}

// better: what stands in the way of the innermost statement says most, except
// that there is no release behind it.
func better(a, b *Refusal) bool {
	return b.Obligation.Name == "region" || a.Obligation.Name != "region"
}

// units lists which statements of a list are tried together: all that hold an
// operation of this section, the run from the first of them to the last, the
// run to the end of the list, and only the last.
func (s *section) units(p uses.Place) [][]ast.Stmt {
	var all []ast.Stmt
	first := p.Index
	for i, st := range p.List[:p.Index] {
		if st.Pos() < s.Acquire.Node.End() {
			continue
		}
		if slices.ContainsFunc(s.obs, func(o *hazard.Observation) bool { return contains(st, o.Op.Node) && o.Op.Defer == nil }) {
			all = append(all, st)
			first = min(first, i)
		}
	}
	all = append(all, p.Stmt)
	out := [][]ast.Stmt{all}
	if run := p.List[first : p.Index+1]; len(run) > len(all) {
		out = append(out, run)
	}
	if r, between := s.release(p); r != nil && len(between) > 0 {
		out = append(out, p.List[first:p.Index+1+len(between)])
	} else if s.defers != nil && p.Owner != s.block && p.Index+1 < len(p.List) {
		out = append(out, p.List[first:])
	}
	if len(all) > 1 {
		out = append(out, []ast.Stmt{p.Stmt})
	}
	return out
}

// moveUnits plans the move of statements of one list.
func (s *section) moveUnits(p uses.Place, units []ast.Stmt) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "move", Obligation: o} }
	if s.defers != nil {
		if p.Owner == s.block && s.acquire.Owner == s.block {
			plan, refusal := s.moveTail(p, units)
			if plan != nil {
				return plan, nil
			}
			shapes := []func() (*Plan, *Refusal){
				func() (*Plan, *Refusal) { return s.deferWhole(p, units) },
				func() (*Plan, *Refusal) { return s.literalTail(p, units) },
			}
			if s.retakes != nil { // no wake: a call that is read where it stands
				slices.Reverse(shapes)
			}
			for _, shape := range shapes {
				plan, other := shape()
				if plan != nil {
					return plan, nil
				}
				if other != nil && !slices.ContainsFunc(append(refusal.Others, *refusal), func(r Refusal) bool { return r.Obligation.Name == other.Obligation.Name }) {
					refusal.Others = append(refusal.Others, *other)
				}
			}
			return nil, refusal
		}
		return s.deferWhole(p, units)
	}
	r, _ := s.release(p)
	if r == nil {
		return refuse(refuted("region", "it is not followed by the release in its own block", p.Stmt))
	}
	stay := s.staying(p, units, r)
	out := s.leave(units, false)
	if out.refusal != nil {
		return refuse(*out.refusal)
	}
	if o := s.shadows(stay, units); o != nil {
		return refuse(*o)
	}
	if why, at := s.calm(stay, out); why != "" {
		return refuse(refuted("trailing", why, at))
	}
	if len(stay) > 0 {
		s.mayBreakOff(out)
	}
	obligations := merge(s.judge(s.movedOps(units, out)), settled(out)...)
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	if o := s.emptied(units, out); o != nil {
		return refuse(*o)
	}
	strategy, title := s.words(out)
	plan := s.plan(strategy, title, obligations)
	at := Place{Before: units[0]}
	plan.Steps = append(plan.Steps, s.detachSteps(out, at)...)
	plan.Steps = append(plan.Steps, out.steps(at)...)
	plan.Steps = append(plan.Steps, Move{Stmts: units, At: Place{After: r}})
	plan.Imports = out.imports()
	return plan, nil
}

// staying lists the statements between the first unit and the release that do
// not move.
func (s *section) staying(p uses.Place, units []ast.Stmt, release ast.Stmt) []ast.Stmt {
	var out []ast.Stmt
	from := slices.Index(p.List, units[0])
	for _, st := range p.List[from:] {
		if st == release {
			return out
		}
		if !slices.Contains(units, st) {
			out = append(out, st)
		}
	}
	return out
}

// movedOps lists the operations in what leaves, with what the detachment says
// about whom they wake.
func (s *section) movedOps(stmts []ast.Stmt, out *region) []moved {
	var ops []moved
	for _, o := range s.obs {
		if !slices.ContainsFunc(stmts, func(st ast.Stmt) bool { return contains(st, o.Op.Node) }) {
			continue
		}
		m := moved{Observation: o}
		if st := s.u.StmtOf(o.Op.Node).Stmt; o.Loop == nil && st != nil {
			m.from = s.removedBeside(st)
		}
		for _, d := range out.detached {
			if contains(d.rng, o.Op.Node) {
				m.from, m.copied = d.from, d.from == nil && d.how != "fixed"
			}
		}
		for _, c := range out.captures {
			m.copied = m.copied || c.leadsTo(o)
		}
		ops = append(ops, m)
	}
	return ops
}

// leadsTo reports whether a captured expression says whom an operation wakes: an
// element of a collection, or the channel of a send.
func (c *capture) leadsTo(o *hazard.Observation) bool {
	if !contains(o.Op.Node, c.uses[0]) {
		return false
	}
	if send, ok := o.Op.Node.(*ast.SendStmt); ok {
		return contains(send.Chan, c.uses[0])
	}
	_, element := ast.Unparen(c.uses[0]).(*ast.IndexExpr)
	return element
}

// settled lists the obligations that hold for everything that was looked at and
// let go.
func settled(out *region) []Obligation {
	list := []Obligation{
		proved("region", "each path from the operation meets one release"),
		proved("once", "it runs where the old place was passed, and only then"),
		proved("operands", "what it reads cannot change or is captured before the release"),
		proved("results", "the section uses nothing that it yields"),
		proved("trailing", "what stays in the section depends on nothing that it does"),
		proved("window", "it writes nothing that the lock may guard"),
		proved("outer", "no other resource is held"),
		proved("names", "new names are used nowhere else in the function"),
		proved("unregister", "what is detached is gone for others as it was before"),
	}
	if out == nil {
		return list
	}
	if len(out.detached) > 0 {
		list = append(list, proved("detach", "the collection is taken, copied or the function's own"), proved("memory", "the list is no longer than what the section held"))
	}
	return merge(list, out.judged...)
}

func (s *section) detachSteps(out *region, at Place) []Step {
	var steps []Step
	for _, d := range out.detached {
		steps = append(steps, d.steps(s, at)...)
	}
	return steps
}

func (r *region) imports() []string {
	var paths []string
	for _, d := range r.detached {
		for _, p := range d.imports {
			if !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
	}
	return paths
}

// main is the detachment that names the strategy: the first.
func (r *region) main() *detach {
	if len(r.detached) == 0 {
		return nil
	}
	return r.detached[0]
}

// words names the strategy and advises.
func (s *section) words(out *region) (strategy, title string) {
	verb := s.verb()
	if d := out.main(); d != nil && !d.asIs() {
		return d.how, fmt.Sprintf("%s %s, unlock, then %s", d.how, types.ExprString(d.x), verb)
	}
	if len(out.captures) > 0 {
		return "move", fmt.Sprintf("capture %s, unlock, then %s", out.captures[0].text, verb)
	}
	return "move", fmt.Sprintf("release %s, then %s", s.Acquire.Resource.Expr, verb)
}

// verb says what the last operation does.
func (s *section) verb() string {
	switch s.obs[len(s.obs)-1].Op.Node.(type) {
	case *ast.SendStmt:
		return "send"
	case *ast.UnaryExpr:
		return "receive"
	case *ast.SelectStmt:
		return "select"
	case *ast.RangeStmt:
		return "range"
	}
	return "call"
}

// reorderDefer moves a deferred call that runs before the deferred unlock ahead
// of the acquisition.
//
//	Lock; defer Unlock; defer O  =>  defer O; Lock; defer Unlock
//
// so long as nothing can leave between the two places, and O's operands are the
// same there.
func (s *section) reorderDefer(d *ast.DeferStmt) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "defer first", Obligation: o} }
	p := s.u.StmtOf(d)
	if s.defers == nil || p.Owner != s.acquire.Owner || p.Index != s.acquire.Index+2 || s.acquire.Index+1 >= len(p.List) || p.List[s.acquire.Index+1] != ast.Stmt(s.defers) {
		return refuse(refuted("region", "the deferred call is not registered right behind the deferred release", d))
	}
	out := s.leave([]ast.Stmt{&ast.ExprStmt{X: d.Call}}, true)
	if out.refusal != nil {
		return refuse(*out.refusal)
	}
	if len(out.captures) > 0 {
		return refuse(refuted("operands", out.captures[0].text+" is evaluated under the lock", d))
	}
	var ops []moved
	for _, o := range s.obs {
		if o.Op.Defer == d {
			ops = append(ops, moved{Observation: o})
		}
	}
	obligations := merge(s.judge(ops), settled(out)...)
	obligations = merge(obligations, proved("defer", "both stay deferred"))
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	plan := s.plan("defer first", "register the deferred call before the lock is taken", obligations)
	plan.Steps = []Step{Move{Stmts: []ast.Stmt{d}, At: Place{Before: s.acquire.Stmt}}}
	return plan, nil
}
