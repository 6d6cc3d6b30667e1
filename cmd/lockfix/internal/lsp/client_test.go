package lsp

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
	"github.com/lockfix/lockfix/rewrite/edit"
)

// A client is an editor in a test.
type client struct {
	t      *testing.T
	pipe   net.Conn
	conn   *jsonrpc2.Conn
	status chan int

	mu      sync.Mutex
	inbox   []*jsonrpc2.Request // notifications, and requests of the server
	changed chan struct{}       // closed when there is more
}

// All that a client can do, in pieces.
const (
	canLiteral  = `"textDocument":{"codeAction":{"codeActionLiteralSupport":{"codeActionKind":{"valueSet":[]}}}}`
	canEvery    = `{"general":{"positionEncodings":["utf-16"]},"workspace":{"workspaceEdit":{"documentChanges":true},"didChangeWatchedFiles":{"dynamicRegistration":true}},"window":{"workDoneProgress":true,"showDocument":{"support":true}},"textDocument":{"publishDiagnostics":{"relatedInformation":true,"versionSupport":true},"hover":{"contentFormat":["markdown"]},"codeAction":{"codeActionLiteralSupport":{},"disabledSupport":true,"dataSupport":true,"isPreferredSupport":true,"resolveSupport":{"properties":["edit"]}}}}`
	canDisabled = `{"textDocument":{"codeAction":{"codeActionLiteralSupport":{},"disabledSupport":true}}}`
)

// connect starts a server and a client that has not said anything yet.
func connect(t *testing.T, a Analyzer) *client {
	here, there := net.Pipe()
	c := &client{t: t, pipe: here, status: make(chan int, 1), changed: make(chan struct{})}
	go func() {
		c.status <- Serve(context.Background(), there, Config{Analyzer: a, Page: func(rule string) string { return "https://example.com/" + rule }})
	}()
	c.conn = jsonrpc2.NewConn(context.Background(), newStream(here, func(e *jsonrpc2.Error) { t.Errorf("the server wrote what is no message: %v", e) }), handler(c.take))
	return c
}

// start is connect with initialize.
func start(t *testing.T, a Analyzer, capabilities string) *client {
	c := connect(t, a)
	var result protocol.InitializeResult
	c.call("initialize", json.RawMessage(`{"rootUri":"file:///w","capabilities":`+capabilities+`}`), &result)
	c.notify("initialized", struct{}{})
	return c
}

// take keeps what comes, and says yes to all requests.
func (c *client) take(ctx context.Context, req *jsonrpc2.Request) {
	c.mu.Lock()
	c.inbox = append(c.inbox, req)
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	if !req.Notif {
		go c.conn.Reply(ctx, req.ID, map[string]bool{"success": true})
	}
}

// next waits for the next message of a method, and takes it out of the inbox.
func (c *client) next(method string, into any) {
	c.t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		c.mu.Lock()
		for i, req := range c.inbox {
			if req.Method == method {
				c.inbox = append(c.inbox[:i:i], c.inbox[i+1:]...)
				c.mu.Unlock()
				if err := json.Unmarshal(*req.Params, into); err != nil {
					c.t.Fatal(err)
				}
				return
			}
		}
		changed := c.changed
		c.mu.Unlock()
		select {
		case <-changed:
		case <-timeout:
			c.t.Fatalf("no %s comes", method)
		}
	}
}

// pending counts the messages of a method in the inbox.
func (c *client) pending(method string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, req := range c.inbox {
		if req.Method == method {
			n++
		}
	}
	return n
}

func (c *client) diagnostics() protocol.PublishDiagnosticsParams {
	c.t.Helper()
	var p protocol.PublishDiagnosticsParams
	c.next("textDocument/publishDiagnostics", &p)
	return p
}

// try makes a request and returns its error.
func (c *client) try(method string, params, result any) *jsonrpc2.Error {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := c.conn.Call(ctx, method, params, result)
	if err == nil {
		return nil
	}
	e, ok := err.(*jsonrpc2.Error)
	if !ok {
		c.t.Fatalf("%s: %v", method, err)
	}
	return e
}

func (c *client) call(method string, params, result any) {
	c.t.Helper()
	if err := c.try(method, params, result); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *client) notify(method string, params any) {
	c.t.Helper()
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *client) open(file, content string) {
	c.t.Helper()
	c.notify("textDocument/didOpen", protocol.DidOpenParams{TextDocument: protocol.TextDocumentItem{URI: protocol.URIOf(file), Version: 1, Text: content}})
}

// change replaces the whole text.
func (c *client) change(file string, version int32, content string) {
	c.t.Helper()
	c.notify("textDocument/didChange", protocol.DidChangeParams{
		TextDocument:   protocol.VersionedTextDocumentID{URI: protocol.URIOf(file), Version: version},
		ContentChanges: []protocol.ContentChange{{Text: content}},
	})
}

func (c *client) save(file string) {
	c.t.Helper()
	c.notify("textDocument/didSave", protocol.DidSaveParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}})
}

// actions asks for those of a line; line -1 is the whole file.
func (c *client) actions(file string, line int, only ...string) []protocol.CodeAction {
	c.t.Helper()
	p := protocol.CodeActionParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}}
	p.Range = text.Range{Start: text.Position{Line: uint32(line)}, End: text.Position{Line: uint32(line), Character: 1000}}
	if line < 0 {
		p.Range = text.Range{End: text.Position{Line: 1 << 30}}
	}
	p.Context.Only = only
	var out []protocol.CodeAction
	c.call("textDocument/codeAction", p, &out)
	return out
}

// stop ends the session as an editor does.
func (c *client) stop() {
	c.t.Helper()
	c.call("shutdown", nil, nil)
	c.notify("exit", nil)
	if status := <-c.status; status != 0 {
		c.t.Errorf("status %d", status)
	}
	c.conn.Close()
}

// apply carries out the edits of one file.
func apply(t *testing.T, content string, edits []protocol.TextEdit) string {
	t.Helper()
	m := text.NewMap([]byte(content))
	var list []edit.Edit
	for _, e := range edits {
		list = append(list, edit.Edit{Start: m.Offset(e.Range.Start), End: m.Offset(e.Range.End), New: e.NewText})
	}
	out, err := edit.Apply([]byte(content), list)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}
