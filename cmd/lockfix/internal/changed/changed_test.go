package changed

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSpansOfAPatch(t *testing.T) {
	top := t.TempDir()
	for _, test := range []struct {
		claim, patch string
		want         map[string][]span
	}{
		{"nothing has changed", "", map[string][]span{}},
		{"lines were edited", "diff --git a/p.go b/p.go\n--- a/p.go\n+++ b/p.go\n@@ -3 +3,2 @@ func f() {\n-a\n+b\n+c\n@@ -9 +10 @@\n-x\n+y\n",
			map[string][]span{"p.go": {{3, 4}, {10, 10}}}},
		{"a line was removed", "diff --git a/p.go b/p.go\n--- a/p.go\n+++ b/p.go\n@@ -5 +4,0 @@\n-a\n",
			map[string][]span{"p.go": {{5, 4}}}},
		{"a directive was removed", "diff --git a/p.go b/p.go\n--- a/p.go\n+++ b/p.go\n@@ -5 +4,0 @@\n-//lockfix:ignore flag x\n",
			map[string][]span{"p.go": {{4, 5}}}},
		{"a file is new, its name quoted", "diff --git \"a/\\303\\244/p.go\" \"b/\\303\\244/p.go\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/\\303\\244/p.go\"\n@@ -0,0 +1,2 @@\n+a\n+b\n",
			map[string][]span{"ä/p.go": {{1, 2}}}},
		{"a file is gone", "diff --git a/p.go b/p.go\ndeleted file mode 100644\n--- a/p.go\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n", map[string][]span{}},
		{"a file has another name", "diff --git a/p.go b/q.go\nsimilarity index 100%\nrename from p.go\nrename to q.go\n", map[string][]span{"q.go": nil}},
		{"another name and other lines", "diff --git a/p.go b/q.go\nsimilarity index 90%\nrename from p.go\nrename to q.go\n--- a/p.go\n+++ b/q.go\n@@ -1 +1 @@\n-a\n+b\n",
			map[string][]span{"q.go": {{1, 1}}}},
		{"a file without a newline at its end", "diff --git a/p.go b/p.go\n--- a/p.go\n+++ b/p.go\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n",
			map[string][]span{"p.go": {{1, 1}}}},
	} {
		t.Run(test.claim, func(t *testing.T) {
			s, err := newSet(top, []byte(test.patch))
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range test.want {
				got, ok := s.lines[filepath.Join(top, filepath.FromSlash(name))]
				if !ok || !slices.Equal(got, want) {
					t.Errorf("%s: %v, want %v", name, got, want)
				}
			}
			if len(s.lines) != len(test.want) {
				t.Errorf("files: %v", s.lines)
			}
		})
	}
	if _, err := newSet(top, []byte("diff --git a/p.go b/p.go\n--- a/p.go\n+++ b/p.go\n@@ -1,2 +1 @@\n-a\n")); err == nil {
		t.Error("nonsense is a patch")
	}
}

func TestExtents(t *testing.T) {
	const text = `package p

import "fmt"

// T has a doc.
type T struct {
	a int
}

var (
	x = 1
	// y has one.
	y = 2
)

//line other.go:100
func f() {
	fmt.Print()
}
`
	want := []span{{3, 3}, {5, 8}, {11, 11}, {12, 13}, {16, 19}}
	if got := extents([]byte(text)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := extents([]byte("package p\nfunc {")); got != nil {
		t.Errorf("what does not parse has %v", got)
	}
}

func TestADeclarationHasChanged(t *testing.T) {
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(top, "p.go")
	write(t, file, "package p\n\n// f is one.\nfunc f() {\n}\n\nfunc g() {\n\tprint()\n}\n// A remark.\n")
	for _, test := range []struct {
		claim string
		spans []span
		line  int
		want  bool
	}{
		{"a line of it", []span{{4, 4}}, 5, true},
		{"its doc comment", []span{{3, 3}}, 5, true},
		{"a line within was removed", []span{{8, 7}}, 8, true},
		{"a line before it was removed", []span{{7, 6}}, 8, false},
		{"a line after it was removed", []span{{10, 9}}, 8, false},
		{"another one", []span{{7, 9}}, 4, false},
		{"between two", []span{{6, 6}}, 4, false},
		{"several", []span{{1, 1}, {8, 8}}, 7, true},
		{"outside of all the line counts", []span{{10, 10}}, 10, true},
		{"outside of all another line does not", []span{{10, 10}}, 2, false},
		{"nothing", nil, 4, false},
	} {
		s := &Set{top: top, lines: map[string][]span{file: test.spans}}
		if got := s.Has(file, test.line); got != test.want {
			t.Errorf("%s: %t", test.claim, got)
		}
	}
	s := &Set{top: top, lines: map[string][]span{file: {{2, 2}}}, overlay: map[string][]byte{file: []byte("package p; func f() {\n}\n")}}
	if !s.Has(file, 1) {
		t.Error("the text on disk was looked at, not that of the overlay")
	}
	link := filepath.Join(t.TempDir(), "link")
	if os.Symlink(top, link) == nil {
		s := &Set{top: top, lines: map[string][]span{file: {{4, 4}}}}
		if !s.Has(filepath.Join(link, "p.go"), 4) || !s.Covers(filepath.Join(link, "p.go")) {
			t.Error("a file behind a link is another")
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// A tree is a repository to ask about.
type tree struct {
	*testing.T
	dir string
}

func newTree(t *testing.T) tree {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := tree{t, dir}
	r.git("init", "-q", "-b", "main")
	r.git("config", "user.name", "A")
	r.git("config", "user.email", "a@example.com")
	return r
}

func (r tree) git(args ...string) {
	r.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		r.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (r tree) path(name string) string { return filepath.Join(r.dir, filepath.FromSlash(name)) }

// Names are what people use: quoted, with blanks, with what git gives a meaning.
func TestFilesOfAnyName(t *testing.T) {
	r := newTree(t)
	list := []string{"a b.go", "ä/ö.go", "'q'.go", "#1.go", "-dash.go", "a/b/c.go", ":(glob)x.go"}
	if os.PathSeparator == '/' {
		list = append(list, "tab\there.go", `"quoted".go`, `back\slash.go`)
	}
	for _, name := range list {
		write(t, r.path(name), "package p\n\nfunc f() {\n\tprint()\n}\n")
	}
	s, x, err := Staged(context.Background(), r.dir)
	if err != nil || !s.Empty() || len(x.Overlay) != len(list) {
		t.Errorf("nothing is staged: %v %v %v", s, x, err)
	}
	r.git("add", "-A")
	r.git("commit", "-qm", "first")
	for _, name := range list {
		write(t, r.path(name), "package p\n\nfunc f() {\n\tprintln()\n}\n")
	}
	r.git("add", "-A")
	for _, name := range list {
		write(t, r.path(name), "package p\n\nfunc f() {\n\tpanic(1)\n}\n")
	}
	since, err := Since(context.Background(), r.dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	s, x, err = Staged(context.Background(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range list {
		name = r.path(name)
		if !since.Has(name, 4) || !s.Has(name, 4) || s.Has(name, 1) {
			t.Errorf("%q is not known to have changed", name)
		}
		if !strings.Contains(string(x.Overlay[name]), "println") || x.Held(name) == "" {
			t.Errorf("%q is not as in the index: %q", name, x.Overlay[name])
		}
	}
}

// What git would write to the working tree is what the index holds: with CRLF where
// the user has them.
func TestTheIndexAsItWouldBeCheckedOut(t *testing.T) {
	r := newTree(t)
	write(t, r.path(".gitattributes"), "*.go text eol=crlf\n")
	write(t, r.path("p.go"), "package p\r\n")
	write(t, r.path("q.go"), "package p\r\n")
	r.git("add", ".")
	r.git("commit", "-qm", "first")
	write(t, r.path("p.go"), "package p\r\n\r\nvar x = 1\r\n")
	r.git("add", ".")
	write(t, r.path("p.go"), "package p\r\n\r\nvar x = 2\r\n")
	// Touched, and the same.
	write(t, r.path("q.go"), "package p\r\n")
	_, x, err := Staged(context.Background(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(x.Overlay[r.path("p.go")]); got != "package p\r\n\r\nvar x = 1\r\n" || len(x.Overlay) != 1 {
		t.Errorf("overlay %q", x.Overlay)
	}
}

// A repository within the repository has a history of its own.
func TestARepositoryWithin(t *testing.T) {
	r := newTree(t)
	inner := tree{t, r.path("inner")}
	write(t, inner.path("q.go"), "package q\n")
	write(t, r.path("p.go"), "package p\n")
	r.git("add", "p.go")
	r.git("commit", "-qm", "first")
	inner.git("init", "-q")
	s, err := Since(context.Background(), r.dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	if !s.Covers(r.path("p.go")) || s.Covers(inner.path("q.go")) || s.Covers(filepath.Join(r.dir, "..", "x.go")) {
		t.Error("which files the repository has is not known")
	}
}

// To ask leaves the index as it is, its lock and its times too.
func TestAskingWritesNothing(t *testing.T) {
	r := newTree(t)
	write(t, r.path("p.go"), "package p\n")
	r.git("add", ".")
	r.git("commit", "-qm", "first")
	write(t, r.path("p.go"), "package p // touched\n")
	write(t, r.path("p.go"), "package p\n")
	write(t, r.path(".git/index.lock"), "") // of a commit in progress
	before, err := os.ReadFile(r.path(".git/index"))
	if err != nil {
		t.Fatal(err)
	}
	if s, err := Since(context.Background(), r.dir, "HEAD"); err != nil || s.Has(r.path("p.go"), 1) {
		t.Errorf("Since: %v", err)
	}
	if s, x, err := Staged(context.Background(), r.dir); err != nil || !s.Empty() || len(x.Overlay) > 0 {
		t.Errorf("Staged: %v %v", x, err)
	}
	if after, _ := os.ReadFile(r.path(".git/index")); string(before) != string(after) {
		t.Error("the index was written")
	}
}

func FuzzExtents(f *testing.F) {
	f.Add("package p\n\nfunc f() {}\n")
	f.Add("package p\nvar (\n\n)\n")
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, s := range extents([]byte(text)) {
			if s.first < 1 || s.last < s.first || s.first < last {
				t.Errorf("declarations of %q: %v", text, s)
			}
			last = s.first
		}
	})
}
