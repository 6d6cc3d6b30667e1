package latency

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sourcegraph/jsonrpc2"
)

// patience is how long an answer may take before something is wrong.
const patience = 5 * time.Minute

// An editor is a session with one document.
type editor struct {
	cmd     *exec.Cmd
	conn    *jsonrpc2.Conn
	uri     string
	text    string
	version int
	shown   chan published
	first   time.Duration // to the first diagnostics
}

type published struct {
	URI         string
	Version     int
	Diagnostics []diagnostic
}

type diagnostic struct{ Range json.RawMessage }

// pipes are the ends of the server's standard input and output.
type pipes struct {
	io.ReadCloser
	io.WriteCloser
}

func (p pipes) Close() error { return errors.Join(p.WriteCloser.Close(), p.ReadCloser.Close()) }

// open starts a server and opens the document.
func open(ctx context.Context, o Options, file, text string) (*editor, error) {
	e := &editor{uri: (&url.URL{Scheme: "file", Path: file}).String(), text: text, version: 1, shown: make(chan published, 100)}
	begun := time.Now()
	e.cmd = exec.CommandContext(ctx, o.Lockfix, "lsp")
	e.cmd.Dir, e.cmd.Stderr = o.Dir, o.Log
	e.cmd.Env = append(os.Environ(), "LOCKFIX_CACHE="+filepath.Join(o.Work, "cache"))
	in, err := e.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := e.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := e.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting lockfix: %w", err)
	}
	e.conn = jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(pipes{out, in}, jsonrpc2.VSCodeObjectCodec{}), e)
	can := `{"textDocument":{"publishDiagnostics":{"relatedInformation":true,"versionSupport":true},"codeAction":{"codeActionLiteralSupport":{},"dataSupport":true,"resolveSupport":{"properties":["edit"]}}},"workspace":{"workspaceEdit":{"documentChanges":true}}}`
	err = errors.Join(
		e.conn.Call(ctx, "initialize", map[string]any{"rootUri": (&url.URL{Scheme: "file", Path: o.Dir}).String(), "capabilities": json.RawMessage(can)}, nil),
		e.conn.Notify(ctx, "initialized", struct{}{}),
		e.conn.Notify(ctx, "textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": e.uri, "languageId": "go", "version": 1, "text": text}}),
	)
	if err == nil {
		_, err = e.diagnostics(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.cmd.Process.Kill(), e.cmd.Wait())
	}
	e.first = time.Since(begun)
	return e, nil
}

// Handle keeps what is published.
func (e *editor) Handle(ctx context.Context, conn *jsonrpc2.Conn, req *jsonrpc2.Request) {
	var p published
	switch {
	case req.Method == "textDocument/publishDiagnostics" && json.Unmarshal(*req.Params, &p) == nil:
		select {
		case e.shown <- p:
		case <-ctx.Done():
		}
	case !req.Notif:
		_ = conn.Reply(ctx, req.ID, nil) // a lost connection is seen by who waits
	}
}

// diagnostics waits for the first ones of the document as it is.
func (e *editor) diagnostics(ctx context.Context) ([]diagnostic, error) {
	for {
		select {
		case p := <-e.shown:
			if p.URI == e.uri && p.Version == e.version {
				return p.Diagnostics, nil
			}
		case <-e.conn.DisconnectNotify():
			return nil, errors.New("lockfix has ended")
		case <-time.After(patience):
			return nil, fmt.Errorf("no diagnostics after %v", patience)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// insert types text in front of a line.
func (e *editor) insert(ctx context.Context, line int, text string) error {
	e.version++
	at := map[string]any{"line": line, "character": 0}
	return e.conn.Notify(ctx, "textDocument/didChange", map[string]any{
		"textDocument":   map[string]any{"uri": e.uri, "version": e.version},
		"contentChanges": []any{map[string]any{"range": map[string]any{"start": at, "end": at}, "text": text}},
	})
}

// peak is the most memory that the server had, 0 where the system does not say.
func (e *editor) peak() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", e.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kb int64
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0
	}
	return kb << 10
}

// close ends the session as an editor does.
func (e *editor) close(ctx context.Context) error {
	return errors.Join(e.conn.Call(ctx, "shutdown", nil, nil), e.conn.Notify(ctx, "exit", nil), e.cmd.Wait())
}
