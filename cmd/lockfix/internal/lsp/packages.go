package lsp

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A pkg is a directory with open documents, and what is known of its package.
type pkg struct {
	dir    string
	round  int                // of scheduling: what an older one finds is dropped
	timer  *time.Timer        // until it is looked at; nil once it is
	cancel context.CancelFunc // of the last analysis; nil: there was none
	calm   chan struct{}      // closed when there is a report of how things are; nil: there is one

	report *action.Report    // the last one; nil: none yet
	good   *action.Report    // the last one of a package without errors
	shown  map[string]string // URIs of the files of which the client has diagnostics
	said   map[string]bool   // what the log has of the last analysis
}

// packageOf returns the package of a directory. The mutex is held.
func (s *server) packageOf(dir string) *pkg {
	p := s.packages[dir]
	if p == nil {
		p = &pkg{dir: dir, shown: make(map[string]string)}
		s.packages[dir] = p
	}
	return p
}

// halt ends what is scheduled or runs. The mutex is held.
func (p *pkg) halt() {
	p.round++
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	if p.cancel != nil {
		p.cancel()
		p.cancel = nil
	}
	if p.calm != nil {
		close(p.calm)
		p.calm = nil
	}
}

// schedule analyses a package after a while, in place of what was scheduled or
// runs. The mutex is held.
func (s *server) schedule(p *pkg, delay time.Duration) {
	calm := p.calm
	p.calm = nil // those who wait go on waiting
	p.halt()
	if p.calm = calm; calm == nil {
		p.calm = make(chan struct{})
	}
	if delay == 0 {
		s.begin(p)
		return
	}
	round := p.round
	p.timer = time.AfterFunc(delay, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if p.round == round && p.timer != nil {
			s.begin(p)
		}
	})
}

// scheduleAll looks at all packages again: something has changed that may matter to
// any of them. The mutex is held.
func (s *server) scheduleAll() {
	for _, p := range s.packages {
		s.schedule(p, rest)
	}
}

// begin starts the analysis of a package. The mutex is held.
func (s *server) begin(p *pkg) {
	ctx, cancel := context.WithCancel(s.ctx)
	p.timer, p.cancel = nil, cancel
	round := p.round
	s.crew.start(func() {
		defer cancel()
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
		case <-ctx.Done():
			return
		}
		s.analyse(ctx, p, round)
	})
}

// settle hurries on what is scheduled for a directory, and waits for it, but not
// long.
func (s *server) settle(ctx context.Context, dir string) {
	s.mu.Lock()
	p := s.packages[dir]
	if p == nil || p.calm == nil {
		s.mu.Unlock()
		return
	}
	if p.timer != nil {
		s.schedule(p, 0)
	}
	calm := p.calm
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-calm:
	case <-ctx.Done():
	}
}

// analyse asks about a package and tells the client, unless the documents have
// changed meanwhile: first what can be said at once, then all.
func (s *server) analyse(ctx context.Context, p *pkg, round int) {
	v, ok := s.all(ctx, p, round)
	if !ok {
		return
	}
	defer func() { _ = recover() }() // what is wrong there, the next check says
	s.Analyzer.Prepare(ctx, v.query())
}

// all finds out all that there is to say.
func (s *server) all(ctx context.Context, p *pkg, round int) (v view, ok bool) {
	s.mu.Lock()
	v = view{dir: p.dir, overlay: s.overlay(), good: p.good}
	s.mu.Unlock()
	if v.good != nil {
		s.glance(ctx, v, func(r *action.Report) { s.present(ctx, p, round, v, r) })
	}
	found, err := s.check(ctx, v)
	if err != nil {
		found = failed(v.dir, v.overlay)
	}
	if !s.present(ctx, p, round, v, found) {
		return v, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.round != round {
		return v, false
	}
	if !found.Broken {
		p.good = found
	}
	s.say(p, found, err)
	return v, true
}

// A view is what an analysis is of.
type view struct {
	dir     string
	overlay map[string][]byte
	good    *action.Report // the last one of the package without errors
}

func (v view) query() Query { return Query{v.dir, v.overlay, func(int, int) {}} }

// present makes a report the one of the package, and publishes it. It reports false
// where the documents have changed meanwhile.
func (s *server) present(ctx context.Context, p *pkg, round int, v view, found *action.Report) bool {
	if ctx.Err() != nil {
		return false
	}
	current := found
	if found.Broken && v.good != nil {
		current = keep(found, v.good)
	}
	lists := s.describer(v.dir, current, v.overlay).diagnostics()
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.round != round {
		return false
	}
	p.report = current
	if !found.Pending && p.calm != nil {
		close(p.calm)
		p.calm = nil
	}
	s.publish(p, lists)
	return true
}

// glance asks the analyzer for what it can say soon. Check is what speaks of faults.
func (s *server) glance(ctx context.Context, v view, tell func(*action.Report)) {
	defer func() { _ = recover() }()
	if r, ok := s.Analyzer.Glance(ctx, v.query(), v.good, tell); ok {
		tell(r)
	}
}

// check asks the analyzer. Its faults are errors here.
func (s *server) check(ctx context.Context, v view) (found *action.Report, err error) {
	show, done := s.progress(ctx, v.dir)
	defer done()
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("fault of lockfix while analysing %s: %v", v.dir, fault)
			if s.Log != nil {
				fmt.Fprintf(s.Log, "lockfix: %v\n%s", err, debug.Stack())
			}
		}
	}()
	return s.Analyzer.Check(ctx, Query{v.dir, v.overlay, show})
}

// failed is the report of a package that could not be looked at: what is open is as
// it is.
func failed(dir string, overlay map[string][]byte) *action.Report {
	r := &action.Report{Broken: true, Texts: make(map[string][]byte)}
	for file, content := range overlay {
		if isGo(file) && filepath.Dir(file) == dir {
			r.Texts[file] = content
		}
	}
	return r
}

// keep adds to the report of a package with errors what was found before in the
// files that are what they were. It is still to be mended, but not now: there is no
// proof where there are errors.
func keep(broken, good *action.Report) *action.Report {
	kept := func(file string) bool {
		now, ok := broken.Texts[file]
		return ok && good.Has(file, now)
	}
	r := *broken
	r.All = nil
	r.Findings = slices.DeleteFunc(slices.Clone(broken.Findings), func(f *rule.Finding) bool { return kept(f.Pos.Filename) })
	for _, f := range good.Findings {
		if !kept(f.Pos.Filename) {
			continue
		}
		f := *f
		if f.Fix != nil {
			f.Fix, f.Refusals = nil, []rule.Note{{Text: "the package has errors"}}
		}
		r.Findings = append(r.Findings, &f)
	}
	return &r
}

// say writes into the log what stood in the way, unless the analysis before said
// it too. The mutex is held.
func (s *server) say(p *pkg, found *action.Report, err error) {
	said := make(map[string]bool)
	tell := func(kind int, text string) {
		if !p.said[text] && !said[text] {
			s.log(kind, text)
		}
		said[text] = true
	}
	if err != nil {
		tell(protocol.MessageInfo, fmt.Sprintf("%s is not checked: %v", p.dir, err))
	}
	for _, problem := range found.Problems {
		text := problem.Message
		if problem.Pos.Filename != "" {
			text = report.Place(p.dir, problem.Pos) + ": " + text
		}
		tell(protocol.MessageLog, text)
	}
	p.said = said
}

// publish sends the diagnostics of a package: of each document that is open, of
// files that have some, and of those that had. The mutex is held.
func (s *server) publish(p *pkg, lists map[string][]protocol.Diagnostic) {
	shown := make(map[string]string)
	for file := range lists {
		shown[file] = cmp.Or(p.shown[file], protocol.URIOf(file)) // as the client spelt it when it was open
	}
	for file, d := range s.docsIn(p.dir) {
		shown[file] = d.uri
	}
	all := maps.Clone(p.shown)
	maps.Copy(all, shown)
	for _, file := range slices.Sorted(maps.Keys(all)) {
		list := lists[file]
		if list == nil {
			list = []protocol.Diagnostic{}
		}
		params := protocol.PublishDiagnosticsParams{URI: all[file], Diagnostics: list}
		if d := s.docs[file]; d != nil {
			params.Version = &d.version
		}
		s.notify("textDocument/publishDiagnostics", params)
	}
	p.shown = shown
}
