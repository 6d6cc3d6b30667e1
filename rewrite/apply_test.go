package rewrite

import (
	"bytes"
	"go/token"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

const name = "/x/x.go"

// A mend is a fix for each place of a word, found anew in each round.
type mend struct {
	word, by string
	safe     bool
}

func find(mends []mend) func(*source.Package) []*rule.Finding {
	return func(src *source.Package) []*rule.Finding {
		text := src.Files[0].Content
		var found []*rule.Finding
		for _, m := range mends {
			for at := 0; ; {
				i := bytes.Index(text[at:], []byte(m.word))
				if i < 0 {
					break
				}
				at += i + len(m.word)
				found = append(found, &rule.Finding{Rule: "mend", Message: m.word, Fix: &rule.Fix{
					Safe: m.safe, Changes: []rule.Change{{File: name, Edits: []edit.Edit{{Start: at - len(m.word), End: at, New: m.by}}}},
				}})
			}
		}
		return found
	}
}

func TestApply(t *testing.T) {
	const text = "package x\n\nconst A, B, C = 1, 1, 2\n"
	for _, tt := range []struct {
		claim         string
		mends         []mend
		unsafe        bool
		want          string
		applied, left int
		err           string
	}{
		{"nothing found changes nothing", nil, false, "", 0, 0, ""},
		{"places shift, and each fix is found anew", []mend{{"1", "33", true}}, false, "package x\n\nconst A, B, C = 33, 33, 2\n", 2, 0, ""},
		{"a fix may call for another", []mend{{"2", "3", true}, {"3", "4", true}}, false, "package x\n\nconst A, B, C = 1, 1, 4\n", 2, 0, ""},
		{"an unsafe fix is left", []mend{{"1", "3", true}, {"2", "4", false}}, false, "package x\n\nconst A, B, C = 3, 3, 2\n", 2, 1, ""},
		{"an unsafe fix is applied when asked for", []mend{{"2", "4", false}}, true, "package x\n\nconst A, B, C = 1, 1, 4\n", 1, 0, ""},
		{"a fix that does not build is undone, the others are not", []mend{{"2", "two", true}, {"1", "3", true}}, false, "package x\n\nconst A, B, C = 3, 3, 2\n", 2, 1, "undefined: two"},
		{"fixes that undo each other are an error", []mend{{"2", "4", true}, {"4", "2", true}}, false, "", 0, 0, "no rest"},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			src := source.Check(token.NewFileSet(), source.Config{Path: "x", Bodies: true}, []source.Input{{Name: name, Content: []byte(text)}})
			contents, applied, left, err := applyAll(src, find(tt.mends), tt.unsafe)
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if got := string(contents[name]); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if len(applied) != tt.applied || len(left) != tt.left {
				t.Errorf("%d applied, %d left; want %d and %d", len(applied), len(left), tt.applied, tt.left)
			}
			if string(src.Files[0].Content) != text {
				t.Errorf("the input was changed: %s", src.Files[0].Content)
			}
		})
	}
}

// across finds "1" in the first file once, with a fix that changes both files.
func across(to string) func(*source.Package) []*rule.Finding {
	return func(src *source.Package) []*rule.Finding {
		var changes []rule.Change
		for _, f := range src.Files {
			if i := bytes.IndexByte(f.Content, '1'); i >= 0 {
				changes = append(changes, rule.Change{File: f.Name, Edits: []edit.Edit{{Start: i, End: i + 1, New: to}}})
			}
		}
		if len(changes) == 0 {
			return nil
		}
		return []*rule.Finding{{Rule: "mend", Message: "1", Fix: &rule.Fix{Safe: true, Changes: changes}}}
	}
}

// TestApplyAcrossFiles holds that all files of a fix change, or none.
func TestApplyAcrossFiles(t *testing.T) {
	for _, tt := range []struct{ to, first, second string }{
		{"2", "package x\n\nconst A = 2\n", "package x\n\nconst B = 2\n"},
		{"C", "", ""},
	} {
		src := source.Check(token.NewFileSet(), source.Config{Path: "x", Bodies: true}, []source.Input{
			{Name: "/x/a.go", Content: []byte("package x\n\nconst A = 1\n")},
			{Name: "/x/b.go", Content: []byte("package x\n\nconst B = 1\n")},
		})
		contents, applied, _, err := applyAll(src, across(tt.to), false)
		if (err != nil) != (tt.first == "") || len(applied) == 0 != (tt.first == "") {
			t.Errorf("%s: %d applied, %v", tt.to, len(applied), err)
		}
		if string(contents["/x/a.go"]) != tt.first || string(contents["/x/b.go"]) != tt.second {
			t.Errorf("%s: got %q", tt.to, contents)
		}
	}
}
