package summary

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Besides what annotations say (annotate.go), what a function starts with comes
// from four sources: its name ends in Locked, its doc comment says that the caller
// holds a lock, its first statement defers a release, or all of its callers are
// seen to hold one. A function that takes the lock itself refutes the first two.

var (
	lockedName = pattern.New(`[a-z0-9]R?Locked$|^locked[A-Z]|_locked$|WithLockHeld$|LockHeld$`)
	heldDoc    = pattern.New(`(?is)\b(must|should|needs? to|has to|assumes?|requires?|expects?|caller|callers|called|holding)\b[^;]{0,80}?\b(holds?|held|holding|lock(ed)?)\b|\b(with|while)\s+(\S+\s+){0,3}(held|holding|locked)\b`)
	notHeldDoc = pattern.New(`(?is)\b(not|cannot|can't|without|never|un-?locked|no locks?|acquires?|takes?|grabs?|locks)\b`)
	// the dot of s.mu ends no sentence
	sentenceEnd = pattern.New(`[.;](\s|$)`)
	lockWord    = pattern.New(`(?i)(^|[^b])lock|mutex|\bmu\b|mtx|\bmx\b`)
)

// conventions sets what functions start with by name and doc comment.
func (p *Package) conventions() {
	for _, f := range p.Src.Files {
		for _, d := range f.Syntax.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok || fd.Body == nil || fd.Recv == nil {
				continue
			}
			fn := p.declared(fd)
			if fn == nil {
				continue
			}
			locks := receiverLocks(fn)
			if len(locks) == 0 {
				continue
			}
			why := conventional(fd, locks)
			if why == "" {
				continue
			}
			if r, ok := theLock(fn, locks, fd.Doc.Text()); ok && !p.acquires(fd, r) {
				p.entry[fn] = []lockset.Held{{Resource: r, Mode: syncapi.Write, Must: true, Caller: why}}
			}
		}
	}
}

// conventional says why a function is taken to be called with a lock held; ""
// if nothing says so. locks are those that its comment may name.
func conventional(fd *ast.FuncDecl, locks []*types.Var) string {
	name := fd.Name.Name
	if speaksOfLocks(name) && lockedName.MatchString(name) && !strings.HasPrefix(strings.ToLower(name), "is") {
		return "the name of " + name + " says that its caller holds it"
	}
	doc := fd.Doc.Text()
	if !speaksOfLocks(doc) {
		return ""
	}
	for _, sentence := range sentenceEnd.Split(doc) {
		names := lockWord.MatchString(sentence) || slices.ContainsFunc(locks, func(l *types.Var) bool { return mentions(sentence, l) })
		if heldDoc.MatchString(sentence) && names && !notHeldDoc.MatchString(sentence) {
			return "the comment of " + name + " says that its caller holds it"
		}
	}
	return ""
}

// speaksOfLocks is quick to say of a text that none of lockedName and heldDoc
// matches it.
func speaksOfLocks(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "lock") || strings.Contains(text, "held") || strings.Contains(text, "hold")
}

// receiverLocks lists the fields of a method's receiver that are locks.
func receiverLocks(fn *types.Func) []*types.Var {
	recv := fn.Signature().Recv()
	if recv == nil || recv.Name() == "" || recv.Name() == "_" {
		return nil
	}
	t := recv.Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	var locks []*types.Var
	for i := range st.NumFields() {
		if f := st.Field(i).Origin(); syncapi.IsLock(f.Type()) {
			locks = append(locks, f)
		}
	}
	return locks
}

// theLock picks the lock of a receiver: the one that the comment names, or the
// only one.
func theLock(fn *types.Func, locks []*types.Var, doc string) (lockset.Resource, bool) {
	i := slices.IndexFunc(locks, func(f *types.Var) bool { return mentions(doc, f) })
	switch {
	case i >= 0:
		locks = locks[i : i+1]
	case len(locks) != 1:
		return lockset.Resource{}, false
	}
	return lockset.Rooted(fn.Signature().Recv(), lockset.Lock, locks), true
}

func mentions(text string, v *types.Var) bool {
	isWord := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	words := strings.FieldsFunc(text, func(r rune) bool { return !isWord(r) })
	return slices.Contains(words, v.Name())
}

// acquires reports whether a declaration itself takes a lock, so that its
// caller cannot hold it.
func (p *Package) acquires(fd *ast.FuncDecl, r lockset.Resource) bool {
	p.enter(fd)
	found := false
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if call, ok := n.(*ast.CallExpr); ok {
			for _, c := range p.effect(call.Fun, call.Args).Changes {
				if c.Resource.Key() == r.Key() {
					found = found || c.Kind != syncapi.Release
					return !found && c.Kind != syncapi.Release
				}
			}
		}
		return !found
	})
	return found && !p.releasesFirst(fd, r)
}

// releasesFirst: unlock, do something, lock again is what a helper does that is
// called with the lock held.
func (p *Package) releasesFirst(fd *ast.FuncDecl, r lockset.Resource) bool {
	first := syncapi.None
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && first == syncapi.None {
			for _, c := range p.effect(call.Fun, call.Args).Changes {
				if c.Resource.Key() == r.Key() {
					first = c.Kind
				}
			}
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return first == syncapi.Release
}

// givers lets functions that begin with a deferred release of what they did not
// acquire start with it: Finish of Start and Finish.
func (p *Package) givers() {
	for _, f := range p.Src.Files {
		for _, d := range f.Syntax.Decls {
			fd, ok := d.(*ast.FuncDecl)
			if !ok || fd.Body == nil || len(fd.Body.List) < 2 {
				continue
			}
			def, ok := fd.Body.List[0].(*ast.DeferStmt)
			fn := p.declared(fd)
			if !ok || fn == nil || len(p.entry[fn]) > 0 {
				continue
			}
			p.enter(fd)
			for _, c := range p.effect(def.Call.Fun, def.Call.Args).Changes {
				if c.Kind == syncapi.Release && c.Resource.Sort == lockset.Lock && !p.acquires(fd, c.Resource) {
					held := lockset.Held{Resource: c.Resource, Mode: c.Mode, Must: true, Caller: fn.Name() + " releases it"}
					p.entry[fn] = append(p.entry[fn], held)
				}
			}
			if len(p.entry[fn]) > 0 {
				p.understandAgain(d)
			}
		}
	}
}

// inherit gives functions what all their callers hold, callers first, and
// analyses them again; it reports whether there are any. Where nobody holds
// anything, there is nothing to inherit.
func (p *Package) inherit(order [][]*unit) (changed bool) {
	if !p.holds() {
		return false
	}
	for _, group := range slices.Backward(order) {
		for _, u := range group {
			fn := u.fn
			if fn == nil {
				continue
			}
			held := slices.DeleteFunc(p.heldByAllCallers(fn, group), func(h lockset.Held) bool { return !p.usesBeside(u.decl.(*ast.FuncDecl), h) })
			before := len(p.entry[fn])
			for _, h := range held {
				if !slices.Contains(p.excluded[fn], h.Key()) && !slices.ContainsFunc(p.entry[fn], func(o lockset.Held) bool { return o.Key() == h.Key() }) {
					p.entry[fn] = append(p.entry[fn], h)
				}
			}
			if len(p.entry[fn]) > before {
				p.understandAgain(u.decl)
				changed = true
			}
		}
	}
	return changed
}

// holds reports whether anything is held anywhere in the package.
func (p *Package) holds() bool {
	for _, u := range p.coded {
		for _, b := range u.bodies { // where a unit is bare nothing is held
			if len(b.Entry) > 0 || len(b.Sections) > 0 {
				return true
			}
		}
	}
	return false
}

// usesBeside reports whether a function uses anything that a lock may guard: a
// field beside it that is written after construction, or a function that
// starts with it. One that does not is no helper of the section: that its
// callers hold the lock is their affair, and can be mended there.
func (p *Package) usesBeside(fd *ast.FuncDecl, h lockset.Held) bool {
	lock, ok := h.Field().(*types.Var)
	if !ok || !lock.IsField() {
		return true
	}
	owner := p.Owner(lock)
	found := false
	ast.Inspect(fd.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if s := p.Src.Info.Selections[n]; s != nil && s.Kind() == types.FieldVal {
				f := s.Obj().(*types.Var).Origin()
				if locks := p.Guards(f); len(locks) > 0 {
					found = found || slices.Contains(h.Fields, locks[0])
				} else if p.Owner(f) == owner && !syncapi.IsLock(f.Type()) {
					immutable, _ := p.Uses.Immutable(f)
					found = found || !immutable
				}
			}
		case *ast.CallExpr:
			for _, fn := range p.Callees(n) {
				found = found || slices.ContainsFunc(p.entry[fn], func(o lockset.Held) bool { return o.Field() == h.Field() })
			}
		}
		return !found
	})
	return found
}

// heldByAllCallers intersects what is held at the calls of a function. It knows
// nothing of one that can be called from where it cannot see.
func (p *Package) heldByAllCallers(fn *types.Func, group []*unit) []lockset.Held {
	calls, complete := p.Uses.Calls(fn)
	if !complete || len(calls) == 0 {
		return nil
	}
	var out []lockset.Held
	sites := 0
	for _, call := range calls {
		u := p.units[p.Uses.Decl(call)]
		if slices.Contains(group, u) {
			continue // a recursive call holds what the first one did
		}
		var here []lockset.Held
		if op := u.opAt(call); op != nil {
			p.enter(u.decl)
			for _, h := range op.State.Held() {
				if r, ok := p.InCallee(fn, call, h.Resource); ok && h.Must && h.Sort == lockset.Lock {
					here = append(here, lockset.Held{Resource: r, Mode: h.Mode, Must: true, Caller: "all callers of " + fn.Name() + " hold it"})
				}
			}
		}
		if sites == 0 {
			out = here
		} else {
			out = slices.DeleteFunc(out, func(h lockset.Held) bool {
				return !slices.ContainsFunc(here, func(o lockset.Held) bool { return o.Key() == h.Key() })
			})
		}
		sites++
		if len(out) == 0 {
			return nil
		}
	}
	return out
}

// opAt finds the operation of a call; nil if there is none or the unit is bare, so
// that nothing is held there.
func (u *unit) opAt(call *ast.CallExpr) *lockset.Op {
	if u == nil {
		return nil
	}
	for _, b := range u.bodies {
		for _, op := range b.Ops {
			if op.Node == call {
				return op
			}
		}
	}
	return nil
}

// InCallee translates a resource that is held at a call into the terms of the
// called function.
func (p *Package) InCallee(fn *types.Func, call *ast.CallExpr, r lockset.Resource) (lockset.Resource, bool) {
	if v, ok := r.Root.(*types.Var); ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		return r, true
	}
	sig := fn.Signature()
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sig.Recv() != nil && sig.Recv().Name() != "" {
		if out, ok := below(sig.Recv(), p.Namer.Method(sel, lockset.Lock), r); ok {
			return out, true
		}
	}
	for i, arg := range call.Args {
		if i < sig.Params().Len() {
			if out, ok := below(sig.Params().At(i), p.Namer.Name(arg, lockset.Lock), r); ok {
				return out, true
			}
		}
	}
	return lockset.Resource{}, false
}

// below rebases a resource that lies below base onto a variable.
func below(v *types.Var, base, r lockset.Resource) (lockset.Resource, bool) {
	n := len(base.Fields)
	if base.Root == nil || base.Root != r.Root || base.Index != "" || len(r.Fields) < n || !slices.Equal(base.Fields, r.Fields[:n]) {
		return lockset.Resource{}, false
	}
	return lockset.Rooted(v, r.Sort, r.Fields[n:]), true
}
