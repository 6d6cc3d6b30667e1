package ruletest

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

func TestWantsAreRead(t *testing.T) {
	for _, tt := range []struct {
		claim, text string
		want        []want
	}{
		{"a name and a message", `wakeloop "send on x"`, []want{{rule: "wakeloop"}}},
		{"a level may stand between", `wakeloop deadlock "send"`, []want{{rule: "wakeloop", level: "deadlock"}}},
		{"a fix may be wanted safe", `wakeloop "send" safe`, []want{{rule: "wakeloop", safe: true}}},
		{"an obligation may stand in the way", `wakeloop "send" refused "open"`, []want{{rule: "wakeloop", refused: "open"}}},
		{"what is assumed is a set", `wakeloop "send" assumed "order liveness"`, []want{{rule: "wakeloop", assumed: []string{"liveness", "order"}}}},
		{"two may follow each other", `wakeloop "a" safe blockheld "b"`, []want{{rule: "wakeloop", safe: true}, {rule: "blockheld"}}},
		{"a message may hold quotes", `wakeloop "s\\.chs\\[\"a\"\\]"`, []want{{rule: "wakeloop"}}},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			got, err := parseWants(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("read %d expectations, want %d", len(got), len(tt.want))
			}
			for i, w := range tt.want {
				g := *got[i]
				if g.rule != w.rule || g.level != w.level || g.safe != w.safe || g.refused != w.refused || !slices.Equal(g.assumed, w.assumed) {
					t.Errorf("read %+v, want %+v", g, w)
				}
			}
		})
	}
}

func TestWantsThatSayNothingAreErrors(t *testing.T) {
	for _, text := range []string{`wakeloop`, `"send"`, `wakeloop "send`, `wakeloop "("`, `wakeloop "send" perhaps`, `Wakeloop "send"`} {
		if ws, err := parseWants(text); err == nil {
			t.Errorf("%s: read as %d expectations", text, len(ws))
		}
	}
}

// finding returns one at line 3 of x.go; the options change it.
func finding(options ...func(*rule.Finding)) *rule.Finding {
	f := &rule.Finding{Rule: "wakeloop", Level: hazard.Hazard, Message: "send on w blocks while s.mu is held"}
	f.Pos.Filename, f.Pos.Line = "x.go", 3
	for _, o := range options {
		o(f)
	}
	return f
}

func TestFindingsAreComparedWithWants(t *testing.T) {
	refusal := func(f *rule.Finding) { f.Refusals = []rule.Note{{Text: "open: s.ch is closed at x.go:9"}} }
	fixed := func(obligations ...fix.Obligation) func(*rule.Finding) {
		return func(f *rule.Finding) { f.Fix = &rule.Fix{Title: "unlock first", Obligations: obligations} }
	}
	order := fix.Obligation{Name: "order", Status: fix.Assumed}
	for _, tt := range []struct {
		claim, want string
		finding     *rule.Finding
		amiss       string // regular expression; "" nothing
	}{
		{"what is wanted and found is fine", `wakeloop "send on w"`, finding(), ""},
		{"what is found and not wanted is not", ``, finding(), "x.go:3: not wanted: send on w"},
		{"what is wanted and not found is not", `wakeloop "send"`, nil, "x.go:3: wanted, not found"},
		{"another message is another finding", `wakeloop "receive"`, finding(), "not wanted"},
		{"another rule is another finding", `wakeheld "send"`, finding(), "not wanted"},
		{"another level is another finding", `wakeloop deadlock "send"`, finding(), "not wanted"},
		{"contention need not be wanted", ``, finding(func(f *rule.Finding) { f.Level = hazard.Contention }), ""},
		{"a refusal names its obligation", `wakeloop "send" refused "open"`, finding(refusal), ""},
		{"a refusal for another reason is not it", `wakeloop "send" refused "order"`, finding(refusal), "refused by .*wanted by order"},
		{"a fix is no refusal", `wakeloop "send" refused "open"`, finding(fixed()), "a fix is offered"},
		{"a safe fix assumes nothing", `wakeloop "send" safe`, finding(fixed()), ""},
		{"a fix that assumes something is not safe", `wakeloop "send" safe`, finding(fixed(order)), `assumes \["order"\]`},
		{"what is assumed is compared", `wakeloop "send" assumed "order"`, finding(fixed(order)), ""},
		{"a fix that is missing is missed", `wakeloop "send" safe`, finding(refusal), "no fix is offered: .*open"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			ws, err := parseWants(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			for _, w := range ws {
				w.file, w.line = "x.go", 3
			}
			var found []*rule.Finding
			if tt.finding != nil {
				found = append(found, tt.finding)
			}
			got := strings.Join(match(found, ws), "\n")
			if (tt.amiss == "") != (got == "") || !regexp.MustCompile(tt.amiss).MatchString(got) {
				t.Errorf("amiss: %q, want %q", got, tt.amiss)
			}
		})
	}
}

const before = `-- x.go --
package x

// F is first.
func F() int {
	return 1 // one
}
`

func TestLaws(t *testing.T) {
	src, _, err := newWorld().load(&row{name: "x", file: "x.txtar", ar: txtar.Parse([]byte(before))})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ claim, text, amiss string }{
		{"the same text is lawful", "package x\n\n// F is first.\nfunc F() int {\n\treturn 1 // one\n}\n", ""},
		{"a comment may move", "package x\n\n// F is first.\nfunc F() int {\n\t// one\n\treturn 1\n}\n", ""},
		{"a comment may not go", "package x\n\n// F is first.\nfunc F() int {\n\treturn 1\n}\n", "stands 0 times, stood 1 times: // one"},
		{"a comment may not stand twice", "package x\n\n// F is first.\nfunc F() int {\n\t// one\n\treturn 1 // one\n}\n", "stands 2 times"},
		{"a comment may not be new", "package x\n\n// F is first.\nfunc F() int {\n\treturn 1 // one\n}\n\n// end\n", "stands 1 times, stood 0 times"},
		{"the text is as gofmt writes it", "package x\n\n// F is first.\nfunc F() int {\n  return 1 // one\n}\n", "gofmt"},
		{"the text builds", "package x\n\n// F is first.\nfunc F() int {\n\treturn a // one\n}\n", "does not build"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			got := strings.Join(lawful(src, map[string][]byte{src.Files[0].Name: []byte(tt.text)}), "\n")
			if (tt.amiss == "") != (got == "") || !strings.Contains(got, tt.amiss) {
				t.Errorf("amiss: %q, want %q", got, tt.amiss)
			}
		})
	}
}

func TestGoldensSayOnlyWhatIsNew(t *testing.T) {
	r := &row{ar: txtar.Parse([]byte("claim\n-- x.go --\na\n-- x.go.fixed --\nold\n-- y.go --\nc\n"))}
	set := func(unsafe bool, text, names string) {
		t.Helper()
		r.setGolden("x.go", unsafe, []byte(text))
		var got []string
		for _, f := range r.ar.Files {
			got = append(got, f.Name)
		}
		if strings.Join(got, " ") != names {
			t.Errorf("after %q the files are %q, want %q", text, got, names)
		}
		if string(r.golden("x.go", unsafe)) != text {
			t.Errorf("the golden is %q, want %q", r.golden("x.go", unsafe), text)
		}
	}
	set(true, "b\n", "x.go x.go.fixed x.go.unsafe y.go")
	set(false, "a\n", "x.go x.go.unsafe y.go")
	set(false, "f\n", "x.go x.go.fixed x.go.unsafe y.go")
	set(true, "f\n", "x.go x.go.fixed y.go")
}

// Each archive of each rule makes a claim of its own, on one line.
func TestClaimsDiffer(t *testing.T) {
	files, err := filepath.Glob("../../rules/*/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	seen := make(map[string]string)
	for _, file := range files {
		r, err := readRow(file)
		if err != nil {
			t.Error(err)
			continue
		}
		key := filepath.Dir(file) + " " + r.claim
		if other := seen[key]; other != "" {
			t.Errorf("%s and %s claim the same: %s", file, other, r.claim)
		}
		seen[key] = file
		if r.claim != strings.TrimSuffix(r.claim, ".") {
			t.Errorf("%s: the claim ends in a full stop: %s", file, r.claim)
		}
	}
}

func TestCommentsAreCountedByText(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "// a\npackage x // b\n// a\n", parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if got := comments(f); got["// a"] != 2 || got["// b"] != 1 || len(got) != 2 {
		t.Errorf("counted %v", got)
	}
}
