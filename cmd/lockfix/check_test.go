package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A countdown is a context that is cancelled after Err was asked for n times.
type countdown struct {
	context.Context
	n int
}

func (c *countdown) Err() error {
	if c.n--; c.n < 0 {
		return context.Canceled
	}
	return nil
}

// TestInterruptedWritingSaysHowFarItGot holds that files which were written stay
// whole, and that the message counts them.
func TestInterruptedWritingSaysHowFarItGot(t *testing.T) {
	dir := t.TempDir()
	for n, want := range []string{
		"interrupted: nothing was written",
		"interrupted: 1 of 3 files were written, each of them whole: run it again for the rest",
		"interrupted: 2 of 3 files were written, each of them whole: run it again for the rest",
	} {
		c := &check{program: program{stderr: io.Discard}}
		c.changes = make(map[string]change)
		for _, name := range []string{"a.go", "b.go", "c.go"} {
			name = filepath.Join(dir, name)
			if err := os.WriteFile(name, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			c.changes[name] = change{[]byte("old"), []byte("new")}
		}
		err := c.writeFiles(&countdown{t.Context(), n})
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		for i, name := range []string{"a.go", "b.go", "c.go"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if want := map[bool]string{true: "new", false: "old"}[i < n]; err != nil || string(text) != want {
				t.Errorf("after %d files %s is %q, want %q", n, name, text, want)
			}
		}
	}
}
