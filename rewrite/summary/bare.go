package summary

import (
	"go/ast"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

// Of most functions it can be seen without their control flow that there is nothing
// to tell: all calls are idle, and there is nothing else that can matter. Such a
// unit is bare. Its summary is empty but for what it gets, and its bodies are made
// when somebody asks for them, which nobody does for most packages that are only
// imported. That this is what the long way says, point by point of conclude:
//
//   - Acts, Locks, Onces, Runs and Guards come from operations. Those of a bare unit
//     are idle calls and ranges over functions, of which nothing comes.
//   - Changes come from the state at the exits. No effect changes it, and no
//     comparison with nil says that a lock or semaphore is absent.
//   - Results come from returned literals, which release nothing here, and from
//     returned method values, of which there are none.
//   - NoReturn: some exit is reached. The path that takes no body of an if without
//     else, and leaves each loop when it first comes to its condition, meets neither
//     a panic nor a goto nor a loop without a condition; no other call is known not
//     to return.
//   - Nothing is said of the function, it starts with nothing, and no token is born
//     in the package.
//   - It is not too large. Where nothing is held and nothing deferred a block is
//     solved once for each run of the body or literal that it is in, so that the
//     steps are few times the nodes. With two defers the state of a block can change
//     five times; three such runs in each other multiply to 6³, are run four times
//     in all, and each node counts for three: that is below the bound of package
//     lockset for the size allowed here.
//
// The bodies are made with effects that are all empty, as they were when the unit
// was found to be bare, whatever is known of its callees by then.

// longWay is for a test that compares: no unit is bare, no call idle.
var longWay bool

// isBare reports whether there is nothing to tell of a unit by what is known now.
func (p *Package) isBare(u *unit) bool {
	if u.loud || longWay || len(p.births) > 0 {
		return false
	}
	if u.fn != nil {
		if len(p.entry[u.fn]) > 0 || len(p.notes[u.fn]) > 0 {
			return false
		}
		if _, ok := p.saying(callee{fn: u.fn}); ok {
			return false
		}
	}
	return !slices.ContainsFunc(u.calls, func(c call) bool { return !p.isIdleAt(c.at, c.CallExpr) })
}

// strip makes a unit bare.
func (p *Package) strip(u *unit) {
	for _, b := range u.bodies { // of a round before
		if lit, ok := b.Fn.(*ast.FuncLit); ok {
			delete(p.litActs, lit)
		}
	}
	u.bare, u.bodies = true, nil
}

// concludeBare is conclude for a bare unit.
func (p *Package) concludeBare(u *unit) (changed bool) {
	if u.fn == nil {
		return false
	}
	f := &Func{Gets: p.getsOf(u.decl.(*ast.FuncDecl))}
	old := p.say(u.fn, f)
	return old == nil || !equal(old, f)
}

// dress makes the bodies of a bare unit.
func (p *Package) dress(u *unit) {
	if !u.bare {
		return
	}
	u.bare = false
	env := p.env()
	env.Effect = func(ast.Expr, []ast.Expr) lockset.Effect { return lockset.Effect{} }
	u.bodies, _ = lockset.Analyze(env, u.decl)
	for _, b := range u.bodies {
		for lit := range b.Inner {
			p.inner[lit] = true
		}
	}
}

// BodyOf returns the body of a function or literal; nil for a literal that runs in
// place, which has none of its own.
func (p *Package) BodyOf(fn ast.Node) *lockset.Body {
	p.Bodies()
	return p.byFunc[fn]
}

// Bodies lists the bodies of the package in source order.
func (p *Package) Bodies() []*lockset.Body {
	if p.all == nil {
		for _, u := range p.coded {
			p.dress(u)
			p.all = append(p.all, u.bodies...)
		}
		p.byFunc = make(map[ast.Node]*lockset.Body, len(p.all))
		for _, b := range slices.Backward(p.all) {
			p.byFunc[b.Fn] = b
		}
	}
	return p.all
}
