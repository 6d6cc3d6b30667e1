package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"
	"unicode"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// ImportName returns a name under which new code at a place of file f can use
// the package that path imports, and whether the import is still to be added.
//
// An import that is there serves if its name is visible at the place; dot and
// blank imports do not. A new one has file scope, so its name is one that
// nothing in the file and nothing at the top of the package is called: the name
// depends on the file only, not on the place.
func ImportName(p *Package, f *File, path string, at token.Pos) (name string, needsImport bool) {
	scope := f.innermost(p, at)
	for _, have := range Imported(p, f, path) {
		if scope == nil {
			return have, false
		}
		_, obj := scope.LookupParent(have, at)
		if pkg, ok := obj.(*types.PkgName); ok && pkg.Imported().Path() == path {
			return have, false
		}
	}
	return NewImportName(p, f, path), true
}

// Imported returns the names under which file f imports path, in source order.
func Imported(p *Package, f *File, path string) []string {
	var names []string
	for _, spec := range f.Syntax.Imports {
		if got, err := strconv.Unquote(spec.Path.Value); err != nil || got != path {
			continue
		}
		name := DefaultName(path)
		if pkg := p.Info.PkgNameOf(spec); pkg != nil {
			name = pkg.Name()
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name != "_" && name != "." {
			names = append(names, name)
		}
	}
	return names
}

// NewImportName returns the name for a new import of path in file f.
func NewImportName(p *Package, f *File, path string) string {
	base := DefaultName(path)
	return number(base, func(name string) bool { return !f.declares(p, name) })
}

// DefaultName guesses the name of the package that path imports, which for the
// standard library is right: the last element that is not a major version.
func DefaultName(p string) string {
	base := path.Base(p)
	if dir := path.Dir(p); dir != "." && majorVersion.MatchString(base) {
		return path.Base(dir)
	}
	return base
}

var majorVersion = pattern.New(`^v[0-9]+$`)

// declares reports whether anything that file f declares, or that its package
// declares at the top, is called name. Other names that an import would shadow
// do not exist: universe and dot imports are looked up last.
func (f *File) declares(p *Package, name string) bool {
	if p.Types != nil && p.Types.Scope().Lookup(name) != nil {
		return true
	}
	for _, spec := range f.Syntax.Imports {
		if spec.Name != nil && spec.Name.Name == name {
			return true
		}
		if pkg := p.Info.PkgNameOf(spec); pkg != nil && pkg.Name() == name {
			return true
		}
		if got, err := strconv.Unquote(spec.Path.Value); err == nil && spec.Name == nil && DefaultName(got) == name {
			return true
		}
	}
	return mentions(p, f.Syntax, name)
}

// innermost returns the scope at a place of the file, nil if it is unknown.
func (f *File) innermost(p *Package, at token.Pos) *types.Scope {
	scope := p.Info.Scopes[f.Syntax]
	if scope == nil {
		return nil
	}
	if inner := scope.Innermost(at); inner != nil {
		return inner
	}
	return scope
}

// FreshName returns a name for a new variable in the function or function body
// fn of file f, made from base: first letter lowered, numbered if need be. The
// name resolves to nothing in and around fn, and nothing in fn is called so,
// neither before nor behind the place: the scopes of go/types alone do not tell
// of a later declaration or of an inner one that would catch a use. It is not in
// taken, where the caller keeps names that it has given out already.
func FreshName(p *Package, f *File, fn ast.Node, base string, taken map[string]bool) string {
	scope := f.innermost(p, fn.Pos())
	return number(Lower(base), func(name string) bool {
		if taken[name] || token.IsKeyword(name) || name == "_" {
			return false
		}
		if types.Universe.Lookup(name) != nil {
			return false
		}
		if scope != nil {
			if _, obj := scope.LookupParent(name, token.NoPos); obj != nil {
				return false
			}
		}
		return !mentions(p, fn, name)
	})
}

// mentions reports whether an identifier below n is called name and is not a
// field or method, which live in other scopes.
func mentions(p *Package, n ast.Node, name string) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name && !Member(p.Info.ObjectOf(id)) {
			found = true
		}
		return !found
	})
	return found
}

// Member reports whether an object is a field or a method, whose names live in
// scopes of their own.
func Member(obj types.Object) bool {
	switch obj := obj.(type) {
	case *types.Var:
		return obj.IsField()
	case *types.Func:
		return obj.Signature().Recv() != nil
	}
	return false
}

// number returns the first of base, base2, base3, ... that is free.
func number(base string, free func(string) bool) string {
	name := base
	for i := 2; !free(name); i++ {
		name = base + strconv.Itoa(i)
	}
	return name
}

// Lower makes a local name of an identifier: "Waiters" => "waiters",
// "HTTPConns" => "httpConns", "URL" => "url". What is no identifier becomes "v".
func Lower(base string) string {
	if !token.IsIdentifier(base) && !token.IsKeyword(base) || strings.Trim(base, "_") == "" {
		return "v"
	}
	r := []rune(base)
	for i := range r {
		if !unicode.IsUpper(r[i]) || i > 0 && i+1 < len(r) && unicode.IsLower(r[i+1]) {
			break
		}
		r[i] = unicode.ToLower(r[i])
	}
	return string(r)
}
