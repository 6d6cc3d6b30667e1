package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A reentry is a call that takes a lock which is held around it.
type reentry struct {
	*hazard.Fault
	call *ast.CallExpr
	sel  *ast.SelectorExpr
	op   *lockset.Op
	held lockset.Held
	fn   *types.Func   // the method that is called
	decl *ast.FuncDecl // its code
}

// A core is what a method does between taking the lock of its receiver first and
// giving it back last.
type core struct {
	fn    *types.Func
	lock  *lockset.Section
	stmts []ast.Stmt
}

// newReentry finds out what every strategy needs: a method of this package, and
// the one lock that it takes again.
func newReentry(f *hazard.Fault, strategy string) (*reentry, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*reentry, *Refusal) {
		return nil, &Refusal{Strategy: strategy, Obligation: refuted(name, why, at)}
	}
	r := &reentry{Fault: f}
	r.call, _ = f.Spots[0].(*ast.CallExpr)
	if r.call == nil || len(f.Chain) == 0 {
		return refuse("region", "the lock is taken again right here", f.Node)
	}
	r.sel, _ = ast.Unparen(r.call.Fun).(*ast.SelectorExpr)
	fns := f.Pkg.Callees(r.call)
	if r.sel == nil || len(fns) != 1 || f.Pkg.Reach(r.call) != "known" || f.Pkg.Uses.FuncDecl(fns[0]) == nil {
		return refuse("operands", "the call is of no method of this package", r.call)
	}
	r.fn, r.decl = fns[0], f.Pkg.Uses.FuncDecl(fns[0])
	if s := f.Pkg.Src.Info.Selections[r.sel]; s == nil || s.Kind() != types.MethodVal || len(s.Index()) != 1 {
		return refuse("names", r.fn.Name()+" is promoted through another type", r.sel)
	}
	for _, op := range f.Body.Ops {
		if op.Node == r.call {
			r.op = op
		}
	}
	if r.op == nil {
		return refuse("region", "the call is not seen", r.call)
	}
	return r, r.holds(strategy)
}

// holds finds the lock that the call takes again, as it is held.
func (r *reentry) holds(strategy string) *Refusal {
	var taken []summary.Take
	for _, t := range r.Pkg.Takes(r.Body, r.op) {
		if _, ok := r.op.State.Find(t.Resource.Key()); ok && t.Resource.Root != nil {
			taken = append(taken, t)
		}
	}
	if len(taken) == 0 {
		return &Refusal{Strategy: strategy, Obligation: refuted("region", "the lock is held or taken by another name than here", r.call)}
	}
	if len(taken) > 1 {
		return &Refusal{Strategy: strategy, Obligation: refuted("region", r.fn.Name()+" takes more than one lock that is held", r.call)}
	}
	r.held, _ = r.op.State.Find(taken[0].Resource.Key())
	switch {
	case !r.held.Must:
		return &Refusal{Strategy: strategy, Obligation: refuted("region", "the lock is not held on every path to the call", r.call)}
	case r.held.Mode == syncapi.Read && taken[0].Mode == syncapi.Write:
		return &Refusal{Strategy: strategy, Obligation: refuted("exclusion", r.fn.Name()+" needs the lock for writing, and it is held for reading", r.call)}
	}
	return nil
}

// coreOf finds the core of a method; nil if it does anything outside of it.
func (r *reentry) coreOf(fn *types.Func) *core {
	decl := r.Pkg.Uses.FuncDecl(fn)
	var body *lockset.Body
	for _, b := range r.Pkg.Bodies() {
		if b.Fn == decl {
			body = b
		}
	}
	if body == nil || len(body.Sections) != 1 || len(decl.Body.List) < 2 {
		return nil
	}
	list, s := decl.Body.List, body.Sections[0]
	if s.Acquire.Resource.Root != fn.Signature().Recv() || !s.Acquire.Resource.Stable || s.Acquire.Via != nil || len(s.Releases) != 1 || s.Leaks || s.Mixed || !isStmt(list[0], s.Acquire.Node) {
		return nil
	}
	c := &core{fn: fn, lock: s}
	release := s.Releases[0]
	last := len(list) - 1
	ret, returns := list[last].(*ast.ReturnStmt)
	switch {
	case release.Via != nil:
		return nil
	case release.Defer != nil:
		c.stmts = list[2:]
		return c.when(list[1] == ast.Stmt(release.Defer) && release.Defer.Call == release.Node)
	case returns && last > 1 && plainResults(ret):
		c.stmts = append(slices.Clone(list[1:last-1]), ret)
		return c.when(isStmt(list[last-1], release.Node))
	}
	c.stmts = list[1:last]
	return c.when(isStmt(list[last], release.Node))
}

func (c *core) when(ok bool) *core {
	if !ok {
		return nil
	}
	return c
}

// isStmt reports whether a statement is nothing but the call n.
func isStmt(st ast.Stmt, n ast.Node) bool {
	e, ok := st.(*ast.ExprStmt)
	return ok && e.X == n
}

// plainResults: a return of variables gives the same ahead of an unlock as
// behind it.
func plainResults(ret *ast.ReturnStmt) bool {
	return !slices.ContainsFunc(ret.Results, func(e ast.Expr) bool {
		_, ok := e.(*ast.Ident)
		return !ok
	})
}

// obligations that hold when a call is replaced by what it does under the lock.
func (r *reentry) obligations(what string) []Obligation {
	return []Obligation{
		proved("region", r.held.Expr+" is held on every path to the call"),
		proved("operands", "receiver and arguments are evaluated where they were"),
		proved("results", "the results are the same"),
		proved("exclusion", what+" runs under the same lock as in "+r.fn.Name()),
		proved("names", "all names are visible at the call"),
	}
}

// lockedTwin calls the method's twin that leaves the lock alone.
//
//	func (x T) M(a) R { mu.Lock(); defer mu.Unlock(); return x.m(a) }
//	x.M(a)  =>  x.m(a)
//
// so long as M does nothing but call m under the lock, or both have the same code
// (results), and the lock is held as M would hold it (exclusion).
func lockedTwin(f *hazard.Fault) (*Plan, *Refusal) {
	r, refusal := newReentry(f, "twin")
	if refusal != nil {
		return nil, refusal
	}
	c := r.coreOf(r.fn)
	if c == nil {
		return nil, &Refusal{Strategy: "twin", Obligation: refuted("region", r.Pkg.FuncName(r.fn)+" does not take the lock first and give it back last", r.decl)}
	}
	twin := r.delegate(c)
	if twin == nil {
		twin = r.sameBody(c)
	}
	if twin == nil {
		return nil, &Refusal{Strategy: "twin", Obligation: refuted("results", "no method does what "+r.fn.Name()+" does and leaves the lock alone", r.decl)}
	}
	return &Plan{
		Strategy:    "twin",
		Title:       fmt.Sprintf("call %s, which leaves %s alone", twin.Name(), r.held.Expr),
		Obligations: r.obligations(twin.Name()),
		Decl:        r.Pkg.Uses.Decl(r.call),
		Steps:       []Step{Replace{Old: r.call.Fun, Code: Code{Text: "_1_." + twin.Name(), Args: []ast.Expr{r.sel.X}}}},
	}, nil
}

// fits reports whether a method can be called in the place of the one that is.
func (r *reentry) fits(m *types.Func) bool {
	if m == nil || m == r.fn || m.Pkg() != r.Pkg.Src.Types {
		return false
	}
	obj, index, _ := types.LookupFieldOrMethod(r.Pkg.Src.Info.TypeOf(r.sel.X), true, r.Pkg.Src.Types, m.Name())
	found, _ := obj.(*types.Func)
	if found == nil || found.Origin() != m || len(index) != 1 {
		return false
	}
	a, b := r.fn.Signature(), m.Signature()
	return types.Identical(types.NewSignatureType(nil, nil, nil, a.Params(), a.Results(), a.Variadic()), types.NewSignatureType(nil, nil, nil, b.Params(), b.Results(), b.Variadic())) &&
		!r.locks(m)
}

// locks reports whether a method takes the lock, or gives it back.
func (r *reentry) locks(m *types.Func) bool {
	f := r.Pkg.Summary(m)
	if f == nil {
		return true
	}
	class := r.Pkg.Class(r.held.Resource)
	return len(f.Changes) > 0 || slices.ContainsFunc(f.Locks, func(l summary.Lock) bool { return l.Class == class })
}

// delegate is the method that the called one hands its parameters to, and whose
// results it returns, without doing anything else.
func (r *reentry) delegate(c *core) *types.Func {
	if len(c.stmts) != 1 {
		return nil
	}
	var e ast.Expr
	switch st := c.stmts[0].(type) {
	case *ast.ReturnStmt:
		if len(st.Results) == 1 {
			e = st.Results[0]
		}
	case *ast.ExprStmt:
		if r.fn.Signature().Results().Len() == 0 {
			e = st.X
		}
	}
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != r.fn.Signature().Params().Len() || call.Ellipsis.IsValid() != r.fn.Signature().Variadic() {
		return nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !r.isVar(sel.X, r.fn.Signature().Recv()) {
		return nil
	}
	for i, arg := range call.Args {
		if !r.isVar(arg, r.fn.Signature().Params().At(i)) {
			return nil
		}
	}
	m, _ := r.Pkg.Src.Info.Uses[sel.Sel].(*types.Func)
	if m == nil || !r.fits(m.Origin()) {
		return nil
	}
	return m.Origin()
}

func (r *reentry) isVar(e ast.Expr, v *types.Var) bool {
	id, ok := e.(*ast.Ident)
	return ok && r.Pkg.Src.Info.Uses[id] == v
}

// sameBody is a method with the code that the called one has under the lock.
func (r *reentry) sameBody(c *core) *types.Func {
	if len(c.stmts) == 0 {
		return nil
	}
	for _, b := range r.Pkg.Bodies() {
		fd, ok := b.Fn.(*ast.FuncDecl)
		if !ok || b.Obj == nil || fd.Recv == nil || !r.fits(b.Obj) {
			continue
		}
		same := &sameness{info: r.Pkg.Src.Info, pairs: map[types.Object]types.Object{}}
		if same.pair(r.fn.Signature(), b.Obj.Signature()) && same.list(c.stmts, fd.Body.List) {
			return b.Obj
		}
	}
	return nil
}

// readItself reads the field that a getter reads.
//
//	func (x T) Len() int { mu.Lock(); defer mu.Unlock(); return len(x.items) }
//	x.Len()  =>  len(x.items)
//
// so long as the getter reads nothing but fields of its receiver and its
// parameters, and the call gives it only names, which can be read twice
// (operands).
func readItself(f *hazard.Fault) (*Plan, *Refusal) {
	r, refusal := newReentry(f, "read itself")
	if refusal != nil {
		return nil, refusal
	}
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "read itself", Obligation: refuted(name, why, at)}
	}
	e := r.result(r.fn)
	if e == nil {
		return refuse("results", r.fn.Name()+" does more than read a field", r.decl)
	}
	if _, ok := r.Pkg.Uses.Parent(r.call).(ast.Expr); !ok {
		switch r.Pkg.Uses.Parent(r.call).(type) {
		case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
			return refuse("results", "what it yields is not used", r.call)
		}
	}
	for _, x := range append([]ast.Expr{r.sel.X}, r.call.Args...) {
		if !isName(x) {
			return refuse("operands", types.ExprString(x)+" is no plain name", x)
		}
	}
	t := &reading{reentry: r, fn: r.fn, args: append([]ast.Expr{r.sel.X}, r.call.Args...)}
	text, ok := t.text(e)
	if !ok {
		return refuse("operands", r.fn.Name()+" reads more than fields of its receiver", e)
	}
	if !types.Identical(r.Pkg.Src.Info.TypeOf(e), r.fn.Signature().Results().At(0).Type()) {
		return refuse("results", "the field has another type than the result", e)
	}
	obligations := r.obligations("the read")
	old := ast.Expr(r.call)
	if not, inverse := r.negated(e); not != nil {
		inner, _ := t.text(e.(*ast.BinaryExpr).X)
		right, _ := t.text(e.(*ast.BinaryExpr).Y)
		old, text = not, inner+" "+inverse.String()+" "+right
	}
	return &Plan{
		Strategy:    "read itself",
		Title:       "read the field itself instead of calling " + r.fn.Name(),
		Obligations: obligations,
		Decl:        r.Pkg.Uses.Decl(r.call),
		Steps:       []Step{Replace{Old: old, Code: Code{Text: text, Args: t.args}}},
	}, nil
}

// negated returns the negation that a call stands in, and the comparison that says
// the same, where the getter compares for equality: !x.empty() is len(x.items) != 0.
func (r *reentry) negated(e ast.Expr) (not *ast.UnaryExpr, op token.Token) {
	cmp, ok := e.(*ast.BinaryExpr)
	if !ok || cmp.Op != token.EQL && cmp.Op != token.NEQ {
		return nil, 0
	}
	if not, ok = r.Pkg.Uses.Parent(r.call).(*ast.UnaryExpr); !ok || not.Op != token.NOT {
		return nil, 0
	}
	if _, alone := r.Pkg.Uses.Parent(not).(ast.Expr); alone {
		return nil, 0 // a part of more would need parentheses
	}
	if cmp.Op == token.EQL {
		return not, token.NEQ
	}
	return not, token.EQL
}

// result is the one expression that a getter returns, under the lock that is
// held or without any; nil for a method that does more.
func (r *reentry) result(fn *types.Func) ast.Expr {
	decl := r.Pkg.Uses.FuncDecl(fn)
	if decl == nil || decl.Body == nil || fn.Signature().Results().Len() != 1 {
		return nil
	}
	stmts, explicit := decl.Body.List, false
	if c := r.coreOf(fn); c != nil {
		if r.Pkg.Class(c.lock.Acquire.Resource) != r.Pkg.Class(r.held.Resource) {
			return nil
		}
		stmts, explicit = c.stmts, c.lock.Releases[0].Defer == nil
	}
	if len(stmts) == 0 {
		return nil
	}
	ret, ok := stmts[len(stmts)-1].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return nil
	}
	if len(stmts) == 1 && !explicit {
		return ret.Results[0]
	}
	def, ok := stmts[0].(*ast.AssignStmt) // n := len(x.items); Unlock; return n
	if !ok || len(stmts) != 2 || len(def.Lhs) != 1 || len(def.Rhs) != 1 {
		return nil
	}
	id, ok := def.Lhs[0].(*ast.Ident)
	if !ok {
		return nil
	}
	if v, _ := r.Pkg.Src.Info.Defs[id].(*types.Var); v == nil || !r.isVar(ret.Results[0], v) {
		return nil
	}
	return def.Rhs[0]
}

// isName: variables and fields of them, or a literal: reading it again, or
// later, is all the same to others.
func isName(e ast.Expr) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return isName(x.X)
	}
	return false
}

// A reading spells the expression of a getter at a call.
type reading struct {
	*reentry
	fn   *types.Func // whose expression it is
	args []ast.Expr  // receiver and arguments; holes 1 and up
}

// text spells an expression with holes for receiver and parameters; ok is false
// if it is made of more than these, their fields, elements and lengths.
func (t *reading) text(e ast.Expr) (string, bool) {
	info := t.Pkg.Src.Info
	switch x := e.(type) {
	case *ast.Ident:
		sig := t.fn.Signature()
		if info.Uses[x] == sig.Recv() {
			return "_1_", true
		}
		for i := range sig.Params().Len() {
			if info.Uses[x] == sig.Params().At(i) && !sig.Variadic() && types.Identical(info.TypeOf(t.args[i+1]), sig.Params().At(i).Type()) {
				return fmt.Sprintf("_%d_", i+2), true
			}
		}
		return "", false
	case *ast.BasicLit:
		return x.Value, true
	case *ast.ParenExpr:
		s, ok := t.text(x.X)
		return "(" + s + ")", ok
	case *ast.SelectorExpr:
		if s := info.Selections[x]; s == nil || s.Kind() != types.FieldVal {
			return "", false
		}
		s, ok := t.text(x.X)
		return s + "." + x.Sel.Name, ok
	case *ast.IndexExpr:
		a, ok1 := t.text(x.X)
		b, ok2 := t.text(x.Index)
		return a + "[" + b + "]", ok1 && ok2
	case *ast.BinaryExpr:
		a, ok1 := t.text(x.X)
		b, ok2 := t.text(x.Y)
		return a + " " + x.Op.String() + " " + b, ok1 && ok2
	case *ast.CallExpr:
		if sel, ok := x.Fun.(*ast.SelectorExpr); ok {
			return t.inner(x, sel)
		}
		id, ok := x.Fun.(*ast.Ident)
		if !ok || len(x.Args) != 1 || id.Name != "len" && id.Name != "cap" || !t.universal(id.Name) {
			return "", false
		}
		if _, builtin := info.Uses[id].(*types.Builtin); !builtin {
			return "", false
		}
		s, ok := t.text(x.Args[0])
		return id.Name + "(" + s + ")", ok
	}
	return "", false
}

// inner spells the call of another getter of the same receiver.
func (t *reading) inner(call *ast.CallExpr, sel *ast.SelectorExpr) (string, bool) {
	fn, _ := t.Pkg.Src.Info.Uses[sel.Sel].(*types.Func)
	if fn == nil || fn == t.fn || len(call.Args) > 0 || !t.isVar(sel.X, t.fn.Signature().Recv()) || fn.Signature().Recv() == nil || fn.Signature().Params().Len() > 0 {
		return "", false
	}
	e := t.result(fn.Origin())
	if e == nil || !types.Identical(t.Pkg.Src.Info.TypeOf(e), fn.Signature().Results().At(0).Type()) {
		return "", false
	}
	in := &reading{reentry: t.reentry, fn: fn.Origin(), args: t.args[:1]}
	text, ok := in.text(e)
	if _, binary := e.(*ast.BinaryExpr); binary {
		text = "(" + text + ")"
	}
	return text, ok
}

// universal reports whether a name means at the call what it means everywhere.
func (t *reading) universal(name string) bool {
	scope := t.Pkg.Src.Types.Scope().Innermost(t.call.Pos())
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(name, t.call.Pos())
	return obj == types.Universe.Lookup(name)
}
