package repair

import (
	"bytes"
	"go/ast"
	"go/token"
	"slices"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/source"
)

// edits are sorted and do not overlap.
type edits []edit.Edit

// merge adds edits if they keep clear of those that are there. The same edit
// twice is one, so that two fixes may add one import.
func (es edits) merge(more []edit.Edit) (edits, bool) {
	merged := slices.Clone(es)
	for _, e := range more {
		if slices.Contains(es, e) {
			continue
		}
		if slices.ContainsFunc(es, func(o edit.Edit) bool { return e.Start <= o.End && o.Start <= e.End }) {
			return nil, false
		}
		merged = append(merged, e)
	}
	slices.SortStableFunc(merged, func(a, b edit.Edit) int { return a.Start - b.Start })
	return merged, true
}

func (es edits) apply(text []byte) []byte {
	var b bytes.Buffer
	end := 0
	for _, e := range es {
		b.Write(text[end:e.Start])
		b.WriteString(e.New)
		end = e.End
	}
	b.Write(text[end:])
	return b.Bytes()
}

// fits reports whether the edits are in range and do not overlap.
func fits(list []edit.Edit, text []byte) bool {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b edit.Edit) int { return a.Start - b.Start })
	end := 0
	for _, e := range sorted {
		if e.Start < end || e.End < e.Start || e.End > len(text) {
			return false
		}
		end = e.End
	}
	return len(list) > 0
}

// A place is a top-level declaration of a file, by its index.
type place struct {
	file string
	decl int
}

// placesOf returns the declarations that edits touch, imports left out: what
// fixes do there is merged edit by edit.
func placesOf(src *source.Package, file *source.File, list []edit.Edit) []place {
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
