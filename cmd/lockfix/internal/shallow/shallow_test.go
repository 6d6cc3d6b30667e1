package shallow_test

import (
	"bytes"
	"fmt"
	"go/ast"
	sourced "go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/shallow"
)

// A shelf reads export data of packages into two universes, what one imports first.
type shelf struct {
	deep, flat universe // as the library writes it, and as this package does
}

type universe map[string]*types.Package

func newShelf() *shelf {
	return &shelf{universe{"unsafe": types.Unsafe}, universe{"unsafe": types.Unsafe}}
}

// add reads a package and all that it imports.
func (s *shelf) add(t *testing.T, pkg *types.Package) {
	t.Helper()
	if s.flat[pkg.Path()] != nil {
		return
	}
	for _, imp := range pkg.Imports() {
		s.add(t, imp)
	}
	var data bytes.Buffer
	if err := gcexportdata.Write(&data, nil, pkg); err != nil {
		t.Fatal(err)
	}
	s.deep.read(t, &data, pkg.Path())
	refs, err := shallow.Write(&data, pkg)
	if err != nil {
		t.Fatal(err)
	}
	alone := universe{}
	alone.read(t, bytes.NewReader(data.Bytes()), pkg.Path())
	delete(alone, pkg.Path())
	if got := slices.Sorted(maps.Keys(alone)); !slices.Equal(got, refs) {
		t.Errorf("%s refers to %v, listed are %v", pkg.Path(), got, refs)
	}
	known := len(s.flat)
	s.flat.read(t, &data, pkg.Path())
	if len(s.flat) != known+1 {
		t.Errorf("%s refers to what it does not import: %v", pkg.Path(), refs)
	}
}

func (u universe) read(t *testing.T, data io.Reader, path string) {
	t.Helper()
	pkg, err := gcexportdata.Read(data, token.NewFileSet(), u, path)
	if err != nil {
		t.Fatal(err)
	}
	u[path] = pkg
}

// TestReadsTheSame: what is read says of a package and of all that it leads to what deep
// export data says, byte for byte once it is written as such again.
func TestReadsTheSame(t *testing.T) {
	imp := sourced.ForCompiler(token.NewFileSet(), "source", nil)
	s := newShelf()
	for _, path := range []string{"archive/zip", "crypto/tls", "database/sql", "encoding/json", "encoding/xml", "go/types", "html/template", "iter", "log/slog", "maps", "math/big", "net/http", "net/rpc", "os/exec", "reflect", "regexp", "slices", "sync/atomic", "testing/fstest", "unique"} {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		s.add(t, pkg)
	}
	if len(s.flat) < 150 {
		t.Errorf("only %d packages", len(s.flat))
	}
	s.compare(t)
}

func (s *shelf) compare(t *testing.T) {
	t.Helper()
	for path, pkg := range s.flat {
		if path == "unsafe" {
			continue
		}
		if got, want := deep(t, pkg), deep(t, s.deep[path]); !bytes.Equal(got, want) {
			t.Errorf("%s: what is read is not the same: %d bytes, want %d", path, len(got), len(want))
		}
	}
}

func deep(t *testing.T, pkg *types.Package) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := gcexportdata.Write(&out, nil, pkg); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// base is imported by all cases.
const base = `package base

type Count int
type Shape interface{ Area() float64; hidden() }
type Number interface{ ~int | ~float64 }
type Struct struct{ Field int; inner *unexported }
type List[E any] struct{ next *List[E]; value E }
type Pair[K comparable, V any] struct{ Key K; Value V }
type Seq = func(yield func(Count) bool)
type Map[V any] = map[string]V
type unexported struct{ self *unexported }
type Func func(...Count)
func Hidden() *unexported { return nil }
func (l *List[E]) Each(func(E) bool) {}
const Three Count = 3
`

func TestCases(t *testing.T) {
	for _, test := range []struct{ claim, text string }{
		{"a type of another package, behind all kinds of types", `var V struct { A *base.Count; B []base.Struct; C [3]base.Count; D map[base.Count]base.Struct; E <-chan base.Count; F func(base.Count, ...base.Struct) base.Shape }`},
		{"a constant by its kind", `const C = base.Three; const D base.Count = 1 << 40; const S = "s"; const F = 1.5; const I = 1i; const B = true; const Big = 1 << 200`},
		{"the structure of another package's type", `type T base.Struct; type F base.Func`},
		{"the methods of another package's interface", `type T base.Shape; type E interface { base.Shape; More() T }`},
		{"a type that nobody can name", `var H = base.Hidden(); func G() any { return base.Hidden }`},
		{"an instance", `var L base.List[base.Count]; var P *base.Pair[string, base.List[T]]; type T struct { base.List[int] }; type Own[P any] struct{ base.Pair[int, P] }; var O Own[T]`},
		{"an alias of another package", `var S base.Seq; type A = base.Seq; var M base.Map[base.Count]; type B[V any] = base.Map[[]V]; var N B[int]`},
		{"an alias that leads back to itself", `type A = *T; type T struct { a A; b B }; type B = []A; var V A`},
		{"an alias of an own generic type", `type A[P any] = *N[P]; type N[P any] struct { next *N[P]; all []P }; var V A[string]; type W struct { all []A[W] }`},
		{"constraints", `func F[A base.Number, B base.Shape, C ~[]A, D interface{ ~string | base.Count }, E comparable, G base.Count | int, H base.Count, _ any](A, B, C, D, E, G) H { panic(0) }`},
		{"constraints that refer to each other", `type G[A interface{ Of(B) A }, B interface{ Of(A) B; C() G[A, B] }] struct{ a A; b B }; type C[T any] interface { Less(T) bool }; func Sort[T C[T]](...T) {}`},
		{"methods of a generic type", `type G[K comparable, _ any] struct{ m map[K]*G[K, int] }; func (g *G[K, _]) Set(k K, o *base.List[K]) *G[K, base.Count] { return nil }; func (G[_, V]) None(V) {}`},
		{"own types that lead to each other", `type A struct { b *B; f func(C) }; type B []C; type C interface { M(A) B; C2 }; type C2 interface { N() interface{ C2 } }; func (B) M(a A) (c C) { return nil }`},
		{"embedded fields and tags", "type T struct { base.Struct `json:\"x\"`; *U; base.Shape; _ int; _ string }; type U struct{ T2 }; type T2 = struct{ X int }"},
		{"variables without a name of their own type", `var A, B = 1, base.Three; var C = struct { X base.Count; Y struct{} }{}; var D = func(x int, xs ...*base.Struct) (n int, err error) { return }`},
		{"a type of the universe", `var E error; type T interface { error; comparable }; func F[X comparable](any, X) {}; type A = any; type B = error`},
		{"nothing that is exported", `var x base.Count; type y struct{}`},
	} {
		t.Run(test.claim, func(t *testing.T) {
			s := newShelf()
			fset := token.NewFileSet()
			b := check(t, fset, base, nil)
			s.add(t, check(t, fset, "package p\nimport \"base\"\nvar _ base.Count\n"+strings.ReplaceAll(test.text, "; ", "\n"), b))
			s.compare(t)
		})
	}
}

func check(t *testing.T, fset *token.FileSet, text string, imported *types.Package) *types.Package {
	t.Helper()
	f, err := parser.ParseFile(fset, "p.go", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	conf := types.Config{Importer: only{imported}}
	pkg, err := conf.Check(f.Name.Name, fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}

type only struct{ pkg *types.Package }

func (o only) Import(string) (*types.Package, error) { return o.pkg, nil }

// TestSaysNothingOfOthers: a change of another package that leaves the names as they are
// changes no byte, and its declarations take no room.
func TestSaysNothingOfOthers(t *testing.T) {
	var texts [2][]byte
	for i, text := range []string{base, strings.NewReplacer("{ Field int;", "{ Field, Other string;", "yield func(Count)", "stop func(Count)", "~int |", "").Replace(base)} {
		fset := token.NewFileSet()
		b := check(t, fset, text, nil)
		p := check(t, fset, `package p; import "base"; type T struct { base.Struct; L base.List[int] }; var S base.Seq; func F[N base.Number](N) {}`, b)
		var out bytes.Buffer
		refs, err := shallow.Write(&out, p)
		if err != nil || !slices.Equal(refs, []string{"base"}) {
			t.Fatal(refs, err)
		}
		texts[i] = out.Bytes()
	}
	if !bytes.Equal(texts[0], texts[1]) {
		t.Error("it says more than names")
	}
	if bytes.Contains(texts[0], []byte("Field")) || bytes.Contains(texts[0], []byte("unexported")) {
		t.Error("fields of another package are in it")
	}
}

// TestAliasesWithoutAType: where the type checker makes no types of aliases, they are
// names of types all the same.
func TestAliasesWithoutAType(t *testing.T) {
	pkg := types.NewPackage("p", "p")
	named := types.NewNamed(types.NewTypeName(token.NoPos, pkg, "N", nil), types.Typ[types.Int], nil)
	pkg.Scope().Insert(named.Obj())
	pkg.Scope().Insert(types.NewTypeName(token.NoPos, pkg, "A", named))
	pkg.Scope().Insert(types.NewTypeName(token.NoPos, pkg, "B", types.Typ[types.String]))
	s := newShelf()
	s.add(t, pkg)
	s.compare(t)
	for _, name := range []string{"A", "B"} {
		if a, ok := s.flat["p"].Scope().Lookup(name).(*types.TypeName); !ok || !a.IsAlias() {
			t.Errorf("%s is %v", name, a)
		}
	}
}

// TestNamesThatNobodyFinds: a type that is not what its package declares by its name
// would be read as another one, or as a stub.
func TestNamesThatNobodyFinds(t *testing.T) {
	other := types.NewPackage("other", "other")
	made := func(declare bool) *types.Package {
		obj := types.NewTypeName(token.NoPos, other, "T", nil)
		named := types.NewNamed(obj, types.Typ[types.Int], nil)
		if declare {
			other.Scope().Insert(obj)
		}
		pkg := types.NewPackage("p", "p")
		pkg.Scope().Insert(types.NewVar(token.NoPos, pkg, "V", named))
		return pkg
	}
	if refs, err := shallow.Write(new(bytes.Buffer), made(true)); err != nil || fmt.Sprint(refs) != "[other]" {
		t.Error(refs, err)
	}
	if _, err := shallow.Write(new(bytes.Buffer), made(false)); err == nil || !strings.Contains(err.Error(), "other.T") {
		t.Errorf("error %v", err)
	}
}
