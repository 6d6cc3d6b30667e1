package rewrite

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// ApplyOptions say what to fix.
type ApplyOptions struct {
	Rules  []*rule.Rule
	Words  *syncapi.Words // the project's vocabulary; nil: none
	Unsafe bool           // also fixes with assumptions
}

// maxRounds bounds the rounds of [Apply]: far more than a package has sections,
// so that it is met only by fixes that undo each other.
const maxRounds = 1000

// Apply fixes a package in memory until nothing is left that may be fixed: one
// fix a round, each decided on the text that the last one left. It returns the
// new contents of the files that changed by name, the findings whose fixes were
// applied, in that order, and the findings that are left. src is not changed.
//
// A fix that turns out not to build is undone: its finding is among those left,
// and err says so; what is returned beside it is good all the same.
//
// One fix a round is the dull way that is always right: no two edits ever meet.
// A round costs one analysis of the package; batches of fixes of unrelated
// declarations would save rounds and need a proof that they are unrelated.
func Apply(src *source.Package, facts Facts, opts ApplyOptions) (contents map[string][]byte, applied, left []*rule.Finding, err error) {
	find := func(src *source.Package) []*rule.Finding {
		return Default.Report(Summarize(src, facts, opts.Words), facts, Options{Rules: opts.Rules, Fixes: true}, names(opts.Rules)).Findings
	}
	return applyAll(src, find, opts.Unsafe)
}

func names(rules []*rule.Rule) []string {
	var out []string
	for _, r := range rules {
		out = append(out, r.Name)
	}
	return out
}

func applyAll(src *source.Package, find func(*source.Package) []*rule.Finding, unsafe bool) (contents map[string][]byte, applied, left []*rule.Finding, err error) {
	contents = make(map[string][]byte)
	undone := make(map[string]bool)
	var errs []error
	for range maxRounds {
		left = find(src)
		i := slices.IndexFunc(left, func(f *rule.Finding) bool {
			return f.Fix != nil && (f.Fix.Safe || unsafe) && !undone[identity(f)]
		})
		if i < 0 {
			return contents, applied, left, errors.Join(errs...)
		}
		f := left[i]
		next, texts, err := with(src, f.Fix)
		if err != nil {
			undone[identity(f)] = true
			errs = append(errs, fmt.Errorf("fixing %s at %s: %w", f.Rule, f.Pos, err))
			continue
		}
		src = next
		maps.Copy(contents, texts)
		applied = append(applied, f)
	}
	return nil, nil, nil, fmt.Errorf("fixing %s: no rest after %d rounds", src.Path, maxRounds)
}

// identity names a finding whose place other fixes may shift.
func identity(f *rule.Finding) string {
	return f.Rule + "\x00" + f.Pos.Filename + "\x00" + f.Function + "\x00" + f.Message
}

// with returns the package with a fix in it, and the texts of the fix's files.
func with(src *source.Package, fix *rule.Fix) (*source.Package, map[string][]byte, error) {
	texts := make(map[string][]byte)
	for _, c := range fix.Changes {
		file := fileNamed(src, c.File)
		if file == nil {
			return nil, nil, fmt.Errorf("%s is not a file of %s", c.File, src.Path)
		}
		text, err := edit.Apply(file.Content, c.Edits)
		if err != nil {
			return nil, nil, err
		}
		texts[c.File] = text
	}
	next := src.With(texts)
	if len(next.Errors) > 0 {
		return nil, nil, fmt.Errorf("checking the result: %w", next.Errors[0])
	}
	return next, texts, nil
}
