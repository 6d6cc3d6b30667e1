// Package gate has a gate that lets everyone in at once.
package gate

import "sync"

// A Gate is closed until it is opened, once.
type Gate struct {
	mu      sync.Mutex
	open    bool
	waiters []*Ticket // in the order in which they came
}

// A Ticket is one place in front of a gate.
type Ticket struct {
	gate  *Gate
	ready chan struct{} // one signal, when the gate opens
}

// Enter takes a place in front of the gate; nil if it is open already.
func (g *Gate) Enter() *Ticket {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open {
		return nil
	}
	t := &Ticket{gate: g, ready: make(chan struct{})}
	g.waiters = append(g.waiters, t)
	return t
}

// Open lets everyone in who waits, and everyone who comes later.
func (g *Gate) Open() {
	g.mu.Lock()
	g.open = true
	// First come, first served.
	for _, t := range g.waiters { // FIFO
		t.ready <- struct{}{} // wake it
	}
	// Nobody waits in front of an open gate.
	g.waiters = nil
	g.mu.Unlock()
}

// Wait returns when the gate is open.
func (t *Ticket) Wait() { <-t.ready }

// Leave gives up waiting. It needs the gate's lock: with Open waiting for this
// very ticket under that lock, neither gets any further.
func (t *Ticket) Leave() {
	if t.gate.remove(t) {
		return
	}
	<-t.ready // the signal is on its way
}

// remove takes a ticket out of the queue and reports whether it was there.
func (g *Gate) remove(t *Ticket) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiters {
		if other == t {
			g.waiters = append(g.waiters[:i:i], g.waiters[i+1:]...)
			return true
		}
	}
	return false
}

// Waiting returns how many wait.
func (g *Gate) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiters)
}
