package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rules"
)

// gateSource is the file that real editors are tried with, in CRLF: it has two
// findings with safe fixes, one behind characters of every width.
var gateSource = sync.OnceValue(func() string {
	text, err := os.ReadFile(filepath.Join("testdata", "e2e", "module", "gate.go"))
	if err != nil {
		panic(err)
	}
	return strings.ReplaceAll(string(text), "\n", "\r\n")
})

// An editor is one session with the real analysis.
type editor struct {
	t         *testing.T
	conn      *jsonrpc2.Conn
	status    chan int
	published chan protocol.PublishDiagnosticsParams
	version   int32
}

func newEditor(t *testing.T) *editor {
	t.Helper()
	return newEditorWith(t, `{"textDocument":{"codeAction":{"codeActionLiteralSupport":{},"disabledSupport":true}}}`)
}

// newEditorWith begins the session of a client that can do something.
func newEditorWith(t *testing.T, capabilities string) *editor {
	t.Helper()
	a, err := program{rewrite.Default, rules.All(), io.Discard, io.Discard}.newEditorAnalyzer(options{level: "hazard"})
	if err != nil {
		t.Fatal(err)
	}
	here, there := net.Pipe()
	e := &editor{t: t, status: make(chan int, 1), published: make(chan protocol.PublishDiagnosticsParams, 100)}
	go func() { e.status <- lsp.Serve(t.Context(), there, lsp.Config{Analyzer: a}) }()
	e.conn = jsonrpc2.NewConn(t.Context(), jsonrpc2.NewBufferedStream(here, jsonrpc2.VSCodeObjectCodec{}), e)
	e.call("initialize", json.RawMessage(`{"capabilities":`+capabilities+`}`), nil)
	e.notify("initialized", struct{}{})
	return e
}

// Handle keeps what is published.
func (e *editor) Handle(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) {
	var p protocol.PublishDiagnosticsParams
	if req.Method == "textDocument/publishDiagnostics" && json.Unmarshal(*req.Params, &p) == nil {
		e.published <- p
	}
}

func (e *editor) call(method string, params, result any) {
	e.t.Helper()
	if err := e.conn.Call(e.t.Context(), method, params, result); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

func (e *editor) notify(method string, params any) {
	e.t.Helper()
	if err := e.conn.Notify(e.t.Context(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

func (e *editor) open(file, content string) {
	e.version = 1
	e.notify("textDocument/didOpen", protocol.DidOpenParams{TextDocument: protocol.TextDocumentItem{URI: protocol.URIOf(file), Version: 1, Text: content}})
}

func (e *editor) change(file, content string) {
	e.version++
	e.notify("textDocument/didChange", protocol.DidChangeParams{
		TextDocument:   protocol.VersionedTextDocumentID{URI: protocol.URIOf(file), Version: e.version},
		ContentChanges: []protocol.ContentChange{{Text: content}},
	})
}

// diagnostics waits for those of a file in its last version.
func (e *editor) diagnostics(file string) []protocol.Diagnostic {
	e.t.Helper()
	for {
		select {
		case p := <-e.published:
			if p.URI == protocol.URIOf(file) && p.Version != nil && *p.Version == e.version {
				return p.Diagnostics
			}
		case <-time.After(30 * time.Second):
			e.t.Fatalf("no diagnostics of %s", file)
		}
	}
}

func (e *editor) actions(file string, line int, only string) (out []protocol.CodeAction) {
	e.t.Helper()
	return e.actionsIn(file, line, line, only)
}

// actionsIn asks for those of some lines.
func (e *editor) actionsIn(file string, first, last int, only string) (out []protocol.CodeAction) {
	e.t.Helper()
	e.call("textDocument/codeAction", protocol.CodeActionParams{
		TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)},
		Range:        text.Range{Start: text.Position{Line: uint32(first)}, End: text.Position{Line: uint32(last), Character: 999}},
		Context:      protocol.CodeActionContext{Only: []string{only}},
	}, &out)
	return out
}

func (e *editor) stop() {
	e.t.Helper()
	e.call("shutdown", nil, nil)
	e.notify("exit", nil)
	if status := <-e.status; status != 0 {
		e.t.Errorf("status %d", status)
	}
	e.conn.Close()
}

// applied is a text with the edits of an action.
func applied(t *testing.T, content string, a protocol.CodeAction, file string) string {
	t.Helper()
	return appliedTo(t, content, a.Edit.Changes[protocol.URIOf(file)])
}

func appliedTo(t *testing.T, content string, list []protocol.TextEdit) string {
	t.Helper()
	m := text.NewMap([]byte(content))
	var edits []edit.Edit
	for _, e := range list {
		edits = append(edits, edit.Edit{Start: m.Offset(e.Range.Start), End: m.Offset(e.Range.End), New: e.NewText})
	}
	out, err := edit.Apply([]byte(content), edits)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// gateModule is a module whose one file is on disk what it is in git: not yet what
// it is in the editor.
func gateModule(t *testing.T) (dir string) {
	t.Helper()
	t.Setenv(store.Variable, t.TempDir())
	dir = t.TempDir()
	for name, content := range map[string]string{"go.mod": "module example.com/gate\n\ngo 1.24\n", "gate.go": "package gate\n", "gate_test.go": "package gate\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestEditorSessionWithTheRealAnalysis(t *testing.T) {
	dir := gateModule(t)
	file := filepath.Join(dir, "gate.go")
	e := newEditor(t)
	e.open(file, gateSource())
	got := e.diagnostics(file)
	if len(got) != 2 || got[0].Code != "wakeloop" || got[0].Range.Start != (text.Position{Line: 26, Character: 12}) {
		t.Fatalf("diagnostics: %+v", got)
	}
	quick := e.actions(file, 26, "quickfix")
	if len(quick) != 1 || !quick[0].IsPreferred {
		t.Fatalf("actions: %+v", quick)
	}
	one := applied(t, gateSource(), quick[0], file)
	all := e.actions(file, 0, "source.fixAll")
	if len(all) != 1 {
		t.Fatalf("actions: %+v", all)
	}
	both := applied(t, gateSource(), all[0], file)

	e.change(file, one)
	if got := e.diagnostics(file); len(got) != 1 || got[0].Range.Start.Line < 28 {
		t.Errorf("diagnostics after one fix: %+v", got)
	}
	e.change(file, one+"func broken() {\r\n")
	if got := e.diagnostics(file); len(got) != 1 {
		t.Errorf("diagnostics of a text that is broken at its end: %+v", got)
	}
	for _, a := range e.actions(file, 36, "") {
		if a.Disabled == nil {
			t.Errorf("action in a package with errors: %+v", a)
		}
	}
	e.change(file, both)
	if got := e.diagnostics(file); len(got) != 0 {
		t.Errorf("diagnostics after all fixes: %+v", got)
	}
	e.stop()

	// It is what -w writes.
	if err := os.WriteFile(file, []byte(gateSource()), 0o666); err != nil {
		t.Fatal(err)
	}
	p := program{rewrite.Default, rules.All(), io.Discard, io.Discard}
	if status := p.execute(t.Context(), []string{"-C", dir, "-w"}); status != statusClean {
		t.Errorf("lockfix -w: status %d", status)
	}
	if disk, err := os.ReadFile(file); err != nil || string(disk) != both {
		t.Errorf("fixAll in the editor gives\n%s\nand lockfix -w\n%s", both, disk)
	}
	if strings.Count(both, "\n") != strings.Count(both, "\r\n") {
		t.Errorf("line ends are mixed:\n%q", both)
	}
}

func (e *editor) hover(file string, line, character int) (string, text.Range) {
	e.t.Helper()
	var h *protocol.Hover
	e.call("textDocument/hover", protocol.HoverParams{
		TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}, Position: text.Position{Line: uint32(line), Character: uint32(character)},
	}, &h)
	if h == nil {
		return "", text.Range{}
	}
	return h.Contents.Value, *h.Range
}

// A hover says of a lock what is held there and what runs under it: in the first
// session, in one that recalls it, and after a change.
func TestEditorHoversOnLocks(t *testing.T) {
	dir := gateModule(t)
	file := filepath.Join(dir, "gate.go")
	if err := os.WriteFile(file, []byte(gateSource()), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"first", "recalled"} {
		e := newEditor(t)
		e.open(file, gateSource())
		e.diagnostics(file)
		for _, down := range []int{0, 1} {
			if down > 0 {
				e.change(file, "\r\n"+gateSource())
				e.diagnostics(file)
				e.actions(file, 0, "source.fixAll") // waits until all is known
			}
			for _, tt := range []struct {
				line, character int
				want            []string
				at              text.Range
			}{
				{7, 2, []string{"`mu` is acquired at 3 places in this package"}, text.Range{Start: text.Position{Line: 7, Character: 1}, End: text.Position{Line: 7, Character: 3}}},
				{23, 4, []string{"`g.mu` is acquired here", "send on c: hazard", "**until**"}, text.Range{Start: text.Position{Line: 23, Character: 1}, End: text.Position{Line: 23, Character: 12}}},
				{13, 3, nil, text.Range{}},
			} {
				if tt.want != nil {
					tt.at.Start.Line += uint32(down)
					tt.at.End.Line += uint32(down)
				}
				got, at := e.hover(file, tt.line+down, tt.character)
				if at != tt.at || tt.want == nil && got != "" {
					t.Errorf("%s, %d lines down: hover on line %d: %q at %v", when, down, tt.line, got, at)
				}
				for _, want := range tt.want {
					if !strings.Contains(got, want) {
						t.Errorf("%s, %d lines down: hover on line %d: %q, want %s", when, down, tt.line, got, want)
					}
				}
			}
		}
		e.stop()
	}
}

// What an earlier session found is found again, of what is on disk and not open too.
func TestEditorSessionsAreTheSameAgain(t *testing.T) {
	dir := gateModule(t)
	file, other := filepath.Join(dir, "gate.go"), filepath.Join(dir, "gate_test.go")
	if err := os.WriteFile(file, []byte(gateSource()), 0o666); err != nil {
		t.Fatal(err)
	}
	var first string
	for range 3 {
		e := newEditor(t)
		e.open(other, "package gate\n")
		e.diagnostics(other)
		e.open(file, gateSource())
		found := e.diagnostics(file)
		e.version = 1
		actions := e.actions(file, 0, "source.fixAll")
		e.stop()
		text, err := json.Marshal(map[string]any{"found": found, "actions": actions})
		if err != nil || len(found) != 2 || len(actions) != 1 {
			t.Fatalf("%+v, %+v, %v", found, actions, err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first {
			t.Errorf("first\n%s\nthen\n%s", first, text)
		}
	}
}

// A directory behind a link is what the editor calls it.
func TestEditorBehindALink(t *testing.T) {
	dir := gateModule(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(link, "gate.go")
	e := newEditor(t)
	e.open(file, gateSource())
	if got := e.diagnostics(file); len(got) != 2 {
		t.Errorf("diagnostics: %+v", got)
	}
	if got := e.actions(file, 26, "quickfix"); len(got) != 1 {
		t.Errorf("actions: %+v", got)
	}
	e.stop()
}

// What is in no module, or nowhere, is answered with nothing.
func TestEditorOutsideAnyModule(t *testing.T) {
	t.Setenv(store.Variable, t.TempDir())
	for _, file := range []string{filepath.Join(t.TempDir(), "x.go"), filepath.Join(t.TempDir(), "not", "there", "x.go")} {
		e := newEditor(t)
		e.open(file, gateSource())
		if got := e.diagnostics(file); len(got) != 0 {
			t.Errorf("%s: %+v", file, got)
		}
		if got := e.actions(file, 26, ""); len(got) != 0 {
			t.Errorf("%s: %+v", file, got)
		}
		e.stop()
	}
}

// A proof may rest on files that no package has. Those are what the editor has of
// them too, in this session and after it.
func TestEditorHeedsOpenFilesBesideThePackage(t *testing.T) {
	dir := gateModule(t)
	file, beside := filepath.Join(dir, "gate.go"), filepath.Join(dir, "gate_plan9.go")
	source := strings.Replace(gateSource(), "func (g *Gate) Open() {", "func (g *Gate) Open() {\r\n\tg.mu.Lock()\r\n\tg.letIn()\r\n\tg.mu.Unlock()\r\n}\r\n\r\nfunc (g *Gate) letIn() {", 1)
	source = strings.Replace(source, "func (g *Gate) letIn() {\r\n\tg.mu.Lock()\r\n", "func (g *Gate) letIn() {\r\n", 1)
	source = strings.Replace(source, "\tg.waiters = nil\r\n\tg.mu.Unlock()\r\n}\r\n\r\n// Again", "\tg.waiters = nil\r\n}\r\n\r\n// Again", 1)
	line := strings.Count(source[:strings.Index(source, "/* ")], "\n")
	safe := func(open string) bool {
		t.Helper()
		e := newEditor(t)
		defer e.stop()
		if open != "" {
			e.open(beside, open)
		}
		e.open(file, source)
		if got := e.diagnostics(file); len(got) != 2 {
			t.Fatalf("diagnostics: %+v", got)
		}
		actions := e.actions(file, line, "quickfix")
		return len(actions) == 1 && actions[0].Disabled == nil
	}
	for _, test := range []struct {
		name, open string
		want       bool
	}{
		{"nothing beside", "", true},
		{"a use that is only in the editor", "package gate\n\nfunc use(g *Gate) { g.letIn() }\n", false},
		{"nothing again", "", true},
	} {
		if got := safe(test.open); got != test.want {
			t.Errorf("%s: a safe fix: %t", test.name, got)
		}
	}
}
