package main

import (
	"fmt"
	"io"
	"time"
)

// A progress counts packages on a terminal, from half a second on: what is
// faster needs no count.
type progress struct {
	w     io.Writer // nil: no terminal
	start time.Time
	last  time.Time
}

func newProgress(w io.Writer) *progress {
	p := &progress{start: time.Now()}
	if isTerminal(w) {
		p.w = w
	}
	return p
}

func (p *progress) show(done, total int) {
	now := time.Now()
	if p.w == nil || now.Sub(p.start) < time.Second/2 || now.Sub(p.last) < time.Second/10 {
		return
	}
	p.last = now
	fmt.Fprintf(p.w, "\r%d of %d packages\x1b[K", done, total)
}

// erase takes the count off the screen.
func (p *progress) erase() {
	if p.w != nil && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
