package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// needsLock says why a call may need the lock that is held around it: its
// callee is called with it held by convention, or touches fields beside the
// lock without taking it. "" means that it provably does not: it is known to be
// plain, or all its code in this package was looked at.
func (s *section) needsLock(call *ast.CallExpr) string {
	switch s.pkg.Reach(call) {
	case "plain":
		return ""
	case "foreign":
		return "nothing is known of " + types.ExprString(call.Fun)
	}
	seen := map[*types.Func]bool{}
	for _, fn := range s.pkg.Callees(call) {
		if why := s.touches(fn, seen, 0); why != "" {
			return why
		}
	}
	return ""
}

// mayNeedLock says what a call reads or writes that the lock may guard though it
// does not lie beside it: package-level variables, fields of other objects.
func (s *section) mayNeedLock(call *ast.CallExpr) string {
	if s.pkg.Reach(call) == "plain" {
		if why := s.shows(call); why != "" {
			return why
		}
	}
	seen := map[*types.Func]bool{}
	for _, fn := range s.pkg.Callees(call) {
		if why := s.reaches(fn, seen); why != "" {
			return why
		}
	}
	return ""
}

// reaches looks for a variable, some change of which is made under the lock, in
// what a function of this package does.
func (s *section) reaches(fn *types.Func, seen map[*types.Func]bool) string {
	fd := s.u.FuncDecl(fn)
	if seen[fn] || fd == nil || fd.Body == nil {
		return ""
	}
	seen[fn] = true
	why := ""
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			v, ok := s.info.Uses[n].(*types.Var)
			if ok && v.Pkg() != nil && (v.IsField() || v.Parent() == v.Pkg().Scope()) && s.mayGuard(v) {
				why = s.pkg.FuncName(fn) + " uses " + v.Name() + ", which " + s.Acquire.Resource.Expr + " may guard"
			}
		case *ast.StarExpr:
			if tv, ok := s.info.Types[n]; ok && !tv.IsType() {
				why = s.pkg.FuncName(fn) + " uses " + types.ExprString(n) + ", which " + s.Acquire.Resource.Expr + " may guard"
			}
		case *ast.CallExpr:
			for _, callee := range s.pkg.Callees(n) {
				if why == "" {
					why = s.reaches(callee, seen)
				}
			}
		}
		return why == ""
	})
	return why
}

// mayGuard reports whether a variable is changed, and not only without the lock.
// What guards itself counts where its value changes: who holds the lock may know
// that of an atomic variable.
func (s *section) mayGuard(v *types.Var) bool {
	fixed, _ := s.u.Immutable(v.Origin())
	switch {
	case isAtomic(v.Type()):
		return s.storedUnder(v.Origin())
	case fixed, isSyncType(v.Type()):
		return false
	}
	return s.guards(v.Origin()) != never
}

// isAtomic reports whether a type is one of sync/atomic, or a pointer to one.
func isAtomic(t types.Type) bool { return packageOf(t) == "sync/atomic" }

// storedUnder reports whether an atomic variable may be written while the lock is
// held.
func (s *section) storedUnder(v *types.Var) bool {
	list, complete := s.u.Changes(v)
	if !complete {
		return true
	}
	return slices.ContainsFunc(list, func(w uses.Write) bool {
		at := w.Node
		if sel, ok := at.(*ast.SelectorExpr); w.Kind == uses.Method && ok {
			if sel.Sel.Name == "Load" {
				return false
			}
			at = s.u.Parent(at)
		}
		_, may := s.heldAt(at)
		return may || w.Kind == uses.AddressTaken
	})
}

// A calleeBody is what the code of this package behind a call does.
type calleeBody struct {
	sends     []*ast.SendStmt
	closes    *ast.CallExpr // one of its closes; nil for none
	onlySends bool          // besides, it computes and reads what cannot change
}

// callee collects the sends behind a call, and whether there is anything else.
func (s *section) callee(call *ast.CallExpr) calleeBody {
	out := calleeBody{onlySends: s.pkg.Reach(call) == "known"}
	seen := map[*types.Func]bool{}
	var visit func(call *ast.CallExpr)
	visit = func(call *ast.CallExpr) {
		for _, fn := range s.pkg.Callees(call) {
			if seen[fn] {
				continue
			}
			seen[fn] = true
			deeds := s.pkg.Deeds(fn)
			if deeds == nil {
				out.onlySends = false
				continue
			}
			out.onlySends = out.onlySends && deeds.Quiet
			for _, n := range deeds.List {
				switch n := n.(type) {
				case *ast.SendStmt:
					out.sends = append(out.sends, n)
				case *ast.CallExpr:
					if b, _ := s.builtin(n.Fun); b == "close" {
						out.closes = n
					}
					visit(n)
				}
			}
		}
	}
	visit(call)
	return out
}

// quiet reports whether a call provably waits for nothing, runs no foreign code
// and touches no lock: it cannot tell whether an operation has run, except by
// what the operation itself or the other side has written.
func (s *section) quiet(call *ast.CallExpr) bool {
	switch s.pkg.Reach(call) {
	case "plain":
		return !slices.ContainsFunc(s.pkg.Callees(call), func(fn *types.Func) bool { return s.communicates(fn, map[*types.Func]bool{}) })
	case "foreign":
		return false
	}
	for _, fn := range s.pkg.Callees(call) {
		f := s.pkg.Summary(fn)
		if f == nil || len(f.Acts)+len(f.Changes)+len(f.Locks) > 0 || s.communicates(fn, map[*types.Func]bool{}) {
			return false
		}
	}
	return true
}

// communicates reports whether a function of this package sends, receives,
// closes or starts a goroutine, though it waits for nothing.
func (s *section) communicates(fn *types.Func, seen map[*types.Func]bool) bool {
	fd := s.u.FuncDecl(fn)
	if seen[fn] || fd == nil || fd.Body == nil {
		return false
	}
	seen[fn] = true
	found := false
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt, *ast.SelectStmt, *ast.GoStmt:
			found = true
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			b, _ := s.builtin(n.Fun)
			found = found || b == "close" || s.signals(n) ||
				slices.ContainsFunc(s.pkg.Callees(n), func(callee *types.Func) bool { return s.communicates(callee, seen) })
		}
		return !found
	})
	return found
}

// looksAt says what a quiet call may read or write that the lock does not guard;
// "" if there is nothing.
func (s *section) looksAt(call *ast.CallExpr) string {
	plain := s.pkg.Reach(call) == "plain"
	if plain {
		if why := s.shows(call); why != "" {
			return why
		}
	}
	seen := map[*types.Func]bool{}
	for _, fn := range s.pkg.Callees(call) {
		if plain && s.u.FuncDecl(fn) == nil {
			continue // the table knows it
		}
		if why := s.looks(fn, s.receiverOf(fn, call, nil), seen); why != "" {
			return why
		}
	}
	return ""
}

// shows says which argument of a plain call leads to an object of this package
// that the callee, a printer say, may look into; "" if none does. A method of an
// interface, Error say, is plain by convention: its object may be one of those.
func (s *section) shows(call *ast.CallExpr) string {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if s.isInterfaceMethod(sel) {
			return types.ExprString(sel) + " may look into what the lock guards"
		}
		if fn, ok := s.info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil && keepers.MatchString(fn.Pkg().Path()) {
			return ""
		}
	}
	for _, arg := range call.Args {
		if p, ok := s.typeOf(arg).Underlying().(*types.Pointer); ok {
			if _, isStruct := p.Elem().Underlying().(*types.Struct); isStruct {
				return "it may look into " + types.ExprString(arg)
			}
		}
	}
	return ""
}

// isInterfaceMethod reports whether a method may be anyone's: contexts and their
// like guard themselves.
func (s *section) isInterfaceMethod(sel *ast.SelectorExpr) bool {
	m := s.info.Selections[sel]
	if m == nil || m.Kind() != types.MethodVal || !types.IsInterface(m.Recv()) {
		return false
	}
	pkg := m.Obj().Pkg()
	return pkg == nil || !guardsItself.MatchString(pkg.Path())
}

// keepers matches packages that move values about without looking into them.
var keepers = pattern.New(`^(container/.*|slices|maps|sort|errors)$`)

// endsProgram reports whether a call does not return: it exits or panics.
func (s *section) endsProgram(call *ast.CallExpr) bool { return s.pkg.NoReturn(call) }

// remarks reports whether a call only says or computes something: a log line, a
// metric, an error.
func (s *section) remarks(call *ast.CallExpr) bool {
	kind, plain := s.pkg.Plain(call)
	return plain && kind == syncapi.None
}

// maxTouchDepth bounds how deep callees are looked into.
const maxTouchDepth = 5

// touches says what a function of this package does with the state that the
// lock may guard, its callees included.
func (s *section) touches(fn *types.Func, seen map[*types.Func]bool, depth int) string {
	if seen[fn] {
		return ""
	}
	seen[fn] = true
	if depth > maxTouchDepth {
		return s.pkg.FuncName(fn) + " calls too deep to follow"
	}
	for _, h := range s.pkg.Entry(fn) {
		if h.Field() == s.Acquire.Resource.Field() {
			return s.pkg.FuncName(fn) + " needs " + s.Acquire.Resource.Expr + ": " + h.Caller
		}
	}
	fd := s.u.FuncDecl(fn)
	if fd == nil || fd.Body == nil {
		return "" // another package: it cannot name the fields beside the lock
	}
	class := s.pkg.Class(s.Acquire.Resource)
	for _, l := range s.pkg.Funcs[fn].Locks {
		if l.Class == class && class != "" {
			return "" // it takes the lock itself: held, that is a deadlock
		}
	}
	why := ""
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if why != "" {
			return false
		}
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if f := s.guarded(n); f != nil {
				why = s.pkg.FuncName(fn) + " uses " + f.Name() + ", which " + s.Acquire.Resource.Expr + " may guard"
			}
		case *ast.CallExpr:
			for _, callee := range s.pkg.Callees(n) {
				if w := s.touches(callee, seen, depth+1); w != "" {
					why = w
				}
			}
		}
		return true
	})
	return why
}

// guarded returns the field that a selector reads if it lies in the struct that
// holds the lock and may change.
func (s *section) guarded(e *ast.SelectorExpr) *types.Var {
	sel := s.info.Selections[e]
	if sel == nil || sel.Kind() != types.FieldVal {
		return nil
	}
	f, ok := sel.Obj().(*types.Var)
	if !ok {
		return nil
	}
	if locks := s.pkg.Guards(f.Origin()); len(locks) > 0 {
		if !slices.ContainsFunc(locks, func(l *types.Var) bool { return slices.Contains(s.Acquire.Resource.Fields, l) }) {
			return nil // annotated with another lock
		}
		return f
	}
	if !s.besideLock(f.Origin()) {
		return nil
	}
	if ok, _ := s.u.Immutable(f.Origin()); ok {
		return nil
	}
	if isSyncType(f.Type()) {
		return nil
	}
	return f
}

// besideLock reports whether a field belongs to the struct that holds the lock.
func (s *section) besideLock(f *types.Var) bool {
	lock, ok := s.Acquire.Resource.Field().(*types.Var)
	if !ok || !lock.IsField() {
		return false
	}
	return s.pkg.Owner(f) == s.pkg.Owner(lock)
}

// isSyncType: what guards itself.
func isSyncType(t types.Type) bool {
	path := packageOf(t)
	return path == "sync" || path == "sync/atomic"
}

// packageOf is the package that declares a type, or what it points to.
func packageOf(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return n.Obj().Pkg().Path()
}
