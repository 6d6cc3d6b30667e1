package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A progress counts packages on a terminal, from half a second on: what is
// faster needs no count.
type progress struct {
	w     io.Writer // nil: no terminal
	start time.Time

	mu   sync.Mutex
	last time.Time
	done int
}

func newProgress(w io.Writer) *progress {
	p := &progress{start: time.Now()}
	if isTerminal(w) {
		p.w = w
	}
	return p
}

func (p *progress) show(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.w == nil || done < p.done || now.Sub(p.start) < time.Second/2 || now.Sub(p.last) < time.Second/10 {
		return
	}
	p.last, p.done = now, done
	fmt.Fprintf(p.w, "\r%d of %d packages\x1b[K", done, total)
}

// erase takes the count off the screen.
func (p *progress) erase() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.w != nil && !p.last.IsZero() {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
