// Package relay passes messages on. Each comes with a token, and whoever sent it
// sends the next one when the token is back.
package relay

// A Token is given back when its message is consumed.
type Token struct{ back chan struct{} }

// NewToken returns a token.
func NewToken() *Token { return &Token{back: make(chan struct{})} }

// Release gives the token back.
func (t *Token) Release() { close(t.back) }

// Wait waits until the token is back.
func (t *Token) Wait() { <-t.back }

// A Message is a text and the token that goes with it.
type Message struct {
	From, Text string
	token      *Token
}

// TakeToken hands the token of the message out, to be released by the caller.
func (m *Message) TakeToken() *Token {
	t := m.token
	m.token = nil
	return t
}

// A Relay passes messages on as lines.
type Relay struct {
	lines chan string
}

// New returns a relay.
func New() *Relay { return &Relay{lines: make(chan string)} }

// Lines is where the lines come out.
func (r *Relay) Lines() <-chan string { return r.lines }

// Send hands messages to the relay, one after the other.
func (r *Relay) Send(from string, texts ...string) {
	for _, text := range texts {
		token := NewToken()
		go r.forward(Message{From: from, Text: text, token: token})
		token.Wait() // not more than one at a time
	}
}

// forward passes one message on.
func (r *Relay) forward(m Message) {
	token := m.TakeToken()
	defer token.Release() // the message is consumed
	// The line has everything that the message had.
	line := m.From + ": " + m.Text
	r.lines <- line // wait for the reader
}
