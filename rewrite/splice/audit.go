package splice

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/lockfix/lockfix/rewrite/source"
)

// audit holds the result against what is promised of every edit, from the
// bytes alone where that is possible; settled says that white space was moved
// in the neighbours, as gofmt does. What fails here is a mistake of this
// package or of dst, or a text that nobody foresaw; either way the edit is off.
func audit(f *source.File, t *text, changed map[ast.Decl]*declaration, content []byte, settled bool) error {
	out := newText(content)
	before, err := parseAudit(t.lf)
	if err != nil {
		return refuse("the file does not parse: %v", err)
	}
	after, err := parseAudit(out.lf)
	if err != nil {
		return refuse("the result does not parse: %v", err)
	}
	var all log
	become := map[ast.Decl]*declaration{} // by the declaration as parsed afresh
	for i, decl := range f.Syntax.Decls {
		if d := changed[decl]; d != nil {
			become[before.file.Decls[i]] = d
			all.add(&d.tree.log)
		}
	}
	if err := sameBorders(t.orig, content); err != nil {
		return err
	}
	if err := sameNeighbours(before, after, become, settled); err != nil {
		return err
	}
	if err := sameComments(before.comments(), after.comments(), &all); err != nil {
		return err
	}
	for _, decl := range f.Syntax.Decls {
		d := changed[decl]
		if d == nil {
			continue
		}
		if err := sameAnchors(d); err != nil {
			return err
		}
		if err := sameLiterals(d); err != nil {
			return err
		}
	}
	return nil
}

// An audited is a text parsed afresh.
type audited struct {
	text []byte
	fset *token.FileSet
	file *ast.File
	tf   *token.File
}

func parseAudit(text []byte) (*audited, error) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return &audited{text, fset, file, fset.File(file.FileStart)}, nil
}

func (a *audited) comments() []string {
	var out []string
	for _, group := range a.file.Comments {
		for _, c := range group.List {
			out = append(out, trimLines(c.Text))
		}
	}
	return out
}

// slice returns the text of a node.
func (a *audited) slice(n ast.Node) []byte {
	return a.text[a.tf.Offset(n.Pos()):a.tf.Offset(n.End())]
}

// rest returns the declarations that are not imports.
func (a *audited) rest() []ast.Decl {
	var out []ast.Decl
	for _, d := range a.file.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.IMPORT {
			out = append(out, d)
		}
	}
	return out
}

// sameBorders compares what the two files begin and end with, and their line
// endings.
func sameBorders(old, new []byte) error {
	endings := func(b []byte) (crlf, lf bool) {
		n := bytes.Count(b, []byte("\r\n"))
		return n > 0, bytes.Count(b, []byte("\n")) > n
	}
	crlf, lf := endings(old)
	if c, l := endings(new); c && !crlf || l && !lf && crlf {
		return refuse("the result has other line endings")
	}
	if bytes.HasSuffix(old, []byte("\n")) != bytes.HasSuffix(new, []byte("\n")) {
		return refuse("the result ends in another line end")
	}
	directive := []byte("\n//line ")
	if bytes.Count(old, directive) != bytes.Count(new, directive) {
		return refuse("the result has other //line directives")
	}
	return nil
}

// sameNeighbours compares everything outside of the declarations and the
// imports, and the declarations themselves with what was to become of them.
func sameNeighbours(before, after *audited, become map[ast.Decl]*declaration, settled bool) error {
	pos := before.tf.Offset(before.file.Package)
	if !bytes.HasPrefix(after.text, before.text[:pos]) || after.tf.Offset(after.file.Package) != pos {
		return refuse("the head of the file changed")
	}
	olds, news := before.rest(), after.rest()
	more := 0
	for _, d := range become {
		more += d.more
	}
	if len(olds)+more != len(news) {
		return refuse("the file has more or fewer declarations")
	}
	for _, old := range olds {
		first, last := news[0], news[0]
		was, is := before.slice(old), after.slice(first)
		d := become[old]
		if d != nil {
			news = news[d.more:]
			last = news[0]
		}
		news = news[1:]
		switch {
		case d != nil:
			is = after.text[after.tf.Offset(first.Pos()):lineEnd(after.text, after.tf.Offset(last.End()))]
			if got, err := formatDecl(is); err != nil || !bytes.Equal(got, d.changed) {
				return refuse("the declaration did not become what it was to")
			}
		case bytes.Equal(was, is):
		case !settled || squash(was) != squash(is):
			return refuse("another declaration changed")
		}
	}
	return nil
}

// sameLiterals holds that each string of the new declaration is one of the old
// or of the new code: indentation must not have reached into one.
func sameLiterals(d *declaration) error {
	known := map[string]bool{}
	note := func(text []byte) {
		for _, tok := range scan(text) {
			if tok.tok == token.STRING {
				known[tok.lit] = true
			}
		}
	}
	note(d.formatted)
	for _, code := range d.tree.log.code {
		note([]byte(code))
	}
	for _, tok := range scan(d.changed) {
		if tok.tok == token.STRING && !known[tok.lit] {
			return refuse("the string %s changed", tok.lit)
		}
	}
	return nil
}
