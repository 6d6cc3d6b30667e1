package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsWrongIsNamedWithARemedy(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module m\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct{ args, want string }{
		{"compare", "give --dir"},
		{"compare --dir " + t.TempDir(), "give --dir"},
		{"compare --dir " + dir + " --states tepid", "there are empty"},
		{"compare --dir " + dir + " --rounds 0", "give --rounds"},
		{"compare --dir " + dir + " --staticcheck x --lockfix nowhere", "make build"},
		{"size --lockfix nowhere", "make build"},
		{"size --sizes 20,10", "ascending"},
	} {
		cmd := root()
		cmd.SetArgs(strings.Fields(r.args))
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%s: %v, want %q", r.args, err, r.want)
		}
	}
}
