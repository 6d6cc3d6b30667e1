package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/fxamacker/cbor/v2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/driver"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/holding"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/repair"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// An editorAnalyzer answers editors: what there is to say of one package directory,
// and of which texts.
type editorAnalyzer struct {
	*check
	session *driver.Session
}

// newEditorAnalyzer opens the store that all answers share.
func (p program) newEditorAnalyzer(o options) (*editorAnalyzer, error) {
	a := &editorAnalyzer{&check{program: p, options: o}, driver.NewSession()}
	var err error
	a.store, err = a.openStore()
	return a, err
}

// Check analyses the package in a directory. The configuration is read each time:
// it may have changed, and is another one in another directory.
func (a *editorAnalyzer) Check(ctx context.Context, q lsp.Query) (*action.Report, error) {
	l, err := a.look(q)
	if err != nil {
		return nil, err
	}
	return l.run(ctx, q.Progress)
}

// Glance looks only at what the editor has changed since the last check. First is
// called before any fix is planned.
func (a *editorAnalyzer) Glance(ctx context.Context, q lsp.Query, last *action.Report, first func(*action.Report)) (*action.Report, bool) {
	l, err := a.look(q)
	if err != nil {
		return nil, false // Check says it
	}
	return l.glance(ctx, last, first)
}

// Prepare makes ready for glances at the package.
func (a *editorAnalyzer) Prepare(ctx context.Context, q lsp.Query) {
	if l, err := a.look(q); err == nil {
		driver.Prepare(ctx, l.driver())
	}
}

// look begins to answer one query.
func (a *editorAnalyzer) look(q lsp.Query) (*look, error) {
	o := a.options
	o.dir = q.Dir
	conf, mistakes, err := a.readConfig(o)
	switch {
	case err != nil:
		return nil, err
	case len(mistakes) > 0:
		return nil, mistakes[0]
	}
	active, err := a.program.active(o.selected, o.ignored, conf)
	if err != nil {
		return nil, err
	}
	return &look{check: &check{program: a.program, options: o, active: active, config: conf, store: a.store, build: a.build}, session: a.session, overlay: q.Overlay}, nil
}

// A look is one analysis for an editor.
type look struct {
	*check
	session *driver.Session
	overlay map[string][]byte
	stop    func() bool // whether nobody waits for it any more; nil: never

	mu     sync.Mutex
	report action.Report
}

// driver is what the driver is told for editors.
func (l *look) driver() driver.Config {
	return driver.Config{
		Dir:      l.dir,
		Patterns: []string{"."},
		Tests:    true,
		Tags:     l.tags,
		Jobs:     l.jobs,
		Summarize: func(src *source.Package, facts rewrite.Facts) *summary.Package {
			return l.engine.Summarize(src, facts, l.config.Words)
		},
		Overlay:  l.overlay,
		Session:  l.session,
		Store:    l.store,
		Analysis: l.analysis(),
		Purpose:  fmt.Sprintf("for editors, in order %t: %s", l.write, l.purpose()),
		Remark:   func(string) {}, // of what is printed once, in a terminal
	}
}

// run analyses the package, with all its tests.
func (l *look) run(ctx context.Context, progress func(done, total int)) (*action.Report, error) {
	l.report = action.Report{Texts: make(map[string][]byte), All: make(map[string][]rule.Change)}
	l.stop = func() bool { return ctx.Err() != nil }
	c := l.driver()
	c.Visit, c.Recall, c.Progress = l.visit, l.recall, progress
	c.Loaded, c.Noted = l.config.Seer(), l.config.Note
	result, err := driver.Run(ctx, c)
	if err != nil {
		return nil, err
	}
	l.end(result)
	for _, m := range l.config.Missing() {
		l.report.Problems = append(l.report.Problems, action.Problem{Pos: m.Pos, Message: m.Message})
	}
	return &l.report, nil
}

// glance puts in place of what the last report has of one package what is found in it
// now.
func (l *look) glance(ctx context.Context, last *action.Report, first func(*action.Report)) (*action.Report, bool) {
	l.stop = func() bool { return ctx.Err() != nil }
	c := l.driver()
	c.Visit = func(u *driver.Unit) (*summary.Package, []byte) {
		l.report = without(last, u)
		return l.visit(u)
	}
	result, err := driver.Glance(ctx, c, func(u *driver.Unit) {
		l.report = without(last, u)
		l.report.Pending = true
		opts := l.repairs(u)
		opts.Plan = false
		l.add(found{report: repair.Package(u.Package, opts).Report, texts: textsOf(u.Src), broken: len(u.Src.Errors) > 0})
		l.sort()
		r := l.report
		first(&r)
	})
	if err != nil || result.Packages == 0 {
		return nil, false
	}
	l.end(result)
	return &l.report, true
}

// without is what a report says of other packages of the directory.
func without(r *action.Report, u *driver.Unit) action.Report {
	out := action.Report{Texts: maps.Clone(r.Texts), All: make(map[string][]rule.Change)}
	for _, f := range r.Findings {
		if !u.Owns(f.Pos.Filename) {
			out.Findings = append(out.Findings, f)
		}
	}
	for _, p := range r.Locks {
		if !u.Owns(p.Pos.Filename) {
			out.Locks = append(out.Locks, p)
		}
	}
	for file, changes := range r.All {
		if !u.Owns(file) {
			out.All[file] = changes
		}
	}
	return out
}

// end completes the report with what stood in the way.
func (l *look) end(result *driver.Result) {
	for _, p := range result.Problems {
		l.report.Problems = append(l.report.Problems, action.Problem{Pos: p.Pos, Message: p.Message})
	}
	l.report.Broken = l.report.Broken || len(result.Problems) > 0
	l.sort()
}

func (l *look) sort() {
	slices.SortStableFunc(l.report.Findings, func(a, b *rule.Finding) int {
		return cmp.Or(strings.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Offset, b.Pos.Offset))
	})
}

func (l *look) repairs(u *driver.Unit) repair.Options {
	return repair.Options{
		Engine: l.engine,
		Rules:  l.active,
		Known:  l.names(),
		Facts:  u.Facts,
		Spread: u.Spread,
		Owns:   u.Owns,
		Except: l.config.Except,
		Level:  levels[l.level],
		Plan:   true,
		Stop:   l.stop,
	}
}

// visit looks at one package: with tests there are up to three in a directory.
func (l *look) visit(u *driver.Unit) (after *summary.Package, keep []byte) {
	out := repair.Package(u.Package, l.repairs(u))
	f := found{
		report: out.Report, texts: textsOf(u.Src), broken: len(u.Src.Errors) > 0,
		all: make(map[string][]rule.Change), locks: holding.Of(u.Package, u.Owns),
	}
	sums := make(map[string][sha256.Size]byte)
	for name, text := range f.texts {
		sums[name] = sha256.Sum256(text)
		if changes := l.fixAll(u, out.Report, name); len(changes) > 0 {
			f.all[name] = changes
		}
	}
	for _, f := range out.Report.Findings {
		forget(f)
		if l.write {
			l.arrange(u, f)
		}
	}
	l.add(f)
	report := remember(u, out.Report)
	keep, err := cbor.Marshal(editorMemory{report, sums, f.all, f.locks})
	if err != nil || report == nil || l.stop() {
		return u.Package, nil
	}
	return u.Package, keep
}

func textsOf(src *source.Package) map[string][]byte {
	texts := make(map[string][]byte)
	for _, f := range src.Files {
		texts[f.Name] = f.Content
	}
	return texts
}

// fixAll says what all safe fixes of a file do together, where there are several:
// they are carried out one after the other, and each result is analysed, as -w does.
func (l *look) fixAll(u *driver.Unit, r rewrite.Report, name string) []rule.Change {
	if !u.Owns(name) || len(action.Safe(r.Findings, name)) < 2 {
		return nil
	}
	opts := l.repairs(u)
	opts.Apply = true
	opts.Choose = func(_ *source.Package, f *rule.Finding, _ token.Position) *rule.Fix {
		if f.Pos.Filename != name {
			return nil
		}
		return f.Fix
	}
	out := repair.Package(u.Package, opts)
	var changes []rule.Change
	for i, f := range out.Package.Src.Files {
		if old := u.Src.Files[i].Content; !bytes.Equal(old, f.Content) {
			changes = append(changes, rule.Change{File: f.Name, Edits: edit.Difference(old, f.Content)})
		}
	}
	return changes
}

// arrange puts the changes of a fix of several files into the order to write them
// in. Without one there is no fix for who writes.
func (l *look) arrange(u *driver.Unit, f *rule.Finding) {
	if f.Fix == nil || len(f.Fix.Changes) < 2 {
		return
	}
	texts := make(map[string][]byte)
	for _, file := range u.Src.Files {
		for _, c := range f.Fix.Changes {
			if text, err := edit.Apply(file.Content, c.Edits); c.File == file.Name && err == nil {
				texts[file.Name] = text
			}
		}
	}
	order, ok := repair.Order(u.Src, texts)
	if !ok {
		f.Fix, f.Refusals = nil, []rule.Note{{Text: repair.NoOrder}}
		return
	}
	slices.SortFunc(f.Fix.Changes, func(a, b rule.Change) int {
		return slices.Index(order, a.File) - slices.Index(order, b.File)
	})
}

// A found is what there is to say of one package.
type found struct {
	report rewrite.Report
	texts  map[string][]byte
	all    map[string][]rule.Change
	locks  []holding.Place
	broken bool
}

func (l *look) add(f found) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.report.Findings = append(l.report.Findings, f.report.Findings...)
	l.report.Locks = append(l.report.Locks, f.locks...)
	maps.Copy(l.report.Texts, f.texts)
	maps.Copy(l.report.All, f.all)
	l.report.Broken = l.report.Broken || f.broken
}

// An editorMemory is what is kept of one package for editors: they must know of
// which texts it holds.
type editorMemory struct {
	Report []byte
	Sums   map[string][sha256.Size]byte
	All    map[string][]rule.Change
	Locks  []holding.Place
}

// recall takes the answer of an earlier run, if the files still are what it was
// about.
func (l *look) recall(u *driver.Unit, kept []byte) (tell func()) {
	var m editorMemory
	if cbor.Unmarshal(kept, &m) != nil {
		return nil
	}
	r, ok := reportOf(u, m.Report)
	if !ok {
		return nil
	}
	texts := make(map[string][]byte)
	for name, sum := range m.Sums {
		content, err := l.content(name)
		if err != nil || sha256.Sum256(content) != sum {
			return nil
		}
		texts[name] = content
	}
	return func() { l.add(found{report: r, texts: texts, all: m.All, locks: m.Locks}) }
}

// content is that of a file in the editor, else on disk.
func (l *look) content(name string) ([]byte, error) {
	if text, open := l.overlay[name]; open {
		return text, nil
	}
	return os.ReadFile(name)
}

// page is the address of a rule's page.
func (p program) page(name string) string {
	if p.known([]string{name}) != nil {
		return ""
	}
	return "https://pkg.go.dev/github.com/lockfix/lockfix/rules/" + name
}
