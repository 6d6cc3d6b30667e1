package summary

import (
	"go/ast"
	"go/types"
	"slices"

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

// call judges a call.
func (p *Package) call(n *ast.CallExpr) []Act {
	if p.inC(n.Fun) {
		return nil
	}
	s := p.look(n.Fun)
	c := s.callee
	if s.isSaid {
		if acts, ok := p.saidActs(s.said, c, n); ok {
			return acts
		}
	}
	if s.known {
		return p.tableActs(s.entry, c, n)
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
		custom, ok = p.customOf(c.fn)
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

// inC reports whether a call is of C code or a conversion to a type of C. Neither
// has a Go type where the files that cgo writes are not read; C code comes back for
// no lock of Go, by custom.
func (p *Package) inC(fun ast.Expr) bool {
	switch x := ast.Unparen(fun).(type) {
	case *ast.StarExpr:
		return p.inC(x.X)
	case *ast.SelectorExpr:
		id, ok := x.X.(*ast.Ident)
		if !ok {
			return false
		}
		pkg, ok := p.Src.Info.Uses[id].(*types.PkgName)
		return ok && pkg.Imported().Path() == "C"
	}
	return false
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
	acts := append(p.arguments(e.Sync, n), p.behind(n)...)
	if e.Class <= syncapi.Locks {
		return acts
	}
	act := Act{Class: e.Class, What: "calls " + types.ExprString(n.Fun) + ", which " + e.What, Param: Nowhere, Target: Ref{Param: Nowhere}, Network: e.Network, pos: n.Pos()}
	if c.sel != nil {
		act.on = p.Namer.Method(c.sel, lockset.Lock)
		act.Target = p.ref(p.current, act.on)
	}
	if e.Bounded && !p.NeverEnds(n) {
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
	case syncapi.Acquire, syncapi.Try:
		act.Kind = Acquire
	default:
		act.Kind = Callback
		if e.Class >= syncapi.Waits {
			act.Kind = Wait
		}
	}
	return append([]Act{act}, acts...)
}

// NeverEnds reports whether the context of a call is one that is never
// cancelled.
func (p *Package) NeverEnds(n *ast.CallExpr) bool { return slices.ContainsFunc(n.Args, p.Endless) }

// Endless reports whether an expression makes a context that is never cancelled.
func (p *Package) Endless(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := p.at(call.Fun).fn
	return fn != nil && (fn.Name() == "Background" || fn.Name() == "TODO") && fn.Signature().Recv() == nil && fn.Pkg() != nil && fn.Pkg().Path() == "context"
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
		c := p.at(arg).callee
		switch {
		case c.fn != nil && !c.iface:
			if !p.look(arg).known {
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
