package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// check makes a package of one file; what it imports is stubbed.
func check(t *testing.T, src string) (*Package, *File) {
	t.Helper()
	p := Check(token.NewFileSet(), Config{Path: "p", Bodies: true, Importer: stubImporter{}},
		[]Input{{Name: "p.go", Content: []byte(src)}, {Name: "q.go", Content: []byte("package p\n\nfunc elsewhere() {}\n")}})
	for _, err := range p.Errors {
		t.Fatal(err)
	}
	return p, p.Files[0]
}

type stubImporter struct{}

func (stubImporter) Import(path string) (*types.Package, error) { return stub(path, stubs[path]) }

// at returns the place of a marker comment.
func at(t *testing.T, p *Package, f *File, marker string) token.Pos {
	t.Helper()
	i := strings.Index(string(f.Content), marker)
	if i < 0 {
		t.Fatalf("no %q", marker)
	}
	return p.Fset.File(f.Syntax.FileStart).Pos(i)
}

func TestImportName(t *testing.T) {
	for _, test := range []struct {
		claim, src, want string
		needs            bool
	}{
		{"nothing in the way", "package p\nfunc f() { /*at*/ }\n", "slices", true},
		{"imported already", "package p\nimport \"slices\"\nvar _ = slices.Clone[[]int]\nfunc f() { /*at*/ }\n", "slices", false},
		{"imported under another name", "package p\nimport s \"slices\"\nvar _ = s.Clone[[]int]\nfunc f() { /*at*/ }\n", "s", false},
		{"a blank import does not serve", "package p\nimport _ \"slices\"\nfunc f() { /*at*/ }\n", "slices", true},
		{"imported but shadowed here", "package p\nimport \"slices\"\nvar _ = slices.Clone[[]int]\nfunc f(slices int) { /*at*/ }\n", "slices2", true},
		{"imported and shadowed elsewhere", "package p\nimport \"slices\"\nvar _ = slices.Clone[[]int]\nfunc f() { /*at*/ }\nfunc g(slices int) {}\n", "slices", false},
		{"declared in another function", "package p\nfunc f() { /*at*/ }\nfunc g(slices, slices2 int) {}\n", "slices3", true},
		{"a field does not matter", "package p\ntype T struct{ slices int }\nfunc f(t T) { _ = t.slices /*at*/ }\n", "slices", true},
		{"another package goes by the name", "package p\nimport slices \"maps\"\nvar _ = slices.Clone[map[int]int]\nfunc f() { /*at*/ }\n", "slices2", true},
	} {
		t.Run(test.claim, func(t *testing.T) {
			p, f := check(t, test.src)
			name, needs := ImportName(p, f, "slices", at(t, p, f, "/*at*/"))
			if name != test.want || needs != test.needs {
				t.Errorf("got %s, %v; want %s, %v", name, needs, test.want, test.needs)
			}
		})
	}
}

func TestFreshName(t *testing.T) {
	const src = `package p

import "slices"

var global = slices.Clone([]int{})

type T struct{ waiters, conns []int }

func (t *T) method() {}

func f(t *T, param int) {
	_ = t.conns
	t.method()
	{
		inner := 1
		_ = inner
	}
	func() {
		later := global
		_ = later
	}()
}

func g() { other := 1; _ = other }
`
	p, f := check(t, src)
	var fn *ast.FuncDecl
	for _, d := range f.Syntax.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == "f" {
			fn = d
		}
	}
	for _, test := range []struct{ claim, base, want string }{
		{"free", "waiters", "waiters"},
		{"a field is no obstacle", "conns", "conns"},
		{"a method is none", "method", "method"},
		{"a variable of another function is none", "other", "other"},
		{"a parameter", "param", "param2"},
		{"an inner variable", "inner", "inner2"},
		{"a later variable", "later", "later2"},
		{"a package-level name", "global", "global2"},
		{"one of another file", "elsewhere", "elsewhere2"},
		{"an import", "slices", "slices2"},
		{"a builtin", "len", "len2"},
		{"a keyword", "range", "range2"},
		{"given out already", "taken", "taken2"},
		{"exported", "Waiters", "waiters"},
		{"an initialism", "HTTPConns", "httpConns"},
		{"nothing but an initialism", "URL", "url"},
		{"a name like one letter and a word", "AConn", "aConn"},
		{"not a name", "x.y", "v"},
		{"blank", "_", "v"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			for _, n := range []ast.Node{fn, fn.Body} {
				if got := FreshName(p, f, n, test.base, map[string]bool{"taken": true}); got != test.want {
					t.Errorf("%T: got %s, want %s", n, got, test.want)
				}
			}
		})
	}
}
