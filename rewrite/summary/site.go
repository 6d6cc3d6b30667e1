package summary

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A site is a function expression, with what does not change while a package is
// analysed: what it calls, and what is said of that. The same is asked of each call
// many times.
type site struct {
	callee
	*told // nil until it is asked for
	quiet verdict

	shown   bool // methods is set
	methods []*types.Func
}

// told is what the project says of a callee and what the table says: the same for
// all calls of it through receivers of one type.
//
// A saying that a summary of this package brings is one that the callee has from
// the vocabulary or a directive already, which are asked first; those that come
// from other packages are there before this one.
type told struct {
	said   syncapi.Saying
	isSaid bool
	entry  syncapi.Entry
	known  bool
}

// A called is a callee as far as told depends on it.
type called struct {
	obj  types.Object // function, builtin or variable; nil if nothing is known
	recv types.Type   // of what a method is selected from
}

// at is the site of a function expression.
func (p *Package) at(fun ast.Expr) *site {
	fun = ast.Unparen(fun)
	s := p.sites[fun]
	if s == nil {
		s = &site{callee: p.callee(fun)}
		p.sites[fun] = s
	}
	return s
}

// look is at, with what is said of the callee. It may be asked once the directives
// are heeded.
func (p *Package) look(fun ast.Expr) *site { return p.informed(p.at(fun)) }

func (p *Package) informed(s *site) *site {
	if s.told == nil {
		s.told = p.told(s.callee)
	}
	return s
}

func (p *Package) told(c callee) *told {
	key := called{}
	switch {
	case c.builtin != nil:
		key.obj = c.builtin
	case c.value != nil:
		key.obj = c.value
	case c.fn != nil:
		key.obj = c.fn
		if c.sel != nil {
			key.recv = p.Src.Info.TypeOf(c.sel.X)
		}
	}
	t := p.tellings[key]
	if t == nil {
		t = new(told)
		t.said, t.isSaid = p.saying(c)
		t.entry, t.known = p.entryBeside(t.said, t.isSaid, c)
		p.tellings[key] = t
	}
	return t
}

// A verdict says whether a call is idle.
type verdict uint8

const (
	unjudged verdict = iota
	idle             // for good
	busy             // for good
	depends          // on the summary of its callee, which belongs to this package
	lends            // its function is idle, but for the methods of its arguments that it runs
)

// isIdle reports whether a call has no effect on resources, does nothing that
// matters under a lock, takes no lock and runs no function that it is given: what
// effect, call, takes and runsOf would find of it is nothing. Most calls are of
// this sort, and none of the four needs to be asked about them.
func (p *Package) isIdle(call *ast.CallExpr) bool { return p.isIdleAt(p.at(call.Fun), call) }

func (p *Package) isIdleAt(s *site, call *ast.CallExpr) bool {
	switch p.judged(s); s.quiet {
	case depends:
		return p.soFar(s.fn).inert()
	case lends:
		return p.shownIdle(s, call)
	}
	return s.quiet == idle
}

// hasNoEffect reports whether effect would find nothing.
func (p *Package) hasNoEffect(fun ast.Expr) bool {
	s := p.judged(p.at(fun))
	return s.quiet == idle || s.quiet == lends || s.quiet == depends && p.soFar(s.fn).inert()
}

func (p *Package) judged(s *site) *site {
	if s.quiet == unjudged {
		s.quiet = p.judge(p.informed(s))
	}
	return s
}

// judge follows the questions of [Package.effectOf], [Package.call] and
// [Package.reached] in their order, and says busy when in doubt.
func (p *Package) judge(s *site) verdict {
	switch {
	case longWay:
		return busy
	case s.isSaid || s.value != nil: // the function behind a value may be a parameter
		return busy
	case s.known && !trivial(s.entry):
		return busy
	case s.known:
		if s.fn != nil && s.fn.Pkg() != nil && backdoors[s.fn.Pkg().Path()] != nil {
			return lends
		}
		return idle
	case s.fn == nil || p.handsOutToken(s.fn):
		return busy
	}
	if _, ok := p.givesToken(s.callee); ok {
		return busy
	}
	if _, _, ok := syncapi.LockMethod(s.fn); ok {
		return busy
	}
	own := s.fn.Pkg() == p.Src.Types
	switch {
	case s.iface && own:
		return busy
	case own:
		return depends
	case !p.summary(s.fn).inert():
		return busy
	case s.iface:
		if custom, ok := p.customOf(s.fn); !ok || custom.Class >= syncapi.Foreign {
			return busy
		}
	}
	return idle
}

// shownIdle reports whether the methods that a call into std runs on its arguments
// take no locks and do nothing that matters.
func (p *Package) shownIdle(s *site, call *ast.CallExpr) bool {
	if !s.shown {
		s.methods, s.shown = p.methodsShown(call), true
	}
	return !slices.ContainsFunc(s.methods, func(m *types.Func) bool { return !p.summary(m).inert() })
}

// trivial reports whether an entry of the table says nothing of locks, waits and
// foreign code.
func trivial(e syncapi.Entry) bool {
	switch e.Kind {
	case syncapi.Acquire, syncapi.Try, syncapi.Release, syncapi.Once:
		return false
	}
	return e.Class <= syncapi.Locks && len(e.Sync) == 0 && !e.NoReturn
}

// inert reports whether a summary, nil for none, says nothing of what a call does.
// Edges and Gets say nothing of that.
func (f *Func) inert() bool {
	return f == nil || len(f.Acts) == 0 && len(f.Changes) == 0 && len(f.Results) == 0 && len(f.Locks)+len(f.Onces)+len(f.Guards)+len(f.Runs) == 0 && !f.NoReturn && f.Said.Is == syncapi.Unsaid
}

// busyOps lists the operations of a body that are not idle calls.
func (p *Package) busyOps(b *lockset.Body) []*lockset.Op {
	var out []*lockset.Op
	for i, op := range b.Ops {
		call, ok := op.Node.(*ast.CallExpr)
		if ok && p.isIdle(call) {
			continue
		}
		if out == nil {
			out = slices.Grow(out, len(b.Ops)-i)
		}
		out = append(out, op)
	}
	return out
}
