// Package touch changes files as a person does who works on them: one that
// nothing depends on, and one that much depends on.
package touch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A Package is what go list says of a package.
type Package struct {
	ImportPath                         string
	Dir                                string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

// List lists the packages of the module in a directory.
func List(ctx context.Context, dir string, env []string) ([]Package, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports,Deps", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the packages of %s (does go build ./... work there?): %w: %s", dir, err, bytes.TrimSpace(stderr.Bytes()))
	}
	var list []Package
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return nil, fmt.Errorf("read what go list says of %s: %w", dir, err)
		}
		list = append(list, p)
	}
}

// Leaf chooses a file of a package that no other one imports, not even for its
// tests: of the largest such package, for that is where people work.
func Leaf(packages []Package) (string, error) {
	imported := make(map[string]bool)
	for _, p := range packages {
		for _, list := range [][]string{p.Imports, p.TestImports, p.XTestImports} {
			for _, path := range list {
				if path != p.ImportPath { // its own tests may
					imported[path] = true
				}
			}
		}
	}
	return best(packages, func(p Package) int {
		if imported[p.ImportPath] {
			return 0
		}
		return 1
	}, "leaf")
}

// Deep chooses a file of the package that most others import, directly or not.
func Deep(packages []Package) (string, error) {
	importers := make(map[string]int)
	for _, p := range packages {
		for _, path := range p.Deps {
			importers[path]++
		}
	}
	return best(packages, func(p Package) int { return importers[p.ImportPath] }, "deep")
}

// best chooses the largest file that a person wrote of the package that scores
// highest: among equals, the one with the largest such file.
func best(packages []Package, score func(Package) int, kind string) (string, error) {
	type choice struct {
		score int
		size  int64
		name  string
	}
	var top choice
	for _, p := range packages {
		c := choice{score: score(p)}
		if c.score < max(top.score, 1) {
			continue
		}
		c.name, c.size = largest(p)
		if c.name != "" && (c.score > top.score || c.size > top.size) {
			top = c
		}
	}
	if top.name == "" {
		return "", fmt.Errorf("no package has a file to touch as the %s one: name one", kind)
	}
	return top.name, nil
}

// largest is the largest file of a package that was not generated.
func largest(p Package) (name string, size int64) {
	for _, f := range slices.Sorted(slices.Values(p.GoFiles)) {
		f = filepath.Join(p.Dir, f)
		if info, err := os.Stat(f); err == nil && info.Size() > size && written(f) {
			name, size = f, info.Size()
		}
	}
	return name, size
}

// written reports whether a person wrote a file.
func written(name string) bool {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
	return err == nil && !ast.IsGenerated(f)
}
