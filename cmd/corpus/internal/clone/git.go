// Package clone finds local clones, puts the files of a commit into a directory
// and makes trees from before Go modules loadable.
//
// # Clones are read, never written
//
// Files come out of the object store through git cat-file and go to a directory
// elsewhere. Checkouts and git worktrees lost: both write into the clone, and
// both fail as a whole when a single object is absent, as it is in a partial
// clone; here such a file is missing and the rest is there.
package clone

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Git makes a git command in a directory that writes no locks, fetches nothing
// and does not mind in which repository the caller is.
func Git(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "GIT_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	return cmd
}

// Output runs a git command and returns what it prints.
func Output(dir string, args ...string) (string, error) {
	cmd := Git(dir, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("run git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return string(out), nil
}

// Head is the commit that the clone stands at.
func (r Repo) Head() (string, error) {
	out, err := Output(r.Dir, "rev-parse", "--verify", "HEAD^{commit}")
	return strings.TrimSpace(out), err
}

// Has reports whether the clone holds a commit.
func (r Repo) Has(commit string) bool {
	_, err := Output(r.Dir, "cat-file", "-e", commit+"^{commit}")
	return err == nil
}

// Day is when a commit was made.
func (r Repo) Day(commit string) (time.Time, error) {
	out, err := Output(r.Dir, "show", "--no-patch", "--format=%cI", commit)
	if err != nil {
		return time.Time{}, err
	}
	return time.Parse(time.RFC3339, strings.TrimSpace(out))
}

// Diff is what happened to a file from one commit to another.
func (r Repo) Diff(from, to, file string) (string, error) {
	return Output(r.Dir, "diff", "--no-color", "--no-ext-diff", "--find-renames", from, to, "--", file)
}

// DiffFiles is the difference of two files anywhere, under the name of one that
// both are versions of.
func DiffFiles(before, after, name string) (string, error) {
	cmd := Git("", "diff", "--no-index", "--no-color", "--no-ext-diff", "--", before, after)
	out, err := cmd.Output()
	if err != nil && len(out) == 0 { // with output it means that they differ
		return "", fmt.Errorf("run git diff of %s: %w", name, err)
	}
	_, hunks, found := strings.Cut(string(out), "\n@@ ")
	if !found {
		return "", nil
	}
	return fmt.Sprintf("--- a/%s\n+++ b/%s\n@@ %s", name, name, hunks), nil
}
