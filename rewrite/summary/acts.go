package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Does says what an operation may do that matters under a lock, in the terms of
// the body it stands in, the worst first. A nil result is a proof of class
// Locks at most.
func (p *Package) Does(op *lockset.Op) []Act {
	if acts, ok := p.acts[op.Node]; ok {
		return acts
	}
	acts := p.does(op)
	p.acts[op.Node] = acts
	return acts
}

func (p *Package) does(op *lockset.Op) []Act {
	switch n := op.Node.(type) {
	case *ast.SendStmt:
		return p.send(n)
	case *ast.UnaryExpr:
		return p.receive(n)
	case *ast.SelectStmt:
		return p.selects(n)
	case *ast.RangeStmt:
		return p.ranges(n)
	case *ast.CallExpr:
		return p.call(n)
	}
	return nil
}

func (p *Package) send(n *ast.SendStmt) []Act {
	if ok, _ := p.Uses.SendFits(n); ok || syncapi.Drained(p.Src.Info.TypeOf(n.Chan)) {
		return nil
	}
	return []Act{{Kind: Send, Class: syncapi.Waits, What: "sends on " + types.ExprString(n.Chan), Param: Nowhere, Target: p.chanRef(n.Chan), pos: n.Pos()}}
}

// receive judges a receive. One from a timer or from time.After waits for time
// only; one from ctx.Done(), not an alternative to another wait, waits for whoever
// cancels.
func (p *Package) receive(n *ast.UnaryExpr) []Act {
	act := Act{Kind: Receive, Class: syncapi.Waits, What: "receives from " + types.ExprString(n.X), Param: Nowhere, Target: p.chanRef(n.X), pos: n.Pos()}
	if end := p.bound(n.X); end != "" && !strings.HasSuffix(end, ".Done()") {
		act.Bounded = end
	}
	return []Act{act}
}

func (p *Package) ranges(n *ast.RangeStmt) []Act {
	if _, ok := p.Src.Info.TypeOf(n.X).Underlying().(*types.Chan); !ok {
		return nil // an iterator: what it calls is judged where it is called
	}
	return []Act{{Kind: RangeChan, Class: syncapi.Waits, What: "ranges over " + types.ExprString(n.X), Param: Nowhere, Target: p.chanRef(n.X), pos: n.Pos()}}
}

// selects judges a select: with a default it does not wait, with a case on
// ctx.Done() or on a timer it does not wait for ever.
func (p *Package) selects(n *ast.SelectStmt) []Act {
	act := Act{Kind: Select, Class: syncapi.Waits, Param: Nowhere, Target: Ref{Param: Nowhere}, pos: n.Pos()}
	for _, c := range n.Body.List {
		comm := c.(*ast.CommClause).Comm
		if comm == nil {
			return nil
		}
		ch, send := p.commChan(comm)
		if ch == nil {
			continue
		}
		if end := p.bound(ch); end != "" {
			act.Bounded = end
			continue
		}
		if act.What == "" {
			act.What, act.Target = "waits in a select to receive from "+types.ExprString(ch), p.chanRef(ch)
			if send {
				act.What = "waits in a select to send on " + types.ExprString(ch)
			}
		}
	}
	if act.What == "" {
		act.What = "waits in a select"
	}
	return []Act{act}
}

func (p *Package) commChan(comm ast.Stmt) (ch ast.Expr, send bool) {
	var e ast.Expr
	switch comm := comm.(type) {
	case *ast.SendStmt:
		return comm.Chan, true
	case *ast.ExprStmt:
		e = comm.X
	case *ast.AssignStmt:
		e = comm.Rhs[0]
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X, false
	}
	return nil, false
}

// bound says what makes a channel deliver sooner or later: a context or a
// timer; "" for any other channel.
func (p *Package) bound(ch ast.Expr) string {
	ch = ast.Unparen(ch)
	if id, ok := ch.(*ast.Ident); ok {
		v, _ := p.Src.Info.Uses[id].(*types.Var)
		if def, ok := p.Namer.Def(v); ok {
			ch = ast.Unparen(def)
		}
	}
	switch x := ch.(type) {
	case *ast.CallExpr:
		if c := p.callee(x.Fun); c.fn != nil && c.fn.Pkg() != nil {
			switch c.fn.Pkg().Path() + "." + c.fn.Name() {
			case "context.Done", "time.After", "time.Tick":
				return types.ExprString(x.Fun) + "()"
			}
			if c.fn.Name() == "After" || c.fn.Name() == "Done" && isContext(p.Src.Info.TypeOf(c.sel)) {
				return types.ExprString(x.Fun) + "()"
			}
		}
	case *ast.SelectorExpr:
		if t := p.Src.Info.TypeOf(x.X); t != nil && x.Sel.Name == "C" {
			switch types.TypeString(t, nil) {
			case "*time.Timer", "*time.Ticker", "time.Timer", "time.Ticker":
				return types.ExprString(x)
			}
		}
	}
	return ""
}

func isContext(t types.Type) bool {
	return t != nil && types.TypeString(t, nil) == "context.Context"
}

func (p *Package) chanRef(ch ast.Expr) Ref {
	return p.ref(p.current, p.Namer.Name(ch, lockset.ChanSem))
}

// call judges a call.
func (p *Package) call(n *ast.CallExpr) []Act {
	c := p.callee(n.Fun)
	if e, ok := p.entryOf(c); ok {
		return p.tableActs(e, c, n)
	}
	if c.fn != nil && !c.iface {
		return p.through(c.fn, p.summary(c.fn), n)
	}
	if c.fn != nil {
		if _, _, ok := syncapi.LockMethod(c.fn); ok {
			return nil // an acquisition or a release: lockset's business
		}
	}
	custom, ok := syncapi.Entry{}, false
	if c.fn != nil {
		custom, ok = syncapi.Conventional(c.fn)
	}
	if ok && custom.Class < syncapi.Foreign && !p.closed(c) {
		return nil
	}
	if fns, lits, complete := p.targets(c); complete && len(fns)+len(lits) > 0 {
		acts := p.anyOf(fns, lits, n)
		if len(acts) == 0 && p.tellsLocking(c, fns) {
			return p.foreign(c, n)
		}
		return acts
	}
	if ok {
		return p.tableActs(custom, c, n)
	}
	return p.foreign(c, n)
}

// closed reports whether a callee is a method of an interface that only this
// package can implement: then its code says more than custom.
func (p *Package) closed(c callee) bool {
	if !c.iface || c.fn.Pkg() != p.Src.Types {
		return false
	}
	_, complete := p.Uses.Implementations(c.fn)
	return complete
}

// tellsLocking reports whether a call tells its owner of an event, who then takes
// locks: such calls go against the direction in which the owner calls down, and
// with them its locks.
func (p *Package) tellsLocking(c callee, fns []*types.Func) bool {
	if c.fn != nil && !syncapi.Tells(c.fn.Name()) || c.fn == nil && !syncapi.Tells(c.value.Name()) {
		return false
	}
	for _, fn := range fns {
		if f := p.summary(fn); f != nil && len(f.Locks) > 0 {
			return true
		}
	}
	return false
}

// foreign is the act of running code that others supply.
func (p *Package) foreign(c callee, n *ast.CallExpr) []Act {
	if isQuietValue(c, p.Src.Info.TypeOf(n.Fun)) || c.value != nil && p.isPackageVar(c.value) && !syncapi.Tells(c.value.Name()) {
		return nil
	}
	act := Act{Kind: Callback, Class: syncapi.Foreign, What: "calls " + types.ExprString(n.Fun), Param: Nowhere, Target: Ref{Param: Nowhere}, pos: n.Pos()}
	if c.sel != nil {
		act.on = p.Namer.Method(c.sel, lockset.Lock)
		act.Target = p.ref(p.current, act.on)
	}
	switch {
	case c.fn != nil:
		act.Method = c.fn.Name()
	case c.value != nil:
		act.Method = c.value.Name()
		if p.current != nil {
			params := p.current.Signature().Params()
			for i := range params.Len() {
				if params.At(i) == c.value {
					act.Param = i
				}
			}
		}
	}
	return []Act{act}
}

// tableActs judges a function of the table.
func (p *Package) tableActs(e syncapi.Entry, c callee, n *ast.CallExpr) []Act {
	acts := p.arguments(e.Sync, n)
	if e.Class <= syncapi.Locks {
		return acts
	}
	act := Act{Class: e.Class, What: "calls " + types.ExprString(n.Fun) + ", which " + e.What, Param: Nowhere, Target: Ref{Param: Nowhere}, Network: e.Network, pos: n.Pos()}
	if c.sel != nil {
		act.on = p.Namer.Method(c.sel, lockset.Lock)
		act.Target = p.ref(p.current, act.on)
	}
	if e.Bounded && !p.neverEnds(n) {
		act.Bounded = "its context"
	}
	switch e.Kind {
	case syncapi.Wait:
		act.Kind = Wait
	case syncapi.CondWait:
		act.Kind = CondWait
	case syncapi.Sleep:
		act.Kind = Sleep
	case syncapi.IO:
		act.Kind = IO
		if p.inMemory(c, n) {
			return acts
		}
	case syncapi.Acquire:
		act.Kind = Acquire
	default:
		act.Kind = Callback
		if e.Class >= syncapi.Waits {
			act.Kind = Wait
		}
	}
	return append([]Act{act}, acts...)
}

// neverEnds reports whether the context of a call is one that is never
// cancelled.
func (p *Package) neverEnds(n *ast.CallExpr) bool {
	for _, arg := range n.Args {
		if call, ok := ast.Unparen(arg).(*ast.CallExpr); ok {
			if c := p.callee(call.Fun); c.fn != nil && c.fn.Pkg() != nil && c.fn.Pkg().Path() == "context" && (c.fn.Name() == "Background" || c.fn.Name() == "TODO") {
				return true
			}
		}
	}
	return false
}

// inMemory: reading from a strings.Reader is not I/O.
func (p *Package) inMemory(c callee, n *ast.CallExpr) bool {
	if c.sel != nil && syncapi.InMemory(p.Src.Info.TypeOf(c.sel.X)) {
		return true
	}
	for _, arg := range n.Args {
		if t := p.Src.Info.TypeOf(arg); t != nil && syncapi.InMemory(t) {
			return true
		}
	}
	return false
}

// arguments judges the functions that a call runs before it returns. Literals
// are part of the body and were judged there.
func (p *Package) arguments(run []int, n *ast.CallExpr) []Act {
	var acts []Act
	for _, i := range run {
		if i >= len(n.Args) {
			continue
		}
		arg := ast.Unparen(n.Args[i])
		if _, ok := arg.(*ast.FuncLit); ok {
			continue
		}
		c := p.callee(arg)
		switch {
		case c.fn != nil && !c.iface:
			if _, ok := p.entryOf(c); !ok {
				acts = append(acts, p.through(c.fn, p.summary(c.fn), &ast.CallExpr{Fun: arg, Lparen: n.Lparen, Rparen: n.Rparen})...)
			}
		case c.value != nil || c.fn != nil:
			if p.isLocalLit(c.value) {
				continue
			}
			acts = append(acts, p.foreign(c, &ast.CallExpr{Fun: arg, Lparen: n.Lparen, Rparen: n.Rparen})...)
		}
	}
	return acts
}

// isLocalLit: a variable whose one value is a literal is run in place.
func (p *Package) isLocalLit(v *types.Var) bool {
	def, ok := p.Namer.Def(v)
	if !ok {
		return false
	}
	_, ok = ast.Unparen(def).(*ast.FuncLit)
	return ok
}

// Literal is how a Frame names a function literal.
const Literal = "a function literal"

// anyOf judges a dynamic call all of whose targets are known.
func (p *Package) anyOf(fns []*types.Func, lits []*ast.FuncLit, n *ast.CallExpr) []Act {
	var acts []Act
	for _, fn := range fns {
		if e, ok := p.entryOf(callee{fn: fn}); ok && e.Class <= syncapi.Locks {
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
	var acts []Act
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

func project(path string) string {
	elems := strings.SplitN(path, "/", 4)
	n := 2
	if strings.HasPrefix(path, "github.com/") || strings.HasPrefix(path, "gitlab.com/") {
		n = 3
	}
	return strings.Join(elems[:min(n, len(elems))], "/")
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
	a.Via = append([]Frame{p.frame(fn, n)}, p.abroad(a.Via, fn)...)
	a.on, _ = p.resource(a.Target, n.Fun, n.Args)
	a.Target = p.ref(p.current, a.on)
	a.Dropped = p.renameAll(a.Dropped, n)
	a.Kept = p.renameAll(a.Kept, n)
	return a
}

func (p *Package) frame(fn *types.Func, n *ast.CallExpr) Frame {
	return Frame{Func: p.FuncName(fn), Local: fn.Pkg() == p.Src.Types, pos: n.Pos()}
}

// abroad names the frames of a function of another package as they are named
// here.
func (p *Package) abroad(via []Frame, fn *types.Func) []Frame {
	if fn.Pkg() == p.Src.Types || fn.Pkg() == nil {
		return via
	}
	out := slices.Clone(via)
	for i, f := range out {
		if !f.Local {
			continue
		}
		if name, ok := strings.CutPrefix(f.Func, "(*"); ok {
			out[i].Func = "(*" + fn.Pkg().Name() + "." + name
		} else {
			out[i].Func = fn.Pkg().Name() + "." + f.Func
		}
		out[i].Local = false
	}
	return out
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

// rank sorts acts, the worst and nearest first, and keeps one of a sort.
func rank(acts []Act) []Act {
	slices.SortStableFunc(acts, func(a, b Act) int {
		if c := weight(b) - weight(a); c != 0 {
			return c
		}
		return len(a.Via) - len(b.Via)
	})
	var out []Act
	for _, a := range acts {
		if len(out) == maxActs {
			break
		}
		if !slices.ContainsFunc(out, func(o Act) bool { return alike(o, a) }) {
			out = append(out, a)
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

func alike(a, b Act) bool {
	return a.Kind == b.Kind && a.Param == b.Param && (a.Bounded == "") == (b.Bounded == "") &&
		slices.EqualFunc(a.Dropped, b.Dropped, sameRef) && slices.EqualFunc(a.Kept, b.Kept, sameRef)
}

func sameRef(a, b Ref) bool {
	return a.Param == b.Param && a.Pkg == b.Pkg && a.Name == b.Name && slices.Equal(a.Fields, b.Fields)
}
