package changed

import (
	"go/ast"
	"go/parser"
	"go/token"
)

// extents returns the lines of the declarations of a file, their doc comments
// included. Those in parentheses count one by one. What does not parse has none.
func extents(text []byte) []span {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	// As the lines of the file, whatever line directives say.
	line := func(pos token.Pos) int { return fset.PositionFor(pos, false).Line }
	var list []span
	add := func(n ast.Node, doc *ast.CommentGroup) {
		s := span{line(n.Pos()), line(n.End())}
		if doc != nil {
			s.first = line(doc.Pos())
		}
		list = append(list, s)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(d, d.Doc)
		case *ast.GenDecl:
			if !d.Lparen.IsValid() {
				add(d, d.Doc)
				continue
			}
			for _, spec := range d.Specs {
				add(spec, docOf(spec))
			}
		}
	}
	return list
}

func docOf(s ast.Spec) *ast.CommentGroup {
	switch s := s.(type) {
	case *ast.ValueSpec:
		return s.Doc
	case *ast.TypeSpec:
		return s.Doc
	}
	return nil
}
