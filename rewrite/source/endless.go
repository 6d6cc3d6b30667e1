package source

import (
	"go/ast"
	"go/types"
)

// endless returns an error for a type of the package that is nothing but itself,
// directly (type t t) or by way of others, and nil where there is none.
//
// Package go/types says so too, but with it does not always come to an end: on
//
//	type t[P any] t[P]
//	var x = t[int]{}
//
// it looks for the underlying type for ever, in memory that grows without bound
// (go 1.26; the go command does not get that far).
func (p *Package) endless() error {
	is := make(map[string][]*ast.Ident) // names that the type of a name may be just another word for
	var names []*ast.Ident
	for _, f := range p.Files {
		for _, decl := range f.Syntax.Decls {
			decl, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range decl.Specs {
				if spec, ok := spec.(*ast.TypeSpec); ok {
					if id := base(spec.Type); id != nil {
						is[spec.Name.Name] = append(is[spec.Name.Name], id)
						names = append(names, spec.Name)
					}
				}
			}
		}
	}
	for _, name := range names {
		seen := make(map[string]bool)
		for work := []*ast.Ident{name}; len(work) > 0; {
			next := is[work[0].Name]
			work = work[1:]
			for _, id := range next {
				if id.Name == name.Name {
					return types.Error{Fset: p.Fset, Pos: name.Pos(), Msg: "invalid recursive type: " + name.Name + " refers to itself"}
				}
				if !seen[id.Name] {
					seen[id.Name] = true
					work = append(work, id)
				}
			}
		}
	}
	return nil
}

// base returns the identifier that a type expression is an instance of, or nil.
func base(x ast.Expr) *ast.Ident {
	for {
		switch t := ast.Unparen(x).(type) {
		case *ast.Ident:
			return t
		case *ast.IndexExpr:
			x = t.X
		case *ast.IndexListExpr:
			x = t.X
		default:
			return nil
		}
	}
}
