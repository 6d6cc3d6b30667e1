package summary

import (
	"go/ast"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

// A unit is a top-level declaration that has code, or may have.
type unit struct {
	decl    ast.Decl
	fn      *types.Func // that it declares; nil if none
	names   []mention   // what it mentions, in source order
	edges   []*unit     // whose code it may run, in the order of the first mention
	calls   []call      // all of it but conversions and calls of literals
	loud    bool        // something besides its calls may matter: see bare
	slots   []slot      // sends to and receives from channels that carry nothing
	literal bool        // there are function literals in it
	bare    bool        // bodies are made when somebody asks for them: see bare
	bodies  []*lockset.Body

	// Of the search for cycles.
	index, low int // 1 and up, in order of discovery
	onStack    bool
	mentioned  *unit // the last one that was seen to mention it
}

// A call with its site.
type call struct {
	*ast.CallExpr
	at *site
}

// A mention is of a declaration, or of a value or method whose calls are dynamic.
type mention struct {
	unit    *unit // nil: dynamic
	dynamic callee
}

// A slot is a send or receive that may be of a semaphore.
type slot struct {
	ch   ast.Expr
	send bool
}

// order lists the declarations that have code, callees first; a group is a
// cycle of calls. It is Tarjan's algorithm for strongly connected components,
// O(calls).
func (p *Package) order() [][]*unit {
	p.units = map[ast.Decl]*unit{}
	p.decls = map[*types.Func]*unit{}
	var units []*unit
	for _, f := range p.Src.Files {
		for _, d := range f.Syntax.Decls {
			u := &unit{decl: d}
			p.units[d] = u
			if fd, ok := d.(*ast.FuncDecl); ok {
				if fd.Body == nil {
					continue
				}
				if u.fn = p.declared(d); u.fn != nil {
					p.decls[u.fn] = u
				}
			}
			units = append(units, u)
		}
	}
	p.coded = units
	p.survey()
	t := &tarjan{}
	for _, u := range units {
		if u.index == 0 {
			t.visit(u)
		}
	}
	return t.groups
}

type tarjan struct {
	found  int
	stack  []*unit
	groups [][]*unit
}

func (t *tarjan) visit(u *unit) {
	t.found++
	u.index, u.low = t.found, t.found
	t.stack = append(t.stack, u)
	u.onStack = true
	for _, e := range u.edges {
		if e.index == 0 {
			t.visit(e)
			u.low = min(u.low, e.low)
		} else if e.onStack {
			u.low = min(u.low, e.index)
		}
	}
	if u.low != u.index {
		return
	}
	for i := len(t.stack) - 1; ; i-- {
		t.stack[i].onStack = false
		if t.stack[i] == u {
			t.groups = append(t.groups, append([]*unit(nil), t.stack[i:]...))
			t.stack = t.stack[:i]
			return
		}
	}
}

// survey looks through all declarations for what the order and the first look at
// one ask: which declarations of this package it may run, and whether anything but
// calls in it matters. A function that is only named counts: it may be passed on.
// What dynamic calls may run is known when all have been seen.
func (p *Package) survey() {
	s := surveyor{p: p}
	p.Uses.Walk(s.node)
	for _, u := range p.coded {
		for _, m := range u.names {
			if m.unit != nil {
				u.mayRun(m.unit)
			} else {
				p.mayRun(u, m.dynamic)
			}
		}
		u.names = nil
	}
}

// mayRun notes whose code a unit may run.
func (u *unit) mayRun(e *unit) {
	if e != nil && e.mentioned != u {
		e.mentioned = u
		u.edges = append(u.edges, e)
	}
}

// mayRun notes what a dynamic call may run.
func (p *Package) mayRun(u *unit, c callee) {
	fns, lits, _ := p.targets(c)
	for _, fn := range fns {
		u.mayRun(p.decls[fn])
	}
	for _, lit := range lits {
		u.mayRun(p.units[p.Uses.Decl(lit)])
	}
}

func (u *unit) callsItself() bool {
	for _, e := range u.edges {
		if e == u {
			return true
		}
	}
	return false
}
