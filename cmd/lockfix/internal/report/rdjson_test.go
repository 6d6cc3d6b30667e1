package report

import (
	"encoding/json"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
)

func resultOf(t *testing.T, in Input) rdResult {
	t.Helper()
	var b strings.Builder
	Write(&b, "rdjson", in)
	var result rdResult
	if err := json.Unmarshal([]byte(b.String()), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

// Columns count bytes.
func TestRDJSONRanges(t *testing.T) {
	pos, end := wideAt("; f()", 2), wideAt("; f()", 5)
	result := resultOf(t, Input{Dir: "/w", Source: wideSource, Findings: []*rule.Finding{{Rule: "x", Message: "m", Pos: pos, End: end, Notes: []rule.Note{{Text: "a remark"}}}}, Problems: []Problem{
		{Pos: token.Position{Filename: "/w/q.go"}, Message: "bad"},
		{Message: "nowhere"},
	}})
	d := result.Diagnostics[0]
	if want := (rdLocation{"p.go", &rdRange{rdPosition{3, 20}, &rdPosition{3, 23}}}); !reflect.DeepEqual(d.Location, want) {
		t.Errorf("got %+v, want %+v", *d.Location.Range, *want.Range)
	}
	if d.Message != "m\na remark\nno fix" {
		t.Errorf("message %q", d.Message)
	}
	if len(result.Diagnostics) != 2 || result.Diagnostics[1].Location != (rdLocation{Path: "q.go"}) {
		t.Errorf("a problem with a file and no line: %+v", result.Diagnostics[1:])
	}
}

// A suggestion makes the whole of a fix.
func TestRDJSONSuggestions(t *testing.T) {
	start := strings.Index(wide, "f( /*")
	two := []edit.Edit{{Start: start, End: start + 2, New: "g("}, {Start: start + 17, End: start + 18, New: "Y"}}
	change := func(edits ...edit.Edit) []rule.Change { return []rule.Change{{File: "/w/p.go", Edits: edits}} }
	for _, test := range []struct {
		claim string
		fix   *rule.Fix
		want  []rdSuggestion
	}{
		{"no fix", nil, nil},
		{"one that assumes something", &rule.Fix{Changes: change(two...)}, nil},
		{"one of two files", &rule.Fix{Safe: true, Changes: append(change(two...), change(two...)...)}, nil},
		{"one that does nothing", &rule.Fix{Safe: true, Changes: change()}, nil},
		{"one of a file that is not what was analysed", &rule.Fix{Safe: true, Changes: change(edit.Edit{Start: 1 << 20, End: 1<<20 + 1})}, nil},
		{"two edits are one, with what lies between them", &rule.Fix{Safe: true, Changes: change(two...)},
			[]rdSuggestion{{rdRange{rdPosition{5, 1}, &rdPosition{6, 3}}, "g( /* é */ x,\r\n\tY"}}},
		{"the end of a line that stays is left out", &rule.Fix{Safe: true, Changes: change(edit.Edit{Start: start, End: start + 16, New: "g(\r\n"})},
			[]rdSuggestion{{rdRange{rdPosition{5, 1}, &rdPosition{5, 15}}, "g("}}},
		{"a line that goes takes its end with it", &rule.Fix{Safe: true, Changes: change(edit.Edit{Start: start, End: start + 16})},
			[]rdSuggestion{{rdRange{rdPosition{5, 1}, &rdPosition{6, 1}}, ""}}},
		{"an insertion begins where it ends", &rule.Fix{Safe: true, Changes: change(edit.Edit{Start: start, End: start, New: "é"})},
			[]rdSuggestion{{rdRange{rdPosition{5, 1}, &rdPosition{5, 1}}, "é"}}},
	} {
		t.Run(test.claim, func(t *testing.T) {
			f := &rule.Finding{Rule: "x", Message: "m", Pos: wideAt("f( /*", 0), Fix: test.fix}
			got := resultOf(t, Input{Dir: "/w", Source: wideSource, Findings: []*rule.Finding{f}}).Diagnostics[0].Suggestions
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}
