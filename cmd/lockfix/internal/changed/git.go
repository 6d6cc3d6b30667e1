package changed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A repo is a working tree that git is asked about.
type repo struct {
	ctx context.Context
	top string // root of the working tree, links resolved
}

// open finds the repository of a directory. In a hook it is the one that git runs
// the hook for, from the root of its working tree.
func open(ctx context.Context, dir string) (*repo, error) {
	r := &repo{ctx: ctx, top: dir}
	if os.Getenv("GIT_DIR") != "" {
		r.top = "."
	}
	out, err := r.git("rev-parse", "--show-toplevel")
	if err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
			return nil, fmt.Errorf("%s is in no git repository: only git knows what has changed", dir)
		}
		return nil, fmt.Errorf("looking for the git repository of %s: %w", dir, err)
	}
	r.top, err = filepath.EvalSymlinks(filepath.FromSlash(strings.TrimSuffix(string(out), "\n")))
	if err != nil {
		return nil, fmt.Errorf("resolving the root of the repository: %w", err)
	}
	return r, nil
}

// git runs a command of git at the root. Its complaints are the message of the error.
func (r *repo) git(args ...string) ([]byte, error) {
	cmd := exec.CommandContext(r.ctx, "git", args...)
	cmd.Dir, cmd.Env = r.top, environ()
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err := cmd.Run()
	text := strings.TrimSpace(complaints.String())
	switch {
	case r.ctx.Err() != nil:
		return nil, r.ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("no git command in PATH: only git knows what has changed")
	case err != nil && text != "":
		return nil, errors.New("git " + args[0] + ": " + text)
	case err != nil:
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out.Bytes(), nil
}

// environ is the environment for git: git gives hooks paths from where it starts
// them, and a question must not wait for, or take, the lock of the index.
func environ() []string {
	env := append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "GIT_LITERAL_PATHSPECS=0", "LC_ALL=C")
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		if value := os.Getenv(name); value != "" {
			if abs, err := filepath.Abs(value); err == nil {
				env = append(env, name+"="+abs)
			}
		}
	}
	return env
}

// names splits a list that ends each name with a NUL.
func names(out []byte) []string {
	text := strings.TrimSuffix(string(out), "\x00")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\x00")
}

// diff compares the Go files of a tree with the working tree or, cached, the index.
func (r *repo) diff(tree string, cached ...string) (*Set, error) {
	args := []string{"diff-index", "-p", "-U0", "--find-renames", "--ignore-all-space", "--text", "--no-color",
		"--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/"}
	out, err := r.git(append(append(args, cached...), tree, "--", "*.go")...)
	if err != nil {
		return nil, fmt.Errorf("asking git what has changed: %w", err)
	}
	return newSet(r.top, out)
}

// untracked lists the Go files that git neither tracks nor ignores.
func (r *repo) untracked() ([]string, error) {
	out, err := r.git("ls-files", "--others", "--exclude-standard", "-z", "--", "*.go")
	if err != nil {
		return nil, fmt.Errorf("asking git for new files: %w", err)
	}
	return names(out), nil
}

// path is where a file of the repository is.
func (r *repo) path(name string) string { return filepath.Join(r.top, filepath.FromSlash(name)) }
