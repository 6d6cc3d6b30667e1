package lockset

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/rewrite/internal/check"
)

// What nobody wrote by hand ends with a reason, not with the patience of whoever
// waits. A long function is no excess, and neither is a table of data.
func TestExcess(t *testing.T) {
	repeat := func(n int, line string) string { return strings.Repeat(line, n) }
	for _, tt := range []struct{ claim, src, want string }{
		{"a function of 50,000 lines", "var mu sync.Mutex\nfunc f(n int) {\n" + repeat(25_000, "n++\nn--\n") + "}", ""},
		{"a section in each of 2,000 blocks", "var mu sync.Mutex\nfunc f(n int) {\n" + repeat(2_000, "if n > 3 {\nmu.Lock()\nn++\nmu.Unlock()\n}\n") + "}", "critical sections"},
		{"a large table", "var table = []int{\n" + repeat(600_000, "1 + 1,\n") + "}", ""},
		{"more than can be read", "func f(n int) {\n" + repeat(600_000, "n++\n") + "}", "nodes of syntax"},
		{"blocks in blocks", "func f(n int) {\n" + repeat(300, "if n > 3 {\n") + repeat(300, "}\n") + "}", "nested 301 deep"},
		{"locks that each branch may take", "var mu [300]sync.Mutex\nfunc f(n int) {\nfor {\n" + branches(300) + "}\n}", ""},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			p := check.Package(t, tt.src)
			decls := p.Files[0].Syntax.Decls
			start := time.Now()
			_, excess := Analyze(tiny(p), decls[len(decls)-1])
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
			got := ""
			if excess != nil {
				got = excess.What
			}
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func branches(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "if n == %d {\nmu[%d].Lock()\n}\n", i, i)
	}
	return b.String()
}
