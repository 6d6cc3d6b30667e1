package lsp

import (
	"bytes"
	"context"
	"errors"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A fake finds lines by what stands in them: "// safe", "// unsafe", "// none",
// "// both" (its fix changes the next file too), "// dead". It reads files that are
// not open from disk.
type fake struct {
	mu    sync.Mutex
	calls []string                    // directories, in order
	hold  func(context.Context) error // called by each; may be nil
	pause time.Duration               // of a glance, between findings and fixes; 0: it has nothing to say
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls)
}

func (f *fake) Prepare(context.Context, Query) {}

// Glance finds what Check finds.
func (f *fake) Glance(ctx context.Context, q Query, _ *action.Report, first func(*action.Report)) (*action.Report, bool) {
	if f.pause == 0 {
		return nil, false
	}
	r, err := new(fake).Check(ctx, q)
	if err != nil {
		return nil, false
	}
	hasty := action.Report{Texts: r.Texts, Pending: true}
	for _, found := range r.Findings {
		g := *found
		g.Fix, g.Refusals = nil, nil
		hasty.Findings = append(hasty.Findings, &g)
	}
	first(&hasty)
	time.Sleep(f.pause)
	return r, true
}

func (f *fake) Check(ctx context.Context, q Query) (*action.Report, error) {
	f.mu.Lock()
	f.calls = append(f.calls, q.Dir)
	hold := f.hold
	f.mu.Unlock()
	q.Progress(1, 2)
	if hold != nil {
		if err := hold(ctx); err != nil {
			return nil, err
		}
	}
	if strings.HasSuffix(q.Dir, "outside") {
		return nil, errors.New("no go.mod in " + q.Dir + " or above it")
	}
	r := &action.Report{Texts: make(map[string][]byte), All: make(map[string][]rule.Change)}
	names, _ := filepath.Glob(filepath.Join(q.Dir, "*.go"))
	for name := range q.Overlay {
		if filepath.Dir(name) == q.Dir {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		text, open := q.Overlay[name]
		if !open {
			text, _ = os.ReadFile(name)
		}
		if bytes.Contains(text, []byte("// panic")) {
			panic("a text that says panic")
		}
		r.Texts[name] = text
		r.Broken = r.Broken || bytes.Contains(text, []byte("// broken"))
	}
	files := slices.Sorted(maps.Keys(r.Texts))
	for i, name := range files {
		r.Findings = append(r.Findings, findIn(name, r.Texts[name], files[(i+1)%len(files)])...)
		r.All[name] = allOf(action.Safe(r.Findings, name))
	}
	if r.Broken {
		r.Findings, r.All = nil, nil
		r.Problems = []action.Problem{{Message: "it is broken"}}
	}
	return r, nil
}

func allOf(groups []action.Group) []rule.Change {
	var changes []rule.Change
	for _, g := range groups {
		if len(changes) == 0 {
			changes = append(changes, rule.Change{File: g.Fix.Changes[0].File})
		}
		changes[0].Edits = append(changes[0].Edits, g.Fix.Changes[0].Edits...)
	}
	return changes
}

// findIn finds what one file has. Fixes replace the mark by FIXED.
func findIn(name string, text []byte, next string) []*rule.Finding {
	var found []*rule.Finding
	line, start := 1, 0
	for start < len(text) {
		end := len(text)
		if i := bytes.IndexByte(text[start:], '\n'); i >= 0 {
			end = start + i
		}
		for _, mark := range []string{"safe", "unsafe", "none", "both", "dead"} {
			i := bytes.Index(text[start:end], []byte("// "+mark))
			if i < 0 {
				continue
			}
			pos := token.Position{Filename: name, Offset: start + i, Line: line, Column: i + 1}
			stop := pos
			stop.Offset, stop.Column = pos.Offset+3+len(mark), pos.Column+3+len(mark)
			found = append(found, finding(mark, pos, stop, next))
		}
		start, line = end+1, line+1
	}
	return found
}

func finding(mark string, pos, end token.Position, next string) *rule.Finding {
	f := &rule.Finding{Rule: "flag", Level: hazard.Hazard, Message: "a mark says " + mark, Pos: pos, End: end, Function: "(*T).f", Resource: "t.mu"}
	f.Notes = []rule.Note{{Pos: token.Position{Filename: next, Line: 1, Column: 9}, Text: "is named here"}}
	f.Fix = &rule.Fix{Title: "put FIXED", Section: pos.Offset, Safe: mark != "unsafe",
		Obligations: []fix.Obligation{{Name: "region"}},
		Changes:     []rule.Change{{File: pos.Filename, Edits: []edit.Edit{{Start: pos.Offset, End: end.Offset, New: "/* FIXED */"}}}}}
	switch mark {
	case "unsafe":
		f.Fix.Obligations = append(f.Fix.Obligations, fix.Obligation{Name: "order", Status: fix.Assumed, Reason: "two may swap"})
	case "none", "dead":
		f.Fix, f.Refusals = nil, []rule.Note{{Text: "region: a return stands in between"}}
	case "both":
		f.Fix.Changes = append(f.Fix.Changes, rule.Change{File: next, Edits: []edit.Edit{{New: "// too\n"}}})
	}
	if mark == "dead" {
		f.Level, f.Acquired = hazard.Deadlock, token.Position{Filename: pos.Filename, Line: 1, Column: 1}
	}
	return f
}
