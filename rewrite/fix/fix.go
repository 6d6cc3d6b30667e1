package fix

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// Decide plans one edit for the observations of one critical section. All of
// them are of that section; the edit is for as many of them as one move can
// take, the last ones first, so that operations keep their order. No plan means
// that each strategy was refused, and why.
func Decide(obs []*hazard.Observation) (*Plan, []Refusal) {
	if isLent(obs[0]) {
		return handUp(obs)
	}
	c, refusal := newCase(obs)
	if refusal != nil {
		return nil, []Refusal{*refusal}
	}
	if c.gapped {
		plan, refusal := c.deferAcross()
		if refusal != nil {
			return nil, []Refusal{*refusal}
		}
		return plan, nil
	}
	var refusals []Refusal
	for _, try := range []func(*section) (*Plan, *Refusal){(*section).releaseToken, (*section).move, (*section).gather, (*section).batch, (*section).relock} {
		plan, refusal := try(c)
		if plan != nil {
			return plan, nil
		}
		if refusal != nil {
			refusals = append(append(refusals, *refusal), refusal.Others...)
		}
	}
	return nil, refusals
}

// A section is one critical section with what the strategies need to know.
type section struct {
	*lockset.Section
	pkg  *summary.Package
	u    *uses.Index
	info *types.Info
	file *source.File
	obs  []*hazard.Observation // in source order
	ops  map[ast.Node]*hazard.Observation

	fn       ast.Node       // the function or literal that the acquisition stands in
	block    *ast.BlockStmt // its body
	acquire  uses.Place     // the statement that acquires
	defers   *ast.DeferStmt // the one deferred release; nil if all are explicit
	gapped   bool           // the lock is released and taken again before the deferred release
	borrowed bool           // the caller took the lock and will release it: the section is the whole function
	taken    map[string]bool
	retakes  *ast.CallExpr // the call that is to move takes the lock itself; nil if none does
}

// newCase checks what every strategy needs.
func newCase(obs []*hazard.Observation) (*section, *Refusal) {
	o := obs[0]
	refuse := func(name, why string, at ast.Node) (*section, *Refusal) {
		return nil, &Refusal{Obligation: Obligation{Name: name, Status: Refuted, Reason: why, At: at}}
	}
	inherited := inherit(o)
	if o.Section == nil && inherited == nil {
		return refuse("region", o.Held.Expr+" is held by the caller: "+o.Held.Caller, o.Op.Node)
	}
	s := &section{Section: o.Section, pkg: o.Pkg, u: o.Pkg.Uses, info: o.Pkg.Src.Info, obs: obs, ops: map[ast.Node]*hazard.Observation{}, taken: map[string]bool{}}
	for _, o := range obs {
		s.ops[o.Op.Node] = o
	}
	if inherited != nil {
		s.Section = inherited
	} else {
		s.spanGaps(o)
	}
	acq := s.Acquire
	s.file = s.pkg.Src.File(acq.Node.Pos())
	s.fn = s.u.Enclosing(acq.Node)
	switch fn := s.fn.(type) {
	case *ast.FuncDecl:
		s.block = fn.Body
	case *ast.FuncLit:
		s.block = fn.Body
	}
	switch {
	case s.block == nil || s.file == nil:
		return refuse("region", "the section is not in a function body", acq.Node)
	case !o.Held.Must:
		return refuse("region", o.Held.Expr+" is held on some paths only", acq.Node)
	case s.gapped || inherited != nil:
	case len(o.Held.From) != 1 || s.Mixed:
		return refuse("region", "one release ends more than one acquisition of "+o.Held.Expr, acq.Node)
	case acq.Kind == syncapi.Try || isTryCall(acq.Node):
		return refuse("region", "TryLock may not have acquired "+o.Held.Expr, acq.Node)
	case !acq.Resource.Stable:
		return refuse("region", o.Held.Expr+" may be another lock the next time it is evaluated", acq.Node)
	case s.Leaks || len(s.Releases) == 0:
		return refuse("region", o.Held.Expr+" is handed over still held", acq.Node)
	case hasGoto(s.block):
		return refuse("region", "a goto jumps in the function", s.block)
	}
	for _, op := range s.Ops {
		for _, a := range s.pkg.Acts(s.Body, op) {
			if a.Kind == summary.CondWait {
				return refuse("region", "the section waits on a condition, which opens it", op.Node)
			}
		}
	}
	if len(o.Others) > 0 {
		return refuse("outer", o.Others[0].Expr+" would still be held", acq.Node)
	}
	return s.releases(refuse)
}

// releases looks at how the section ends.
func (s *section) releases(refuse func(string, string, ast.Node) (*section, *Refusal)) (*section, *Refusal) {
	s.acquire = s.u.StmtOf(s.Acquire.Node)
	if s.acquire.Stmt == nil {
		return refuse("region", "the acquisition is no statement of its own", s.Acquire.Node)
	}
	if s.gapped {
		if s.releaseExpr() == nil {
			return refuse("region", "the deferred release does more than release, or goes through a function value", s.defers)
		}
		return s, nil
	}
	for _, r := range s.Releases {
		if r.Via != nil && !s.onlyReleases(r.Via) {
			return refuse("region", s.pkg.FuncName(r.Via)+" does more than release it", r.Node)
		}
		if r.Defer != nil {
			if s.defers != nil && s.defers != r.Defer {
				return refuse("region", "two deferred calls release it", r.Defer)
			}
			s.defers = r.Defer
			continue
		}
		if s.u.Enclosing(r.Node) != s.fn {
			return refuse("region", "it is released inside a function literal", r.Node)
		}
		if _, ok := s.u.StmtOf(r.Node).Stmt.(*ast.ExprStmt); !ok && r.Resource.Sort != lockset.ChanSem {
			return refuse("region", "the release is no statement of its own", r.Node)
		}
		if isFuncValue(s.info, r.Node) {
			return refuse("region", "it is released through a function value", r.Node)
		}
	}
	if s.defers != nil {
		if len(s.Releases) > 1 {
			return refuse("region", "it is released by a deferred call and explicitly", s.defers)
		}
		if s.releaseExpr() == nil {
			return refuse("region", "the deferred release does more than release, or goes through a function value", s.defers)
		}
		if s.u.StmtOf(s.defers).Owner != s.acquire.Owner || s.defers.Pos() < s.Acquire.Node.Pos() {
			return refuse("region", "the deferred release is not registered beside the acquisition", s.defers)
		}
	}
	return s, nil
}

// onlyReleases: a helper that releases for its caller has nothing else to do.
func (s *section) onlyReleases(fn *types.Func) bool {
	fd := s.u.FuncDecl(fn)
	return fd == nil || fd.Body == nil || len(fd.Body.List) == 1
}

// releaseExpr is the expression that gives the resource back: the call of
// Unlock, or the receive or the call inside of a deferred literal that does
// nothing else.
func (s *section) releaseExpr() ast.Expr {
	if s.defers == nil {
		e, _ := s.Releases[0].Node.(ast.Expr)
		return e
	}
	call := s.defers.Call
	lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit)
	if !ok {
		if isFuncValue(s.info, call) {
			return nil
		}
		return call
	}
	if len(lit.Body.List) != 1 || len(call.Args) > 0 {
		return nil
	}
	if st, ok := lit.Body.List[0].(*ast.ExprStmt); ok && !isFuncValue(s.info, st.X) {
		return st.X
	}
	return nil
}

// isFuncValue: unlock() after unlock := s.lock(), and s.lock()().
func isFuncValue(info *types.Info, n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		_, isVar := info.Uses[fun].(*types.Var)
		return isVar
	case *ast.CallExpr:
		return true
	}
	return false
}

func isTryCall(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "TryLock" || sel.Sel.Name == "TryRLock" || sel.Sel.Name == "TryAcquire")
}

func hasGoto(b *ast.BlockStmt) bool {
	found := false
	ast.Inspect(b, func(n ast.Node) bool {
		if br, ok := n.(*ast.BranchStmt); ok && br.Tok.String() == "goto" {
			found = true
		}
		return !found
	})
	return found
}

// release finds the explicit release that follows a statement in its own list,
// and the statements between the two.
func (s *section) release(p uses.Place) (r ast.Stmt, between []ast.Stmt) {
	if p.Stmt == nil {
		return nil, nil
	}
	for i, st := range p.Rest() {
		for _, rel := range s.Releases {
			if rel.Defer == nil && s.u.StmtOf(rel.Node).Stmt == st {
				return st, p.Rest()[:i]
			}
		}
	}
	return nil, nil
}

// climb lists the statements around a node that stand in statement lists, from
// the innermost to the one in the list of the function's body, without leaving
// the function.
func (s *section) climb(n ast.Node) []uses.Place {
	var out []uses.Place
	for {
		p := s.u.StmtOf(n)
		if p.Stmt == nil || s.u.Enclosing(p.Stmt) != s.fn {
			return out
		}
		out = append(out, p)
		if p.Owner == s.block {
			return out
		}
		n = p.Owner
	}
}

// contains reports whether a node lies inside another.
func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

func isLoop(n ast.Stmt) bool {
	if l, ok := n.(*ast.LabeledStmt); ok {
		n = l.Stmt
	}
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

func unlabel(n ast.Stmt) ast.Stmt {
	if l, ok := n.(*ast.LabeledStmt); ok {
		return l.Stmt
	}
	return n
}

// fresh reserves a new variable name.
func (s *section) fresh(base string) string {
	name := source.FreshName(s.pkg.Src, s.file, s.fn, base, s.taken)
	s.taken[name] = true
	return name
}

// plan starts a plan of a strategy with the obligations that hold by the way
// the strategies work.
func (s *section) plan(strategy, title string, obligations []Obligation) *Plan {
	decl := s.u.Decl(s.Acquire.Node)
	p := &Plan{Strategy: strategy, Title: title, Decl: decl, Obligations: obligations}
	slices.SortStableFunc(p.Obligations, func(a, b Obligation) int { return rankOf(a.Name) - rankOf(b.Name) })
	return p
}
