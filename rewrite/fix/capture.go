package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A capture is an expression whose value is taken before the release.
type capture struct {
	text string
	uses []ast.Expr
	name string
}

// measure looks at len(x) and cap(x): the number is captured, not the
// collection, which others change once the lock is down.
func (r *region) measure(e *ast.CallExpr) {
	x := e.Args[0]
	switch {
	case hasCall(x):
		r.refuse("operands", types.ExprString(x)+" is computed by a call", x)
	case r.mentionsOwn(x):
		_, isMap := r.s.typeOf(x).Underlying().(*types.Map)
		if !r.fixed(x) || isMap && !r.s.neverChanged(x) {
			r.refuse("operands", types.ExprString(x)+" may be guarded by "+r.s.Acquire.Resource.Expr, x)
		}
	case r.isOwnCollection(x):
	default:
		r.note(e)
	}
}

// isOwnCollection: a local variable whose length nobody else changes. That of a
// slice lies in the variable, that of a map in what it shares.
func (r *region) isOwnCollection(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := r.s.info.Uses[id].(*types.Var)
	if !ok || v.Parent() == v.Pkg().Scope() || !r.s.steady(v) {
		return false
	}
	_, isSlice := v.Type().Underlying().(*types.Slice)
	return isSlice || r.s.allOwn(v)
}

// capture notes an expression to be evaluated before the release. The header of
// a map or slice is no copy of it: such a value may be compared with nil or sent
// on, as it was before, but not be read by code that runs without the lock.
func (r *region) capture(e ast.Expr) {
	if hasCall(e) {
		r.refuse("operands", types.ExprString(e)+" is computed by a call", e)
		return
	}
	if uncopyable(r.s.typeOf(e)) {
		r.refuse("operands", types.ExprString(e)+" must not be copied", e)
		return
	}
	if isCollection(r.s.typeOf(e)) && !r.onlyHeader(e) {
		r.refuse("detach", types.ExprString(e)+" would be read without the lock", e)
		return
	}
	r.note(e)
}

func isCollection(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Map, *types.Slice:
		return true
	}
	return false
}

// onlyHeader: compared with nil, or the value of a send.
func (r *region) onlyHeader(e ast.Expr) bool {
	switch p := r.s.u.Parent(e).(type) {
	case *ast.BinaryExpr:
		return p.Op == token.EQL || p.Op == token.NEQ
	case *ast.SendStmt:
		return p.Value == e
	}
	return false
}

// note adds a capture, or another use of one.
func (r *region) note(e ast.Expr) {
	text := types.ExprString(e)
	if r.maybe > 0 {
		if why, at := r.s.mayFault(e); why != "" {
			r.refuse("operands", text+" would be evaluated where it may not be: "+why, at)
			return
		}
	}
	if r.s.yieldsTwo(e) {
		r.refuse("operands", text+" yields two values", e)
		return
	}
	if why, wait, at := r.answers(e); wait {
		r.refuse("operands", text+" would be evaluated before the operation that it follows: "+why, at)
		return
	} else if why != "" {
		r.judged = merge(r.judged, assumed("not-needed", "what "+text+" follows may change it: "+why, at))
	}
	for _, c := range r.captures {
		if c.text == text {
			c.uses = append(c.uses, e)
			return
		}
	}
	r.captures = append(r.captures, &capture{text: text, uses: []ast.Expr{e}})
}

// yieldsTwo: v, ok := m[k] and its like.
func (s *section) yieldsTwo(e ast.Expr) bool {
	switch p := s.u.Parent(e).(type) {
	case *ast.AssignStmt:
		return len(p.Lhs) == 2 && len(p.Rhs) == 1
	case *ast.ValueSpec:
		return len(p.Names) == 2 && len(p.Values) == 1
	}
	return false
}

// answers says why an expression that is evaluated behind an operation of the
// region may have another value ahead of it: the other side may have written it.
// Behind a wait it may well be the answer.
func (r *region) answers(e ast.Expr) (why string, wait bool, at ast.Node) {
	for _, o := range r.s.obs {
		if !r.behind(e, o.Op.Node) {
			continue
		}
		ast.Inspect(e, func(n ast.Node) bool {
			if n != nil && why == "" {
				why, at = r.s.still(n), n
			}
			return why == ""
		})
		wait = wait || why != "" && isWait(o) && !r.s.unseen(at)
	}
	return why, wait, at
}

// behind reports whether a node may be evaluated after an operation of the
// region.
func (r *region) behind(e, op ast.Node) bool {
	if !slices.ContainsFunc(r.stmts, func(st ast.Stmt) bool { return contains(st, op) }) {
		return false
	}
	loop := r.s.loopAround(op)
	return op.End() <= e.Pos() || loop != nil && contains(loop, e) && slices.ContainsFunc(r.stmts, func(st ast.Stmt) bool { return contains(st, loop) })
}

// isCaptured reports whether an expression is evaluated before the release.
func (r *region) isCaptured(e ast.Expr) bool {
	return slices.ContainsFunc(r.captures, func(c *capture) bool { return slices.Contains(c.uses, e) })
}

func hasCall(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		_, isCall := n.(*ast.CallExpr)
		_, isLit := n.(*ast.FuncLit)
		found = found || isCall || isLit
		return !found
	})
	return found
}

// steps evaluates the captures before a statement and puts their names where
// they are used.
func (r *region) steps(at Place) []Step {
	var steps []Step
	for _, c := range r.captures {
		c.name = r.s.fresh(baseName(c.uses[0]))
		steps = append(steps, Insert{At: at, Code: Code{Text: c.name + " := _1_", Args: []ast.Expr{c.uses[0]}}})
	}
	return append(steps, r.replacements()...)
}

func (r *region) replacements() []Step {
	var steps []Step
	for _, c := range r.captures {
		for _, e := range c.uses {
			steps = append(steps, Replace{Old: e, Code: Code{Text: c.name}})
		}
	}
	return steps
}

// baseName is the last name in an expression: s.waiters gives waiters.
func baseName(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.IndexExpr:
		if one := strings.TrimSuffix(baseName(e.X), "s"); one != "" {
			return one
		}
		return baseName(e.X)
	case *ast.SliceExpr:
		return baseName(e.X)
	case *ast.StarExpr:
		return baseName(e.X)
	case *ast.CallExpr:
		if name := baseName(e.Fun); name != "len" && name != "cap" {
			return name
		}
		return "n"
	}
	return "value"
}
