package splice

import (
	"reflect"
	"slices"
	"strings"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"
)

// comments returns the comments within a node, but not those at its start and
// end, in the order of the source.
func (t *tree) comments(root dst.Node) []string {
	var found []string
	dst.Inspect(root, func(n dst.Node) bool {
		if n == nil {
			return false
		}
		_, _, points := dstutil.Decorations(n)
		for _, p := range points {
			if n != root || p.Name != "Start" && p.Name != "End" {
				found = append(found, texts(p.Decs)...)
			}
		}
		return true
	})
	// The points of a node lie between its children; the source knows how.
	if len(found) < 2 {
		return found
	}
	var ordered []string
	for _, group := range t.ast.Comments {
		for _, c := range group.List {
			if i := slices.Index(found, c.Text); i >= 0 {
				ordered = append(ordered, c.Text)
				found = slices.Delete(found, i, i+1)
			}
		}
	}
	return append(ordered, found...)
}

// lineComments returns all comments on and in lines.
func (t *tree) lineComments(lines []line) []string {
	var out []string
	for _, ln := range lines {
		out = append(out, ln.pre...)
		if ln.stmt != nil {
			out = append(out, t.comments(ln.stmt)...)
		}
		out = append(out, ln.post...)
	}
	return out
}

// texts returns the comments among decorations.
func texts(decs dst.Decorations) []string {
	return slices.DeleteFunc(slices.Clone(decs), func(s string) bool { return s == "\n" })
}

func anyLineComment(comments []string) bool {
	return slices.ContainsFunc(comments, func(s string) bool { return strings.HasPrefix(s, "//") })
}

// bare returns a copy of an expression without comments.
func bare(e dst.Expr) dst.Expr {
	e = dst.Clone(e).(dst.Expr)
	dst.Inspect(e, func(n dst.Node) bool {
		if n != nil {
			clearDecorations(reflect.ValueOf(n).Elem().FieldByName("Decs"))
		}
		return n != nil
	})
	return e
}

var decorationsType = reflect.TypeFor[dst.Decorations]()

// clearDecorations empties the comments at all points of a node: each type of
// node has its own struct of them.
func clearDecorations(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); {
		case f.Type() == decorationsType:
			f.SetZero()
		case f.Kind() == reflect.Struct:
			clearDecorations(f)
		}
	}
}
