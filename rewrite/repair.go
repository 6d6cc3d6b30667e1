package rewrite

import (
	"errors"
	"fmt"
	"go/ast"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/splice"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// repair plans one fix for each critical section that was reported and one for
// each fault, carries it out, checks it, and attaches it to the findings that it
// ends. Several findings of a section share it.
func (f *finder) repair() {
	groups := map[held][]found{}
	var order []held
	for _, x := range f.found {
		h := held{fault: x.fault}
		switch {
		case x.fault != nil:
		case x.obs.Section != nil:
			h.section = x.obs.Section
		default:
			h.body, h.key = x.obs.Body, x.obs.Held.Key()
		}
		if groups[h] == nil {
			order = append(order, h)
		}
		groups[h] = append(groups[h], x)
	}
	var open []*group
	for i, h := range order {
		g := &group{number: i + 1, left: groups[h]}
		if why := f.barred(g); why != "" {
			for _, x := range g.left {
				x.finding.Refusals = []rule.Note{{Pos: x.finding.Pos, Text: why}}
			}
			continue
		}
		open = append(open, g)
	}
	for len(open) > 0 && !f.stopped() {
		f.round(open)
		open = slices.DeleteFunc(open, func(g *group) bool { return len(g.left) == 0 })
	}
}

func (f *finder) stopped() bool { return f.opts.Stop != nil && f.opts.Stop() }

// A held names what findings have in common: one critical section, one lock
// of the caller's in one body, or one fault.
type held struct {
	fault   *hazard.Fault
	section *lockset.Section
	body    *lockset.Body
	key     string
}

// A group is the findings of one held lock, in source order, or one fault.
type group struct {
	number int
	left   []found // nothing is decided of these
}

// barred says why nothing of a group can be edited, "" if something can.
func (f *finder) barred(g *group) string {
	file := f.pkg.Src.File(g.left[0].node().Pos())
	switch {
	case file == nil:
		return "the file is not known"
	case file.ReadOnly != "":
		return "the file is not edited: " + file.ReadOnly
	case len(f.pkg.Src.Errors) > 0:
		return "the package has errors, so that no edit can be checked"
	}
	return ""
}

// refuse says why the last finding of a group has no edit.
func (g *group) refuse(reasons []rule.Note) {
	last := len(g.left) - 1
	g.left[last].finding.Refusals = reasons
	g.left = g.left[:last]
}

func (g *group) withhold(err error) {
	pos := g.left[len(g.left)-1].finding.Pos
	g.refuse([]rule.Note{{Pos: pos, Text: fmt.Sprintf("the edit is not offered: %v", err)}})
}

// A trial is an edit that is carried out and not yet checked. It takes the last
// operations of a section. Those before them are tried on their own: where they can
// leave without passing the last ones.
type trial struct {
	*group
	plan     *fix.Plan
	changes  []rule.Change
	contents map[string][]byte // files with the edit, by name
	words    []string          // the findings of the group
	moved    map[string]string // see splits

	checked bool
	ended   []bool // findings of the group
	err     error  // why the edit is not offered
}

// round tries one edit of each group. They do not depend on each other: what takes time
// is to check them, which is done side by side.
func (f *finder) round(open []*group) {
	var trials []*trial
	for _, g := range open {
		if t := f.try(g); t != nil {
			trials = append(trials, t)
		}
	}
	if len(trials) > 0 && f.before == nil {
		f.before = describer{pkg: f.pkg}.wrongs(f.now)
	}
	f.spread(len(trials), func(i int) {
		if t := trials[i]; !f.stopped() {
			t.ended, t.err = f.check(t)
			t.checked = true
		}
	})
	for _, t := range trials {
		if t.checked {
			t.conclude()
		}
	}
}

// try plans an edit for as many of the last findings of a group as one can take, and
// carries it out. It is nil when nothing is left to try.
func (f *finder) try(g *group) *trial {
	for len(g.left) > 0 && !f.stopped() {
		plan, refusals := decide(g.left)
		if plan == nil {
			g.refuse(f.reasons(refusals))
			continue
		}
		if err := f.afford(); err != nil {
			g.withhold(err)
			continue
		}
		changes, contents, err := f.carryOut(plan)
		if err != nil {
			g.withhold(err)
			continue
		}
		t := &trial{group: g, plan: plan, changes: changes, contents: contents, moved: splits(f.pkg, plan)}
		for _, x := range g.left {
			t.words = append(t.words, describer{pkg: f.pkg}.finding(x))
		}
		return t
	}
	return nil
}

// conclude attaches an edit that was checked to the findings that it ends.
func (t *trial) conclude() {
	if t.err != nil {
		t.withhold(t.err)
		return
	}
	offer := &rule.Fix{Title: t.plan.Title, Strategy: t.plan.Strategy, Safe: t.plan.Safe(), Obligations: t.plan.Obligations, Changes: t.changes, Section: t.number}
	var rest []found
	for i, x := range t.left {
		if t.ended[i] {
			x.finding.Fix = offer
		} else {
			rest = append(rest, x)
		}
	}
	t.left = rest
}

// beside bounds the source, in bytes, of the packages that are understood beside one, each
// with an edit in it: they take a hundred times as much memory.
const beside = 2 << 20

// spread does pieces of work, side by side where somebody has offered that.
func (f *finder) spread(n int, do func(int)) {
	if f.opts.Spread == nil {
		for i := range n {
			do(i)
		}
		return
	}
	f.opts.Spread(n, 1+beside/max(1, f.size()), do)
}

// size is that of the package's source, in bytes.
func (f *finder) size() int {
	n := 0
	for _, file := range f.pkg.Src.Files {
		n += len(file.Content)
	}
	return n
}

// maxRead bounds the source that checking the edits of one package reads: each
// edit takes the whole package once, so that the time grows with the square of
// a package that is made of findings. Fifty edits of package runtime and two
// hundred of net/http stay below it.
const maxRead = 200 << 20

// afford counts one more check of an edit, so long as that is bearable.
func (f *finder) afford() error {
	if f.read += f.size(); f.read > maxRead {
		return errors.New("the package has too many findings for each edit to be checked; fix some, or select rules, and run again")
	}
	return nil
}

// carryOut does a plan in each of its files, all or none.
func (f *finder) carryOut(plan *fix.Plan) (changes []rule.Change, contents map[string][]byte, err error) {
	contents = make(map[string][]byte)
	for _, part := range plan.Parts() {
		file := f.pkg.Src.File(part.Decl.Pos())
		if file == nil {
			return nil, nil, errors.New("the file is not known")
		}
		if contents[file.Name] != nil {
			continue
		}
		result, err := splice.Do(f.pkg.Src, file, plan)
		if err != nil {
			return nil, nil, err
		}
		contents[file.Name] = result.Content
		changes = append(changes, rule.Change{File: file.Name, Edits: result.Edits})
	}
	return changes, contents, nil
}

// decide plans the edit of a group.
func decide(group []found) (*fix.Plan, []fix.Refusal) {
	if group[0].fault != nil {
		return fix.Mend(group[0].fault)
	}
	var obs []*hazard.Observation
	for _, x := range group {
		obs = append(obs, x.obs)
	}
	return fix.Decide(obs)
}

// reasons words refusals.
func (f *finder) reasons(refusals []fix.Refusal) []rule.Note {
	var out []rule.Note
	for _, r := range refusals {
		n := rule.Note{Text: r.Obligation.Name + ": " + r.Obligation.Reason}
		if r.Obligation.At != nil && r.Obligation.At.Pos().IsValid() {
			n.Pos = f.pkg.Src.Position(r.Obligation.At.Pos())
		}
		if r.Strategy != "" {
			n.Text = r.Strategy + ": " + n.Text
		}
		out = append(out, n)
	}
	return out
}

// check analyses the package again with an edit in it: it must type-check, the
// package must have lost findings of the group, and no observation, fault, leak
// or unlock of what is not held may be new. What stands in a function that was split
// off is not new: it stood in the one that it came from, as moved tells.
//
// Rejected: to check and to summarise the changed declarations alone. The objects of
// the package are new after the type checker ran, so that nothing can be kept that
// leads to one. A declaration that is grafted into the package as it was keeps them,
// but stands at positions apart from its neighbours', and by positions much is
// compared. What an edit cannot change is kept: see [summary.Package.Edited].
//
// Rejected too: to check all edits of a package at once. An edit that moves an access out
// of its lock is found out because the others still hold it; a second such edit hides it.
//
// It changes nothing of the package, and may run beside other checks.
func (f *finder) check(t *trial) (ended []bool, err error) {
	src := f.pkg.Src.With(t.contents)
	if len(src.Errors) > 0 {
		return nil, fmt.Errorf("it would not type-check: %w", src.Errors[0])
	}
	after := f.pkg.Edited(src, f.facts)
	left := describer{after, t.moved}.wrongs(diagnose(after))
	before, now := count(f.before, hazard.Contention), count(left, hazard.Contention)
	worse := now
	if t.left[0].fault != nil {
		// A wait that ends by itself may take the place of one that does not.
		worse = count(left, hazard.Hazard)
	}
	for key, n := range worse {
		if n > before[key] {
			return nil, fmt.Errorf("it would bring a new problem: %s", key)
		}
	}
	ended = make([]bool, len(t.left))
	gone := map[string]int{}
	for key, n := range before {
		gone[key] = n - now[key]
	}
	any := false
	for i, key := range slices.Backward(t.words) {
		if gone[key] > 0 {
			gone[key]--
			ended[i], any = true, true
		}
	}
	if !any {
		return nil, errors.New("the analysis still finds what it was to end")
	}
	return ended, nil
}

// splits lists the functions that a plan splits off, each with the one that it comes
// from.
func splits(pkg *summary.Package, plan *fix.Plan) map[string]string {
	moved := map[string]string{}
	for _, part := range plan.Parts() {
		for _, step := range part.Steps {
			if s, ok := step.(fix.Split); ok {
				fd := part.Decl.(*ast.FuncDecl)
				was := pkg.DeclName(fd)
				moved[strings.TrimSuffix(was, fd.Name.Name)+s.Name] = was
			}
		}
	}
	return moved
}
