package rewrite

import (
	"errors"
	"fmt"
	"go/ast"
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
	for i, h := range order {
		f.section(i+1, groups[h])
	}
}

// A held names what findings have in common: one critical section, one lock
// of the caller's in one body, or one fault.
type held struct {
	fault   *hazard.Fault
	section *lockset.Section
	body    *lockset.Body
	key     string
}

// section repairs one critical section or one fault.
func (f *finder) section(number int, group []found) {
	file := f.pkg.Src.File(group[0].node().Pos())
	refuse := func(text string) {
		for _, x := range group {
			x.finding.Refusals = []rule.Note{{Pos: x.finding.Pos, Text: text}}
		}
	}
	switch {
	case file == nil:
		refuse("the file is not known")
		return
	case file.ReadOnly != "":
		refuse("the file is not edited: " + file.ReadOnly)
		return
	case len(f.pkg.Src.Errors) > 0:
		refuse("the package has errors, so that no edit can be checked")
		return
	}
	// The edit takes the last operations of the section. Those before them are
	// tried on their own: where they can leave without passing the last ones.
	for len(group) > 0 && !(f.opts.Stop != nil && f.opts.Stop()) {
		group = f.last(number, group)
	}
}

// last repairs as many of the last findings of a group as one edit can, and
// returns those that are left.
func (f *finder) last(number int, group []found) []found {
	final := group[len(group)-1:]
	refuse := func(reasons []rule.Note) []found {
		for _, x := range final {
			x.finding.Refusals = reasons
		}
		return group[:len(group)-len(final)]
	}
	withheld := func(err error) []found {
		return refuse([]rule.Note{{Pos: final[0].finding.Pos, Text: fmt.Sprintf("the edit is not offered: %v", err)}})
	}
	plan, refusals := decide(group)
	if plan == nil {
		return refuse(f.reasons(refusals))
	}
	if err := f.afford(); err != nil {
		return withheld(err)
	}
	changes, contents, err := f.carryOut(plan)
	if err != nil {
		return withheld(err)
	}
	ended, err := f.check(contents, group, splits(f.pkg, plan))
	if err != nil {
		return withheld(err)
	}
	offer := &rule.Fix{Title: plan.Title, Strategy: plan.Strategy, Safe: plan.Safe(), Obligations: plan.Obligations, Changes: changes, Section: number}
	var rest []found
	for i, x := range group {
		if ended[i] {
			x.finding.Fix = offer
		} else {
			rest = append(rest, x)
		}
	}
	return rest
}

// maxRead bounds the source that checking the edits of one package reads: each
// edit takes the whole package once, so that the time grows with the square of
// a package that is made of findings. Fifty edits of package runtime and two
// hundred of net/http stay below it.
const maxRead = 200 << 20

// afford counts one more check of an edit, so long as that is bearable.
func (f *finder) afford() error {
	for _, file := range f.pkg.Src.Files {
		f.read += len(file.Content)
	}
	if f.read > maxRead {
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
func (f *finder) check(contents map[string][]byte, group []found, moved map[string]string) (ended []bool, err error) {
	src := f.pkg.Src.With(contents)
	if len(src.Errors) > 0 {
		return nil, fmt.Errorf("it would not type-check: %w", src.Errors[0])
	}
	after := f.pkg.Edited(src, f.facts)
	if f.before == nil {
		f.before = describer{pkg: f.pkg}.wrongs(f.now)
	}
	was := describer{pkg: f.pkg}
	left := describer{after, moved}.wrongs(diagnose(after))
	before, now := count(f.before, hazard.Contention), count(left, hazard.Contention)
	worse := now
	if group[0].fault != nil {
		// A wait that ends by itself may take the place of one that does not.
		worse = count(left, hazard.Hazard)
	}
	for key, n := range worse {
		if n > before[key] {
			return nil, fmt.Errorf("it would bring a new problem: %s", key)
		}
	}
	ended = make([]bool, len(group))
	gone := map[string]int{}
	for key, n := range before {
		gone[key] = n - now[key]
	}
	any := false
	for i := len(group) - 1; i >= 0; i-- {
		key := was.finding(group[i])
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

// troubles are what the detectors find in a package.
type troubles struct {
	observations []*hazard.Observation
	faults       []*hazard.Fault
}

func diagnose(pkg *summary.Package) troubles {
	return troubles{hazard.Observe(pkg), hazard.Faults(pkg)}
}

// A describer words what is wrong with a package, without positions.
type describer struct {
	pkg   *summary.Package
	moved map[string]string // how functions were called that have another name
}

// A wrong is one thing that is wrong, in words.
type wrong struct {
	words string
	level hazard.Level // Deadlock for what counts at every level
}

// wrongs describes everything that is wrong: what the detectors have found, and
// how bodies leave what they acquire and release.
func (d describer) wrongs(t troubles) []wrong {
	out := []wrong{}
	for _, o := range t.observations {
		out = append(out, wrong{d.observation(o), o.Level})
	}
	for _, x := range t.faults {
		out = append(out, wrong{d.fault(x), x.Level})
	}
	for _, b := range d.pkg.Bodies() {
		where := d.body(b)
		for _, s := range b.Sections {
			if s.Leaks {
				out = append(out, wrong{where + " leaves " + s.Acquire.Resource.Expr + " held", hazard.Deadlock})
			}
		}
		for _, r := range b.Exit.Dropped() {
			out = append(out, wrong{where + " releases " + r.Expr + " without holding it", hazard.Deadlock})
		}
	}
	return out
}

// count counts what is wrong from a level on.
func count(wrongs []wrong, from hazard.Level) map[string]int {
	out := map[string]int{}
	for _, w := range wrongs {
		if w.level >= from {
			out[w.words]++
		}
	}
	return out
}

// finding describes a finding as count does.
func (d describer) finding(x found) string {
	if x.fault != nil {
		return d.fault(x.fault)
	}
	return d.observation(x.obs)
}

// fault names the place of a fault, but not of an order: a cycle is reported once,
// and an edit that takes one of its edges away lets it be reported at another.
func (d describer) fault(x *hazard.Fault) string {
	if x.Sort == hazard.Inverted || x.Sort == hazard.SelfInverted {
		return string(x.Sort)
	}
	return fmt.Sprintf("%s: %s of %s", d.body(x.Body), x.Sort, x.Resource)
}

func (d describer) observation(o *hazard.Observation) string {
	return fmt.Sprintf("%s: %v while %s is held", d.body(o.Body), o.Kind, o.Held.Key()[:max(0, rootEnd(o.Held.Key()))])
}

func (d describer) body(b *lockset.Body) string {
	fd, ok := b.Decl.(*ast.FuncDecl)
	if !ok {
		return "a function literal"
	}
	name := d.pkg.DeclName(fd)
	if was, ok := d.moved[name]; ok {
		return was
	}
	return name
}

// rootEnd cuts the position off a key, which an edit above it shifts.
func rootEnd(key string) int {
	for i, c := range key {
		if c == '@' {
			return i
		}
	}
	return len(key)
}
