package repair

import (
	"go/ast"
	"go/token"
	"slices"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A place is a top-level declaration of a file, by its index.
type place struct {
	file string
	decl int
}

// placesOf returns the declarations that a fix touches, imports left out: what
// fixes do there is merged edit by edit.
func placesOf(src *source.Package, fix *rule.Fix) []place {
	var places []place
	for _, c := range fix.Changes {
		places = append(places, placesIn(src, fileOf(src, c.File), c.Edits)...)
	}
	return places
}

func placesIn(src *source.Package, file *source.File, list []edit.Edit) []place {
	tf := src.Fset.File(file.Syntax.FileStart)
	var places []place
	for i, d := range file.Syntax.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			continue
		}
		start, end := tf.Offset(d.Pos()), tf.Offset(d.End())
		if slices.ContainsFunc(list, func(e edit.Edit) bool { return e.Start <= end && start <= e.End }) {
			places = append(places, place{file.Name, i})
		}
	}
	return places
}
