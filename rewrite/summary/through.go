package summary

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Literal is how a Frame names a function literal.
const Literal = "a function literal"

// anyOf judges a dynamic call all of whose targets are known.
func (p *Package) anyOf(fns []*types.Func, lits []*ast.FuncLit, n *ast.CallExpr) []Act {
	var acts []Act
	for _, fn := range fns {
		c := callee{fn: fn}
		if e, ok := p.entryOf(c); ok { // as for one that is called by its name
			if e.Class > syncapi.Locks {
				acts = append(acts, p.tableActs(e, c, n)...)
			}
			continue
		}
		acts = append(acts, p.through(fn, p.summary(fn), n)...)
	}
	for _, lit := range lits {
		for _, a := range p.litActs[lit] {
			a.Via = append([]Frame{{Func: Literal, pos: n.Pos()}}, a.Via...)
			acts = append(acts, a)
		}
	}
	return rank(acts)
}

// maxVia bounds how deep a chain of calls is followed for an act. Of the chains
// of more than three calls that were read in real code, none convinced: somewhere
// on the way a branch was not taken or another implementation stood behind an
// interface.
const maxVia = 3

// through lifts what a callee does to the place of the call.
func (p *Package) through(fn *types.Func, f *Func, n *ast.CallExpr) []Act {
	if f == nil {
		return nil
	}
	far := !near(fn.Pkg(), p.Src.Types)
	acts := slices.Grow([]Act(nil), len(f.Acts))
	for _, a := range f.Acts {
		if len(a.Via) >= maxVia || far && !reaches(a) {
			continue
		}
		if a.Kind == Callback && a.Param >= 0 {
			acts = append(acts, p.passed(a, fn, n)...)
			continue
		}
		acts = append(acts, p.lift(a, fn, n))
	}
	return rank(acts)
}

// reaches reports whether an act of a library counts for its callers: what its
// function does itself, or a helper of it that exchanges messages with a loop.
func reaches(a Act) bool {
	if len(a.Via) == 0 || a.Param >= 0 {
		return true
	}
	return len(a.Via) == 1 && a.Bounded == "" && (a.Kind == Send || a.Kind == Select)
}

// near reports whether two packages are of one project: the same host, owner
// and repository, or the same two elements elsewhere. What happens three calls
// down in a library that somebody else tests is no evidence: codecs spawn,
// transports have mocks. Such code counts for what its functions do themselves.
func near(a, b *types.Package) bool {
	return a == nil || b == nil || a == b || project(a.Path()) == project(b.Path())
}

// SameProject reports whether two packages are of one project, by their paths.
func SameProject(a, b string) bool { return project(a) == project(b) }

func project(path string) string {
	n := 2
	if strings.HasPrefix(path, "github.com/") || strings.HasPrefix(path, "gitlab.com/") {
		n = 3
	}
	for i := range len(path) {
		if path[i] == '/' {
			if n--; n == 0 {
				return path[:i]
			}
		}
	}
	return path
}

// passed judges a callback whose function this call supplies.
func (p *Package) passed(a Act, fn *types.Func, n *ast.CallExpr) []Act {
	if a.Param >= len(n.Args) {
		return nil
	}
	if lit, ok := ast.Unparen(n.Args[a.Param]).(*ast.FuncLit); ok {
		if p.inner[lit] {
			return nil // run in place: judged as part of this body
		}
	}
	acts := p.arguments([]int{a.Param}, n)
	for i := range acts {
		acts[i].Via = append([]Frame{p.frame(fn, n)}, acts[i].Via...)
	}
	return acts
}

// lift renames what an act refers to.
func (p *Package) lift(a Act, fn *types.Func, n *ast.CallExpr) Act {
	a.Via = p.behindFrame(p.frame(fn, n), a.Via, fn)
	a.on, _ = p.resource(a.Target, n.Fun, n.Args)
	a.Target = p.ref(p.current, a.on)
	a.Dropped = p.renameAll(a.Dropped, n)
	a.Kept = p.renameAll(a.Kept, n)
	return a
}

func (p *Package) frame(fn *types.Func, n *ast.CallExpr) Frame {
	return Frame{Func: p.FuncName(fn), Local: fn.Pkg() == p.Src.Types, pos: n.Pos()}
}

// behindFrame is the chain of calls of a callee, behind the call of it.
func (p *Package) behindFrame(first Frame, via []Frame, fn *types.Func) []Frame {
	out := make([]Frame, 1+len(via))
	out[0] = first
	copy(out[1:], via)
	p.abroad(out[1:], fn)
	return out
}

// abroad names the frames of a function of another package as they are named
// here.
func (p *Package) abroad(via []Frame, fn *types.Func) {
	if fn.Pkg() == p.Src.Types || fn.Pkg() == nil {
		return
	}
	for i, f := range via {
		if !f.Local {
			continue
		}
		if name, ok := strings.CutPrefix(f.Func, "(*"); ok {
			via[i].Func = "(*" + fn.Pkg().Name() + "." + name
		} else {
			via[i].Func = fn.Pkg().Name() + "." + f.Func
		}
		via[i].Local = false
	}
}

func (p *Package) renameAll(refs []Ref, n *ast.CallExpr) []Ref {
	var out []Ref
	for _, r := range refs {
		if r = p.rename(r, n); r.Param != Nowhere {
			out = append(out, r)
		}
	}
	return out
}

func (p *Package) rename(r Ref, n *ast.CallExpr) Ref {
	res, ok := p.resource(r, n.Fun, n.Args)
	if !ok {
		return Ref{Param: Nowhere}
	}
	return p.ref(p.current, res)
}

// maxActs bounds how much a summary tells.
const maxActs = 8

// rank sorts acts, the worst and nearest first, and keeps one of a sort. It does so in
// place.
func rank(acts []Act) []Act {
	slices.SortStableFunc(acts, func(a, b Act) int {
		if c := weight(b) - weight(a); c != 0 {
			return c
		}
		return len(a.Via) - len(b.Via)
	})
	out := acts[:0]
	for i := range acts {
		if len(out) == maxActs {
			break
		}
		if a := &acts[i]; !slices.ContainsFunc(out, func(o Act) bool { return alike(&o, a) }) {
			out = append(out, *a)
		}
	}
	return out
}

// weight orders acts: what waits for a peer without end can deadlock, what
// waits for the outside is merely slow.
func weight(a Act) int {
	w := 0
	switch a.Class {
	case syncapi.Waits:
		w = 40
	case syncapi.Foreign:
		w = 30
	case syncapi.Outside:
		w = 20
	}
	if a.Bounded != "" {
		w -= 5
	}
	return w
}

func alike(a, b *Act) bool {
	return a.Kind == b.Kind && a.Param == b.Param && (a.Bounded == "") == (b.Bounded == "") &&
		slices.EqualFunc(a.Dropped, b.Dropped, sameRef) && slices.EqualFunc(a.Kept, b.Kept, sameRef)
}

func sameRef(a, b Ref) bool {
	return a.Param == b.Param && a.Pkg == b.Pkg && a.Name == b.Name && slices.Equal(a.Fields, b.Fields)
}
