// Package action finds the code actions at a place, out of the findings of a
// package.
//
// # Stale means nothing
//
// A fix is proved of the texts that were analysed, all of the package and not only
// the one that it changes. So whoever offers it compares all of them with what
// there is now, byte for byte, and offers nothing where one differs: the next
// analysis is a moment away, and a fix that lands beside its place is never
// forgiven.
package action

import (
	"bytes"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/holding"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// The kinds of actions, as the language server announces them.
const (
	QuickFix = "quickfix"                 // a safe fix, or why there is none
	Rewrite  = "refactor.rewrite.lockfix" // a fix that assumes something
	FixAll   = "source.fixAll.lockfix"    // all safe fixes of a file
)

// Kinds are all of them.
var Kinds = []string{QuickFix, Rewrite, FixAll}

// Within reports whether a kind is the one asked for or below it.
func Within(kind, asked string) bool {
	return asked == "" || kind == asked || strings.HasPrefix(kind, asked+".")
}

// A Report is what was found in a package directory.
type Report struct {
	Findings []*rule.Finding
	Texts    map[string][]byte // that were analysed: all files of the directory, by absolute name
	Problems []Problem
	Broken   bool // there are errors in it: what was found before may still be there
	Pending  bool // fixes are still being planned: there are none yet

	Locks []holding.Place // where they are declared and acquired

	// All holds, by file, what its safe fixes do together, where there are several
	// and they go together.
	All map[string][]rule.Change
}

// A Problem is why something was not analysed, or not whole.
type Problem struct {
	Pos     token.Position // zero if there is no place
	Message string
}

// Has reports whether a file was analysed with this text.
func (r *Report) Has(file string, content []byte) bool {
	was, ok := r.Texts[file]
	return ok && bytes.Equal(was, content)
}

// An Action is one thing that can be done at a place.
type Action struct {
	Kind      string
	Title     string
	Preferred bool
	Disabled  string          // why it cannot be done; "" if it can
	Findings  []*rule.Finding // that it ends; of a fix of all none
	Changes   []rule.Change
}

// A Query says what is asked for.
type Query struct {
	File       string // absolute
	Start, End int    // bytes; a finding that touches them is meant
	Only       []string
	Meant      func(*rule.Finding) bool // findings that are meant beside those; nil: none
}

func (q Query) asks(kind string) bool {
	return len(q.Only) == 0 || slices.ContainsFunc(q.Only, func(asked string) bool { return Within(kind, asked) })
}

// Means reports whether a finding is meant.
func (q Query) Means(f *rule.Finding) bool {
	if f.Pos.Filename != q.File {
		return false
	}
	end := max(f.Pos.Offset, f.End.Offset)
	return f.Pos.Offset <= q.End && q.Start <= end || q.Meant != nil && q.Meant(f)
}

// There reports whether a finding is meant.
func There(r *Report, q Query) bool { return slices.ContainsFunc(r.Findings, q.Means) }

// At returns the actions at a place: safe fixes first, then those that assume
// something, then those that there are not, and all safe fixes of the file at once.
// That one is not looked for at a place where nothing is wrong, unless it is asked
// for by name: it would stand in every menu.
func At(r *Report, q Query) []Action {
	var fixes, rewrites, disabled []Action
	there := false
	for _, g := range Groups(r.Findings) {
		if !slices.ContainsFunc(g.Findings, q.Means) {
			continue
		}
		there = true
		switch {
		case g.Fix == nil:
			disabled = append(disabled, refused(g))
		case g.Fix.Safe:
			fixes = append(fixes, Action{Kind: QuickFix, Title: g.Fix.Title, Preferred: true, Findings: g.Findings, Changes: g.Fix.Changes})
		default:
			rewrites = append(rewrites, Action{Kind: Rewrite, Title: g.Fix.Title + assumptions(g.Fix), Findings: g.Findings, Changes: g.Fix.Changes})
		}
	}
	all := slices.Concat(fixes, rewrites, disabled)
	if there || len(q.Only) > 0 {
		all = append(all, fixAll(r, q.File)...)
	}
	return slices.DeleteFunc(all, func(a Action) bool { return !q.asks(a.Kind) })
}

// assumptions names what a fix assumes, as the end of its title.
func assumptions(f *rule.Fix) string {
	var names []string
	for _, o := range f.Obligations {
		if o.Status == fix.Proved {
			continue
		}
		name := o.Name
		if o.Reason != "" {
			name += ": " + o.Reason
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return " (unsafe)"
	}
	return " (unsafe, assumes " + strings.Join(names, "; ") + ")"
}

// refused is the action that there is not.
func refused(g Group) Action {
	f := g.Findings[0]
	a := Action{Kind: QuickFix, Title: "fix: " + f.Message, Disabled: "lockfix knows no fix for it", Findings: g.Findings}
	if len(f.Refusals) > 0 {
		a.Disabled = f.Refusals[0].Text
		if at := f.Refusals[0].Pos; at.IsValid() && at.Line != f.Pos.Line {
			a.Disabled += fmt.Sprintf(" (line %d)", at.Line)
		}
	}
	return a
}

// fixAll is the action for all safe fixes of a file, if there are some.
func fixAll(r *Report, file string) []Action {
	safe := Safe(r.Findings, file)
	changes := r.All[file]
	if len(safe) == 1 { // it was checked by itself
		changes = safe[0].Fix.Changes
	}
	if len(safe) == 0 || len(changes) == 0 {
		return nil
	}
	return []Action{{Kind: FixAll, Title: "apply all safe fixes of lockfix in this file", Changes: changes}}
}

// A Group is one fix and the findings that share it, or one finding without a fix.
type Group struct {
	Fix      *rule.Fix
	Findings []*rule.Finding
}

// Groups returns the fixes of findings, in the order of these.
func Groups(findings []*rule.Finding) []Group {
	var groups []Group
	type key struct {
		file, function, title string
		section               int
	}
	at := make(map[key][]int) // of groups
	for _, f := range findings {
		if f.Fix == nil {
			groups = append(groups, Group{nil, []*rule.Finding{f}})
			continue
		}
		k := key{f.Pos.Filename, f.Function, f.Fix.Title, f.Fix.Section}
		i := slices.IndexFunc(at[k], func(i int) bool { return same(groups[i].Fix, f.Fix) })
		if i >= 0 {
			g := &groups[at[k][i]]
			g.Findings = append(g.Findings, f)
			continue
		}
		at[k] = append(at[k], len(groups))
		groups = append(groups, Group{f.Fix, []*rule.Finding{f}})
	}
	return groups
}

// same reports whether two fixes do the same: findings that come from a store share
// no pointers.
func same(a, b *rule.Fix) bool {
	return a == b || slices.EqualFunc(a.Changes, b.Changes, func(x, y rule.Change) bool {
		return x.File == y.File && slices.Equal(x.Edits, y.Edits)
	})
}

// Safe returns the groups of safe fixes of the findings in a file.
func Safe(findings []*rule.Finding, file string) []Group {
	return slices.DeleteFunc(Groups(findings), func(g Group) bool {
		return g.Fix == nil || !g.Fix.Safe || g.Findings[0].Pos.Filename != file
	})
}
