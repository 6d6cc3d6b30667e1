package holding

import (
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

const text = `package p

import "sync"

type hub struct {
	mu    sync.RWMutex
	inner inner
	ch    chan int
}

type inner struct{ mu sync.Mutex }

func (h *hub) publish() {
	h.mu.Lock()
	h.inner.mu.Lock()
	h.ch <- 1
	h.inner.mu.Unlock()
	h.mu.Unlock()
}

func (h *hub) read() {
	h.mu.RLock()
	defer h.mu.RUnlock()
}

func local() {
	var mu sync.Mutex
	mu.Lock()
	mu.Unlock()
}
`

// places lists all places of the text.
func places(t *testing.T, owns func(string) bool) []Place {
	t.Helper()
	fset := token.NewFileSet()
	src := source.Check(fset, source.Config{Path: "example.com/p", Importer: importer.ForCompiler(fset, "source", nil), Bodies: true}, []source.Input{{Name: "/p/p.go", Content: []byte(text)}})
	if len(src.Errors) > 0 {
		t.Fatal(src.Errors)
	}
	return Of(rewrite.Summarize(src, summary.FactsOf(func(*types.Func) *summary.Func { return nil }), nil), owns)
}

func everywhere(string) bool { return true }

func TestWhatThereIsToSayOfALock(t *testing.T) {
	got := make(map[string]string)
	for _, l := range places(t, everywhere) {
		got[fmt.Sprintf("%d:%d-%d", l.Pos.Line, l.Pos.Column, l.End.Column)] = l.Plain("/p")
	}
	for place, want := range map[string]string{
		"6:2-4": "mu is acquired at 2 places in this package\n" +
			"lock order: what is taken while it is held:\n\t./p.go:15:2: example.com/p.inner.mu, in (*p.hub).publish\n",
		"11:20-22": "mu is acquired once in this package\n" +
			"lock order: what is held when it is taken:\n\t./p.go:15:2: example.com/p.hub.mu, in (*p.hub).publish\n",
		"14:2-13": "h.mu is acquired here\n" +
			"while it is held:\n\t./p.go:16:2: send on h.ch: hazard\n" +
			"until:\n\t./p.go:18:2: released\n" +
			"lock order: what is taken while it is held:\n\t./p.go:15:2: example.com/p.inner.mu, in (*p.hub).publish\n",
		"15:2-19": "h.inner.mu is acquired here\n" +
			"held before it:\n\t./p.go:14:2: h.mu\n" +
			"while it is held:\n\t./p.go:16:2: send on h.ch: hazard\n" +
			"until:\n\t./p.go:17:2: released\n" +
			"lock order: what is held when it is taken:\n\t./p.go:15:2: example.com/p.hub.mu, in (*p.hub).publish\n",
		"22:2-14": "h.mu is acquired here, for reading\n" +
			"until:\n\t./p.go:23:8: released when the function ends\n" +
			"lock order: what is taken while it is held:\n\t./p.go:15:2: example.com/p.inner.mu, in (*p.hub).publish\n",
		"27:6-8":  "mu is acquired once in this package\n",
		"28:2-11": "mu is acquired here\nuntil:\n\t./p.go:29:2: released\n",
	} {
		if got[place] != want {
			t.Errorf("%s:\n%s\nwant\n%s", place, got[place], want)
		}
		delete(got, place)
	}
	if len(got) > 0 {
		t.Errorf("and also %q", got)
	}
	if others := places(t, func(string) bool { return false }); len(others) > 0 {
		t.Errorf("in files that are not asked for: %v", others)
	}
}

// What is Markdown in a name is not.
func TestMarkdown(t *testing.T) {
	for _, l := range places(t, everywhere) {
		if l.Pos.Line != 15 {
			continue
		}
		got := l.Markdown(func(p token.Position) string { return fmt.Sprintf("[%d](x)", p.Line) })
		for _, want := range []string{"`h.inner.mu` is acquired here\n", "**held before it**\n\n- [14](x) h.mu\n", `(\*p.hub).publish`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s\nwant %s", got, want)
			}
		}
		return
	}
	t.Error("there is no acquisition in line 15")
}
