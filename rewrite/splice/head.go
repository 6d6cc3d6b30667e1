package splice

import (
	"bytes"
	"go/ast"
	"go/token"
	"strconv"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// A head is the part of a file with its imports.
type head struct {
	text []byte
	file *ast.File
	at   func(token.Pos) int
}

// add adds imports by inserting lines, so that the head need not be formatted
// and keeps its groups, order and comments: into the group that holds the
// standard library if there is one; a lone import becomes a group.
func (h *head) add(adds []addition) ([]edit.Edit, error) {
	var groups, lone []*ast.GenDecl
	var last *ast.GenDecl
	for _, d := range h.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		last = g
		switch {
		case g.Lparen.IsValid() && h.linesOwn(g):
			groups = append(groups, g)
		case !g.Lparen.IsValid() && importPath(g.Specs[0]) != "C" && h.own(g.Pos(), g.End()):
			lone = append(lone, g)
		}
	}
	switch {
	case len(groups) > 0:
		return h.group(groups, adds), nil
	case len(lone) == 1 && last == lone[0]:
		return h.lone(lone[0], adds), nil
	case len(lone) > 1:
		return h.among(lone, adds), nil
	case last != nil:
		return h.behind(last.End(), decl(adds))
	}
	return h.behind(h.file.Name.End(), "\n"+decl(adds))
}

// own reports whether nothing else but comments stands on the lines of a node.
func (h *head) own(pos, end token.Pos) bool {
	lo, hi := h.at(pos), h.at(end)
	if !blank(h.text[lineStart(h.text, lo):lo]) {
		return false
	}
	stop := h.lastLine(hi)
	return stop >= 0
}

// lastLine returns the end of the line that off is in, -1 if more than comments
// stands there or a comment goes on below it.
func (h *head) lastLine(off int) int {
	end := lineEnd(h.text, off)
	for _, tok := range scan(h.text[off:end]) {
		if tok.tok != token.COMMENT || strings.HasPrefix(tok.lit, "/*") && !strings.HasSuffix(tok.lit, "*/") {
			return -1
		}
	}
	return end
}

// linesOwn reports whether the specs of a group stand on lines of their own.
func (h *head) linesOwn(g *ast.GenDecl) bool {
	for _, s := range g.Specs {
		if !h.own(s.Pos(), s.End()) {
			return false
		}
	}
	return len(g.Specs) > 0 && h.own(g.Rparen, g.Rparen+1)
}

// behind inserts a declaration below the line that ends with a node.
func (h *head) behind(end token.Pos, decl string) ([]edit.Edit, error) {
	off := h.lastLine(h.at(end))
	if off < 0 {
		return nil, refuse("something else stands on the line of the package clause or of the imports")
	}
	if off > 0 && h.text[off-1] != '\n' {
		decl = "\n" + decl
	}
	if next := h.text[off:lineEnd(h.text, off)]; len(next) > 0 && !blank(next) {
		decl += "\n"
	}
	return []edit.Edit{{Start: off, End: off, New: decl}}, nil
}

// lone makes a group of a single import. Its comments stay with it.
func (h *head) lone(g *ast.GenDecl, adds []addition) []edit.Edit {
	spec := g.Specs[0].(*ast.ImportSpec)
	from, off := lineStart(h.text, h.at(g.Pos())), h.at(spec.Pos())
	end := h.lastLine(h.at(g.End()))
	line := "\t" + strings.TrimSuffix(string(h.text[off:end]), "\n") + "\n"
	between := string(bytes.TrimSpace(h.text[h.at(g.Pos())+len("import") : off]))
	if between != "" {
		line = "\t" + between + " " + strings.TrimPrefix(line, "\t")
	}
	var b strings.Builder
	b.WriteString("import (\n")
	foreign := !standard(importPath(spec))
	put := false
	for _, a := range adds {
		if !put && !foreign && a.path > importPath(spec) {
			b.WriteString(line)
			put = true
		}
		b.WriteString(a.spec())
	}
	if !put {
		if foreign {
			b.WriteString("\n")
		}
		b.WriteString(line)
	}
	b.WriteString(")")
	if end > 0 && h.text[end-1] == '\n' {
		b.WriteString("\n")
	}
	return []edit.Edit{{Start: from, End: end, New: b.String()}}
}

// among inserts imports among others that stand one a line.
func (h *head) among(lone []*ast.GenDecl, adds []addition) []edit.Edit {
	var edits []edit.Edit
	for _, a := range adds {
		off := h.lastLine(h.at(lone[len(lone)-1].End()))
		for _, g := range lone {
			if g.Doc == nil && importPath(g.Specs[0]) > a.path {
				off = lineStart(h.text, h.at(g.Pos()))
				break
			}
		}
		edits = insertLine(edits, off, decl([]addition{a}))
	}
	return edits
}

// group inserts lines into the group, or the part of one, that holds most of
// the standard library.
func (h *head) group(groups []*ast.GenDecl, adds []addition) []edit.Edit {
	var best []*ast.ImportSpec
	most := 0
	for _, g := range groups {
		for _, run := range h.runs(g) {
			n := 0
			for _, s := range run {
				if standard(importPath(s)) && !isBlank(s) {
					n++
				}
			}
			if n > most {
				best, most = run, n
			}
		}
	}
	if most > 0 {
		return h.intoRun(best, adds)
	}
	// No standard library yet: a run of its own, on top.
	off := h.top(groups[0].Specs[0].(*ast.ImportSpec))
	var b strings.Builder
	for _, a := range adds {
		b.WriteString(a.spec())
	}
	b.WriteString("\n")
	return []edit.Edit{{Start: off, End: off, New: b.String()}}
}

// runs splits the specs of a group at blank lines.
func (h *head) runs(g *ast.GenDecl) [][]*ast.ImportSpec {
	var runs [][]*ast.ImportSpec
	end := -1
	for _, s := range g.Specs {
		spec := s.(*ast.ImportSpec)
		if top := h.top(spec); top == end {
			runs[len(runs)-1] = append(runs[len(runs)-1], spec)
		} else {
			runs = append(runs, []*ast.ImportSpec{spec})
		}
		end = h.lastLine(h.at(spec.End()))
	}
	return runs
}

// intoRun inserts lines into a run, each above the first path that is greater.
func (h *head) intoRun(run []*ast.ImportSpec, adds []addition) []edit.Edit {
	var edits []edit.Edit
	for _, a := range adds {
		off := h.lastLine(h.at(run[len(run)-1].End()))
		for _, s := range run {
			if importPath(s) > a.path {
				off = h.top(s)
				break
			}
		}
		edits = insertLine(edits, off, a.spec())
	}
	return edits
}

// insertLine adds a line to edits that insert others, in order or at one point.
func insertLine(edits []edit.Edit, off int, line string) []edit.Edit {
	if n := len(edits); n > 0 && edits[n-1].Start >= off {
		edits[n-1].New += line
		return edits
	}
	return append(edits, edit.Edit{Start: off, End: off, New: line})
}

// top returns the start of the lines of a spec, its doc comment included.
func (h *head) top(spec *ast.ImportSpec) int {
	pos := spec.Pos()
	if spec.Doc != nil {
		pos = spec.Doc.Pos()
	}
	return lineStart(h.text, h.at(pos))
}

func importPath(s ast.Spec) string {
	path, _ := strconv.Unquote(s.(*ast.ImportSpec).Path.Value)
	return path
}

// standard guesses whether a path is of the standard library: its first
// element has no dot.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return path != "C" && !strings.Contains(first, ".")
}

func isBlank(s *ast.ImportSpec) bool { return s.Name != nil && s.Name.Name == "_" }
