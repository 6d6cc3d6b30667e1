package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/uses"
)

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
		if e.Op == token.ARROW {
			r.polls(e)
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
		if tv := r.s.info.Types[e]; !tv.IsType() {
			r.read(e)
		}
	default: // types
	}
}

// polls looks at a receive that is no operation of the section, because it does
// not wait: what it finds may be the lock's business.
func (r *region) polls(e *ast.UnaryExpr) {
	for n := ast.Node(e); n != nil && n != r.s.fn; n = r.s.u.Parent(n) {
		if r.s.ops[n] != nil {
			return
		}
	}
	switch c, ok := r.s.u.ChanOf(e.X); {
	case ok && len(r.s.u.Sends(c)) > 0:
		r.refuse("operands", "what is received from "+types.ExprString(e.X)+" may be another thing once "+r.s.Acquire.Resource.Expr+" is released", e)
	case !r.s.onlyClosed(e.X):
		r.judged = merge(r.judged, assumed("exclusion", "it is not known who sends on "+types.ExprString(e.X), e))
	}
}

// literal looks into a function that is made outside of the section then.
func (r *region) literal(lit *ast.FuncLit) {
	saved, inner, before := r.returns, r.inner, len(r.captures)
	r.returns, r.inner = true, nil
	r.perhaps(func() { r.list(lit.Body.List) })
	r.returns, r.inner = saved, inner
	if len(r.captures) > before {
		r.refuse("operands", r.captures[before].text+" is read when the function literal runs, which may be later", lit)
	}
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
	if isCollection(v.Type()) && !r.onlyHeader(id) && !r.own[v] && r.s.steady(v) && !r.s.allOwn(v) && !r.s.Acquire.Resource.Sort.IsToken() {
		r.judged = merge(r.judged, assumed("not-needed", r.s.Acquire.Resource.Expr+" may guard the elements of "+id.Name, id))
	}
	if r.own[v] || r.s.steady(v) && !r.s.writtenInPlace(v) || r.keeps(v) {
		return
	}
	r.capture(id)
}

// keeps reports whether the region itself changes a variable of the function, and
// nothing else does once it has begun: it goes on with the variable, not with a
// copy.
func (r *region) keeps(v *types.Var) bool {
	if !r.changes(v) || r.s.shared(v) {
		return false
	}
	for _, w := range r.s.u.Writes(v) {
		if w.Node.Pos() > r.stmts[0].Pos() && !r.holds(w.Node) {
			return false
		}
	}
	return true
}

// changes reports whether the region writes a variable that it has not declared.
func (r *region) changes(v *types.Var) bool {
	return !r.own[v] && slices.ContainsFunc(r.s.u.Writes(v), func(w uses.Write) bool { return r.holds(w.Node) })
}

func (r *region) holds(n ast.Node) bool {
	return slices.ContainsFunc(r.stmts, func(st ast.Stmt) bool { return contains(st, n) })
}

// rewritten refuses to capture beforehand what the region changes on its way.
func (r *region) rewritten() {
	for _, c := range r.captures {
		for _, e := range c.uses {
			ast.Inspect(e, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				if v, isVar := r.s.info.Uses[id].(*types.Var); ok && isVar && !v.IsField() && r.changes(v) {
					r.refuse("operands", c.text+" is changed on the way, so that it cannot be captured", e)
				}
				return true
			})
		}
	}
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
			r.judged = merge(r.judged, assumed("not-needed", types.ExprString(e)+" may be guarded by "+r.s.Acquire.Resource.Expr, e))
			return
		}
	}
	r.capture(e)
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
	if !isReference(r.s.typeOf(e.X)) && !r.s.copiesReceiver(e) {
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
		case "panic", "recover":
			r.refuse("region", b+" would happen in another place", e)
		case "close":
			r.refuse("open", "it closes "+types.ExprString(e.Args[0])+": the lock may keep that from happening twice, or while others send", e)
		}
		return
	}
	r.expr(e.Fun)
	if r.s.ops[e] != nil {
		return // judged by not-needed and exclusion
	}
	if r.s.pkg.NoReturn(e) {
		r.refuse("region", types.ExprString(e.Fun)+" does not return", e)
		return
	}
	if r.s.signals(e) && r.s.stops(e) {
		// A cancel is a wake: it may leave with the others.
		r.judged = merge(r.judged, assumed("order", types.ExprString(e.Fun)+" may come later than others with "+r.s.Acquire.Resource.Expr+" expect", e))
		return
	}
	if r.s.signals(e) {
		r.refuse("operands", types.ExprString(e.Fun)+" may do something else once "+r.s.Acquire.Resource.Expr+" is released", e)
		return
	}
	body := r.s.callee(e)
	if body.closes != nil {
		r.refuse("open", types.ExprString(e.Fun)+" closes "+types.ExprString(body.closes.Args[0])+": the lock may keep that from happening twice, or while others send", body.closes)
	}
	for _, send := range body.sends {
		r.sends(send.Chan)
	}
	switch r.objectOf(e.Fun) {
	case bare:
		r.refuse("operands", types.ExprString(e.Fun)+" works on what the lock may guard", e)
		return
	case unknown:
		r.judged = merge(r.judged, assumed("not-needed", types.ExprString(e.Fun)+" may rely on "+r.s.Acquire.Resource.Expr, e))
		return
	}
	if r.s.pkg.Reach(e) == "foreign" {
		r.judged = merge(r.judged, assumed("not-needed", "nothing is known of "+types.ExprString(e.Fun), e))
	} else if why := r.s.needsLock(e); why != "" {
		r.refuse("not-needed", why, e)
	} else if why := r.s.mayNeedLock(e); why != "" {
		r.judged = merge(r.judged, assumed("not-needed", why, e))
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
var bareObjects = pattern.New(`^(container/.*|bytes|strings|bufio|hash(/.*)?|encoding/.*|math/.*|text/.*|compress/.*|archive/.*|crypto/.*|io)$`)

// guardsItself matches packages whose objects may be used by several goroutines
// at once.
var guardsItself = pattern.New(`^(log|log/slog|sync|sync/atomic|context|time|testing|net|os)$|zap|logrus|logr|klog|hclog|go-kit/log|prometheus/client_golang|opentelemetry|go-log|metrics`)
