package lockset

import (
	"go/parser"
	"go/types"
	"testing"
)

// TestTextIsExprString: the short way spells what the long one spells.
func TestTextIsExprString(t *testing.T) {
	for _, src := range []string{"x", "x.y", "a.b.c.d", "(a).b", "a[i].b.c", "f().x", "(*p).mu", "&s.mu", "a.b[c.d].e", "m[func() {}]", "x.(T).y"} {
		e, err := parser.ParseExpr(src)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := text(e), types.ExprString(e); got != want {
			t.Errorf("%s: %q, not %q", src, got, want)
		}
	}
}
