package measure

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
)

// module is a repository with a flaw of each grade, a test that is red from the
// start, and one that is red once a file holds "RED".
var module = map[string]string{
	"go.mod": "module m\n\ngo 1.20\n",
	"p/a.go": "package p\n\nvar a int // BUG safe wakeloop\n",
	"q/a.go": "package q\n\nvar a int // BUG unsafe blockheld\n\nvar b int // BUG none wakeheld\n",
	"p/a_test.go": `package p

import (
	"os"
	"strings"
	"testing"
)

func TestRedBefore(t *testing.T) { t.Fail() }

func TestSource(t *testing.T) {
	if src, _ := os.ReadFile("a.go"); strings.Contains(string(src), "RED") {
		t.Fail()
	}
}
`,
}

func promises(t *testing.T, manner string, tests bool) (RepoRun, string) {
	t.Helper()
	dir := t.TempDir()
	gittest.Commit(t, filepath.Join(dir, "r"), module)
	b := bench(t, dir, manner)
	targets, err := b.Targets(nil)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	runs, err := b.Promises(targets, tests, out)
	if err != nil {
		t.Fatal(err)
	}
	return runs[0], out
}

func TestAToolThatKeepsItsPromisesBreaksNone(t *testing.T) {
	t.Parallel()
	run, out := promises(t, "good", true)
	var buf bytes.Buffer
	if n := PrintBroken(&buf, []RepoRun{run}); n != 0 {
		t.Errorf("%d promises are broken:\n%s", n, buf.String())
	}
	if want := "r: red before: m/p.TestRedBefore\n"; !strings.Contains(buf.String(), want) {
		t.Errorf("%q is not in %q", want, buf.String())
	}
	changed := [][]string{run.Writes[0].Changed, run.Writes[1].Changed}
	if !slices.Equal(changed[0], []string{"p/a.go"}) || !slices.Equal(changed[1], []string{"p/a.go", "q/a.go"}) {
		t.Errorf("changed are %v", changed)
	}
	for name, part := range map[string]string{"r.safe.diff": "+var a int\n", "r.unsafe.diff": "--- a/q/a.go"} {
		diff, err := os.ReadFile(filepath.Join(out, name))
		if err != nil || !strings.Contains(string(diff), part) {
			t.Errorf("%s is %q (%v)", name, diff, err)
		}
	}
}

func TestEveryBrokenPromiseIsNamed(t *testing.T) {
	for manner, want := range map[string]string{
		"crash":    "crashed",
		"restless": "files changed by a second run: [p/a.go",
		"stray":    "files changed without a reported fix: [p/a.go.orig",
		"breaks":   "new problems: [",
		"red":      "tests red only after: [m/p.TestSource]", // not m/p, which was red before
	} {
		t.Run(manner, func(t *testing.T) {
			t.Parallel()
			run, _ := promises(t, manner, manner == "red")
			broken := strings.Join(run.Writes[0].Broken(), "; ")
			if !strings.Contains(broken, want) {
				t.Errorf("broken is %q, want %q", broken, want)
			}
		})
	}
}

func TestFindingsAreCountedByRuleLevelAndGrade(t *testing.T) {
	run, _ := promises(t, "good", false)
	var got []string
	for _, r := range CountTable([]RepoRun{run}).Rows {
		got = append(got, strings.Join([]string{r["rule"], r["deadlock"], r["safe"], r["unsafe"], r["none"]}, " "))
	}
	want := []string{"blockheld 1 0 1 0", "wakeheld 1 0 0 1", "wakeloop 1 1 0 0", "total 3 1 1 1"}
	if !slices.Equal(got, want) {
		t.Errorf("counts are %q, want %q", got, want)
	}
	if rows := RunTable([]RepoRun{run}).Rows; len(rows) != 3 || rows[2]["files"] != "2" || rows[2]["broken"] != "0" || rows[1]["tests"] != "" {
		t.Errorf("rows are %v", rows)
	}
}

func TestATargetIsARepositoryOrAModuleInIt(t *testing.T) {
	dir := t.TempDir()
	gittest.Commit(t, filepath.Join(dir, "o", "w"), map[string]string{
		"go.work": "go 1.20\n\nuse ./s\n", "s/go.mod": "module s\n\ngo 1.20\n", "s/a.go": "package s\n", "doc/x": "x",
	})
	b := bench(t, dir, "good")
	for _, tt := range []struct{ name, module, pattern string }{
		{"w", ".", "work"}, {"o/w", ".", "work"}, {"w/s", "s", "./..."}, {"o/w/s", "s", "./..."},
		{"w/doc", "", ""}, {"w/none", "", ""}, {"unknown", "", ""},
	} {
		got, err := b.Targets([]string{tt.name})
		if (err != nil) != (tt.pattern == "") {
			t.Errorf("%s: error is %v", tt.name, err)
		}
		if err == nil && (got[0].Module != tt.module || got[0].Pattern != tt.pattern) {
			t.Errorf("%s is %+v", tt.name, got[0])
		}
	}
}

func TestFindingsListAsFactsWithTheVerdictsThatAreKnown(t *testing.T) {
	dir := t.TempDir()
	head := gittest.Commit(t, filepath.Join(dir, "r"), module)
	b := bench(t, dir, "good")
	targets, err := b.Targets(nil)
	if err != nil {
		t.Fatal(err)
	}
	known := []facts.Verdict{
		{Repo: "r", Commit: head, File: "q/a.go", Line: "3", Rule: "blockheld", Verdict: "true", Reason: "seen"},
		{Repo: "r", Commit: "another", File: "p/a.go", Line: "3", Rule: "wakeloop", Verdict: "false"},
	}
	table, err := b.FindingTable(targets, known)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range table.Rows {
		got = append(got, strings.Join([]string{r["file"], r["line"], r["rule"], r["fix"], r["verdict"], r["reason"]}, " "))
	}
	want := []string{"p/a.go 3 wakeloop safe  ", "q/a.go 3 blockheld unsafe true seen", "q/a.go 5 wakeheld none  "}
	if !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
}

func TestJudgedFindingsSumUpWithoutContention(t *testing.T) {
	sums := Judge([]facts.Verdict{
		{Rule: "wakeloop", Verdict: "true"}, {Rule: "wakeloop", Verdict: "false"}, {Rule: "blockheld", Verdict: "debatable", Level: "hazard"},
		{Rule: "wakeloop", Verdict: "false", Level: "contention"},
	})
	if sums["wakeloop"] != (Precision{True: 1, False: 1}) || sums["total"].Right() != (Share{2, 3}) {
		t.Errorf("sums are %+v", sums)
	}
	var buf bytes.Buffer
	if err := PrintJudged(&buf, sums, 4); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(buf.String(), "\n")
	if !strings.HasPrefix(lines[3], "total") || !strings.Contains(lines[3], "2/3 (66%)") || lines[4] != "4 not judged yet" {
		t.Errorf("printed is %q", buf.String())
	}
}

func TestOnlyNewProblemsAreWorse(t *testing.T) {
	before := []string{"a.go:3:4: x is bad", "a.go:9: x is bad", "gone"}
	tests := []struct {
		claim string
		after []string
		want  []string
	}{
		{"moved lines are the same problem", []string{"a.go:5:4: x is bad", "a.go:11: x is bad"}, nil},
		{"once more than before is new", []string{"a.go:5: x is bad", "a.go:6: x is bad", "a.go:7: x is bad"}, []string{"a.go:7: x is bad"}},
		{"another file is new", []string{"b.go:3:4: x is bad"}, []string{"b.go:3:4: x is bad"}},
	}
	for _, tt := range tests {
		if got := worse(before, tt.after); !slices.Equal(got, tt.want) {
			t.Errorf("%s: worse is %q, want %q", tt.claim, got, tt.want)
		}
	}
}

func TestSumsAreTheGoCommandsOwn(t *testing.T) {
	for name, want := range map[string]bool{"go.work.sum": true, "s/go.sum": true, "go.mod": false, "s/a.go": false} {
		if got := byGo(name); got != want {
			t.Errorf("byGo(%q) is %v", name, got)
		}
	}
}
