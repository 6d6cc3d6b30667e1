package rewrite

import (
	"cmp"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Facts tell what other packages do; nil: nothing is known.
type Facts = summary.Facts

// Options say what to look for.
type Options struct {
	Rules []*rule.Rule
	Fixes bool         // plan, carry out and check an edit for each finding
	Level hazard.Level // the least level to report; zero: Hazard

	// Owns reports whether findings in a file are wanted: others are left out before
	// any edit is planned for them. It may be nil.
	Owns func(file string) bool

	// Stop, when it says so, ends the planning: the findings that are left get no fix
	// and no reason. With Spread it is asked from several goroutines. It may be nil.
	Stop func() bool

	// Spread does n pieces of work that do not depend on each other, numbered from 0, at
	// most so many at a time, and returns when all are done. It may be nil: then edits
	// are checked one after the other.
	Spread func(n, most int, do func(i int))

	// Except reports whether findings of a rule and level are to be left out in a file, by
	// [Engine.Report]. It may be nil.
	Except func(file, rule string, level hazard.Level) bool
}

// Summarize understands a package: the first half of the work, and all of it
// for a dependency. The result's Funcs are the facts for its importers. All
// packages of a program are given the same words; who keeps facts keeps them by
// the words.
func Summarize(src *source.Package, facts Facts, words *syncapi.Words) *summary.Package {
	return summary.AnalyzeWith(src, facts, words)
}

// Find returns the findings of a package in source order. Each fix was checked
// on its own against the package as it is. Where a declaration was too large to
// be analysed there are none: nothing can be proved beside what is not known.
func Find(pkg *summary.Package, facts Facts, opts Options) []*rule.Finding {
	if opts.Level == hazard.Silent {
		opts.Level = hazard.Hazard
	}
	f := finder{pkg: pkg, facts: facts, opts: opts, now: diagnose(pkg)}
	f.observe()
	f.faults()
	if opts.Owns != nil {
		f.found = slices.DeleteFunc(f.found, func(x found) bool { return !opts.Owns(x.finding.Pos.Filename) })
	}
	switch large := pkg.TooLarge(); {
	case !opts.Fixes:
	case len(large) > 0:
		f.withhold(large[0])
	default:
		f.repair()
	}
	slices.SortStableFunc(f.found, func(a, b found) int { return cmp.Compare(a.node().Pos(), b.node().Pos()) })
	out := make([]*rule.Finding, len(f.found))
	for i, x := range f.found {
		out[i] = x.finding
	}
	return out
}
