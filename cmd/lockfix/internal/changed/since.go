package changed

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Since says what has changed in the working tree around dir since HEAD left a
// revision.
func Since(ctx context.Context, dir, rev string) (*Set, error) {
	r, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	base, err := r.mergeBase(rev)
	if err != nil {
		return nil, err
	}
	s, err := r.diff(base)
	if err != nil {
		return nil, err
	}
	files, err := r.untracked()
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		s.whole(name)
	}
	return s, nil
}

// mergeBase finds the commit at which HEAD left a revision.
func (r *repo) mergeBase(rev string) (string, error) {
	if strings.HasPrefix(rev, "-") || rev == "" {
		return "", fmt.Errorf("%q is no revision", rev)
	}
	commit, err := r.commit(rev)
	if err != nil {
		return "", fmt.Errorf("git knows no revision %q in %s%s", rev, r.top, r.shallow())
	}
	if _, err := r.commit("HEAD"); err != nil {
		return "", fmt.Errorf("there is no commit in %s yet: nothing can have changed since %s", r.top, rev)
	}
	base, err := r.git("merge-base", commit, "HEAD")
	if err != nil {
		if r.ctx.Err() != nil {
			return "", r.ctx.Err()
		}
		return "", fmt.Errorf("HEAD and %s have no commit in common%s", rev, r.shallow())
	}
	return strings.TrimSpace(string(base)), nil
}

var errNone = errors.New("no such commit")

func (r *repo) commit(rev string) (string, error) {
	out, err := r.git("rev-parse", "--verify", "--quiet", rev+"^{commit}")
	if err != nil {
		return "", errNone
	}
	return strings.TrimSpace(string(out)), nil
}

// shallow says what may be the matter when a commit is missing.
func (r *repo) shallow() string {
	out, err := r.git("rev-parse", "--is-shallow-repository")
	if err != nil || strings.TrimSpace(string(out)) != "true" {
		return ""
	}
	return ": this is a shallow clone, which lacks older commits: git fetch --unshallow gets them (in a workflow: fetch-depth: 0)"
}
