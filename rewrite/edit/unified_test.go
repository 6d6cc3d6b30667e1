package edit

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	const want = `--- a/x
+++ b/x
@@ -1,4 +1,4 @@
-1
+one
 2
 3
 4
@@ -8,3 +8,4 @@
 8
 9
 10
+11
\ No newline at end of file
`
	got := Unified("a/x", "b/x", []byte("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n"), []byte("one\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11"))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Unified("a", "b", []byte("x"), []byte("x")); got != "" {
		t.Errorf("equal texts differ: %q", got)
	}
}

// TestGitApplies holds that git makes the new text out of the old one and the
// diff, for hand-picked and for random texts.
func TestGitApplies(t *testing.T) {
	type row struct{ name, file, old, new string }
	rows := []row{
		{"newline at the end added", "x.go", "a\nb", "a\nb\n"},
		{"newline at the end removed", "x.go", "a\nb\n", "a\nb"},
		{"no newline on both sides", "x.go", "a\nb", "c\nb"},
		{"line behind one without newline", "x.go", "a", "a\nb"},
		{"CRLF", "x.go", "a\r\nb\r\nc\r\n", "a\r\nx\r\nc\r\n"},
		{"CRLF to LF on one line", "x.go", "a\r\nb\r\n", "a\nb\r\n"},
		{"from empty", "x.go", "", "a\nb\n"},
		{"to empty", "x.go", "a\nb\n", ""},
		{"white space only", "x.go", "a\n\n\nb\n", "a\n \n\t\nb\n"},
		{"a space in the name", "a dir/x y.go", "a\n", "b\n"},
		{"a quote in the name", `x"y\z.go`, "a\n", "b\n"},
		{"an umlaut in the name", "bücher.go", "a\n", "b\n"},
		{"lines that look like a diff", "x.go", "-- a\n++ b\n", "@@ -1 +1 @@\n\\ No newline\n"},
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		rows = append(rows, row{"random", "x.go", random(rnd), random(rnd)})
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			diff := Unified("a/"+row.file, "b/"+row.file, []byte(row.old), []byte(row.new))
			if diff == "" {
				return
			}
			if got := gitApply(t, row.file, row.old, diff); got != row.new {
				t.Errorf("git made %q of %q, want %q\n%s", got, row.old, row.new, diff)
			}
		})
	}
}

func random(rnd *rand.Rand) string {
	var b strings.Builder
	for range rnd.IntN(30) {
		b.WriteString([]string{"a\n", "b\n", "\n", "\tc\r\n", "{\n", "}\n"}[rnd.IntN(6)])
	}
	if rnd.IntN(3) == 0 {
		b.WriteString("end")
	}
	return b.String()
}

func gitApply(t *testing.T, name, old, diff string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(old), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "apply", "-")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(diff)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s%s", err, out, diff)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(got)
}
