package summary

import (
	"go/ast"
	"go/types"
)

// order lists the declarations that have code, callees first; a group is a
// cycle of calls. It is Tarjan's algorithm for strongly connected components,
// O(calls).
func (p *Package) order() [][]ast.Decl {
	t := &tarjan{edges: map[ast.Decl][]ast.Decl{}, index: map[ast.Decl]int{}, low: map[ast.Decl]int{}, onStack: map[ast.Decl]bool{}}
	var decls []ast.Decl
	for _, f := range p.Src.Files {
		for _, d := range f.Syntax.Decls {
			if fd, ok := d.(*ast.FuncDecl); ok {
				if fd.Body == nil {
					continue
				}
				if fn := p.declared(d); fn != nil {
					p.decls[fn] = d
				}
			}
			decls = append(decls, d)
		}
	}
	for _, d := range decls {
		t.edges[d] = p.called(d)
	}
	for _, d := range decls {
		if t.index[d] == 0 {
			t.visit(d)
		}
	}
	p.cycles = t.edges
	return t.groups
}

type tarjan struct {
	edges   map[ast.Decl][]ast.Decl
	index   map[ast.Decl]int // 1 and up, in order of discovery
	low     map[ast.Decl]int
	stack   []ast.Decl
	onStack map[ast.Decl]bool
	groups  [][]ast.Decl
}

func (t *tarjan) visit(d ast.Decl) {
	t.index[d] = len(t.index) + 1
	t.low[d] = t.index[d]
	t.stack = append(t.stack, d)
	t.onStack[d] = true
	for _, e := range t.edges[d] {
		if t.index[e] == 0 {
			t.visit(e)
			t.low[d] = min(t.low[d], t.low[e])
		} else if t.onStack[e] {
			t.low[d] = min(t.low[d], t.index[e])
		}
	}
	if t.low[d] != t.index[d] {
		return
	}
	for i := len(t.stack) - 1; ; i-- {
		t.onStack[t.stack[i]] = false
		if t.stack[i] == d {
			t.groups = append(t.groups, append([]ast.Decl(nil), t.stack[i:]...))
			t.stack = t.stack[:i]
			return
		}
	}
}

// called lists the declarations of this package whose code a declaration may
// run, in source order of the first mention. A function that is only named
// counts: it may be passed on.
func (p *Package) called(d ast.Decl) []ast.Decl {
	var out []ast.Decl
	seen := map[ast.Decl]bool{}
	add := func(e ast.Decl) {
		if e != nil && !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	ast.Inspect(d, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			c := p.at(call.Fun).callee
			if c.fn == nil || c.iface {
				fns, lits, _ := p.targets(c)
				for _, fn := range fns {
					add(p.declOf(fn))
				}
				for _, lit := range lits {
					add(p.Uses.Decl(lit))
				}
			}
		}
		if id, ok := n.(*ast.Ident); ok {
			if fn, ok := p.Src.Info.Uses[id].(*types.Func); ok && fn.Pkg() == p.Src.Types {
				add(p.declOf(fn.Origin()))
			}
		}
		return true
	})
	return out
}

func (p *Package) declOf(fn *types.Func) ast.Decl { return p.decls[fn] }

func (p *Package) callsItself(d ast.Decl) bool {
	for _, e := range p.cycles[d] {
		if e == d {
			return true
		}
	}
	return false
}
