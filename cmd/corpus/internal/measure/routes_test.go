package measure

import (
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

func TestSameLines(t *testing.T) {
	for _, r := range []struct {
		claim, want, got string
		same             bool
		differs          string
	}{
		{"the same", "a\nb", "a\nb", true, ""},
		{"a line less", "a\nb\nc", "a\nc", false, "less: b"},
		{"a line less at the end", "a\nb", "a", false, "less: b"},
		{"a line more", "a\nc", "a\nb\nc", false, "more: b"},
		{"a line more at the end", "a", "a\nb", false, "more: b"},
		{"another line", "a\nb", "a\nx", false, "less: b"},
	} {
		if same, differs := sameLines(r.want, r.got); same != r.same || differs != r.differs {
			t.Errorf("%s: %t, %q", r.claim, same, differs)
		}
	}
}

// What go vet says of a place and what the report says of it are one line.
func TestVetLines(t *testing.T) {
	f := tool.Finding{Rule: "blockheld", Message: "it blocks", Position: tool.Position{File: "p/p.go", Line: 3, Column: 5}}
	lines := vetLines(tool.Report{Findings: []tool.Finding{f, f}})
	if len(lines) != 1 || lines[0] != "p/p.go:3:5: it blocks [blockheld]" {
		t.Errorf("%q", lines)
	}
	if file, place := cutPlace("/a:b/p.go:3:5"); file != "/a:b/p.go" || place != ":3:5" {
		t.Errorf("%q, %q", file, place)
	}
}
