package fix

import (
	"go/ast"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// outside looks at a call that is to leave the section whose lock it takes.
func outside(f *hazard.Fault, strategy string) (*section, uses.Place, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*section, uses.Place, *Refusal) {
		return nil, uses.Place{}, &Refusal{Strategy: strategy, Obligation: refuted(name, why, at)}
	}
	if f.Section == nil || len(f.Chain) == 0 {
		return refuse("region", "the lock is taken again right here", f.Node)
	}
	o := &hazard.Observation{Pkg: f.Pkg, Body: f.Body, Section: f.Section, Kind: hazard.Call, Ends: hazard.Call, Class: syncapi.Locks}
	for _, op := range f.Body.Ops {
		if op.Node == f.Node {
			o.Op = op
		}
	}
	if o.Op == nil || o.Op.Defer != nil {
		return refuse("region", "the call is deferred", f.Node)
	}
	for _, h := range o.Op.State.Held() {
		if slices.Contains(h.From, f.Section.Acquire) {
			o.Held = h
		} else {
			o.Others = append(o.Others, h)
		}
	}
	s, refusal := newCase([]*hazard.Observation{o})
	if refusal != nil {
		refusal.Strategy = strategy
		return nil, uses.Place{}, refusal
	}
	s.retakes, _ = f.Node.(*ast.CallExpr)
	return s, f.Pkg.Uses.StmtOf(f.Node), nil
}

// callBefore moves a call ahead of the acquisition that it follows.
//
//	Lock; x := O                =>  x := O; Lock
//	Lock; defer Unlock; x := O  =>  x := O; Lock; defer Unlock
//
// so long as nothing stands between the two, and receiver and arguments are the
// same there (operands). What O found may have changed when the lock is there:
// stale is assumed.
func callBefore(f *hazard.Fault) (*Plan, *Refusal) {
	s, p, refusal := outside(f, "call before")
	if refusal != nil {
		return nil, refusal
	}
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "call before", Obligation: refuted(name, why, at)}
	}
	next := s.acquire.Index + 1
	if s.defers != nil && next < len(p.List) && p.List[next] == ast.Stmt(s.defers) {
		next++
	}
	call := f.Node.(*ast.CallExpr)
	switch {
	case p.Owner != s.acquire.Owner || p.Index != next:
		return refuse("region", "it does not follow the acquisition", call)
	case !isWhole(p.Stmt, call):
		return refuse("region", "it is no statement of its own", p.Stmt)
	}
	r := s.leave(nil, false)
	operands := call.Args
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		operands = append([]ast.Expr{sel.X}, call.Args...)
	}
	for _, e := range operands {
		if _, literal := e.(*ast.BasicLit); !literal && !r.fixed(e) {
			return refuse("operands", "what it is given may be another before "+s.Acquire.Resource.Expr+" is locked", e)
		}
	}
	obligations := []Obligation{
		proved("region", "it follows the acquisition"),
		proved("once", "it runs as often as before"),
		proved("operands", "receiver and arguments are the same there"),
		proved("results", "what it yields is there before it is used"),
		assumed("stale", "what it yields may be old when "+s.Acquire.Resource.Expr+" is locked", call),
		s.prose(),
	}
	plan := s.plan("call before", "call it before "+s.Acquire.Resource.Expr+" is locked", obligations)
	plan.Steps = []Step{Move{Stmts: []ast.Stmt{p.Stmt}, At: Place{Before: s.acquire.Stmt}}}
	return plan, nil
}

// isWhole reports whether a statement is a call, or defines variables by it, and
// nothing else.
func isWhole(st ast.Stmt, call *ast.CallExpr) bool {
	switch st := st.(type) {
	case *ast.ExprStmt:
		return st.X == call
	case *ast.AssignStmt:
		return st.Tok.String() == ":=" && len(st.Rhs) == 1 && st.Rhs[0] == call
	}
	return false
}

// callAfter moves a call that is the last thing in a section behind the release.
//
//	Lock; A; O; Unlock        =>  Lock; A; Unlock; O
//	Lock; defer Unlock; A; O  =>  Lock; A; Unlock; O
//
// under the conditions of [section.move]. Others may get in between the release
// and O: stale is assumed.
func callAfter(f *hazard.Fault) (*Plan, *Refusal) {
	s, p, refusal := outside(f, "call after")
	if refusal != nil {
		return nil, refusal
	}
	last := s.defers != nil && p.Owner == s.block && p.Index == len(p.List)-1
	if r, between := s.release(p); r != nil && len(between) == 0 {
		last = true
	}
	if !last {
		return nil, &Refusal{Strategy: "call after", Obligation: refuted("trailing", "it is not the last thing in the section", p.Stmt)}
	}
	plan, refusal := s.move()
	if plan == nil {
		if refusal != nil {
			refusal.Strategy = "call after"
		}
		return nil, refusal
	}
	for i, o := range plan.Obligations {
		if o.Name == "not-needed" && f.Pkg.Reach(s.retakes) != "foreign" {
			plan.Obligations[i] = proved("not-needed", "it takes the lock itself")
		}
	}
	plan.Obligations = merge(plan.Obligations, assumed("stale", "others may get in before it", f.Node))
	return plan, nil
}
