package fix

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/syncapi"
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

// A calleeBody is what the code of this package behind a call does.
type calleeBody struct {
	sends     []*ast.SendStmt
	onlySends bool // besides, it computes and reads what cannot change
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
			fd := s.u.FuncDecl(fn)
			if fd == nil || fd.Body == nil {
				out.onlySends = false
				continue
			}
			ast.Inspect(fd.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.SendStmt:
					out.sends = append(out.sends, n)
				case *ast.CallExpr:
					if s.pkg.Reach(n) == "known" {
						visit(n)
					} else if s.pkg.Reach(n) == "foreign" {
						out.onlySends = false
					}
				case *ast.AssignStmt, *ast.IncDecStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt:
					out.onlySends = false
				case *ast.SelectorExpr:
					if sel := s.info.Selections[n]; sel != nil && sel.Kind() == types.FieldVal {
						if ok, _ := s.u.Immutable(sel.Obj().(*types.Var).Origin()); !ok {
							out.onlySends = false
						}
					}
				}
				return true
			})
		}
	}
	visit(call)
	return out
}

// quiet reports whether a call provably waits for nothing, runs no foreign code
// and touches no lock: it cannot tell whether an operation has run, except by
// what the operation itself has written.
func (s *section) quiet(call *ast.CallExpr) bool {
	switch s.pkg.Reach(call) {
	case "plain":
		return true
	case "foreign":
		return false
	}
	for _, fn := range s.pkg.Callees(call) {
		f := s.pkg.Summary(fn)
		if f == nil || len(f.Acts)+len(f.Changes)+len(f.Locks) > 0 {
			return false
		}
	}
	return true
}

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
	if !ok || !s.besideLock(f.Origin()) {
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
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	path := n.Obj().Pkg().Path()
	return path == "sync" || path == "sync/atomic"
}
