package fix

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/uses"
)

// take plans what the caller does with what it is handed.
func (x *site) take() *Obligation {
	defer x.remember()
	part := x.part(x.u.Decl(x.call))
	switch {
	case x.link != nil:
		return x.handOn(part)
	case x.free:
		return x.atOnce(part)
	}
	if x.empty {
		if o := x.c.emptied([]ast.Stmt{x.stmt}, x.out); o != nil {
			return o
		}
	}
	x.assume()
	write := x.explicit
	if x.c.defers != nil {
		write = x.ahead
	}
	list, o := write()
	if o != nil {
		return o
	}
	part.Steps = append(part.Steps, list...)
	x.list = merge(x.list, x.out.judged...)
	return nil
}

// atOnce does it behind the call, where there is nothing to release.
func (x *site) atOnce(part *Part) *Obligation {
	x.inBlock(x.u.StmtOf(x.call).Owner)
	wake := x.c.fresh("wake")
	do, o := x.offer.do(x.c, x.call, x.self[x.fn], wake, true)
	if o != nil {
		return o
	}
	part.Steps = append(part.Steps, Insert{At: Place{After: x.stmt}, Code: Code{Text: do}}, x.set(wake+" := _1_"))
	x.list = merge(x.list, assumed("exclusion", "here "+x.fn.Name()+" is called without the lock", x.call))
	return nil
}

// assume notes what the caller itself lets one only assume.
func (x *site) assume() {
	x.list = merge(x.list, x.c.prose())
	sends := slices.ContainsFunc(x.offer.moved, func(m moved) bool { return m.from == nil && x.section.sends(m) })
	if f := x.c.decidesAbout(x.call); sends && f != nil {
		x.list = merge(x.list, assumed("liveness", types.ExprString(f)+" may change after the release, and with it who still listens", f))
	}
}

// explicit puts the wake behind the release that follows the call.
func (x *site) explicit() ([]Step, *Obligation) {
	c := x.c
	var top uses.Place
	var release ast.Stmt
	for _, p := range c.climb(x.call) {
		if contains(p.Stmt, c.Acquire.Node) {
			break
		}
		if r, _ := c.release(p); r != nil {
			top, release = p, r
			break
		}
	}
	if release == nil {
		o := refuted("region", "no release follows in a block around the call", x.call)
		return nil, &o
	}
	_, between := c.release(top)
	x.goesOn = x.goesOn || len(between) > 0 || top.Stmt != x.stmt
	calm := c.newCalmness(x.out)
	if top.Stmt != x.stmt {
		if leaves(top.Stmt) {
			o := refuted("once", "a path leaves the section between the call and the release", top.Stmt)
			return nil, &o
		}
		calm.skip, calm.around = x.stmt, top.Stmt
		calm.stmt(top.Stmt)
		calm.around = nil
	}
	for _, st := range between {
		calm.stmt(st)
	}
	if calm.why != "" {
		o := refuted("trailing", calm.why, calm.at)
		return nil, &o
	}
	if top.Stmt == x.stmt {
		x.inBlock(top.Owner)
	}
	wake := c.fresh("wake")
	do, o := x.offer.do(c, x.call, x.self[x.fn], wake, top.Stmt == x.stmt)
	if o != nil {
		return nil, o
	}
	after := Insert{At: Place{After: release}, Code: Code{Text: do}}
	if top.Stmt == x.stmt {
		return []Step{x.set(wake + " := _1_"), after}, nil
	}
	set, o := x.setIn(wake)
	typ, ok := c.spellResult(x.offer.typ)
	if !ok {
		o = &Obligation{Name: "names", Status: Refuted, Reason: "the type of what is handed up cannot be spelled here", At: x.call}
	}
	if o != nil {
		return nil, o
	}
	return []Step{Insert{At: Place{Before: top.Stmt}, Code: Code{Text: "var " + wake + " " + typ}}, set, after}, nil
}

// ahead registers the wake ahead of the lock, so that it runs after the deferred
// release.
func (x *site) ahead() ([]Step, *Obligation) {
	c := x.c
	if c.u.Enclosing(x.call) != c.fn {
		o := refuted("region", "the call stands in a function literal", x.call)
		return nil, &o
	}
	if o := c.canDefer(); o != nil {
		return nil, o
	}
	if why, at := x.calmBehind(); why != "" {
		o := refuted("trailing", why, at)
		return nil, &o
	}
	x.goesOn = x.goesOn || c.goesOn(x.stmt)
	x.list = merge(x.list, proved("defer", "the release stays deferred, the wakes are deferred ahead of it"))
	wake, registered := x.deferred[c.defers]
	var steps []Step
	if !registered {
		wake = c.fresh("wake")
		x.deferred[c.defers] = wake
		typ, ok := c.spellResult(x.offer.typ)
		if !ok {
			o := refuted("names", "the type of what is handed up cannot be spelled here", x.call)
			return nil, &o
		}
		do, o := x.offer.do(c, x.call, x.self[x.fn], wake, false)
		if o != nil {
			return nil, o
		}
		steps = append(steps, Insert{At: Place{Before: c.acquire.Stmt}, Code: Code{Text: "var " + wake + " " + typ + "\ndefer func() {\n" + do + "\n}()"}})
	}
	set, o := x.setIn(wake)
	if o != nil {
		return nil, o
	}
	return append(steps, set), nil
}

// calmBehind looks at what runs after the call until the function returns; where
// a loop repeats the call, at the whole loop.
func (x *site) calmBehind() (string, ast.Node) {
	c := x.c
	if !x.repeated() {
		return c.calmAfter(x.stmt, x.out)
	}
	places := c.climb(x.call)
	top := places[len(places)-1]
	calm := c.newCalmness(x.out)
	calm.skip, calm.around, calm.returns = x.stmt, top.Stmt, true
	calm.stmt(top.Stmt)
	for _, st := range top.Rest() {
		calm.stmt(st)
	}
	return calm.why, calm.at
}

// repeated: a loop of the section may pass the call more than once.
func (x *site) repeated() bool {
	loop := x.c.loopAround(x.call)
	return loop != nil && !contains(loop, x.c.Acquire.Node) && !x.c.returnsNext(x.c.u.StmtOf(x.call), x.stmt)
}

// set takes what is handed up.
func (x *site) set(text string) Step {
	return ReplaceStmt{Old: x.stmt, Code: Code{Text: text, Args: []ast.Expr{x.call}}}
}

// setIn takes it where it may have been taken before.
func (x *site) setIn(wake string) (Step, *Obligation) {
	if !x.repeated() {
		return x.set(wake + " = _1_"), nil
	}
	for loop := x.c.loopAround(x.call); loop != nil && !contains(loop, x.c.Acquire.Node); loop = x.c.loopAround(loop) {
		if why := x.c.unbounded(loop); why != "" && x.offer.shape != aCount {
			o := refuted("memory", why, loop)
			return nil, &o
		}
	}
	text := x.offer.again(wake)
	if text == "" {
		o := refuted("once", "a loop may call "+x.fn.Name()+" more than once", x.call)
		return nil, &o
	}
	return x.set(text), nil
}

// handOn lets a caller that is itself called with the lock held return what it is
// handed.
func (x *site) handOn(part *Part) *Obligation {
	fd := x.c.fn.(*ast.FuncDecl)
	if why, at := x.calmBehind(); why != "" {
		o := refuted("trailing", why, at)
		return &o
	}
	x.assume()
	x.goesOn = x.goesOn || x.c.goesOn(x.stmt)
	x.list = merge(x.list, x.out.judged...)
	wake, known := x.links[x.link]
	if known && wake == "" {
		o := refuted("region", x.link.Name()+" calls "+x.fn.Name()+" more than once", x.call)
		return &o
	}
	list := fd.Body.List
	last := list[len(list)-1] == x.stmt && !known
	if !known {
		typ, ok := x.c.spellResult(x.offer.typ)
		if !ok {
			o := refuted("names", "the type of what is handed up cannot be spelled here", x.call)
			return &o
		}
		wake = x.c.fresh("wake")
		part.Steps = append(part.Steps, x.yields(fd, typ, wake, last)...)
		x.links[x.link] = wake
		x.self[x.link] = x.c.selfOf(x.call, x.self[x.fn])
	}
	if last {
		x.links[x.link] = ""
		part.Steps = append(part.Steps, x.set("return _1_"))
	} else {
		set, o := x.setIn(wake)
		if o != nil {
			return o
		}
		part.Steps = append(part.Steps, set)
	}
	if known {
		return nil
	}
	return x.callers(x.link, x.c.Acquire.Resource.Key(), x.empty && len(list) == 1)
}
