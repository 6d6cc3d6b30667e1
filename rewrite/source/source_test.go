package source

import (
	"go/token"
	"strings"
	"testing"
)

// What C declares has no valid type without the cgo command. That is no error of
// the program; what else is wrong with it is.
func TestErrorsWithC(t *testing.T) {
	c := Input{Name: "c.go", Content: []byte("package p\n\nimport \"C\"\n\ntype in = C.int\n\nfunc kind(p *C.int) *C.int { return p }\n")}
	for _, test := range []struct{ claim, src, want string }{
		{"a value of a type that C declares", "package p\n\nfunc f(v in) int { return int(*kind(&v)) }\n", ""},
		{"an operand of such a type", "package p\n\nfunc f(v in) bool { return *kind(&v) == 1 }\n", ""},
		{"a mistake of the program's own", "package p\n\nfunc f(v in) string { return 1 }\n", "cannot use 1"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			p := Check(token.NewFileSet(), Config{Path: "p", Bodies: true}, []Input{c, {Name: "p.go", Content: []byte(test.src)}})
			var got []string
			for _, err := range p.Errors {
				got = append(got, err.Error())
			}
			if text := strings.Join(got, "\n"); (test.want == "") != (text == "") || !strings.Contains(text, test.want) {
				t.Errorf("got %q, want %q", text, test.want)
			}
		})
	}
}
