package source

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHollow has what is to be blanked between angle brackets.
func TestHollow(t *testing.T) {
	for _, marked := range []string{
		"func f() {« g() »}",
		"func f() {«\n\tg()\n»}\nvar x = T{1}",
		"func asm(x int) int\nvar x = T{1}",
		"func (t *T[K]) m() struct{ a int } {« x »}",
		"func f(x interface{ M() }) map[K]struct{} {«x»}",
		"func f[T interface{ ~int }](x ...T) func() {«x»}",
		"func f() struct /* { */ {a int} {«x»}",
		"func f() struct\n{a int} {x}",
		"var m = map[string]func(){\"a\": g}",
		"var v = [...]func(){a, b}",
		"var v =\nfunc() int {« return 1 »}()",
		"var (\nf = T{1}\ng = func() { x }\n)",
		"type F func()\ntype S struct{ a int }",
		"func f() {« a := \"}\"; b := '}'; c := `\n}` »}",
		"func f() {« a := '\\''; b := \"\\\"}\" »}",
		"func f() {« // }\n/* } */ x / y »}",
		"func f() { x",
		"func f() { \"x\n }",
		"func asm() /*\n*/ var x = T{1}",
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

// outline writes down all of a file but the bodies of its functions.
func outline(src []byte) (string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "x.go", src, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, d := range f.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
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
			body, ok := n.(*ast.BlockStmt)
			return !ok || body == nil
		})
	}
	fmt.Fprint(&b, fset.File(f.FileStart).Lines())
	return b.String(), nil
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

func FuzzHollow(f *testing.F) {
	for _, text := range []string{"func f() { x }", "func f() struct{} {\n\"}\"\n}", "var x =\nfunc() {}", "type F func()\nfunc (f F) m() {}", "func f() `{`", "var m = map[K]func(){}"} {
		f.Add("package p\n" + text)
	}
	f.Fuzz(func(t *testing.T, src string) { same(t, "fuzz", []byte(src)) })
}
