package fix

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
)

// publishBefore writes first, and wakes then.
//
//	close(p.done); p.err = err  =>  p.err = err; close(p.done)
//
// so long as
//
//   - the two are neighbours, so that nothing else comes between them or changes
//     places (region);
//   - what is written and where is named by variables, fields and literals, which
//     the wake does not change, nor they it, and no pointer is followed that the
//     wake does not follow, so that nothing panics ahead of it (operands);
//   - nobody reads it while a send waits for its receiver, who may come late
//     (exclusion, assumed). The other wakes do not wait.
//
// Then whoever is woken sees what was written, and nobody else can tell.
func publishBefore(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "write before", Obligation: refuted(name, why, at)}
	}
	wake, write := f.Spots[0], f.Spots[1].(*ast.AssignStmt)
	u := f.Pkg.Uses
	at := u.StmtOf(wake)
	if at.Stmt == nil || at.Stmt != wake && !isAlone(u, wake, at.Stmt) {
		return refuse("region", "the wake is no statement of its own", wake)
	}
	if rest := at.Rest(); len(rest) == 0 || rest[0] != ast.Stmt(write) {
		return refuse("region", "other statements stand between them", write)
	}
	if e := foreignOperand(write); e != nil {
		return refuse("operands", "what is written takes more than names to tell", e)
	}
	if e := newPointer(f, wake, write); e != nil {
		return refuse("operands", types.ExprString(e)+" may be nil, and nobody would be woken", e)
	}
	exclusion := proved("exclusion", "the wake does not wait")
	if _, ok := wake.(*ast.SendStmt); ok {
		exclusion = assumed("exclusion", "nobody reads "+f.Resource+" while the send waits", wake)
	}
	key := f.Pkg.Namer.Name(write.Lhs[0], lockset.Lock).Key()
	if uses := mentionOf(f, wake, key); uses != nil {
		return refuse("operands", "the wake reads it", uses)
	}
	return &Plan{
		Strategy: "write before", Title: "write " + f.Resource + " before waking", Decl: u.Decl(wake),
		Obligations: []Obligation{
			proved("region", "the two are neighbours"), proved("operands", "names and literals only"),
			proved("window", "what the woken read is written when they are woken"), exclusion,
		},
		Steps: []Step{Move{Stmts: []ast.Stmt{write}, At: Place{Before: at.Stmt}}},
	}, nil
}

// foreignOperand returns a part of an assignment that is more than a name, a field
// or a literal.
func foreignOperand(as *ast.AssignStmt) ast.Node {
	var found ast.Node
	for _, e := range slices.Concat(as.Lhs, as.Rhs) {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n.(type) {
			case nil, *ast.Ident, *ast.SelectorExpr, *ast.BasicLit, *ast.ParenExpr:
			default:
				if found == nil {
					found = n
				}
			}
			return found == nil
		})
	}
	return found
}

// newPointer returns a pointer that an assignment follows, and the wake does not.
func newPointer(f *hazard.Fault, wake ast.Node, as *ast.AssignStmt) (found ast.Expr) {
	for _, e := range slices.Concat(as.Lhs, as.Rhs) {
		ast.Inspect(e, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || found != nil || f.Pkg.Src.Info.Selections[sel] == nil {
				return found == nil
			}
			if slices.ContainsFunc(implicitFields(f.Pkg.Src.Info.Selections[sel]), func(in *types.Var) bool { return isPointer(in.Type()) }) {
				found = sel
			}
			if t := f.Pkg.Src.Info.TypeOf(sel.X); t != nil && isPointer(t) && mentionOf(f, wake, f.Pkg.Namer.Name(sel.X, lockset.Lock).Key()) == nil {
				found = sel.X
			}
			return found == nil
		})
	}
	return found
}

// mentionOf returns where a node names a path, or one that leads to it.
func mentionOf(f *hazard.Fault, n ast.Node, key string) ast.Node {
	var found ast.Node
	ast.Inspect(n, func(m ast.Node) bool {
		if e, ok := m.(ast.Expr); ok && found == nil {
			switch e.(type) {
			case *ast.Ident, *ast.SelectorExpr:
				if f.Pkg.Namer.Name(e, lockset.Lock).Key() == key {
					found = m
				}
			}
		}
		return found == nil
	})
	return found
}
