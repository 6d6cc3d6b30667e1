package summary_test

import (
	"go/ast"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

func TestWhatAFunctionDoesItself(t *testing.T) {
	const around = `
type s struct { ch chan int; fixed, count int; call func() }
func newS(call func()) *s { return &s{ch: make(chan int), fixed: 1, call: call} }
func (x *s) more() { x.count++ }
func (x *s) f(n int) {
`
	for _, test := range []struct{ claim, body, want string }{
		{"it sends what cannot change", "x.ch <- x.fixed", "send, quiet"},
		{"it calls what is known", "x.more()", "call, quiet"},
		{"it sends and calls in this order", "x.ch <- 1; x.more(); x.ch <- 2", "send, call, send, quiet"},
		{"it sends what changes", "x.ch <- x.count", "send"},
		{"it closes", "close(x.ch)", "call"},
		{"it runs foreign code", "x.call()", ""},
		{"it computes", "if n > x.fixed { return }", "quiet"},
		{"it assigns", "n = 1", ""},
		{"it counts", "n++", ""},
		{"it defers", "defer x.more()", "call"},
		{"it starts a goroutine", "go x.more()", "call"},
		{"it selects", "select { case x.ch <- 1: default: }", "send"},
		{"nothing", "", "quiet"},
	} {
		p := summary.Analyze(check.Package(t, around+test.body+"\n}"), nil)
		var got []string
		for fn := range p.Funcs {
			if fn.Name() == "f" {
				got = spellDeeds(p.Deeds(fn))
			}
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: %q, want %q", test.claim, got, test.want)
		}
	}
}

func spellDeeds(d *summary.Deeds) (out []string) {
	for _, n := range d.List {
		if _, ok := n.(*ast.SendStmt); ok {
			out = append(out, "send")
		} else {
			out = append(out, "call")
		}
	}
	if d.Quiet {
		out = append(out, "quiet")
	}
	return out
}
