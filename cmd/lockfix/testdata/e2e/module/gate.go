// Package gate: 门 🙂.
package gate

import "sync"

// A Gate is closed until it is opened.
type Gate struct {
	mu      sync.Mutex
	open    bool
	waiters []chan struct{}
}

// Wait waits until the gate is opened.
func (g *Gate) Wait() {
	c := make(chan struct{})
	g.mu.Lock()
	g.waiters = append(g.waiters, c)
	g.mu.Unlock()
	<-c
}

// Open lets everyone in.
func (g *Gate) Open() {
	g.mu.Lock()
	g.open = true
	for _, c := range g.waiters {
		/* 🙂世 */ c <- struct{}{}
	}
	g.waiters = nil
	g.mu.Unlock()
}

// Again lets those in who came since.
func (g *Gate) Again() {
	g.mu.Lock()
	for _, c := range g.waiters {
		c <- struct{}{}
	}
	g.waiters = nil
	g.mu.Unlock()
}
