package uses

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// A graph is the flow of channels and function values between the variables of
// a package. Its nodes are Chans, whatever they hold.
type graph struct {
	back, fwd map[Chan][]Chan
	leaves    map[Chan][]ast.Expr // values that come from no variable
	unknown   map[Chan]ast.Node   // something flows in that no expression says
	addressed map[*types.Var]ast.Node
	escapes   map[Chan][]escape
	explained map[ast.Expr]bool // occurrences whose destination is in the graph

	sends    map[Chan][]*ast.SendStmt
	receives map[Chan][]ast.Node
	closes   map[Chan][]*ast.CallExpr
}

// An escape is a use of a value that the graph does not follow.
type escape struct {
	node    ast.Node
	recvIs  bool // only to receive from
	element bool // of the container, not of the value
}

// levels says what of t the graph follows: the value itself (a channel, a
// function) and the elements (of a slice, array, map or channel of these).
func levels(t types.Type) (self, elem bool) {
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return true, false
	case *types.Chan:
		return true, leaf(u.Elem())
	case *types.Slice:
		return false, leaf(u.Elem())
	case *types.Array:
		return false, leaf(u.Elem())
	case *types.Map:
		return false, leaf(u.Elem()) || leaf(u.Key())
	}
	return false, false
}

func leaf(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Chan, *types.Signature:
		return true
	}
	return false
}

func recvOnly(t types.Type) bool {
	c, ok := t.Underlying().(*types.Chan)
	return ok && c.Dir() == types.RecvOnly
}

// drawn returns the graph, built on first use.
func (x *Index) drawn() *graph {
	x.build()
	x.flowOnce.Do(func() {
		x.flow = &graph{
			back: make(map[Chan][]Chan), fwd: make(map[Chan][]Chan),
			leaves: make(map[Chan][]ast.Expr), unknown: make(map[Chan]ast.Node),
			addressed: make(map[*types.Var]ast.Node), escapes: make(map[Chan][]escape),
			explained: make(map[ast.Expr]bool),
			sends:     make(map[Chan][]*ast.SendStmt), receives: make(map[Chan][]ast.Node),
			closes: make(map[Chan][]*ast.CallExpr),
		}
		x.drawWrites()
		x.drawCalls()
		x.drawReturns()
		x.drawOperations()
		x.drawEscapes()
	})
	return x.flow
}

func (g *graph) edge(from, to Chan) {
	if from == to {
		return
	}
	g.fwd[from] = append(g.fwd[from], to)
	g.back[to] = append(g.back[to], from)
}

// holder returns the variable that holds the value of e, or, with elem, the
// variable whose element it is. It follows no assignments.
func (x *Index) holder(e ast.Expr) (v *types.Var, elem bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return x.varOf(e), false
	case *ast.IndexExpr:
		return x.element(e.X)
	case *ast.UnaryExpr:
		if isArrow(e) {
			return x.element(e.X)
		}
	case *ast.SliceExpr:
		return x.holder(e.X)
	case *ast.CallExpr:
		if x.conversion(e) {
			return x.holder(e.Args[0])
		}
		if len(e.Args) == 1 && x.copies(e) {
			return x.holder(e.Args[0])
		}
		if r := x.resultsOf(e); r != nil && r.Len() == 1 {
			return r.At(0), false
		}
	}
	return nil, false
}

func (x *Index) element(container ast.Expr) (*types.Var, bool) {
	v, elem := x.holder(container)
	if v == nil || elem {
		return nil, false
	}
	return v, true
}

// at returns the node that e is a value of, at its own level.
func (x *Index) at(e ast.Expr) (Chan, bool) {
	v, elem := x.holder(e)
	return Chan{v, elem}, v != nil
}

// copies reports whether call yields the elements of its argument.
func (x *Index) copies(call *ast.CallExpr) bool {
	fn := x.callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "slices.Clone", "slices.Collect", "slices.Values", "maps.Clone", "maps.Keys", "maps.Values":
		return true
	}
	return false
}

// callee returns the function that call calls statically, its generic origin.
func (x *Index) callee(call *ast.CallExpr) *types.Func {
	if fn := typeutil.StaticCallee(x.p.Info, call); fn != nil {
		return fn.Origin()
	}
	return nil
}

// resultsOf returns the result variables of a function of this package that
// call calls statically.
func (x *Index) resultsOf(call *ast.CallExpr) *types.Tuple {
	fn := x.callee(call)
	if fn == nil || x.decls[fn] == nil {
		return nil
	}
	return fn.Signature().Results()
}

func (x *Index) drawWrites() {
	for _, v := range x.vars {
		self, elem := levels(v.Type())
		if !self && !elem {
			continue
		}
		for _, w := range x.writes[v] {
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
	if v == nil || len(x.writes[v]) != 1 {
		return nil
	}
	lit, ok := x.writes[v][0].Value.(*ast.FuncLit)
	if !ok {
		return nil
	}
	for _, n := range x.reads[v] {
		call, ok := x.parent[n].(*ast.CallExpr)
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
		decl, ok := x.fn(ret).(*ast.FuncDecl)
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
				x.spread(r.At(i), Write{Node: ret, index: i})
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

// drawEscapes finds the uses that are neither an operand nor drawn.
func (x *Index) drawEscapes() {
	for _, e := range x.exprs {
		if x.flow.explained[ast.Unparen(e)] || x.context(e).Kind != 0 {
			continue
		}
		v, viaElem := x.holder(e)
		if v == nil {
			continue
		}
		t, stays := x.destination(e)
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

// destination returns the type that the use of e gives it, and whether e stays
// where it is: it is an operand, or it is dropped.
func (x *Index) destination(e ast.Expr) (types.Type, bool) {
	t := x.typeOf(e)
	switch p := x.parent[e].(type) {
	case *ast.ParenExpr:
		return x.destination(p)
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
		return x.destination(call)
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
	n := x.parent[e]
	for {
		p, ok := n.(*ast.ParenExpr)
		if !ok {
			return n
		}
		n = x.parent[p]
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
