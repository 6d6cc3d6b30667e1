// Package gittest makes tiny git repositories for tests.
package gittest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
)

// Run runs git in a directory and returns what it prints, trimmed.
func Run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	args = append([]string{"-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgSign=false",
		"-c", "core.autocrlf=false", "-c", "init.defaultBranch=main"}, args...)
	out, err := clone.Output(dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// Write writes files, slash-separated names below dir; an empty text removes one.
func Write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if text == "" {
			if err := os.Remove(name); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Commit writes files into a repository, which it makes where there is none, and
// returns the new commit.
func Commit(t testing.TB, dir string, files map[string]string) string {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		Run(t, dir, "init", "-q")
	}
	Write(t, dir, files)
	Run(t, dir, "add", "--all", "--force")
	Run(t, dir, "commit", "-q", "--allow-empty", "-m", "test")
	return Run(t, dir, "rev-parse", "HEAD")
}
