package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// relock opens the section around a wait where the section goes on.
//
//	Lock; A; O; B; Unlock      =>  Lock; A; Unlock; O; Lock; B; Unlock
//	Lock; A; x = O(); B        =>  Lock; A; x = func() T { Unlock(); defer Lock(); return O() }(); B
//
// It is never safe: what A read may be stale in B. It is offered for calls that
// wait, so long as what O reads is captured before the gap, no iteration over a
// collection is under way, and a panic in O cannot meet a deferred unlock of a
// lock that is not held: that is what the literal is for.
func (s *section) relock() (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "unlock around", Obligation: o} }
	op := s.obs[len(s.obs)-1]
	call, ok := op.Op.Node.(*ast.CallExpr)
	if s.Acquire.Resource.Sort.IsToken() || !ok || op.Class < syncapi.Waits {
		return nil, nil
	}
	st := s.u.StmtOf(call).Stmt
	if o := s.opens(op, st); o != nil {
		return refuse(*o)
	}
	out := s.leave([]ast.Stmt{&ast.ExprStmt{X: call}}, false)
	if _, conditional := st.(*ast.IfStmt); conditional {
		for _, c := range out.captures {
			if why, at := s.mayFault(c.uses[0]); why != "" {
				return refuse(refuted("operands", c.text+" would be evaluated where it may not be: "+why, at))
			}
		}
	}
	if out.refusal != nil {
		return refuse(*out.refusal)
	}
	obligations := merge(s.judge([]moved{{Observation: op}}), settled(nil)...)
	obligations = merge(obligations, out.judged...)
	obligations = merge(obligations, assumed("stale", "what was read before the gap may have changed after it", st))
	if s.defers != nil {
		obligations = merge(obligations, proved("defer", "the lock is held again whatever happens in the gap"))
	}
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	plan := s.plan("unlock around", fmt.Sprintf("unlock %s around the %s", s.Acquire.Resource.Expr, s.verb()), obligations)
	lock, unlock := s.Acquire.Node.(ast.Expr), s.releaseExpr()
	here := Place{Before: st}
	plan.Steps = out.steps(here)
	if es, alone := st.(*ast.ExprStmt); alone && ast.Unparen(es.X) == ast.Expr(call) && (s.defers == nil || s.onlyWaits(st)) {
		plan.Steps = append(plan.Steps,
			Insert{At: here, Code: Code{Text: "_1_", Args: []ast.Expr{unlock}}},
			Insert{At: Place{After: st}, Code: Code{Text: "_1_", Args: []ast.Expr{lock}}},
		)
		return plan, nil
	}
	result, ok := s.results(call)
	if es, alone := st.(*ast.ExprStmt); alone && ast.Unparen(es.X) == ast.Expr(call) {
		result, ok = "", true
	}
	if !ok {
		return refuse(refuted("names", "the type of its result cannot be spelled here", call))
	}
	text := "func() " + result + " {\n_1_\ndefer _2_()\nreturn _3_\n}()"
	if result == "" {
		text = "func() {\n_1_\ndefer _2_()\n_3_\n}()"
	}
	acquire, ok := lock.(*ast.CallExpr)
	if !ok || len(acquire.Args) > 0 {
		return refuse(refuted("region", "the acquisition takes arguments", lock))
	}
	plan.Steps = append(plan.Steps, Replace{Old: call, Code: Code{Text: text, Args: []ast.Expr{unlock, acquire.Fun, call}}})
	return plan, nil
}

// onlyWaits: the statement cannot panic, so that a deferred unlock behind it
// finds the lock held.
func (s *section) onlyWaits(st ast.Stmt) bool {
	why, _ := s.mayPanic([]ast.Stmt{st}, nil)
	return why == ""
}

// opens says what forbids a gap in the section at an operation; nil for nothing.
func (s *section) opens(op *hazard.Observation, st ast.Stmt) *Obligation {
	no := func(name, why string, at ast.Node) *Obligation {
		o := refuted(name, why, at)
		return &o
	}
	if op.Op.Defer != nil || st == nil || s.u.Enclosing(op.Op.Node) != s.fn {
		return no("region", "it does not run in the section's own function", op.Op.Node)
	}
	switch st := st.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IfStmt:
	default:
		return no("results", "what it yields is used at once", st)
	}
	for m := s.u.Parent(st); m != nil && m != s.fn; m = s.u.Parent(m) {
		if r, ok := m.(*ast.RangeStmt); ok && !contains(r, s.Acquire.Node) {
			return no("stale", types.ExprString(r.X)+" is being ranged over", r)
		}
	}
	return nil
}

// results spells the result types of a call.
func (s *section) results(call *ast.CallExpr) (string, bool) {
	switch t := s.typeOf(call).(type) {
	case *types.Tuple:
		var list []string
		for i := range t.Len() {
			text, ok := s.spell(t.At(i).Type())
			if !ok {
				return "", false
			}
			list = append(list, text)
		}
		if len(list) == 0 {
			return "", true
		}
		return "(" + strings.Join(list, ", ") + ")", true
	default:
		return s.spell(t)
	}
}
