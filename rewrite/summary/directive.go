package summary

import (
	"go/ast"
	"go/types"
	"strings"
)

// Directive reports whether the declaration of a variable or field of this
// package carries a comment //lockfix:TEXT, above it or on its line.
func (p *Package) Directive(obj types.Object, text string) bool {
	f := p.Src.File(obj.Pos())
	if f == nil {
		return false
	}
	line := p.Src.Position(obj.Pos()).Line
	for _, g := range f.Syntax.Comments {
		for _, c := range g.List {
			rest, ok := strings.CutPrefix(c.Text, "//lockfix:")
			if !ok || !isWord(rest, text) {
				continue
			}
			if at := p.Src.Position(c.Pos()).Line; at == line || p.ends(g, line-1) {
				return true
			}
		}
	}
	return false
}

// ends reports whether a comment group ends on a line.
func (p *Package) ends(g *ast.CommentGroup, line int) bool {
	return p.Src.Position(g.End()).Line == line
}

// isWord: the text, and then nothing or a remark.
func isWord(s, text string) bool {
	rest, ok := strings.CutPrefix(s, text)
	return ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}
