package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// A region is a run of statements that leaves the critical section, with what
// must be captured for it. Everything in it was looked at: what it reads either
// cannot change, is its own, or is captured before the release; it writes
// nothing but its own variables.
type region struct {
	s        *section
	stmts    []ast.Stmt
	returns  bool // return statements may stand in it: it is the rest of the function
	results  bool // variables that it defines may be used behind it
	captures []*capture
	detached []*detach
	assumed  []Obligation
	refusal  *Obligation

	own   map[types.Object]bool // variables declared inside
	inner []ast.Stmt            // loops and switches around the node being looked at
	maybe int                   // above 0: the node being looked at may not be evaluated, or not at once
}

// A capture is an expression whose value is taken before the release.
type capture struct {
	text string
	uses []ast.Expr
	name string
}

// leave looks at statements that are to leave the section.
func (s *section) leave(stmts []ast.Stmt, returns bool) *region {
	r := &region{s: s, stmts: stmts, returns: returns, own: map[types.Object]bool{}}
	for _, st := range stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := s.info.Defs[id].(*types.Var); ok {
					r.own[v] = true
				}
			}
			if c, ok := n.(*ast.CaseClause); ok {
				if v := s.info.Implicits[c]; v != nil {
					r.own[v] = true
				}
			}
			return true
		})
	}
	for i, st := range stmts {
		if i == 1 {
			r.maybe++ // what stands ahead of it may not come to an end
		}
		r.stmt(st)
	}
	return r
}

// perhaps looks at what is evaluated on some paths only.
func (r *region) perhaps(look func()) {
	r.maybe++
	look()
	r.maybe--
}

func (r *region) refuse(name, why string, at ast.Node) {
	if r.refusal == nil {
		r.refusal = &Obligation{Name: name, Status: Refuted, Reason: why, At: at}
	}
}

// stmt looks at one statement.
func (r *region) stmt(n ast.Stmt) {
	switch n := n.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.ExprStmt:
		r.expr(n.X)
	case *ast.SendStmt:
		r.expr(n.Chan)
		r.expr(n.Value)
	case *ast.AssignStmt:
		r.assign(n)
	case *ast.IncDecStmt:
		r.write(n.X)
	case *ast.DeclStmt:
		r.declare(n)
	case *ast.BlockStmt:
		r.list(n.List)
	case *ast.LabeledStmt:
		r.stmt(n.Stmt)
	case *ast.IfStmt:
		r.stmt(n.Init)
		r.expr(n.Cond)
		before := r.refusal
		r.perhaps(func() {
			r.stmt(n.Body)
			r.stmt(n.Else)
		})
		if before == nil && r.refusal != nil && r.holdsOp(n.Cond) {
			r.refusal = &Obligation{Name: "results", Status: Refuted, Reason: "what it yields decides what happens in the section", At: n}
		}
	case *ast.ForStmt:
		r.stmt(n.Init)
		if n.Cond != nil {
			before := len(r.captures)
			r.expr(n.Cond)
			if len(r.captures) > before {
				r.refuse("trailing", "the loop looks at "+r.captures[before].text+" each time", n.Cond)
			}
		}
		r.perhaps(func() { r.stmt(n.Post) })
		r.nested(n, n.Body.List)
	case *ast.RangeStmt:
		r.rangeOver(n)
	case *ast.SwitchStmt:
		r.stmt(n.Init)
		if n.Tag != nil {
			r.expr(n.Tag)
		}
		r.nested(n, n.Body.List)
	case *ast.TypeSwitchStmt:
		r.stmt(n.Init)
		r.stmt(n.Assign)
		r.nested(n, n.Body.List)
	case *ast.SelectStmt:
		r.nested(n, n.Body.List)
	case *ast.CaseClause:
		for _, e := range n.List {
			r.expr(e)
		}
		r.list(n.Body)
	case *ast.CommClause:
		r.stmt(n.Comm)
		r.list(n.Body)
	case *ast.BranchStmt:
		r.branch(n)
	case *ast.ReturnStmt:
		if !r.returns {
			r.refuse("region", "it may return from the section", n)
		}
		for _, e := range n.Results {
			r.expr(e)
		}
	case *ast.GoStmt:
		r.expr(n.Call)
	default: // defer and what else there is
		r.refuse("region", "a deferred call is registered there", n)
	}
}

func (r *region) list(list []ast.Stmt) {
	for _, st := range list {
		r.stmt(st)
	}
}

func (r *region) nested(n ast.Stmt, list []ast.Stmt) {
	r.inner = append(r.inner, n)
	r.perhaps(func() { r.list(list) })
	r.inner = r.inner[:len(r.inner)-1]
}

// branch: break and continue must stay inside.
func (r *region) branch(n *ast.BranchStmt) {
	if n.Label != nil {
		target, ok := r.s.info.Uses[n.Label].(*types.Label)
		for _, st := range r.stmts {
			if ok && st.Pos() <= target.Pos() && target.Pos() < st.End() {
				return
			}
		}
		r.refuse("region", n.Tok.String()+" leaves it", n)
		return
	}
	for _, in := range r.inner {
		_, isFor := in.(*ast.ForStmt)
		_, isRange := in.(*ast.RangeStmt)
		if n.Tok == token.BREAK || n.Tok == token.FALLTHROUGH || isFor || isRange {
			return
		}
	}
	r.refuse("region", n.Tok.String()+" leaves it", n)
}

// assign: only the region's own variables are written, and variables of the
// function that nothing in the section reads after it.
func (r *region) assign(n *ast.AssignStmt) {
	for _, e := range n.Rhs {
		r.expr(e)
	}
	if r.holdsOp(n) && n.Tok != token.DEFINE && r.refusal == nil {
		for _, e := range n.Lhs {
			if _, ok := ast.Unparen(e).(*ast.Ident); !ok {
				r.refuse("results", "the section uses what it yields", n)
			}
		}
	}
	for _, e := range n.Lhs {
		if n.Tok != token.DEFINE {
			r.write(e)
		}
	}
}

// holdsOp reports whether an operation of the section stands in a node.
func (r *region) holdsOp(n ast.Node) bool {
	for _, o := range r.s.obs {
		if contains(n, o.Op.Node) {
			return true
		}
	}
	return false
}

func (r *region) declare(n *ast.DeclStmt) {
	for _, spec := range n.Decl.(*ast.GenDecl).Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			for _, e := range v.Values {
				r.expr(e)
			}
		}
	}
}

func (r *region) write(e ast.Expr) {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		r.refuse("window", "it writes "+types.ExprString(e), e)
		return
	}
	if id.Name == "_" {
		return
	}
	v, ok := r.s.info.ObjectOf(id).(*types.Var)
	if !ok || r.own[v] {
		return
	}
	if v.Parent() != nil && v.Parent() == v.Pkg().Scope() {
		r.refuse("window", "it writes "+id.Name, e)
		return
	}
	r.results = true // a variable of the function: whoever reads it must stand behind it
}

// expr looks at an expression that will be evaluated after the release.
func (r *region) expr(e ast.Expr) {
	switch e := e.(type) {
	case nil, *ast.BasicLit:
	case *ast.Ident:
		r.ident(e)
	case *ast.ParenExpr:
		r.expr(e.X)
	case *ast.SelectorExpr:
		r.selector(e)
	case *ast.CallExpr:
		r.call(e)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			r.address(e)
			return
		}
		r.expr(e.X)
	case *ast.BinaryExpr:
		r.expr(e.X)
		if e.Op == token.LAND || e.Op == token.LOR {
			r.perhaps(func() { r.expr(e.Y) })
		} else {
			r.expr(e.Y)
		}
	case *ast.CompositeLit:
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				if _, isMap := r.s.typeOf(e).Underlying().(*types.Map); isMap {
					r.expr(kv.Key)
				}
				el = kv.Value
			}
			r.expr(el)
		}
	case *ast.FuncLit:
		r.literal(e)
	case *ast.TypeAssertExpr:
		r.expr(e.X)
	case *ast.IndexExpr, *ast.SliceExpr, *ast.StarExpr:
		r.read(e)
	default: // types
	}
}

// literal looks into a function that is made outside of the section then.
func (r *region) literal(lit *ast.FuncLit) {
	saved, inner := r.returns, r.inner
	r.returns, r.inner = true, nil
	r.perhaps(func() { r.list(lit.Body.List) })
	r.returns, r.inner = saved, inner
}

func (r *region) ident(id *ast.Ident) {
	v, ok := r.s.info.Uses[id].(*types.Var)
	if !ok {
		return
	}
	if isCollection(v.Type()) && !r.onlyHeader(id) && r.s.aliasOfField(v) {
		r.refuse("detach", id.Name+" shares its elements with what the lock may guard", id)
		return
	}
	if r.own[v] || r.s.steady(v) {
		return
	}
	r.capture(id)
}

// selector looks at x.f.
func (r *region) selector(e *ast.SelectorExpr) {
	sel := r.s.info.Selections[e]
	if sel == nil { // pkg.Name
		if v, ok := r.s.info.Uses[e.Sel].(*types.Var); ok && !r.s.steady(v) {
			r.capture(e)
		}
		return
	}
	if sel.Kind() != types.FieldVal {
		r.receiver(e)
		return
	}
	r.read(e)
}

// read looks at an expression that reads memory: it may stay if what it reads
// cannot change, it is captured if it can be evaluated beforehand.
func (r *region) read(e ast.Expr) {
	if r.fixed(e) {
		if isCollection(r.s.typeOf(e)) && !r.onlyHeader(e) && !r.s.neverChanged(e) {
			r.refuse("detach", types.ExprString(e)+" would be read without the lock", e)
		}
		return
	}
	if r.mentionsOwn(e) {
		r.refuse("operands", types.ExprString(e)+" may be guarded by "+r.s.Acquire.Resource.Expr, e)
		return
	}
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok && r.maybe > 0 && r.elsewhere(sel) {
		if why, _ := r.s.mayFault(e); why != "" {
			// The pointer is captured; what it leads to is another package's object.
			r.expr(sel.X)
			r.assumed = merge(r.assumed, assumed("not-needed", types.ExprString(e)+" may be guarded by "+r.s.Acquire.Resource.Expr, e))
			return
		}
	}
	r.capture(e)
}

// elsewhere reports whether a field belongs to a type of another package.
func (r *region) elsewhere(sel *ast.SelectorExpr) bool {
	f, ok := r.s.info.Uses[sel.Sel].(*types.Var)
	return ok && f.IsField() && f.Pkg() != nil && f.Pkg() != r.s.pkg.Src.Types
}

// fixed reports whether reading an expression later gives the same: a path of
// fields that are never written again, from a variable that is not.
func (r *region) fixed(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := r.s.info.Uses[e].(*types.Var)
		return ok && (r.own[v] || r.s.steady(v))
	case *ast.SelectorExpr:
		sel := r.s.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal || !r.fixed(e.X) {
			return false
		}
		if r.isOwnStruct(e.X) {
			return true // a copy of its own
		}
		f, ok := sel.Obj().(*types.Var)
		if !ok {
			return false
		}
		for _, in := range implicitFields(sel) {
			if ok, _ := r.s.u.Immutable(in); !ok && isPointer(in.Type()) {
				return false
			}
		}
		immutable, _ := r.s.u.Immutable(f.Origin())
		return immutable
	}
	return false
}

// isOwnStruct: a variable of the region that holds a struct, not a pointer.
func (r *region) isOwnStruct(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := r.s.info.Uses[id].(*types.Var)
	if !ok || !r.own[v] {
		return false
	}
	_, isStruct := v.Type().Underlying().(*types.Struct)
	return isStruct
}

// address: a pointer into what the lock guards must not leave it.
func (r *region) address(e *ast.UnaryExpr) {
	if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
		r.expr(lit)
		return
	}
	if id, ok := ast.Unparen(e.X).(*ast.Ident); ok {
		if v, ok := r.s.info.Uses[id].(*types.Var); ok && (r.own[v] || v.Parent() != v.Pkg().Scope()) {
			return // its own, or a local variable: the trailing obligation looks at those
		}
	}
	r.refuse("operands", "a pointer to "+types.ExprString(e.X)+" would leave the section", e)
}

// receiver looks at the receiver of a method: a pointer or interface is a value
// like others; the address of a struct stays the same wherever it is taken.
func (r *region) receiver(e *ast.SelectorExpr) {
	if !isReference(r.s.typeOf(e.X)) {
		if inner, ok := ast.Unparen(e.X).(*ast.SelectorExpr); ok && r.s.info.Selections[inner] != nil {
			r.receiver(inner)
			return
		}
		if id, ok := ast.Unparen(e.X).(*ast.Ident); ok {
			if v, ok := r.s.info.Uses[id].(*types.Var); ok && !v.IsField() {
				return // the variable itself, wherever it is
			}
		}
	}
	r.expr(e.X)
}

// call looks at a call that leaves the section.
func (r *region) call(e *ast.CallExpr) {
	if b, ok := r.s.builtin(e.Fun); ok && (b == "len" || b == "cap") {
		r.measure(e)
		return
	}
	for _, arg := range e.Args {
		r.expr(arg)
	}
	if tv, ok := r.s.info.Types[e.Fun]; ok && tv.IsType() {
		return
	}
	if b, ok := r.s.builtin(e.Fun); ok {
		switch b {
		case "delete", "clear", "copy":
			r.refuse("window", b+" changes what the lock may guard", e)
		case "close":
			r.refuse("open", "it closes "+types.ExprString(e.Args[0])+": the lock may keep that from happening twice, or while others send", e)
		}
		return
	}
	r.expr(e.Fun)
	if r.s.ops[e] != nil {
		return // judged by not-needed and exclusion
	}
	switch r.objectOf(e.Fun) {
	case bare:
		r.refuse("operands", types.ExprString(e.Fun)+" works on what the lock may guard", e)
		return
	case unknown:
		r.assumed = merge(r.assumed, assumed("not-needed", types.ExprString(e.Fun)+" may rely on "+r.s.Acquire.Resource.Expr, e))
		return
	}
	if r.s.pkg.Reach(e) == "foreign" {
		r.assumed = merge(r.assumed, assumed("not-needed", "nothing is known of "+types.ExprString(e.Fun), e))
	} else if why := r.s.needsLock(e); why != "" {
		r.refuse("not-needed", why, e)
	}
}

// What is known of an object whose method is called without the lock.
const (
	safe    = iota // it is the function's own, or guards itself, or its code is looked at
	unknown        // it may guard itself: an assumption
	bare           // it does not: a list, a buffer, a struct that lies beside the lock
)

// objectOf judges the object of a method that is no operation of the section.
func (r *region) objectOf(fun ast.Expr) int {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return safe
	}
	m := r.s.info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal {
		return safe
	}
	fn := m.Obj().(*types.Func)
	if fn.Pkg() == nil || fn.Pkg() == r.s.pkg.Src.Types || guardsItself.MatchString(fn.Pkg().Path()) {
		return safe
	}
	t := r.s.typeOf(sel.X)
	if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && !isReference(t) {
		if v, ok := r.s.info.Uses[id].(*types.Var); ok && v.Parent() != v.Pkg().Scope() {
			return safe // a value of the function's own
		}
	}
	if !isReference(t) || bareObjects.MatchString(fn.Pkg().Path()) {
		return bare
	}
	return unknown
}

// bareObjects matches packages whose objects one goroutine may use at a time.
var bareObjects = regexp.MustCompile(`^(container/.*|bytes|strings|bufio|hash(/.*)?|encoding/.*|math/.*|text/.*|compress/.*|archive/.*|crypto/.*|io)$`)

// guardsItself matches packages whose objects may be used by several goroutines
// at once.
var guardsItself = regexp.MustCompile(`^(log|log/slog|sync|sync/atomic|context|time|testing|net|os)$|zap|logrus|logr|klog|hclog|go-kit/log|prometheus/client_golang|opentelemetry|go-log|metrics`)

// rangeOver looks at a loop: its collection is detached.
func (r *region) rangeOver(n *ast.RangeStmt) {
	if n.Tok == token.ASSIGN {
		r.write(n.Key)
		if n.Value != nil {
			r.write(n.Value)
		}
	}
	switch t := r.s.typeOf(n.X); u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
		if slices.ContainsFunc(r.stmts, func(st ast.Stmt) bool { return unlabel(st) == ast.Stmt(n) }) {
			d := r.s.detachment(r, n)
			if why, at := r.s.mayFault(n.X); why != "" && r.maybe > 0 {
				r.refuse("operands", types.ExprString(n.X)+" would be evaluated where it may not be: "+why, at)
			}
			r.detached = append(r.detached, d)
			if d.refusal != nil && r.refusal == nil {
				r.refusal = d.refusal
			}
		} else if !r.isDetached(n.X) {
			r.refuse("detach", types.ExprString(n.X)+" would be ranged over without the lock", n.X)
		}
	case *types.Basic:
		r.expr(n.X)
	case *types.Chan:
		r.expr(n.X)
		if r.s.ops[n] == nil {
			r.refuse("results", "it receives in a loop", n)
		}
	default:
		r.refuse("detach", fmt.Sprintf("it ranges over a %s", types.TypeString(u, nil)), n.X)
	}
	r.nested(n, n.Body.List)
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

// isOwnCollection: a local variable that shares its elements with nobody.
func (r *region) isOwnCollection(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := r.s.info.Uses[id].(*types.Var)
	return ok && v.Parent() != v.Pkg().Scope() && r.s.steady(v) && r.s.allOwn(v)
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
	for _, c := range r.captures {
		if c.text == text {
			c.uses = append(c.uses, e)
			return
		}
	}
	r.captures = append(r.captures, &capture{text: text, uses: []ast.Expr{e}})
}

func (r *region) mentionsOwn(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && r.own[r.s.info.Uses[id]] {
			found = true
		}
		return !found
	})
	return found
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

func isReference(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Chan, *types.Map, *types.Signature:
		return true
	}
	return false
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// implicitFields are the embedded fields that a selection runs through.
func implicitFields(sel *types.Selection) []*types.Var {
	var out []*types.Var
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		st, ok := t.Underlying().(*types.Struct)
		if !ok {
			return out
		}
		out = append(out, st.Field(i).Origin())
		t = st.Field(i).Type()
	}
	return out
}

func (s *section) typeOf(e ast.Expr) types.Type {
	if t := s.info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

func (s *section) builtin(fun ast.Expr) (string, bool) {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return "", false
	}
	b, ok := s.info.Uses[id].(*types.Builtin)
	if !ok {
		return "", false
	}
	return b.Name(), true
}

// steady reports whether a variable keeps its value from the acquisition on.
func (s *section) steady(v *types.Var) bool {
	if v.Pkg() == nil || v.IsField() {
		return false
	}
	if v.Pkg() != s.pkg.Src.Types {
		return true // this lock cannot guard what another package declares
	}
	if v.Parent() == v.Pkg().Scope() {
		ok, _ := s.u.Immutable(v)
		return ok
	}
	for _, w := range s.u.Writes(v) {
		if !s.isBefore(w.Node, v) {
			return false
		}
	}
	return true
}

// isBefore: a write that stands above the acquisition, in this function and in
// no loop with it, or is the variable's definition, is over by then.
func (s *section) isBefore(n ast.Node, v *types.Var) bool {
	if n.Pos() <= v.Pos() && v.Pos() < n.End() {
		return true
	}
	if u, ok := n.(*ast.UnaryExpr); ok && u.Op == token.AND {
		_, isStruct := v.Type().Underlying().(*types.Struct)
		return isStruct
	}
	return n.End() <= s.Acquire.Node.Pos() && s.u.Enclosing(n) == s.fn && s.loopAround(s.Acquire.Node) == nil
}

// loopAround is the innermost loop around a node in its function.
func (s *section) loopAround(n ast.Node) ast.Stmt {
	for m := s.u.Parent(n); m != nil && m != s.fn; m = s.u.Parent(m) {
		switch l := m.(type) {
		case *ast.ForStmt:
			return l
		case *ast.RangeStmt:
			return l
		}
	}
	return nil
}
