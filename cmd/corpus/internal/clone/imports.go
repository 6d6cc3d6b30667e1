package clone

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// importPath is the prefix under which most imports of a tree name a directory of
// that tree: repositories move, and old commits call them by older names.
func importPath(tree, repo string) (string, error) {
	dirs, imports, err := scan(tree)
	if err != nil {
		return "", err
	}
	return mostFrequent(dirs, imports, "github.com/"+repo), nil
}

// scan finds the directories of a tree that hold Go files, and what its packages
// import, how often. What is vendored or test data is none of the tree's.
func scan(tree string) (dirs map[string]bool, imports map[string]int, err error) {
	dirs, imports = make(map[string]bool), make(map[string]int)
	err = filepath.WalkDir(tree, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(tree, name)
		if err != nil {
			return err
		}
		if d.IsDir() && (rel == "Godeps" || d.Name() == "vendor" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.Type().IsRegular() && strings.HasSuffix(name, ".go") {
			dirs[filepath.ToSlash(filepath.Dir(rel))] = true
			for _, p := range importsOf(name) {
				imports[p]++
			}
		}
		return nil
	})
	return dirs, imports, err
}

// mostFrequent picks the best prefix of two or three elements; of equals the
// first by name. Without any, other holds. An import without a rest does not
// vote: every tree with Go files at its root would vote for its dependencies.
func mostFrequent(dirs map[string]bool, imports map[string]int, other string) string {
	votes := make(map[string]int)
	for p, n := range imports {
		parts := strings.Split(p, "/")
		if !strings.Contains(parts[0], ".") {
			continue
		}
		for k := 2; k <= min(3, len(parts)-1); k++ {
			if dirs[path.Join(parts[k:]...)] {
				votes[strings.Join(parts[:k], "/")] += n
			}
		}
	}
	best := other
	for p, n := range votes {
		if n > votes[best] || n == votes[best] && p < best {
			best = p
		}
	}
	return best
}

// importsOf lists what a file imports; nothing where it does not parse.
func importsOf(name string) []string {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		return nil
	}
	var out []string
	for _, spec := range f.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			out = append(out, p)
		}
	}
	return out
}
