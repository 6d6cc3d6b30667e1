package summary

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// env is what lockset asks of this package.
func (p *Package) env() *lockset.Env {
	return &lockset.Env{
		Info:    p.Src.Info,
		Namer:   p.Namer,
		Effect:  p.effect,
		ChanSem: p.chanSem,
		Entry:   func(fn *types.Func) []lockset.Held { return p.entry[fn] },
		Births:  func(n ast.Node) []lockset.Change { return p.births[n] },
	}
}

// effect says what calling fun does to resources, in the terms of the place
// where it stands. The table goes first; a summary comes before the mere shape
// of a method, because a wrapper's Lock is known by the lock that it takes.
func (p *Package) effect(fun ast.Expr, args []ast.Expr) lockset.Effect {
	fun = ast.Unparen(fun)
	if e, ok := p.effects[fun]; ok {
		return e
	}
	if p.hasNoEffect(fun) {
		return lockset.Effect{}
	}
	e := p.effectOf(fun, args)
	p.effects[fun] = e
	return e
}

func (p *Package) effectOf(fun ast.Expr, args []ast.Expr) lockset.Effect {
	s := p.look(fun)
	c := s.callee
	if s.isSaid && c.fn != nil {
		if e, ok := saidEntry(s.said, c.fn); ok {
			return p.saidEffect(s.said, e, c, args)
		}
	}
	if s.known {
		return p.tableEffect(s.entry, c, args)
	}
	if c.fn == nil {
		return lockset.Effect{}
	}
	if c, ok := p.givesToken(c); ok {
		return lockset.Effect{Changes: []lockset.Change{c}}
	}
	f := p.summary(c.fn)
	if kind, mode, ok := syncapi.LockMethod(c.fn); ok && c.sel != nil && (f == nil || len(f.Changes) == 0) {
		r := p.Namer.Method(c.sel, lockset.Lock)
		return lockset.Effect{Changes: []lockset.Change{{Kind: kind, Mode: mode, Resource: r, Fallible: kind == syncapi.Try}}}
	}
	eff := lockset.Effect{}
	if p.handsOutToken(c.fn) {
		eff.Handles = map[int][]lockset.Resource{0: {{Sort: lockset.Token}}}
	}
	if f == nil {
		return eff
	}
	eff.NoReturn = f.NoReturn
	eff.InPlace = f.Runs
	eff.Changes = p.translate(f.Changes, c.fn, fun, args)
	for i, changes := range f.Results {
		if out := p.translate(changes, c.fn, fun, args); len(out) > 0 {
			if eff.Results == nil {
				eff.Results = map[int][]lockset.Change{}
			}
			eff.Results[i] = out
		}
	}
	return eff
}

func (p *Package) translate(changes []Change, via *types.Func, fun ast.Expr, args []ast.Expr) []lockset.Change {
	var out []lockset.Change
	for _, c := range changes {
		if r, ok := p.resource(c.Ref, fun, args); ok {
			out = append(out, lockset.Change{Kind: c.Kind, Resource: r, Mode: c.Mode, Fallible: c.Fallible, Via: via, Once: c.Once})
		}
	}
	return out
}

// tableEffect is the effect of a function of the table.
func (p *Package) tableEffect(e syncapi.Entry, c callee, args []ast.Expr) lockset.Effect {
	eff := lockset.Effect{InPlace: e.Sync, NoReturn: e.NoReturn}
	sort := lockset.Lock
	if c.fn != nil && c.fn.Pkg() != nil && c.fn.Pkg().Path() != "sync" && !isLockName(c.fn.Name()) {
		sort = lockset.Semaphore
	}
	switch e.Kind {
	case syncapi.Acquire, syncapi.Try, syncapi.Release:
		r, ok := p.operand(e.Operand, c, args, sort)
		if !ok {
			return eff
		}
		change := lockset.Change{Kind: e.Kind, Resource: r, Mode: e.Mode}
		if sort == lockset.Semaphore {
			change.Fallible = e.Kind != syncapi.Release && c.fn.Signature().Results().Len() > 0
			if n := len(args); n > 0 {
				change.Count = args[n-1]
			}
		} else {
			change.Fallible = e.Kind == syncapi.Try
		}
		eff.Changes = []lockset.Change{change}
	case syncapi.Once:
		if r, ok := p.operand(e.Operand, c, args, lockset.OnceLock); ok {
			eff.Once = &r
		}
	}
	return eff
}

func isLockName(name string) bool {
	return slices.Contains([]string{"Lock", "Unlock", "RLock", "RUnlock", "TryLock", "TryRLock"}, name)
}

// operand names the resource that a function of the table works on.
func (p *Package) operand(i int, c callee, args []ast.Expr, sort lockset.Sort) (lockset.Resource, bool) {
	if i < 0 {
		if c.sel == nil {
			return lockset.Resource{}, false
		}
		return p.Namer.Method(c.sel, sort), true
	}
	if i >= len(args) {
		return lockset.Resource{}, false
	}
	return p.Namer.Name(args[i], sort), true
}
