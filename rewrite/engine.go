package rewrite

import (
	"cmp"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/suppress"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// An Engine is the two halves of the work as values, so that a driver can be
// tested without the analysis.
type Engine struct {
	Summarize func(*source.Package, Facts, *syncapi.Words) *summary.Package
	Find      func(*summary.Package, Facts, Options) []*rule.Finding
}

// Default is the analysis.
var Default = Engine{Summarize: Summarize, Find: Find}

// A Report is what a user is shown of a package's findings, and how many were
// left alone.
type Report struct {
	Findings  []*rule.Finding
	Generated int // in files that a program wrote
	Ignored   int // under a lockfix:ignore comment
	Off       int // where the rule is off
}

// Report finds, and leaves out what nobody wants to read: findings in generated
// files and suppressed ones. Suppressions that do not hold are findings too; known
// are the rules that they may name, of which opts has those that run.
func (e Engine) Report(pkg *summary.Package, facts Facts, opts Options, known []string) Report {
	var r Report
	generated := make(map[string]bool)
	for _, f := range pkg.Src.Files {
		generated[f.Name] = f.ReadOnly == "generated"
	}
	var open []*rule.Finding
	for _, f := range e.Find(pkg, facts, opts) {
		switch {
		case generated[f.Pos.Filename]:
			r.Generated++
		case opts.Except != nil && opts.Except(f.Pos.Filename, f.Rule, f.Level):
			r.Off++
		default:
			open = append(open, f)
		}
	}
	var active []string
	for _, ru := range opts.Rules {
		active = append(active, ru.Name)
	}
	r.Findings, r.Ignored = suppress.Apply(pkg.Src, open, suppress.Options{
		Active: active,
		Known:  known,
		Fixes:  opts.Fixes,
		All: func() []*rule.Finding {
			return e.Find(pkg, facts, Options{Rules: opts.Rules, Level: hazard.Contention})
		},
	})
	r.Findings = append(r.Findings, complaints(pkg)...)
	slices.SortStableFunc(r.Findings, byPlace)
	r.Findings = slices.DeleteFunc(r.Findings, func(f *rule.Finding) bool { return f.Level < opts.Level })
	return r
}

// DirectiveRule is the name under which what is wrong with a directive is
// reported.
const DirectiveRule = "directive"

// complaints makes findings of the directives that cannot mean what they say.
func complaints(pkg *summary.Package) []*rule.Finding {
	var out []*rule.Finding
	for _, c := range pkg.Complaints() {
		out = append(out, &rule.Finding{
			Rule:     DirectiveRule,
			Level:    hazard.Deadlock,
			Message:  c.Text,
			Package:  pkg.Src.Path,
			Pos:      pkg.Src.Position(c.Comment.Pos()),
			End:      pkg.Src.Position(c.Comment.End()),
			Refusals: []rule.Note{{Text: "only a person knows what was meant"}},
		})
	}
	return out
}

func byPlace(a, b *rule.Finding) int {
	return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
}
