package report

import (
	"encoding/json"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// wide has lines whose columns differ by how they are counted, CRLF, a carriage
// return that ends no line of Go, and bytes that are no UTF-8.
const wide = "package p // x\r\n\r\nvar a = \"😀漢\"; f()\r\n/* \xff\xfe */ f()\r\nf( /* é */ x,\r\n\ty) // z\r\n"

func wideAt(piece string, n int) token.Position {
	offset := strings.Index(wide, piece) + n
	head := wide[:offset]
	return token.Position{Filename: "/w/p.go", Offset: offset, Line: 1 + strings.Count(head, "\n"), Column: offset - strings.LastIndexByte(head, '\n')}
}

func wideSource(name string) []byte {
	if name == "/w/p.go" {
		return []byte(wide)
	}
	return nil
}

func runOf(t *testing.T, in Input) sarifRun {
	t.Helper()
	var b strings.Builder
	Write(&b, "sarif", in)
	var log sarifLog
	if err := json.Unmarshal([]byte(b.String()), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0]
}

func TestSARIFRegions(t *testing.T) {
	for _, test := range []struct {
		claim    string
		pos, end token.Position
		want     *sarifRegion
	}{
		{"a character beyond the first plane is two units", wideAt("; f()", 2), wideAt("; f()", 5), &sarifRegion{3, 16, 3, 19}},
		{"a byte that is no character is one unit", wideAt("*/ f()", 3), wideAt("*/ f()", 6), &sarifRegion{4, 10, 4, 13}},
		{"an end on a later line", wideAt("f( /*", 0), wideAt("y) //", 2), &sarifRegion{5, 1, 6, 4}},
		{"without an end it is the rest of the line, CRLF left out", wideAt("; f()", 2), token.Position{}, &sarifRegion{3, 16, 3, 19}},
		{"without a text there are no columns", token.Position{Filename: "/w/q.go", Line: 7, Column: 3}, token.Position{}, &sarifRegion{StartLine: 7}},
		{"without a line there is none", token.Position{Filename: "/w/p.go"}, token.Position{}, nil},
	} {
		t.Run(test.claim, func(t *testing.T) {
			run := runOf(t, Input{Dir: "/w", Source: wideSource, Findings: []*rule.Finding{{Rule: "x", Message: "m", Pos: test.pos, End: test.end}}})
			if got := run.Results[0].Locations[0].Physical.Region; !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// A problem has a column and no offset.
func TestSARIFRegionOfProblem(t *testing.T) {
	pos := wideAt("; f()", 2)
	pos.Offset = 0
	run := runOf(t, Input{Dir: "/w", Source: wideSource, Problems: []Problem{{Pos: pos, Message: "bad"}, {Package: "example.com/p", Message: "worse"}}})
	inv := run.Invocations[0]
	if inv.Successful || len(inv.Notifications) != 2 {
		t.Fatalf("%+v", inv)
	}
	if got, want := inv.Notifications[0].Locations[0].Physical.Region, (&sarifRegion{3, 16, 3, 19}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n := inv.Notifications[1]; n.Message.Text != "example.com/p: worse." || n.Locations != nil || n.Level != "error" {
		t.Errorf("%+v", n)
	}
}

func TestSARIFPaths(t *testing.T) {
	for _, test := range []struct {
		claim, root, file string
		want              sarifArtifact
	}{
		{"a path from the directory", "", "/w/sub/p.go", sarifArtifact{"sub/p.go", sourceRoot}},
		{"a path from the root of the repository", "/", "/w/p.go", sarifArtifact{"w/p.go", sourceRoot}},
		{"characters that mean something in an address", "", "/w/a b#c?d%e.go", sarifArtifact{"a%20b%23c%3Fd%25e.go", sourceRoot}},
		{"a colon in the first part is no scheme", "", "/w/a:b.go", sarifArtifact{"./a:b.go", sourceRoot}},
		{"a file elsewhere", "", "/usr/lib/go/src/sync/once.go", sarifArtifact{"file:///usr/lib/go/src/sync/once.go", ""}},
		{"a name that begins with two dots is no file elsewhere", "", "/w/..p.go", sarifArtifact{"..p.go", sourceRoot}},
	} {
		t.Run(test.claim, func(t *testing.T) {
			run := runOf(t, Input{Dir: "/w", Root: test.root, Findings: []*rule.Finding{{Rule: "x", Message: "m", Pos: token.Position{Filename: test.file, Line: 1, Column: 1}}}})
			if got := run.Results[0].Locations[0].Physical.Artifact; got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// The fingerprint of a finding is another one where what is found is another
// thing, and the same where only its place is another.
func TestSARIFFingerprints(t *testing.T) {
	print := func(findings ...rule.Finding) []string {
		var list []*rule.Finding
		for _, f := range findings {
			list = append(list, &f)
		}
		var prints []string
		for _, r := range runOf(t, Input{Dir: "/w", Findings: list}).Results {
			prints = append(prints, r.Fingerprints[fingerprintKey])
		}
		return prints
	}
	base := rule.Finding{Rule: "x", Package: "p", Function: "(*T).f", Resource: "t.mu", Message: "m", Pos: token.Position{Filename: "/w/p.go", Line: 3, Column: 1}}
	first := print(base)[0]

	moved := base
	moved.Pos = token.Position{Filename: "/w/q.go", Line: 99, Column: 7}
	other := base
	other.Message = "n"
	if got := print(other, moved); got[1] != first || got[0] == first {
		t.Errorf("moved, behind another: %v, want %s", got, first)
	}
	if got := print(base, moved); got[0] != first || got[1] == first {
		t.Errorf("the second of two alike: %v", got)
	}
	for name, change := range map[string]func(*rule.Finding){
		"rule":     func(f *rule.Finding) { f.Rule = "y" },
		"package":  func(f *rule.Finding) { f.Package = "q" },
		"function": func(f *rule.Finding) { f.Function = "(*T).g" },
		"resource": func(f *rule.Finding) { f.Resource = "t.nu" },
	} {
		f := base
		if change(&f); print(f)[0] == first {
			t.Errorf("another %s has the same fingerprint", name)
		}
	}
	at3, at9 := base, base
	at3.Function, at9.Function = "function literal at line 3", "function literal at line 9"
	if print(at3)[0] != print(at9)[0] {
		t.Error("the fingerprint of a finding in a literal moves with its line")
	}
}

func TestSARIFFlows(t *testing.T) {
	here, there := wideAt("f()", 0), wideAt("y) //", 0)
	f := rule.Finding{Rule: "x", Message: "m", Mode: "write", Resource: "mu", Pos: here, End: wideAt("f()", 3), Acquired: wideAt("var a", 0), Notes: []rule.Note{
		{Pos: here, Text: "a label"},
		{Pos: there, Text: "calls g"},
		{Pos: there, Text: "the other side waits", Other: true},
		{Text: "a remark without a place"},
	}}
	texts := func(r sarifResult) (sides [][]string) {
		for _, flow := range r.CodeFlows {
			for _, side := range flow.ThreadFlows {
				list := []string{side.ID}
				for _, step := range side.Locations {
					list = append(list, step.Location.Message.Text)
				}
				sides = append(sides, list)
			}
		}
		return sides
	}
	run := runOf(t, Input{Dir: "/w", Source: wideSource, Findings: []*rule.Finding{&f, {Rule: "y", Message: "alone", Pos: here}}})
	want := [][]string{{"holder", "mu is held from here.", "m.", "calls g."}, {"waiter", "the other side waits."}}
	if got := texts(run.Results[0]); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := run.Results[0].Message.Text, "m. A remark without a place. No fix."; got != want {
		t.Errorf("message %q, want %q", got, want)
	}
	if got := texts(run.Results[1]); got != nil {
		t.Errorf("a finding that is one place has flows %q", got)
	}
	if got := run.Tool.Driver.Rules; len(got) != 2 || run.Results[1].RuleIndex != 1 || got[1].ID != "y" {
		t.Errorf("rules that nobody described: %+v", got)
	}
}

// Only what is proved is a fix: who applies the fixes of a SARIF file asks nothing.
func TestSARIFFixes(t *testing.T) {
	start := strings.Index(wide, "f( /*")
	fix := &rule.Fix{Title: "drop it", Changes: []rule.Change{{File: "/w/p.go", Edits: []edit.Edit{{Start: start, End: start + 10}, {Start: start + 10, End: start + 10, New: "z"}}}}}
	f := &rule.Finding{Rule: "x", Message: "m", Level: hazard.Hazard, Pos: wideAt("f( /*", 0), Fix: fix}
	in := Input{Dir: "/w", Source: wideSource, Findings: []*rule.Finding{f}}
	if got := runOf(t, in).Results[0]; got.Fixes != nil || got.Message.Text != "m. Fix (unsafe): drop it." {
		t.Errorf("%+v", got)
	}
	fix.Safe = true
	got := runOf(t, in).Results[0].Fixes
	want := []sarifFix{{sarifText{Text: "drop it."}, []sarifChange{{sarifArtifact{"p.go", sourceRoot}, []sarifReplacement{
		{&sarifRegion{5, 1, 5, 10}, nil}, {&sarifRegion{5, 10, 5, 10}, &sarifContent{"z"}}}}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
