package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
)

// inBubble runs a session in which time passes only when nothing else happens.
func inBubble(t *testing.T, f *fake, run func(t *testing.T, c *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		c := start(t, f, canEvery)
		run(t, c)
		c.stop()
	})
}

// published waits until nothing happens any more, and takes out what was shown.
func (c *client) published() (versions []int32) {
	synctest.Wait()
	for c.pending("textDocument/publishDiagnostics") > 0 {
		if p := c.diagnostics(); p.Version != nil {
			versions = append(versions, *p.Version)
		}
	}
	return versions
}

func TestAnAnalysisWaitsForASecondOfRest(t *testing.T) {
	f := new(fake)
	inBubble(t, f, func(t *testing.T, c *client) {
		a := "/none/p/a.go"
		expect := func(when, want string) {
			t.Helper()
			if got := fmt.Sprint(c.published()); got != want {
				t.Errorf("%s: versions %s published, want %s", when, got, want)
			}
		}
		c.open(a, "// safe\n")
		expect("opened", "[1]")
		c.change(a, 2, "// safe\n\n")
		time.Sleep(rest - time.Millisecond)
		expect("just before a second has passed", "[]")
		c.change(a, 3, "// safe\n\n\n")
		time.Sleep(rest - time.Millisecond)
		expect("just before a second since the last change", "[]")
		time.Sleep(2 * time.Millisecond)
		expect("a second after it", "[3]")
		c.change(a, 4, "// safe\n")
		c.save(a)
		expect("saved", "[4]")
		time.Sleep(time.Hour)
		expect("an hour later", "[]")
	})
	if f.count() != 3 {
		t.Errorf("%d analyses", f.count())
	}
}

func TestAThousandRapidChanges(t *testing.T) {
	f := new(fake)
	inBubble(t, f, func(t *testing.T, c *client) {
		a := "/none/p/a.go"
		c.open(a, "")
		c.published()
		text := ""
		for i := range 1000 {
			text += "// safe\n"
			c.change(a, int32(i+2), text)
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(rest)
		if got := fmt.Sprint(c.published()); got != "[1001]" {
			t.Errorf("versions %s published", got)
		}
		if got := c.actions(a, -1, "quickfix"); len(got) != 1000 {
			t.Errorf("%d actions", len(got))
		}
	})
	if f.count() != 2 {
		t.Errorf("%d analyses", f.count())
	}
}

func TestAChangeCancelsTheAnalysis(t *testing.T) {
	cancelled := 0
	f := &fake{hold: func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			cancelled++
			return ctx.Err()
		case <-time.After(time.Minute):
			return nil
		}
	}}
	inBubble(t, f, func(t *testing.T, c *client) {
		a, b := "/none/p/a.go", "/none/q/b.go"
		c.open(a, "// safe\n")
		time.Sleep(30 * time.Second)
		c.change(a, 2, "// safe\n\n")
		time.Sleep(30 * time.Second)
		c.open(b, "") // waits for its turn
		c.change(a, 3, "// safe\n\n\n")
		time.Sleep(time.Hour)
		if got := fmt.Sprint(c.published()); got != "[1 3]" {
			t.Errorf("versions %s published", got)
		}
		var begun, ended int
		for c.pending("$/progress") > 0 {
			var p protocol.ProgressParams
			c.next("$/progress", &p)
			switch p.Value.Kind {
			case "begin":
				begun++
			case "end":
				ended++
			case "report":
				if *p.Value.Percentage != 50 {
					t.Errorf("progress: %+v", p.Value)
				}
			}
		}
		if begun != 4 || ended != 4 || cancelled != 2 {
			t.Errorf("%d analyses begun, %d ended, %d cancelled", begun, ended, cancelled)
		}
	})
}

func TestWhoImportsIsLookedAtAfterASave(t *testing.T) {
	f := new(fake)
	inBubble(t, f, func(t *testing.T, c *client) {
		c.open("/none/p/a.go", "")
		c.open("/none/q/b.go", "")
		c.open("/none/go.mod", "module m\n")
		c.published()
		at := f.count()
		looked := func(what string, want int) {
			t.Helper()
			c.published()
			time.Sleep(rest)
			synctest.Wait()
			if got := f.count() - at; got != want {
				t.Errorf("%s: %d analyses, want %d", what, got, want)
			}
			at = f.count()
		}
		c.save("/none/p/a.go")
		looked("saved without a change", 1)
		c.change("/none/p/a.go", 2, "// x")
		looked("changed", 1)
		c.save("/none/p/a.go")
		looked("saved", 2)
		c.change("/none/go.mod", 2, "module n\n")
		looked("go.mod changed", 2)
		c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []map[string]any{{"uri": "file:///none/p/a.go", "type": 2}, {"uri": "file:///none/README.md", "type": 2}}})
		looked("what is open changed on disk, and what does not matter", 0)
		c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []map[string]any{{"uri": "file:///none/r/c.go", "type": 2}}})
		looked("another file changed on disk", 2)
	})
}

func TestAnActionThatIsAskedForDoesNotWaitLong(t *testing.T) {
	f := &fake{hold: func(ctx context.Context) error {
		select {
		case <-ctx.Done():
		case <-time.After(time.Hour):
		}
		return ctx.Err()
	}}
	inBubble(t, f, func(t *testing.T, c *client) {
		a := filepath.Join("/none", "a.go")
		c.open(a, "// safe\n")
		begun := time.Now()
		if got := c.actions(a, 0); len(got) != 0 || time.Since(begun) != patience {
			t.Errorf("%d actions after %v", len(got), time.Since(begun))
		}
	})
}

// After a change the findings come at once, and their fixes a moment later: nobody
// is told that there are none, and who asks where nothing is wrong does not wait.
func TestFindingsComeBeforeTheirFixes(t *testing.T) {
	const pause, whole = 100 * time.Millisecond, time.Hour
	f := &fake{pause: pause}
	inBubble(t, f, func(t *testing.T, c *client) {
		a := filepath.Join("/none", "a.go")
		c.open(a, "// x\n\n")
		c.published()
		f.mu.Lock()
		f.hold = func(ctx context.Context) error {
			select {
			case <-ctx.Done():
			case <-time.After(whole):
			}
			return ctx.Err()
		}
		f.mu.Unlock()
		c.change(a, 2, "// safe\n\n")
		time.Sleep(rest)
		synctest.Wait()
		if c.pending("textDocument/publishDiagnostics") != 1 || len(c.diagnostics().Diagnostics) != 1 {
			t.Error("the finding is not shown at once")
		}
		asked := time.Now()
		if got := c.actions(a, 1); len(got) != 0 || time.Since(asked) != 0 {
			t.Errorf("where nothing is wrong: %+v after %v", got, time.Since(asked))
		}
		if got := c.actions(a, 0); len(got) != 2 || got[0].Disabled != nil || time.Since(asked) != pause {
			t.Errorf("where something is: %+v after %v", got, time.Since(asked))
		}
		if got := c.actions(a, 0); len(got) != 2 || time.Since(asked) != pause {
			t.Errorf("while all the rest is looked at: %+v after %v", got, time.Since(asked))
		}
		c.change(a, 3, "// safe\n\n// another text\n")
		time.Sleep(rest)
		synctest.Wait()
		asked = time.Now()
		var got []protocol.CodeAction
		for _, only := range []string{"", "source.fixAll.lockfix"} {
			params := map[string]any{"textDocument": map[string]any{"uri": protocol.URIOf(a)}, "range": map[string]any{"start": map[string]any{"line": 0}, "end": map[string]any{"line": 0}}, "context": map[string]any{"triggerKind": protocol.TriggerAutomatic, "only": []string{only}[:min(1, len(only))]}}
			c.call("textDocument/codeAction", params, &got)
			if only == "" && (len(got) != 0 || time.Since(asked) != 0) || only != "" && (len(got) != 1 || time.Since(asked) != pause) {
				t.Errorf("an editor that asks by itself, for %q: %+v after %v", only, got, time.Since(asked))
			}
		}
		c.change(a, 4, "// none\n\n")
		time.Sleep(rest + pause)
		if got := c.actions(a, 0); len(got) != 1 || got[0].Disabled == nil {
			t.Errorf("in place of what goes on: %+v", got)
		}
	})
}
