package main

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rules"
)

// texts reads all Go files of the module.
func (m *mutant) texts() map[string][]byte {
	all := make(map[string][]byte)
	err := filepath.WalkDir(m.dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".go") {
			all[name], err = os.ReadFile(name)
		}
		return err
	})
	if err != nil {
		m.Fatal(err)
	}
	return all
}

// editor returns an analyzer for editors.
func (m *mutant) editor() *editorAnalyzer {
	m.Helper()
	a, err := program{rewrite.Default, rules.All(), io.Discard, io.Discard}.newEditorAnalyzer(options{level: "hazard"})
	if err != nil {
		m.Fatal(err)
	}
	return a
}

// check is what an analyzer says of a directory; nil if it cannot be analysed.
func (m *mutant) check(a *editorAnalyzer, dir string, open map[string][]byte) *action.Report {
	r, err := a.Check(m.Context(), lsp.Query{Dir: dir, Overlay: open, Progress: func(int, int) {}})
	if err != nil {
		return nil
	}
	return r
}

// of words what a report has of one file: all of it, or without the fixes.
func of(t *testing.T, r *action.Report, file string, fixes bool) string {
	t.Helper()
	list := []*rule.Finding{}
	for _, f := range r.Findings {
		if f.Pos.Filename == file {
			f := *f
			if !fixes {
				f.Fix, f.Refusals = nil, nil
			}
			list = append(list, &f)
		}
	}
	text, err := json.MarshalIndent(map[string]any{"findings": list, "text": string(r.Texts[file]), "broken": r.Broken}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A glance at a file that was changed in the editor says what a check without any
// memory says of it, at once without the fixes and then with them.
func TestAGlanceSaysWhatACheckSays(t *testing.T) {
	glances, found := 0, 0
	for _, seed := range []uint64{1, 2} {
		t.Setenv(store.Variable, t.TempDir())
		m := newMutant(t, seed)
		a := m.editor()
		for i := range 60 {
			before := m.texts()
			last := make(map[string]*action.Report)
			for _, dir := range []string{"lock", "low", "mid", "top"} {
				dir = filepath.Join(m.dir, dir)
				last[dir] = m.check(a, dir, before)
			}
			step := m.step(i)
			after := m.texts()
			for _, file := range slices.Sorted(maps.Keys(after)) {
				dir := filepath.Dir(file)
				if string(before[file]) == string(after[file]) || last[dir] == nil || last[dir].Broken {
					continue
				}
				open := maps.Clone(before)
				open[file] = after[file]
				var first *action.Report
				second, ok := a.Glance(m.Context(), lsp.Query{Dir: dir, Overlay: open}, last[dir], func(r *action.Report) { first = r })
				if !ok {
					continue
				}
				glances++
				want := m.check(m.editor(), dir, open)
				if got, want := of(t, first, file, false), of(t, want, file, false); got != want || !first.Pending {
					t.Fatalf("seed %d, %s: a first glance at %s says\n%s\nwant\n%s", seed, step, file, got, want)
				}
				if got, want := of(t, second, file, true), of(t, want, file, true); got != want || second.Pending {
					t.Fatalf("seed %d, %s: a glance at %s says\n%s\nwant\n%s", seed, step, file, got, want)
				}
				found += strings.Count(of(t, second, file, false), `"Rule"`)
			}
		}
	}
	if glances < 20 || found < 10 {
		t.Errorf("%d glances with %d findings: they prove nothing", glances, found)
	}
}

// A glance that nobody waits for any more plans no fix.
func TestAGlanceStops(t *testing.T) {
	t.Setenv(store.Variable, t.TempDir())
	m := newMutant(t, 1)
	a, dir := m.editor(), filepath.Join(m.dir, "top")
	open := m.texts()
	last := m.check(a, dir, open)
	file := filepath.Join(dir, "top.go")
	open[file] = append(open[file], "\nvar more int\n"...)
	ctx, cancel := context.WithCancel(t.Context())
	if _, ok := a.Glance(ctx, lsp.Query{Dir: dir, Overlay: open}, last, func(*action.Report) { cancel() }); ok {
		t.Error("it goes on when it is cancelled")
	}
	var fixes int
	if r, ok := a.Glance(t.Context(), lsp.Query{Dir: dir, Overlay: open}, last, func(*action.Report) {}); ok {
		for _, f := range r.Findings {
			if f.Fix != nil || len(f.Refusals) > 0 {
				fixes++
			}
		}
	}
	if fixes == 0 {
		t.Error("what was broken off is what the next glance says")
	}
}
