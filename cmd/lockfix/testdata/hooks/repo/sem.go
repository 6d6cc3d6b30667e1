package repo

import "sync"

type sem struct {
	mu      sync.Mutex
	n       int
	waiters []chan struct{}
}

// Acquire waits for its turn.
func (s *sem) Acquire() {
	ch := make(chan struct{})
	s.mu.Lock()
	s.waiters = append(s.waiters, ch)
	s.mu.Unlock()
	<-ch
}

// notifyLocked wakes everyone.
func (s *sem) notifyLocked() {
	for _, w := range s.waiters {
		w <- struct{}{}
	}
	s.waiters = nil
}
