package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/source"
)

// An exporter looks at each name in a statement that moves to another function.
type exporter struct {
	of    *offer
	c     *section // the caller's
	call  *ast.CallExpr
	swap  map[ast.Expr]string
	self  *types.Var // what the function that is called has for the receiver of the helper; nil: nothing
	tf    *token.File
	found []swapped
	bad   *Obligation
}

// A swapped is a piece of text that becomes another.
type swapped struct {
	start, end int
	new        string
}

func (x *exporter) refuse(why string, at ast.Node) {
	if x.bad == nil {
		o := refuted("names", why, at)
		x.bad = &o
	}
}

func (x *exporter) put(n ast.Node, text string) {
	x.found = append(x.found, swapped{x.tf.Offset(n.Pos()), x.tf.Offset(n.End()), text})
}

func (x *exporter) visit(n ast.Node) bool {
	if e, ok := n.(ast.Expr); ok {
		if text, ok := x.swap[e]; ok {
			x.put(e, text)
			return false
		}
	}
	switch n := n.(type) {
	case *ast.LabeledStmt:
		x.refuse("a label would move to another function", n)
	case *ast.Ident:
		x.ident(n)
	}
	return x.bad == nil
}

func (x *exporter) ident(id *ast.Ident) {
	info := x.c.info
	if def := info.Defs[id]; def != nil {
		return
	}
	obj := info.Uses[id]
	if obj == nil || x.of.out.own[obj] || source.Member(obj) {
		return
	}
	scope := x.scope()
	if scope == nil {
		x.refuse("what "+id.Name+" means in the caller is not known", id)
		return
	}
	_, there := scope.LookupParent(id.Name, token.NoPos)
	switch obj := obj.(type) {
	case *types.PkgName:
		if p, ok := there.(*types.PkgName); !ok || p.Imported() != obj.Imported() {
			x.refuse(id.Name+" is not imported where it is called", id)
		}
		return
	case *types.Var:
		if obj == x.of.recv {
			if mine := x.c.selfOf(x.call, x.self); mine != nil && !x.of.declares(mine.Name()) {
				x.put(id, mine.Name())
				return
			}
		}
	}
	if obj.Pkg() != nil && obj.Parent() != obj.Pkg().Scope() || there != obj {
		x.refuse(id.Name+" means something else where it is called", id)
	}
}

// scope is the innermost one at the call.
func (x *exporter) scope() *types.Scope {
	top := x.c.info.Scopes[x.c.file.Syntax]
	if top == nil {
		return nil
	}
	return top.Innermost(x.call.Pos())
}

// selfOf is what the caller calls the object that is self in the function that it
// calls: a variable that is there from its start and keeps its value. It is nil if
// there is none.
func (s *section) selfOf(call *ast.CallExpr, self *types.Var) *types.Var {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || self == nil {
		return nil
	}
	fn, ok := s.info.Uses[sel.Sel].(*types.Func)
	id, isIdent := ast.Unparen(sel.X).(*ast.Ident)
	if !ok || !isIdent || fn.Signature().Recv() != self {
		return nil
	}
	mine, ok := s.info.Uses[id].(*types.Var)
	if !ok || !types.Identical(mine.Type(), self.Type()) || !s.steady(mine) || !s.isParamOrReceiver(mine) {
		return nil
	}
	return mine
}

// isParamOrReceiver: a variable that is there from the start of the function.
func (s *section) isParamOrReceiver(v *types.Var) bool {
	if s.isParam(v) {
		return true
	}
	fd, ok := s.fn.(*ast.FuncDecl)
	return ok && fd.Recv != nil && fd.Recv.Pos() <= v.Pos() && v.Pos() < fd.Recv.End()
}
