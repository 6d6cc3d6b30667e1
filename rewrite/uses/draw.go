package uses

import (
	"go/ast"
	"go/types"
)

func (x *Index) drawWrites() {
	for _, v := range x.written {
		self, elem := levels(v.Type())
		if !self && !elem {
			continue
		}
		for _, w := range x.writesOf(v) {
			x.drawWrite(v, w)
		}
	}
}

func (x *Index) drawWrite(v *types.Var, w Write) {
	switch w.Kind {
	case Init, Assign:
		if w.Value != nil {
			x.into(v, w.Value)
		} else {
			x.spread(v, w)
		}
	case Mutate:
		if appended(w) {
			x.into(v, w.Value)
		} else if call, ok := w.Node.(*ast.CallExpr); ok && x.builtin(call) == "copy" && len(call.Args) == 2 {
			x.into(v, call.Args[1])
		}
	case Element:
		x.store(v, w)
	case Range:
		x.ranged(v, w)
	case AddressTaken, Method, Part, Update:
		x.flow.addressed[v] = w.Node
	}
}

// into draws the flow of the value e into the variable v, at the levels that
// the type of v has.
func (x *Index) into(v *types.Var, e ast.Expr) {
	self, elem := levels(v.Type())
	if e == nil || !self && !elem {
		return
	}
	e = ast.Unparen(e)
	x.flow.explained[e] = true
	if call, ok := e.(*ast.CallExpr); ok && x.conversion(call) {
		x.into(v, call.Args[0])
		return
	}
	if self {
		x.leafInto(Chan{v, false}, e)
	}
	if elem {
		x.elementsInto(Chan{v, true}, e)
	}
}

// leafInto draws the flow of one channel or function into a node.
func (x *Index) leafInto(to Chan, e ast.Expr) {
	e = ast.Unparen(e)
	x.flow.explained[e] = true
	if call, ok := e.(*ast.CallExpr); ok && x.conversion(call) {
		x.leafInto(to, call.Args[0])
		return
	}
	if from, ok := x.at(e); ok {
		x.flow.edge(from, to)
	} else if !isNil(e) {
		x.flow.leaves[to] = append(x.flow.leaves[to], e)
	}
}

// elementsInto draws the flow of a container's elements. What two variables
// hold may be one container, so the elements of each are those of the other.
func (x *Index) elementsInto(to Chan, e ast.Expr) {
	e = ast.Unparen(e)
	x.flow.explained[e] = true
	if v, elem := x.holder(e); v != nil {
		if elem {
			x.flow.unknown[to] = e
			return
		}
		x.flow.edge(Chan{v, true}, to)
		x.flow.edge(to, Chan{v, true})
		return
	}
	switch e := e.(type) {
	case *ast.CompositeLit:
		x.literal(to, e)
		return
	case *ast.CallExpr:
		switch {
		case x.builtin(e) == "make":
			return
		case x.builtin(e) == "append" && len(e.Args) > 0:
			x.elementsInto(to, e.Args[0])
			for i, a := range e.Args[1:] {
				if e.Ellipsis.IsValid() && i == len(e.Args)-2 {
					x.elementsInto(to, a)
				} else {
					x.leafInto(to, a)
				}
			}
			return
		case x.conversion(e):
			x.elementsInto(to, e.Args[0])
			return
		}
	}
	if !isNil(e) {
		x.flow.unknown[to] = e
	}
}

func (x *Index) literal(to Chan, lit *ast.CompositeLit) {
	m, isMap := x.typeOf(lit).Underlying().(*types.Map)
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			x.leafInto(to, e)
			continue
		}
		if isMap && leaf(m.Key()) {
			x.leafInto(to, kv.Key)
		}
		if !isMap || leaf(m.Elem()) {
			x.leafInto(to, kv.Value)
		}
	}
}

// store draws v[k] = x.
func (x *Index) store(v *types.Var, w Write) {
	to := Chan{v, true}
	m, isMap := v.Type().Underlying().(*types.Map)
	if isMap && leaf(m.Key()) && w.Key != nil {
		x.leafInto(to, w.Key)
	}
	if isMap && !leaf(m.Elem()) {
		return
	}
	switch {
	case w.Value != nil:
		x.leafInto(to, w.Value)
	default:
		x.flow.unknown[to] = w.Node
	}
}

// spread draws one result of a call into v.
func (x *Index) spread(v *types.Var, w Write) {
	var values []ast.Expr
	switch n := w.Node.(type) {
	case *ast.AssignStmt:
		values = n.Rhs
	case *ast.ValueSpec:
		values = n.Values
	case *ast.ReturnStmt:
		values = n.Results
	}
	if len(values) == 1 {
		if call, ok := ast.Unparen(values[0]).(*ast.CallExpr); ok {
			if r := x.resultsOf(call); r != nil && w.index < r.Len() {
				x.link(r.At(w.index), v)
				return
			}
		}
	}
	x.opaque(v, w.Node)
}

// link draws the flow of all of one variable into another.
func (x *Index) link(from, to *types.Var) {
	self, elem := levels(to.Type())
	if self {
		x.flow.edge(Chan{from, false}, Chan{to, false})
	}
	if elem {
		x.flow.edge(Chan{from, true}, Chan{to, true})
		x.flow.edge(Chan{to, true}, Chan{from, true})
	}
}

func (x *Index) opaque(v *types.Var, n ast.Node) {
	x.flow.unknown[Chan{v, false}] = n
	x.flow.unknown[Chan{v, true}] = n
}

// ranged draws the elements of what is ranged over into v.
func (x *Index) ranged(v *types.Var, w Write) {
	rng, _ := w.Node.(*ast.RangeStmt)
	self, elem := levels(v.Type())
	if rng != nil && self && !elem {
		if from, elem := x.element(rng.X); elem {
			x.flow.edge(Chan{from, true}, Chan{v, false})
			return
		}
	}
	x.opaque(v, w.Node)
}

func (x *Index) drawCalls() {
	for _, call := range x.allCalls {
		if sig := x.visible(call); sig != nil {
			x.arguments(sig, call)
		}
	}
}

// visible returns the signature whose parameters are those of the code that
// call runs: a function of this package or a literal called on the spot.
func (x *Index) visible(call *ast.CallExpr) *types.Signature {
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return x.signature(lit)
	}
	if lit := x.calledLit(x.varOf(call.Fun)); lit != nil {
		return x.signature(lit)
	}
	if fn := x.callee(call); fn != nil && x.decls[fn] != nil && !x.methodExpr(ast.Unparen(call.Fun)) {
		return fn.Signature()
	}
	return nil
}

// calledLit returns the literal that is the one value of a variable which is
// only called; nil if there is none.
func (x *Index) calledLit(v *types.Var) *ast.FuncLit {
	if v == nil || len(x.writesOf(v)) != 1 {
		return nil
	}
	lit, ok := x.writesOf(v)[0].Value.(*ast.FuncLit)
	if !ok {
		return nil
	}
	for _, n := range x.readsOf(v) {
		call, ok := x.up.of(n).(*ast.CallExpr)
		if !ok || call.Fun != n {
			return nil
		}
	}
	return lit
}

func (x *Index) arguments(sig *types.Signature, call *ast.CallExpr) {
	n := sig.Params().Len()
	if len(call.Args) == 1 && n > 1 {
		for i := range n {
			x.opaque(sig.Params().At(i), call)
		}
		return
	}
	for i, a := range call.Args {
		switch {
		case sig.Variadic() && i >= n-1 && !call.Ellipsis.IsValid():
			if p := sig.Params().At(n - 1); tracked(p.Type()) {
				x.leafInto(Chan{p, true}, a)
			}
		case i < n:
			x.into(sig.Params().At(i), a)
		}
	}
}

func (x *Index) drawReturns() {
	for _, ret := range x.returns {
		decl, ok := ret.fn.(*ast.FuncDecl)
		if !ok {
			continue
		}
		sig := x.signature(decl)
		if sig == nil || len(ret.Results) == 0 {
			continue
		}
		r := sig.Results()
		for i := range r.Len() {
			if len(ret.Results) == r.Len() {
				x.into(r.At(i), ret.Results[i])
			} else {
				x.spread(r.At(i), Write{Node: ret.ReturnStmt, index: i})
			}
		}
	}
}

func (x *Index) drawOperations() {
	g := x.flow
	for _, s := range x.sends {
		c, ok := x.at(s.Chan)
		if !ok {
			continue
		}
		g.sends[c] = append(g.sends[c], s)
		if t, ok := x.typeOf(s.Chan).Underlying().(*types.Chan); ok && leaf(t.Elem()) && !c.Elem {
			x.leafInto(Chan{c.Var, true}, s.Value)
		}
	}
	for _, n := range x.receives {
		var e ast.Expr
		switch n := n.(type) {
		case *ast.UnaryExpr:
			e = n.X
		case *ast.RangeStmt:
			e = n.X
		}
		if c, ok := x.at(e); ok {
			g.receives[c] = append(g.receives[c], n)
		}
	}
	for _, call := range x.closes {
		if c, ok := x.at(call.Args[0]); ok {
			g.closes[c] = append(g.closes[c], call)
		}
	}
}
