package uses

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// What follows proves sends into a channel that gets at most one value in its
// life. Two things are shown: each channel belongs to one object only, and the
// one place that sends on it runs at most once an object.

// lone reports whether each channel of s is made for one object alone and s is
// the only send on it.
func (x *Index) lone(s sending) bool {
	sends := x.Sends(s.c)
	if !s.fixed || len(sends) != 1 || sends[0] != s.stmt {
		return false
	}
	if !s.c.Var.IsField() || x.seen().whole[s.c.Var] != nil {
		return false
	}
	if s.c.Elem {
		return true // removed looks at what is put in
	}
	for _, w := range x.writes[s.c.Var] {
		if w.Kind != Init && w.Kind != Assign || w.Value == nil || !isNil(w.Value) && !x.ownMake(w.Value) {
			return false
		}
	}
	return true
}

// ownMake reports whether e is a new channel that nothing else is set to.
func (x *Index) ownMake(e ast.Expr) bool {
	if _, ok := x.roomOf(e); ok {
		return true
	}
	v := x.varOf(e)
	if v == nil || len(x.writes[v]) != 1 || x.writes[v][0].Kind != Init {
		return false
	}
	w := x.writes[v][0]
	if _, ok := x.roomOf(w.Value); !ok || x.loop(e, x.parent[w.Node]) != nil {
		return false
	}
	stored := 0
	for _, to := range x.flow.fwd[Chan{v, false}] {
		if to.Elem || to.Var.IsField() || x.roles[to.Var] == (role{}) {
			stored++
		}
	}
	return stored == 1
}

// flagged proves a send that the object itself admits once, under its lock:
//
//		if o.done { return }            if o.ch != nil {
//		o.done = true                       o.ch <- v
//		o.ch <- v                           o.ch = nil
//		                                }
//
//	  - nothing ever takes the flag back;
//	  - test, change and send stand in one list, nothing leaves it in between.
func (x *Index) flagged(s sending) string {
	p := x.StmtOf(s.stmt)
	sel, ok := ast.Unparen(s.stmt.Chan).(*ast.SelectorExpr)
	if !ok || s.c.Elem || p.Stmt != ast.Stmt(s.stmt) || !x.lone(s) {
		return ""
	}
	root := x.root(sel)
	if root == nil || len(x.writes[root]) > 1 || !x.excludes(s.stmt, root) {
		return ""
	}
	for i, st := range p.List {
		as, ok := st.(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 || !x.straight(p.List, i, p.Index) {
			continue
		}
		target, ok := ast.Unparen(as.Lhs[0]).(*ast.SelectorExpr)
		if !ok || !sameExpr(target.X, sel.X) {
			continue
		}
		switch {
		case i > p.Index && isNil(as.Rhs[0]) && sameExpr(target, sel) && x.tested(p, min(i, p.Index), sel, false):
			return s.name + " is sent to once: it is nil afterwards"
		case x.raised(x.varOf(target)) && isTrue(as.Rhs[0]) && x.tested(p, min(i, p.Index), target, true):
			return s.name + " is sent to once: " + types.ExprString(target) + " guards it"
		}
	}
	return ""
}

// raised reports whether a flag, once true, stays so.
func (x *Index) raised(v *types.Var) bool {
	if v == nil || x.outside(v) != "" || x.seen().whole[v] != nil {
		return false
	}
	for _, w := range x.writes[v] {
		if w.Kind != Init && (w.Kind != Assign || w.Value == nil || !isTrue(w.Value)) {
			return false
		}
	}
	return true
}

func isTrue(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "true"
}

// tested reports whether the list behind index i runs only while the flag is
// false, or, for a channel, while it is not nil: by an if around the list, or
// by one before i that leaves.
func (x *Index) tested(p Place, i int, e ast.Expr, flag bool) bool {
	if iff, ok := x.parent[p.Owner].(*ast.IfStmt); ok && iff.Body == p.Owner && open(iff.Cond, e, flag) {
		return true
	}
	for j, s := range p.List[:i] {
		iff, ok := s.(*ast.IfStmt)
		if ok && iff.Else == nil && shut(iff.Cond, e, flag) && goesAway(iff.Body) && x.straight(p.List, j+1, i) {
			return true
		}
	}
	return false
}

// open reports whether cond holds only if the flag e is false, or the channel e
// not nil.
func open(cond, e ast.Expr, flag bool) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return flag && c.Op == token.NOT && sameExpr(c.X, e)
	case *ast.BinaryExpr:
		if c.Op == token.LAND {
			return open(c.X, e, flag) || open(c.Y, e, flag)
		}
		return !flag && c.Op == token.NEQ && sameExpr(c.X, e) && isNil(c.Y)
	}
	return false
}

// shut reports whether cond holds at least if the flag e is true, or the
// channel e nil.
func shut(cond, e ast.Expr, flag bool) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if c.Op == token.LOR {
			return shut(c.X, e, flag) || shut(c.Y, e, flag)
		}
		return !flag && c.Op == token.EQL && sameExpr(c.X, e) && isNil(c.Y)
	}
	return flag && sameExpr(cond, e)
}

// goesAway reports whether a block ends by leaving the list around it.
func goesAway(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch s := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return s.Tok == token.BREAK || s.Tok == token.CONTINUE
	}
	return false
}

// straight reports whether the statements i to j of a list, in either order,
// run through: none leaves, and none gives up a lock.
func (x *Index) straight(list []ast.Stmt, i, j int) bool {
	if i > j {
		i, j = j, i
	}
	for _, s := range list[i:min(j+1, len(list))] {
		if !x.through(s) {
			return false
		}
	}
	return true
}

// through reports whether a statement neither leaves the list it stands in nor
// calls an unlock.
func (x *Index) through(s ast.Stmt) bool {
	ok := true
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt, *ast.BranchStmt:
			ok = false
		case *ast.CallExpr:
			sel, isSel := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if isSel && (sel.Sel.Name == "Unlock" || sel.Sel.Name == "RUnlock") || x.builtin(n) == "panic" {
				ok = false
			}
		}
		return ok
	})
	return ok
}

// removed proves a send to an object that is taken out of the only collection
// that it can be found in, under the lock of the collection's owner:
//
//   - each object is put into the collection at most once: one place puts them
//     in, right where it makes them;
//   - nothing else holds the elements: the collection is hidden and never
//     copied but to be emptied;
//   - the element goes out in the list of the send, or the whole collection
//     before or after the loop around it.
func (x *Index) removed(s sending) string {
	if !x.lone(s) {
		return ""
	}
	elem := x.root(s.stmt.Chan)
	if !s.c.Elem && !x.directField(s.stmt.Chan) || elem == nil || len(x.writes[elem]) != 1 {
		return ""
	}
	w := x.writes[elem][0]
	take, ok := x.takenFrom(w)
	if !ok || take.field == nil || !x.insertedOnce(take.field) {
		return ""
	}
	if !x.goesOut(s.stmt, w, take) {
		return ""
	}
	return s.name + " is sent to once: its holder leaves " + take.field.Name() + " in the same section"
}

// directField reports whether e is v.f.
func (x *Index) directField(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	_, ok = ast.Unparen(sel.X).(*ast.Ident)
	return ok
}

// A take is one way of getting an element out of a collection.
type take struct {
	field *types.Var // the collection
	expr  ast.Expr   // as it is written where the owner is known: o.waiters
	key   ast.Expr   // nil: none
	loop  *ast.RangeStmt
	alias ast.Node // the declaration that copied the collection; nil
}

func (x *Index) takenFrom(w Write) (take, bool) {
	var t take
	switch n := w.Node.(type) {
	case *ast.RangeStmt:
		t = take{expr: n.X, loop: n, key: n.Key}
		if v := x.varOf(n.Value); n.Value == nil || v == nil || len(x.writes[v]) != 1 || x.writes[v][0].Node != w.Node {
			t.key = nil
		}
	default:
		ix, ok := unparen(w.Value).(*ast.IndexExpr)
		if !ok || w.Kind != Init {
			return t, false
		}
		t = take{expr: ix.X, key: ix.Index}
	}
	v := x.varOf(t.expr)
	if v != nil && !v.IsField() {
		ws := x.writes[v]
		if len(ws) != 1 || ws[0].Kind != Init || ws[0].Value == nil {
			return t, false
		}
		t.alias, t.expr = ws[0].Node, ws[0].Value
		v = x.varOf(t.expr)
	}
	if v == nil || !v.IsField() {
		return t, false
	}
	t.field = v
	return t, true
}

func unparen(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	return ast.Unparen(e)
}

// goesOut reports whether the element that w took is out of its collection
// before the section ends.
func (x *Index) goesOut(send *ast.SendStmt, w Write, t take) bool {
	owner := x.root(t.expr)
	if t.alias != nil {
		from := x.StmtOf(t.alias)
		to := x.StmtOf(w.Node)
		if t.loop == nil || from.Owner != to.Owner || from.Stmt == nil {
			return false
		}
		// ws := o.waiters; o.waiters = nil; for _, w := range ws { … }
		for i := from.Index + 1; i < to.Index; i++ {
			if x.renews(from.List[i], t.expr) && x.straight(from.List, from.Index, i) && x.excludes(from.List[i], owner) {
				return x.perTurn(send, t.loop)
			}
		}
		return false
	}
	if !x.excludes(send, owner) {
		return false
	}
	p := x.StmtOf(send)
	if t.key != nil && !blank(t.key) {
		for i, s := range p.List {
			if (x.deletes(s, t) || x.pops(s, t)) && x.straight(p.List, i, p.Index) && x.sameTurn(p, w, t) {
				return true
			}
		}
	}
	if t.loop == nil || !x.runsThrough(t.loop.Body) || !x.perTurn(send, t.loop) {
		return false
	}
	p = x.StmtOf(t.loop)
	for i := p.Index + 1; i < len(p.List); i++ {
		if x.empties(p.List[i], t.expr) {
			return x.straight(p.List, p.Index+1, i)
		}
	}
	return false
}

// perTurn reports whether the send runs at most once in a turn of the loop.
func (x *Index) perTurn(send *ast.SendStmt, loop *ast.RangeStmt) bool {
	return within(x.parent, send, loop.Body) && x.loop(send, loop) == nil
}

// sameTurn reports whether send and removal, in the list p, run once for each
// time that the element is taken.
func (x *Index) sameTurn(p Place, w Write, t take) bool {
	if t.loop != nil {
		return within(x.parent, p.Stmt, t.loop.Body) && x.loop(p.Stmt, t.loop) == nil
	}
	from := x.StmtOf(w.Node)
	return from.Stmt != nil && within(x.parent, p.Stmt, from.Owner) && x.loop(p.Stmt, from.Owner) == nil &&
		x.keeps(from.Stmt, p.Stmt, x.root(t.expr))
}

// keeps reports whether no lock of owner is given up between two statements of
// a function, but on a way out.
func (x *Index) keeps(from, to ast.Stmt, owner *types.Var) bool {
	for _, call := range x.allCalls {
		if call.Pos() < from.Pos() || call.Pos() > to.Pos() || x.fn(call) != x.fn(to) {
			continue
		}
		if _, name := x.lockCall(call, owner); name == "Unlock" && !x.deferred(call) && !x.leaves(x.StmtOf(call)) {
			return false
		}
	}
	return true
}

// runsThrough reports whether a loop's body neither ends the loop early nor
// gives up a lock.
func (x *Index) runsThrough(body *ast.BlockStmt) bool {
	return !slices.ContainsFunc(body.List, func(s ast.Stmt) bool { return !x.through(s) })
}

// deletes reports whether s is delete(c, k) of what was taken.
func (x *Index) deletes(s ast.Stmt, t take) bool {
	es, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := es.X.(*ast.CallExpr)
	return ok && x.builtin(call) == "delete" && len(call.Args) == 2 &&
		sameExpr(call.Args[0], t.expr) && sameExpr(call.Args[1], t.key) && x.steady(t.key)
}

// pops reports whether s is c = c[1:] where c[0] was taken.
func (x *Index) pops(s ast.Stmt, t take) bool {
	as, ok := s.(*ast.AssignStmt)
	if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || len(as.Rhs) != 1 || t.loop != nil {
		return false
	}
	first, ok := x.constant(t.key)
	low, tail := x.tail(as.Rhs[0], t.expr)
	return ok && first == 0 && sameExpr(as.Lhs[0], t.expr) && tail && low == 1
}

// tail reports whether value is e[low:].
func (x *Index) tail(value, e ast.Expr) (low int64, ok bool) {
	sl, ok := ast.Unparen(value).(*ast.SliceExpr)
	if !ok || sl.Low == nil || sl.High != nil || !sameExpr(sl.X, e) {
		return 0, false
	}
	return x.constant(sl.Low)
}

// steady reports whether a key means the same wherever it stands: a constant,
// or a variable that is written once.
func (x *Index) steady(key ast.Expr) bool {
	if x.p.Info.Types[key].Value != nil {
		return true
	}
	id, ok := ast.Unparen(key).(*ast.Ident)
	if !ok {
		return false
	}
	v := x.varOf(id)
	return v != nil && len(x.writes[v]) <= 1
}

// empties reports whether s leaves nothing in the collection e.
func (x *Index) empties(s ast.Stmt, e ast.Expr) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok || x.builtin(call) != "clear" || len(call.Args) != 1 || !sameExpr(call.Args[0], e) {
			return false
		}
		_, isMap := x.typeOf(e).Underlying().(*types.Map)
		return isMap
	case *ast.AssignStmt:
		return s.Tok == token.ASSIGN && len(s.Lhs) == 1 && len(s.Rhs) == 1 && sameExpr(s.Lhs[0], e) && x.empty(s.Rhs[0], e)
	}
	return false
}

// renews reports whether s gives the collection e a new value, so that its old
// elements are in nobody's way.
func (x *Index) renews(s ast.Stmt, e ast.Expr) bool {
	as, ok := s.(*ast.AssignStmt)
	if !ok || !x.empties(s, e) {
		return false
	}
	_, reused := ast.Unparen(as.Rhs[0]).(*ast.SliceExpr)
	return !reused
}

// empty reports whether value is a collection without elements, perhaps made
// from e itself.
func (x *Index) empty(value, e ast.Expr) bool {
	switch v := ast.Unparen(value).(type) {
	case *ast.Ident:
		return isNil(v)
	case *ast.CompositeLit:
		return len(v.Elts) == 0
	case *ast.CallExpr:
		if x.builtin(v) != "make" {
			return false
		}
		if len(v.Args) == 1 {
			return true
		}
		n, ok := x.constant(v.Args[1])
		_, isMap := x.typeOf(v).Underlying().(*types.Map)
		return isMap || ok && n == 0
	case *ast.SliceExpr:
		if v.High == nil || !sameExpr(v.X, e) || v.Max != nil {
			return false
		}
		n, ok := x.constant(v.High)
		return ok && n == 0
	}
	return false
}

// insertedOnce reports whether each element of a collection was made for it and
// put in once, and the collection is not known elsewhere.
func (x *Index) insertedOnce(c *types.Var) bool {
	if x.outside(c) != "" {
		return false
	}
	puts := 0
	for _, w := range x.writes[c] {
		switch {
		case w.Kind == Element && w.Value != nil:
			puts++
			if !x.madeFor(w.Value, w.Node) {
				return false
			}
		case appended(w):
			call := ast.Unparen(w.Value).(*ast.CallExpr)
			puts += len(call.Args) - 1
			if len(call.Args) != 2 || call.Ellipsis.IsValid() || !x.madeFor(call.Args[1], w.Node) {
				return false
			}
		case w.Kind == Mutate:
			if call, ok := w.Node.(*ast.CallExpr); !ok || x.builtin(call) == "copy" {
				return false
			}
		case (w.Kind == Init || w.Kind == Assign) && w.Value != nil && (x.empty(w.Value, w.Value) || x.emptied(w)):
		default:
			return false
		}
	}
	return puts == 1 && x.seen().whole[c] == nil && x.unaliased(c)
}

// emptied reports whether a write is c = c[:0] or c = c[1:].
func (x *Index) emptied(w Write) bool {
	as, ok := w.Node.(*ast.AssignStmt)
	return ok && len(as.Lhs) == 1 && x.shrinks(as, as.Lhs[0])
}

func (x *Index) shrinks(as *ast.AssignStmt, e ast.Expr) bool {
	if x.empties(as, e) {
		return true
	}
	_, tail := x.tail(as.Rhs[0], e)
	return tail && len(as.Lhs) == 1 && sameExpr(as.Lhs[0], e)
}

// madeFor reports whether e, put into a collection by n, is a local variable
// with a new object or channel, which n puts in at most once.
func (x *Index) madeFor(e ast.Expr, n ast.Node) bool {
	v := x.varOf(e)
	if v == nil || v.IsField() || len(x.writes[v]) == 0 {
		return false
	}
	w := x.writes[v][0]
	if w.Kind != Init || w.Fn == nil || w.Fn != x.fn(n) || w.Value == nil || x.loop(n, x.parent[w.Node]) != nil {
		return false
	}
	for _, other := range x.writes[v][1:] {
		if other.Kind != Part && other.Kind != Method {
			return false
		}
	}
	_, room := x.roomOf(w.Value)
	return isPointer(v.Type()) && x.makesObject(w) || room && x.ownMake(e)
}

// unaliased reports whether every read of a collection only looks at its
// elements, or copies it into a local variable to range over.
func (x *Index) unaliased(c *types.Var) bool {
	for _, r := range x.reads[c] {
		e, ok := r.(ast.Expr)
		if !ok || !x.looks(e) {
			return false
		}
	}
	return true
}

func (x *Index) looks(e ast.Expr) bool {
	switch p := x.parent[e].(type) {
	case *ast.RangeStmt:
		return p.X == e
	case *ast.IndexExpr, *ast.BinaryExpr:
		return true
	case *ast.SliceExpr:
		as, ok := x.parent[p].(*ast.AssignStmt)
		return ok && x.shrinks(as, e)
	case *ast.CallExpr:
		switch x.builtin(p) {
		case "len", "delete", "clear":
			return true
		case "append":
			as, ok := x.parent[p].(*ast.AssignStmt)
			return ok && len(as.Lhs) == 1 && p.Args[0] == e && sameExpr(as.Lhs[0], e)
		}
	case *ast.AssignStmt:
		if p.Tok != token.DEFINE || len(p.Lhs) != 1 {
			return false
		}
		v := x.varOf(p.Lhs[0])
		if v == nil || len(x.writes[v]) != 1 {
			return false
		}
		return !slices.ContainsFunc(x.reads[v], func(n ast.Node) bool {
			rng, ok := x.parent[n].(*ast.RangeStmt)
			return !ok || rng.X != n
		})
	}
	return false
}
