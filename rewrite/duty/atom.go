package duty

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// An atom is a condition without parts, in its positive form.
type atom struct {
	key  string
	not  bool // the condition is its negation
	vars []types.Object
}

func nilAtom(v *types.Var) atom {
	return atom{key: spellVar(v) + " == nil", vars: []types.Object{v}}
}

// fieldAtom is the test of the field of a value that is to be ended: resp.Body == nil.
func fieldAtom(v *types.Var, field string) atom {
	return atom{key: spellVar(v) + "." + field + " == nil", vars: []types.Object{v}}
}

func trueAtom(v *types.Var) atom { return atom{key: spellVar(v), vars: []types.Object{v}} }

// object is the variable or field that an expression ends in.
func object(info *types.Info, e ast.Expr) types.Object {
	switch e := e.(type) {
	case nil:
		return nil
	case *ast.Ident:
		return info.ObjectOf(e)
	case *ast.SelectorExpr:
		return info.ObjectOf(e.Sel)
	case *ast.ParenExpr:
		return object(info, e.X)
	}
	return nil
}

// A value is an atom that an assignment settles.
type value struct {
	atom
	value bool
}

// assigned lists what an assignment of true, false or nil settles.
func assigned(info *types.Info, n ast.Node) []value {
	var out []value
	add := func(l, r ast.Expr) {
		v, ok := object(info, l).(*types.Var)
		if !ok {
			return
		}
		if r == nil { // declared without a value
			if b, ok := v.Type().Underlying().(*types.Basic); ok && b.Kind() == types.Bool {
				out = append(out, value{trueAtom(v), false})
			} else if isNilable(v.Type()) {
				out = append(out, value{nilAtom(v), true})
			}
			return
		}
		if _, isVar := ast.Unparen(l).(*ast.Ident); !isVar {
			return
		}
		switch tv := info.Types[r]; {
		case tv.IsNil():
			out = append(out, value{nilAtom(v), true})
		case tv.Value != nil && tv.Value.String() == "true":
			out = append(out, value{trueAtom(v), true})
		case tv.Value != nil && tv.Value.String() == "false":
			out = append(out, value{trueAtom(v), false})
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
			for i := range n.Lhs {
				add(n.Lhs[i], n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, id := range n.Names {
			switch {
			case len(n.Values) == 0:
				add(id, nil)
			case len(n.Values) == len(n.Names):
				add(id, n.Values[i])
			}
		}
	}
	return out
}

func isNilable(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Chan, *types.Map, *types.Slice:
		return true
	}
	return false
}

// atoms lists the atoms of a condition.
func (c *Code) atoms(e ast.Expr) []atom {
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.NOT {
			return c.atoms(x.X)
		}
	case *ast.BinaryExpr:
		if x.Op == token.LAND || x.Op == token.LOR {
			return append(c.atoms(x.X), c.atoms(x.Y)...)
		}
	}
	if a := c.spelled(e); a.ok {
		return []atom{a.atom}
	}
	return nil
}

// atomOf spells a condition such that two that mean the same read the same.
func atomOf(info *types.Info, e ast.Expr) (atom, bool) {
	a := atom{}
	e = ast.Unparen(e)
	b, ok := e.(*ast.BinaryExpr)
	if !ok {
		text, ok := a.spell(info, e)
		a.key = text
		return a, ok
	}
	op := b.Op
	switch op {
	case token.EQL, token.LSS, token.LEQ:
	case token.NEQ:
		op, a.not = token.EQL, true
	case token.GEQ:
		op, a.not = token.LSS, true
	case token.GTR:
		op, a.not = token.LEQ, true
	default:
		return a, false
	}
	x, okX := a.spell(info, b.X)
	y, okY := a.spell(info, b.Y)
	if op == token.EQL && x == "nil" {
		x, y = y, x
	}
	a.key = x + " " + op.String() + " " + y
	return a, okX && okY
}

// spell writes an operand with each variable by what it is, and notes those.
func (a *atom) spell(info *types.Info, e ast.Expr) (string, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.BasicLit:
		return e.Value, true
	case *ast.Ident:
		obj := info.ObjectOf(e)
		if obj == nil {
			return "", false
		}
		if _, ok := obj.(*types.Nil); ok {
			return "nil", true
		}
		a.vars = append(a.vars, obj)
		return spellVar(obj), true
	case *ast.BinaryExpr: // flags&mask
		x, okX := a.spell(info, e.X)
		y, okY := a.spell(info, e.Y)
		return "(" + x + " " + e.Op.String() + " " + y + ")", okX && okY
	case *ast.SelectorExpr:
		x, ok := a.spell(info, e.X)
		a.vars = append(a.vars, info.ObjectOf(e.Sel))
		_, isVar := info.ObjectOf(e.Sel).(*types.Var)
		_, isConst := info.ObjectOf(e.Sel).(*types.Const)
		return x + "." + e.Sel.Name, ok && (isVar || isConst)
	case *ast.CallExpr:
		if id, ok := ast.Unparen(e.Fun).(*ast.Ident); ok && id.Name == "len" && len(e.Args) == 1 {
			x, ok := a.spell(info, e.Args[0])
			return "len(" + x + ")", ok
		}
	}
	return "", false
}

func spellVar(obj types.Object) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s@%d", obj.Name(), obj.Pos())
	return b.String()
}
