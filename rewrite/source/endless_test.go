package source

import (
	"fmt"
	"go/token"
	"strings"
	"testing"
)

// Types that are nothing but themselves are a mistake like any other: what go/types
// would not come back from, it does not get to see.
func TestTypesThatAreThemselves(t *testing.T) {
	for _, test := range []struct{ claim, src, want string }{
		{"an instance of itself", "type r[T any] r[T]\nvar x = r[int]{}", "p.go:2:6: invalid recursive type: r refers to itself"},
		{"of two parameters", "type r[T, U any] r[U, T]\nvar x = r[int, int]{}", "p.go:2:6: invalid recursive type: r refers to itself"},
		{"by way of another", "type r[T any] q[T]\ntype q[T any] (r[T])\nvar x = r[int]{}", "p.go:2:6: invalid recursive type: r refers to itself"},
		{"declared twice", "type r(r)\nvar r o = r{}", "p.go:2:6: invalid recursive type: r refers to itself"},
		{"what go/types sees itself", "type r struct{ r }\nvar x = r{}", "p.go:2:6: invalid recursive type: r refers to itself"},
		{"another with a name of the universe", "type int32 int\nvar x = int32(1)", ""},
		{"a pointer to itself", "type r *r\nvar x r", ""},
		{"a list that starts outside", "type a b\ntype b c\ntype c []a\nvar x = a{}", ""},
	} {
		t.Run(test.claim, func(t *testing.T) {
			p := Check(token.NewFileSet(), Config{Path: "p", Bodies: true}, []Input{{Name: "p.go", Content: []byte("package p\n" + test.src + "\n")}})
			if got := fmt.Sprint(p.Errors); (test.want == "") != (len(p.Errors) == 0) || !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %q", got, test.want)
			}
			if p.Types == nil || p.Types.Name() != "p" {
				t.Errorf("the package is %v", p.Types)
			}
		})
	}
}
