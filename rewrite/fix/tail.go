package fix

import (
	"fmt"
	"go/ast"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// moveTail turns a deferred unlock into an explicit one ahead of the
// statements that leave.
func (s *section) moveTail(p uses.Place, units []ast.Stmt) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "move", Obligation: o} }
	from := slices.Index(p.List, units[0])
	rest := p.List[from:]
	out := s.leave(rest, true)
	move := false
	if out.refusal != nil {
		var ret []ast.Stmt
		if r, ok := rest[len(rest)-1].(*ast.ReturnStmt); ok && !slices.Contains(units, ast.Stmt(r)) {
			ret = []ast.Stmt{r}
		}
		first := out.refusal
		out = s.leave(append(slices.Clone(units), ret...), true)
		if out.refusal != nil {
			return refuse(*out.refusal)
		}
		if len(ret) > 0 && len(s.leave(ret, true).captures) > 0 {
			return refuse(*first)
		}
		stay := s.staying(p, append(slices.Clone(units), ret...), nil)
		if why, at := s.calm(stay, out); why != "" {
			return refuse(refuted("trailing", why, at))
		}
		if len(stay) > 0 {
			s.mayBreakOff(out)
		}
		if o := s.shadows(stay, units); o != nil {
			return refuse(*o)
		}
		if move = len(stay) > 0; move && slices.Contains(units, rest[len(rest)-1]) && isReturn(rest[len(rest)-1]) {
			return refuse(refuted("results", "its result is returned", rest[len(rest)-1]))
		}
	}
	if why, at := s.mayPanic(p.List[s.acquire.Index+1:], s.panicExempt(out)); why != "" {
		return refuse(refuted("defer", why, at))
	}
	early, o := s.earlyReturns(out)
	if o != nil {
		return refuse(*o)
	}
	obligations := merge(s.judge(s.movedOps(out.stmts, out)), settled(out)...)
	obligations = merge(obligations, proved("defer", "nothing that remains in the section can panic"))
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	if o := s.emptied(out.stmts, out); o != nil {
		return refuse(*o)
	}
	strategy, title := s.words(out)
	plan := s.plan(strategy, title, obligations)
	at := Place{Before: units[0]}
	plan.Steps = append(plan.Steps, s.detachSteps(out, at)...)
	plan.Steps = append(plan.Steps, out.steps(at)...)
	plan.Imports = out.imports()
	for _, ret := range early {
		plan.Steps = append(plan.Steps, Insert{At: Place{Before: ret}, Code: Code{Text: "_1_", Args: []ast.Expr{s.releaseExpr()}}})
	}
	if move {
		to := Place{End: s.block}
		if r, ok := rest[len(rest)-1].(*ast.ReturnStmt); ok {
			to = Place{Before: r}
		}
		plan.Steps = append(plan.Steps, Move{Stmts: units, At: to})
	}
	plan.Steps = append(plan.Steps, s.undefer(at)...)
	return plan, nil
}

func isReturn(st ast.Stmt) bool {
	_, ok := st.(*ast.ReturnStmt)
	return ok
}

// emptied says that nothing would be left under the lock: then it is there for
// what would leave, and for nothing else.
func (s *section) emptied(leaving []ast.Stmt, out *region) *Obligation {
	if len(out.captures)+len(out.detached) > 0 {
		return nil
	}
	for _, st := range s.acquire.Rest() {
		_, returns := st.(*ast.ReturnStmt)
		if slices.Contains(leaving, st) || st == ast.Stmt(s.defers) || returns {
			continue
		}
		if slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return s.u.StmtOf(r.Node).Stmt == st }) {
			break
		}
		return nil
	}
	o := refuted("exclusion", "nothing would be left under "+s.Acquire.Resource.Expr+": it is there for this", s.Acquire.Node)
	return &o
}

// panicExempt: what leaves the section, and the registration of its release.
func (s *section) panicExempt(out *region) *region {
	return &region{stmts: append(slices.Clone(out.stmts), ast.Stmt(s.defers))}
}

// undefer puts the deferred release at a place.
func (s *section) undefer(at Place) []Step {
	if _, ok := ast.Unparen(s.defers.Call.Fun).(*ast.FuncLit); !ok {
		return []Step{Undefer{Defer: s.defers, At: at}}
	}
	return []Step{
		Insert{At: at, Code: Code{Text: "_1_", Args: []ast.Expr{s.releaseExpr()}}},
		Delete{Stmt: s.defers},
	}
}

// earlyReturns lists the returns that need an unlock of their own: what they
// return must not read what the lock guards.
func (s *section) earlyReturns(out *region) ([]*ast.ReturnStmt, *Obligation) {
	var early []*ast.ReturnStmt
	for _, ret := range s.Returns {
		if s.u.Enclosing(ret) != s.fn || slices.ContainsFunc(out.stmts, func(st ast.Stmt) bool { return contains(st, ret) }) {
			continue
		}
		if ret.Pos() > out.stmts[0].Pos() {
			o := refuted("region", "it returns behind the operation", ret)
			return nil, &o
		}
		r := s.leave([]ast.Stmt{ret}, true)
		if r.refusal != nil || len(r.captures) > 0 {
			o := refuted("defer", "an early return reads what "+s.Acquire.Resource.Expr+" may guard", ret)
			return nil, &o
		}
		early = append(early, ret)
	}
	if len(early) > maxUnlocks {
		o := refuted("defer", fmt.Sprintf("%d early returns would each need an unlock", len(early)), early[0])
		return nil, &o
	}
	return early, nil
}
