package semaphore

import "sync"

// A Notify wakes those who wait for it. A notification that finds nobody is kept
// for the next one who comes.
type Notify struct {
	mu      sync.Mutex
	kept    bool
	waiters []*Listener
}

// A Listener waits for one notification.
type Listener struct {
	notify *Notify
	woken  chan struct{} // one signal
}

// Listen joins the queue; nil if a notification was kept.
func (n *Notify) Listen() *Listener {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kept {
		n.kept = false
		return nil
	}
	l := &Listener{notify: n, woken: make(chan struct{})}
	n.waiters = append(n.waiters, l)
	return l
}

// Wait waits for the notification.
func (l *Listener) Wait() { <-l.woken }

// One wakes the one who has waited longest.
func (n *Notify) One() {
	n.mu.Lock()
	if len(n.waiters) == 0 {
		n.kept = true // for the next one
		n.mu.Unlock()
		return
	}
	l := n.waiters[0]
	n.waiters = n.waiters[1:]
	l.woken <- struct{}{} // wake it
	n.mu.Unlock()
}

// All wakes all who wait now. It keeps nothing.
func (n *Notify) All() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiters) == 0 {
		return // nothing to do
	}
	for _, l := range n.waiters {
		l.woken <- struct{}{}
	}
	n.waiters = nil // each hears of it once
}

// Waiting returns how many wait.
func (n *Notify) Waiting() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.waiters)
}
