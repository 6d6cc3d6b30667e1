package changed

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// An Index is what the next commit will hold.
type Index struct {
	// Overlay has the Go files in which the index differs from the working tree, by
	// absolute name: their contents in the index. One that it does not have stands
	// there as a file that is never built.
	Overlay map[string][]byte

	staged map[string]bool
}

// Staged says what the index around dir has changed since HEAD.
func Staged(ctx context.Context, dir string) (*Set, *Index, error) {
	r, err := open(ctx, dir)
	if err != nil {
		return nil, nil, err
	}
	if err := r.unmerged(); err != nil {
		return nil, nil, err
	}
	tree, err := r.head()
	if err != nil {
		return nil, nil, err
	}
	s, err := r.diff(tree, "--cached")
	if err != nil {
		return nil, nil, err
	}
	x := &Index{Overlay: make(map[string][]byte), staged: make(map[string]bool)}
	for name := range s.lines {
		x.staged[name] = true
	}
	if err := r.overlay(x); err != nil {
		return nil, nil, err
	}
	s.overlay = x.Overlay
	return s, x, nil
}

// Held says why a file must not be rewritten so that what is staged and what is not
// stay apart, "" if it may.
func (x *Index) Held(file string) string {
	switch _, differs := x.Overlay[file]; {
	case differs:
		return "the file has changes that are not staged, which an edit would mix with those that are: stage or stash them"
	case !x.staged[file]:
		return "the edit is in a file that is not staged"
	}
	return ""
}

func (r *repo) unmerged() error {
	out, err := r.git("diff-files", "--name-only", "--diff-filter=U", "-z", "--", "*.go")
	if err != nil {
		return fmt.Errorf("asking git for conflicts: %w", err)
	}
	if list := names(out); len(list) > 0 {
		slices.Sort(list)
		return fmt.Errorf("%s is not merged: the index does not say what will be committed", list[0])
	}
	return nil
}

// head is what the index is compared with: HEAD, or nothing before the first commit.
func (r *repo) head() (string, error) {
	if commit, err := r.commit("HEAD"); err == nil {
		return commit, nil
	}
	empty, err := r.git("hash-object", "-t", "tree", os.DevNull)
	if err != nil {
		return "", fmt.Errorf("asking git for the empty tree: %w", err)
	}
	return strings.TrimSpace(string(empty)), nil
}

// unbuilt stands for a file that is on disk and not in the index.
const unbuilt = "//go:build ignore\n\npackage ignore\n"

// overlay finds the files in which the index and the working tree differ.
func (r *repo) overlay(x *Index) error {
	fresh, err := r.untracked()
	if err != nil {
		return err
	}
	out, err := r.git("diff-files", "--name-status", "--no-renames", "-z", "--", "*.go")
	if err != nil {
		return fmt.Errorf("asking git what is not staged: %w", err)
	}
	list := names(out)
	for i := 0; i+1 < len(list); i += 2 {
		if status, name := list[i], list[i+1]; status == "A" { // announced by git add -N
			fresh = append(fresh, name)
		} else if err := r.restore(x, name); err != nil {
			return err
		}
	}
	for _, name := range fresh {
		x.Overlay[r.path(name)] = []byte(unbuilt)
	}
	return nil
}

// restore puts a file into the overlay as the index has it. Git also names files
// that were only touched.
func (r *repo) restore(x *Index, name string) error {
	text, err := r.git("cat-file", "--filters", ":0:"+name)
	if err != nil {
		return fmt.Errorf("reading %s from the index: %w", name, err)
	}
	if disk, err := os.ReadFile(r.path(name)); err != nil || !bytes.Equal(disk, text) {
		x.Overlay[r.path(name)] = text
	}
	return nil
}

// Differing lists the staged files that have changes which are not, sorted.
func (x *Index) Differing() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(x.Overlay)), func(name string) bool { return !x.staged[name] })
}
