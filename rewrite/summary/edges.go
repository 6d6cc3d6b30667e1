package summary

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// An Edge says that a function takes one lock while it holds another.
type Edge struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Held, Taken Side
	Func        string   // that does it, with the name of its package
	One         bool     // both hang on one object, along their paths
	Must        bool     // whenever it comes to the place, it takes it
	Gates       []string // classes that are held besides
	Via         []Frame  // calls on the way to where it is taken, named for any package

	pos, end token.Pos
}

// Pos is where the first lock is acquired, End where the second
// is taken; NoPos when they are
// not known here.
func (e *Edge) Pos() token.Pos { return e.pos }

// End is described at Pos.
func (e *Edge) End() token.Pos { return e.end }

// A Crossing is the place of an edge in the package at hand.
type Crossing struct {
	Edge
	Body    *lockset.Body
	Op      *lockset.Op
	Holder  lockset.Held
	Take    Take
	Section *lockset.Section // of the lock that is held; nil when a caller holds it
}

// A Side is a lock at one end of an edge.
type Side struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Class string
	Mode  syncapi.Mode
	Expr  string // as it is written there
	Root  string // what the path to it starts at: a type, or Unique for the one instance of a class
	Path  string // the fields from there
	Owner string // the type whose object it is a part of, by embedding; "" unknown
	Many  bool   // one of many, picked by an index
	Local bool   // a variable of a function: nothing outside can name it
}

// Unique is the Root of a package-level variable.
const Unique = "one"

// Crossings lists the places of the package's own edges, in source order.
func (p *Package) Crossings() []*Crossing { return p.crossings }

// findEdges finds the edges of all bodies and hands them to importers: those of
// a function that importers can name travel with it, the others with the first
// one that they can.
func (p *Package) findEdges() {
	var carrier *Func
	for _, u := range p.coded {
		if u.fn != nil && visible(u.fn) && p.excess[u.decl] == nil {
			carrier = p.Funcs[u.fn]
			break
		}
	}
	for _, u := range p.coded {
		for _, b := range u.bodies { // where a unit is bare nothing is held
			p.focus(b)
			for _, op := range b.Ops {
				if len(op.State.Held()) == 0 {
					continue
				}
				for _, t := range p.takes(b, op) {
					p.crossings = append(p.crossings, p.edgesTo(b, op, t)...)
				}
			}
		}
		if _, code := u.decl.(*ast.FuncDecl); u.bare && (code || u.literal) {
			p.current = u.fn // as if it had been in focus: the last one stays the current one
		}
	}
	for _, e := range p.crossings {
		f := carrier
		if e.Body.Obj != nil && (visible(e.Body.Obj) || f == nil) {
			f = p.Funcs[e.Body.Obj]
		}
		if f != nil && !e.Held.Local && !e.Taken.Local && !slices.ContainsFunc(f.Edges, e.sameAs) {
			f.Edges = append(f.Edges, e.Edge)
		}
	}
}

// visible reports whether importers can name a function.
func visible(fn *types.Func) bool {
	if !fn.Exported() {
		return false
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return true
	}
	t := recv.Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Exported()
}

// sameAs: a second way to the same order tells nothing new, unless it holds
// other locks besides.
func (e *Edge) sameAs(o Edge) bool {
	return e.Held == o.Held && e.Taken == o.Taken && e.One == o.One && e.Must == o.Must && slices.Equal(e.Gates, o.Gates)
}

// edgesTo lists the edges that lead to a lock that an operation takes.
func (p *Package) edgesTo(b *lockset.Body, op *lockset.Op, t Take) []*Crossing {
	taken, ok := p.side(t.Resource, t.Class, t.Mode, t.Expr)
	if t.Try || t.Asked || t.Deep || t.Ref.Sort != lockset.Lock || !ok || len(t.Via) > 0 && !t.Must && len(t.Via) > maxVia {
		return nil
	}
	var out []*Crossing
	for _, h := range op.State.Held() {
		ref := p.ref(p.current, h.Resource)
		is := func(o Ref) bool { return ref.Param != Nowhere && sameRef(o, ref) }
		if !h.Sure() || len(h.From) == 0 || h.Sort != lockset.Lock || h.Key() == t.Resource.Key() || slices.ContainsFunc(t.Dropped, is) {
			continue
		}
		held, ok := p.side(h.Resource, p.Class(h.Resource), h.Mode, h.Expr)
		if !ok {
			continue
		}
		e := &Crossing{Body: b, Op: op, Holder: h, Take: t, Section: sectionOf(b, h)}
		e.Edge = Edge{Held: held, Taken: taken, Func: p.wide(b), One: h.Root != nil && h.Root == t.Resource.Root, Must: len(t.Via) == 0 || t.Must, pos: h.From[len(h.From)-1].Node.Pos(), end: t.Pos()}
		for _, g := range op.State.Held() {
			if class := p.Class(g.Resource); g.Must && class != "" && class != held.Class && class != taken.Class && !slices.Contains(e.Gates, class) {
				e.Gates = append(e.Gates, class)
			}
		}
		for _, f := range t.Via {
			e.Via = append(e.Via, p.widen(f))
		}
		out = append(out, e)
	}
	return out
}

// side describes a lock at the end of an edge; ok is false for one that nothing
// names, or that belongs to another project: nobody here takes it in turn.
func (p *Package) side(r lockset.Resource, class string, mode syncapi.Mode, expr string) (Side, bool) {
	s := Side{Class: class, Mode: mode, Expr: expr}
	if class == "" && r.Root != nil && r.Index == "" {
		s.Class, s.Local, s.Root = "local "+r.Key(), true, Unique
		return s, true
	}
	if strings.Contains(class, anonymous) {
		return s, false
	}
	pkg, _, _ := strings.Cut(class[strings.LastIndex(class, "/")+1:], ".")
	pkg = class[:strings.LastIndex(class, "/")+1] + pkg
	if class == "" || pkg != p.Src.Types.Path() && project(pkg) != project(p.Src.Types.Path()) {
		return s, false
	}
	s.Owner, s.Many = owner(r), r.Index != ""
	if r.Root == nil || r.Index != "" || !r.Stable {
		return s, true
	}
	if ref := p.ref(nil, r); ref.Param == Global {
		s.Root, s.Path = Unique, ref.Pkg+"."+ref.Name
		if len(r.Fields) > 0 {
			s.Path += "." + path(r.Fields)
		}
		return s, true
	}
	t := r.Root.Type()
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		s.Root = types.TypeString(n.Origin().Obj().Type(), nil)
		if _, param := types.Unalias(r.Root.Type()).(*types.Pointer); !param {
			s.Root = "" // a copy, or an interface
		}
	}
	s.Path = path(r.Fields)
	return s, true
}

// owner is the type that a lock is a part of: the one behind all embedded fields
// that lead to it.
func owner(r lockset.Resource) string {
	if len(r.Fields) == 0 {
		return ""
	}
	i := len(r.Fields) - 1
	for i > 0 && r.Fields[i-1].Embedded() {
		i--
	}
	t := types.Type(nil)
	if i > 0 {
		t = r.Fields[i-1].Type()
	} else if r.Root != nil && r.Index == "" {
		t = r.Root.Type()
	} else {
		return ""
	}
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok && n.Obj().Pkg() != nil && !types.IsInterface(n) {
		return n.Obj().Pkg().Path() + "." + n.Obj().Name()
	}
	return ""
}

// May reports whether two sides of one class can be the same lock: one that is
// embedded in objects of two types is two locks.
func (s Side) May(o Side) bool {
	declares := func(x Side) bool { return strings.HasPrefix(x.Class, x.Owner+".") }
	return s.Class == o.Class && (s.Owner == "" || o.Owner == "" || s.Owner == o.Owner || declares(s) || declares(o))
}

func path(fields []*types.Var) string {
	var names []string
	for _, f := range fields {
		names = append(names, f.Name())
	}
	return strings.Join(names, ".")
}

// sectionOf is the section in which a lock is held; nil if the caller holds it.
func sectionOf(b *lockset.Body, h lockset.Held) *lockset.Section {
	for _, s := range slices.Backward(b.Sections) {
		if slices.Contains(h.From, s.Acquire) {
			return s
		}
	}
	return nil
}

// wide names the function of a body for any package.
func (p *Package) wide(b *lockset.Body) string {
	fn := p.current
	if fn == nil {
		return p.Src.Types.Name() + ", function literal"
	}
	name := funcName(fn, nil)
	if b.Obj == nil {
		name += ", function literal"
	}
	return name
}

// widen names a frame for any package.
func (p *Package) widen(f Frame) Frame {
	if !f.Local {
		return f
	}
	name, method := strings.CutPrefix(f.Func, "(*")
	name = p.Src.Types.Name() + "." + name
	if method {
		name = "(*" + name
	}
	return Frame{Func: name, pos: f.pos}
}

// An ImportedEdge is an edge that another package of the project has made.
type ImportedEdge struct {
	*Edge
	From string // path of the package
}

// ImportedEdges lists the edges of the packages of this project that the package
// imports, directly or not, in order. Edges of functions that an importer
// cannot name travel with another function of their package.
func (p *Package) ImportedEdges() []ImportedEdge {
	if p.known != nil && p.imported == nil {
		p.imported = &imported{imports: importsOf(p.Src.Types), edges: p.known.Edges(p.Src.Types)}
	}
	if p.imported == nil {
		return nil
	}
	return p.imported.edges
}

// An imported is the edges that come with some imports: an edit that leaves these as
// they are changes nothing in it.
type imported struct {
	imports []*types.Package
	edges   []ImportedEdge
}

// importsOf lists the imports of a package by path.
func importsOf(pkg *types.Package) []*types.Package {
	return slices.SortedFunc(slices.Values(pkg.Imports()), func(a, b *types.Package) int { return cmp.Compare(a.Path(), b.Path()) })
}
