package fix

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

type obsv = *hazard.Observation

// A form is how the wakes are written: how they are declared, noted where the
// operation stood, and done in the end around _body_.
type form struct {
	declare, note, around string
	steps                 []Step // to the operation itself
	call                  bool   // the operation stays inside of note, which is wrapped around it
}

// write adds the steps of a gathering to a plan.
func (g *gathering) write(plan *Plan, explicit bool) {
	s := g.s
	wake := s.fresh("wake")
	f := g.form(wake)
	here := Place{Before: g.stmt}
	top := Place{Before: g.top.Stmt}
	end := Place{After: g.release}
	var undefer []Step
	switch {
	case !explicit:
		top = Place{Before: s.acquire.Stmt}
		end = top
		f.around = "defer func() {\n" + f.around + "\n}()"
	case g.release == nil:
		last := s.block.List[len(s.block.List)-1]
		end = Place{End: s.block}
		if ret, ok := last.(*ast.ReturnStmt); ok {
			end = Place{Before: ret}
		}
		early, _ := s.earlyReturns(&region{stmts: []ast.Stmt{g.top.Stmt, last}})
		for _, ret := range early {
			undefer = append(undefer, Insert{At: Place{Before: ret}, Code: Code{Text: "_1_", Args: []ast.Expr{s.releaseExpr()}}})
		}
		undefer = append(undefer, s.undefer(end)...)
	}
	plan.Steps = append(plan.Steps, Insert{At: top, Code: Code{Text: f.declare}})
	plan.Steps = append(plan.Steps, undefer...)
	plan.Steps = append(plan.Steps, f.steps...)
	if f.call {
		plan.Steps = append(plan.Steps, Insert{At: end, Code: Code{Text: f.around}}, Enclose{First: g.stmt, Last: g.stmt, Code: Code{Text: f.note}})
		return
	}
	var args []ast.Expr
	if len(g.elems) == 1 {
		args = []ast.Expr{g.elems[0].expr}
	}
	// The note is written first: it copies the operand as it was.
	plan.Steps = append(plan.Steps[:len(plan.Steps)-len(f.steps)], append([]Step{Insert{At: here, Code: Code{Text: f.note, Args: args}}}, f.steps...)...)
	plan.Steps = append(plan.Steps, Move{Stmts: []ast.Stmt{g.stmt}, At: end}, Enclose{First: g.stmt, Last: g.stmt, Code: Code{Text: f.around}})
}

// form chooses how the wakes are written.
func (g *gathering) form(wake string) form {
	s := g.s
	loop := len(g.loops) > 0
	switch {
	case g.closure:
	case len(g.elems) == 0 && loop:
		return form{declare: "var " + wake + " int", note: wake + "++", around: "for ; " + wake + " > 0; " + wake + "-- {\n_body_\n}"}
	case len(g.elems) == 0:
		return form{declare: "var " + wake + " bool", note: wake + " = true", around: "if " + wake + " {\n_body_\n}"}
	case len(g.elems) == 1 && loop:
		e := g.elems[0]
		t, _ := s.spell(e.t)
		name := types.ExprString(e.expr)
		var steps []Step
		if e.v == nil || s.declaredAtEnd(name) {
			name = s.fresh(baseName(e.expr))
			for _, u := range e.uses {
				steps = append(steps, Replace{Old: u, Code: Code{Text: name}})
			}
		}
		return form{declare: "var " + wake + " []" + t, note: wake + " = append(" + wake + ", _1_)", around: "for _, " + name + " := range " + wake + " {\n_body_\n}", steps: steps}
	}
	var steps []Step
	for _, c := range g.out.captures {
		c.name = s.fresh(baseName(c.uses[0]))
		steps = append(steps, Insert{At: Place{Before: g.stmt}, Code: Code{Text: c.name + " := _1_", Args: []ast.Expr{c.uses[0]}}})
		for _, u := range c.uses {
			steps = append(steps, Replace{Old: u, Code: Code{Text: c.name}})
		}
	}
	if loop {
		name := s.fresh("f")
		return form{declare: "var " + wake + " []func()", note: wake + " = append(" + wake + ", func() {\n_body_\n})", around: "for _, " + name + " := range " + wake + " {\n" + name + "()\n}", steps: steps, call: true}
	}
	return form{declare: "var " + wake + " func()", note: wake + " = func() {\n_body_\n}", around: "if " + wake + " != nil {\n" + wake + "()\n}", steps: steps, call: true}
}

// declaredAtEnd: the operation is moved to where the name may mean something
// that the operation also uses; the loop variable shadows it otherwise.
func (s *section) declaredAtEnd(name string) bool { return name == "" }
