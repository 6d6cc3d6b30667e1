package rewrite

import (
	"cmp"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// Facts answers what functions of other packages do; nil for one it does not
// know.
type Facts func(*types.Func) *summary.Func

// Options say what to look for.
type Options struct {
	Rules []*rule.Rule
	Fixes bool         // plan, carry out and check an edit for each finding
	Level hazard.Level // the least level to report; zero: Hazard
}

// Summarize understands a package: the first half of the work, and all of it
// for a dependency. The result's Funcs are the facts for its importers.
func Summarize(src *source.Package, facts Facts) *summary.Package {
	return summary.Analyze(src, facts)
}

// Find returns the findings of a package in source order. Each fix was checked
// on its own against the package as it is.
func Find(pkg *summary.Package, facts Facts, opts Options) []*rule.Finding {
	if opts.Level == hazard.Silent {
		opts.Level = hazard.Hazard
	}
	f := finder{pkg: pkg, facts: facts, opts: opts}
	f.observe()
	f.faults()
	if opts.Fixes {
		f.repair()
	}
	slices.SortStableFunc(f.found, func(a, b found) int { return cmp.Compare(a.node().Pos(), b.node().Pos()) })
	out := make([]*rule.Finding, len(f.found))
	for i, x := range f.found {
		out[i] = x.finding
	}
	return out
}
