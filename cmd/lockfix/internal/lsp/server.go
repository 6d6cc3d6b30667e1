package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
)

// An Analyzer finds out what there is to say of a package.
type Analyzer interface {
	Check(context.Context, Query) (*action.Report, error)

	// Glance says what can be said soon after a change: first the findings without
	// their fixes, then with them, those of other packages of the directory as they
	// are in the last report. ok is false where Check is the way to know.
	Glance(ctx context.Context, q Query, last *action.Report, first func(*action.Report)) (r *action.Report, ok bool)

	// Prepare is called when there is time, after Check, and makes the next Glance
	// faster.
	Prepare(context.Context, Query)
}

// A Query is about the package in a directory, its tests included.
type Query struct {
	Dir      string
	Overlay  map[string][]byte     // what is open, by absolute name: nothing of it is read from disk
	Progress func(done, total int) // is called now and then, from several goroutines
}

// A Config is what a server works with.
type Config struct {
	Analyzer Analyzer
	Version  string
	Page     func(rule string) string // the address of a rule's page, "" if it has none
	Log      io.Writer                // stacks of what panicked
}

const (
	rest     = time.Second            // after a change
	patience = 400 * time.Millisecond // of an action that was asked for
	farewell = 2 * time.Second        // of what goes on when the client has gone
)

// A phase is how far the session has got.
type phase int

const (
	fresh   phase = iota // initialize has not come
	running              // it has
	shut                 // shutdown has
)

// A server is one session.
type server struct {
	Config
	ctx   context.Context
	conn  *jsonrpc2.Conn
	out   *outbox
	crew  crew
	turn  chan struct{} // of analyses
	ended chan struct{} // closed by exit
	once  sync.Once

	mu       sync.Mutex
	phase    phase
	client   protocol.ClientCapabilities
	folders  []string
	docs     map[string]*doc // by file
	packages map[string]*pkg // by directory: those with open documents
	requests map[jsonrpc2.ID]context.CancelFunc
	proofs   string // directory of the pages that were shown
}

// Serve serves one client until it says exit or hangs up. It returns the exit
// status that the protocol asks for: 0 after a shutdown, 1 without.
func Serve(ctx context.Context, conn io.ReadWriteCloser, c Config) (status int) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &server{
		Config:   c,
		ctx:      ctx,
		out:      newOutbox(),
		turn:     make(chan struct{}, 1),
		ended:    make(chan struct{}),
		docs:     make(map[string]*doc),
		packages: make(map[string]*pkg),
		requests: make(map[jsonrpc2.ID]context.CancelFunc),
	}
	ready := make(chan struct{}) // the reader must not find a server without a connection
	var st *stream
	st = newStream(conn, func(e *jsonrpc2.Error) {
		s.out.put(func() {
			_ = st.WriteObject(map[string]any{"jsonrpc": "2.0", "id": nil, "error": e}) // the reader learns of a lost connection
		})
	})
	// The library closes the connection when there is no more to read: who pipes
	// messages in and reads the answers afterwards gets them all the same.
	st.last = func() { s.out.flush(farewell) }
	s.conn = jsonrpc2.NewConn(ctx, st, handler(func(ctx context.Context, req *jsonrpc2.Request) {
		<-ready
		s.handle(ctx, req)
	}), jsonrpc2.SetLogger(log.New(io.Discard, "", 0)))
	close(ready)
	select {
	case <-s.ended:
	case <-s.conn.DisconnectNotify():
	case <-ctx.Done():
	}
	return s.end(cancel)
}

// handler is a function of the library's interface.
type handler func(context.Context, *jsonrpc2.Request)

func (h handler) Handle(ctx context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) { h(ctx, req) }

// end lets go of everything.
func (s *server) end(cancel context.CancelFunc) (status int) {
	s.mu.Lock()
	if s.phase != shut {
		status = 1
	}
	for _, p := range s.packages {
		p.halt()
	}
	clear(s.packages)
	proofs := s.proofs
	s.mu.Unlock()
	s.out.close(farewell)
	cancel()           // closes the connection too: the last answers are sent before
	_ = s.conn.Close() // the client may have closed it
	s.crew.join(farewell)
	if proofs != "" {
		_ = os.RemoveAll(proofs) // the system cleans its temporary files up some day
	}
	return status
}

// handle takes a message, in the order in which they came.
func (s *server) handle(ctx context.Context, req *jsonrpc2.Request) {
	if req.Notif {
		s.notified(req)
		return
	}
	answer, known := requests[req.Method]
	switch err := s.admit(req.Method); {
	case err != nil:
		s.reply(req.ID, nil, err)
	case !known:
		s.reply(req.ID, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "unknown method " + req.Method})
	case inOrder[req.Method]:
		result, err := s.guarded(ctx, req, answer)
		s.reply(req.ID, result, err)
	default:
		s.serve(ctx, req, answer)
	}
}

// admit says what is wrong with a request at this point of the session.
func (s *server) admit(method string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.phase == fresh && method != "initialize":
		return &jsonrpc2.Error{Code: protocol.ServerNotInitialized, Message: method + " before initialize"}
	case s.phase == running && method == "initialize":
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "initialize a second time"}
	case s.phase == shut:
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: method + " after shutdown"}
	}
	return nil
}

// serve answers a request in a goroutine of its own; it can be cancelled.
func (s *server) serve(ctx context.Context, req *jsonrpc2.Request, answer answerer) {
	ctx, cancel := context.WithCancel(ctx)
	s.mu.Lock()
	s.requests[req.ID] = cancel
	s.mu.Unlock()
	s.crew.start(func() {
		result, err := s.guarded(ctx, req, answer)
		if ctx.Err() != nil {
			result, err = nil, &jsonrpc2.Error{Code: protocol.RequestCancelled, Message: req.Method + " was cancelled"}
		}
		s.mu.Lock()
		delete(s.requests, req.ID)
		s.mu.Unlock()
		cancel()
		s.reply(req.ID, result, err)
	})
}

// guarded makes an error of a panic: it must not cost the session.
func (s *server) guarded(ctx context.Context, req *jsonrpc2.Request, answer answerer) (result any, err error) {
	defer func() {
		if v := recover(); v != nil {
			s.fault(req.Method, v)
			result, err = nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: fmt.Sprintf("fault of lockfix in %s: %v", req.Method, v)}
		}
	}()
	return answer(s, ctx, params(req))
}

// fault says that lockfix is wrong, and where.
func (s *server) fault(where string, v any) {
	if s.Log != nil {
		fmt.Fprintf(s.Log, "lockfix: fault in %s: %v\n%s", where, v, debug.Stack())
	}
	s.log(protocol.MessageError, fmt.Sprintf("fault of lockfix in %s: %v", where, v))
}

func params(req *jsonrpc2.Request) json.RawMessage {
	if req.Params == nil {
		return nil
	}
	return *req.Params
}

// reply answers a request.
func (s *server) reply(id jsonrpc2.ID, result any, err error) {
	var e *jsonrpc2.Error
	if err != nil && !errors.As(err, &e) {
		e = &jsonrpc2.Error{Code: protocol.RequestFailed, Message: err.Error()}
	}
	s.out.put(func() { // what cannot be written is read by nobody
		if e != nil {
			_ = s.conn.ReplyWithError(s.ctx, id, e)
			return
		}
		_ = s.conn.Reply(s.ctx, id, result)
	})
}

// notify sends a notification.
func (s *server) notify(method string, params any) {
	s.out.put(func() { _ = s.conn.Notify(s.ctx, method, params) })
}

// log writes to the log that the editor keeps.
func (s *server) log(kind int, text string) {
	s.notify("window/logMessage", protocol.MessageParams{Type: kind, Message: text})
}

// notified takes a notification. Unknown ones are to be ignored, and so is what
// comes before initialize or after shutdown.
func (s *server) notified(req *jsonrpc2.Request) {
	if req.Method == "exit" {
		s.once.Do(func() { close(s.ended) })
		return
	}
	take := notifications[req.Method]
	if take == nil || s.admit("") != nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.fault(req.Method, v)
		}
	}()
	if err := take(s, params(req)); err != nil {
		s.log(protocol.MessageWarning, fmt.Sprintf("%s: %v", req.Method, err))
	}
}
