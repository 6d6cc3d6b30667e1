package fix

import (
	"fmt"
	"go/ast"
	"go/token"
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
	if v := s.fromToken(p.Stmt); v != nil {
		return refuse(refuted("operands", v.Name()+" comes from "+s.Acquire.Resource.Expr+", and may be reused once that is given back", p.Stmt))
	}
	out := s.leave([]ast.Stmt{p.Stmt}, false)
	if out.refusal != nil {
		return refuse(*out.refusal)
	}
	obligations := merge(s.judge([]moved{{Observation: last}}), settled(out)...)
	if o := s.lends(p.Stmt); o != nil {
		obligations = merge(obligations, *o)
	}
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
	plan.Steps = append(out.steps(Place{Before: p.Stmt}), steps...)
	return plan, nil
}

// fromToken returns a variable in a statement whose value was computed from the
// token: a buffer, say, that goes back with it.
func (s *section) fromToken(st ast.Stmt) *types.Var {
	var found *types.Var
	seen := map[*types.Var]bool{}
	var derived func(n ast.Node) bool
	derived = func(n ast.Node) bool {
		is := false
		ast.Inspect(n, func(m ast.Node) bool {
			id, ok := m.(*ast.Ident)
			if !ok || is {
				return !is
			}
			v, ok := s.info.Uses[id].(*types.Var)
			if !ok || v.IsField() || seen[v] {
				return true
			}
			seen[v] = true
			for _, w := range s.u.Writes(v) {
				if w.Value != nil && w.Node.Pos() > s.Acquire.Node.Pos() && w.Node != s.acquire.Stmt && (s.mentionsToken(w.Value) || derived(w.Value)) {
					found, is = v, true
				}
			}
			return !is
		})
		return is
	}
	derived(st)
	return found
}

// lends: a token that came with an item guards it; what an operation gets by
// reference is read after the token went back.
func (s *section) lends(st ast.Stmt) *Obligation {
	if s.Acquire.Resource.Sort != lockset.Token {
		return nil
	}
	var args []ast.Expr
	switch st := st.(type) {
	case *ast.SendStmt:
		args = []ast.Expr{st.Value}
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(st.X).(*ast.CallExpr); ok {
			args = call.Args
		}
	}
	for _, e := range args {
		if lent := s.lent(e); lent != nil {
			o := assumed("not-needed", types.ExprString(lent)+" may be reused once "+s.Acquire.Resource.Expr+" is given back", lent)
			return &o
		}
	}
	return nil
}

// lent finds in a value what leads to an object that was not made here: a field
// of the item, or the item itself.
func (s *section) lent(e ast.Expr) ast.Expr {
	var found ast.Expr
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr, *ast.FuncLit:
			return false // what a call yields is taken to be made by it
		case *ast.KeyValueExpr:
			if found == nil {
				found = s.lent(n.Value)
			}
			return false
		case *ast.SelectorExpr:
			if sel := s.info.Selections[n]; sel != nil && sel.Kind() == types.FieldVal && leads(s.typeOf(n)) {
				found = n
			}
			return false
		case *ast.Ident:
			if v, ok := s.info.Uses[n].(*types.Var); ok && leads(v.Type()) && !s.madeHere(v) {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// leads reports whether a value of a type leads to what others may hold.
func leads(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map:
		return true
	}
	return false
}

// madeHere: a local variable that got its values from calls and literals.
func (s *section) madeHere(v *types.Var) bool {
	if v.IsField() || s.isParam(v) {
		return false
	}
	for _, w := range s.u.Writes(v) {
		switch value := ast.Unparen(w.Value).(type) {
		case *ast.CallExpr, *ast.CompositeLit:
		case *ast.UnaryExpr:
			if value.Op == token.ARROW {
				return false
			}
		default:
			return false
		}
	}
	return true
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
