// Package source is one type-checked package, however it was loaded, overlays
// included.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A Package is one type-checked package. It is immutable: an edited package is
// another value, made by [Package.With].
type Package struct {
	Path   string // import path
	Fset   *token.FileSet
	Files  []*File // in the order they were given
	Types  *types.Package
	Info   *types.Info // all maps set, FileVersions included; Scopes has those of files at least. Without bodies, versions and scopes only
	Errors []error     // parse and type errors; no edit is offered while there are any

	config Config
}

// A File is one file of a package.
type File struct {
	Name      string // as the FileSet has it, absolute
	Content   []byte // what was parsed
	Syntax    *ast.File
	GoVersion string // language version of the file, "" unknown: assume old
	ReadOnly  string // why it must not be edited ("generated", "cgo", "vendored", "not of a main module"); "" editable
}

// A Config says how a package is checked.
type Config struct {
	Path      string         // import path
	GoVersion string         // of the module: "go1.24"; "" the newest
	Importer  types.Importer // resolves imports by path as written; vendoring is its business
	Sizes     types.Sizes    // nil: gc on amd64
	Bodies    bool           // check function bodies; without them only types are known, and no comments are kept

	// Overlay has the contents of files that differ from disk, by name: an editor
	// has them open. Those of the package are given to Check with their contents;
	// this is for the files beside it.
	Overlay map[string][]byte

	// Parsed is called with each file that is parsed, by [Package.With] too: whoever
	// keeps the file set may take them out of it again. It may be nil.
	Parsed func(*token.File)
}

// An Input is one file to check. Syntax may be given when it was parsed already
// (with comments, into the same FileSet, from the same content).
type Input struct {
	Name     string
	Content  []byte
	Syntax   *ast.File
	ReadOnly string
}

// maxErrors bounds how many errors a package keeps: the first ones tell.
const maxErrors = 10

// Check parses and type-checks a package. It always returns one: what is wrong
// with it stands in Errors, and what could be understood is there all the same.
func Check(fset *token.FileSet, config Config, inputs []Input) *Package {
	p := &Package{Path: config.Path, Fset: fset, config: config}
	report := func(err error) {
		if len(p.Errors) < maxErrors {
			p.Errors = append(p.Errors, err)
		}
	}
	var syntax []*ast.File
	for _, in := range inputs {
		f := &File{Name: in.Name, Content: in.Content, Syntax: in.Syntax, ReadOnly: in.ReadOnly}
		if f.Syntax == nil {
			text, mode := in.Content, parser.ParseComments|parser.SkipObjectResolution
			if !config.Bodies {
				text, mode = hollow(text), parser.SkipObjectResolution
			}
			var err error
			f.Syntax, err = parser.ParseFile(fset, in.Name, text, mode)
			if err != nil {
				report(err)
			}
			if f.Syntax == nil {
				continue
			}
			if config.Parsed != nil {
				config.Parsed(fset.File(f.Syntax.FileStart))
			}
		}
		if f.ReadOnly == "" {
			f.ReadOnly = readOnly(f.Syntax)
		}
		p.Files = append(p.Files, f)
		syntax = append(syntax, f.Syntax)
	}
	p.Info = newInfo(p.Files, config.Bodies)
	conf := types.Config{
		GoVersion:        config.GoVersion,
		Importer:         config.Importer,
		Sizes:            config.Sizes,
		FakeImportC:      true,
		IgnoreFuncBodies: !config.Bodies,
		Error: func(err error) {
			if !(usesC(p.Files) && followsC(err)) {
				report(err)
			}
		},
	}
	if conf.Sizes == nil {
		conf.Sizes = types.SizesFor("gc", "amd64")
	}
	p.Types = p.check(&conf, syntax, report)
	p.Info.Scopes = make(map[ast.Node]*types.Scope, len(p.Files))
	for _, f := range p.Files {
		f.GoVersion = p.Info.FileVersions[f.Syntax]
		if scope := p.Types.Scope().Innermost(f.Syntax.FileStart); scope != nil {
			p.Info.Scopes[f.Syntax] = scope
		}
	}
	return p
}

// newInfo makes the maps that the type checker fills, in about the size that they
// will have: growing them step by step takes a third of the time of filling them.
// The numbers are bytes of code an entry, as in the standard library; comments, of
// which some packages mostly consist, have none. Scopes are left out: each leads to
// those inside it, and from the package to those of its files.
func newInfo(files []*File, bodies bool) *types.Info {
	if !bodies { // nobody asks for more than the types
		return &types.Info{FileVersions: make(map[*ast.File]string)}
	}
	size := 0
	for _, f := range files {
		size += len(f.Content)
		for _, group := range f.Syntax.Comments {
			size -= int(group.End() - group.Pos())
		}
	}
	return &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue, size/10),
		Instances:    make(map[*ast.Ident]types.Instance),
		Defs:         make(map[*ast.Ident]types.Object, size/64),
		Uses:         make(map[*ast.Ident]types.Object, size/14),
		Implicits:    make(map[ast.Node]types.Object),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection, size/90),
		FileVersions: make(map[*ast.File]string),
	}
}

// check runs the type checker. A fault of it on a damaged program must not cost
// the other packages their report.
func (p *Package) check(conf *types.Config, syntax []*ast.File, report func(error)) (pkg *types.Package) {
	defer func() {
		if r := recover(); r != nil {
			report(fmt.Errorf("type-checking %s: %v", p.Path, r))
			if pkg == nil {
				pkg = types.NewPackage(p.Path, "_")
			}
		}
	}()
	if err := p.endless(); err != nil {
		report(err)
		return types.NewPackage(p.Path, p.Files[0].Syntax.Name.Name)
	}
	pkg, _ = conf.Check(p.Path, p.Fset, syntax, p.Info)
	return pkg
}

// readOnly says what in the file itself forbids editing it.
func readOnly(f *ast.File) string {
	if ast.IsGenerated(f) {
		return "generated"
	}
	if importsC(f) {
		return "cgo"
	}
	return ""
}

func importsC(f *ast.File) bool {
	return slices.ContainsFunc(f.Imports, func(spec *ast.ImportSpec) bool { return spec.Path.Value == `"C"` })
}

// usesC reports whether C code stands in the package: what comes from it has no
// valid type here, in files that do not import "C" themselves too.
func usesC(files []*File) bool {
	return slices.ContainsFunc(files, func(f *File) bool { return importsC(f.Syntax) })
}

// followsC reports whether an error comes from what has no valid type. The type
// checker leaves such out by itself, but for the first error of a package.
func followsC(err error) bool {
	var te types.Error
	return errors.As(err, &te) && (strings.Contains(te.Msg, "invalid type") || strings.Contains(te.Msg, "invalid operand"))
}

// New makes a package of what another driver (go vet, golangci-lint) has
// checked already.
func New(fset *token.FileSet, config Config, pkg *types.Package, info *types.Info, inputs []Input, errs []error) *Package {
	p := &Package{Path: config.Path, Fset: fset, Types: pkg, Info: info, Errors: errs, config: config}
	for _, in := range inputs {
		f := &File{Name: in.Name, Content: in.Content, Syntax: in.Syntax, ReadOnly: in.ReadOnly, GoVersion: info.FileVersions[in.Syntax]}
		if f.ReadOnly == "" {
			f.ReadOnly = readOnly(f.Syntax)
		}
		p.Files = append(p.Files, f)
	}
	return p
}

// With checks the package again with other contents for some of its files, by
// name. Unchanged files keep their syntax; objects are new throughout.
func (p *Package) With(changed map[string][]byte) *Package {
	inputs := make([]Input, len(p.Files))
	for i, f := range p.Files {
		inputs[i] = Input{Name: f.Name, Content: f.Content, Syntax: f.Syntax, ReadOnly: f.ReadOnly}
		if c, ok := changed[f.Name]; ok && !bytes.Equal(c, f.Content) {
			inputs[i].Content, inputs[i].Syntax = c, nil
		}
	}
	config := p.config
	config.Importer = known{p.Types, config.Importer}
	q := Check(p.Fset, config, inputs)
	q.config = p.config
	return q
}

// OnlyBodies reports whether q, which an edit made of p, differs from it in bodies of
// functions, in comments outside of declarations and in imports only: then whatever
// stands elsewhere means the same in both.
func (p *Package) OnlyBodies(q *Package) bool {
	return slices.EqualFunc(p.Files, q.Files, func(a, b *File) bool {
		return a.Syntax == b.Syntax || slices.Equal(p.declarations(a), q.declarations(b))
	})
}

// declarations lists the text of what a file declares, imports and bodies left out.
func (p *Package) declarations(f *File) []string {
	var out []string
	for _, d := range f.Syntax.Decls {
		end := d.End()
		switch d := d.(type) {
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
		case *ast.FuncDecl:
			if d.Body != nil {
				end = d.Body.Lbrace
			}
		}
		out = append(out, string(f.Content[p.Position(d.Pos()).Offset:p.Position(end).Offset]))
	}
	return out
}

// Declarations checks the package again without function bodies: all that its
// importers need, and much smaller.
func (p *Package) Declarations() *Package {
	inputs := make([]Input, len(p.Files))
	for i, f := range p.Files {
		inputs[i] = Input{Name: f.Name, Content: f.Content, Syntax: f.Syntax, ReadOnly: f.ReadOnly}
	}
	config := p.config
	config.Bodies = false
	return Check(p.Fset, config, inputs)
}

// File returns the file that holds pos, nil if none does.
func (p *Package) File(pos token.Pos) *File {
	tf := p.Fset.File(pos)
	if tf == nil {
		return nil
	}
	i := slices.IndexFunc(p.Files, func(f *File) bool { return p.Fset.File(f.Syntax.FileStart) == tf })
	if i < 0 {
		return nil
	}
	return p.Files[i]
}

// Position resolves pos physically: //line directives are ignored, so that a
// place always lies in a file that the loader named.
func (p *Package) Position(pos token.Pos) token.Position {
	return p.Fset.PositionFor(pos, false)
}

// known resolves imports first among those that the package has already, which
// is all that an edit needs except slices and maps.
type known struct {
	pkg  *types.Package
	next types.Importer
}

func (k known) Import(path string) (*types.Package, error) {
	if k.next != nil {
		if p, err := k.next.Import(path); err == nil {
			return p, nil
		}
	}
	if p := find(k.pkg, path, map[*types.Package]bool{}); p != nil {
		return p, nil
	}
	if src, ok := stubs[path]; ok {
		return stub(path, src)
	}
	return nil, errors.New("could not import " + path)
}

// find looks a path up among the transitive imports of pkg.
func find(pkg *types.Package, path string, seen map[*types.Package]bool) *types.Package {
	for _, imp := range pkg.Imports() {
		if imp.Path() == path {
			return imp
		}
	}
	for _, imp := range pkg.Imports() {
		if !seen[imp] {
			seen[imp] = true
			if p := find(imp, path, seen); p != nil {
				return p
			}
		}
	}
	return nil
}

// stubs hold as much of the packages that edits import as edits use. A driver
// that has no export data for them still can check an edit.
var stubs = map[string]string{
	"slices": "package slices\n" +
		"func Clone[S ~[]E, E any](s S) S { return s }\n" +
		"func Collect[E any](seq func(yield func(E) bool)) []E { return nil }\n",
	"maps": "package maps\n" +
		"func Clone[M ~map[K]V, K comparable, V any](m M) M { return m }\n" +
		"func Values[M ~map[K]V, K comparable, V any](m M) func(yield func(V) bool) { return nil }\n" +
		"func Keys[M ~map[K]V, K comparable, V any](m M) func(yield func(K) bool) { return nil }\n",
}

func stub(path, src string) (*types.Package, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path+".go", src, parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("parsing stub of %s: %w", path, err)
	}
	return (&types.Config{}).Check(path, fset, []*ast.File{f}, nil)
}
