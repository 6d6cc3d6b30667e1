// Package both has deadlocks with both sides.
package both

import "sync"

type Pair struct {
	a, b sync.Mutex
	ch   chan int
}

func New() *Pair { return &Pair{ch: make(chan int)} }

func (p *Pair) One() {
	p.a.Lock()
	p.b.Lock()
	p.b.Unlock()
	p.a.Unlock()
}

func (p *Pair) Two() {
	p.b.Lock()
	p.a.Lock()
	p.a.Unlock()
	p.b.Unlock()
}

func (p *Pair) Send() {
	p.a.Lock()
	p.ch <- 1
	p.a.Unlock()
}

func (p *Pair) Receive() int {
	p.a.Lock()
	defer p.a.Unlock()
	return <-p.ch
}
