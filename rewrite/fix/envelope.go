package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// releaseEnvelope releases the token of a value where a path lets go of it.
//
//	if m.late { continue }  =>  if m.late { m.release(); continue }
//
// so long as
//
//   - each path that comes by has the value, and leaves by a statement of its own
//     (region);
//   - the release of another path is made of a variable and its fields, which mean
//     the same here (names), and what is returned does not take the value (operands);
//   - whoever put the token in wants it back on this path too (bound, assumed).
func releaseEnvelope(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "release before leaving", Obligation: refuted(name, why, at)}
	}
	exit, release := f.Spots[0], f.Spots[1].(*ast.CallExpr)
	place := f.Pkg.Uses.StmtOf(exit)
	_, isReturn := exit.(*ast.ReturnStmt)
	_, isBranch := exit.(*ast.BranchStmt)
	if !isReturn && !isBranch || place.Stmt != exit {
		return refuse("region", "no statement says where the path lets go of it", exit)
	}
	if !f.Must {
		return refuse("region", "some paths come by without it", exit)
	}
	g := newGivingUp(f, exit)
	root := rootIdent(release.Fun)
	if root == nil || !g.means(root.Name, g.info.Uses[root]) {
		return refuse("names", "another "+types.ExprString(release.Fun)+" is meant there", exit)
	}
	if ret, ok := exit.(*ast.ReturnStmt); ok {
		for _, e := range ret.Results {
			if usesObject(g.info, e, g.info.Uses[root]) || hasCall(e) {
				return refuse("operands", types.ExprString(e)+" is computed before the release elsewhere", e)
			}
		}
	}
	return &Plan{
		Strategy: "release before leaving", Title: "release " + f.Resource + " before it " + leavesHow(exit), Decl: f.Pkg.Uses.Decl(exit),
		Obligations: []Obligation{
			proved("region", "each path that comes by has it"), proved("names", "its names mean the same there"), proved("operands", "what is returned does not take it"),
			assumed("bound", "the token is wanted back on this path too", exit),
		},
		Steps: []Step{Insert{At: Place{Before: place.Stmt}, Code: Code{Text: "_1_", Args: []ast.Expr{release}}}},
	}, nil
}

// rootIdent is the variable that a path of fields starts at; nil where it runs
// through more than fields.
func rootIdent(e ast.Expr) *ast.Ident {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		default:
			return nil
		}
	}
}

func usesObject(info *types.Info, n ast.Node, obj types.Object) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		id, ok := m.(*ast.Ident)
		found = found || ok && info.Uses[id] == obj
		return !found
	})
	return found
}

// copyToken lets the copy of a value have its token too.
//
//	T{id: m.id, body: b}  =>  T{id: m.id, body: b, release: m.release}
//
// so long as
//
//   - the value is one variable, which the literal reads already, and nobody takes
//     its token (operands);
//   - no comment stands in the literal, which is written anew (region);
//   - whoever gets the copy releases it, as others of its type (bound, assumed).
func copyToken(f *hazard.Fault) (*Plan, *Refusal) {
	lit, from := f.Spots[0].(*ast.CompositeLit), f.Spots[1].(*ast.Ident)
	file := f.Pkg.Src.File(lit.Pos())
	for _, group := range file.Syntax.Comments {
		if lit.Pos() < group.Pos() && group.End() < lit.End() {
			return nil, &Refusal{Strategy: "copy the token", Obligation: refuted("region", "a comment stands in the literal", lit)}
		}
	}
	field := strings.TrimPrefix(f.Resource, from.Name+".")
	fset := f.Pkg.Src.Fset
	sep, end := ", ", ""
	if fset.Position(lit.Lbrace).Line != fset.Position(lit.Rbrace).Line {
		sep, end = ",\n", ",\n"
	}
	var args []ast.Expr
	var parts []string
	for _, elt := range lit.Elts {
		kv := elt.(*ast.KeyValueExpr)
		args = append(args, kv.Value)
		parts = append(parts, fmt.Sprintf("%s: _%d_", kv.Key.(*ast.Ident).Name, len(args)))
	}
	args = append(args, from)
	parts = append(parts, fmt.Sprintf("%s: _%d_.%s", field, len(args), field))
	args = append(args, lit.Type)
	open := "{"
	if end != "" {
		open = "{\n"
	}
	return &Plan{
		Strategy: "copy the token", Title: "copy " + f.Resource + " too", Decl: f.Pkg.Uses.Decl(lit),
		Obligations: []Obligation{
			proved("operands", from.Name+" is read there already, and nobody takes its token"), proved("region", "the literal is written anew, without a comment in it"),
			assumed("bound", "whoever gets the copy releases it", lit),
		},
		Steps: []Step{Replace{Old: lit, Code: Code{Text: fmt.Sprintf("_%d_", len(args)) + open + strings.Join(parts, sep) + end + "}", Args: args}}},
	}, nil
}
