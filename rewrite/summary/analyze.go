package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// Analyze understands a package. known answers for other packages; nil: nobody does.
//
// Callees come before callers, so that a summary is there when it is asked
// for; the members of a cycle are repeated until they agree. Then, callers
// first, what all callers of a function hold becomes what it starts with.
func Analyze(src *source.Package, known Facts) *Package {
	return AnalyzeWith(src, known, nil)
}

// AnalyzeWith is Analyze with a project's own vocabulary.
func AnalyzeWith(src *source.Package, known Facts, words *syncapi.Words) *Package {
	return analyze(src, known, words, uses.New(src))
}

// Edited is AnalyzeWith, with the same vocabulary, of what an edit made of the package.
// known answers as it did before.
func (p *Package) Edited(src *source.Package, known Facts) *Package {
	after := analyze(src, known, p.Words, p.Uses.Renew(src))
	if p.imported != nil && slices.Equal(p.imported.imports, importsOf(src.Types)) {
		after.imported = p.imported
	}
	if p.Src.OnlyBodies(src) {
		after.Walks = p.Walks.Edited()
	}
	return after
}

func analyze(src *source.Package, known Facts, words *syncapi.Words, index *uses.Index) *Package {
	p := &Package{
		Src:      src,
		Funcs:    map[*types.Func]*Func{},
		Uses:     index,
		known:    known,
		Words:    words,
		Walks:    duty.NewMemo(),
		sites:    map[ast.Expr]*site{},
		tellings: map[called]*told{},
		entry:    map[*types.Func][]lockset.Held{},
		owners:   map[*types.Var]string{},
		named:    map[*types.Package][]*types.TypeName{},
		deeds:    map[*types.Func]*Deeds{},
		classes:  map[*types.Var]string{},
		impls:    map[*types.Func][]*types.Func{},
		facts:    map[*types.Func]*Func{},
		customs:  map[*types.Func]custom{},
		litActs:  map[*ast.FuncLit][]Act{},
		inner:    map[*ast.FuncLit]bool{},
		exits:    map[*ast.BlockStmt]token.Pos{},
		certains: map[spot]bool{},
		askeds:   map[spot]bool{},
		excess:   map[ast.Decl]*lockset.Excess{},
		effects:  make(map[ast.Expr]lockset.Effect),
		acts:     make(map[ast.Node][]Act),
	}
	p.Namer = lockset.BlankNamer(src.Types, src.Info)
	order := p.order() // first: it walks the package
	p.findNotes()
	p.findSemaphores()
	p.heedDirectives()
	p.findBirths()
	p.conventions()
	for _, group := range order {
		p.settle(group)
	}
	before := len(p.entry)
	p.annotations()
	p.givers()
	if p.inherit(order) || len(p.entry) > before || len(p.notes) > 0 {
		for _, group := range order {
			for _, u := range group {
				p.enter(u.decl)
				p.again(u)
			}
		}
	}
	p.acts = map[ast.Node][]Act{}
	p.findEdges()
	p.interfaces()
	return p
}

// study analyses a unit by what is known now, and reports whether its summary
// changed.
func (p *Package) study(u *unit) bool {
	if p.isBare(u) {
		p.strip(u)
		return p.concludeBare(u)
	}
	if !p.ledger.holds(u) {
		p.ledger.begin(u)
		u.bare, u.bodies = false, p.understand(u.decl)
		p.ledger.end()
	}
	return p.conclude(u)
}

// again concludes a unit once more, after what functions start with has changed.
func (p *Package) again(u *unit) {
	if u.bare && p.isBare(u) {
		p.concludeBare(u)
		return
	}
	p.dress(u)
	p.conclude(u)
}

// understandAgain computes the bodies of a declaration that starts with something
// else now.
func (p *Package) understandAgain(d ast.Decl) {
	p.enter(d)
	u := p.units[d]
	u.bare, u.bodies = false, p.understand(d)
}

// understand computes the bodies of a declaration. One that is too large has
// none, as if its code were not Go.
func (p *Package) understand(d ast.Decl) []*lockset.Body {
	if p.excess[d] != nil {
		return nil
	}
	bodies, excess := lockset.Analyze(p.env(), d)
	if excess != nil {
		p.excess[d] = excess
	}
	return bodies
}

// A Large is a declaration that was not analysed.
type Large struct {
	Decl ast.Decl
	*lockset.Excess
}

// TooLarge lists the declarations that were not analysed, in source order. What
// they do is not known: nothing can be proved of the package.
func (p *Package) TooLarge() []Large {
	if len(p.excess) == 0 {
		return nil
	}
	var out []Large
	for _, f := range p.Src.Files {
		for _, d := range f.Syntax.Decls {
			if x := p.excess[d]; x != nil {
				out = append(out, Large{d, x})
			}
		}
	}
	return out
}

// enter makes a declaration the one that refs are relative to.
func (p *Package) enter(d ast.Decl) {
	p.current = p.declared(d)
	p.effects, p.acts = emptied(p.effects), emptied(p.acts)
}

// emptied returns an empty map: the same again, unless a large declaration has made
// it so large that to clear it for each of many small ones would take long.
func emptied[K comparable, V any](m map[K]V) map[K]V {
	if len(m) > 200 {
		return make(map[K]V)
	}
	clear(m)
	return m
}

func (p *Package) declared(d ast.Decl) *types.Func {
	if fd, ok := d.(*ast.FuncDecl); ok {
		fn, _ := p.Src.Info.Defs[fd.Name].(*types.Func)
		return fn
	}
	return nil
}

// conclude computes the summary of a declaration from its bodies and reports
// whether it changed.
func (p *Package) conclude(u *unit) bool {
	d := u.decl
	var main *lockset.Body
	for _, b := range u.bodies {
		for lit := range b.Inner {
			p.inner[lit] = true
		}
	}
	for _, b := range u.bodies {
		if lit, ok := b.Fn.(*ast.FuncLit); ok {
			p.litActs[lit] = p.actsOf(p.busyOps(b))
		} else {
			main = b
		}
	}
	if p.current == nil || main == nil {
		return false
	}
	ops := p.busyOps(main)
	f := &Func{Acts: p.actsOf(ops), NoReturn: len(main.Exits) == 0 && !p.recovers(main.Block, true)}
	f.Locks, f.Onces = p.locksOf(main, ops)
	f.Changes = p.changesOf(main)
	p.amend(f)
	f.Results = p.resultsOf(d.(*ast.FuncDecl))
	f.Gets = p.getsOf(d.(*ast.FuncDecl))
	f.Runs = p.runsOf(ops)
	f.Guards = p.guardsOf(ops, f.Runs)
	p.overrule(f)
	old := p.say(p.current, f)
	return old == nil || !equal(old, f)
}

// recovers reports whether a deferred call may turn a panic into a return:
// recover is called in the body, or in a function that it defers.
func (p *Package) recovers(body ast.Node, follow bool) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			b := p.callee(n.Fun).builtin
			found = found || b != nil && b.Name() == "recover"
		case *ast.DeferStmt:
			if fn := p.callee(n.Call.Fun).fn; fn != nil && follow {
				if d := p.Uses.FuncDecl(fn); d != nil && d.Body != nil {
					found = found || p.recovers(d.Body, false)
				}
			}
		}
		return !found
	})
	return found
}

// equal compares what can change while a cycle settles.
func equal(a, b *Func) bool {
	return len(a.Acts) == len(b.Acts) && len(a.Locks) == len(b.Locks) && len(a.Onces) == len(b.Onces) && len(a.Changes) == len(b.Changes) &&
		len(a.Results) == len(b.Results) && slices.Equal(a.Runs, b.Runs) && a.NoReturn == b.NoReturn
}

// actsOf collects what the operations of a body may do, with what it does to its
// caller's resources at that point.
func (p *Package) actsOf(ops []*lockset.Op) []Act {
	n := 0
	for _, op := range ops {
		n += len(p.Does(op))
	}
	if n == 0 {
		return nil
	}
	acts := make([]Act, 0, n)
	for _, op := range ops {
		for _, a := range p.Does(op) {
			a.Dropped = p.addRefs(a.Dropped, op.State.Dropped())
			for _, h := range op.State.Held() {
				if h.Caller != "" {
					a.Kept = p.addRefs(a.Kept, []lockset.Resource{h.Resource})
				}
				if h.Must && len(h.From) > 0 && h.Sort == lockset.Lock && a.Class != syncapi.Outside && !p.IsOn(a, h) {
					a.Under = true
				}
			}
			acts = append(acts, a)
		}
	}
	return rank(acts)
}

func (p *Package) addRefs(refs []Ref, rs []lockset.Resource) []Ref {
	for _, r := range rs {
		if ref := p.ref(p.current, r); ref.Param != Nowhere && !slices.ContainsFunc(refs, func(o Ref) bool { return sameRef(o, ref) }) {
			refs = append(refs[:len(refs):len(refs)], ref)
		}
	}
	return refs
}

// changesOf says what a function leaves held and what of its caller's it
// releases.
func (p *Package) changesOf(b *lockset.Body) []Change {
	var out []Change
	for _, h := range b.Exit.Held() {
		if h.Caller != "" || h.Sort == lockset.OnceLock || h.Sort == lockset.Token {
			continue
		}
		ref := p.ref(p.current, h.Resource)
		if ref.Param == Nowhere {
			continue
		}
		c := Change{Ref: ref, Kind: syncapi.Acquire, Mode: h.Mode}
		if !h.Must {
			if !tellsOutcome(p.current) {
				continue
			}
			c.Fallible = true
			if returnsBool(p.current) {
				c.Kind = syncapi.Try
			}
		}
		out = append(out, c)
	}
	for _, r := range b.Exit.Dropped() {
		if ref := p.ref(p.current, r); ref.Param != Nowhere {
			out = append(out, Change{Ref: ref, Kind: syncapi.Release})
		}
	}
	return out
}

// tellsOutcome: the last result, an error or a bool, can say whether the
// resource is held.
func tellsOutcome(fn *types.Func) bool {
	res := fn.Signature().Results()
	return res.Len() > 0 && (returnsBool(fn) || types.TypeString(res.At(res.Len()-1).Type(), nil) == "error")
}

func returnsBool(fn *types.Func) bool {
	res := fn.Signature().Results()
	if res.Len() == 0 {
		return false
	}
	b, ok := res.At(res.Len() - 1).Type().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Bool
}

// resultsOf says what calling a returned function does: unlock functions.
func (p *Package) resultsOf(d *ast.FuncDecl) map[int][]Change {
	if !returnsFunc(p.current.Signature()) {
		return nil
	}
	var out map[int][]Change
	ast.Inspect(d.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			return true
		}
		for i, e := range ret.Results {
			if changes := p.releases(e, d); len(changes) > 0 {
				if out == nil {
					out = map[int][]Change{}
				}
				out[i] = changes
			}
		}
		return true
	})
	return out
}

// returnsFunc reports whether a result is a function, or may hold one.
func returnsFunc(sig *types.Signature) bool {
	for v := range sig.Results().Variables() {
		switch v.Type().Underlying().(type) {
		case *types.Signature, *types.Interface: // a type parameter is an interface here
			return true
		}
	}
	return false
}

// releases says which resources a function value gives back when it is called.
func (p *Package) releases(e ast.Expr, d ast.Decl) []Change {
	var out []Change
	add := func(r lockset.Resource, mode syncapi.Mode) {
		if ref := p.ref(p.current, r); ref.Param != Nowhere {
			out = append(out, Change{Ref: ref, Kind: syncapi.Release, Mode: mode})
		}
	}
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok {
		v, _ := p.Src.Info.Uses[id].(*types.Var)
		if def, ok := p.Namer.Def(v); ok {
			e = ast.Unparen(def)
		}
	}
	switch e := e.(type) {
	case *ast.FuncLit:
		for _, b := range p.units[d].bodies {
			if b.Fn == e {
				for _, r := range b.Exit.Dropped() {
					add(r, syncapi.Write)
				}
				for _, c := range p.releasesOnce(b) {
					add(c.Resource, c.Mode)
					out[len(out)-1].Once = true
				}
			}
		}
	case *ast.SelectorExpr:
		if t := p.Src.Info.TypeOf(e); t != nil {
			if _, ok := t.Underlying().(*types.Signature); ok {
				for _, c := range p.effect(e, nil).Changes {
					if c.Kind == syncapi.Release {
						add(c.Resource, c.Mode)
					}
				}
			}
		}
	}
	return out
}

// releasesOnce lists what a body gives back by a method value under a sync.Once,
// once.Do(mu.Unlock), as a caller of the function around it can name it.
func (p *Package) releasesOnce(b *lockset.Body) []lockset.Change {
	var out []lockset.Change
	for _, op := range b.Ops {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok || p.effect(call.Fun, call.Args).Once == nil || len(call.Args) != 1 {
			continue
		}
		if _, literal := ast.Unparen(call.Args[0]).(*ast.FuncLit); literal {
			continue
		}
		for _, c := range p.effect(call.Args[0], nil).Changes {
			if c.Kind == syncapi.Release && p.ref(p.current, c.Resource).Param != Nowhere {
				out = append(out, c)
			}
		}
	}
	return out
}

// runsOf lists the func parameters that the operations of a body call, themselves
// or through callees, before it returns.
func (p *Package) runsOf(ops []*lockset.Op) []int {
	var out []int
	params := p.current.Signature().Params()
	note := func(v *types.Var) {
		for i := range params.Len() {
			if v != nil && params.At(i) == v && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	for _, op := range ops {
		call, ok := op.Node.(*ast.CallExpr)
		if !ok {
			continue
		}
		note(p.at(call.Fun).value)
		for _, i := range p.effect(call.Fun, call.Args).InPlace {
			if i < len(call.Args) {
				note(p.callee(call.Args[i]).value)
			}
		}
	}
	slices.Sort(out)
	return out
}
