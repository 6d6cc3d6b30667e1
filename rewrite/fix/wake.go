package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// deferWhole registers an operation ahead of the lock, so that it runs after
// the deferred unlock on every return and panic.
//
//	Lock; defer Unlock; A; O; T  =>  var wake bool; defer func() { if wake { O } }(); Lock; defer Unlock; A; wake = true; T
//
// so long as O runs at most once, what it needs is there ahead of the lock or
// captured where it stood, and what follows it depends on nothing that it does.
func (s *section) deferWhole(p uses.Place, units []ast.Stmt) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "deferred wake", Obligation: o} }
	unit, last := units[0], units[len(units)-1]
	if from := slices.Index(p.List, unit); !slices.Equal(p.List[from:from+len(units)], units) {
		return nil, nil // other statements stand between
	}
	if loop := s.loopAround(unit); loop != nil && contains(s.block, loop) && !s.returnsNext(p, last) {
		return refuse(refuted("once", "it may run many times", loop))
	}
	if _, ok := last.(*ast.ReturnStmt); ok {
		return refuse(refuted("results", "its result is returned", last))
	}
	if o := s.canDefer(); o != nil {
		return refuse(*o)
	}
	out := s.leave(units, false)
	if out.refusal != nil {
		return refuse(*out.refusal)
	}
	if out.results || len(units) == 1 && definesFor(unit) {
		return refuse(refuted("results", "what it yields is used in the section", unit))
	}
	if why, at := s.calmAfter(last, out); why != "" {
		return refuse(refuted("trailing", why, at))
	}
	if s.goesOn(last) {
		s.mayBreakOff(out)
	}
	obligations := merge(s.judge(s.movedOps(units, out)), settled(out)...)
	obligations = merge(obligations, proved("defer", "the release stays deferred, the wake is deferred ahead of it"))
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	if o := s.emptied(units, out); o != nil {
		return refuse(*o)
	}
	wake := s.fresh("wake")
	plan := s.plan("deferred wake", fmt.Sprintf("defer the %s ahead of the lock", s.verb()), obligations)
	plan.Imports = out.imports()
	top, here := Place{Before: s.acquire.Stmt}, Place{Before: unit}
	d := out.main()
	switch inScope := s.inScope(out); {
	case inScope && len(out.captures) == 0 && (d == nil || len(out.detached) == 1 && d.asIs()):
		plan.Steps = []Step{
			Insert{At: top, Code: Code{Text: "var " + wake + " bool"}},
			Insert{At: here, Code: Code{Text: wake + " = true"}},
			Move{Stmts: units, At: top},
			Enclose{First: unit, Last: last, Code: Code{Text: "defer func() {\nif " + wake + " {\n_body_\n}\n}()"}},
		}
	case inScope && len(out.captures) == 0 && len(units) == 1 && d != nil && d.def == nil && !d.values && d.loop == "" && s.canSpell(d.x):
		t, _ := s.spell(s.typeOf(d.x))
		value := "_1_"
		if d.how == "clone" {
			value = d.code
		}
		plan.Steps = []Step{
			Insert{At: top, Code: Code{Text: "var " + wake + " " + t}},
			Insert{At: here, Code: Code{Text: wake + " = " + value, Args: []ast.Expr{d.x}}},
		}
		plan.Steps = append(plan.Steps, d.replaced()...)
		plan.Steps = append(plan.Steps,
			Replace{Old: d.rng.X, Code: Code{Text: wake}},
			Move{Stmts: units, At: top},
			Enclose{First: unit, Last: last, Code: Code{Text: "defer func() {\n_body_\n}()"}},
		)
	default:
		plan.Steps = append([]Step{Insert{At: top, Code: Code{Text: "var " + wake + " func()\ndefer func() {\nif " + wake + " != nil {\n" + wake + "()\n}\n}()"}}}, s.detachSteps(out, here)...)
		plan.Steps = append(plan.Steps, out.steps(here)...)
		plan.Steps = append(plan.Steps, Enclose{First: unit, Last: last, Code: Code{Text: wake + " = func() {\n_body_\n}"}})
	}
	return plan, nil
}

func (s *section) canSpell(x ast.Expr) bool {
	_, ok := s.spell(s.typeOf(x))
	return ok
}

// canDefer: a wake can be registered ahead of the lock, and no other deferred
// call comes between it and the release.
func (s *section) canDefer() *Obligation {
	if s.defers == nil {
		return nil
	}
	if loop := s.loopAround(s.Acquire.Node); loop != nil {
		o := refuted("defer", "the section is in a loop", loop)
		return &o
	}
	var other *ast.DeferStmt
	ast.Inspect(s.block, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok && d != s.defers && d.Pos() > s.Acquire.Node.Pos() {
			other = d
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	if other != nil {
		o := refuted("defer", "another call is deferred after the release", other)
		return &o
	}
	return nil
}

// definesFor reports whether a statement defines or sets variables that others
// may read.
func definesFor(st ast.Stmt) bool {
	as, ok := st.(*ast.AssignStmt)
	if !ok {
		_, decl := st.(*ast.DeclStmt)
		return decl
	}
	for _, l := range as.Lhs {
		if id, ok := l.(*ast.Ident); !ok || id.Name != "_" {
			return true
		}
	}
	return false
}

// calmAfter looks at everything that runs after a statement until the function
// returns.
func (s *section) calmAfter(unit ast.Stmt, out *region) (string, ast.Node) {
	for _, p := range s.climb(unit) {
		c := s.newCalmness(out)
		c.returns = true
		for _, st := range p.Rest() {
			c.stmt(st)
		}
		if c.why != "" {
			return c.why, c.at
		}
		if rest := p.Rest(); len(rest) > 0 && isReturn(rest[len(rest)-1]) {
			return "", nil // nothing else runs after it
		}
	}
	return "", nil
}

// goesOn reports whether anything but a return runs after a statement.
func (s *section) goesOn(unit ast.Stmt) bool {
	for _, p := range s.climb(unit) {
		for _, st := range p.Rest() {
			return !isReturn(st) || len(st.(*ast.ReturnStmt).Results) > 0
		}
	}
	return false
}

// returnsNext: what follows a statement in its list runs to a return, without a
// branch that could lead back to it.
func (s *section) returnsNext(p uses.Place, last ast.Stmt) bool {
	rest := p.List[slices.Index(p.List, last)+1:]
	if len(rest) == 0 || !isReturn(rest[len(rest)-1]) {
		return false
	}
	for _, st := range rest {
		branches := false
		ast.Inspect(st, func(n ast.Node) bool {
			_, b := n.(*ast.BranchStmt)
			branches = branches || b
			return !branches
		})
		if branches {
			return false
		}
	}
	return true
}

// inScope reports whether what a region names is declared ahead of the
// acquisition: variables, constants and types.
func (s *section) inScope(out *region) bool {
	ok := true
	for _, st := range out.stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			id, isIdent := n.(*ast.Ident)
			if !isIdent {
				return ok
			}
			obj := s.info.Uses[id]
			if obj == nil || out.own[obj] || !s.isLocal(obj) {
				return ok
			}
			if obj.Pos() > s.Acquire.Node.Pos() || obj.Parent() != nil && !obj.Parent().Contains(s.Acquire.Node.Pos()) {
				ok = false
			}
			return ok
		})
	}
	return ok
}

// isLocal reports whether a name is declared in a function.
func (s *section) isLocal(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Var:
		if obj.IsField() {
			return false
		}
	case *types.Const, *types.TypeName:
	default:
		return false
	}
	return obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope()
}
