package hazard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const (
	// LeakPath: a path leaves with a resource held that others release. Its Spots
	// are the statement that leaves: a return, a panic, a continue, or the body's
	// block for its end. Must says that all paths that come by leave it held, Why
	// that somebody else releases it on others.
	LeakPath FaultSort = "held at exit"
	// LeakDropped: a variable that can release a resource is dropped on a path.
	// Its Spots are the statement by which the variable took it over.
	LeakDropped FaultSort = "dropped while held"
	// LeakLoop: a deferred release in a loop that acquires again. No Spots.
	LeakLoop FaultSort = "deferred in a loop"
	// LeakMode: a read lock is ended by Unlock, a write lock by RUnlock. Its Spots
	// are the calls that end it.
	LeakMode FaultSort = "released in another mode"
	// LeakRelock: a lock is deferred where its release was meant. Its Spots are the
	// deferred call.
	LeakRelock FaultSort = "lock deferred"
	// LeakTwice: a lock is released that was released before. Its Spots are the
	// second release.
	LeakTwice FaultSort = "released twice"
	// LeakNever: a lock is taken and nobody releases it. No Spots.
	LeakNever FaultSort = "never released"
	// LeakUnheld: a lock is released that nobody has taken. No Spots, no Section.
	LeakUnheld FaultSort = "released unheld"
)

// leakSorts are the sorts that leaks finds.
var leakSorts = []FaultSort{LeakPath, LeakDropped, LeakLoop, LeakMode, LeakRelock, LeakTwice, LeakNever, LeakUnheld}

// leaks finds what is wrong with how the sections of a package end.
func leaks(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		var c *duty.Code
		for _, s := range b.Sections {
			if c == nil {
				c = code(p, b.Block)
			}
			l := &leaking{p, b, s, c}
			switch {
			case s.Acquire.Resource.Sort == lockset.OnceLock || len(s.Lits) > 0:
			case l.deferred():
				out = append(out, l.lockDeferred()...)
				out = append(out, l.never()...)
			default:
				out = append(out, l.paths()...)
				out = append(out, l.never()...)
				out = append(out, l.modes()...)
				out = append(out, l.twice()...)
			}
		}
		for _, f := range slices.Concat(unheld(p, b), unheldByHelper(p, b), unheldElements(p, b)) {
			if !slices.ContainsFunc(out, func(o *Fault) bool { return o.Node == f.Node }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// leaking is the work on one section.
type leaking struct {
	p *summary.Package
	b *lockset.Body
	s *lockset.Section
	c *duty.Code // of the body; nil until it is asked for
}

// code is the body, ready for a walk.
func (l *leaking) code() *duty.Code {
	if l.c == nil {
		l.c = code(l.p, l.b.Block)
	}
	return l.c
}

func code(p *summary.Package, block *ast.BlockStmt) *duty.Code {
	return &duty.Code{Info: p.Src.Info, Block: block, Parent: p.Uses.Parent, MayReturn: p.MayReturn, Recovers: p.Recovers(block), Memo: p.Walks}
}

// deferred: the acquisition itself is deferred, or started.
func (l *leaking) deferred() bool {
	for n := ast.Node(l.s.Acquire.Node); n != nil && n != l.b.Fn; n = l.p.Uses.Parent(n) {
		switch n.(type) {
		case *ast.DeferStmt, *ast.GoStmt:
			return true
		}
	}
	return false
}

func (l *leaking) key() string { return l.s.Acquire.Resource.Key() }

// paths finds the paths that leave with the resource held.
func (l *leaking) paths() []*Fault {
	if !l.s.Leaks && !l.loops() && !l.code().Recovers || l.fills() || l.isOwn() {
		return nil
	}
	if l.s.Acquire.Via != nil && !l.s.Acquire.Resource.Stable {
		return nil // a helper may have got none, where the variable is nil
	}
	d := l.duty()
	if len(l.s.Releases) == 0 && len(d.Gives) == 0 {
		return nil
	}
	found := slices.DeleteFunc(duty.Leaks(l.code(), d), func(x duty.Leak) bool {
		return !l.held(x) || len(l.s.Releases) == 0 && x.Took == nil // another goroutine releases it
	})
	found = firstTurn(l.p, l.s.Acquire.Node, found)
	if len(found) == 0 {
		return nil
	}
	meant := l.isMeantToEnd()
	switch {
	case !meant && !l.inconsistent(found):
		found = l.failing(found)
	case l.handsOver(found):
		return nil
	}
	why := ""
	if !meant {
		why = "on other paths it is released for this function"
	}
	var out []*Fault
	for _, x := range found {
		f := l.fault(x)
		f.Why = why
		i := slices.IndexFunc(out, func(o *Fault) bool { return o.Node == f.Node && o.Sort == f.Sort })
		switch {
		case i < 0:
			out = append(out, f)
		case f.Sort == LeakDropped && len(out[i].Chain) < maxExits:
			out[i].Chain = append(out[i].Chain, f.Chain...)
		}
	}
	return out
}

// loops reports whether the acquisition may be repeated.
func (l *leaking) loops() bool { return loopOf(l.p, l.s.Acquire.Node) != nil }

// firstTurn drops the exits that are reached with it only because a loop goes on with
// it: that is reported there.
func firstTurn(p *summary.Package, begin ast.Node, found []duty.Leak) []duty.Leak {
	loop := loopOf(p, begin)
	again := func(x duty.Leak) bool { return x.Kind == duty.Again || x.Kind == duty.Nested }
	if loop == nil || !slices.ContainsFunc(found, again) {
		return found
	}
	return slices.DeleteFunc(found, func(x duty.Leak) bool {
		return !again(x) && (x.At.Pos() < begin.Pos() || x.At.Pos() > loop.End())
	})
}

// fills: a loop that does nothing else puts the tokens in, or takes all of them.
func (l *leaking) fills() bool {
	st := l.p.Uses.StmtOf(l.s.Acquire.Node)
	if !l.s.Acquire.Resource.Sort.IsToken() || len(st.List) != 1 {
		return false
	}
	switch l.p.Uses.Parent(st.Owner).(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

// isOwn: a channel that the function made is gone with it.
func (l *leaking) isOwn() bool {
	v, ok := l.s.Acquire.Resource.Root.(*types.Var)
	return ok && l.s.Acquire.Resource.Sort == lockset.ChanSem && len(l.s.Acquire.Resource.Fields) == 0 && l.b.Block.Pos() <= v.Pos() && v.Pos() < l.b.Block.End()
}

// loopOf is the innermost loop of a body around a node.
func loopOf(p *summary.Package, n ast.Node) ast.Stmt {
	for n = p.Uses.Parent(n); n != nil; n = p.Uses.Parent(n) {
		switch n := n.(type) {
		case *ast.ForStmt:
			return n
		case *ast.RangeStmt:
			return n
		case *ast.FuncLit:
			return nil
		}
	}
	return nil
}

// duty is what the section has to do.
func (l *leaking) duty() *duty.Duty {
	d := &duty.Duty{Begin: l.s.Acquire.Node, Fallible: l.s.Acquire.Fallible}
	for _, r := range l.s.Releases {
		if r.Defer != nil && l.p.Uses.Enclosing(r.Defer) == l.b.Fn {
			d.Defers = append(d.Defers, r.Defer)
		} else if len(r.Lits) > 0 && l.isBound(r.Lits[0]) {
			d.Gives = append(d.Gives, r.Lits[0])
		} else {
			d.Ends = append(d.Ends, r.Node)
		}
	}
	for _, b := range l.p.Bodies() {
		if lit, ok := b.Fn.(*ast.FuncLit); ok && b != l.b && b.Decl == l.b.Decl && givesBack(b, l.key()) {
			d.Gives = append(d.Gives, lit)
		}
	}
	d.Ends = append(d.Ends, l.handedOff()...)
	return d
}

// handedOff lists the calls that start a goroutine which gives back the resource.
func (l *leaking) handedOff() []ast.Node {
	var out []ast.Node
	ast.Inspect(l.b.Block, func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok && slices.ContainsFunc(l.p.Changes(g.Call), func(c lockset.Change) bool {
			return c.Kind == syncapi.Release && c.Resource.Key() == l.key()
		}) {
			out = append(out, g.Call)
		}
		return true
	})
	return out
}

// isBound: a literal has a name, and runs where that is called.
func (l *leaking) isBound(lit *ast.FuncLit) bool {
	switch l.p.Uses.Parent(lit).(type) {
	case *ast.AssignStmt, *ast.ValueSpec:
		return true
	}
	return false
}

// givesBack reports whether a body releases what it did not acquire.
func givesBack(b *lockset.Body, key string) bool {
	dropped := func(s lockset.State) bool {
		return slices.ContainsFunc(s.Dropped(), func(r lockset.Resource) bool { return r.Key() == key })
	}
	return dropped(b.Exit) || slices.ContainsFunc(b.Ops, func(o *lockset.Op) bool { return dropped(o.State) }) ||
		slices.ContainsFunc(b.Entry, func(h lockset.Held) bool { return h.Key() == key })
}

// held checks a path against the lock sets, which know of more that releases.
func (l *leaking) held(x duty.Leak) bool {
	switch x.Kind {
	case duty.Exit:
		h, ok := l.b.ExitAt(x.At).Find(l.key())
		return ok && h.Caller == "" && slices.Contains(h.From, l.s.Acquire)
	case duty.Again, duty.Nested:
		v, ok := l.s.Acquire.Resource.Root.(*types.Var)
		if !ok || !l.s.Acquire.Resource.Stable {
			return false
		}
		loop := loopOf(l.p, l.s.Acquire.Node)
		inside := loop != nil && loop.Pos() <= v.Pos() && v.Pos() < loop.End()
		_, isContinue := x.At.(*ast.BranchStmt)
		if l.s.Acquire.Resource.Sort.IsToken() && !isContinue {
			return false // it may want several
		}
		return x.Kind == duty.Again && loop != nil || loop != nil && !inside
	case duty.Panic:
		return !l.recoverReleases()
	}
	return false
}

// recoverReleases: a deferred call releases it, on panics only perhaps.
func (l *leaking) recoverReleases() bool {
	return slices.ContainsFunc(l.b.Ops, func(o *lockset.Op) bool {
		call, ok := o.Node.(*ast.CallExpr)
		return ok && o.Defer != nil && slices.ContainsFunc(l.p.Changes(call), func(c lockset.Change) bool {
			return c.Kind == syncapi.Release && c.Resource.Key() == l.key()
		})
	})
}

// fault words a leak.
func (l *leaking) fault(x duty.Leak) *Fault {
	r := l.s.Acquire.Resource
	f := &Fault{Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakPath, Node: x.At, Resource: r.Expr, Spots: []ast.Node{x.At}, Level: Deadlock, Must: x.Must}
	if r.Sort.IsToken() {
		f.Level = Hazard
	}
	switch {
	case x.Kind == duty.Nested:
		f.Sort, f.Spots, f.Node = LeakLoop, nil, l.s.Releases[len(l.s.Releases)-1].Defer
		f.What = fmt.Sprintf("deferred release of %s runs when the function returns, and the loop %s again before", r.Expr, l.verb())
	case x.Kind == duty.Exit && x.Took != nil:
		f.Sort, f.Node, f.Spots = LeakDropped, x.Took, []ast.Node{x.Took}
		f.What = fmt.Sprintf("what releases %s is dropped on a path that returns", r.Expr)
		f.Chain = []Frame{{Pos: exitPos(x.At), Text: "the path leaves here, and nobody has it"}}
		return f
	case x.Kind == duty.Again:
		f.What = fmt.Sprintf("the loop goes on with %s held, and %s again", r.Expr, l.verb())
	case x.Kind == duty.Panic:
		f.Level = Hazard
		f.What = fmt.Sprintf("panics with %s held, and the function recovers", r.Expr)
	case x.At == ast.Node(l.b.Block):
		f.Node = l.s.Acquire.Node
		f.What = fmt.Sprintf("%s is still held where the function ends", r.Expr)
		f.Chain = []Frame{{Pos: exitPos(x.At), Text: "the function ends here"}}
	default:
		f.What = fmt.Sprintf("returns with %s held", r.Expr)
	}
	for _, rel := range l.s.Releases {
		f.Chain = append(f.Chain, Frame{Pos: rel.Node.Pos(), Text: "another path releases it"})
		break
	}
	return f
}

func (l *leaking) verb() string {
	if l.s.Acquire.Resource.Sort.IsToken() {
		return "acquires it"
	}
	return "locks it"
}

// exitPos is where a path leaves: at the brace, for the end of a body.
func exitPos(n ast.Node) token.Pos {
	if b, ok := n.(*ast.BlockStmt); ok {
		return b.Rbrace
	}
	return n.Pos()
}
