package clone

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// A Snapshot remembers a directory of files, so that what a program changes in it
// can be seen and undone. Its repository lies outside of the directory: nothing
// that runs there sees that it is being watched.
type Snapshot struct{ git, Tree string }

// Take remembers a tree; git is a new directory for its repository.
func Take(tree, git string) (Snapshot, error) {
	s := Snapshot{git: git, Tree: tree}
	if _, err := Output(tree, "init", "-q", "--bare", git); err != nil {
		return s, err
	}
	// Bytes are compared as they are, whatever the tree's own .gitattributes say.
	if err := os.WriteFile(filepath.Join(git, "info", "attributes"), []byte("* -text -filter -ident diff\n"), 0o644); err != nil {
		return s, fmt.Errorf("write attributes: %w", err)
	}
	if _, err := s.run("add", "--all", "--force", "."); err != nil {
		return s, err
	}
	_, err := s.run("commit", "-q", "--no-verify", "--allow-empty", "-m", "as it was")
	return s, err
}

func (s Snapshot) run(args ...string) (string, error) {
	return Output(s.Tree, append([]string{"--git-dir=" + s.git, "--work-tree=" + s.Tree,
		"-c", "user.name=corpus", "-c", "user.email=corpus@localhost", "-c", "core.autocrlf=false",
		"-c", "core.fileMode=true", "-c", "gc.auto=0", "-c", "commit.gpgSign=false"}, args...)...)
}

// Changed lists the files that differ, new and ignored ones included, sorted.
func (s Snapshot) Changed() ([]string, error) {
	out, err := s.run("status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--ignored")
	if err != nil {
		return nil, err
	}
	var files []string
	for line := range strings.SplitSeq(out, "\x00") {
		if len(line) > 3 {
			files = append(files, line[3:])
		}
	}
	sort.Strings(files)
	return files, nil
}

// Diff is what differs, as a diff that git apply takes.
func (s Snapshot) Diff() (string, error) {
	return s.run("diff", "--no-color", "--no-ext-diff", "--binary", "HEAD", "--", ".")
}

// Apply makes the changes of a diff in a file, which may be empty.
func (s Snapshot) Apply(name string) error {
	if info, err := os.Stat(name); err == nil && info.Size() == 0 {
		return nil
	}
	_, err := s.run("apply", "--whitespace=nowarn", name)
	return err
}

// Restore makes the tree again what it was.
func (s Snapshot) Restore() error {
	if _, err := s.run("reset", "-q", "--hard", "HEAD"); err != nil {
		return err
	}
	_, err := s.run("clean", "-ffdxq")
	return err
}

// Forget removes the memory; the tree stays as it is.
func (s Snapshot) Forget() error { return os.RemoveAll(s.git) }
