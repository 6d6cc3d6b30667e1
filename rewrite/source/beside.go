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
	for _, file := range GoFiles(filepath.Dir(p.Files[0].Name), p.config.Overlay) {
		if slices.ContainsFunc(p.Files, func(f *File) bool { return f.Name == file }) {
			continue
		}
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

// GoFiles lists the Go files of a directory, those that are only in an editor
// included, sorted. A directory that is nowhere has none.
func GoFiles(dir string, overlay map[string][]byte) []string {
	var files []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if !e.IsDir() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	for file := range overlay {
		if filepath.Dir(file) == dir {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return slices.DeleteFunc(slices.Compact(files), func(file string) bool { return !strings.HasSuffix(file, ".go") })
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
