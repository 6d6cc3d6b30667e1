package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rules"
)

// races is how many edits TestRealEditsAreNeverStale makes; LOCKFIX_RACES asks for
// more.
func races(t *testing.T) int {
	t.Helper()
	value := os.Getenv("LOCKFIX_RACES")
	if value == "" {
		return 150
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		t.Fatalf("LOCKFIX_RACES=%s is no number of edits", value)
	}
	return n
}

// A typist makes texts of one file, most of them whole.
type typist struct {
	rnd   *rand.Rand
	parts []string
}

const typed = `// Package gate.
package gate

import "sync"

type Gate struct {
	mu      sync.Mutex
	waiters []chan struct{}
	f       func()
}
`

// openers are what the typist writes: with findings that have safe fixes, unsafe
// ones and none, fixed ones, and ones that do not compile.
var openers = []string{
	"\nfunc (g *Gate) F%d() {\n\tg.mu.Lock()\n\tfor _, c := range g.waiters { // 🙂世\n\t\tc <- struct{}{}\n\t}\n\tg.waiters = nil\n\tg.mu.Unlock()\n}\n",
	"\nfunc (g *Gate) F%d() {\n\tg.mu.Lock()\n\tdefer g.mu.Unlock()\n\tg.f()\n}\n",
	"\nfunc (g *Gate) F%d() {\n\tg.mu.Lock()\n\twaiters := g.waiters\n\tg.waiters = nil\n\tg.mu.Unlock()\n\tfor _, c := range waiters {\n\t\tc <- struct{}{}\n\t}\n}\n",
	"\nfunc (g *Gate) F%d() {\n\tg.mu.Lock()\n\tif len(g.waiters) > 0 {\n\t\treturn\n\t}\n\tg.mu.Unlock()\n}\n",
	"\n// A comment, %d.\n",
	"\nfunc (g *Gate) F%d() { undefined() }\n",
	"\nfunc (g *Gate) F%d() {\n",
}

// next replaces, adds or takes away a part.
func (p *typist) next(i int) string {
	kind := p.rnd.IntN(len(openers))
	if kind >= len(openers)-2 && p.rnd.IntN(3) > 0 {
		kind = 0 // what does not compile is rare
	}
	part := fmt.Sprintf(openers[kind], i)
	switch at := p.rnd.IntN(len(p.parts) + 1); {
	case at == len(p.parts) && at < 4:
		p.parts = append(p.parts, part)
	case at == len(p.parts):
		p.parts = p.parts[:p.rnd.IntN(at)]
	default:
		p.parts[at] = part
	}
	return typed + strings.Join(p.parts, "")
}

// A mended is what lockfix -w makes of texts.
type mended struct {
	*testing.T
	dir   string
	known map[string]string
}

func (m *mended) of(content string) string {
	m.Helper()
	if want, ok := m.known[content]; ok {
		return want
	}
	file := filepath.Join(m.dir, "gate.go")
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		m.Fatal(err)
	}
	p := program{rewrite.Default, rules.All(), io.Discard, io.Discard}
	p.execute(m.Context(), []string{"-C", m.dir, "-q", "-w"})
	disk, err := os.ReadFile(file)
	if err != nil {
		m.Fatal(err)
	}
	m.known[content] = string(disk)
	return string(disk)
}

// Every edit that an editor gets while somebody types is of the text of a version,
// leaves a file that parses, and all fixes together are what lockfix -w writes.
func TestRealEditsAreNeverStale(t *testing.T) {
	dir := gateModule(t)
	file := filepath.Join(dir, "gate.go")
	e := newEditorWith(t, `{"workspace":{"workspaceEdit":{"documentChanges":true}},"textDocument":{"codeAction":{"codeActionLiteralSupport":{},"disabledSupport":true}}}`)
	go func() {
		for range e.published { // somebody else's business
		}
	}()
	versions := []string{"", typed}
	e.open(file, typed)
	var mu sync.Mutex
	var got []protocol.CodeAction
	var asking sync.WaitGroup
	ask := func(only string) {
		for _, a := range e.actionsIn(file, 0, 9999, only) {
			if a.Edit != nil {
				mu.Lock()
				got = append(got, a)
				mu.Unlock()
			}
		}
	}
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		whole := 0
		for _, a := range got {
			if a.Kind == "source.fixAll.lockfix" {
				whole++
			}
		}
		return len(got) >= races(t)/10 && whole >= races(t)/20
	}
	p := &typist{rnd: rand.New(rand.NewPCG(3, 4))}
	// Where the machine has much else to do, answers are late and say nothing.
	for i := 0; i < races(t) || i < 8*races(t) && !enough(); i++ {
		versions = append(versions, p.next(i))
		e.change(file, versions[len(versions)-1])
		switch p.rnd.IntN(4) {
		case 0: // asked while the next change comes
			asking.Go(func() { ask("source.fixAll") })
		case 1:
			asking.Go(func() { ask("") })
		case 2: // asked and answered
			ask("source.fixAll")
		}
	}
	asking.Wait()
	e.stop()

	m := &mended{t, gateModule(t), make(map[string]string)}
	whole := 0
	for _, a := range got {
		edits := a.Edit.DocumentChanges[0]
		before := versions[*edits.TextDocument.Version]
		after := appliedTo(t, before, edits.Edits)
		if _, err := parser.ParseFile(token.NewFileSet(), "gate.go", after, 0); err != nil {
			t.Fatalf("version %d does not parse with %s: %v", *edits.TextDocument.Version, a.Title, err)
		}
		if a.Kind != "source.fixAll.lockfix" {
			continue
		}
		whole++
		if want := m.of(before); after != want {
			t.Fatalf("version %d: all fixes give\n%s\nlockfix -w gives\n%s", *edits.TextDocument.Version, after, want)
		}
	}
	t.Logf("%d changes, %d edits, %d of them all fixes of the file", len(versions)-2, len(got), whole)
	if !enough() {
		t.Errorf("%d changes gave %d edits, %d of them all fixes of the file: too few to say something", len(versions)-2, len(got), whole)
	}
}
