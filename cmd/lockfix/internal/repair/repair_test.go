package repair

import (
	"fmt"
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// engine finds each occurrence of a key in the text and replaces it by its
// value; a key that begins with a capital has an unsafe fix.
func engine(replace map[string]string, rounds *int) rewrite.Engine {
	return rewrite.Engine{
		Summarize: func(src *source.Package, _ rewrite.Facts, _ *syncapi.Words) *summary.Package {
			return &summary.Package{Src: src}
		},
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
					all = append(all, &rule.Finding{Rule: "x", Level: hazard.Hazard, Message: key, Pos: pos, Fix: &rule.Fix{
						Title: value, Safe: key == strings.ToLower(key), Section: start,
						Changes: []rule.Change{{File: file.Name, Edits: []edit.Edit{{Start: start, End: start + len(key), New: value}}}},
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
		Unsafe: unsafe,
		Apply:  true,
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

// Every offset of the edited text that is not new leads back to the same byte.
func TestBeforeIsTheInverseOfApply(t *testing.T) {
	text := []byte("abcdefghij")
	list := []edit.Edit{{Start: 1, End: 3, New: "WXYZ"}, {Start: 5, End: 5, New: "VV"}, {Start: 7, End: 9}}
	edited, err := edit.Apply(text, list)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range edited {
		if back := before(list, i); c >= 'a' && text[back] != c {
			t.Errorf("byte %c at %d leads to %d, %c", c, i, back, text[back])
		}
	}
}

// TestFixesThatShareADeclaration holds that of two fixes which change one
// declaration in common the second waits, with all that it does in other files.
func TestFixesThatShareADeclaration(t *testing.T) {
	texts := []string{"package p\n\nvar a, b = 11, 22\n", "package p\n\nvar c = 11\nvar d = 22\n"}
	var inputs []source.Input
	for i, text := range texts {
		inputs = append(inputs, source.Input{Name: fmt.Sprintf("%d.go", i), Content: []byte(text)})
	}
	src := source.Check(token.NewFileSet(), source.Config{Path: "p", Bodies: true}, inputs)
	rounds := 0
	eng := engine(nil, &rounds)
	eng.Find = func(pkg *summary.Package, _ rewrite.Facts, _ rewrite.Options) (all []*rule.Finding) {
		rounds++
		for _, old := range []string{"11", "22"} {
			fix := &rule.Fix{Title: old, Safe: true, Section: len(all) + 1}
			for _, f := range pkg.Src.Files {
				if i := strings.Index(string(f.Content), old); i >= 0 {
					fix.Changes = append(fix.Changes, rule.Change{File: f.Name, Edits: []edit.Edit{{Start: i, End: i + 2, New: "3"}}})
				}
			}
			if len(fix.Changes) > 0 {
				all = append(all, &rule.Finding{Rule: "x", Level: hazard.Hazard, Message: old, Pos: pkg.Src.Position(pkg.Src.Files[0].Syntax.Pos()), Fix: fix})
			}
		}
		return all
	}
	out := Package(&summary.Package{Src: src}, Options{Engine: eng, Owns: func(string) bool { return true }, Apply: true})
	for i, want := range []string{"package p\n\nvar a, b = 3, 3\n", "package p\n\nvar c = 3\nvar d = 3\n"} {
		if got := string(out.Package.Src.Files[i].Content); got != want {
			t.Errorf("file %d is %q, want %q", i, got, want)
		}
	}
	if rounds != 3 || len(out.Fixed) != 2 {
		t.Errorf("%d fixed in %d rounds, want 2 in 3", len(out.Fixed), rounds)
	}
}

// A fix may tie files that must be replaced in an order, so that the package
// builds in between. Where there is none the fix is not made.
func TestFilesThatAFixTiesAreInOrder(t *testing.T) {
	for _, test := range []struct {
		claim      string
		old, text  []string
		want, left string // order; what bars the fix
	}{
		{"what is declared goes before what uses it",
			[]string{"package p\n\nfunc a() { z() }\n", "package p\n\nfunc z() {}\n"},
			[]string{"package p\n\nfunc a() { _ = z() }\n", "package p\n\nfunc z() int { return 1 }\n"},
			"z.go a.go", ""},
		{"each uses the other",
			[]string{"package p\n\nfunc a() { z() }\n", "package p\n\nfunc z() { a() }\n"},
			[]string{"package p\n\nfunc a() int { return z() }\n", "package p\n\nfunc z() int { return a() }\n"},
			"", "its files cannot be replaced one after the other so that the package builds in between: -d shows the fix"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			names := []string{"a.go", "z.go"}
			var inputs []source.Input
			fix := &rule.Fix{Title: "both", Safe: true, Section: 1}
			for i, name := range names {
				inputs = append(inputs, source.Input{Name: name, Content: []byte(test.old[i])})
				fix.Changes = append(fix.Changes, rule.Change{File: name, Edits: []edit.Edit{{Start: 0, End: len(test.old[i]), New: test.text[i]}}})
			}
			src := source.Check(token.NewFileSet(), source.Config{Path: "p", Bodies: true}, inputs)
			rounds := 0
			eng := engine(nil, &rounds)
			eng.Find = func(pkg *summary.Package, _ rewrite.Facts, _ rewrite.Options) []*rule.Finding {
				if string(pkg.Src.Files[0].Content) != test.old[0] {
					return nil
				}
				return []*rule.Finding{{Rule: "x", Level: hazard.Hazard, Message: "m", Pos: pkg.Src.Position(pkg.Src.Files[0].Syntax.Pos()), Fix: fix}}
			}
			out := Package(&summary.Package{Src: src}, Options{Engine: eng, Owns: func(string) bool { return true }, Apply: true, Write: true})
			order := ""
			if len(out.Together) == 1 {
				order = strings.Join(out.Together[0], " ")
			}
			if order != test.want {
				t.Errorf("order %q, want %q", order, test.want)
			}
			left := ""
			for _, why := range out.Undone {
				left = why
			}
			if left != test.left || (left != "") != (len(out.Fixed) == 0) {
				t.Errorf("%d fixed, undone because %q, want %q", len(out.Fixed), left, test.left)
			}
		})
	}
}
