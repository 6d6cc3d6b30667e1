package splice

import (
	"go/ast"
	"strings"
	"testing"
)

// The audit is the net below everything else, so each row that names a reason
// breaks one promise.
func TestAuditOfComments(t *testing.T) {
	for _, test := range []struct {
		claim         string
		before, after string // one comment a letter
		log           log
		want          string
	}{
		{"nothing happened", "abc", "abc", log{}, ""},
		{"one lost", "abc", "ac", log{}, "the comment b would be lost"},
		{"one of two lost", "abab", "aba", log{}, "the comment b would be lost"},
		{"one twice", "abc", "abbc", log{}, "the comment b would stand there twice"},
		{"one from nowhere", "abc", "abcd", log{}, "the comment d would stand there twice"},
		{"added with the code", "abc", "abdc", log{added: []string{"d"}}, ""},
		{"to be added and not there", "abc", "abc", log{added: []string{"c"}}, "the comment c would be lost"},
		{"dropped", "abc", "ac", log{dropped: []string{"b"}}, ""},
		{"to be dropped and still there", "abc", "abc", log{dropped: []string{"b"}}, "the comment b would stand there twice"},
		{"moved", "abcd", "adbc", log{moved: [][]string{{"b", "c"}}}, ""},
		{"moved in another order", "abcd", "adcb", log{moved: [][]string{{"b", "c"}}}, "comments that move would change their order"},
		{"another order", "abcd", "acbd", log{}, "comments would change their order"},
		{"another order of those that stayed", "abcd", "cdab", log{moved: [][]string{{"b"}}}, "comments would change their order"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			err := sameComments(strings.Split(test.before, ""), strings.Split(test.after, ""), &test.log)
			sameReason(t, err, test.want)
		})
	}
}

func TestAuditOfAnchors(t *testing.T) {
	for _, test := range []struct{ claim, before, after, want string }{
		{"other code", "a()\n// c\nb() // d", "x()\n// c\nb() // d", ""},
		{"from alone to behind", "a()\n// c\nb()", "a() // c\nb()", "the comment // c would come to stand beside something else"},
		{"from behind to alone", "a() // c\nb()", "a()\n// c\nb()", "the comment // c would come to stand beside something else"},
		{"behind something else", "a++ // c\nb()", "a++\nb() // c", "the comment // c would come to stand beside something else"},
		{"behind another comment", "a() /* b */ // c", "a() /* b */ // c\nb()", ""},
		{"a list on one line is broken", "a(); /* c */ b()", "a()\n/* c */ b()", ""},
	} {
		t.Run(test.claim, func(t *testing.T) {
			d := &declaration{formatted: []byte(test.before), changed: []byte(test.after), tree: &tree{}}
			file, err := parseAudit([]byte(header))
			if err != nil {
				t.Fatal(err)
			}
			d.tree.ast = file.file
			d.tree.fset = file.fset
			sameReason(t, sameAnchors(d), test.want)
		})
	}
}

func TestAuditOfBorders(t *testing.T) {
	for _, test := range []struct{ claim, before, after, want string }{
		{"LF", "a\n", "b\nc\n", ""},
		{"CRLF", "a\r\n", "b\r\nc\r\n", ""},
		{"mixed", "a\r\nb\n", "c\r\nd\r\n", ""},
		{"LF among CRLF", "a\r\n", "b\r\nc\n", "the result has other line endings"},
		{"CRLF among LF", "a\n", "b\r\nc\n", "the result has other line endings"},
		{"last newline gone", "a\n", "a", "the result ends in another line end"},
		{"last newline new", "a", "a\n", "the result ends in another line end"},
		{"a line directive gone", "a\n//line x:1\n", "a\n\t//line x:1\n", "the result has other //line directives"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			sameReason(t, sameBorders([]byte(test.before), []byte(test.after)), test.want)
		})
	}
}

func TestAuditOfNeighbours(t *testing.T) {
	const before = "// Head.\npackage p\n\nfunc a() {}\n\nfunc b() { x() }\n"
	for _, test := range []struct {
		claim, after string
		settled      bool
		want         string
	}{
		{"as planned", "// Head.\npackage p\n\nimport \"x\"\n\nfunc a() {}\n\nfunc b() { y() }\n", true, ""},
		{"the head", "// Heap.\npackage p\n\nfunc a() {}\n\nfunc b() { y() }\n", true, "the head of the file changed"},
		{"one more", "// Head.\npackage p\n\nfunc a() {}\n\nfunc b() { y() }\n\nfunc c() {}\n", true, "the file has more or fewer declarations"},
		{"aligned", "// Head.\npackage p\n\nfunc a()  {}\n\nfunc b() { y() }\n", true, ""},
		{"aligned in a file that was not formatted", "// Head.\npackage p\n\nfunc a()  {}\n\nfunc b() { y() }\n", false, "another declaration changed"},
		{"another one", "// Head.\npackage p\n\nfunc z() {}\n\nfunc b() { y() }\n", true, "another declaration changed"},
		{"not as planned", "// Head.\npackage p\n\nfunc a() {}\n\nfunc b() { z() }\n", true, "the declaration did not become what it was to"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			old, err := parseAudit([]byte(before))
			if err != nil {
				t.Fatal(err)
			}
			out, err := parseAudit([]byte(test.after))
			if err != nil {
				t.Fatal(err)
			}
			d := &declaration{changed: []byte("func b() { y() }")}
			sameReason(t, sameNeighbours(old, out, map[ast.Decl]*declaration{old.file.Decls[1]: d}, test.settled), test.want)
		})
	}
}

func TestAuditOfLiterals(t *testing.T) {
	d := &declaration{formatted: []byte("x(`a\n\tb`)"), tree: &tree{log: log{code: []string{`y("new")`}}}}
	d.changed = []byte("x(`a\n\tb`)\ny(\"new\")")
	sameReason(t, sameLiterals(d), "")
	d.changed = []byte("x(`a\nb`)")
	sameReason(t, sameLiterals(d), "the string `a\nb` changed")
}

func sameReason(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.(*Refused).Reason
	}
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
