package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Beside returns a Go file that lies beside those of the package, belongs to it
// (a test, or a file for another platform) and has an identifier called name; ""
// if there is none. Such a file was not looked at: what is true of all uses in the
// package need not be true of those there.
func (p *Package) Beside(name string) string {
	if len(p.Files) == 0 || p.Types == nil {
		return ""
	}
	dir := filepath.Dir(p.Files[0].Name)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "" // an overlay of nothing: there are no files beside it
	}
	for _, e := range entries {
		file := filepath.Join(dir, e.Name())
		if !strings.HasSuffix(file, ".go") || e.IsDir() || slices.ContainsFunc(p.Files, func(f *File) bool { return f.Name == file }) {
			continue
		}
		if uses(file, p.Types.Name(), name) {
			return e.Name()
		}
	}
	return ""
}

// uses reports whether a file of the package called pkg has an identifier called
// name. What does not parse may have.
func uses(file, pkg, name string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return true
	}
	if f.Name.Name != pkg {
		return false
	}
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && id.Name == name
		return !found
	})
	return found
}
