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
	for _, file := range p.beside(filepath.Dir(p.Files[0].Name)) {
		var content any // nil: what is on disk
		if open, ok := p.config.Overlay[file]; ok {
			content = open
		}
		if uses(file, content, p.Types.Name(), name) {
			return filepath.Base(file)
		}
	}
	return ""
}

// beside lists the Go files of a directory that the package does not have, those
// that are only in an editor included.
func (p *Package) beside(dir string) []string {
	var files []string
	entries, _ := os.ReadDir(dir) // a directory that is nowhere has no files
	for _, e := range entries {
		if !e.IsDir() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	for file := range p.config.Overlay {
		if filepath.Dir(file) == dir {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return slices.DeleteFunc(slices.Compact(files), func(file string) bool {
		return !strings.HasSuffix(file, ".go") || slices.ContainsFunc(p.Files, func(f *File) bool { return f.Name == file })
	})
}

// uses reports whether a file of the package called pkg has an identifier called
// name. What does not parse may have.
func uses(file string, content any, pkg, name string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), file, content, parser.SkipObjectResolution)
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
