package fix

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

// releaseToken gives a token back before the operation.
//
//	acquire; A; O; release         =>  acquire; A; release; O
//	acquire; defer release; A; O   =>  acquire; A; release; O
//
// so long as nothing between the new place and the old one uses the token. A
// token that came with an item bounds nothing; a counting slot bounds the work
// in flight, and giving it back earlier loosens that: assumed.
func (s *section) releaseToken() (*Plan, *Refusal) {
	if !s.Acquire.Resource.Sort.IsToken() {
		return nil, nil
	}
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "release earlier", Obligation: o} }
	last := s.obs[len(s.obs)-1]
	places := s.climb(last.Op.Node)
	if last.Op.Defer != nil || len(places) == 0 {
		return refuse(refuted("region", "it does not run in the section's own function", last.Op.Node))
	}
	p := places[0]
	if s.u.StmtOf(last.Op.Node).Stmt != p.Stmt || isLoop(p.Stmt) {
		return refuse(refuted("region", "it is no statement of its own", p.Stmt))
	}
	if _, ok := p.Stmt.(*ast.ExprStmt); !ok {
		if _, ok := p.Stmt.(*ast.SendStmt); !ok {
			return refuse(refuted("results", "what it yields is used while the token is held", p.Stmt))
		}
	}
	if s.mentionsToken(p.Stmt) {
		return refuse(refuted("operands", s.Acquire.Resource.Expr+" is part of the operation", p.Stmt))
	}
	obligations := merge(s.judge([]moved{{Observation: last}}), settled(nil)...)
	if s.Acquire.Resource.Sort == lockset.Token {
		obligations = merge(obligations, proved("bound", "the token came with the item"))
	} else {
		obligations = merge(obligations, assumed("bound", "a slot given back earlier lets more work in flight", s.Acquire.Node))
	}
	steps, o := s.earlierRelease(p.Stmt)
	if o != nil {
		return refuse(*o)
	}
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	plan := s.plan("release earlier", fmt.Sprintf("give %s back before the %s", s.Acquire.Resource.Expr, s.verb()), obligations)
	plan.Steps = steps
	return plan, nil
}

// earlierRelease puts the release before a statement.
func (s *section) earlierRelease(st ast.Stmt) ([]Step, *Obligation) {
	p := s.u.StmtOf(st)
	no := func(name, why string, at ast.Node) ([]Step, *Obligation) {
		o := refuted(name, why, at)
		return nil, &o
	}
	if s.defers == nil {
		r, between := s.release(p)
		if r == nil {
			return no("region", "it is not followed by the release in its own block", st)
		}
		for _, b := range between {
			if s.mentionsToken(b) {
				return no("trailing", "the token is used behind it", b)
			}
			if leaves(b) {
				return no("region", "a path leaves before the release", b)
			}
		}
		return []Step{Move{Stmts: []ast.Stmt{r}, At: Place{Before: st}}}, nil
	}
	if p.Owner != s.block || s.acquire.Owner != s.block {
		return no("region", "it is not at the end of the function", st)
	}
	if why, at := s.mayPanic(s.block.List[s.acquire.Index+1:p.Index], &region{stmts: []ast.Stmt{s.defers}}); why != "" {
		return no("defer", why, at)
	}
	for _, b := range p.Rest() {
		if s.mentionsToken(b) {
			return no("trailing", "the token is used behind it", b)
		}
	}
	var steps []Step
	early, o := s.earlyReturns(&region{stmts: p.List[p.Index:]})
	if o != nil {
		return nil, o
	}
	for _, ret := range early {
		steps = append(steps, Insert{At: Place{Before: ret}, Code: Code{Text: "_1_", Args: []ast.Expr{s.releaseExpr()}}})
	}
	return append(steps, s.undefer(Place{Before: st})...), nil
}

// mentionsToken reports whether a statement uses the variable or channel that
// the token is.
func (s *section) mentionsToken(n ast.Node) bool {
	root := s.Acquire.Resource.Root
	field := s.Acquire.Resource.Field()
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		if !ok {
			return !found
		}
		obj := s.info.Uses[id]
		if v, ok := obj.(*types.Var); ok && (types.Object(v.Origin()) == field || s.Acquire.Resource.Sort == lockset.Token && len(s.Acquire.Resource.Fields) == 0 && obj == root) {
			found = true
		}
		return !found
	})
	return found
}
