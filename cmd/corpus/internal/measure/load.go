package measure

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/packages"
)

// A Loaded says how well a file's package loads, found without lockfix so that
// what it reports can be told from what it was able to see.
type Loaded struct {
	Errors int    // of listing, parsing and type-checking, in this package alone
	First  string // the first of them
}

// check loads the package of a file. Old commits miss imports; that makes type
// errors and no failure.
func (p place) check() (Loaded, error) {
	dir := filepath.Join(p.tree, filepath.FromSlash(p.module.Dir))
	file := filepath.Join(p.tree, filepath.FromSlash(p.file))
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir:       dir,
		Env:       append(os.Environ(), p.module.Env...),
		ParseFile: bodiesOnlyIn(filepath.Dir(file)),
	}, p.pattern())
	if err != nil {
		return Loaded{}, fmt.Errorf("load package: %w", err)
	}
	for _, pkg := range pkgs {
		if !slices.Contains(pkg.CompiledGoFiles, file) {
			continue
		}
		l := Loaded{Errors: len(pkg.Errors)}
		if l.Errors > 0 {
			l.First = pkg.Errors[0].Msg
		}
		return l, nil
	}
	return Loaded{}, errNoFile
}

// bodiesOnlyIn makes a parser that forgets the function bodies of all files
// outside a directory: only the types of dependencies matter, and checking their
// bodies would be most of the work.
func bodiesOnlyIn(dir string) func(*token.FileSet, string, []byte) (*ast.File, error) {
	return func(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if f == nil || filepath.Dir(name) == dir {
			return f, err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				fn.Body = nil
			}
		}
		return f, err
	}
}
