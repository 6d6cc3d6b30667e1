package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// elements finds two locks of one array that are taken one under the other, with
// nothing that says which comes first: another call may come with the two
// exchanged.
//
//   - Each index is a variable that is computed once, from a parameter which the
//     other one does not depend on.
//   - The function compares the two by no order, and calls neither min nor max.
func (g *order) elements(c *summary.Crossing) *Fault {
	held, taken := c.Holder.Resource, c.Take.Resource
	if len(c.Via) > 0 || c.Section == nil || c.Body.Obj == nil || held.Root == nil || held.Root != taken.Root || !slices.Equal(held.Fields, taken.Fields) {
		return nil
	}
	if c.Held.Mode == syncapi.Read && c.Taken.Mode == syncapi.Read {
		return nil
	}
	i, j := g.index(c.Section.Acquire.Node), g.index(c.Op.Node)
	if i == nil || j == nil || i == j || !g.independent(c, i, j) || g.sorted(c, i, j) {
		return nil
	}
	f := g.start(c)
	f.Sort, f.Level = SelfInverted, Hazard
	f.What = takenAt(c) + " while " + c.Held.Expr + " is held, and nothing orders the two"
	f.Why = "if another call comes with " + i.Name() + " and " + j.Name() + " exchanged"
	return f
}

// index is the variable that picks the lock which a call of one of its methods
// takes; nil where it is no variable, or there are several.
func (g *order) index(n ast.Node) *types.Var {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return nil
	}
	var found *types.Var
	e := ast.Unparen(call.Fun)
	for {
		switch x := e.(type) {
		case *ast.SelectorExpr:
			e = ast.Unparen(x.X)
		case *ast.IndexExpr:
			id, ok := ast.Unparen(x.Index).(*ast.Ident)
			if !ok || found != nil {
				return nil
			}
			if found, ok = g.p.Src.Info.Uses[id].(*types.Var); !ok {
				return nil
			}
			e = ast.Unparen(x.X)
		default:
			return found
		}
	}
}

// independent reports whether each of two variables is computed from a parameter
// that the other one is not.
func (g *order) independent(c *summary.Crossing, i, j *types.Var) bool {
	a, b := g.params(c, i), g.params(c, j)
	only := func(x, y map[types.Object]bool) bool {
		for v := range x {
			if !y[v] {
				return true
			}
		}
		return false
	}
	return only(a, b) && only(b, a)
}

// params collects the parameters, the receiver left out, that the one value of a
// variable is computed from; none if it has several values.
func (g *order) params(c *summary.Crossing, v *types.Var) map[types.Object]bool {
	out := map[types.Object]bool{}
	if isParam(c.Body.Obj, v) {
		out[v] = true
		return out
	}
	def, ok := g.p.Namer.Def(v)
	if !ok {
		return out
	}
	ast.Inspect(def, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if w, ok := g.p.Src.Info.Uses[id].(*types.Var); ok && isParam(c.Body.Obj, w) && w != c.Body.Obj.Signature().Recv() {
				out[w] = true
			}
		}
		return true
	})
	return out
}

// sorted reports whether a function looks at the order of two variables.
func (g *order) sorted(c *summary.Crossing, i, j *types.Var) bool {
	found := false
	ast.Inspect(c.Body.Block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			switch n.Op {
			case token.LSS, token.GTR, token.LEQ, token.GEQ:
				found = found || reads(g.p, n, i) && reads(g.p, n, j)
			}
		case *ast.CallExpr:
			found = found || reads(g.p, n, i) && reads(g.p, n, j)
		}
		return !found
	})
	return found
}
