package report

import (
	"fmt"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

func many(n int) []*rule.Finding {
	var findings []*rule.Finding
	for i := range n {
		findings = append(findings, &rule.Finding{Rule: "x", Message: fmt.Sprintf("send <%d>", i), Level: hazard.Hazard, Pos: token.Position{Filename: "/w/p.go", Line: i + 1}})
	}
	return findings
}

func placeOf(pos token.Position) string { return fmt.Sprintf("[%s:%d]", pos.Filename, pos.Line) }

// However little room there is, no summary has more bytes, each finding in it is
// whole, and those that are left out are counted.
func TestStepSummaryFits(t *testing.T) {
	const all = 20
	in := Input{Dir: "/w", Findings: many(all)}
	whole := StepSummary(in, placeOf, 1<<20)
	if n := strings.Count(whole, "<details>"); n != all {
		t.Fatalf("%d findings of %d", n, all)
	}
	more := regexp.MustCompile(`\n(\d+) more would be`)
	head := strings.Index(whole, "<details>")
	for room := range len(whole) + 2 {
		got := StepSummary(in, placeOf, room)
		opened := strings.Count(got, "<details>")
		switch m := more.FindStringSubmatch(got); {
		case len(got) > room:
			t.Fatalf("room for %d bytes, %d written", room, len(got))
		case opened != strings.Count(got, "</details>"):
			t.Fatalf("room for %d bytes: cut within a finding\n%s", room, got)
		case m != nil:
			if left, _ := strconv.Atoi(m[1]); left != all-opened {
				t.Fatalf("room for %d bytes: %d findings and %d more", room, opened, left)
			}
		case opened != all && room > head+len(" 20 more would be more than GitHub shows: they stand in the log. "):
			t.Fatalf("room for %d bytes: %d findings, and nothing of the others", room, opened)
		}
	}
}

func TestStepSummaryEscapes(t *testing.T) {
	got := StepSummary(Input{Dir: "/w", Findings: many(1), Fixed: []*rule.Finding{{Rule: "x", Message: "*a*", Fix: &rule.Fix{Title: "b_c"}}},
		Problems: []Problem{{Message: "two\nlines"}}}, placeOf, 1<<20)
	for _, want := range []string{
		"### lockfix: 1 finding (1 warning), 1 fixed, 1 problem\n",
		"| `x` | 0 | 1 | 0 |\n",
		"<summary>warning <code>x</code> p.go:1: send &lt;0&gt;</summary>\n\n[/w/p.go:1]\n",
		`: send \<0\>`,
		`: \*a\*: b\_c` + "\n",
		"- **problem**: two lines\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}
