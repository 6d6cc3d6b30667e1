package splice

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"strings"

	"github.com/lockfix/lockfix/rewrite/source"
)

// A region is where a declaration stands in a text.
type region struct{ lo, hi int }

// locate finds the extent of a declaration: from its keyword, below the doc
// comment, to the end of the comments on its last line. It has its lines to
// itself or is refused.
func locate(p *source.Package, f *source.File, decl ast.Decl, t *text) (region, error) {
	tf := p.Fset.File(f.Syntax.FileStart)
	if tf == nil || tf.Size() != len(f.Content) {
		return region{}, refuse("the file's size is not what was parsed")
	}
	if !owns(f.Syntax, decl) {
		return region{}, refuse("the declaration is not one of this file")
	}
	if decl.End() > f.Syntax.FileEnd || !decl.Pos().IsValid() {
		return region{}, refuse("the declaration has no place in the file")
	}
	at := func(pos token.Pos) int { return t.offset(tf.Offset(pos)) }
	r := region{at(decl.Pos()), at(decl.End())}
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			lo, hi := at(c.Pos()), at(c.End())
			if lo >= r.hi && blankLine(t.lf[r.hi:lo]) && !bytes.Contains(t.lf[lo:hi], []byte("\n")) {
				r.hi = hi
			}
		}
	}
	if !blank(t.lf[lineStart(t.lf, r.lo):r.lo]) || !blank(t.lf[r.hi:lineEnd(t.lf, r.hi)]) {
		return region{}, refuse("the declaration shares a line with something else")
	}
	slice := string(t.lf[r.lo:r.hi])
	if strings.Contains(slice, "\n//line ") || strings.Contains(slice, "/*line ") {
		return region{}, refuse("a //line directive stands in the declaration")
	}
	return r, nil
}

func owns(f *ast.File, decl ast.Decl) bool {
	for _, d := range f.Decls {
		if d == decl {
			return true
		}
	}
	return false
}

// blankLine reports whether text is white space within one line.
func blankLine(text []byte) bool {
	return blank(text) && !bytes.Contains(text, []byte("\n"))
}

// header makes a file of a declaration.
const header = "package p\n\n"

// formatDecl formats a declaration as gofmt does.
func formatDecl(decl []byte) ([]byte, error) {
	out, err := format.Source(append([]byte(header), decl...))
	if err != nil {
		return nil, err
	}
	return cutHeader(out)
}

func cutHeader(file []byte) ([]byte, error) {
	out, ok := bytes.CutPrefix(file, []byte(header))
	if !ok {
		return nil, refuse("printing the declaration moved its first line")
	}
	return bytes.TrimSuffix(out, []byte("\n")), nil
}
