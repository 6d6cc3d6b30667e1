package uses

import (
	"go/ast"
	"go/types"
	"go/version"
)

// turnwise proves a send on an element of a local slice of channels:
//
//	for i := range chs {
//		chs[i] = make(chan int, 1)
//	}
//	for i, job := range jobs {
//		go func() { chs[i] <- job.run() }()
//	}
//
// The conditions:
//
//   - each element is a channel that is made for it alone: nothing but makes is
//     stored, and nobody else knows the slice;
//   - all sends stand in one loop, each on the element of the turn it belongs to,
//     and no two turns have the same element;
//   - one run of the block that declares the slice has no more sends in a turn,
//     times the runs of that loop, than the least element has room for.
//
// That an element is made anew does no harm: its index gets no more sends.
func (x *Index) turnwise(s sending) string {
	v := s.c.Var
	if !s.c.Elem || !s.fixed {
		return ""
	}
	decl := x.ownElements(v)
	if decl.Stmt == nil {
		return ""
	}
	sends := x.Sends(s.c)
	loop := x.elementLoop(s.stmt.Chan, v)
	k := x.counter(func(s *ast.SendStmt) bool { return x.elementLoop(s.Chan, v) == loop })
	k.each = loop
	if loop == nil || k.list(decl.Rest()).most() > s.cap {
		return ""
	}
	for _, send := range sends {
		if !k.seen[send] {
			return ""
		}
	}
	return s.name + " has room for what one turn sends, and no other turn sends on it"
}

// ownElements returns where a local slice of channels is declared, if each of
// its elements is made for it and only its own elements are looked at.
func (x *Index) ownElements(v *types.Var) Place {
	ws := x.writesOf(v)
	if _, ok := v.Type().Underlying().(*types.Slice); !ok || v.IsField() || len(ws) == 0 || ws[0].Kind != Init || ws[0].Fn == nil || !x.unaliased(v) {
		return Place{}
	}
	for i, w := range ws {
		switch {
		case i == 0 && x.onlyMakes(w.Value):
		case w.Kind == Element && x.isMake(w.Value):
		case appended(w):
			call := ast.Unparen(w.Value).(*ast.CallExpr)
			for _, a := range call.Args[1:] {
				if call.Ellipsis.IsValid() || !x.isMake(a) {
					return Place{}
				}
			}
		default:
			return Place{}
		}
	}
	decl := x.StmtOf(ws[0].Node)
	if decl.Stmt == nil || !declares(decl.Stmt, ws[0].Node) {
		return Place{}
	}
	return decl
}

// isMake reports whether e is a call of make.
func (x *Index) isMake(e ast.Expr) bool {
	if e == nil {
		return false
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && x.builtin(call) == "make"
}

// onlyMakes reports whether e is a new slice with elements that are made for it.
func (x *Index) onlyMakes(e ast.Expr) bool {
	if e == nil {
		return false
	}
	lit, ok := ast.Unparen(e).(*ast.CompositeLit)
	if !ok {
		return x.isMake(e)
	}
	for _, el := range lit.Elts {
		if !x.isMake(el) {
			return false
		}
	}
	return true
}

// elementLoop returns the loop each turn of which has an element of v of its own,
// which e is: v[i] with its index, or its value where it ranges over v.
func (x *Index) elementLoop(e ast.Expr, v *types.Var) ast.Stmt {
	ix, ok := ast.Unparen(e).(*ast.IndexExpr)
	if !ok {
		return x.turnOf(e, func(n ast.Stmt, own *types.Var) bool {
			rng, ok := n.(*ast.RangeStmt)
			return ok && rng.Value != nil && x.varOf(rng.Value) == own && len(x.writesOf(own)) == 1 && x.varOf(rng.X) == v
		})
	}
	if id, ok := ast.Unparen(ix.X).(*ast.Ident); !ok || x.varOf(id) != v {
		return nil
	}
	return x.turnOf(ix.Index, x.counts)
}

// counts reports whether a loop gives a variable another number in each turn.
func (x *Index) counts(n ast.Stmt, i *types.Var) bool {
	switch n := n.(type) {
	case *ast.ForStmt:
		return x.upTo(n) != nil && x.varOf(n.Init.(*ast.AssignStmt).Lhs[0]) == i
	case *ast.RangeStmt:
		if n.Key == nil || x.varOf(n.Key) != i || len(x.writesOf(i)) != 1 {
			return false
		}
		t := x.typeOf(n.X).Underlying()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem().Underlying()
		}
		switch t := t.(type) {
		case *types.Slice, *types.Array:
			return true
		case *types.Basic:
			return t.Info()&(types.IsInteger|types.IsString) != 0
		}
	}
	return false
}

// turnOf returns the loop whose variable e is, or is a copy of: one that is
// written once, or a parameter of a literal that is called on the spot. The
// variable must be new in each turn, or read outside of literals.
func (x *Index) turnOf(e ast.Expr, is func(ast.Stmt, *types.Var) bool) ast.Stmt {
	for range 5 {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return nil
		}
		v := x.varOf(id)
		if v == nil || v.IsField() {
			return nil
		}
		if r, ok := x.roles[v]; ok {
			if e = x.passed(r, v); e == nil {
				return nil
			}
			continue
		}
		if loop := x.declaringLoop(v); loop != nil {
			if is(loop, v) && (x.newEachTurn(loop) || x.fn(id) == x.fn(loop)) {
				return loop
			}
			return nil
		}
		ws := x.writesOf(v)
		if len(ws) != 1 || ws[0].Kind != Init || ws[0].Value == nil {
			return nil
		}
		e = ws[0].Value
	}
	return nil
}

// passed returns what a literal that is called on the spot is given for a
// parameter that it leaves alone.
func (x *Index) passed(r role, v *types.Var) ast.Expr {
	if r.lit == nil || r.result || len(x.writesOf(v)) > 0 {
		return nil
	}
	call, ok := x.above(r.lit).(*ast.CallExpr)
	sig := x.signature(r.lit)
	if !ok || ast.Unparen(call.Fun) != r.lit || sig.Variadic() || len(call.Args) != sig.Params().Len() {
		return nil
	}
	for i := range call.Args {
		if sig.Params().At(i) == v {
			return call.Args[i]
		}
	}
	return nil
}

// declaringLoop returns the loop in whose head a variable is declared.
func (x *Index) declaringLoop(v *types.Var) ast.Stmt {
	if len(x.writesOf(v)) == 0 {
		return nil
	}
	switch w := x.writesOf(v)[0]; w.Kind {
	case Range:
		if loop := w.Node.(*ast.RangeStmt); loop.Pos() < v.Pos() && v.Pos() < loop.X.Pos() {
			return loop
		}
	case Init:
		if loop, ok := x.up.of(w.Node).(*ast.ForStmt); ok && loop.Init == w.Node {
			return loop
		}
	}
	return nil
}

// newEachTurn reports whether the variables of a loop are new in each turn.
func (x *Index) newEachTurn(loop ast.Stmt) bool {
	f := x.p.File(loop.Pos())
	return f != nil && f.GoVersion != "" && version.Compare(f.GoVersion, "go1.22") >= 0
}
