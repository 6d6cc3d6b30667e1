package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// An atom is one comparison of a condition that is waited for: while it holds,
// the wait may go on.
type atom struct {
	field  *types.Var
	until  turn
	waiter *lockset.Body // whose loop it stands in
	zero   bool          // isMore, isLess: it is compared with zero, and holds for none, or for any but none
}

// A turn says which change of the field can make the comparison false.
type turn uint8

const (
	isTrue   turn = iota + 1 // it becomes true
	isFalse                  // it becomes false
	isMore                   // a number grows, a collection gets more elements
	isLess                   // a number shrinks, a collection loses elements
	isSet                    // it becomes other than nil
	isNilled                 // it becomes nil
)

// atomsOf lists the comparisons of the loop around a wait: of its condition, or,
// where it has none, of the tests in it that leave it, negated.
func atomsOf(p *summary.Package, wait *ast.CallExpr) []atom {
	for n := p.Uses.Parent(wait); n != nil; n = p.Uses.Parent(n) {
		switch loop := n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return nil
		case *ast.ForStmt:
			if loop.Cond != nil {
				return split(p, loop.Cond, true, 2)
			}
			var out []atom
			for _, st := range loop.Body.List {
				if test, ok := st.(*ast.IfStmt); ok && test.Init == nil && goes(test.Body) {
					out = append(out, split(p, test.Cond, false, 2)...)
				}
			}
			return out
		}
	}
	return nil
}

// goes reports whether a block ends by leaving the loop around it.
func goes(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch last := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok == token.BREAK
	}
	return false
}

// split takes a condition apart into comparisons; holds says whether the wait
// goes on while it is true, or while it is false. Where all of several must
// change, none of them ends the wait by itself. Functions of the package that
// return one expression are looked into.
func split(p *summary.Package, e ast.Expr, holds bool, depth int) []atom {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			return split(p, e.X, !holds, depth)
		}
	case *ast.BinaryExpr:
		switch {
		case e.Op == token.LAND && holds, e.Op == token.LOR && !holds:
			return append(split(p, e.X, holds, depth), split(p, e.Y, holds, depth)...)
		case e.Op == token.LAND, e.Op == token.LOR:
			return nil // to end one of them is not enough
		}
		return compare(p, e, holds)
	case *ast.SelectorExpr:
		if f := fieldOf(p, e); f != nil && isBool(f.Type()) {
			if holds {
				return []atom{{field: f, until: isFalse}}
			}
			return []atom{{field: f, until: isTrue}}
		}
	case *ast.CallExpr:
		fns := p.Callees(e)
		if len(fns) != 1 || depth == 0 {
			return nil
		}
		fd := p.Uses.FuncDecl(fns[0])
		if fd == nil || fd.Body == nil || len(fd.Body.List) != 1 {
			return nil
		}
		if ret, ok := fd.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			return split(p, ret.Results[0], holds, depth-1)
		}
	}
	return nil
}

// fieldOf returns the field that a selector selects, nil for anything else.
func fieldOf(p *summary.Package, e ast.Expr) *types.Var {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	f, ok := p.Src.Info.Uses[sel.Sel].(*types.Var)
	if !ok || !f.IsField() {
		return nil
	}
	return f.Origin()
}

// compare turns a comparison of a field, or of its length, with something else
// into an atom.
func compare(p *summary.Package, e *ast.BinaryExpr, holds bool) []atom {
	op, x, y := e.Op, e.X, e.Y
	f := measured(p, x)
	if f == nil {
		if f = measured(p, y); f == nil {
			return nil
		}
		x, y, op = y, x, mirrored(op)
	}
	if !holds {
		op = negated(op)
	}
	if p.Src.Info.Types[y].IsNil() {
		switch op {
		case token.EQL:
			return []atom{{field: f, until: isSet}}
		case token.NEQ:
			return []atom{{field: f, until: isNilled}}
		}
		return nil
	}
	zero := p.Src.Info.Types[y].Value != nil && p.Src.Info.Types[y].Value.ExactString() == "0"
	switch {
	case op == token.LSS, op == token.LEQ, op == token.EQL && zero:
		return []atom{{field: f, until: isMore, zero: zero && op == token.EQL}}
	case op == token.GTR, op == token.GEQ, op == token.NEQ && zero:
		return []atom{{field: f, until: isLess, zero: zero && (op == token.NEQ || op == token.GTR)}}
	}
	return nil
}

// measured returns the field that an expression is, or is the length of.
func measured(p *summary.Package, e ast.Expr) *types.Var {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok && len(call.Args) == 1 {
		id, ok := ast.Unparen(call.Fun).(*ast.Ident)
		if !ok || p.Src.Info.Uses[id] != types.Universe.Lookup("len") {
			return nil
		}
		e = call.Args[0]
	}
	return fieldOf(p, e)
}

func mirrored(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GTR
	case token.GTR:
		return token.LSS
	case token.LEQ:
		return token.GEQ
	case token.GEQ:
		return token.LEQ
	}
	return op
}

func negated(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GEQ
	case token.GEQ:
		return token.LSS
	case token.GTR:
		return token.LEQ
	case token.LEQ:
		return token.GTR
	case token.EQL:
		return token.NEQ
	case token.NEQ:
		return token.EQL
	}
	return op
}

// endedBy reports whether a write is sure to change the field in the direction
// that can end the wait.
func (a atom) endedBy(p *summary.Package, w uses.Write) bool {
	switch a.until {
	case isTrue, isFalse:
		if w.Kind != uses.Assign || w.Value == nil {
			return false
		}
		v := p.Src.Info.Types[w.Value].Value
		return v != nil && v.ExactString() == map[turn]string{isTrue: "true", isFalse: "false"}[a.until]
	case isSet:
		return w.Kind == uses.Assign && w.Value != nil && isNew(p, w.Value)
	case isNilled:
		return w.Kind == uses.Assign && w.Value != nil && p.Src.Info.Types[w.Value].IsNil()
	}
	return steps(p, w) == a.until
}

// Ends reports whether a write is sure to make a condition false, whatever it
// was before. Where several comparisons must hold, to end one is enough; where one
// of several is enough, nothing is sure.
func Ends(p *summary.Package, cond ast.Expr, w uses.Write) bool {
	return ends(p, cond, true, w, 2)
}

func ends(p *summary.Package, e ast.Expr, holds bool, w uses.Write, depth int) bool {
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return ends(p, x.X, !holds, w, depth)
		}
	case *ast.BinaryExpr:
		switch x.Op {
		case token.LAND:
			return holds && (ends(p, x.X, holds, w, depth) || ends(p, x.Y, holds, w, depth))
		case token.LOR:
			return !holds && (ends(p, x.X, holds, w, depth) || ends(p, x.Y, holds, w, depth))
		}
	}
	atoms := split(p, e, holds, depth)
	return len(atoms) == 1 && atoms[0].surelyEndedBy(p, w)
}

// surelyEndedBy reports whether a write makes a comparison false.
func (a atom) surelyEndedBy(p *summary.Package, w uses.Write) bool {
	if !slices.ContainsFunc(p.Uses.Writes(a.field), func(o uses.Write) bool { return o.Node == w.Node && o.Kind == w.Kind }) || !a.endedBy(p, w) {
		return false
	}
	switch a.until {
	case isMore, isLess:
		if !a.zero {
			return false
		}
	default:
		return true
	}
	switch n := w.Node.(type) {
	case *ast.IncDecStmt:
		return a.until == isMore
	case *ast.CallExpr:
		return n.Fun.(*ast.Ident).Name == "clear"
	case *ast.AssignStmt:
		switch w.Kind {
		case uses.Element:
			return true
		case uses.Mutate:
			call, ok := ast.Unparen(w.Value).(*ast.CallExpr)
			return ok && len(call.Args) > 1 && !call.Ellipsis.IsValid()
		case uses.Assign:
			_, part := ast.Unparen(w.Value).(*ast.SliceExpr)
			return a.until == isLess && !part
		}
	}
	return false
}

// isNew: an expression that is never nil.
func isNew(p *summary.Package, e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.AND
	case *ast.CompositeLit, *ast.FuncLit:
		return true
	case *ast.CallExpr:
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		return ok && (p.Src.Info.Uses[id] == types.Universe.Lookup("make") || p.Src.Info.Uses[id] == types.Universe.Lookup("new"))
	}
	return false
}

// steps says in which direction a write changes a number or the size of a
// collection; 0 where it does not say.
func steps(p *summary.Package, w uses.Write) turn {
	switch n := w.Node.(type) {
	case *ast.IncDecStmt:
		if w.Kind != uses.Update {
			return 0
		}
		if n.Tok == token.INC {
			return isMore
		}
		return isLess
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") {
			return isLess
		}
	case *ast.AssignStmt:
		switch {
		case n.Tok == token.ADD_ASSIGN:
			return isMore
		case n.Tok == token.SUB_ASSIGN:
			return isLess
		case w.Kind == uses.Mutate:
			return isMore // x.f = append(x.f, …)
		case w.Kind == uses.Element && isMap(p, n.Lhs):
			return isMore
		case w.Kind == uses.Assign && w.Value != nil && empties(p, w.Value):
			return isLess
		}
	}
	return 0
}

func isMap(p *summary.Package, lhs []ast.Expr) bool {
	for _, l := range lhs {
		if ix, ok := ast.Unparen(l).(*ast.IndexExpr); ok {
			if t := p.Src.Info.TypeOf(ix.X); t != nil {
				_, ok := t.Underlying().(*types.Map)
				return ok
			}
		}
	}
	return false
}

// empties: nil, 0, or a part of a slice.
func empties(p *summary.Package, e ast.Expr) bool {
	tv := p.Src.Info.Types[e]
	if tv.IsNil() || tv.Value != nil && tv.Value.ExactString() == "0" {
		return true
	}
	_, ok := ast.Unparen(e).(*ast.SliceExpr)
	return ok
}
