package splice

import (
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/source"
)

// An addition is an import that a file is to have.
type addition struct{ name, path string }

// spec writes the import as a line of a group.
func (a addition) spec() string {
	if a.name != "" {
		return "\t" + a.name + " " + strconv.Quote(a.path) + "\n"
	}
	return "\t" + strconv.Quote(a.path) + "\n"
}

// decl writes imports as a declaration.
func decl(adds []addition) string {
	if len(adds) == 1 {
		return "import " + strings.TrimPrefix(adds[0].spec(), "\t")
	}
	var b strings.Builder
	for _, a := range adds {
		b.WriteString(a.spec())
	}
	return "import (\n" + b.String() + ")\n"
}

// importEdits returns the edits of the text that add the imports that the
// plan's code needs and the file does not have, under the names that
// [source.ImportName] gave to whoever wrote the code.
func importEdits(p *source.Package, f *source.File, t *text, parts []fix.Part) ([]edit.Edit, error) {
	var adds []addition
	var paths []string
	for _, part := range parts {
		paths = append(paths, part.Imports...)
	}
	slices.Sort(paths)
	used := qualifiers(parts)
	for _, path := range slices.Compact(paths) {
		if slices.ContainsFunc(source.Imported(p, f, path), func(name string) bool { return used[name] }) {
			continue
		}
		name := source.NewImportName(p, f, path)
		if !used[name] {
			return nil, refuse("the new code does not use package %s by the name %s", path, name)
		}
		if name == source.DefaultName(path) {
			name = ""
		}
		adds = append(adds, addition{name, path})
	}
	if len(adds) == 0 {
		return nil, nil
	}
	h := &head{text: t.lf, file: f.Syntax, at: func(pos token.Pos) int {
		return t.offset(p.Fset.File(f.Syntax.FileStart).Offset(pos))
	}}
	return h.add(adds)
}

// qualifiers returns the names in front of a dot in the plan's code.
func qualifiers(parts []fix.Part) map[string]bool {
	used := map[string]bool{}
	var steps []fix.Step
	for _, part := range parts {
		steps = append(steps, part.Steps...)
	}
	for _, step := range steps {
		var code fix.Code
		switch s := step.(type) {
		case fix.Insert:
			code = s.Code
		case fix.Replace:
			code = s.Code
		case fix.ReplaceStmt:
			code = s.Code
		case fix.Enclose:
			code = s.Code
		}
		toks := scan([]byte(code.Text))
		for i := 1; i < len(toks); i++ {
			if toks[i].tok == token.PERIOD && toks[i-1].tok == token.IDENT {
				used[toks[i-1].lit] = true
			}
		}
	}
	return used
}
