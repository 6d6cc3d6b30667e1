package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
)

func TestFindingsAreShownWhereTheyAre(t *testing.T) {
	c := start(t, new(fake), canEvery)
	defer c.stop()
	file := filepath.Join(t.TempDir(), "世 界", "a.go")
	c.open(file, "package p\r\n/* 🙂é */ // dead\r\n")
	got := c.diagnostics()
	if got.URI != protocol.URIOf(file) || got.Version == nil || *got.Version != 1 || len(got.Diagnostics) != 1 {
		t.Fatalf("published: %+v", got)
	}
	d := got.Diagnostics[0]
	want := text.Range{Start: text.Position{Line: 1, Character: 10}, End: text.Position{Line: 1, Character: 17}}
	if d.Range != want || d.Severity != protocol.SeverityError || d.Code != "flag" || d.Source != "lockfix" || d.CodeDescription.Href != "https://example.com/flag" {
		t.Errorf("diagnostic: %+v", d)
	}
	if d.Message != "a mark says dead (a.go:1:9: is named here)" {
		t.Errorf("message: %s", d.Message)
	}
	if len(d.RelatedInformation) != 2 || d.RelatedInformation[0].Message != "is named here" || d.RelatedInformation[1].Message != "t.mu is held from here" ||
		d.RelatedInformation[0].Location.Range.Start != (text.Position{Line: 0, Character: 8}) {
		t.Errorf("related: %+v", d.RelatedInformation)
	}
}

func TestChangesAreInUTF16(t *testing.T) {
	c := start(t, new(fake), canEvery)
	defer c.stop()
	file := filepath.Join(t.TempDir(), "a.go")
	c.open(file, "a🙂b世 x\r\n")
	c.diagnostics()
	at := func(l1, c1, l2, c2 uint32) *text.Range {
		return &text.Range{Start: text.Position{Line: l1, Character: c1}, End: text.Position{Line: l2, Character: c2}}
	}
	c.notify("textDocument/didChange", protocol.DidChangeParams{
		TextDocument: protocol.VersionedTextDocumentID{URI: protocol.URIOf(file), Version: 2},
		ContentChanges: []protocol.ContentChange{
			{Range: at(0, 6, 0, 7), Text: "// safe"}, // x
			{Range: at(0, 1, 0, 3), Text: ""},        // 🙂
			{Range: at(1, 0, 1, 0), Text: "end"},
		},
	})
	actions := c.actions(file, 0, "quickfix")
	if len(actions) != 1 {
		t.Fatalf("actions: %+v", actions)
	}
	c.call("codeAction/resolve", actions[0], &actions[0])
	edit := actions[0].Edit.DocumentChanges[0]
	if got := apply(t, "ab世 // safe\r\nend", edit.Edits); *edit.TextDocument.Version != 2 || got != "ab世 /* FIXED */\r\nend" {
		t.Errorf("%+v gives %q", edit, got)
	}
}

func TestKindsOfActions(t *testing.T) {
	c := start(t, new(fake), canDisabled)
	defer c.stop()
	file := filepath.Join(t.TempDir(), "a.go")
	content := "package p\n// safe\n// unsafe\n// none\n\n// safe\n"
	c.open(file, content)
	c.diagnostics()
	titles := func(line int, only ...string) string {
		var out []string
		for _, a := range c.actions(file, line, only...) {
			mark := ""
			if a.IsPreferred {
				mark = "!"
			}
			if a.Disabled != nil {
				mark = "-" + a.Disabled.Reason
			} else if a.Edit == nil || len(a.Edit.Changes) != 1 {
				t.Errorf("%s has no edit: %+v", a.Title, a.Edit)
			}
			out = append(out, a.Kind+mark)
		}
		return strings.Join(out, " ")
	}
	for _, test := range []struct {
		line int
		only []string
		want string
	}{
		{0, nil, ""},
		{1, nil, "quickfix! source.fixAll.lockfix"},
		{2, nil, "refactor.rewrite.lockfix source.fixAll.lockfix"},
		{3, nil, "quickfix-region: a return stands in between source.fixAll.lockfix"},
		{-1, []string{"quickfix"}, "quickfix! quickfix! quickfix-region: a return stands in between"},
		{-1, []string{"refactor"}, "refactor.rewrite.lockfix"},
		{-1, []string{"refactor.rewrite"}, "refactor.rewrite.lockfix"},
		{-1, []string{"refactor.rewrite.lockfix"}, "refactor.rewrite.lockfix"},
		{-1, []string{"refactor.rewrite.lock"}, ""},
		{0, []string{"source"}, "source.fixAll.lockfix"},
		{4, []string{"source.fixAll"}, "source.fixAll.lockfix"},
		{4, []string{"source.organizeImports", "source.fixAll.lockfix"}, "source.fixAll.lockfix"},
		{-1, []string{"source.fixAll.other"}, ""},
		{3, []string{""}, "quickfix-region: a return stands in between source.fixAll.lockfix"},
	} {
		if got := titles(test.line, test.only...); got != test.want {
			t.Errorf("line %d, only %q: %s, want %s", test.line, test.only, got, test.want)
		}
	}
	if got := c.actions(file, 2)[0].Title; got != "put FIXED (unsafe, assumes order: two may swap)" {
		t.Errorf("title of an unsafe fix: %s", got)
	}
	all := c.actions(file, 0, "source.fixAll")[0]
	if got := apply(t, content, all.Edit.Changes[protocol.URIOf(file)]); got != "package p\n/* FIXED */\n// unsafe\n// none\n\n/* FIXED */\n" {
		t.Errorf("fixAll gives %q", got)
	}
}

func TestAFindingIsMeantByItsDiagnosticToo(t *testing.T) {
	c := start(t, new(fake), canDisabled)
	defer c.stop()
	file := filepath.Join(t.TempDir(), "a.go")
	c.open(file, "package p\n   // safe\n")
	d := c.diagnostics().Diagnostics[0]
	ask := func(diagnostics ...any) int {
		var out []protocol.CodeAction
		c.call("textDocument/codeAction", map[string]any{
			"textDocument": protocol.TextDocumentID{URI: protocol.URIOf(file)},
			"range":        text.Range{Start: text.Position{Line: 1}, End: text.Position{Line: 1}},
			"context":      map[string]any{"diagnostics": diagnostics, "only": []string{"quickfix"}},
		}, &out)
		return len(out)
	}
	if n := ask(); n != 0 {
		t.Errorf("%d actions in front of the finding", n)
	}
	if n := ask(d); n != 1 {
		t.Errorf("%d actions for its diagnostic", n)
	}
	inBytes := d
	inBytes.Range.Start.Character, inBytes.Range.End.Character = 90, 99
	if n := ask(inBytes); n != 1 {
		t.Errorf("%d actions for its diagnostic with other columns", n)
	}
	foreign := d
	foreign.Source = "gopls"
	if n := ask(foreign, map[string]any{"range": d.Range, "message": "x", "code": 7}); n != 0 {
		t.Errorf("%d actions for diagnostics of others", n)
	}
}

func TestActionsThatAClientCannotShow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	for _, test := range []struct {
		capabilities string
		want         int
	}{
		{`{}`, 0},
		{`{` + canLiteral + `}`, 2}, // no disabled one
		{canDisabled, 3},
	} {
		c := start(t, new(fake), test.capabilities)
		c.open(file, "// safe // none\n")
		if d := c.diagnostics().Diagnostics[0]; len(d.RelatedInformation) != 0 {
			t.Errorf("related places for a client that shows none")
		}
		if got := c.actions(file, 0); len(got) != test.want {
			t.Errorf("%s: %+v", test.capabilities, got)
		}
		c.stop()
	}
}

func TestWhatIsStaleIsNotOffered(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), write(t, filepath.Join(dir, "b.go"), "package p\n")
	c := start(t, new(fake), canEvery)
	defer c.stop()
	c.open(a, "// both\n// safe\n")
	c.diagnostics()
	both := c.actions(a, 0, "quickfix")[0]
	safe := c.actions(a, 1, "quickfix")[0]

	// A file that is not open changes on disk.
	write(t, b, "package p // changed\n")
	if err := c.try("codeAction/resolve", both, nil); err == nil || err.Code != protocol.ContentModified {
		t.Errorf("resolving an action whose other file has changed: %v", err)
	}
	if got := c.actions(a, 0, "quickfix"); len(got) != 0 {
		t.Errorf("an action whose other file has changed: %+v", got)
	}
	c.call("codeAction/resolve", safe, new(protocol.CodeAction))

	// The document changes: the old action is refused, and one that is not asked
	// for is not there until the analysis has been.
	c.change(a, 2, "\n// both\n// safe\n")
	if err := c.try("codeAction/resolve", safe, nil); err == nil || err.Code != protocol.ContentModified {
		t.Errorf("resolving an action of an old version: %v", err)
	}
	var out []protocol.CodeAction
	c.call("textDocument/codeAction", map[string]any{
		"textDocument": protocol.TextDocumentID{URI: protocol.URIOf(a)},
		"range":        text.Range{End: text.Position{Line: 9}},
		"context":      map[string]any{"triggerKind": 2},
	}, &out)
	if len(out) != 0 {
		t.Errorf("actions of a text that was not analysed: %+v", out)
	}

	// One that is asked for hurries the analysis.
	both = c.actions(a, 1, "quickfix")[0]
	var whole protocol.CodeAction
	c.call("codeAction/resolve", both, &whole)
	if got := whole.Edit.DocumentChanges; len(got) != 2 || *got[0].TextDocument.Version != 2 || got[1].TextDocument.URI != protocol.URIOf(b) || got[1].TextDocument.Version != nil {
		t.Errorf("edit of two files: %+v", got)
	}

	// Another open file of the package changes.
	c.open(b, "package p // open\n")
	c.actions(b, 0)
	c.change(b, 2, "package p // open and changed\n")
	if err := c.try("codeAction/resolve", both, nil); err == nil || err.Code != protocol.ContentModified {
		t.Errorf("resolving an action that was proved with another file: %v", err)
	}

	// A change that does not fit.
	c.notify("textDocument/didChange", protocol.DidChangeParams{
		TextDocument:   protocol.VersionedTextDocumentID{URI: protocol.URIOf(a), Version: 3},
		ContentChanges: []protocol.ContentChange{{Range: &text.Range{Start: text.Position{Line: 1}}, Text: "x"}},
	})
	var m protocol.MessageParams
	c.next("window/logMessage", &m)
	if got := c.actions(a, -1); len(got) != 0 || !strings.Contains(m.Message, "ends before it starts") {
		t.Errorf("actions after a change that does not fit: %+v, %s", got, m.Message)
	}
	c.change(a, 4, "// safe\n")
	if got := c.actions(a, 0, "quickfix"); len(got) != 1 {
		t.Errorf("actions after the whole text came: %+v", got)
	}
}

func TestABrokenPackageKeepsWhatWasFound(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")
	c := start(t, new(fake), canDisabled)
	defer c.stop()
	c.open(a, "// safe\n")
	c.open(b, "// safe\n")
	for range 2 {
		if got := c.actions(b, 0, "quickfix"); len(got) != 1 || got[0].Disabled != nil {
			t.Fatalf("actions: %+v", got)
		}
	}
	for c.pending("textDocument/publishDiagnostics") > 0 {
		c.diagnostics()
	}
	c.change(b, 2, "// safe // broken\n")
	c.save(b)
	for _, want := range []int{1, 0} { // of a.go, of b.go
		if got := c.diagnostics(); len(got.Diagnostics) != want {
			t.Errorf("diagnostics of %s: %+v", got.URI, got.Diagnostics)
		}
	}
	if got := c.actions(a, 0); len(got) != 1 || got[0].Disabled == nil || got[0].Disabled.Reason != "the package has errors" {
		t.Errorf("actions in a file of a broken package: %+v", got)
	}
	var m protocol.MessageParams
	if c.next("window/logMessage", &m); m.Message != "it is broken" {
		t.Errorf("log: %+v", m)
	}
	c.change(b, 3, "// safe\n")
	if got := c.actions(a, 0, "quickfix"); len(got) != 1 || got[0].Disabled != nil {
		t.Errorf("actions in the package that is whole again: %+v", got)
	}
}

func TestFilesOutsideAnyModule(t *testing.T) {
	file := filepath.Join(t.TempDir(), "outside", "x.go")
	c := start(t, new(fake), canEvery)
	defer c.stop()
	c.open(file, "// safe\n")
	if got := c.diagnostics(); len(got.Diagnostics) != 0 || *got.Version != 1 {
		t.Errorf("published: %+v", got)
	}
	for i := range 3 {
		c.save(file)
		if got := c.diagnostics(); len(got.Diagnostics) != 0 {
			t.Errorf("published after save %d: %+v", i, got)
		}
	}
	var m protocol.MessageParams
	c.next("window/logMessage", &m)
	if !strings.Contains(m.Message, "no go.mod") || c.pending("window/logMessage") != 0 || c.pending("window/showMessage") != 0 {
		t.Errorf("log: %+v, and %d more", m, c.pending("window/logMessage"))
	}
	for _, uri := range []string{"untitled:Untitled-1", "git:/x.go?HEAD", "file:", "%"} {
		c.notify("textDocument/didOpen", protocol.DidOpenParams{TextDocument: protocol.TextDocumentItem{URI: uri, Text: "// safe\n"}})
		c.notify("textDocument/didChange", protocol.DidChangeParams{TextDocument: protocol.VersionedTextDocumentID{URI: uri}})
		c.notify("textDocument/didClose", protocol.DidCloseParams{TextDocument: protocol.TextDocumentID{URI: uri}})
		if err := c.try("textDocument/codeAction", protocol.CodeActionParams{TextDocument: protocol.TextDocumentID{URI: uri}}, nil); err != nil {
			t.Errorf("code actions of %s: %v", uri, err)
		}
		c.call("textDocument/hover", protocol.HoverParams{TextDocument: protocol.TextDocumentID{URI: uri}}, nil)
	}
}

func TestClosingTakesFindingsAway(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.go"), write(t, filepath.Join(dir, "b.go"), "// safe\n")
	c := start(t, new(fake), canEvery)
	defer c.stop()
	c.open(a, "// safe\n")
	first, second := c.diagnostics(), c.diagnostics()
	if len(first.Diagnostics) != 1 || len(second.Diagnostics) != 1 || second.URI != protocol.URIOf(b) || second.Version != nil {
		t.Errorf("published: %+v, %+v", first, second)
	}
	c.notify("textDocument/didClose", protocol.DidCloseParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(a)}})
	first, second = c.diagnostics(), c.diagnostics()
	if len(first.Diagnostics) != 0 || len(second.Diagnostics) != 0 {
		t.Errorf("published after closing: %+v, %+v", first, second)
	}
	if got := c.actions(a, 0); len(got) != 0 {
		t.Errorf("actions in a closed document: %+v", got)
	}
	c.change(a, 2, "x")
	var m protocol.MessageParams
	if c.next("window/logMessage", &m); !strings.Contains(m.Message, "is not open") {
		t.Errorf("log: %+v", m)
	}
}

func TestDeletedAndRenamedOnDisk(t *testing.T) {
	dir := t.TempDir()
	a, b := write(t, filepath.Join(dir, "a.go"), "// safe\n"), write(t, filepath.Join(dir, "b.go"), "// safe\n")
	c := start(t, new(fake), canEvery)
	defer c.stop()
	c.open(a, "// safe\n")
	c.diagnostics()
	c.diagnostics()
	if err := os.Rename(b, filepath.Join(dir, "c.go")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(a); err != nil { // it stays open
		t.Fatal(err)
	}
	var events []map[string]any
	for i, name := range []string{"a.go", "b.go", "c.go"} {
		events = append(events, map[string]any{"uri": protocol.URIOf(filepath.Join(dir, name)), "type": i})
	}
	c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": events})
	for _, want := range []struct {
		name  string
		count int
	}{{"a.go", 1}, {"b.go", 0}, {"c.go", 1}} {
		if got := c.diagnostics(); got.URI != protocol.URIOf(filepath.Join(dir, want.name)) || len(got.Diagnostics) != want.count {
			t.Errorf("published: %+v, want %+v", got, want)
		}
	}
}

func TestHoverAndExplainShowTheProof(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	c := start(t, new(fake), canEvery)
	defer c.stop()
	c.open(file, "\n   // unsafe\n")
	c.diagnostics()
	var h *protocol.Hover
	c.call("textDocument/hover", protocol.HoverParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}, Position: text.Position{Line: 1}}, &h)
	for _, want := range []string{"**hazard** `flag`: a mark says unsafe", "in `(*T).f`", "[a.go:1:9](file:", "proved: region", "assumed: order: two may swap"} {
		if h == nil || h.Contents.Kind != "markdown" || !strings.Contains(h.Contents.Value, want) {
			t.Fatalf("hover: %+v, want %s", h, want)
		}
	}
	var none *protocol.Hover
	c.call("textDocument/hover", protocol.HoverParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}}, &none)
	if none != nil {
		t.Errorf("hover where nothing is: %+v", none)
	}
	explain := func(arguments string, into any) *jsonrpc2.Error {
		return c.try("workspace/executeCommand", json.RawMessage(`{"command":"lockfix.explain","arguments":`+arguments+`}`), into)
	}
	var page string
	if err := explain(fmt.Sprintf(`[{"uri":%q,"position":{"line":1,"character":0}}]`, protocol.URIOf(file)), &page); err != nil || page != h.Contents.Value {
		t.Errorf("explain returns %q, %v", page, err)
	}
	var shown protocol.ShowDocumentParams
	c.next("window/showDocument", &shown)
	if text, err := os.ReadFile(protocol.FileOf(shown.URI)); err != nil || string(text) != page {
		t.Errorf("shown: %q, %v", text, err)
	}
	defer func() {
		if _, err := os.Stat(protocol.FileOf(shown.URI)); err == nil {
			t.Errorf("the page that was shown is still there")
		}
	}()
	for _, bad := range []string{`[]`, `[7]`, `[{"uri":"file:///no.go"}]`, fmt.Sprintf(`[{"uri":%q}]`, protocol.URIOf(file))} {
		if err := explain(bad, nil); err == nil {
			t.Errorf("explain takes %s", bad)
		}
	}
	if err := c.try("workspace/executeCommand", protocol.ExecuteCommandParams{Command: "rm"}, nil); err == nil || err.Code != jsonrpc2.CodeInvalidParams {
		t.Errorf("an unknown command: %v", err)
	}
	c.stop()
	c2 := start(t, new(fake), `{"textDocument":{"hover":{"contentFormat":["plaintext"]}}}`)
	c.t, c.conn, c.status, c.pipe = t, c2.conn, c2.status, c2.pipe // stopped at the end
	c2.open(file, "// safe\n")
	c2.diagnostics()
	c2.call("workspace/executeCommand", json.RawMessage(fmt.Sprintf(`{"command":"lockfix.explain","arguments":[{"uri":%q}]}`, protocol.URIOf(file))), &page)
	var m protocol.MessageParams
	if c2.next("window/showMessage", &m); !strings.Contains(m.Message, "warning[flag]: a mark says safe\n --> ./a.go:1:1\n") {
		t.Errorf("shown as a message: %+v", m)
	}
	c2.call("textDocument/hover", protocol.HoverParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}}, &h)
	if h.Contents.Kind != "plaintext" || h.Contents.Value != m.Message {
		t.Errorf("hover without Markdown: %+v", h)
	}
}

func TestFolders(t *testing.T) {
	c := connect(t, new(fake))
	c.call("initialize", json.RawMessage(`{"workspaceFolders":[{"uri":"file:///a","name":"a"},{"uri":"file:///b","name":"b"}],"capabilities":`+canEvery+`}`), nil)
	c.notify("initialized", struct{}{})
	defer c.stop()
	var p protocol.RegistrationParams
	if c.next("client/registerCapability", &p); len(p.Registrations) != 1 || p.Registrations[0].Method != "workspace/didChangeWatchedFiles" {
		t.Errorf("registered: %+v", p)
	}
	c.notify("workspace/didChangeWorkspaceFolders", json.RawMessage(`{"event":{"added":[{"uri":"file:///c","name":"c"}],"removed":[{"uri":"file:///a","name":"a"}]}}`))
	for _, dir := range []string{"/b", "/c", "/elsewhere"} { // wherever a file is, it is looked at
		c.open(dir+"/x.go", "// safe\n")
		if got := c.diagnostics(); len(got.Diagnostics) != 1 {
			t.Errorf("published: %+v", got)
		}
	}
}

func TestAPanicCostsItsRequestOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	c := start(t, new(fake), canEvery)
	defer c.stop()
	c.open(file, "// panic\n")
	if got := c.diagnostics(); len(got.Diagnostics) != 0 {
		t.Errorf("published: %+v", got)
	}
	var m protocol.MessageParams
	if c.next("window/logMessage", &m); !strings.Contains(m.Message, "fault of lockfix") {
		t.Errorf("log: %+v", m)
	}
	c.change(file, 2, "// safe\n")
	if got := c.actions(file, 0, "quickfix"); len(got) != 1 {
		t.Errorf("actions after a fault: %+v", got)
	}
	requests["test/panic"] = func(*server, context.Context, json.RawMessage) (any, error) { panic("test") }
	defer delete(requests, "test/panic")
	if err := c.try("test/panic", nil, nil); err == nil || err.Code != jsonrpc2.CodeInternalError {
		t.Errorf("a request that panics: %v", err)
	}
	if c.next("window/logMessage", &m); m.Type != protocol.MessageError {
		t.Errorf("log: %+v", m)
	}
}
