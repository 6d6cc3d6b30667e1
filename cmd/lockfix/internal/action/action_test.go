package action

import (
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// found makes a finding of ten bytes whose fix, if it has one, is of a section.
func found(at, section int, safe bool) *rule.Finding {
	f := &rule.Finding{Message: "m", Function: "f", Pos: token.Position{Filename: "p.go", Offset: at, Line: at}, End: token.Position{Offset: at + 10}}
	if section > 0 {
		f.Fix = &rule.Fix{Title: "t", Safe: safe, Section: section, Changes: []rule.Change{{File: "p.go", Edits: []edit.Edit{{Start: at / 100 * 100, End: at/100*100 + 1}}}}}
	}
	return f
}

func describe(actions []Action) string {
	var out []string
	for _, a := range actions {
		word, _, _ := strings.Cut(a.Kind, ".")
		if a.Disabled != "" {
			word = "-" + word
		}
		for _, f := range a.Findings {
			word += "," + strings.Repeat("i", f.Pos.Offset/100)
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

func TestActionsOfAPlace(t *testing.T) {
	one := &Report{Findings: []*rule.Finding{found(100, 1, true), found(200, 2, false), found(300, 0, false)}}
	for _, test := range []struct {
		name       string
		start, end int
		only       []string
		want       string
	}{
		{"the first byte", 100, 100, nil, "quickfix,i source"},
		{"the end", 110, 110, nil, "quickfix,i source"},
		{"in front", 99, 99, nil, ""},
		{"behind", 111, 111, nil, ""},
		{"in front, asked for by kind", 99, 99, []string{"source"}, "source"},
		{"all", 0, 999, nil, "quickfix,i refactor,ii -quickfix,iii source"},
		{"around one", 190, 250, []string{"refactor.rewrite"}, "refactor,ii"},
	} {
		if got := describe(At(one, Query{File: "p.go", Start: test.start, End: test.end, Only: test.only})); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	if got := At(one, Query{File: "q.go", End: 999}); len(got) != 0 {
		t.Errorf("in another file: %+v", got)
	}
}

func TestFindingsOfOneSectionShareTheirAction(t *testing.T) {
	a, b, c := found(100, 1, true), found(120, 1, true), found(200, 1, true)
	r := &Report{Findings: []*rule.Finding{a, b, c}} // c: the same section of a function of the same name, changed elsewhere
	if got := describe(At(r, Query{File: "p.go", Start: 120, End: 120})); got != "quickfix,i,i" {
		t.Errorf("actions %s", got)
	}
	r.All = map[string][]rule.Change{"p.go": {{File: "p.go"}}}
	if got := describe(At(r, Query{File: "p.go", Start: 120, End: 120})); got != "quickfix,i,i source" {
		t.Errorf("actions %s where all fixes go together", got)
	}
}

func TestTitlesAndReasons(t *testing.T) {
	f := found(100, 1, false)
	if got := At(&Report{Findings: []*rule.Finding{f}}, Query{File: "p.go", End: 999})[0].Title; got != "t (unsafe)" {
		t.Errorf("title %q", got)
	}
	f.Fix.Obligations = []fix.Obligation{{Name: "region"}, {Name: "order", Status: fix.Assumed, Reason: "two may swap"}, {Name: "once", Status: fix.Assumed}}
	if got := At(&Report{Findings: []*rule.Finding{f}}, Query{File: "p.go", End: 999})[0].Title; got != "t (unsafe, assumes order: two may swap; once)" {
		t.Errorf("title %q", got)
	}
	f.Fix = nil
	if got := At(&Report{Findings: []*rule.Finding{f}}, Query{File: "p.go", End: 999})[0].Disabled; got != "lockfix knows no fix for it" {
		t.Errorf("reason %q", got)
	}
	f.Refusals = []rule.Note{{Text: "a return", Pos: token.Position{Filename: "p.go", Line: 7}}, {Text: "more"}}
	if got := At(&Report{Findings: []*rule.Finding{f}}, Query{File: "p.go", End: 999})[0].Disabled; got != "a return (line 7)" {
		t.Errorf("reason %q", got)
	}
}

func TestWithin(t *testing.T) {
	for _, test := range []struct {
		kind, asked string
		want        bool
	}{
		{FixAll, "source", true}, {FixAll, "source.fixAll", true}, {FixAll, FixAll, true}, {FixAll, "", true},
		{FixAll, "source.fixA", false}, {FixAll, FixAll + ".more", false}, {QuickFix, "quick", false}, {Rewrite, "refactor.rewrite", true},
	} {
		if got := Within(test.kind, test.asked); got != test.want {
			t.Errorf("%s within %q: %t", test.kind, test.asked, got)
		}
	}
}
