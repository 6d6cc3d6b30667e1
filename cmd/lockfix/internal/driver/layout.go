package driver

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/lockfix/lockfix/rewrite/source"
)

// A Place is a position that outlives edits elsewhere: it counts from the
// declaration that it stands in. Line numbers of one package in what is kept of
// another would be wrong after a comment was added above.
type Place struct {
	_ struct{} `cbor:",toarray"`

	Package string // as go list names it
	Decl    string
	Line    int // from that of the declaration
	Column  int
}

// maxColumn bounds the columns that places have, in bytes.
const maxColumn = 255

// A layout says where the declarations of a package stand.
type layout struct {
	_ struct{} `cbor:",toarray"`

	Files []fileLayout

	once   sync.Once
	byName map[string]*fileLayout
}

type fileLayout struct {
	_ struct{} `cbor:",toarray"`

	Name  string // as go list has it: relative to the directory of the package
	Lines int
	Decls []declLayout // by line
}

type declLayout struct {
	_ struct{} `cbor:",toarray"`

	Name string // unique in the package
	Line int
}

// layoutOf draws the layout of a package. Declarations that have no name of their
// own, as init functions, are numbered.
func layoutOf(dir string, src *source.Package) *layout {
	l := new(layout)
	seen := make(map[string]int)
	for _, f := range src.Files {
		name, err := filepath.Rel(dir, f.Name)
		if err != nil {
			name = f.Name
		}
		fl := fileLayout{
			Name:  name,
			Lines: src.Fset.File(f.Syntax.FileStart).LineCount(),
			Decls: make([]declLayout, 0, len(f.Syntax.Decls)),
		}
		for _, d := range f.Syntax.Decls {
			name := declName(d)
			if seen[name]++; seen[name] > 1 {
				name = fmt.Sprintf("%s#%d", name, seen[name])
			}
			fl.Decls = append(fl.Decls, declLayout{Name: name, Line: src.Position(d.Pos()).Line})
		}
		l.Files = append(l.Files, fl)
	}
	return l
}

func declName(d ast.Decl) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && len(d.Recv.List) > 0 {
			return typeName(d.Recv.List[0].Type) + "." + d.Name.Name
		}
		return d.Name.Name
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				return d.Tok.String() + " " + s.Names[0].Name
			case *ast.TypeSpec:
				return d.Tok.String() + " " + s.Name.Name
			}
		}
		return d.Tok.String()
	}
	return ""
}

// typeName is the name in the type of a receiver.
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.ParenExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.IndexListExpr:
		return typeName(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

// file returns the layout of a file by its path.
func (l *layout) file(dir, path string) *fileLayout {
	l.once.Do(func() {
		l.byName = make(map[string]*fileLayout, len(l.Files))
		for i := range l.Files {
			l.byName[l.Files[i].Name] = &l.Files[i]
		}
	})
	if name, ok := strings.CutPrefix(path, dir+string(filepath.Separator)); ok && l.byName[name] != nil {
		return l.byName[name]
	}
	return l.byName[path]
}

// find returns the file and the line of a declaration. Facts name each once: an index
// would cost more than it saves.
func (l *layout) find(decl string) (*fileLayout, int) {
	for i := range l.Files {
		for _, d := range l.Files[i].Decls {
			if d.Name == decl {
				return &l.Files[i], d.Line
			}
		}
	}
	return nil, 0
}

// place puts a line and a column of a file in relation to its declaration.
func (f *fileLayout) place(pkg string, line, column int) Place {
	i, found := slices.BinarySearchFunc(f.Decls, line, func(d declLayout, line int) int { return cmp.Compare(d.Line, line) })
	if !found {
		i--
	}
	if i < 0 {
		return Place{}
	}
	return Place{Package: pkg, Decl: f.Decls[i].Name, Line: line - f.Decls[i].Line, Column: min(column, maxColumn)}
}

// An atlas gives places of other packages positions in a file set, in files that
// have lines of one length, and no text.
type atlas struct {
	fset *token.FileSet
	mu   sync.Mutex
	base map[mapped]token.Pos
	grid []int // offsets of lines, for all files
}

// A mapped is a file as it was at some time: in a session it may grow.
type mapped struct {
	path  string
	lines int
}

func newAtlas(fset *token.FileSet) *atlas {
	return &atlas{fset: fset, base: make(map[mapped]token.Pos)}
}

// pos returns the position of a line and a column of a file with so many lines.
func (a *atlas) pos(path string, lines, line, column int) token.Pos {
	if line < 1 || line > lines {
		return token.NoPos
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	base, ok := a.base[mapped{path, lines}]
	if !ok {
		for len(a.grid) < lines {
			a.grid = append(a.grid, len(a.grid)*(maxColumn+1))
		}
		f := a.fset.AddFile(path, -1, lines*(maxColumn+1))
		f.SetLines(a.grid[:lines:lines])
		base = token.Pos(f.Base())
		a.base[mapped{path, lines}] = base
	}
	return base + token.Pos((line-1)*(maxColumn+1)+column-1)
}

func join(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}
