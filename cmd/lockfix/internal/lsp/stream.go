package lsp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/sourcegraph/jsonrpc2"
)

// maxMessage bounds a message: what claims to be larger is not one.
const maxMessage = 1 << 28

// A stream frames messages by their length. What is no message is answered with an
// error and skipped: the next one that begins with a header is read.
type stream struct {
	conn io.ReadWriteCloser
	r    *bufio.Reader
	bad  func(*jsonrpc2.Error) // called with what is wrong with a message
	last func()                // called when no more is to be read; may be nil

	mu sync.Mutex // for writing
}

func newStream(conn io.ReadWriteCloser, bad func(*jsonrpc2.Error)) *stream {
	return &stream{conn: conn, r: bufio.NewReader(conn), bad: bad}
}

// ReadObject reads the next message that is one.
func (s *stream) ReadObject(v any) error {
	for {
		body, err := s.read()
		if err != nil {
			if s.last != nil {
				s.last()
			}
			return err
		}
		err = json.Unmarshal(body, v)
		var syntax *json.SyntaxError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &syntax):
			s.bad(&jsonrpc2.Error{Code: jsonrpc2.CodeParseError, Message: "a message is no JSON: " + err.Error()})
		default:
			s.bad(&jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: "a message is no request and no response: " + err.Error()})
		}
	}
}

// read returns the next body. Lines that are no header are skipped, so that a
// message whose length was wrong costs what stands before the next one only.
func (s *stream) read() ([]byte, error) {
	length := -1
	for {
		line, err := s.line()
		if err != nil {
			return nil, err
		}
		name, value, isHeader := bytes.Cut(line, []byte(":"))
		switch {
		case isHeader && bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil || length < 0 || length > maxMessage {
				length = -1
				s.bad(&jsonrpc2.Error{Code: jsonrpc2.CodeParseError, Message: fmt.Sprintf("no length of a message: %.40q", value)})
			}
		case len(line) == 0 && length >= 0:
			body := make([]byte, length)
			_, err := io.ReadFull(s.r, body)
			return body, err
		}
	}
}

// line reads a line without its end. Of one that is longer than any header the
// end is as good as all of it.
func (s *stream) line() ([]byte, error) {
	for {
		line, err := s.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimRight(line, "\r\n"), err
	}
}

// WriteObject writes a message.
func (s *stream) WriteObject(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	head := fmt.Appendf(nil, "Content-Length: %d\r\n\r\n", len(body))
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.conn.Write(append(head, body...)) //lockfix:ignore blockheld the library writes too, under a lock of its own: messages must not mix
	return err
}

func (s *stream) Close() error { return s.conn.Close() }
