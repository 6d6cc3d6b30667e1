// Package b has what hooks are shown.
package b

import "sync"

// A Gate is closed until it is opened.
type Gate struct {
	mu      sync.Mutex
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
	for _, c := range g.waiters {
		c <- struct{}{}
	}
	g.waiters = nil
	g.mu.Unlock()
}
