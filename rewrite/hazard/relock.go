package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// Sorts of locks that are taken while they are held. The Spots of each are the
// call that takes the lock again.
const (
	Relocked   FaultSort = "taken again"             // the very same lock
	Reread     FaultSort = "read-locked again"       // a waiting writer stands between
	Upgraded   FaultSort = "upgraded"                // for writing, held for reading
	SameObject FaultSort = "taken of one like it"    // of another object, unless that is the same
	OnceInside FaultSort = "run again inside itself" // a sync.Once
	// LockedForUnlock: what is taken again is never released, nor is what was taken
	// first: the second was meant to release it. Its Section is the second one's.
	LockedForUnlock FaultSort = "locked for unlocked"
)

// relocks finds the locks that are taken while they are held, directly or down a
// chain of calls. A goroutine that takes the lock and is waited for under it is
// not among them: that wait has its other side shown as an observation.
func relocks(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			var f *Fault
			if isMeantUnlock(p, b, op) {
				continue
			}
			if len(op.State.Held()) > 0 || runsOnce(p, op) {
				f = relock(p, b, op)
			}
			if f == nil {
				f = calledBack(p, b, op)
			}
			if f != nil {
				f.misspelt()
				out = append(out, f)
			}
		}
	}
	return out
}

// misspelt recognises a second Lock that was meant to be an Unlock.
func (f *Fault) misspelt() {
	if f.Sort != Relocked || f.Level != Deadlock || f.Section == nil || f.Body == nil || len(f.Section.Releases) > 0 {
		return
	}
	for _, s := range f.Body.Sections {
		l := &leaking{p: f.Pkg, b: f.Body, s: s}
		if s.Acquire.Node == f.Node && s != f.Section && l.key() == f.Section.Acquire.Resource.Key() && l.isUnended() {
			f.Sort, f.Spots, f.Section = LockedForUnlock, []ast.Node{f.Section.Acquire.Node}, s
			return
		}
	}
}

// isMeantUnlock: a lock is deferred where its release was meant: lockleak reports
// that, and ends it.
func isMeantUnlock(p *summary.Package, b *lockset.Body, op *lockset.Op) bool {
	return op.Defer != nil && slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool {
		l := &leaking{p: p, b: b, s: s}
		return s.Acquire.Node == op.Node && l.deferred() && len(l.lockDeferred()) > 0
	})
}

// relock returns the worst of what one operation takes again.
func relock(p *summary.Package, b *lockset.Body, op *lockset.Op) *Fault {
	var worst *Fault
	takes := p.Takes(b, op)
	consider := func(t summary.Take, h lockset.Held) {
		if f := again(p, b, op, t, h); f != nil && (worst == nil || f.Level > worst.Level) {
			worst = f
		}
	}
	for _, t := range takes {
		if t.Try || t.Deep || t.Resource.Root == nil {
			continue
		}
		if h, ok := op.State.Find(t.Resource.Key()); ok {
			consider(t, h)
			continue
		}
		for _, h := range op.State.Held() {
			for _, through := range []func(*summary.Package, *lockset.Body, *lockset.Op, summary.Take, lockset.Held) *Fault{throughMember, throughGetter} {
				if f := through(p, b, op, t, h); f != nil && (worst == nil || f.Level > worst.Level) {
					worst = f
				}
			}
		}
		for _, o := range takes { // once.Do(f), where f runs it
			if o.Acquire == nil && len(o.Via) == 0 && o.Resource.Sort == lockset.OnceLock && len(t.Via) > 0 && o.Resource.Key() == t.Resource.Key() {
				consider(t, lockset.Held{Resource: o.Resource, Must: true})
			}
		}
		for _, h := range op.State.Held() {
			if f := alike(p, b, op, t, h); f != nil && worst == nil {
				worst = f
			}
		}
	}
	return worst
}

// runsOnce reports whether an operation runs a function under a sync.Once.
func runsOnce(p *summary.Package, op *lockset.Op) bool {
	call, ok := op.Node.(*ast.CallExpr)
	return ok && p.Kind(call) == syncapi.Once
}

// calledBack makes the fault of an operation in a function literal that a callee
// runs under the lock which the operation takes.
func calledBack(p *summary.Package, b *lockset.Body, op *lockset.Op) *Fault {
	for _, lit := range op.Lits {
		held, callee := p.Around(b, lit)
		if len(held) == 0 {
			continue
		}
		for _, t := range p.Takes(b, op) {
			for _, h := range held {
				if t.Try || t.Deep || !t.Resource.Stable || t.Resource.Key() != h.Key() {
					continue
				}
				if f := again(p, b, op, t, h); f != nil {
					f.Peer = append(f.Peer, Frame{lit.Pos(), "holds " + h.Expr + ": " + p.FuncName(callee) + " runs the literal under it"})
					return f
				}
			}
		}
	}
	return nil
}

// again makes the fault of a lock that is held and taken.
func again(p *summary.Package, b *lockset.Body, op *lockset.Op, t summary.Take, h lockset.Held) *Fault {
	if elsewhere(p, b, t, h) || !steady(p, op, t, h) {
		return nil
	}
	f := newFault(p, b, op, t, h)
	f.Sort = sortOf(t, h)
	f.What = f.word(t, h)
	f.Level, f.Why = howBad(p, f.Sort, t, h)
	if f.Level > Contention && len(h.From) == 0 && h.Caller != "" {
		f.Level, f.Why = Hazard, h.Caller
	}
	return f
}

// sortOf says in which way a lock is taken again.
func sortOf(t summary.Take, h lockset.Held) FaultSort {
	switch {
	case t.Resource.Sort == lockset.OnceLock:
		return OnceInside
	case h.Mode == syncapi.Read && t.Mode == syncapi.Read:
		return Reread
	case h.Mode == syncapi.Read:
		return Upgraded
	}
	return Relocked
}

// howBad ranks a lock that is taken again.
func howBad(p *summary.Package, sort FaultSort, t summary.Take, h lockset.Held) (Level, string) {
	switch {
	case !h.Sure():
		return Contention, h.Expr + " is held on some paths only"
	case !excludes(t.Resource):
		return Contention, "whether it can be taken twice is not known"
	case t.Asked:
		return Contention, "an argument says whether it is taken"
	case sort == Reread && !written(p, h):
		return Contention, "nobody locks it for writing"
	case len(t.Via) > 0 && !t.Must && len(t.Via) > maxMaybe:
		return Contention, "some branch on the way may not be taken"
	case sort == Reread:
		return Hazard, "a writer that waits in between lets no reader in, and waits for this one"
	case len(t.Via) > 0 && !t.Must:
		return Hazard, "unless a branch on the way is not taken"
	case isLocker(t.Resource):
		return Hazard, "whether it can be taken twice is not known"
	}
	return Deadlock, ""
}

// maxMaybe bounds the calls down to a lock that is not taken on every path.
const maxMaybe = 2

// elsewhere reports whether a lock that is taken is not held any more, because
// the callee releases it first, or is held by a caller that is seen to acquire it:
// it is said there.
func elsewhere(p *summary.Package, b *lockset.Body, t summary.Take, h lockset.Held) bool {
	is := func(r summary.Ref) bool { return sameRef(r, t.Ref) }
	if t.Ref.Param != summary.Nowhere && slices.ContainsFunc(t.Dropped, is) {
		return true
	}
	return len(h.From) == 0 && h.Caller != "" && !isAgreed(p, b, h)
}

func sameRef(a, b summary.Ref) bool {
	return a.Param == b.Param && a.Pkg == b.Pkg && a.Name == b.Name && slices.Equal(a.Fields, b.Fields)
}

// steady reports whether the path to a lock leads to the same lock at both
// places: it runs through no index, and the variable that it starts at is not
// written in between, nor is it one of the next round of a loop.
func steady(p *summary.Package, op *lockset.Op, t summary.Take, h lockset.Held) bool {
	if t.Resource.Index != "" {
		return false
	}
	v, ok := t.Resource.Root.(*types.Var)
	if !ok || len(h.From) == 0 {
		return ok
	}
	from := h.From[0].Node
	if runsLater(p, op, from) {
		return t.Resource.Stable
	}
	if from.Pos() >= op.Node.Pos() {
		return len(h.From) == 1 && op.Defer != nil
	}
	if t.Resource.Stable {
		return true
	}
	b := bodyOf(p, op.Node)
	if b == nil || loopAround(p, b, op.Node, nil) != nil {
		return len(p.Uses.Writes(v)) == 0
	}
	return !slices.ContainsFunc(p.Uses.Writes(v), func(w uses.Write) bool {
		return from.Pos() < w.Node.Pos() && w.Node.Pos() < op.Node.Pos()
	})
}

// runsLater reports whether an operation stands in a literal with a name, which is
// called after a place that is outside of it and of all loops.
func runsLater(p *summary.Package, op *lockset.Op, from ast.Node) bool {
	if len(op.Lits) == 0 || from.Pos() < op.Lits[0].End() {
		return false
	}
	b := bodyOf(p, op.Node)
	return b != nil && loopAround(p, b, from, nil) == nil && loopAround(p, b, op.Lits[0], nil) == nil
}

// excludes reports whether a resource is known to keep even its holder out.
func excludes(r lockset.Resource) bool {
	if r.Sort == lockset.OnceLock || isLocker(r) {
		return true
	}
	n := lockType(r)
	return n != nil && (n.Obj().Name() == "Mutex" || n.Obj().Name() == "RWMutex")
}

func isLocker(r lockset.Resource) bool {
	n := lockType(r)
	return n != nil && n.Obj().Name() == "Locker" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "sync"
}

// lockType is the named type of a lock; nil if it has none.
func lockType(r lockset.Resource) *types.Named {
	if r.Field() == nil {
		return nil
	}
	t := r.Field().Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// written reports whether the package locks any lock of a class for writing, or
// another package could.
func written(p *summary.Package, h lockset.Held) bool {
	class := p.Class(h.Resource)
	if f := h.Field(); class == "" || f == nil || f.Exported() {
		return true
	}
	for _, b := range p.Bodies() {
		for _, s := range b.Sections {
			if s.Acquire.Mode == syncapi.Write && p.Class(s.Acquire.Resource) == class {
				return true
			}
		}
	}
	return false
}

// newFault starts the fault of an operation that takes a lock under another.
func newFault(p *summary.Package, b *lockset.Body, op *lockset.Op, t summary.Take, h lockset.Held) *Fault {
	f := &Fault{Pkg: p, Body: b, Node: op.Node, Resource: h.Expr, Spots: []ast.Node{op.Node}}
	for _, s := range b.Sections {
		if slices.Contains(h.From, s.Acquire) {
			f.Section = s
		}
	}
	for _, fr := range t.Via {
		f.Chain = append(f.Chain, Frame{fr.Pos(), "calls " + fr.Func})
	}
	if len(t.Via) > 0 {
		f.Chain = append(f.Chain, Frame{t.Pos(), "locks " + t.Expr})
	}
	return f
}

// word words a lock that is taken again.
func (f *Fault) word(t summary.Take, h lockset.Held) string {
	how := map[FaultSort]string{Relocked: "again", Reread: "for reading again", Upgraded: "for writing while it is held for reading", OnceInside: "again inside itself"}[f.Sort]
	verb, done := "locks ", " is locked "
	if f.Sort == OnceInside {
		verb, done = "runs ", " is run "
	}
	if len(t.Via) == 0 {
		return h.Expr + done + how
	}
	return what(f.Node) + " " + verb + h.Expr + " " + how
}

// alike makes the fault of a lock that is taken of another object of the same
// type: of two parameters, which one caller may be given twice. Nothing else
// that only has its type in common is reported: a parent, an element, what a
// table holds are other objects.
func alike(p *summary.Package, b *lockset.Body, op *lockset.Op, t summary.Take, h lockset.Held) *Fault {
	one, other, ok := twoParams(b, h.Resource, t.Resource)
	if !ok || !h.Sure() || t.Asked || len(t.Via) > 0 && !t.Must || h.Sort != lockset.Lock || !excludes(t.Resource) {
		return nil
	}
	f := newFault(p, b, op, t, h)
	f.Sort, f.Level = SameObject, Hazard
	f.What = t.Resource.Expr + " is locked while " + h.Expr + " is held"
	if len(t.Via) > 0 {
		f.What = what(op.Node) + " locks " + t.Resource.Expr + " while " + h.Expr + " is held"
	}
	f.Why = "the same lock if " + other.Name() + " is " + one.Name()
	reads := h.Mode == syncapi.Read && t.Mode == syncapi.Read
	switch {
	case !symmetric(p, b, op, one, other):
		f.Level, f.Why = Contention, "it does not do the same with "+other.Name()+" as with "+one.Name()
	case compares(p, b, op.Node, one, other):
		f.Level, f.Why = Contention, other.Name()+" is compared with "+one.Name()
	case reads && !written(p, h):
		f.Level, f.Why = Contention, "nobody locks it for writing"
	}
	return f
}

// symmetric reports whether a function uses a field of two objects alike, the
// one in a method that it calls perhaps: it compares, joins or exchanges them,
// and a caller may give it one twice. A parent and its child are not alike.
func symmetric(p *summary.Package, b *lockset.Body, op *lockset.Op, one, other *types.Var) bool {
	mine, its := map[*types.Var]bool{}, map[*types.Var]bool{}
	fieldsOf(p, b.Block, one, mine)
	fieldsOf(p, b.Block, other, its)
	if call, ok := op.Node.(*ast.CallExpr); ok {
		for _, fn := range p.Callees(call) {
			if fd := p.Uses.FuncDecl(fn); fd != nil && fd.Body != nil && fn.Signature().Recv() != nil {
				fieldsOf(p, fd.Body, fn.Signature().Recv(), its)
			}
		}
	}
	for f := range mine {
		if its[f] {
			return true
		}
	}
	return false
}

// fieldsOf collects the fields of a variable that a piece of code uses, its
// locks left out.
func fieldsOf(p *summary.Package, n ast.Node, v *types.Var, out map[*types.Var]bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		s := p.Src.Info.Selections[sel]
		if id, ok := ast.Unparen(sel.X).(*ast.Ident); ok && s != nil && s.Kind() == types.FieldVal && p.Src.Info.Uses[id] == v {
			if f := s.Obj().(*types.Var).Origin(); !syncapi.IsLock(f.Type()) {
				out[f] = true
			}
		}
		return true
	})
}

// twoParams returns the parameters, the receiver among them, that two locks of
// the same path start at.
func twoParams(b *lockset.Body, x, y lockset.Resource) (one, other *types.Var, ok bool) {
	one, ok1 := x.Root.(*types.Var)
	other, ok2 := y.Root.(*types.Var)
	if !ok1 || !ok2 || one == other || x.Index != "" || y.Index != "" || !x.Stable || !y.Stable || b.Obj == nil {
		return nil, nil, false
	}
	if !isParam(b.Obj, one) || !isParam(b.Obj, other) || !types.Identical(one.Type(), other.Type()) || !slices.Equal(x.Fields, y.Fields) {
		return nil, nil, false
	}
	_, ptr := one.Type().Underlying().(*types.Pointer)
	return one, other, ptr
}

func isParam(fn *types.Func, v *types.Var) bool {
	sig := fn.Signature()
	if sig.Recv() == v {
		return true
	}
	for i := range sig.Params().Len() {
		if sig.Params().At(i) == v {
			return true
		}
	}
	return false
}

// compares reports whether a body compares two variables, or something of the
// one with something of the other, ahead of a place: it knows the case, or has
// an order.
func compares(p *summary.Package, b *lockset.Body, at ast.Node, one, other *types.Var) bool {
	found := false
	ast.Inspect(b.Block, func(n ast.Node) bool {
		if cmp, ok := n.(*ast.BinaryExpr); ok && cmp.End() <= at.Pos() {
			switch cmp.Op {
			case token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ:
				found = found || reads(p, cmp.X, one) && reads(p, cmp.Y, other) || reads(p, cmp.X, other) && reads(p, cmp.Y, one)
			}
		}
		return !found
	})
	return found
}

func reads(p *summary.Package, e ast.Expr, v *types.Var) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && p.Src.Info.Uses[id] == v {
			found = true
		}
		return !found
	})
	return found
}
