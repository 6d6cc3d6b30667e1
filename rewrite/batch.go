package rewrite

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A Batch gathers fixes of one package that can be applied together: at most one
// to a top-level declaration, and only fixes whose edits merge. Fixes of one
// declaration were each planned on the text as it was, so that together they may
// not be right; one that changes several declarations takes all of them.
//
// That the package type-checks with all of them is for the caller to see.
type Batch struct {
	src   *source.Package
	taken map[place]bool
	edits map[string][]edit.Edit
}

// NewBatch returns an empty batch.
func NewBatch(src *source.Package) *Batch {
	return &Batch{src: src, taken: make(map[place]bool), edits: make(map[string][]edit.Edit)}
}

// Add takes a fix into the batch, and reports whether it could.
func (b *Batch) Add(fix *rule.Fix) bool {
	places := placesOf(b.src, fix)
	if slices.ContainsFunc(places, func(p place) bool { return b.taken[p] }) {
		return false
	}
	all := maps.Clone(b.edits)
	for _, c := range fix.Changes {
		merged, err := edit.Merge(all[c.File], c.Edits)
		if err != nil {
			return false
		}
		all[c.File] = merged
	}
	b.edits = all
	for _, p := range places {
		b.taken[p] = true
	}
	return true
}

// Edits returns the edits of all fixes by file.
func (b *Batch) Edits() map[string][]edit.Edit { return b.edits }

// Texts returns the changed files with all fixes in them.
func (b *Batch) Texts() (map[string][]byte, error) {
	texts := make(map[string][]byte)
	for name, list := range b.edits {
		text, err := edit.Apply(fileNamed(b.src, name).Content, list)
		if err != nil {
			return nil, err
		}
		texts[name] = text
	}
	return texts, nil
}

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
		places = append(places, placesIn(src, fileNamed(src, c.File), c.Edits)...)
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
