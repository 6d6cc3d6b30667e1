package instrument

import (
	"go/importer"
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/source"
)

// TestFile holds what becomes of each operation.
func TestFile(t *testing.T) {
	for _, tt := range []struct{ claim, body, want string }{
		{"a send", "ch <- 1", "simulate.Send(ch)(1)"},
		{"a receive", "v := <-ch; _ = v", "v := simulate.Recv(ch)"},
		{"a receive that says whether it is open", "v, ok := <-ch; _, _ = v, ok", "v, ok := simulate.Recv2(ch)"},
		{"a range over a channel", "for range ch { }", "for range simulate.Range(ch)"},
		{"a range over anything else", "for range []int{1} { }", "for range []int{1}"},
		{"a close", "defer close(ch)", "defer simulate.Close(ch)"},
		{"a select that waits", "select { case v := <-ch: _ = v; case ch <- 2: }", "case v := <-ch:\n\t\tsimulate.Yield()\n\t\t_ = v\n\tcase ch <- 2:\n\t\tsimulate.Yield()\n\tcase <-simulate.Dead():\n\t\tsimulate.Die()"},
		{"a receive inside of a clause", "select { default: <-ch }", "default:\n\t\tsimulate.Yield()\n\t\tsimulate.Recv(ch)"},
		{"a goroutine", "go func() { ch <- 1 }()", "simulate.Start()\n\t\tgo func() {\n\t\t\tdefer simulate.Exit()\n\t\t\tsimulate.Send(ch)(1)"},
		{"a goroutine that may be left", "go func() { daemon(); <-ch }()", "defer simulate.ExitDaemon()"},
		{"a goroutine that is a call", "go give(ch, 1)", "go0_, go1_, go2_ := give, ch, 1"},
		{"a lock", "var mu sync.Mutex; mu.Lock()", "var mu sync.Mutex"},
	} {
		text := "package p\n\nimport \"sync\"\n\nvar _ sync.Mutex\n\nfunc daemon() {}\n\nfunc give(ch chan int, v int) { ch <- v }\n\nfunc f(ch chan int) {\n" + tt.body + "\n}\n"
		fset := token.NewFileSet()
		pkg := source.Check(fset, source.Config{Path: "p", Bodies: true, Importer: importer.ForCompiler(fset, "source", nil)}, []source.Input{{Name: "/p/x.go", Content: []byte(text)}})
		if len(pkg.Errors) > 0 {
			t.Fatalf("%s: %v", tt.claim, pkg.Errors[0])
		}
		out, err := File(pkg, pkg.Files[0], "q", "shim")
		if err != nil {
			t.Fatalf("%s: %v", tt.claim, err)
		}
		for _, want := range []string{"package q", "sync \"shim\"", tt.want} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s: no %q in\n%s", tt.claim, want, out)
			}
		}
	}
}
