package lsp

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
)

// raw serves a connection on which anything can be written.
func raw(t *testing.T) (conn net.Conn, answers *stream, status chan int) {
	here, there := net.Pipe()
	status = make(chan int, 1)
	go func() { status <- Serve(context.Background(), there, Config{Analyzer: new(fake)}) }()
	t.Cleanup(func() { here.Close() })
	return here, newStream(here, func(e *jsonrpc2.Error) { t.Errorf("the server wrote what is no message: %v", e) }), status
}

func framed(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// answer reads the next answer: its id and the code of its error.
func answer(t *testing.T, s *stream) (id string, code int) {
	t.Helper()
	var m struct {
		ID    json.RawMessage
		Error struct{ Code int }
	}
	if err := s.ReadObject(&m); err != nil {
		t.Fatal(err)
	}
	return string(m.ID), m.Error.Code
}

func TestTheOrderOfASession(t *testing.T) {
	conn, answers, status := raw(t)
	for _, test := range []struct {
		message string
		id      string // "": no answer
		code    int
	}{
		{`{"jsonrpc":"2.0","id":1,"method":"textDocument/hover","params":{}}`, "1", protocol.ServerNotInitialized},
		{`{"jsonrpc":"2.0","id":"two","method":"shutdown"}`, `"two"`, protocol.ServerNotInitialized},
		{`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{}}`, "", 0},
		{`{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"capabilities":{"textDocument":7}}}`, "3", jsonrpc2.CodeInvalidParams},
		{`{"jsonrpc":"2.0","id":4,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`, "4", 0},
		{`{"jsonrpc":"2.0","id":5,"method":"initialize","params":{"capabilities":{}}}`, "5", jsonrpc2.CodeInvalidRequest},
		{`{"jsonrpc":"2.0","method":"initialized","params":{}}`, "", 0},
		{`{"jsonrpc":"2.0","id":6,"method":"textDocument/nonsense","params":{}}`, "6", jsonrpc2.CodeMethodNotFound},
		{`{"jsonrpc":"2.0","id":7,"method":"$/nonsense"}`, "7", jsonrpc2.CodeMethodNotFound},
		{`{"jsonrpc":"2.0","method":"$/nonsense","params":[1]}`, "", 0},
		{`{"jsonrpc":"2.0","method":"nonsense"}`, "", 0},
		{`{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":99}}`, "", 0},
		{`{"jsonrpc":"2.0","id":8,"method":"textDocument/codeAction","params":{"range":"x"}}`, "8", jsonrpc2.CodeInvalidParams},
		{`{"jsonrpc":"2.0","id":9,"method":"codeAction/resolve","params":{"title":"x","kind":"quickfix"}}`, "9", protocol.ContentModified},
		{`{"jsonrpc":"2.0","id":77,"result":null}`, "", 0}, // the answer to nothing
		{`{"jsonrpc":"2.0","id":10,"method":"shutdown"}`, "10", 0},
		{`{"jsonrpc":"2.0","id":11,"method":"textDocument/hover","params":{}}`, "11", jsonrpc2.CodeInvalidRequest},
		{`{"jsonrpc":"2.0","id":12,"method":"initialize","params":{}}`, "12", jsonrpc2.CodeInvalidRequest},
		{`{"jsonrpc":"2.0","id":13,"method":"shutdown"}`, "13", jsonrpc2.CodeInvalidRequest},
		{`{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a.go"}}}`, "", 0},
	} {
		if _, err := conn.Write([]byte(framed(test.message))); err != nil {
			t.Fatalf("%s: %v", test.message, err)
		}
		if test.id == "" {
			continue
		}
		if id, code := answer(t, answers); id != test.id || code != test.code {
			t.Errorf("%s: answer to %s with code %d, want %s, %d", test.message, id, code, test.id, test.code)
		}
	}
	conn.Write([]byte(framed(`{"jsonrpc":"2.0","method":"exit"}`)))
	if got := <-status; got != 0 {
		t.Errorf("status %d", got)
	}
}

func TestExitWithoutShutdown(t *testing.T) {
	conn, _, status := raw(t)
	conn.Write([]byte(framed(`{"jsonrpc":"2.0","method":"exit"}`)))
	if got := <-status; got != 1 {
		t.Errorf("status %d after exit", got)
	}
	conn, _, status = raw(t)
	conn.Close()
	if got := <-status; got != 1 {
		t.Errorf("status %d after the connection was lost", got)
	}
}

func TestWhatIsNoMessageIsSkipped(t *testing.T) {
	conn, answers, status := raw(t)
	for _, test := range []struct {
		name, bytes string
		code        int
	}{
		{"no JSON", framed(`{"jsonrpc":`), jsonrpc2.CodeParseError},
		{"an empty body", framed(``), jsonrpc2.CodeParseError},
		{"no object", framed(`7`), jsonrpc2.CodeInvalidRequest},
		{"neither request nor response", framed(`{"jsonrpc":"2.0","id":1}`), jsonrpc2.CodeInvalidRequest},
		{"both", framed(`{"id":1,"method":"x","result":1}`), jsonrpc2.CodeInvalidRequest},
		{"an id that is none", framed(`{"id":1.5,"method":"x"}`), jsonrpc2.CodeInvalidRequest},
		{"a batch", framed(`[{"id":1,"method":"x"}]`), jsonrpc2.CodeInvalidRequest},
		{"a length that is none", "Content-Length: many\r\n\r\n", jsonrpc2.CodeParseError},
		{"a negative length", "Content-Length: -1\r\n\r\n", jsonrpc2.CodeParseError},
		{"a length that nobody has memory for", "Content-Length: 99999999999\r\n\r\n", jsonrpc2.CodeParseError},
		{"no UTF-8", framed("\xff\xfe"), jsonrpc2.CodeParseError},
	} {
		go conn.Write([]byte(test.bytes))
		if id, code := answer(t, answers); id != "null" || code != test.code {
			t.Errorf("%s: answer to %s with code %d, want %d", test.name, id, code, test.code)
		}
	}
	// Headers are found again, whatever their case, between lines that are none.
	conn.Write([]byte("garbage\n\n" + strings.Repeat("x", 10_000) + "\r\ncontent-type: x\r\nCONTENT-LENGTH:58 \r\n\r\n" + `{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`))
	if id, code := answer(t, answers); id != "1" || code != 0 {
		t.Errorf("answer to %s with code %d", id, code)
	}
	conn.Close()
	<-status
}

func TestARequestIsCancelled(t *testing.T) {
	f := &fake{hold: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
	c := start(t, f, canEvery)
	file := filepath.Join(t.TempDir(), "a.go")
	c.open(file, "// safe\n")
	call, err := c.conn.DispatchCall(context.Background(), "textDocument/codeAction",
		protocol.CodeActionParams{TextDocument: protocol.TextDocumentID{URI: protocol.URIOf(file)}}, jsonrpc2.PickID(jsonrpc2.ID{Str: "it", IsString: true}))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	c.notify("$/cancelRequest", map[string]string{"id": "it"})
	e, _ := call.Wait(t.Context(), nil).(*jsonrpc2.Error)
	if e == nil || e.Code != protocol.RequestCancelled || time.Since(begun) > patience {
		t.Errorf("%v after %v", e, time.Since(begun))
	}
	c.stop() // the analysis still runs
}

func TestAClientThatDoesNotRead(t *testing.T) {
	conn, answers, status := raw(t)
	conn.Write([]byte(framed(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`)))
	answer(t, answers)
	for i := range 2000 { // nobody reads the answers, and nobody is kept from writing
		conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Write([]byte(framed(fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,"method":"textDocument/hover","params":{}}`, i+2)))); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	conn.Close()
	if got := <-status; got != 1 {
		t.Errorf("status %d", got)
	}
}

// FuzzStream reads anything without a panic, and in the end says that it is over.
func FuzzStream(f *testing.F) {
	f.Add(framed(`{"id":1,"method":"x"}`))
	f.Add("Content-Length: 3\r\n\r\nab")
	f.Add("\r\n\r\n:::\r\nContent-Length: 0\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		s := &stream{r: bufio.NewReader(strings.NewReader(text)), bad: func(*jsonrpc2.Error) {}}
		for {
			var m map[string]any
			if s.ReadObject(&m) != nil {
				return
			}
		}
	})
}
