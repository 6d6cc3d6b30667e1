package summary

import (
	"go/ast"
	"go/types"
)

// Deeds say what the code of a function of this package does itself, for whoever asks
// what stands behind a call: for each critical section from which one may be taken, most
// of a package is looked through.
type Deeds struct {
	List  []ast.Node // its sends, its calls of close and its calls whose targets are known, in source order
	Quiet bool       // besides, it computes and reads what cannot change
}

// Deeds lists what a function does; nil for one whose code is not here.
func (p *Package) Deeds(fn *types.Func) *Deeds {
	if d, ok := p.deeds[fn]; ok {
		return d
	}
	var out *Deeds
	if fd := p.Uses.FuncDecl(fn); fd != nil && fd.Body != nil {
		out = &Deeds{Quiet: true}
		ast.Inspect(fd.Body, func(n ast.Node) bool {
			p.deed(out, n)
			return true
		})
	}
	p.deeds[fn] = out
	return out
}

// deed notes what one node does.
func (p *Package) deed(out *Deeds, n ast.Node) {
	switch n := n.(type) {
	case *ast.SendStmt:
		out.List = append(out.List, n)
	case *ast.CallExpr:
		reach := p.Reach(n)
		b := p.callee(n.Fun).builtin
		closes := b != nil && b.Name() == "close"
		if closes || reach == "known" {
			out.List = append(out.List, n)
		}
		out.Quiet = out.Quiet && !closes && reach != "foreign"
	case *ast.AssignStmt, *ast.IncDecStmt, *ast.GoStmt, *ast.DeferStmt, *ast.SelectStmt:
		out.Quiet = false
	case *ast.SelectorExpr:
		if sel := p.Src.Info.Selections[n]; sel != nil && sel.Kind() == types.FieldVal {
			immutable, _ := p.Uses.Immutable(sel.Obj().(*types.Var).Origin())
			out.Quiet = out.Quiet && immutable
		}
	}
}
