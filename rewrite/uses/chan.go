package uses

import (
	"cmp"
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
)

// A Chan names the channels that a variable or field holds, or, with Elem, the
// elements of the container (map, slice, array or channel of channels) that it
// holds. It stands for the channels of all objects that have the field. The
// graph uses it for function values too.
type Chan struct {
	Var  *types.Var
	Elem bool
}

// A Make is one call of make that makes a channel.
type Make struct {
	Node     *ast.CallExpr
	Cap      int64 // when CapKnown
	CapKnown bool
	CapExpr  ast.Expr // nil: unbuffered
	Fn       ast.Node // innermost function around it; nil at top level
}

// HasRoom reports whether the channel may hold something: it is made with a
// capacity that is not known to be 0.
func (m Make) HasRoom() bool { return m.CapExpr != nil && (!m.CapKnown || m.Cap > 0) }

// ChanOf returns what holds the channel that e yields. A local variable that
// is written once, from another variable, is an alias: it stands for that one.
func (x *Index) ChanOf(e ast.Expr) (Chan, bool) {
	x.build()
	if _, ok := x.typeOf(e).Underlying().(*types.Chan); !ok {
		return Chan{}, false
	}
	c, ok := x.at(e)
	if !ok {
		return Chan{}, false
	}
	return x.canonical(c), true
}

// canonical follows aliases. A chain of them ends, since each was declared
// before the next; damaged code is held by the bound.
func (x *Index) canonical(c Chan) Chan {
	for range 10 {
		next, ok := x.alias(c)
		if !ok {
			break
		}
		c = next
	}
	return c
}

func (x *Index) alias(c Chan) (Chan, bool) {
	v := c.Var
	ws := x.writesOf(v)
	if v.IsField() || len(ws) != 1 || x.p.Types == nil || v.Parent() == x.p.Types.Scope() {
		return Chan{}, false
	}
	if _, param := x.roles[v]; param {
		return Chan{}, false
	}
	w := ws[0]
	switch {
	case w.Kind == Init && w.Value != nil:
		if _, call := ast.Unparen(w.Value).(*ast.CallExpr); call && !x.isCopy(w.Value) {
			return Chan{}, false
		}
		from, ok := x.at(w.Value)
		if !ok || from.Elem && c.Elem {
			return Chan{}, false
		}
		return Chan{from.Var, from.Elem || c.Elem}, true
	case w.Kind == Range && !c.Elem:
		from, ok := x.element(w.Node.(*ast.RangeStmt).X)
		return Chan{from, true}, ok
	}
	return Chan{}, false
}

func (x *Index) isCopy(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && (x.copies(call) || x.conversion(call))
}

// Makes returns the calls of make whose channels flow into c. It is complete
// when no other channel can. A nil channel is none: nobody waits on one that
// anybody was meant to serve.
func (x *Index) Makes(c Chan) (makes []Make, complete bool) {
	makes, why := x.sources(c)
	return makes, why == "" && len(makes) > 0
}

// sources returns the makes of c and why they are not all; "" if they are.
func (x *Index) sources(c Chan) (makes []Make, why string) {
	x.drawn()
	for _, s := range reach(x.flow.back, c) {
		if why == "" {
			why = x.inward(s)
		}
		for _, e := range x.flow.leaves[s] {
			call, ok := e.(*ast.CallExpr)
			if ok && x.builtin(call) == "make" {
				makes = append(makes, x.makeOf(call))
			} else if why == "" {
				why = "it may come from elsewhere" + x.where(e)
			}
		}
	}
	slices.SortFunc(makes, func(a, b Make) int { return x.order(a.Node, b.Node) })
	makes = slices.CompactFunc(makes, func(a, b Make) bool { return a.Node == b.Node })
	return makes, why
}

func (x *Index) makeOf(call *ast.CallExpr) Make {
	m := Make{Node: call, Fn: x.fn(call), CapKnown: len(call.Args) == 1}
	if len(call.Args) > 1 {
		m.CapExpr = call.Args[1]
		m.Cap, m.CapKnown = x.constant(m.CapExpr)
	}
	return m
}

// constant returns the value of a constant integer expression.
func (x *Index) constant(e ast.Expr) (int64, bool) {
	v := x.p.Info.Types[e].Value
	if v == nil {
		return 0, false
	}
	v = constant.ToInt(v)
	if v.Kind() != constant.Int {
		return 0, false
	}
	return constant.Int64Val(v)
}

// related returns the nodes that may hold a channel of c, c first: those that
// share a source with it.
func (x *Index) related(c Chan) []Chan {
	x.drawn()
	return reach(x.flow.fwd, reach(x.flow.back, c)...)
}

// Closes returns the calls that may close a channel of c. It is complete when
// no other code can.
func (x *Index) Closes(c Chan) (calls []*ast.CallExpr, complete bool) {
	calls = gather(x, x.related(c), x.flow.closes)
	return calls, x.Escapes(c) == ""
}

// Escapes says why code outside of the package may send on a channel of c, or
// close it; "" if none can.
func (x *Index) Escapes(c Chan) string {
	if _, why := x.sources(c); why != "" {
		return why
	}
	for _, s := range x.related(c) {
		if why := x.outward(s); why != "" {
			return why
		}
	}
	return ""
}

// Sends returns the sends that may be on a channel of c.
func (x *Index) Sends(c Chan) []*ast.SendStmt {
	return gather(x, x.related(c), x.drawn().sends)
}

// Receives returns the receives that may be from a channel of c: unary
// expressions, those of select clauses included, and range statements.
func (x *Index) Receives(c Chan) []ast.Node {
	return gather(x, x.related(c), x.drawn().receives)
}

func gather[N ast.Node](x *Index, from []Chan, of map[Chan][]N) []N {
	var all []N
	for _, c := range from {
		all = append(all, of[c]...)
	}
	slices.SortFunc(all, func(a, b N) int { return x.order(a, b) })
	return all
}

func (x *Index) order(a, b ast.Node) int { return cmp.Compare(a.Pos(), b.Pos()) }
