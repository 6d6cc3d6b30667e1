package fix

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// relock opens the section around an operation where the section goes on.
//
//	Lock; A; O; B; Unlock  =>  Lock; A; Unlock; O; Lock; B; Unlock
//
// It is never safe: what A read may be stale in B. It is offered only for
// waits whose result decides nothing, so long as O reads nothing guarded, no
// iteration over a guarded collection is under way, and a panic in O cannot
// meet a deferred unlock of a lock that is not held.
func (s *section) relock() (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "unlock around", Obligation: o} }
	op := s.obs[len(s.obs)-1]
	if s.Acquire.Resource.Sort.IsToken() || op.Kind != hazard.Wait && op.Kind != hazard.Sleep {
		return nil, nil
	}
	st := s.u.StmtOf(op.Op.Node).Stmt
	es, ok := st.(*ast.ExprStmt)
	if !ok || ast.Unparen(es.X) != op.Op.Node || op.Op.Defer != nil || s.u.Enclosing(op.Op.Node) != s.fn {
		return refuse(refuted("results", "what it yields is used", st))
	}
	for m := s.u.Parent(st); m != nil && m != s.fn; m = s.u.Parent(m) {
		if r, ok := m.(*ast.RangeStmt); ok && !contains(r, s.Acquire.Node) {
			return refuse(refuted("stale", types.ExprString(r.X)+" is being ranged over", r))
		}
	}
	out := s.leave([]ast.Stmt{st}, false)
	if out.refusal != nil {
		return refuse(*out.refusal)
	}
	obligations := merge(s.judge([]moved{{Observation: op}}), settled(nil)...)
	obligations = merge(obligations, assumed("stale", "what was read before the gap may have changed after it", st))
	if s.defers != nil {
		obligations = merge(obligations, proved("defer", "the wait cannot panic"))
	}
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	plan := s.plan("unlock around", fmt.Sprintf("unlock %s around the %s", s.Acquire.Resource.Expr, s.verb()), obligations)
	plan.Steps = out.steps(Place{Before: st})
	plan.Steps = append(plan.Steps,
		Insert{At: Place{Before: st}, Code: Code{Text: "_1_", Args: []ast.Expr{s.releaseExpr()}}},
		Insert{At: Place{After: st}, Code: Code{Text: "_1_", Args: []ast.Expr{s.Acquire.Node.(ast.Expr)}}},
	)
	return plan, nil
}
