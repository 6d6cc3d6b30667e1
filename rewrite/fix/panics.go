package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// mayPanic says which of the statements that stay in the section could panic,
// so that an explicit unlock would be missed; "" means that none can.
func (s *section) mayPanic(stmts []ast.Stmt, except *region) (why string, at ast.Node) {
	for _, st := range stmts {
		if except != nil && contains2(except.stmts, st) {
			continue
		}
		ast.Inspect(st, func(n ast.Node) bool {
			if why != "" {
				return false
			}
			if st, ok := n.(ast.Stmt); ok && except != nil && contains2(except.stmts, st) {
				return false
			}
			if w := s.panics(n); w != "" {
				why, at = w, n
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
	}
	return why, at
}

func contains2(list []ast.Stmt, st ast.Stmt) bool {
	for _, x := range list {
		if x == st {
			return true
		}
	}
	return false
}

// mayFault says how evaluating an expression may panic; "" if it cannot.
func (s *section) mayFault(e ast.Expr) (why string, at ast.Node) {
	ast.Inspect(e, func(n ast.Node) bool {
		if why == "" && n != nil {
			if w := s.panics(n); w != "" {
				why, at = w, n
			}
		}
		return why == ""
	})
	return why, at
}

// mayBreakOff assumes that a region ends in the ordinary way: if it panics, what
// followed it in the section has run by then. Where it provably does not come
// back, what follows it was never meant to run after it.
func (s *section) mayBreakOff(out *region) {
	s.comesBack(out)
	if why, at := s.breaksOff(out); why != "" {
		out.judged = merge(out.judged, assumed("order", why+", and what follows it has run by then", at))
	}
}

// comesBack refutes that what follows a region does not depend on it, where the
// region ends the goroutine or the program.
func (s *section) comesBack(out *region) {
	for _, st := range out.stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && !s.pkg.MayReturn(call) {
				out.judged = merge(out.judged, refuted("trailing", types.ExprString(call.Fun)+" does not return: what follows it would run ahead of it", call))
			}
			_, lit := n.(*ast.FuncLit)
			return !lit
		})
	}
}

// breaksOff says how a region may panic in what it evaluates around its
// operations, so that what follows it would not have run; "" if it cannot. A nil
// pointer does not count: nobody recovers from that on purpose.
func (s *section) breaksOff(out *region) (why string, at ast.Node) {
	for _, st := range out.stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if n == nil || why != "" {
				return false
			}
			e, isExpr := n.(ast.Expr)
			if _, send := n.(*ast.SendStmt); send || s.ops[n] != nil || isExpr && out.isCaptured(e) {
				return !isExpr || !out.isCaptured(e)
			}
			switch n.(type) {
			case *ast.SelectorExpr, *ast.StarExpr:
				return true
			case *ast.FuncLit:
				return false
			}
			if w := s.panics(n); w != "" {
				why, at = w, n
			}
			return why == ""
		})
	}
	return why, at
}

// panics says how a node itself may panic.
func (s *section) panics(n ast.Node) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		return s.callPanics(n)
	case *ast.IndexExpr:
		switch s.typeOf(n.X).Underlying().(type) {
		case *types.Map:
			if s.isWritten(n) {
				return "writing to " + types.ExprString(n.X) + " panics if it is nil"
			}
			return s.uncomparable(n.Index)
		case *types.Signature:
			return ""
		default:
			if tv, ok := s.info.Types[n]; ok && tv.IsType() {
				return ""
			}
			return types.ExprString(n) + " may be out of range"
		}
	case *ast.SliceExpr:
		if isPointer(s.typeOf(n.X)) {
			return types.ExprString(n.X) + " may be nil"
		}
		if n.Low == nil && n.Max == nil && (n.High == nil || isZero(n.High)) {
			return ""
		}
		return types.ExprString(n) + " may be out of range"
	case *ast.TypeAssertExpr:
		if n.Type != nil && !s.yieldsTwo(n) {
			return types.ExprString(n) + " may have another type"
		}
	case *ast.StarExpr:
		if tv, ok := s.info.Types[n]; ok && !tv.IsType() && !s.notNil(n.X) {
			return types.ExprString(n.X) + " may be nil"
		}
	case *ast.SelectorExpr:
		sel := s.info.Selections[n]
		if sel == nil {
			return ""
		}
		if sel.Kind() == types.FieldVal && isPointer(s.typeOf(n.X)) && !s.notNil(n.X) {
			return types.ExprString(n.X) + " may be nil"
		}
		for _, f := range implicitFields(sel) {
			if isPointer(f.Type()) {
				return "the embedded " + f.Name() + " may be nil"
			}
		}
		if _, isFunc := sel.Obj().(*types.Func); isFunc && !s.isCalled(n) {
			return "the method value of a nil " + types.ExprString(n.X) + " panics"
		}
	case *ast.RangeStmt:
		switch s.typeOf(n.X).Underlying().(type) {
		case *types.Pointer:
			return types.ExprString(n.X) + " may be nil"
		case *types.Signature:
			return "the iterator " + types.ExprString(n.X) + " may panic"
		}
	case *ast.SwitchStmt:
		if n.Tag != nil {
			return s.uncomparable(n.Tag)
		}
	case *ast.CompositeLit:
		if m, ok := s.typeOf(n).Underlying().(*types.Map); ok && holdsInterface(m.Key()) {
			return "a key may not be comparable"
		}
	case *ast.BinaryExpr:
		if n.Op == token.EQL || n.Op == token.NEQ {
			if !s.info.Types[n.X].IsNil() && !s.info.Types[n.Y].IsNil() && holdsInterface(s.typeOf(n.Y)) {
				return s.uncomparable(n.X)
			}
		}
		return s.arithmeticPanics(n.Op, n.Y)
	case *ast.AssignStmt:
		switch n.Tok {
		case token.QUO_ASSIGN:
			return s.arithmeticPanics(token.QUO, n.Rhs[0])
		case token.REM_ASSIGN:
			return s.arithmeticPanics(token.REM, n.Rhs[0])
		case token.SHL_ASSIGN, token.SHR_ASSIGN:
			return s.arithmeticPanics(token.SHL, n.Rhs[0])
		}
	case *ast.SendStmt:
		return "a send may panic"
	case *ast.DeferStmt:
		return "another call is deferred"
	}
	return ""
}

// callPanics: builtins that cannot, conversions, and functions that the table
// calls plain and that take no values of others to run methods on.
func (s *section) callPanics(n *ast.CallExpr) string {
	if tv, ok := s.info.Types[n.Fun]; ok && tv.IsType() {
		return s.conversionPanics(tv.Type, n.Args[0])
	}
	if b, ok := s.builtin(n.Fun); ok {
		switch b {
		case "delete":
			return s.uncomparable(n.Args[1])
		case "append", "len", "cap", "clear", "min", "max", "new", "copy", "real", "imag", "complex", "print", "println":
			return ""
		case "make":
			for _, arg := range n.Args[1:] {
				if tv, ok := s.info.Types[arg]; !ok || tv.Value == nil {
					if call, ok := arg.(*ast.CallExpr); ok {
						if b, ok := s.builtin(call.Fun); ok && (b == "len" || b == "cap") {
							continue
						}
					}
					return "make may get a size that is out of range"
				}
			}
			return ""
		}
		return b + " panics"
	}
	if s.cancels(n) || s.isOwnLockCall(n) || calmFuncs[s.fullName(n.Fun)] {
		return ""
	}
	return "the call of " + types.ExprString(n.Fun) + " may panic"
}

// arithmeticPanics: a division by zero, a shift by a negative count.
func (s *section) arithmeticPanics(op token.Token, y ast.Expr) string {
	if s.info.Types[y].Value != nil {
		return "" // the compiler has looked at it
	}
	switch op {
	case token.QUO, token.REM:
		return "it may divide by zero"
	case token.SHL, token.SHR:
		if b, ok := s.typeOf(y).Underlying().(*types.Basic); !ok || b.Info()&types.IsUnsigned == 0 {
			return "it may shift by a negative count"
		}
	}
	return ""
}

// conversionPanics: a slice becomes an array only if it is long enough.
func (s *section) conversionPanics(to types.Type, e ast.Expr) string {
	if p, ok := to.Underlying().(*types.Pointer); ok {
		to = p.Elem()
	}
	_, array := to.Underlying().(*types.Array)
	if _, slice := s.typeOf(e).Underlying().(*types.Slice); array && slice {
		return types.ExprString(e) + " may be too short"
	}
	return ""
}

// uncomparable says how comparing a value with another of its type may panic, or
// using it as a key; "" if it cannot.
func (s *section) uncomparable(e ast.Expr) string {
	if holdsInterface(s.typeOf(e)) {
		return types.ExprString(e) + " may hold what is not comparable"
	}
	return ""
}

// holdsInterface reports whether a value of a type is or holds an interface, so
// that it may not be comparable after all.
func holdsInterface(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return true
	case *types.Array:
		return holdsInterface(u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			if holdsInterface(u.Field(i).Type()) {
				return true
			}
		}
	}
	return false
}

// isCalled reports whether a selector is the function of a call.
func (s *section) isCalled(n *ast.SelectorExpr) bool {
	call, ok := s.u.Parent(n).(*ast.CallExpr)
	return ok && call.Fun == ast.Expr(n)
}

// cancels reports whether a call cancels a context through a value that the
// function has compared with nil: cancelling does not panic.
func (s *section) cancels(n *ast.CallExpr) bool {
	if !syncapi.IsCancel(s.typeOf(n.Fun)) {
		return false
	}
	text, found := types.ExprString(n.Fun), false
	ast.Inspect(s.block, func(m ast.Node) bool {
		if b, ok := m.(*ast.BinaryExpr); ok && (b.Op == token.EQL || b.Op == token.NEQ) && b.End() < n.Pos() && types.ExprString(b.X) == text && s.info.Types[b.Y].IsNil() {
			found = true
		}
		return !found
	})
	return found
}

// calmFuncs are functions that return whatever they are given.
var calmFuncs = map[string]bool{
	"time.Now": true, "time.Since": true, "errors.New": true,
	"strings.HasPrefix": true, "strings.HasSuffix": true, "strings.Contains": true, "strings.TrimSpace": true, "strings.ToLower": true,
	"sync/atomic.AddInt32": true, "sync/atomic.AddInt64": true, "sync/atomic.AddUint32": true, "sync/atomic.AddUint64": true,
	"slices.Clone": true, "maps.Clone": true,
}

func (s *section) fullName(fun ast.Expr) string {
	var id *ast.Ident
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		id = fun
	case *ast.SelectorExpr:
		id = fun.Sel
	default:
		return ""
	}
	fn, ok := s.info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Signature().Recv() != nil {
		return ""
	}
	return fn.Pkg().Path() + "." + fn.Name()
}

// isOwnLockCall: the acquisition and the releases of this section.
func (s *section) isOwnLockCall(n *ast.CallExpr) bool {
	if s.Acquire.Node == ast.Node(n) {
		return true
	}
	for _, r := range s.Releases {
		if r.Node == ast.Node(n) {
			return true
		}
	}
	return false
}

func (s *section) isWritten(n *ast.IndexExpr) bool {
	switch p := s.u.Parent(n).(type) {
	case *ast.AssignStmt:
		for _, l := range p.Lhs {
			if ast.Unparen(l) == ast.Expr(n) {
				return true
			}
		}
	case *ast.IncDecStmt:
		return true
	}
	return false
}

// notNil: the variable that the lock was reached through was dereferenced when
// the lock was acquired, and so was the receiver of a method that looks into
// it at once.
func (s *section) notNil(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := s.info.Uses[id].(*types.Var)
	if !ok || !s.steady(v) {
		return false
	}
	if types.Object(v) == s.Acquire.Resource.Root && len(s.Acquire.Resource.Fields) > 0 {
		return true
	}
	call, ok := s.Acquire.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	base, ok := ast.Unparen(sel.X).(*ast.Ident)
	fn, isFunc := s.info.Uses[sel.Sel].(*types.Func)
	return ok && isFunc && s.info.Uses[base] == types.Object(v) && s.looksIn(fn.Origin())
}

// looksIn reports whether the first statement of a method dereferences its
// receiver.
func (s *section) looksIn(fn *types.Func) bool {
	fd := s.u.FuncDecl(fn)
	if fd == nil || fd.Body == nil || len(fd.Body.List) == 0 {
		return false
	}
	recv := fn.Signature().Recv()
	found := false
	ast.Inspect(fd.Body.List[0], func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && s.info.Uses[x] == types.Object(recv) {
				if fs := s.info.Selections[sel]; fs != nil && fs.Kind() == types.FieldVal {
					found = true
				}
			}
		}
		_, lit := n.(*ast.FuncLit)
		return !found && !lit
	})
	return found
}
