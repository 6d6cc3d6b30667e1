package uses

import (
	"go/ast"
	"go/types"
	"strings"
)

// drawEscapes finds the uses that are neither an operand nor drawn.
func (x *Index) drawEscapes() {
	for _, o := range x.exprs {
		e := o.Expr
		if x.flow.explained[ast.Unparen(e)] {
			continue
		}
		v, viaElem := x.holder(e)
		if v == nil {
			continue
		}
		t, stays := x.destination(e, o.in)
		if stays {
			continue
		}
		self, elem := levels(x.typeOf(e))
		if self {
			c := Chan{v, viaElem}
			x.flow.escapes[c] = append(x.flow.escapes[c], escape{node: e, recvIs: recvOnly(t)})
		}
		if elem && !viaElem {
			c := Chan{v, true}
			x.flow.escapes[c] = append(x.flow.escapes[c], escape{node: e, element: true})
		}
	}
}

// destination returns the type that the use of e in a node gives it, and whether e
// stays where it is: it is an operand, or it is dropped.
func (x *Index) destination(e ast.Expr, in ast.Node) (types.Type, bool) {
	t := x.typeOf(e)
	switch p := in.(type) {
	case *ast.ParenExpr:
		return x.destination(p, x.up.of(p))
	case *ast.SendStmt:
		return t, p.Chan == e
	case *ast.UnaryExpr, *ast.BinaryExpr, *ast.ExprStmt, *ast.IndexExpr, *ast.SliceExpr:
		return t, true
	case *ast.RangeStmt:
		return t, p.X == e
	case *ast.AssignStmt:
		for i, r := range p.Rhs {
			if r == e && len(p.Lhs) == len(p.Rhs) {
				return x.typeOf(p.Lhs[i]), blank(p.Lhs[i])
			}
		}
		// One value for several targets: what it yields has its own entry.
		_, call := ast.Unparen(e).(*ast.CallExpr)
		return t, call || blank(p.Lhs[0])
	case *ast.CallExpr:
		return x.argument(p, e)
	}
	return t, false
}

func blank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

func (x *Index) argument(call *ast.CallExpr, e ast.Expr) (types.Type, bool) {
	t := x.typeOf(e)
	if ast.Unparen(call.Fun) == ast.Unparen(e) {
		return t, true
	}
	if x.conversion(call) {
		if x.flow.explained[call] || !tracked(x.typeOf(call)) {
			return x.typeOf(call), x.flow.explained[call]
		}
		return x.destination(call, x.up.of(call))
	}
	switch x.builtin(call) {
	case "len", "cap", "close", "delete", "clear", "copy", "print", "println":
		return t, true
	}
	if x.copies(call) {
		return t, true
	}
	sig, ok := x.typeOf(call.Fun).Underlying().(*types.Signature)
	if !ok {
		return t, false
	}
	for i, a := range call.Args {
		if a != e {
			continue
		}
		n := sig.Params().Len()
		switch {
		case sig.Variadic() && i >= n-1 && !call.Ellipsis.IsValid():
			if s, ok := sig.Params().At(n - 1).Type().(*types.Slice); ok {
				return s.Elem(), false
			}
		case i < n:
			return sig.Params().At(i).Type(), false
		}
	}
	return t, false
}

func tracked(t types.Type) bool {
	self, elem := levels(t)
	return self || elem
}

// reach returns the nodes that lead to c (backward) or that c leads to, c
// first.
func reach(next map[Chan][]Chan, from ...Chan) []Chan {
	seen := make(map[Chan]bool)
	var order []Chan
	for len(from) > 0 {
		c := from[0]
		from = from[1:]
		if seen[c] {
			continue
		}
		seen[c] = true
		order = append(order, c)
		from = append(from, next[c]...)
	}
	return order
}

// inward says why values may flow into c that the package does not show; "" if
// it shows them all.
func (x *Index) inward(c Chan) string {
	g := x.flow
	if self, elem := levels(c.Var.Type()); c.Elem && !elem || !c.Elem && !self {
		return "what " + c.Var.Name() + " leads to is not followed"
	}
	if n := g.addressed[c.Var]; n != nil {
		return "the address of " + c.Var.Name() + " is taken" + x.where(n)
	}
	if n := g.unknown[c]; n != nil {
		return "an unknown value flows into " + c.Var.Name() + x.where(n)
	}
	if why := x.outside(c.Var); why != "" {
		return why
	}
	if c.Elem {
		for _, e := range g.escapes[c] {
			return c.Var.Name() + " is passed on" + x.where(e.node)
		}
	}
	r, ok := x.roles[c.Var]
	switch {
	case !ok:
		return ""
	case r.recv:
		return c.Var.Name() + " is a receiver"
	case r.result:
		if r.fn != nil && (x.decls[r.fn] == nil || x.decls[r.fn].Body == nil) {
			return r.fn.Name() + " has no body"
		}
		if c.Elem && r.fn != nil {
			return x.hidden(r.fn) // who gets the container may store in it
		}
		return ""
	case r.lit != nil:
		if call, ok := x.above(r.lit).(*ast.CallExpr); ok && ast.Unparen(call.Fun) == r.lit {
			return ""
		}
		if def, ok := x.above(r.lit).(*ast.AssignStmt); ok && len(def.Lhs) == 1 && x.calledLit(x.varOf(def.Lhs[0])) == r.lit {
			return ""
		}
		return c.Var.Name() + " is a parameter of a function literal"
	}
	return x.hidden(r.fn)
}

// above returns the parent of e, parentheses skipped.
func (x *Index) above(e ast.Expr) ast.Node {
	n := x.up.of(e)
	for {
		p, ok := n.(*ast.ParenExpr)
		if !ok {
			return n
		}
		n = x.up.of(p)
	}
}

// outward says why code that the package does not show may hold the channel in
// c with the right to send and close; "" if none does.
func (x *Index) outward(c Chan) string {
	g := x.flow
	if n := g.addressed[c.Var]; n != nil {
		return "the address of " + c.Var.Name() + " is taken" + x.where(n)
	}
	for _, e := range g.escapes[c] {
		if !e.recvIs {
			return c.Var.Name() + " is passed on" + x.where(e.node)
		}
	}
	if !c.Elem && recvOnly(c.Var.Type()) {
		return ""
	}
	if why := x.outside(c.Var); why != "" {
		return why
	}
	r, ok := x.roles[c.Var]
	switch {
	case !ok || !r.result:
		return ""
	case r.lit != nil:
		return c.Var.Name() + " is a result of a function literal"
	}
	if why := x.hidden(r.fn); why != "" {
		return "it is returned by " + r.fn.Name() + ": " + why
	}
	return ""
}

func (x *Index) where(n ast.Node) string {
	p := x.p.Position(n.Pos())
	if !p.IsValid() {
		return ""
	}
	name := p.Filename[strings.LastIndexAny(p.Filename, `/\`)+1:]
	return " (" + name + ":" + itoa(p.Line) + ")"
}
