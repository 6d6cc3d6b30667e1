package fix

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A guard says how the lock of a section stands to the changes of a variable.
type guard uint8

const (
	never  guard = iota // it changes without the lock, if at all
	partly              // some changes are made under the lock, or it is not known that all are
	always              // whoever holds the lock knows that nobody else changes it
)

// guards says which of its changes are made under the lock of the section. It
// is about the lock of a type, not of one object.
func (s *section) guards(v *types.Var) guard {
	if fixed, _ := s.u.Immutable(v); fixed {
		return always
	}
	list, complete := s.changes(v)
	under := 0
	for _, w := range list {
		at := w.Node
		if w.Kind == uses.Method {
			at = s.u.Parent(at) // the call
		}
		held, may := s.heldAt(at)
		if w.Kind == uses.AddressTaken {
			held = false // it may be written anywhere
		}
		complete = complete && held
		if may {
			under++
		}
	}
	switch {
	case complete:
		return always
	case under > 0:
		return partly
	}
	return never
}

// changes lists the changes of a variable, and whether these are all that who holds
// the lock of the section has to expect.
func (s *section) changes(v *types.Var) ([]uses.Write, bool) {
	if lock, ok := s.Acquire.Resource.Field().(*types.Var); ok {
		return s.u.ChangesUnder(lock, v)
	}
	return s.u.Changes(v)
}

// heldAt reports whether the lock of the section is held for writing at a node,
// on every path and on some.
func (s *section) heldAt(n ast.Node) (must, may bool) {
	if n == nil {
		return false, false
	}
	held, _ := s.pkg.HeldAt(n)
	for _, h := range held {
		if s.isSame(h.Resource) {
			must = must || h.Must && h.Mode == syncapi.Write
			may = true
		}
	}
	return must, may
}

// isSame reports whether a resource is the lock of the section, or that of
// another object of its type.
func (s *section) isSame(r lockset.Resource) bool {
	f := s.Acquire.Resource.Field()
	return f != nil && r.Field() == f
}

// still says why what a node reads, itself and not what stands in it, may change
// while the lock is held; "" if only who holds the lock can change it.
//
// What stays in a section must read nothing else: an operation that is over has
// synchronised with the other side, and whatever that had written before is to
// be seen behind it.
func (s *section) still(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		if v, ok := s.info.Uses[n].(*types.Var); ok && !v.IsField() {
			return s.stillVar(v)
		}
	case *ast.SelectorExpr:
		sel := s.info.Selections[n]
		if sel == nil || sel.Kind() != types.FieldVal || s.inOwnStruct(n) || s.leadsOn(n) {
			return ""
		}
		if s.ofAnother(n) {
			return types.ExprString(n) + " is guarded by the lock of another object"
		}
		for _, f := range append(implicitFields(sel), sel.Obj().(*types.Var).Origin()) {
			if !isSyncType(f.Type()) && s.guards(f) != always && !isContainer(f) {
				return types.ExprString(n) + " may be written without " + s.Acquire.Resource.Expr
			}
		}
	}
	return ""
}

// unseen reports whether a field changes only where this package cannot see it,
// or while its object is made: it is like what configures an object.
func (s *section) unseen(n ast.Node) bool {
	sel, ok := n.(*ast.SelectorExpr)
	if !ok || s.info.Selections[sel] == nil {
		return false
	}
	f, ok := s.info.Selections[sel].Obj().(*types.Var)
	if !ok || !f.IsField() {
		return false
	}
	list, _ := s.u.Changes(f.Origin())
	return !slices.ContainsFunc(list, func(w uses.Write) bool { return !s.whileMade(w) })
}

// whileMade reports whether a write is to an object that the same function has
// made, whoever knows it by then.
func (s *section) whileMade(w uses.Write) bool {
	def, ok := w.Node.(*ast.AssignStmt)
	if !ok {
		return false
	}
	for _, l := range def.Lhs {
		sel, ok := ast.Unparen(l).(*ast.SelectorExpr)
		if !ok {
			continue
		}
		v, ok := s.endsIn(sel.X).(*types.Var)
		if !ok || v.IsField() {
			return false
		}
		first := s.u.Writes(v)
		if len(first) == 0 || first[0].Kind != uses.Init || first[0].Fn != w.Fn || first[0].Value == nil {
			return false
		}
		switch made := ast.Unparen(uses.Deref(first[0].Value)).(type) {
		case *ast.CompositeLit:
		case *ast.CallExpr:
			if b, ok := s.builtin(made.Fun); !ok || b != "new" {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// leadsOn: a struct of which only a part is selected stays where it is.
func (s *section) leadsOn(e *ast.SelectorExpr) bool {
	_, isStruct := s.typeOf(e).Underlying().(*types.Struct)
	p, ok := s.u.Parent(e).(*ast.SelectorExpr)
	return isStruct && ok && p.X == ast.Expr(e)
}

// ofAnother reports whether a field lies beside a lock of the section's type, but
// not beside the one that is held.
func (s *section) ofAnother(e *ast.SelectorExpr) bool {
	f := s.info.Selections[e].Obj().(*types.Var).Origin()
	if fixed, _ := s.u.Immutable(f); fixed || !s.besideLock(f) || isSyncType(f.Type()) {
		return false
	}
	return types.ExprString(e.X) != s.owner()
}

// owner spells the object that holds the lock of the section.
func (s *section) owner() string {
	if s.borrowed {
		r := s.Acquire.Resource
		return strings.TrimSuffix(r.Expr, "."+r.Field().Name())
	}
	call, ok := s.Acquire.Node.(*ast.CallExpr)
	if !ok {
		return ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if inner, ok := ast.Unparen(sel.X).(*ast.SelectorExpr); ok && s.info.Uses[inner.Sel] == s.Acquire.Resource.Field() {
		return types.ExprString(inner.X)
	}
	return types.ExprString(sel.X) // s.Lock()
}

// stillVar: a variable of the function that no other function knows stays what
// it is made to be.
func (s *section) stillVar(v *types.Var) string {
	switch {
	case v.Pkg() != s.pkg.Src.Types: // io.EOF and its like
		if len(s.u.Writes(v)) == 0 {
			return ""
		}
	case s.guards(v) == always || isSyncType(v.Type()):
		return ""
	case v.Parent() != v.Pkg().Scope() && !s.shared(v):
		return ""
	}
	return v.Name() + " may be written without " + s.Acquire.Resource.Expr
}

// isContainer: a field of the containers of the standard library, which change
// when their methods are called.
func isContainer(f *types.Var) bool {
	return f.Pkg() != nil && containers.MatchString(f.Pkg().Path())
}

var containers = pattern.New(`^container/`)

// shared reports whether another function than the one of the section knows a
// local variable: by its name in a literal, or by its address.
func (s *section) shared(v *types.Var) bool {
	for _, w := range s.u.Writes(v) {
		if w.Kind == uses.AddressTaken || w.Fn != nil && w.Fn != s.fn {
			return true
		}
	}
	for _, n := range s.u.Reads(v) {
		if s.u.Enclosing(n) != s.fn {
			return true
		}
	}
	return false
}

// inOwnStruct: a field of a struct that lies in a variable of the function which
// no other function knows.
func (s *section) inOwnStruct(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		sel := s.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal || isPointer(s.typeOf(e.X)) {
			return false
		}
		for _, f := range implicitFields(sel) {
			if isPointer(f.Type()) {
				return false
			}
		}
		return s.inOwnStruct(e.X)
	case *ast.Ident:
		v, ok := s.info.Uses[e].(*types.Var)
		return ok && v.Pkg() != nil && !v.IsField() && v.Parent() != v.Pkg().Scope() && !isPointer(v.Type()) && !s.shared(v)
	}
	return false
}

// looks says what a function and those that it calls read or write that may
// change while the lock is held; "" if there is nothing. self is the variable of
// it that is the object that holds the lock; nil if there is none.
func (s *section) looks(fn *types.Func, self *types.Var, seen map[*types.Func]bool) string {
	if seen[fn] {
		return ""
	}
	seen[fn] = true
	fd := s.u.FuncDecl(fn)
	if fd == nil || fd.Body == nil {
		return s.pkg.FuncName(fn) + " is of another package"
	}
	why := ""
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if v, ok := s.info.Uses[n].(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				why = s.stillVar(v)
			}
		case *ast.SelectorExpr:
			why = s.looksAtField(n, self)
		case *ast.StarExpr:
			if tv, ok := s.info.Types[n]; ok && !tv.IsType() {
				why = types.ExprString(n) + " may be what the other side answers"
			}
		case *ast.CallExpr:
			for _, callee := range s.pkg.Callees(n) {
				if why == "" {
					why = s.looks(callee, s.receiverOf(callee, n, self), seen)
				}
			}
		}
		return why == ""
	})
	return why
}

// looksAtField is still for a field that a called function selects.
func (s *section) looksAtField(n *ast.SelectorExpr, self *types.Var) string {
	sel := s.info.Selections[n]
	if sel == nil || sel.Kind() != types.FieldVal || !isPointer(s.typeOf(n.X)) {
		return ""
	}
	f := sel.Obj().(*types.Var).Origin()
	id, ok := ast.Unparen(n.X).(*ast.Ident)
	if fixed, _ := s.u.Immutable(f); fixed || isSyncType(f.Type()) {
		return ""
	}
	if s.besideLock(f) && (!ok || self == nil || s.info.Uses[id] != types.Object(self)) {
		return f.Name() + " may be guarded by the lock of another object"
	}
	if s.guards(f) != always {
		return f.Name() + " may be written without " + s.Acquire.Resource.Expr
	}
	return ""
}

// receiverOf returns the receiver of a method if a call in a function, whose own
// one is self, passes on the object that holds the lock; a call in the section
// itself has no self.
func (s *section) receiverOf(fn *types.Func, call *ast.CallExpr, self *types.Var) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || s.info.Selections[sel] == nil || len(s.info.Selections[sel].Index()) > 1 {
		return nil
	}
	if s.u.Enclosing(call) == s.fn {
		if types.ExprString(sel.X) == s.owner() {
			return fn.Signature().Recv()
		}
		return nil
	}
	if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && self != nil && s.info.Uses[id] == types.Object(self) {
		return fn.Signature().Recv()
	}
	return nil
}

// stops reports whether a call is of a func variable: cancel(), s.stop().
func (s *section) stops(call *ast.CallExpr) bool {
	_, ok := s.endsIn(call.Fun).(*types.Var)
	return ok
}

// signals reports whether a call is of something that several goroutines use
// at once without the lock: an atomic variable, a group, a timer, a context.
func (s *section) signals(call *ast.CallExpr) bool {
	switch obj := s.endsIn(call.Fun).(type) {
	case *types.Func:
		if obj.Pkg() == nil || s.isOwnLockCall(call) {
			return false
		}
		recv := obj.Signature().Recv()
		switch obj.Pkg().Path() {
		case "sync", "sync/atomic":
			return true
		case "context":
			return obj.Name() == "Err"
		case "time":
			return recv != nil && isPointer(recv.Type())
		}
	case *types.Var: // cancel(), s.stop()
		sig, is := obj.Type().Underlying().(*types.Signature)
		return is && sig.Results().Len() == 0
	}
	return false
}
