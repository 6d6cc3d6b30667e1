package repair

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteReplacesOnlyWhatWasAnalysed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := Write(name, []byte("older"), []byte("new")); !errors.Is(err, ErrChanged) {
		t.Errorf("writing over a changed file: %v, want %v", err, ErrChanged)
	}
	expect(t, name, "old")
	if err := Write(name, []byte("old"), []byte("new")); err != nil {
		t.Fatal(err)
	}
	expect(t, name, "new")
}

// expect also looks for files that were left behind.
func expect(t *testing.T, name, want string) {
	t.Helper()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %q, want %q", name, got, want)
	}
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("%d files in the directory, want 1", len(entries))
	}
}
