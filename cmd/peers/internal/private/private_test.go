package private_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lockfix/lockfix/cmd/peers/internal/private"
)

func write(t *testing.T, dir string, files ...string) {
	t.Helper()
	for _, name := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("old"), 0o444); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestTheRootIsThatOfTheCloneOrElseOfTheWorkspace(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "clone/.git/HEAD", "clone/a/go.work", "clone/a/b/go.mod", "work/go.work", "work/b/go.mod", "alone/go.mod")
	for at, want := range map[string]string{"clone/a/b": "clone", "work/b": "work", "clone": "clone", "alone": "alone"} {
		if got := private.Root(filepath.Join(dir, at)); got != filepath.Join(dir, want) {
			t.Errorf("root of %s: %s", at, got)
		}
	}
}

func TestACopiedTreeCanBeChanged(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	write(t, from, "a/a.go", ".git/HEAD", "sub/.git")
	if err := os.Symlink("a.go", filepath.Join(from, "a", "link.go")); err != nil {
		t.Fatal(err)
	}
	if err := private.Tree(from, to); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".git", "sub/.git"} {
		if _, err := os.Stat(filepath.Join(to, name)); err == nil {
			t.Errorf("%s was copied", name)
		}
	}
	if err := os.WriteFile(filepath.Join(to, "a", "a.go"), []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := read(t, from, "a/a.go"); got != "old" {
		t.Errorf("the clone has %s", got)
	}
	if got := read(t, to, "a/link.go"); got != "new" {
		t.Errorf("the link leads to %s", got)
	}
}

func TestACopiedCacheSharesWhatIsNamedByItsContent(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	write(t, from, "00/11-a", "00/22-d", "trim.txt")
	if err := private.Cache(from, to); err != nil {
		t.Fatal(err)
	}
	for name, shared := range map[string]bool{"00/11-a": false, "00/22-d": true, "trim.txt": false} {
		old, err := os.Stat(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		copied, err := os.Stat(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		if os.SameFile(old, copied) != shared {
			t.Errorf("%s: shared %v", name, !shared)
		}
	}
}
