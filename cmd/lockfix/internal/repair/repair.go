package repair

import (
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// maxRounds bounds the rounds of one package. It is met by fixes that undo each
// other only: a round takes a fix of every declaration that has one.
const maxRounds = 50

// Options say what to look for and what may be changed.
type Options struct {
	Level hazard.Level // the least to report, and so to fix

	Engine rewrite.Engine
	Rules  []*rule.Rule
	Known  []string                                         // names that a lockfix:ignore comment may use
	Unsafe bool                                             // also fixes with assumptions
	Facts  rewrite.Facts                                    // of other packages
	Owns   func(file string) bool                           // files to report and to edit
	Except func(file, rule string, level hazard.Level) bool // where a rule is off; nil: nowhere
	Plan   bool                                             // plan fixes
	Apply  bool                                             // and apply them
	Write  bool                                             // in files that are replaced one after the other
	Spread func(n, most int, do func(i int))                // does pieces of work side by side; nil: nobody
	Stop   func() bool                                      // whether to plan no further, the outcome being of no use; nil: never
	Bar    func(id string) string                           // why a fix is not applied, by [Identity]; "" if it is; nil: none
	Hold   func(file string) string                         // why a file is not edited; "" if it is; nil: none is held

	// Choose returns the fix to apply to a finding that has one: its own, another, or
	// nil for none. was is its place in the text as it first was: [Identity] alone may
	// be that of several findings. It may be nil.
	Choose func(pkg *source.Package, f *rule.Finding, was token.Position) *rule.Fix
}

// An Outcome is a package after its repair.
type Outcome struct {
	Package *summary.Package
	Report  rewrite.Report           // what is left, places in the text as it is now
	Fixed   []*rule.Finding          // places in the text as it was
	Undone  map[*rule.Finding]string // of what is left: fixes that were tried and taken back, and why

	// Together are the files that fixes which were applied tie to one another,
	// each list in an order in which the package type-checks after each file.
	Together [][]string

	past past
}

// Origin resolves a place in what is left in the text as it was.
func (o *Outcome) Origin(pos token.Position) token.Position { return o.past.origin(pos) }

// Package repairs one package, or only finds what there is to repair. pkg is not
// changed.
func Package(pkg *summary.Package, opts Options) *Outcome {
	barred := make(map[string]string)
	for {
		r := &repairer{Options: opts, out: &Outcome{Package: pkg, past: make(past)}, barred: barred}
		if !opts.Apply {
			r.find()
			return r.out
		}
		r.rounds()
		if !opts.Write || r.arrange(pkg.Src) {
			return r.out
		}
	}
}

// rounds applies fixes until none is left.
func (r *repairer) rounds() {
	for range maxRounds {
		r.find()
		batch := r.batch()
		if len(batch) == 0 {
			return
		}
		r.apply(batch)
	}
	r.find()
	for _, g := range r.groups() {
		r.bar(g, fmt.Sprintf("not at rest after %d rounds", maxRounds))
	}
	r.withhold()
}

type repairer struct {
	Options
	out    *Outcome
	barred map[string]string // fixes that were undone, by identity, and why
}

// find analyses the package as it now is. Fixes that must not be
// applied are withheld.
func (r *repairer) find() {
	rep := r.Engine.Report(r.out.Package, r.Facts, rewrite.Options{
		Rules: r.Rules, Fixes: r.Plan || r.Apply, Level: r.Level, Owns: r.Owns, Except: r.Except, Stop: r.Stop, Spread: r.Spread,
	}, r.Known)
	rep.Findings = slices.DeleteFunc(rep.Findings, func(f *rule.Finding) bool { return !r.Owns(f.Pos.Filename) })
	r.out.Report, r.out.Undone = rep, make(map[*rule.Finding]string)
	r.withhold()
}

// withhold takes fixes that must not be applied off the findings.
func (r *repairer) withhold() {
	for i, f := range r.out.Report.Findings {
		if f.Fix == nil {
			continue
		}
		if why := r.why(f); why != "" {
			g := *f
			g.Fix, g.Refusals = nil, []rule.Note{{Text: why}}
			r.out.Report.Findings[i] = &g
			if r.bars(Identity(f)) != "" {
				r.out.Undone[&g] = why
			}
		}
	}
}

// why says why a fix is not offered, "" if it is.
func (r *repairer) why(f *rule.Finding) string {
	for _, c := range f.Fix.Changes {
		file := fileOf(r.out.Package.Src, c.File)
		switch {
		case !r.Owns(c.File):
			return "the edit is in a file that was not asked for"
		case file == nil:
			return "the file is not known"
		case file.ReadOnly != "":
			return "the file is not edited: " + file.ReadOnly
		case len(r.out.Package.Src.Errors) > 0:
			return "the package has errors"
		case r.Hold != nil && r.Hold(c.File) != "":
			return r.Hold(c.File)
		}
		if _, err := edit.Apply(file.Content, c.Edits); err != nil {
			return "the edit does not fit the file"
		}
	}
	return r.bars(Identity(f))
}

// bars says why the fix of a name must not be applied.
func (r *repairer) bars(id string) string {
	if why := r.barred[id]; why != "" || r.Bar == nil {
		return why
	}
	return r.Bar(id)
}

// Identity names a finding and its fix in a way that outlives edits elsewhere.
func Identity(f *rule.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%s\x00%s\x00%s", f.Function, f.Rule, f.Message, f.Fix.Title)
	for _, c := range f.Fix.Changes {
		fmt.Fprintf(&b, "\x00%s", c.File)
		for _, e := range c.Edits {
			fmt.Fprintf(&b, "\x00%d\x00%s", e.End-e.Start, e.New)
		}
	}
	return b.String()
}

// A group is one fix and the findings that share it.
type group struct {
	fix      *rule.Fix
	findings []*rule.Finding
}

// groups returns the fixes that may be applied, in the order of their findings.
func (r *repairer) groups() []*group {
	type section struct {
		file, function string
		number         int
	}
	byKey := make(map[section]*group)
	var all []*group
	for _, f := range r.out.Report.Findings {
		if f = r.chosen(f); f == nil {
			continue
		}
		key := section{f.Fix.Changes[0].File, f.Function, f.Fix.Section}
		g := byKey[key]
		if g == nil {
			g = &group{fix: f.Fix}
			byKey[key], all = g, append(all, g)
		}
		g.findings = append(g.findings, f)
	}
	return all
}

// chosen returns a finding with the fix that is to be applied to it, nil if none is.
func (r *repairer) chosen(f *rule.Finding) *rule.Finding {
	if f.Fix == nil || !f.Fix.Safe && !r.Unsafe {
		return nil
	}
	if r.Choose == nil {
		return f
	}
	fix := r.Choose(r.out.Package.Src, f, r.out.past.origin(f.Pos))
	if fix == nil {
		return nil
	}
	g := *f
	g.Fix = fix
	return &g
}

// batch chooses fixes that can be applied together. What has to wait comes in the
// next round.
func (r *repairer) batch() []*group {
	var batch []*group
	b := rewrite.NewBatch(r.out.Package.Src)
	for _, g := range r.groups() {
		if b.Add(g.fix) {
			batch = append(batch, g)
		}
	}
	return batch
}

func (r *repairer) bar(g *group, why string) {
	for _, f := range g.findings {
		r.barred[Identity(f)] = why
	}
}

// apply carries out a batch. When the package would not be right with it, its
// first half is tried: in the end one fix is the culprit, or the next round is
// smaller.
func (r *repairer) apply(batch []*group) {
	src, err := r.with(batch)
	for err != nil && len(batch) > 1 {
		batch = batch[:len(batch)/2]
		src, err = r.with(batch)
	}
	if err != nil {
		r.bar(batch[0], message(err))
		return
	}
	for _, g := range batch {
		for _, f := range g.findings {
			f.Pos = r.out.past.origin(f.Pos)
			r.out.Fixed = append(r.out.Fixed, f)
		}
	}
	for name, es := range merged(r.out.Package.Src, batch).Edits() {
		r.out.past.record(name, fileOf(r.out.Package.Src, name).Content, es)
	}
	r.out.Package = r.Engine.Summarize(src, r.Facts, r.out.Package.Words)
}

// errCircle says that two fixes take turns.
var errCircle = errors.New("fix would undo an earlier one")

// message leaves out the place: it lies in a text that nobody sees.
func message(err error) string {
	if errors.Is(err, errCircle) {
		return err.Error()
	}
	var te types.Error
	if errors.As(err, &te) {
		return "fix would not type-check: " + te.Msg
	}
	return "fix would not type-check: " + err.Error()
}

// with returns the package with the edits of a batch.
func (r *repairer) with(batch []*group) (*source.Package, error) {
	old := r.out.Package.Src
	contents, err := merged(old, batch).Texts()
	if err != nil {
		return nil, err
	}
	for name, text := range contents {
		if r.out.past.knows(name, text) {
			return nil, errCircle
		}
	}
	src := old.With(contents)
	if len(src.Errors) > 0 {
		return nil, src.Errors[0]
	}
	return src, nil
}

// merged returns a batch, chosen before, as one.
func merged(src *source.Package, batch []*group) *rewrite.Batch {
	all := rewrite.NewBatch(src)
	for _, g := range batch {
		all.Add(g.fix)
	}
	return all
}

func fileOf(src *source.Package, name string) *source.File {
	i := slices.IndexFunc(src.Files, func(f *source.File) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return src.Files[i]
}
