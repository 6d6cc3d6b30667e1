package measure

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// source is a file of package p whose line n holds the text.
func source(n int, text string) string {
	return "package p\n" + strings.Repeat("\n", n-2) + text + "\n"
}

func row(id, shape string, line int, parent, commit string) facts.Fix {
	return facts.Fix{ID: id, Repo: "o/r", Parent: parent, Commit: commit, File: "p/a.go", Shape: shape, Intra: true, Auto: "safe",
		Lines: facts.Range{From: line, To: line}}
}

func TestAFixRowTellsWhatWasFoundAtTheParent(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "r")
	parent := gittest.Commit(t, at, map[string]string{
		"go.mod": "module m\n\ngo 1.20\n",
		"p/a.go": "package p\nvar a int // BUG safe wakeloop\n\n\nvar b int // BUG unsafe blockheld\n\n\nvar c int // BUG none wakeheld\n",
		"p/b.go": "//go:build never\n\npackage p\n",
	})
	commit := gittest.Commit(t, at, map[string]string{"p/a.go": "package p\nvar a, b, c int\n"})
	elsewhere := row("nofile", "W1", 2, parent, commit)
	elsewhere.File = "p/b.go"
	stranger := row("noclone", "W1", 2, parent, commit)
	stranger.Repo = "o/unknown"
	rows := []facts.Fix{
		row("safe", "W1", 2, parent, commit), row("unsafe", "S1", 6, parent, commit), row("none", "W2", 8, parent, commit),
		row("misfit", "U1", 2, parent, commit), row("far", "W1", 20, parent, commit), row("fixed", "W1", 2, commit, commit),
		elsewhere, stranger, row("nocommit", "W1", 2, strings.Repeat("1", 40), commit),
	}
	out := t.TempDir()
	got, err := bench(t, dir, "good").Fixes(rows, map[string]facts.Judgement{"safe": {Verdict: "yes"}, "far": {Verdict: "yes"}}, out)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][4]string{ // loaded, flagged, fix, remark
		"safe":     {"yes", "wakeloop:2", "safe", "move"},
		"unsafe":   {"yes", "blockheld:5", "unsafe", "move"},
		"none":     {"yes", "wakeheld:8", "none", "no fix: open: closed elsewhere (line 1)"},
		"misfit":   {"yes", "no", "none", "nearest is wakeloop:2"},
		"far":      {"yes", "no", "none", "nearest is wakeheld:8"},
		"fixed":    {"yes", "no", "none", "nothing found in the file"},
		"nofile":   {"no", "no", "none", errNoFile.Error()},
		"noclone":  {"no", "no", "none", errNoClone.Error()},
		"nocommit": {"no", "no", "none", errNoCommit.Error()},
	}
	for _, r := range FixTable(got).Rows {
		if g := [4]string{r["loaded"], r["flagged"], r["fix"], r["remark"]}; g != want[r["id"]] {
			t.Errorf("%s is %q, want %q", r["id"], g, want[r["id"]])
		}
	}
	checkDiffs(t, out)
	s := Shares(got)
	if s.Loaded != (Share{6, 9}) || s.FlaggedIntra != (Share{3, 6}) || s.Offered != (Share{2, 6}) || s.GoodFixable != (Share{1, 6}) || s.Flagged != (Share{3, 6}) || s.GoodChecked != (Share{1, 6}) || s.Unjudged != 1 {
		t.Errorf("shares are %+v", s)
	}
}

// checkDiffs looks at what is there for a person to compare.
func checkDiffs(t *testing.T, out string) {
	t.Helper()
	lockfix, err := os.ReadFile(filepath.Join(out, "unsafe.lockfix.diff"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"[blockheld]", "assumed: order: two senders", "+++ b/p/a.go", "-var b int // BUG unsafe blockheld\n+var b int\n"} {
		if !strings.Contains(string(lockfix), part) {
			t.Errorf("%q is not in the offered diff:\n%s", part, lockfix)
		}
	}
	human, err := os.ReadFile(filepath.Join(out, "none.human.diff"))
	if err != nil || !strings.Contains(string(human), "+var a, b, c int") {
		t.Errorf("the human diff is %q (%v)", human, err)
	}
	if _, err := os.Stat(filepath.Join(out, "none.lockfix.diff")); err == nil {
		t.Error("a diff is there where no edit is offered")
	}
}

func TestTypeErrorsAreCountedAndCostNothingElse(t *testing.T) {
	dir := t.TempDir()
	parent := gittest.Commit(t, filepath.Join(dir, "r"), map[string]string{
		"p/a.go": "package p\nimport _ \"example.com/x/gone\"\nvar a missing // BUG safe wakeloop\n",
	})
	got, err := bench(t, dir, "good").Fixes([]facts.Fix{row("x", "W1", 3, parent, parent)}, nil, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if r := got[0]; r.Unloaded != "" || r.Load.Errors < 2 || r.Load.First == "" || r.Hit == nil {
		t.Errorf("row is %+v", r)
	}
}

func TestACrashIsARemarkOfTheRow(t *testing.T) {
	dir := t.TempDir()
	parent := gittest.Commit(t, filepath.Join(dir, "r"), map[string]string{"go.mod": "module m\n", "p/a.go": source(3, "var a int")})
	got, err := bench(t, dir, "crash").Fixes([]facts.Fix{row("x", "W1", 3, parent, parent)}, nil, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if remark := FixTable(got).Rows[0]["remark"]; !strings.Contains(remark, "crashed") {
		t.Errorf("remark is %q", remark)
	}
}

func TestOfSeveralFindingsTheOneThatNamesTheDefectBestIsTaken(t *testing.T) {
	at := func(line int) tool.Position { return tool.Position{File: "p/a.go", Line: line} }
	fix := func(grade string) *tool.Fix { return &tool.Fix{Applicability: grade} }
	near := []tool.Note{{Position: at(10)}}
	tests := []struct {
		claim    string
		findings []tool.Finding
		want     int // -1: none
	}{
		{"its place before a related one", []tool.Finding{{Rule: "wakeloop", Position: at(3), Related: near, Fix: fix("safe")}, {Rule: "wakeloop", Position: at(11)}}, 1},
		{"the better edit", []tool.Finding{{Rule: "wakeheld", Position: at(10)}, {Rule: "blockheld", Position: at(10), Fix: fix("unsafe")}, {Rule: "wakeloop", Position: at(10), Fix: fix("safe")}}, 2},
		{"a related place is enough", []tool.Finding{{Rule: "wakeloop", Position: tool.Position{File: "p/z.go", Line: 1}, Related: near}}, 0},
		{"another file's line is not", []tool.Finding{{Rule: "wakeloop", Position: tool.Position{File: "q/a.go", Line: 10}}}, -1},
		{"contention is not", []tool.Finding{{Rule: "wakeloop", Level: "contention", Position: at(10)}}, -1},
		{"another rule is not", []tool.Finding{{Rule: "lockorder", Position: at(10)}}, -1},
		{"two lines away is not", []tool.Finding{{Rule: "wakeloop", Position: at(12)}}, -1},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			got := hit(row("x", "W1", 10, "", ""), tt.findings)
			if tt.want < 0 {
				if got != nil {
					t.Errorf("hit is %+v", got)
				}
				return
			}
			if got != &tt.findings[tt.want] {
				t.Errorf("hit is %+v, want finding %d", got, tt.want)
			}
		})
	}
}

func TestLookAlikesAreHeldToWhatIsExpectedOfThem(t *testing.T) {
	dir := t.TempDir()
	head := gittest.Commit(t, filepath.Join(dir, "r"), map[string]string{
		"s/go.mod": "module m\n\ngo 1.20\n",
		"s/p/a.go": "package p\nvar a int // BUG safe wakeloop\n\n\nvar b int // BUG unsafe blockheld\n\n\nvar c int\n",
	})
	neg := func(id string, line int, expect string) facts.Negative {
		return facts.Negative{ID: id, Repo: "o/r", Commit: head, File: "s/p/a.go", Line: line, Expect: expect}
	}
	lost := neg("lost", 8, facts.NoFlag)
	lost.Commit = strings.Repeat("1", 40)
	got, err := bench(t, dir, "good").Negatives([]facts.Negative{
		neg("flagged", 6, facts.NoFlag), neg("silent", 8, facts.NoFlag), neg("unsafe", 5, facts.FlagNoFix), neg("safe", 2, facts.FlagNoFix), lost,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"flagged": "no", "silent": "yes", "unsafe": "yes", "safe": "no", "lost": "not loaded"}
	for _, r := range NegativeTable(got).Rows {
		if r["kept"] != want[r["id"]] {
			t.Errorf("%s: kept is %s, want %s (%s)", r["id"], r["kept"], want[r["id"]], r["remark"])
		}
	}
	if s := KeptNegatives(got); s != (Share{2, 4}) {
		t.Errorf("share is %v", s)
	}
}

func TestAPackageWithTypeErrorsCannotBeChecked(t *testing.T) {
	row := func(errors int, verdict string) FixRow {
		r := FixRow{Load: Loaded{Errors: errors}, Hit: &tool.Finding{}, Verdict: facts.Judgement{Verdict: verdict}}
		r.Auto = "safe"
		if verdict != "" {
			r.Hit.Fix = &tool.Fix{}
		}
		return r
	}
	s := Shares([]FixRow{row(0, "yes"), row(0, "no"), row(3, "")})
	if s.GoodFixable != (Share{1, 3}) || s.GoodChecked != (Share{1, 2}) {
		t.Errorf("shares are %+v", s)
	}
}

func TestTablesAndSharesReadWell(t *testing.T) {
	var buf bytes.Buffer
	err := Print(&buf, facts.Table{Rows: []facts.Row{{"a": "x", "b": "y"}, {"a": "long\tone"}}}, "a", "b")
	if want := "a         b\nx         y\nlong one  \n"; err != nil || buf.String() != want {
		t.Errorf("table is %q, want %q", buf.String(), want)
	}
	for s, want := range map[Share]string{{}: "0/0", {1, 3}: "1/3 (33%)", {3, 3}: "3/3 (100%)"} {
		if s.String() != want {
			t.Errorf("share is %s, want %s", s, want)
		}
	}
	if got := clip(strings.Repeat("ä", 200)); len([]rune(got)) != 163 {
		t.Errorf("a long remark is clipped to %d characters", len([]rune(got)))
	}
}
