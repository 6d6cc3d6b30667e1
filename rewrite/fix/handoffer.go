package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/source"
)

// A shape says what a helper hands up.
type shape uint8

const (
	aList     shape = iota // what to wake: a loop goes through it
	aCount                 // how often to do the same
	aFlag                  // whether to do it
	aValue                 // whom to wake, nil for nobody
	aFunc                  // a function to call, nil for none
	manyFuncs              // functions to call
)

// An offer is one way in which a helper can return what it would do.
type offer struct {
	shape    shape
	typ      types.Type // of the result
	wake     string     // its name in the helper
	stmt     ast.Stmt   // what is done with it, in the helper's words; nil for functions
	loop     bool       // stmt is the loop itself
	elem     *elem      // what stands for one of the list, or for the value
	steps    []Step     // in the helper
	imports  []string
	out      *region
	moved    []moved
	sure     bool // every path hands up something: it need not be tested
	returned bool // the steps end with the return
	goesOn   bool // something follows the old place in the helper
	empties  bool // nothing else is left in the helper
	recv     *types.Var
}

// declares reports whether what is done declares a name of its own.
func (of *offer) declares(name string) bool {
	for own := range of.out.own {
		if own.Name() == name {
			return true
		}
	}
	return false
}

// offers lists the ways, best first: what a person would return comes before a
// function that does it all. Without any it says why.
func (s *section) offers() ([]*offer, *Obligation) {
	last := s.obs[len(s.obs)-1]
	places := s.climb(last.Op.Node)
	if last.Op.Defer != nil || len(places) == 0 {
		o := refuted("region", "it runs in a deferred call or a function literal of the helper", last.Op.Node)
		return nil, &o
	}
	s.taken = map[string]bool{}
	wake := s.fresh("wake")
	var offers []*offer
	var first *Obligation
	note := func(of *offer, o *Obligation) {
		s.taken = map[string]bool{wake: true} // each offer gives out names of its own
		if of != nil {
			of.wake, of.recv = wake, s.Body.Obj.Signature().Recv()
			offers = append(offers, of)
		} else if o != nil && (first == nil || o.Name != "region") {
			first = o // the innermost statement's says most
		}
	}
	for _, p := range slices.Backward(places) {
		note(s.offerLoop(wake, p.Stmt))
	}
	g, o := s.newGathering()
	if o == nil {
		o = g.unbounded()
	}
	if o == nil {
		note(g.offerValues(wake), nil)
	}
	for _, p := range slices.Backward(places) {
		note(s.offerFunc(wake, p.Stmt))
	}
	if o == nil {
		note(g.offerFuncs(wake), nil)
	} else {
		note(nil, o)
	}
	if len(offers) > 0 {
		first = nil
	}
	return offers, first
}

// mayGo checks that a whole statement can leave the helper.
func (s *section) mayGo(st ast.Stmt) (*region, *Obligation) {
	if loop := s.loopAround(st); loop != nil && contains(s.block, loop) {
		o := refuted("once", "it may run many times", loop)
		return nil, &o
	}
	out := s.leave([]ast.Stmt{st}, false)
	switch {
	case out.refusal != nil:
		return nil, out.refusal
	case out.results || definesFor(st):
		o := refuted("results", "what it yields is used in the helper", st)
		return nil, &o
	}
	if why, at := s.calmAfter(st, out); why != "" {
		o := refuted("trailing", why, at)
		return nil, &o
	}
	return out, nil
}

// offerLoop hands up the collection of a loop.
func (s *section) offerLoop(wake string, st ast.Stmt) (*offer, *Obligation) {
	rng, ok := st.(*ast.RangeStmt)
	if !ok {
		return nil, nil
	}
	out, o := s.mayGo(st)
	if o != nil {
		return nil, o
	}
	d := out.main()
	if d == nil || len(out.detached) > 1 || len(out.captures) > 0 || d.loop != "" {
		return nil, nil
	}
	of := &offer{shape: aList, typ: s.typeOf(d.rng.X), stmt: st, loop: true, out: out, moved: s.movedOps([]ast.Stmt{st}, out)}
	value := Code{Text: "_1_", Args: []ast.Expr{d.rng.X}}
	switch {
	case d.how == "clone" && d.def != nil:
		of.steps, of.imports = d.steps(s, Place{Before: st}), d.imports
	case d.how == "clone":
		value, of.imports = Code{Text: d.code, Args: []ast.Expr{d.x}}, d.imports
		if m, ok := of.typ.Underlying().(*types.Map); ok && d.values {
			of.typ = types.NewSlice(m.Elem())
		}
	}
	of.where(s, st)
	of.steps = append(of.steps, ReplaceStmt{Old: rng, Code: of.give(wake, value)})
	of.steps = append(of.steps, d.replaced()...)
	return of, nil
}

// where notes where in the helper the old place is.
func (of *offer) where(s *section, st ast.Stmt) {
	list := s.block.List
	i := slices.Index(list, st)
	of.sure = i >= 0 && !slices.ContainsFunc(s.Returns, func(r *ast.ReturnStmt) bool { return r.Pos() < st.Pos() })
	of.returned = i >= 0 && i == len(list)-1
	of.goesOn = s.goesOn(st)
	of.empties = len(list) == 1 && len(of.out.captures)+len(of.out.detached) == 0
}

// give hands a value up: at the end of the helper it is returned.
func (of *offer) give(wake string, value Code) Code {
	if of.returned {
		value.Text = "return " + value.Text
	} else {
		value.Text = wake + " = " + value.Text
	}
	return value
}

// offerValues hands up what differs from one wake to the next.
func (g *gathering) offerValues(wake string) *offer {
	s := g.s
	if g.closure || len(g.elems) > 1 {
		return nil
	}
	of := &offer{stmt: g.stmt, out: g.out, moved: []moved{{Observation: g.op, from: g.from, copied: g.copies() || g.leads()}}}
	of.where(s, g.stmt)
	code := Code{}
	switch loop := len(g.loops) > 0; {
	case len(g.elems) == 0 && loop:
		of.shape, of.typ, code.Text = aCount, types.Typ[types.Int], wake+"++"
	case len(g.elems) == 0 && of.sure:
		return nil // a flag that is always set says nothing
	case len(g.elems) == 0:
		of.shape, of.typ = aFlag, types.Typ[types.Bool]
		code = of.give(wake, Code{Text: "true"})
	case loop:
		of.elem = &g.elems[0]
		of.shape, of.typ = aList, types.NewSlice(of.elem.t)
		code = Code{Text: wake + " = append(" + wake + ", _1_)", Args: []ast.Expr{of.elem.expr}}
	default:
		of.elem = &g.elems[0]
		if who := woken(g.stmt); who == nil || !contains(who, of.elem.expr) || !of.sure && !s.toldByNil(g.stmt, of.elem) || of.elem.v != nil && s.isParam(of.elem.v) {
			return nil
		}
		of.shape, of.typ = aValue, of.elem.t
		code = of.give(wake, Code{Text: "_1_", Args: []ast.Expr{of.elem.expr}})
	}
	of.steps = []Step{ReplaceStmt{Old: g.stmt, Code: code}}
	return of
}

// toldByNil: that there is nobody to wake can be told by nil. A channel that is nil
// would never have let the send end; of anything else it must have been tested.
func (s *section) toldByNil(st ast.Stmt, e *elem) bool {
	if send, ok := st.(*ast.SendStmt); ok && ast.Unparen(send.Chan) == e.expr {
		return true
	}
	text := types.ExprString(e.expr)
	for m := s.u.Parent(st); m != nil && m != s.fn; m = s.u.Parent(m) {
		branch, ok := m.(*ast.IfStmt)
		if !ok || !contains(branch.Body, st) {
			continue
		}
		cmp, ok := ast.Unparen(branch.Cond).(*ast.BinaryExpr)
		if !ok || cmp.Op != token.NEQ || !s.info.Types[cmp.Y].IsNil() || types.ExprString(cmp.X) != text {
			continue
		}
		for _, between := range branch.Body.List {
			if contains(between, st) {
				return between == st
			}
			if mentions(between, text) {
				return false // it may be another by now
			}
		}
	}
	return false
}

// offerFunc hands up a function that does it.
func (s *section) offerFunc(wake string, st ast.Stmt) (*offer, *Obligation) {
	out, o := s.mayGo(st)
	if o != nil {
		return nil, o
	}
	if _, labelled := st.(*ast.LabeledStmt); labelled {
		return nil, nil
	}
	of := &offer{shape: aFunc, typ: funcType, out: out, moved: s.movedOps([]ast.Stmt{st}, out), imports: out.imports()}
	here := Place{Before: st}
	of.where(s, st)
	of.steps = append(s.detachSteps(out, here), out.steps(here)...)
	of.steps = append(of.steps, Enclose{First: st, Last: st, Code: of.give(wake, Code{Text: "func() {\n_body_\n}"})})
	return of, nil
}

// offerFuncs hands up functions that do it.
func (g *gathering) offerFuncs(wake string) *offer {
	if len(g.loops) == 0 || !g.s.atLeast("go1.22") {
		return nil
	}
	of := &offer{shape: manyFuncs, typ: types.NewSlice(funcType), out: g.out, moved: []moved{{Observation: g.op, from: g.from, copied: g.copies() || g.leads()}}}
	of.where(g.s, g.stmt)
	of.steps = append(g.out.steps(Place{Before: g.stmt}), Enclose{First: g.stmt, Last: g.stmt, Code: Code{Text: wake + " = append(" + wake + ", func() {\n_body_\n})"}})
	return of
}

var funcType = types.NewSignatureType(nil, nil, nil, nil, nil, false)

// again says how a second call adds to what the first has handed up, "" if it
// cannot.
func (of *offer) again(wake string) string {
	switch of.shape {
	case aList, manyFuncs:
		if _, isMap := of.typ.Underlying().(*types.Map); !isMap {
			return wake + " = append(" + wake + ", _1_...)"
		}
	case aCount:
		return wake + " += _1_"
	}
	return ""
}

// do writes what a caller does with what it was handed, where a call stands in a
// section of its own. sure: the call was passed.
func (of *offer) do(c *section, call *ast.CallExpr, self *types.Var, wake string, sure bool) (string, *Obligation) {
	name := ""
	swap := map[ast.Expr]string{}
	switch {
	case of.shape == aFunc && sure && of.sure:
		return wake + "()", nil
	case of.shape == aFunc:
		return "if " + wake + " != nil {\n" + wake + "()\n}", nil
	case of.shape == manyFuncs:
		f := c.fresh("f")
		return "for _, " + f + " := range " + wake + " {\n" + f + "()\n}", nil
	case of.loop:
		swap[of.stmt.(*ast.RangeStmt).X] = wake
	case of.shape == aList:
		name = c.fresh(baseName(of.elem.expr))
	case of.shape == aValue:
		name = wake
	}
	if of.elem != nil {
		for _, u := range of.elem.uses {
			swap[u] = name
		}
	}
	if of.declares(wake) || name != "" && of.declares(name) {
		o := refuted("names", "a new name would be caught by one of its own", of.stmt)
		return "", &o
	}
	text, o := of.export(c, call, self, swap)
	if o != nil {
		return "", o
	}
	switch {
	case of.loop, of.shape == aValue && sure && of.sure:
		return text, nil
	case of.shape == aCount:
		return "for ; " + wake + " > 0; " + wake + "-- {\n" + text + "\n}", nil
	case of.shape == aFlag:
		return "if " + wake + " {\n" + text + "\n}", nil
	case of.shape == aValue:
		if !isReference(of.typ) {
			o := refuted("once", "whether there is something to do cannot be told from "+types.TypeString(of.typ, nil), call)
			return "", &o
		}
		return "if " + wake + " != nil {\n" + text + "\n}", nil
	}
	return "for _, " + name + " := range " + wake + " {\n" + text + "\n}", nil
}

// export writes the statement in the words of a caller: with other names for what
// was handed up and for the receiver. Every other name must mean the same there.
func (of *offer) export(c *section, call *ast.CallExpr, self *types.Var, swap map[ast.Expr]string) (string, *Obligation) {
	x := &exporter{of: of, c: c, call: call, self: self, swap: swap, tf: c.pkg.Src.Fset.File(of.stmt.Pos())}
	file := c.pkg.Src.File(of.stmt.Pos())
	for _, g := range file.Syntax.Comments {
		if g.Pos() >= of.stmt.Pos() && g.End() <= of.stmt.End() {
			o := refuted("names", "a comment stands in what would move to another function", g)
			return "", &o
		}
	}
	ast.Inspect(of.stmt, x.visit)
	if x.bad != nil {
		return "", x.bad
	}
	return x.text(file), nil
}

// text is the statement with its replacements.
func (x *exporter) text(file *source.File) string {
	var b strings.Builder
	slices.SortFunc(x.found, func(a, b swapped) int { return a.start - b.start })
	at := x.tf.Offset(x.of.stmt.Pos())
	for _, r := range x.found {
		b.Write(file.Content[at:r.start])
		b.WriteString(r.new)
		at = r.end
	}
	b.Write(file.Content[at:x.tf.Offset(x.of.stmt.End())])
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}
