package clone_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
)

// only is the one clone at DIR/r.
func only(t *testing.T, dir string) clone.Repo {
	t.Helper()
	repos, err := clone.All(dir)
	if err != nil || len(repos) != 1 {
		t.Fatalf("clones are %+v (%v)", repos, err)
	}
	return repos[0]
}

func read(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheFilesOfACommitComeOutAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "r")
	old := gittest.Commit(t, src, map[string]string{"a.go": "old\r\n", "d/e/b": "\x00\n", "gone": "x", ".gitattributes": "* text=auto eol=lf\n"})
	if err := os.Symlink("a.go", filepath.Join(src, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, "run.sh"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	newer := gittest.Commit(t, src, map[string]string{"a.go": "new\n", "gone": ""})
	r := only(t, dir)
	stored := gittest.Run(t, src, "show", old+":a.go")

	into := filepath.Join(t.TempDir(), "old")
	if absent, err := r.Materialise(old, into); err != nil || len(absent) != 0 {
		t.Fatalf("absent %v, error %v", absent, err)
	}
	if got := strings.TrimSpace(read(t, into, "a.go")); got != stored {
		t.Errorf("a.go is %q, stored is %q", got, stored)
	}
	if got := read(t, into, "d/e/b"); got != "\x00\n" {
		t.Errorf("d/e/b is %q", got)
	}
	into = filepath.Join(t.TempDir(), "new")
	if _, err := r.Materialise(newer, into); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(into, "gone")); err == nil {
		t.Error("a file of another commit is there")
	}
	if got, _ := os.Readlink(filepath.Join(into, "link")); got != "a.go" {
		t.Errorf("link leads to %q", got)
	}
	if info, err := os.Stat(filepath.Join(into, "run.sh")); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("run.sh cannot be run: %v %v", info, err)
	}
}

func TestAnAbsentObjectCostsOneFile(t *testing.T) {
	dir := t.TempDir()
	src := filepath.Join(dir, "r")
	commit := gittest.Commit(t, src, map[string]string{"a": "here", "big": "gone", "c": "here too"})
	object := gittest.Run(t, src, "rev-parse", commit+":big")
	if err := os.Remove(filepath.Join(src, ".git", "objects", object[:2], object[2:])); err != nil {
		t.Fatal(err)
	}
	into := filepath.Join(t.TempDir(), "tree")
	absent, err := only(t, dir).Materialise(commit, into)
	if err != nil || !slices.Equal(absent, []string{"big"}) {
		t.Fatalf("absent %v, error %v", absent, err)
	}
	if read(t, into, "a")+read(t, into, "c") != "herehere too" {
		t.Error("the other files are not as they were")
	}
}

func TestATreeOfAnEarlierRunIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	commit := gittest.Commit(t, filepath.Join(dir, "r"), map[string]string{"a": "x"})
	into := filepath.Join(t.TempDir(), "tree")
	gittest.Write(t, into, map[string]string{"mark": "kept"})
	if _, err := only(t, dir).Materialise(commit, into); err != nil || read(t, into, "mark") != "kept" {
		t.Errorf("the tree was made anew (%v)", err)
	}
}

func TestAnUnknownCommitIsAnErrorAndLeavesNoTree(t *testing.T) {
	dir := t.TempDir()
	gittest.Commit(t, filepath.Join(dir, "r"), map[string]string{"a": "x"})
	r := only(t, dir)
	into := filepath.Join(t.TempDir(), "tree")
	unknown := strings.Repeat("1", 40)
	if _, err := r.Materialise(unknown, into); err == nil || r.Has(unknown) {
		t.Errorf("error is %v", err)
	}
	if _, err := os.Stat(into); err == nil {
		t.Error("a tree is left behind")
	}
}

func TestASnapshotSeesAndUndoesEveryChange(t *testing.T) {
	tree := t.TempDir()
	files := map[string]string{"a.go": "one\r\n", "b.go": "b\n", ".gitignore": "out\n", ".gitattributes": "* text=auto eol=lf\n"}
	gittest.Write(t, tree, files)
	snap, err := clone.Take(tree, filepath.Join(t.TempDir(), "git"))
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := snap.Changed(); err != nil || len(changed) != 0 {
		t.Fatalf("changed is %v (%v) before anything happened", changed, err)
	}
	gittest.Write(t, tree, map[string]string{"a.go": "two\r\n", "b.go": "", "d/new": "n\n", "out": "ignored\n"})
	changed, err := snap.Changed()
	if err != nil || !slices.Equal(changed, []string{"a.go", "b.go", "d/new", "out"}) {
		t.Errorf("changed is %v (%v)", changed, err)
	}
	if err := snap.Restore(); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if got := read(t, tree, name); got != text {
			t.Errorf("%s is %q, was %q", name, got, text)
		}
	}
	if changed, _ := snap.Changed(); len(changed) != 0 {
		t.Errorf("%v are left", changed)
	}
}

func TestADiffOfASnapshotApplies(t *testing.T) {
	tree := t.TempDir()
	gittest.Write(t, tree, map[string]string{"a.go": "one\r\ntwo\r\n", "b.go": "no newline"})
	snap, err := clone.Take(tree, filepath.Join(t.TempDir(), "git"))
	if err != nil {
		t.Fatal(err)
	}
	after := map[string]string{"a.go": "one\r\n2\r\n", "b.go": "none still"}
	gittest.Write(t, tree, after)
	diff, err := snap.Diff()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "x.diff")
	if err := os.WriteFile(name, []byte(diff), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := snap.Restore(); err != nil {
		t.Fatal(err)
	}
	if err := snap.Apply(name); err != nil {
		t.Fatal(err)
	}
	for name, text := range after {
		if got := read(t, tree, name); got != text {
			t.Errorf("%s is %q, want %q", name, got, text)
		}
	}
}

func TestADiffOfFilesNamesTheFileTheyAreVersionsOf(t *testing.T) {
	dir := t.TempDir()
	gittest.Write(t, dir, map[string]string{"x": "a\nb\n", "y": "a\nc\n"})
	got, err := clone.DiffFiles(filepath.Join(dir, "x"), filepath.Join(dir, "y"), "p/q.go")
	want := "--- a/p/q.go\n+++ b/p/q.go\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
	if err != nil || got != want {
		t.Errorf("diff is %q (%v), want %q", got, err, want)
	}
	if got, err := clone.DiffFiles(filepath.Join(dir, "x"), filepath.Join(dir, "x"), "q"); got != "" || err != nil {
		t.Errorf("equal files differ by %q (%v)", got, err)
	}
	if _, err := clone.DiffFiles(filepath.Join(dir, "x"), filepath.Join(dir, "no"), "q"); err == nil {
		t.Error("a missing file has a difference")
	}
}
