package fix

import (
	"go/ast"
	"go/token"
	"go/types"
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
//	Lock; a := &T{f: v}; x := a.O()  =>  a := &T{f: v}; x := a.O(); Lock
//
// so long as nothing stands between the two but what wraps up values for it, and
// receiver and arguments are the same there (operands). What O found may have changed when the lock is there:
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
	r := s.leave(nil, false)
	switch {
	case p.Owner != s.acquire.Owner || p.Index < next || slices.ContainsFunc(p.List[next:p.Index], func(st ast.Stmt) bool { return !s.wraps(st, r) }):
		return refuse("region", "it does not follow the acquisition", call)
	case !isWhole(p.Stmt, call):
		return refuse("region", "it is no statement of its own", p.Stmt)
	}
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
	plan.Steps = []Step{Move{Stmts: p.List[next : p.Index+1], At: Place{Before: s.acquire.Stmt}}}
	return plan, nil
}

// wraps reports whether a statement defines a variable by a literal made of values
// that are the same before the lock, or by a function that does no more.
func (s *section) wraps(st ast.Stmt, r *region) bool {
	def, ok := st.(*ast.AssignStmt)
	if !ok || def.Tok != token.DEFINE || len(def.Lhs) != 1 || len(def.Rhs) != 1 {
		return false
	}
	given := literalOf(def.Rhs[0])
	if call, ok := ast.Unparen(def.Rhs[0]).(*ast.CallExpr); ok {
		fns := s.pkg.Callees(call)
		if len(fns) != 1 || fns[0].Signature().Recv() != nil || !onlyWraps(s.info, s.u.FuncDecl(fns[0])) {
			return false
		}
		given = call.Args
	} else if given == nil {
		return false
	}
	return !slices.ContainsFunc(given, func(e ast.Expr) bool { return !r.fixed(e) })
}

// onlyWraps: the function returns a literal made of its parameters.
func onlyWraps(info *types.Info, fd *ast.FuncDecl) bool {
	if fd == nil || fd.Body == nil || len(fd.Body.List) != 1 {
		return false
	}
	ret, ok := fd.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	given := literalOf(ret.Results[0])
	return given != nil && !slices.ContainsFunc(given, func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := info.Uses[id].(*types.Var)
		return !ok || v.Parent() == v.Pkg().Scope()
	})
}

// literalOf lists what a composite literal, or one whose address is taken, is
// made of; nil for anything else.
func literalOf(e ast.Expr) []ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.AND {
		e = u.X
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return nil
	}
	out := []ast.Expr{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			e = kv.Value
		}
		out = append(out, e)
	}
	return out
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
	plan.Strategy = "call after"
	plan.Obligations = merge(plan.Obligations, assumed("stale", "others may get in before it", f.Node))
	return plan, nil
}
