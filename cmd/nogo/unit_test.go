package nogo

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/objectpath"
)

// A unit is what a build system tells a checker of one package: everything comes
// from files. This one is as poor as that of nogo: no module, no file versions, no
// function to read files with.
type unit struct {
	Path    string
	Files   []string
	Imports map[string]string // by import path as written
	Export  map[string]string // files of export data, by package path
	Facts   map[string]string // files of facts, of direct imports, by package path
	Out     string            // where facts go
	Flags   map[string]string
}

// A fact is one in a file. Those of imports are passed on, as an importer is told
// the facts of its direct imports only.
type fact struct {
	Package string
	Object  objectpath.Path
	Fact    analysis.Fact
}

// main checks the unit that a file describes, and prints what nogo would.
func main(file string) error {
	var u unit
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &u)
	}
	if err != nil {
		return err
	}
	for name, value := range u.Flags {
		if err := Analyzer.Flags.Set(name, value); err != nil {
			return err
		}
	}
	for _, f := range Analyzer.FactTypes {
		gob.Register(f)
	}
	c := checker{unit: u, fset: token.NewFileSet(), known: map[string]*types.Package{}, facts: map[types.Object]analysis.Fact{}}
	c.gc = importer.ForCompiler(c.fset, "gc", c.open)
	if err := c.check(); err != nil {
		return err
	}
	return c.write()
}

type checker struct {
	unit
	fset  *token.FileSet
	gc    types.Importer
	pkg   *types.Package
	known map[string]*types.Package // that the package is made of, itself aside
	facts map[types.Object]analysis.Fact
}

// Import reads a package from export data.
func (c *checker) Import(path string) (*types.Package, error) {
	if mapped, ok := c.Imports[path]; ok {
		path = mapped
	}
	return c.gc.Import(path)
}

func (c *checker) open(path string) (io.ReadCloser, error) { return os.Open(c.Export[path]) }

// know takes down a package and what it imports.
func (c *checker) know(pkg *types.Package) {
	for _, imp := range pkg.Imports() {
		if c.known[imp.Path()] == nil {
			c.known[imp.Path()] = imp
			c.know(imp)
		}
	}
}

func (c *checker) check() error {
	var files []*ast.File
	for _, name := range c.Files {
		f, err := parser.ParseFile(c.fset, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{},
	}
	sizes := types.SizesFor("gc", "amd64")
	var err error
	if c.pkg, err = (&types.Config{Importer: c, Sizes: sizes}).Check(c.Path, c.fset, files, info); err != nil {
		return err
	}
	c.know(c.pkg)
	for _, imp := range c.pkg.Imports() {
		if err := c.read(imp.Path()); err != nil {
			return err
		}
	}
	_, err = Analyzer.Run(&analysis.Pass{
		Analyzer: Analyzer, Fset: c.fset, Files: files, Pkg: c.pkg, TypesInfo: info, TypesSizes: sizes,
		Report: func(d analysis.Diagnostic) {
			fmt.Printf("%s: %s (%s)\n", c.fset.Position(d.Pos), d.Message, Analyzer.Name)
		},
		ImportObjectFact: c.importFact,
		ExportObjectFact: func(obj types.Object, f analysis.Fact) { c.facts[obj] = f },
	})
	return err
}

func (c *checker) importFact(obj types.Object, into analysis.Fact) bool {
	f, ok := c.facts[obj]
	if !ok {
		return false
	}
	var b bytes.Buffer
	if gob.NewEncoder(&b).Encode(f) != nil || gob.NewDecoder(&b).Decode(into) != nil {
		panic("a fact does not go through gob")
	}
	return true
}

// read takes the facts of a direct import, and those that it passes on.
func (c *checker) read(path string) error {
	file := c.Facts[path]
	if file == "" {
		return nil // the standard library has none
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var list []fact
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(&list); err != nil {
		return err
	}
	for _, f := range list {
		if pkg := c.known[f.Package]; pkg != nil {
			if obj, err := objectpath.Object(pkg, f.Object); err == nil {
				c.facts[obj] = f.Fact
			}
		}
	}
	return nil
}

// write writes all facts of objects that importers can name.
func (c *checker) write() error {
	var list []fact
	var paths objectpath.Encoder
	for obj, f := range c.facts {
		if path, err := paths.For(obj); err == nil {
			list = append(list, fact{obj.Pkg().Path(), path, f})
		}
	}
	slices.SortFunc(list, func(a, b fact) int {
		return strings.Compare(a.Package+" "+string(a.Object), b.Package+" "+string(b.Object))
	})
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(list); err != nil {
		return err
	}
	return os.WriteFile(c.Out, b.Bytes(), 0o666)
}
