package fix

import (
	"fmt"
	"go/ast"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// deferRelease turns the explicit releases into a deferred one.
//
//	Lock; A; if c { return x }; B; Unlock; return y  =>  Lock; defer Unlock; A; if c { return x }; B; return y
//
// so long as each release stands just ahead of a return that runs nothing, or at
// the end of the function, and the acquisition is no statement of a loop.
func deferRelease(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "defer", Obligation: o} }
	s := leakCase(f)
	if _, ok := f.Spots[0].(*ast.BranchStmt); ok {
		return nil, nil
	}
	if _, o := s.exit(f); o != nil {
		return refuse(*o)
	}
	es, ok := s.acquire.Stmt.(*ast.ExprStmt)
	if !ok || ast.Unparen(es.X) != s.Acquire.Node || s.acquire.Owner != s.block {
		return refuse(refuted("region", "the acquisition is no statement of the function's own block", s.Acquire.Node))
	}
	for _, o := range f.Body.Sections {
		if o != s.Section && o.Acquire.Resource.Key() == s.Acquire.Resource.Key() {
			return refuse(refuted("region", "it is acquired again", o.Acquire.Node))
		}
	}
	if d := s.deferBehind(); d != nil {
		return refuse(refuted("trailing", "another deferred call would run under the lock", d))
	}
	var steps []Step
	for _, r := range s.Releases {
		p := s.u.StmtOf(r.Node)
		if es, ok := p.Stmt.(*ast.ExprStmt); r.Defer != nil || !ok || ast.Unparen(es.X) != r.Node {
			return refuse(refuted("region", "the release is no statement of its own", r.Node))
		}
		if why, at := s.runsOn(p.Rest(), p.Owner); why != "" {
			return refuse(refuted("trailing", why, at))
		}
		steps = append(steps, Delete{Stmt: p.Stmt})
	}
	release, o := s.repeatable(s.acquire.Stmt)
	if o != nil {
		return refuse(*o)
	}
	obligations := []Obligation{
		proved("region", "it is held from there to every exit"),
		proved("once", "each release is replaced by the deferred one"),
		proved("trailing", "nothing ran behind the releases"),
		proved("names", "its names mean the same there"),
		s.onlyHere(f),
		s.handsProse(),
	}
	plan := s.plan("defer", "defer the release of "+s.Acquire.Resource.Expr, obligations)
	plan.Steps = append([]Step{Insert{At: Place{After: s.acquire.Stmt}, Code: deferred(release)}}, steps...)
	return plan, nil
}

// deferBehind is a call that is deferred behind the acquisition: it would run ahead
// of a release that is deferred there.
func (s *section) deferBehind() ast.Node {
	var at ast.Node
	ast.Inspect(s.block, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok && d.Pos() > s.Acquire.Node.Pos() {
			at = d
		}
		_, lit := n.(*ast.FuncLit)
		return !lit && at == nil
	})
	return at
}

// deferred is a deferred release.
func deferred(release ast.Expr) Code {
	call, ok := ast.Unparen(release).(*ast.CallExpr)
	if !ok {
		return Code{Text: "defer func() { _1_ }()", Args: []ast.Expr{release}}
	}
	code := Code{Args: append([]ast.Expr{call.Fun}, call.Args...)}
	var holes []string
	for i := range call.Args {
		holes = append(holes, fmt.Sprintf("_%d_", i+2))
	}
	code.Text = "defer _1_(" + strings.Join(holes, ", ") + ")"
	return code
}

// runsOn says what would newly run under the lock behind a release.
func (s *section) runsOn(rest []ast.Stmt, owner ast.Node) (string, ast.Node) {
	switch {
	case len(rest) == 0 && owner == s.block:
		return "", nil
	case len(rest) != 1:
		return "code follows the release", s.Acquire.Node
	}
	ret, ok := rest[0].(*ast.ReturnStmt)
	if !ok {
		return "code follows the release", rest[0]
	}
	for _, e := range ret.Results {
		if hasCall(e) {
			return "what is returned is computed without the lock", e
		}
	}
	return "", nil
}
