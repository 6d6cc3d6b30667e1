package source

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestHollow has what is to be blanked between angle brackets.
func TestHollow(t *testing.T) {
	for _, marked := range []string{
		"func f() {« g() »}",
		"func f() {«\n\tg()\n»}\nx = T{1}",
		"func asm(x int) int\nx = T{1}",
		"func (t *T[K]) m() struct{ a int } {« x »}",
		"func f(x interface{ M() }) map[K]struct{} {«x»}",
		"func f[T interface{ ~int }](x ...T) func() {«x»}",
		"func f() struct /* { */ {a int} {«x»}",
		"func f() struct\n{a int} {x}",
		"var m = map[string]func(){«\"a\": g»}",
		"var v =\nfunc() int {« return 1 »}()",
		"var x = T{«1»}\nvar y, z = &T[K]{«\n\tT{1}, // }\n»}, []T{«2»}",
		"var (\nf = T{«1»}\ng = func() {« x »}\n)\ntype s struct{ a int }",
		"var f func(struct{ a [2]int }) interface{ m() } = func(struct{ a [2]int }) interface{ m() } {« x »}",
		"var s = struct{ a map[K]struct{} }{«nil»}\nvar t = map[K]struct{}{«k: {}»}",
		"var a = [...]T{1, {«2»}, 5: T{«3»}, f(T{«4»}, g...)}, b = T{«5»}",
		"var a = [...]T{1}\nvar b = [...]T{}\nvar c = []T{«1»}",
		"var a = [...]T{\n0,\n1,\n2,\n3,\n4,\n5,\n6,\n7,\n8,\n9,\n10}",
		"var f = func(x ...T) { x }\nvar g = T{«1»}",
		"var f = x +\nT{1}\nvar g = T{«1»}",
		"var x T; func f() {« x »}; var y = T{«1»}; const z = len([2]int{1, 2})",
		"type F func()\ntype S struct{ a int }",
		"func f() {« a := \"}\"; b := '}'; c := `\n}` »}",
		"func f() {« a := '\\''; b := \"\\\"}\" »}",
		"func f() {« // }\n/* } */ x / y »}",
		"func f() { x",
		"func f() { \"x\n }",
		"func asm() /*\n*/ x = T{1}",
		"func f() /* says */ int {« x »}",
		"",
	} {
		var in, want strings.Builder
		body := false
		for _, r := range marked {
			switch {
			case r == '«' || r == '»':
				body = r == '«'
				continue
			case body && r != '\n':
				want.WriteByte(' ')
			default:
				want.WriteRune(r)
			}
			in.WriteRune(r)
		}
		if got := string(hollow([]byte(in.String()))); got != want.String() {
			t.Errorf("%q\n%q, want\n%q", in.String(), got, want.String())
		}
	}
}

// TestHollowArrays says what becomes of arrays whose length their elements tell.
func TestHollowArrays(t *testing.T) {
	for in, want := range map[string]string{
		"var a = [...]T{1, 2}":                                                          "var a = [...]T{1: 2}",
		"var a = [ /* { */ ... ]struct{ b int }{{1}, {2},}":                             "var a = [ /* { */ ... ]struct{ b int }{1:   { },}",
		"var a = [...]func(x [len(T{1})]int){ b, c }":                                   "var a = [...]func(x [len(T{ })]int){1:  c }",
		"var a = [...]T{\n\t'}', g(x, y), //,\n\t\"2, 3\", T(/*,*/x),\n}\nvar b = T{1}": "var a = [...]T{\n3:                \n         T(/*,*/x),\n}\nvar b = T{ }",
		"var a = [...]T{0,1,2,3,4,5,6,7,8,9,10}":                                        "var a = [...]T{10:                 10}",
		"var (\na = [...]T{1, 2}\nb = T{3}\n)":                                          "var (\na = [...]T{1: 2}\nb = T{ }\n)",
	} {
		if got := string(hollow([]byte(in))); got != want {
			t.Errorf("%q\n%q, want\n%q", in, got, want)
		}
		same(t, in, []byte("package p\n"+in))
	}
}

// outline writes down all of a file but the bodies of its functions and what stands in
// literals, except how many elements an array has for that.
func outline(src []byte) (string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", src, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	var write func(n ast.Node) bool
	write = func(n ast.Node) bool {
		if n == nil {
			return true
		}
		fmt.Fprintf(&b, "%T %d %d", n, n.Pos(), n.End())
		switch n := n.(type) {
		case *ast.Ident:
			b.WriteString(" " + n.Name)
		case *ast.BasicLit:
			b.WriteString(" " + n.Value)
		}
		b.WriteByte('\n')
		switch n := n.(type) {
		case *ast.BlockStmt:
			return n == nil
		case *ast.CompositeLit:
			if n.Type != nil {
				ast.Inspect(n.Type, write)
			}
			if a, ok := n.Type.(*ast.ArrayType); ok {
				if _, ok := a.Len.(*ast.Ellipsis); ok {
					fmt.Fprintln(&b, length(n))
				}
			}
			return false
		}
		return true
	}
	for _, d := range f.Decls {
		ast.Inspect(d, write)
	}
	fmt.Fprint(&b, fset.File(f.FileStart).Lines())
	return b.String(), nil
}

// length writes down what decides how long an array is.
func length(n *ast.CompositeLit) string {
	i, most, keys := int64(0), int64(0), ""
	for _, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if lit, ok := kv.Key.(*ast.BasicLit); ok && lit.Kind == token.INT {
				i, _ = strconv.ParseInt(lit.Value, 0, 64)
			} else {
				keys += types.ExprString(kv.Key) + fmt.Sprintf(" %d,", i)
			}
		}
		i++
		most = max(most, i)
	}
	return fmt.Sprintf("%s %d", keys, most)
}

// same holds the law: where a file can be parsed, it can be without the bodies of
// its functions, and every declaration is where it was.
func same(t *testing.T, name string, src []byte) (hollowed bool) {
	t.Helper()
	want, err := outline(src)
	if err != nil {
		return false
	}
	empty := hollow(src)
	got, err := outline(empty)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	} else if got != want {
		t.Errorf("%s: the declarations are others:\n%s", name, empty)
	}
	return string(empty) != string(src)
}

// TestHollowKeepsDeclarations holds the law on the standard library.
func TestHollowKeepsDeclarations(t *testing.T) {
	hollowed := 0
	for _, dir := range []string{"runtime", "net/http", "reflect", "syscall", "go/types", "encoding/json", "crypto/tls", "internal/trace", "text/template", "cmd/compile/internal/ssa"} {
		root := filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(dir))
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
				return err
			}
			src, err := os.ReadFile(path)
			if err == nil && len(src) < 1<<20 && same(t, path, src) {
				hollowed++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if hollowed < 1000 {
		t.Errorf("only %d files have become shorter", hollowed)
	}
}

// TestHollowKeepsTypes holds the law that whatever a package declares has the type that
// it has with all its code.
func TestHollowKeepsTypes(t *testing.T) {
	objects, fset := 0, token.NewFileSet()
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil), IgnoreFuncBodies: true, FakeImportC: true, Error: func(err error) { t.Error(err) }}
	for _, dir := range []string{"unicode", "html", "syscall", "runtime", "go/types", "time", "crypto/internal/fips140/nistec", "encoding/json", "mime", "image/color/palette", "text/template/parse", "strconv"} {
		pkg, err := build.Default.ImportDir(filepath.Join(build.Default.GOROOT, "src", filepath.FromSlash(dir)), 0)
		if err != nil {
			t.Fatal(err)
		}
		var scopes [2]*types.Scope
		for i, text := range []func([]byte) []byte{bytes.Clone, hollow} {
			var files []*ast.File
			for _, name := range pkg.GoFiles {
				src, err := os.ReadFile(filepath.Join(pkg.Dir, name))
				if err != nil {
					t.Fatal(err)
				}
				f, err := parser.ParseFile(fset, name, text(src), parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				files = append(files, f)
			}
			checked, _ := conf.Check(dir, fset, files, nil)
			scopes[i] = checked.Scope()
		}
		for _, name := range scopes[0].Names() {
			want, got := scopes[0].Lookup(name), scopes[1].Lookup(name)
			if got == nil || types.ObjectString(got, nil) != types.ObjectString(want, nil) {
				t.Errorf("%s, want %s", got, want)
			}
			objects++
		}
	}
	if objects < 1000 {
		t.Errorf("only %d objects were looked at", objects)
	}
}

func FuzzHollow(f *testing.F) {
	for _, text := range []string{"func f() { x }", "func f() struct{} {\n\"}\"\n}", "var x =\nfunc() {}", "type F func()\nfunc (f F) m() {}", "func f() `{`", "var m = map[K]func(){}", "var a = [...]T{{1}, 4: {2}}", "var (\na = struct{ b int }{1}\n)"} {
		f.Add("package p\n" + text)
	}
	f.Fuzz(func(t *testing.T, src string) { same(t, "fuzz", []byte(src)) })
}
