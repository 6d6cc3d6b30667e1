package hazard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// never finds a lock that the function takes and leaves held on some path, and
// that nobody releases: neither it, nor who calls it, nor another function.
//
//   - All that is done with the lock is seen: it is a local variable that goes
//     nowhere, or an unexported field or package variable that is only locked
//     and unlocked.
//   - Each release of it ends an acquisition of the function that it stands in.
//   - Nothing says that the lock is left to the caller, unless nobody at all
//     releases it.
func (l *leaking) never() []*Fault {
	r := l.s.Acquire.Resource
	if l.isRelocked() || !l.isUnended() || l.isLatch() {
		return nil
	}
	f := &Fault{
		Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakNever, Node: l.s.Acquire.Node, Resource: r.Expr, Level: Deadlock,
		What: fmt.Sprintf("%s is locked and nobody unlocks it", r.Expr),
	}
	if isPrivate(l.p, r) || l.s.Acquire.Mode == syncapi.Read {
		f.Level = Hazard
	}
	return []*Fault{f}
}

// isLatch: another function takes the lock and holds it until it ends the program:
// it is there to let one do so.
func (l *leaking) isLatch() bool {
	class := l.p.Class(l.s.Acquire.Resource)
	return class != "" && slices.ContainsFunc(l.p.Bodies(), func(b *lockset.Body) bool {
		return slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool {
			return s != l.s && !s.Leaks && len(s.Releases) == 0 && l.p.Class(s.Acquire.Resource) == class
		})
	})
}

// isUnended: nobody releases what was acquired, as never says.
func (l *leaking) isUnended() bool {
	r := l.s.Acquire.Resource
	if !l.s.Leaks || len(l.s.Releases) > 0 || !l.isDirect() || l.isHandled() || l.isMisspelt() || l.isRenamed() {
		return false
	}
	if isPrivate(l.p, r) || l.isDiscarded() {
		return true
	}
	done, all := lockCalls(l.p, r)
	return all && !slices.ContainsFunc(done, l.isForOthers) && (l.isMeantToEnd() || !slices.ContainsFunc(done, isRelease))
}

// isDirect: the acquisition is a plain Lock or RLock of package sync.
func (l *leaking) isDirect() bool {
	_, name := l.method(l.s.Acquire.Node)
	return l.isSync(l.s.Acquire.Node) && (name == "Lock" || name == "RLock")
}

// isMisspelt: a deferred Lock of it stands where its release was meant, which is
// reported there.
func (l *leaking) isMisspelt() bool {
	return slices.ContainsFunc(l.b.Sections, func(s *lockset.Section) bool {
		o := &leaking{p: l.p, b: l.b, s: s, c: l.c}
		return o.key() == l.key() && o.deferred() && len(o.lockDeferred()) > 0
	})
}

// isHandled: a literal around or beside the acquisition releases what it did not
// acquire; it may run whenever its holder likes.
func (l *leaking) isHandled() bool {
	return slices.ContainsFunc(l.p.Bodies(), func(b *lockset.Body) bool {
		return b.Decl == l.b.Decl && givesBack(b, l.key()) && !isThrownAway(l.p, b)
	})
}

// isDiscarded: what could release the lock is a literal that is thrown away, and
// was not meant to be.
func (l *leaking) isDiscarded() bool {
	return slices.ContainsFunc(l.p.Bodies(), func(b *lockset.Body) bool {
		return b.Decl == l.b.Decl && givesBack(b, l.key()) && isThrownAway(l.p, b)
	})
}

// isThrownAway: _ = func() {…}.
func isThrownAway(p *summary.Package, b *lockset.Body) bool {
	lit, ok := b.Fn.(*ast.FuncLit)
	if !ok {
		return false
	}
	as, ok := p.Uses.Parent(lit).(*ast.AssignStmt)
	return ok && isBlank(as, lit)
}

// isRenamed: the object of the lock has or gets another name, by which the function
// releases a lock like it: hand over hand.
func (l *leaking) isRenamed() bool {
	v, ok := l.s.Acquire.Resource.Root.(*types.Var)
	class := l.p.Class(l.s.Acquire.Resource)
	if !ok || class == "" || v.IsField() || l.s.Acquire.Resource.Stable && !isReferred(l.p, v) {
		return false
	}
	return slices.ContainsFunc(l.b.Sections, func(s *lockset.Section) bool {
		r := s.Acquire.Resource
		return r.Key() != l.key() && l.p.Class(r) == class && len(s.Releases) > 0
	})
}

// isReferred: another variable gets the value of a variable.
func isReferred(p *summary.Package, v *types.Var) bool {
	return slices.ContainsFunc(p.Uses.Reads(v), func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		as, assigned := p.Uses.Parent(n).(*ast.AssignStmt)
		return ok && assigned && slices.Contains(as.Rhs, e) && !isBlank(as, e)
	})
}

// isRelocked: the lock is taken twice in a row, which is reported: nobody comes
// to where it would have to be released.
func (l *leaking) isRelocked() bool {
	if l.s.Acquire.Mode == syncapi.Read {
		return false
	}
	return slices.ContainsFunc(l.b.Ops, func(o *lockset.Op) bool {
		h, ok := o.State.Find(l.key())
		if !ok || !h.Must || h.Caller != "" || h.Mode == syncapi.Read {
			return false
		}
		if o.Node != l.s.Acquire.Node && !slices.Contains(h.From, l.s.Acquire) {
			return false
		}
		f := relock(l.p, l.b, o)
		return f != nil && f.Level == Deadlock && f.Sort == Relocked
	})
}

// isForOthers: a call releases a lock that its function is not seen to acquire.
func (l *leaking) isForOthers(call *ast.CallExpr) bool {
	if !isRelease(call) {
		return false
	}
	key := l.p.Namer.Method(ast.Unparen(call.Fun).(*ast.SelectorExpr), lockset.Lock).Key()
	return !slices.ContainsFunc(l.p.Bodies(), func(b *lockset.Body) bool {
		return slices.ContainsFunc(b.Ops, func(o *lockset.Op) bool {
			h, ok := o.State.Find(key)
			return o.Node == ast.Node(call) && ok && h.Caller == "" && len(h.From) > 0
		})
	})
}

func isRelease(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && strings.HasSuffix(sel.Sel.Name, "Unlock")
}

// lockCalls lists the calls of methods of a lock, over all instances of its
// type. all is false where it may be used in another way, or elsewhere.
func lockCalls(p *summary.Package, r lockset.Resource) (calls []*ast.CallExpr, all bool) {
	v, ok := r.Field().(*types.Var)
	if !ok || v.Exported() || v.Pkg() != p.Src.Types || !v.IsField() && !isGlobal(v) || !isLockType(v.Type()) {
		return nil, false
	}
	for _, w := range p.Uses.Writes(v) {
		switch w.Kind {
		case uses.AddressTaken:
			if !isForCond(p, w.Node) {
				return nil, false
			}
		case uses.Method:
			call, ok := p.Uses.Parent(w.Node).(*ast.CallExpr)
			if !ok || call.Fun != w.Node {
				return nil, false // a method value
			}
			calls = append(calls, call)
		}
	}
	return calls, true
}

// isLockType: the lock itself, not a pointer to one that others may have.
func isLockType(t types.Type) bool {
	name := types.TypeString(types.Unalias(t), nil)
	return name == "sync.Mutex" || name == "sync.RWMutex"
}

// isForCond: an address goes to sync.NewCond, which keeps the lock as it was.
func isForCond(p *summary.Package, n ast.Node) bool {
	call, ok := p.Uses.Parent(n).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := called(p.Src.Info, call)
	return fn != nil && fn.FullName() == "sync.NewCond"
}

// isPrivate: a lock is in a variable that a function makes, and no other
// function can get at it.
func isPrivate(p *summary.Package, r lockset.Resource) bool {
	v, ok := r.Root.(*types.Var)
	if !ok || v.IsField() || isGlobal(v) || !r.Stable {
		return false
	}
	end := v.Type()
	for _, f := range r.Fields {
		end = f.Type()
		if f != r.Fields[len(r.Fields)-1] && types.IsInterface(end) || isPointerType(end) {
			return false
		}
	}
	if ptr, ok := types.Unalias(v.Type()).(*types.Pointer); ok && len(r.Fields) == 0 {
		end = ptr.Elem()
	}
	decl := declaring(p, v)
	return isLockType(end) && decl != nil && isMade(p, v) && keepsIn(p, v, decl)
}

func isPointerType(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// declaring is the function that declares a variable.
func declaring(p *summary.Package, v *types.Var) *ast.FuncDecl {
	for _, b := range p.Bodies() {
		if fd, ok := b.Decl.(*ast.FuncDecl); ok && fd.Body != nil && fd.Body.Pos() <= v.Pos() && v.Pos() < fd.Body.End() {
			return fd
		}
	}
	return nil
}

// isMade: a variable starts with a lock that nobody had before.
func isMade(p *summary.Package, v *types.Var) bool {
	made := false
	for _, w := range p.Uses.Writes(v) {
		switch w.Kind {
		case uses.Method, uses.Part:
		case uses.Init:
			if w.Value == nil || !isAllocated(p, w.Value) {
				return false
			}
			made = true
		default:
			return false
		}
	}
	return made || !isPointerType(v.Type()) && isZero(p, v)
}

// isZero: a variable is declared by var, without a value.
func isZero(p *summary.Package, v *types.Var) bool {
	found := false
	if fd := declaring(p, v); fd != nil {
		ast.Inspect(fd, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 0 {
				found = found || slices.ContainsFunc(spec.Names, func(id *ast.Ident) bool { return p.Src.Info.Defs[id] == types.Object(v) })
			}
			return !found
		})
	}
	return found
}

// isAllocated: T{}, &T{} or new(T).
func isAllocated(p *summary.Package, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		_, ok := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && ok
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		if !ok {
			return false
		}
		b, ok := p.Src.Info.Uses[id].(*types.Builtin)
		return ok && b.Name() == "new"
	}
	return false
}

// keepsIn: a variable is only used to call methods of locks and to reach fields
// that hold none.
func keepsIn(p *summary.Package, v *types.Var, fd *ast.FuncDecl) bool {
	ok := true
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is && p.Src.Info.Uses[id] == types.Object(v) {
			ok = ok && staysLock(p, id)
		}
		return ok
	})
	return ok
}

// staysLock follows a use to the end of its path.
func staysLock(p *summary.Package, id *ast.Ident) bool {
	var e ast.Expr = id
	for {
		switch parent := p.Uses.Parent(e).(type) {
		case *ast.ParenExpr:
			e = parent
			continue
		case *ast.SelectorExpr:
			if fn, ok := p.Src.Info.Uses[parent.Sel].(*types.Func); ok {
				call, isCall := p.Uses.Parent(parent).(*ast.CallExpr)
				return isCall && call.Fun == ast.Expr(parent) && isLockMethod(fn)
			}
			e = parent
			continue
		case *ast.AssignStmt:
			return isBlank(parent, e)
		}
		return e != ast.Expr(id) && !holdsLock(p.Src.Info.TypeOf(e), 0)
	}
}

// isBlank: _ = v.
func isBlank(as *ast.AssignStmt, e ast.Expr) bool {
	for i, rhs := range as.Rhs {
		if rhs == e && len(as.Lhs) == len(as.Rhs) {
			id, ok := as.Lhs[i].(*ast.Ident)
			return ok && id.Name == "_"
		}
	}
	return false
}

func isLockMethod(fn *types.Func) bool {
	typ := syncType(fn)
	return typ == "Mutex" || typ == "RWMutex" && fn.Name() != "RLocker"
}

// holdsLock: a lock is part of a type, or may be.
func holdsLock(t types.Type, depth int) bool {
	if depth > 5 || isLockType(t) {
		return true
	}
	switch t := t.Underlying().(type) {
	case *types.Struct:
		for f := range t.Fields() {
			if holdsLock(f.Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return holdsLock(t.Elem(), depth+1)
	}
	return false
}

// unheld finds the releases of a lock that nobody can hold there: of a local
// variable that this body has not locked on any path, or of a field that the
// package never locks.
func unheld(p *summary.Package, b *lockset.Body) []*Fault {
	var out []*Fault
	for _, op := range b.Ops {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok || !isRelease(call) {
			continue
		}
		sel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if fn, ok := p.Src.Info.Uses[sel.Sel].(*types.Func); !ok || !isLockMethod(fn) {
			continue
		}
		r := p.Namer.Method(sel, lockset.Lock)
		if _, held := op.State.Find(r.Key()); held || isTaken(b, r, op.Defer != nil) || !isFree(p, b, r) {
			continue
		}
		f := &Fault{
			Pkg: p, Body: b, Sort: LeakUnheld, Node: call, Resource: r.Expr, Level: Hazard,
			What: fmt.Sprintf("%s is unlocked, and nobody has locked it", r.Expr),
			Why:  "the program ends with a fatal error here",
		}
		if op.Defer != nil {
			f.Node = op.Defer
		}
		out = append(out, f)
	}
	return out
}

// isTaken: a body takes a lock somewhere, and what it defers may be meant for that,
// in a branch or after a panic; or it takes it twice, so that it ends it twice too.
func isTaken(b *lockset.Body, r lockset.Resource, deferred bool) bool {
	return slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool {
		if s.Acquire.Resource.Key() != r.Key() {
			return false
		}
		before, _ := b.Before(s.Acquire.Node)
		_, again := before.Find(r.Key())
		return deferred || again
	})
}

// isFree: a lock that a body does not hold is not held by anybody for it.
func isFree(p *summary.Package, b *lockset.Body, r lockset.Resource) bool {
	if !isPrivate(p, r) {
		done, all := lockCalls(p, r)
		return all && len(done) > 0 && !slices.ContainsFunc(done, func(c *ast.CallExpr) bool { return !isRelease(c) })
	}
	outer := r.Root.Pos() < b.Block.Pos() || r.Root.Pos() > b.Block.End()
	return !slices.ContainsFunc(p.Bodies(), func(o *lockset.Body) bool {
		return o != b && o.Decl == b.Decl && slices.ContainsFunc(o.Sections, func(s *lockset.Section) bool {
			return s.Acquire.Resource.Key() == r.Key() && (s.Leaks || outer)
		})
	})
}
