package rewrite

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// ApplyOptions say what to fix.
type ApplyOptions struct {
	Rules  []*rule.Rule
	Unsafe bool // also fixes with assumptions
}

// maxRounds bounds the rounds of [Apply]: far more than a package has sections,
// so that it is met only by fixes that undo each other.
const maxRounds = 1000

// Apply fixes a package in memory until nothing is left that may be fixed: one
// fix a round, each decided on the text that the last one left. It returns the
// new contents of the files that changed by name, the findings whose fixes were
// applied, in that order, and the findings that are left. src is not changed.
//
// One fix a round is the dull way that is always right: no two edits ever meet.
// A round costs one analysis of the package; batches of fixes of unrelated
// declarations would save rounds and need a proof that they are unrelated.
func Apply(src *source.Package, facts Facts, opts ApplyOptions) (contents map[string][]byte, applied, left []*rule.Finding, err error) {
	contents = make(map[string][]byte)
	for range maxRounds {
		left = Find(Summarize(src, facts), facts, Options{Rules: opts.Rules, Fixes: true})
		i := slices.IndexFunc(left, func(f *rule.Finding) bool { return applicable(f, opts) })
		if i < 0 {
			return contents, applied, left, nil
		}
		f := left[i]
		text, err := fixed(src, f.Fix)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("applying the fix of %s at %s: %w", f.Rule, f.Pos, err)
		}
		next := maps.Clone(contents)
		next[f.Fix.File] = text
		src = src.With(map[string][]byte{f.Fix.File: text})
		if len(src.Errors) > 0 {
			return nil, nil, nil, fmt.Errorf("checking the fix of %s at %s: %w", f.Rule, f.Pos, src.Errors[0])
		}
		contents, applied = next, append(applied, f)
	}
	return nil, nil, nil, fmt.Errorf("fixing %s: no rest after %d fixes", src.Path, maxRounds)
}

func applicable(f *rule.Finding, opts ApplyOptions) bool {
	return f.Fix != nil && (f.Fix.Safe || opts.Unsafe)
}

// fixed returns the text of the fix's file with the fix in it.
func fixed(src *source.Package, fix *rule.Fix) ([]byte, error) {
	i := slices.IndexFunc(src.Files, func(f *source.File) bool { return f.Name == fix.File })
	if i < 0 {
		return nil, fmt.Errorf("%s is not a file of %s", fix.File, src.Path)
	}
	return edit.Apply(src.Files[i].Content, fix.Edits)
}
