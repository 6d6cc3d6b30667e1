package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// literal makes the section a function literal, so that its release stays
// deferred and what follows runs without the lock.
//
//	Lock; defer Unlock; A; O; T  =>  x := func() X { Lock; defer Unlock; A; return x }(); O; T
//
// so long as
//   - A neither returns from the function nor registers other deferred calls,
//   - what O and T read was looked at (out), and what they need of A is returned,
//   - the types of that can be spelled here.
func (s *section) literal(units []ast.Stmt, out *region) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "section as a literal", Obligation: o}
	}
	from := slices.Index(s.block.List, units[0])
	inside := s.block.List[s.acquire.Index:from]
	if at := s.keepsOut(inside); at != nil {
		return refuse(refuted("region", "the section may return from the function", at))
	}
	values, o := s.handedOut(inside, out)
	if o == nil {
		o = s.emptied(out.stmts, out)
	}
	if o != nil {
		return refuse(*o)
	}
	obligations := merge(s.judge(s.movedOps(out.stmts, out)), settled(out)...)
	obligations = merge(obligations, proved("defer", "the release stays deferred, in a function of its own"))
	if b := blocked(obligations); b != nil {
		return refuse(*b)
	}
	plan := s.plan("section as a literal", fmt.Sprintf("let the section be a function, then %s", s.verb()), obligations)
	plan.Imports = out.imports()
	plan.Steps = append(plan.Steps, Enclose{First: s.acquire.Stmt, Last: inside[len(inside)-1], Code: values.code()})
	plan.Steps = append(plan.Steps, out.replacements()...)
	for _, d := range out.detached {
		plan.Steps = append(plan.Steps, d.renamed()...)
	}
	return plan, nil
}

// literalTail lets the rest of the function run behind the literal.
func (s *section) literalTail(p uses.Place, units []ast.Stmt) (*Plan, *Refusal) {
	rest := s.leave(p.List[slices.Index(p.List, units[0]):], true)
	if rest.refusal != nil {
		return nil, &Refusal{Strategy: "section as a literal", Obligation: *rest.refusal}
	}
	return s.literal(units, rest)
}

// keepsOut returns what in the statements of a section forbids a function of
// its own: a return, a second deferred call, a branch that leaves.
func (s *section) keepsOut(stmts []ast.Stmt) ast.Node {
	var found ast.Node
	for _, st := range stmts {
		if st == ast.Stmt(s.defers) {
			continue
		}
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt, *ast.DeferStmt:
				found = n
			case *ast.LabeledStmt:
				found = n
			}
			return found == nil
		})
	}
	return found
}

// copied says why a copy of a variable would not do for the variable: others
// know it by its address, or by its name in a closure, or it must not be copied.
func (s *section) copied(v *types.Var, inside []ast.Stmt) string {
	if uncopyable(v.Type()) {
		return v.Name() + " must not be copied"
	}
	for _, w := range s.u.Writes(v) {
		if w.Kind == uses.AddressTaken || w.Kind == uses.Method {
			return v.Name() + " is known by its address"
		}
	}
	closure := false
	for _, st := range inside {
		ast.Inspect(st, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				ast.Inspect(lit.Body, func(m ast.Node) bool {
					id, ok := m.(*ast.Ident)
					closure = closure || ok && s.info.Uses[id] == types.Object(v)
					return !closure
				})
				return false
			}
			return !closure
		})
	}
	if closure {
		return v.Name() + " is known to a function literal of the section"
	}
	return ""
}

// uncopyable reports whether values of a type hold a lock, or what else has a
// Lock method to say that it must not be copied.
func uncopyable(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Array:
		return uncopyable(u.Elem())
	case *types.Struct:
		if _, isPointer := t.(*types.Pointer); !isPointer && syncapi.IsLock(t) {
			return true
		}
		if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && (n.Obj().Pkg().Path() == "sync" || n.Obj().Pkg().Path() == "sync/atomic") {
			return true
		}
		for i := range u.NumFields() {
			if uncopyable(u.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

// values are what a section hands to the code behind it.
type values []value

type value struct {
	name, typ string
	expr      ast.Expr // what is captured; nil for a variable of the section
	code      string   // what to make of it, _1_ stands for it; "" for nothing
	fill      string   // statements that make a variable of that name from it; "" if none are needed
}

// handedOut lists the variables of the section that what leaves it uses, and
// what it has to capture.
func (s *section) handedOut(inside []ast.Stmt, out *region) (values, *Obligation) {
	var vals values
	for _, d := range out.detached {
		v, o := s.handCopy(d)
		if o != nil {
			return nil, o
		}
		vals = append(vals, v...)
	}
	seen := map[*types.Var]bool{}
	var bad *Obligation
	for _, st := range out.stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok || bad != nil {
				return bad == nil
			}
			v, ok := s.info.Uses[id].(*types.Var)
			if !ok || v.IsField() || seen[v] || out.detaches(id) || v.Pos() < inside[0].Pos() || v.Pos() >= inside[len(inside)-1].End() {
				return true
			}
			seen[v] = true
			if why := s.copied(v, inside); why != "" {
				o := refuted("operands", why, id)
				bad = &o
				return false
			}
			t, ok := s.spell(v.Type())
			if !ok {
				o := refuted("names", "the type of "+v.Name()+" cannot be spelled here", id)
				bad = &o
			}
			if !out.captured(id) {
				vals = append(vals, value{name: v.Name(), typ: t})
			}
			return true
		})
	}
	for _, c := range out.captures {
		t, ok := s.spell(s.typeOf(c.uses[0]))
		if !ok {
			o := refuted("names", "the type of "+c.text+" cannot be spelled here", c.uses[0])
			return nil, &o
		}
		c.name = s.fresh(baseName(c.uses[0]))
		vals = append(vals, value{name: c.name, typ: t, expr: c.uses[0]})
	}
	return vals, bad
}

// handCopy hands out the copy of a collection. A taken one is emptied behind the
// section, and cannot be.
func (s *section) handCopy(d *detach) (values, *Obligation) {
	switch {
	case d.asIs():
		return nil, nil
	case d.how != "clone" || d.def != nil:
		o := refuted("detach", types.ExprString(d.x)+" cannot be handed out of a function", d.rng)
		return nil, &o
	}
	t, ok := s.spell(s.typeOf(d.x))
	if m, isMap := s.typeOf(d.x).Underlying().(*types.Map); ok && isMap && d.values {
		t, ok = s.spell(m.Elem())
		t = "[]" + t
	}
	if !ok {
		o := refuted("names", "the type of "+types.ExprString(d.x)+" cannot be spelled here", d.rng)
		return nil, &o
	}
	d.name = s.fresh(baseName(d.x))
	v := value{name: d.name, typ: t, expr: d.x, code: d.code}
	if d.loop != "" {
		v.fill = d.fill(s)
	}
	return values{v}, nil
}

// detaches reports whether an identifier is part of what a copy takes the place
// of.
func (r *region) detaches(id *ast.Ident) bool {
	return slices.ContainsFunc(r.detached, func(d *detach) bool { return d.how == "clone" && contains(d.rng.X, id) })
}

// captured reports whether an identifier is part of a captured expression.
func (r *region) captured(id *ast.Ident) bool {
	for _, c := range r.captures {
		if slices.ContainsFunc(c.uses, func(e ast.Expr) bool { return contains(e, id) }) {
			return true
		}
	}
	return false
}

// code is the statement around the section.
func (vals values) code() Code {
	if len(vals) == 0 {
		return Code{Text: "func() {\n_body_\n}()"}
	}
	var names, types, results []string
	var args []ast.Expr
	fill := ""
	for _, v := range vals {
		names, types = append(names, v.name), append(types, v.typ)
		result := v.name
		if v.expr != nil {
			args = append(args, v.expr)
			hole := fmt.Sprintf("_%d_", len(args))
			switch {
			case v.fill != "":
				fill += strings.ReplaceAll(v.fill, "_1_", hole) + "\n"
			case v.code != "":
				result = strings.ReplaceAll(v.code, "_1_", hole)
			default:
				result = hole
			}
		}
		results = append(results, result)
	}
	typ := strings.Join(types, ", ")
	if len(types) > 1 || strings.HasPrefix(typ, "func(") {
		typ = "(" + typ + ")"
	}
	return Code{Text: strings.Join(names, ", ") + " := func() " + typ + " {\n_body_\n" + fill + "return " + strings.Join(results, ", ") + "\n}()", Args: args}
}
