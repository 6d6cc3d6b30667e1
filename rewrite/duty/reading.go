package duty

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A reading is what is asked of a node each time that a path comes by: the spelling of
// conditions takes most of the time of a walk, and a body is walked for several duties.
type reading struct {
	forgets []types.Object // what it assigns, counts or takes the address of
	settles []value        // by assigning true, false or nil
	stops   *ast.CallExpr  // the call that it is, if that does not return
}

// reading reads a node, once.
func (c *Code) reading(n ast.Node) *reading {
	r := c.readings[n]
	if r != nil {
		return r
	}
	r = &reading{settles: assigned(c.Info, n), stops: c.stops(n)}
	add := func(e ast.Expr) {
		if obj := object(c.Info, e); obj != nil {
			r.forgets = append(r.forgets, obj)
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				add(l)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				add(id)
			}
		case *ast.IncDecStmt:
			add(n.X)
		case *ast.RangeStmt:
			add(n.Key)
			add(n.Value)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				add(n.X)
			}
		}
		return true
	})
	if c.readings == nil {
		c.readings = map[ast.Node]*reading{}
	}
	c.readings[n] = r
	return r
}

// stops is the call that a node is, if that does not return.
func (c *Code) stops(n ast.Node) *ast.CallExpr {
	st, ok := n.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	call, ok := ast.Unparen(st.X).(*ast.CallExpr)
	if !ok || c.MayReturn(call) {
		return nil
	}
	return call
}

// A spelling is the atom of a condition; ok is false where it is none.
type spelling struct {
	atom
	ok bool
}

// spelled spells a condition, once.
func (c *Code) spelled(e ast.Expr) spelling {
	s, known := c.spellings[e]
	if !known {
		s.atom, s.ok = atomOf(c.Info, e)
		if c.spellings == nil {
			c.spellings = map[ast.Expr]spelling{}
		}
		c.spellings[e] = s
	}
	return s
}

// caseCond is the condition of one expression of a clause, the same one each time.
func (c *Code) caseCond(clause *ast.CaseClause, e ast.Expr) ast.Expr {
	sw, ok := c.Parent(c.Parent(clause)).(*ast.SwitchStmt)
	switch {
	case !ok:
		return nil
	case sw.Tag == nil:
		return e
	}
	cond := c.cases[e]
	if cond == nil {
		cond = &ast.BinaryExpr{X: sw.Tag, OpPos: e.Pos(), Op: token.EQL, Y: e}
		if c.cases == nil {
			c.cases = map[ast.Expr]*ast.BinaryExpr{}
		}
		c.cases[e] = cond
	}
	return cond
}

// A change is what a node does to the facts of one walk, by their numbers.
type change struct {
	forget, settle, value uint64
	stops                 *ast.CallExpr
}

// change looks up what a node does to the facts.
func (w *walk) change(n ast.Node) change {
	c, known := w.changes[n]
	if known {
		return c
	}
	r := w.reading(n)
	c.stops = r.stops
	for i, vars := range w.facts.vars {
		if slices.ContainsFunc(r.forgets, func(obj types.Object) bool { return slices.Contains(vars, obj) }) {
			c.forget |= 1 << i
		}
	}
	for _, v := range r.settles {
		if i := slices.Index(w.facts.keys, v.key); i >= 0 {
			c.settle |= 1 << i
			c.value &^= 1 << i
			if v.value {
				c.value |= 1 << i
			}
		}
	}
	w.changes[n] = c
	return c
}

// of applies the change to what is known.
func (c change) of(s state) state {
	s.known = s.known&^c.forget | c.settle
	s.value = s.value&^(c.forget|c.settle) | c.value
	return s
}

// A test is what a condition asks of the facts of one walk, by their numbers; -1 for
// nothing.
type test struct {
	fact    int  // the condition itself
	not     bool // it is the negation
	noError int  // no error is: then it is false
}

// asked looks up what a condition asks.
func (w *walk) asked(e ast.Expr) test {
	t, known := w.tests[e]
	if known {
		return t
	}
	a := w.spelled(e)
	t = test{fact: -1, not: a.not, noError: -1}
	if a.ok {
		t.fact = slices.Index(w.facts.keys, a.key)
	}
	if v := w.particular(e); v != nil {
		t.noError = w.facts.nilness(v)
	}
	w.tests[e] = t
	return t
}

// particular is the error that a condition wants to be a particular one, or asks a
// function about; nil if there is none.
func (w *walk) particular(e ast.Expr) *types.Var {
	var x ast.Expr
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op != token.EQL && e.Op != token.NEQ || w.Info.Types[e.Y].IsNil() {
			return nil
		}
		x = e.X
	case *ast.CallExpr:
		if len(e.Args) == 0 {
			return nil
		}
		x = e.Args[0] // errors.Is(err, target), os.IsNotExist(err), isTemporary(err)
	default:
		return nil
	}
	v := w.variable(x)
	if v == nil || !isError(v.Type()) {
		return nil
	}
	return v
}
