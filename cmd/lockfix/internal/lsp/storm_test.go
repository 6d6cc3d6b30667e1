package lsp

import (
	"context"
	"fmt"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
)

// A history is what a document was in each of its versions.
type history struct {
	mu    sync.Mutex
	texts []string // by version
}

func (h *history) at(version int32) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.texts[version]
}

var lines = []string{"\tx() // safe\n", "\ty() // unsafe\n", "\tz() /* 🙂世 */ // safe\n", "\n", "\t// none\r\n"}

// edit makes a random change of whole lines, as one that is sent and as what comes
// of it.
func (h *history) edit(r *rand.Rand) protocol.ContentChange {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := h.texts[len(h.texts)-1]
	count := strings.Count(old, "\n") // line 0 is the package clause, line 1 the function
	first := 2 + r.IntN(count-2)
	last := first
	if count > 12 {
		last = min(first+r.IntN(8), count-1)
	}
	c := protocol.ContentChange{
		Range: &text.Range{Start: text.Position{Line: uint32(first)}, End: text.Position{Line: uint32(last)}},
		Text:  lines[r.IntN(len(lines))],
	}
	parts := strings.SplitAfter(old, "\n")
	h.texts = append(h.texts, strings.Join(parts[:first], "")+c.Text+strings.Join(parts[last:], ""))
	return c
}

// Every edit that is returned while a document changes 10,000 times is of a version,
// and there it does what the fix says and nothing else.
func TestEditsAreNeverStale(t *testing.T) {
	c := start(t, new(fake), strings.Replace(canEvery, `"properties":["edit"]`, `"properties":[]`, 1))
	file := filepath.Join(t.TempDir(), "a.go")
	h := &history{texts: []string{"", "package p\nfunc f() {\n\tx() // safe\n}\n"}}
	c.open(file, h.texts[1])
	done := make(chan struct{})
	var asking sync.WaitGroup
	var edits atomic.Int64
	ask := func() {
		var out []protocol.CodeAction
		p := protocol.CodeActionParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}, Range: text.Range{End: text.Position{Line: 99}}}
		if err := c.conn.Call(context.Background(), "textDocument/codeAction", p, &out); err != nil {
			t.Errorf("code actions: %v", err)
		}
		for _, a := range out {
			if a.Edit != nil {
				check(t, h, a)
				edits.Add(1)
			}
		}
	}
	for range 2 {
		asking.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					ask()
				}
			}
		})
	}
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 10_000 {
		if i%50 == 0 {
			ask() // a rest, for the others too
		}
		change := h.edit(r)
		c.notify("textDocument/didChange", protocol.DidChangeParams{
			TextDocument:   protocol.VersionedTextDocumentID{URI: protocol.URIOf(file), Version: int32(len(h.texts) - 1)},
			ContentChanges: []protocol.ContentChange{change},
		})
	}
	close(done)
	asking.Wait()
	if n := edits.Load(); n < 200 {
		t.Errorf("%d edits were returned: too few to say something", n)
	}
	c.stop()
}

// check applies the edit of an action to the text of its version.
func check(t *testing.T, h *history, a protocol.CodeAction) {
	e := a.Edit.DocumentChanges[0]
	before := h.at(*e.TextDocument.Version)
	after := apply(t, before, e.Edits)
	if _, err := parser.ParseFile(token.NewFileSet(), "a.go", after, 0); err != nil {
		t.Errorf("version %d does not parse with %s: %v", *e.TextDocument.Version, a.Title, err)
	}
	m := text.NewMap([]byte(before))
	for _, edit := range e.Edits {
		if old := before[m.Offset(edit.Range.Start):m.Offset(edit.Range.End)]; old != "// safe" && old != "// unsafe" || edit.NewText != "/* FIXED */" {
			t.Errorf("version %d: %s replaces %q by %q", *e.TextDocument.Version, a.Title, old, edit.NewText)
		}
	}
	if got := strings.Count(after, "FIXED"); got != len(e.Edits) {
		t.Errorf("version %d: %s makes %d places of %d", *e.TextDocument.Version, a.Title, got, len(e.Edits))
	}
}

// What 10,000 requests leave behind is nothing.
func TestNothingIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	c := start(t, new(fake), canEvery)
	file := filepath.Join(t.TempDir(), "a.go")
	content := "package p\n" + strings.Repeat("// safe\n", 3)
	c.open(file, content)
	c.diagnostics()
	round := func(n int) (goroutines int, heap uint64) {
		for i := range n {
			switch i % 4 {
			case 0:
				c.actions(file, 3, "quickfix")
			case 1:
				c.call("textDocument/hover", protocol.HoverParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}, Position: text.Position{Line: 2}}, nil)
			case 2:
				c.change(file, int32(i), content)
			case 3:
				c.try("codeAction/resolve", protocol.CodeAction{Data: []byte(`{}`)}, nil)
			}
		}
		c.actions(file, 3)
		for c.pending("textDocument/publishDiagnostics") > 0 {
			c.diagnostics()
		}
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), m.HeapAlloc
	}
	round(requestsOfATest / 10)
	g1, h1 := round(requestsOfATest / 10)
	g2, h2 := round(requestsOfATest * 8 / 10)
	if g2 > g1+5 {
		t.Errorf("%d goroutines, then %d", g1, g2)
	}
	if h2 > h1+1<<20 {
		t.Errorf("%d bytes, then %d", h1, h2)
	}
	c.stop()
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	t.Errorf("%d goroutines before the session, %d after it:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
}

func TestOneMegabyte(t *testing.T) {
	c := start(t, new(fake), canDisabled)
	defer c.stop()
	file := filepath.Join(t.TempDir(), "a.go")
	content := strings.Repeat("// 世界🙂 some text that takes room\r\n", 25_000) + "🙂 // safe\r\n"
	c.open(file, content)
	if got := c.diagnostics().Diagnostics; len(got) != 1 || got[0].Range.Start != (text.Position{Line: 25_000, Character: 3}) {
		t.Errorf("published: %+v", got)
	}
	for i := range 100 {
		c.notify("textDocument/didChange", protocol.DidChangeParams{
			TextDocument:   protocol.VersionedTextDocumentID{URI: protocol.URIOf(file), Version: int32(i + 2)},
			ContentChanges: []protocol.ContentChange{{Range: &text.Range{Start: text.Position{Line: 25_000}, End: text.Position{Line: 25_000}}, Text: "é"}},
		})
	}
	got := c.actions(file, 25_000, "quickfix")
	if len(got) != 1 {
		t.Fatalf("actions: %+v", got)
	}
	want := fmt.Sprint(text.Range{Start: text.Position{Line: 25_000, Character: 103}, End: text.Position{Line: 25_000, Character: 110}})
	if e := got[0].Edit.Changes[protocol.URIOf(file)]; len(e) != 1 || fmt.Sprint(e[0].Range) != want {
		t.Errorf("edit: %+v, want %s", e, want)
	}
}
