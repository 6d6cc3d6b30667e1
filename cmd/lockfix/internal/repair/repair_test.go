package repair

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// engine finds each occurrence of a key in the text and replaces it by its
// value; a key that begins with a capital has an unsafe fix.
func engine(replace map[string]string, rounds *int) rewrite.Engine {
	return rewrite.Engine{
		Summarize: func(src *source.Package, _ rewrite.Facts) *summary.Package { return &summary.Package{Src: src} },
		Find: func(pkg *summary.Package, _ rewrite.Facts, _ rewrite.Options) (all []*rule.Finding) {
			*rounds++
			file := pkg.Src.Files[0]
			text := string(file.Content)
			for start := range text {
				for key, value := range replace {
					if !strings.HasPrefix(text[start:], key) {
						continue
					}
					pos := pkg.Src.Position(pkg.Src.Fset.File(file.Syntax.FileStart).Pos(start))
					all = append(all, &rule.Finding{Rule: "x", Message: key, Pos: pos, Fix: &rule.Fix{
						Title: value, Safe: key == strings.ToLower(key), File: file.Name, Section: start,
						Edits: []edit.Edit{{Start: start, End: start + len(key), New: value}},
					}})
				}
			}
			return all
		},
	}
}

func run(text string, replace map[string]string, unsafe bool) (out *Outcome, rounds int) {
	src := source.Check(token.NewFileSet(), source.Config{Path: "p", Bodies: true}, []source.Input{{Name: "p.go", Content: []byte(text)}})
	out = Package(&summary.Package{Src: src}, Options{
		Engine: engine(replace, &rounds),
		Owns:   func(string) bool { return true },
		Show:   func(*rule.Finding) bool { return true },
		Unsafe: unsafe,
		Fixes:  true,
	})
	return out, rounds
}

func TestPackage(t *testing.T) {
	for _, test := range []struct {
		name    string
		text    string
		replace map[string]string
		unsafe  bool
		want    string
		fixed   string // LINE:COLUMN of what was fixed, in the text as it was
		undone  string
		left    int
		rounds  int // analyses, the last of which finds nothing to do
	}{
		{name: "fixes of two declarations take one round",
			text: "package p\nvar a = 11\nvar b = 11\n", replace: map[string]string{"11": "2"},
			want: "package p\nvar a = 2\nvar b = 2\n", fixed: "2:9 3:9", rounds: 2},
		{name: "fixes of one declaration take one each",
			text: "package p\nvar a, b = 11, 11\n", replace: map[string]string{"11": "2"},
			want: "package p\nvar a, b = 2, 2\n", fixed: "2:12 2:16", rounds: 3},
		{name: "a fix may need another",
			text: "package p\nvar a = 11\n", replace: map[string]string{"11": "22", "22": "3"},
			want: "package p\nvar a = 3\n", fixed: "2:9 2:9", rounds: 3},
		{name: "an unsafe fix is kept",
			text: "package p\nvar A = 1\n", replace: map[string]string{"A": "B"},
			want: "package p\nvar A = 1\n", left: 1, rounds: 1},
		{name: "an unsafe fix is applied when that was asked for",
			text: "package p\nvar A = 1\n", replace: map[string]string{"A": "B"}, unsafe: true,
			want: "package p\nvar B = 1\n", fixed: "2:5", rounds: 2},
		{name: "what does not type-check is undone, the rest is not",
			text: "package p\nvar a = 11\nvar b = 33\nvar c = 11\n", replace: map[string]string{"11": "2", "33": "nowhere"},
			want: "package p\nvar a = 2\nvar b = 33\nvar c = 2\n", fixed: "2:9 4:9", undone: "33: fix would not type-check: undefined: nowhere", left: 1, rounds: 4},
		{name: "fixes that take turns end",
			text: "package p\nvar a = 11\n", replace: map[string]string{"11": "22", "22": "11"},
			want: "package p\nvar a = 22\n", fixed: "2:9", undone: "22: fix would undo an earlier one", left: 1, rounds: 3},
		{name: "a package with errors is left alone",
			text: "package p\nvar a = 11\nvar b = nowhere\n", replace: map[string]string{"11": "2"},
			want: "package p\nvar a = 11\nvar b = nowhere\n", left: 1, rounds: 1},
		{name: "the same new text twice is one edit apart",
			text: "package p\nvar a = 11\n\nvar b = 11\n", replace: map[string]string{"11": "12345"},
			want: "package p\nvar a = 12345\n\nvar b = 12345\n", fixed: "2:9 4:9", rounds: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, rounds := run(test.text, test.replace, test.unsafe)
			if got := string(out.Package.Src.Files[0].Content); got != test.want {
				t.Errorf("text %q, want %q", got, test.want)
			}
			var fixed, undone []string
			for _, f := range out.Fixed {
				fixed = append(fixed, fmt.Sprintf("%d:%d", f.Pos.Line, f.Pos.Column))
			}
			for f, why := range out.Undone {
				undone = append(undone, f.Message+": "+why)
			}
			if got := strings.Join(fixed, " "); got != test.fixed {
				t.Errorf("fixed %s, want %s", got, test.fixed)
			}
			if got := strings.Join(undone, "\n"); got != test.undone {
				t.Errorf("undone %s, want %s", got, test.undone)
			}
			if len(out.Report.Findings) != test.left {
				t.Errorf("%d findings left, want %d", len(out.Report.Findings), test.left)
			}
			if rounds != test.rounds {
				t.Errorf("%d rounds, want %d", rounds, test.rounds)
			}
		})
	}
}

func TestEndlessFixesStop(t *testing.T) {
	out, rounds := run("package p\nvar a = 1\n", map[string]string{"1": "1 + 1"}, false)
	if rounds != maxRounds+1 {
		t.Errorf("%d rounds, want %d", rounds, maxRounds+1)
	}
	for _, f := range out.Report.Findings {
		if f.Fix != nil {
			t.Errorf("a fix is still offered at %s", f.Pos)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b edit.Edit
		ok   bool
	}{
		{"apart", edit.Edit{Start: 0, End: 2}, edit.Edit{Start: 5, End: 6}, true},
		{"the same", edit.Edit{Start: 3, End: 3, New: "x"}, edit.Edit{Start: 3, End: 3, New: "x"}, true},
		{"insertions at one place", edit.Edit{Start: 3, End: 3, New: "x"}, edit.Edit{Start: 3, End: 3, New: "y"}, false},
		{"touching", edit.Edit{Start: 0, End: 3}, edit.Edit{Start: 3, End: 4}, false},
		{"overlapping", edit.Edit{Start: 0, End: 3}, edit.Edit{Start: 2, End: 4}, false},
	} {
		for _, pair := range [][2]edit.Edit{{test.a, test.b}, {test.b, test.a}} {
			if _, ok := (edits{pair[0]}).merge([]edit.Edit{pair[1]}); ok != test.ok {
				t.Errorf("%s: merge(%v, %v) = %t, want %t", test.name, pair[0], pair[1], ok, test.ok)
			}
		}
	}
}

// Every offset of the edited text that is not new leads back to the same byte.
func TestBeforeIsTheInverseOfApply(t *testing.T) {
	text := []byte("abcdefghij")
	es := edits{{Start: 1, End: 3, New: "WXYZ"}, {Start: 5, End: 5, New: "VV"}, {Start: 7, End: 9}}
	for i, c := range es.apply(text) {
		if back := es.before(i); c >= 'a' && text[back] != c {
			t.Errorf("byte %c at %d leads to %d, %c", c, i, back, text[back])
		}
	}
}

func TestFitsRefusesWhatIsOutOfRange(t *testing.T) {
	for _, test := range []struct {
		list []edit.Edit
		want bool
	}{
		{[]edit.Edit{{Start: 0, End: 3}}, true},
		{[]edit.Edit{{Start: 2, End: 3}, {Start: 0, End: 1}}, true},
		{[]edit.Edit{{Start: 0, End: 4}}, false},
		{[]edit.Edit{{Start: 2, End: 1}}, false},
		{[]edit.Edit{{Start: 0, End: 2}, {Start: 1, End: 3}}, false},
		{nil, false},
	} {
		if got := fits(test.list, []byte("abc")); got != test.want {
			t.Errorf("fits(%v) = %t", test.list, got)
		}
	}
}
