// Package semaphore has a batch semaphore and a notification, each with a queue
// of waiters under a lock.
package semaphore

import "sync"

// A Semaphore hands out permits, many at a time and in order of arrival.
type Semaphore struct {
	mu      sync.Mutex
	permits int       // that nobody has asked for
	waiters []*waiter // first come, first served
}

// A waiter is an acquisition that is not complete.
type waiter struct {
	want  int           // permits asked for
	need  int           // permits still missing
	ready chan struct{} // one signal, when none is missing
}

// New returns a semaphore with n permits.
func New(n int) *Semaphore { return &Semaphore{permits: n} }

// Acquire waits for n permits. It reports false if it was cancelled first; then
// it has none.
func (s *Semaphore) Acquire(n int, cancel <-chan struct{}) bool {
	w := s.enqueue(n)
	if w == nil {
		return true
	}
	select {
	case <-w.ready:
		return true
	case <-cancel:
		return s.forget(w)
	}
}

// enqueue takes n permits, or what there is of them and a place in the queue.
func (s *Semaphore) enqueue(n int) *waiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiters) == 0 && s.permits >= n {
		s.permits -= n
		return nil
	}
	w := &waiter{want: n, need: n, ready: make(chan struct{})}
	if len(s.waiters) == 0 {
		w.need -= s.permits
		s.permits = 0
	}
	s.waiters = append(s.waiters, w)
	return w
}

// Release gives n permits back and wakes whom they suffice for.
func (s *Semaphore) Release(n int) {
	s.mu.Lock()
	defer s.mu.Unlock() // whatever happens
	s.permits += n
	for len(s.waiters) > 0 {
		w := s.waiters[0] // the one who came first
		// It gets what there is, even if that is not enough: otherwise the
		// many who need little would starve the one who needs much.
		grant := min(w.need, s.permits)
		w.need -= grant
		s.permits -= grant
		if w.need > 0 {
			break // nothing is left
		}
		s.waiters = s.waiters[1:] // it has all
		// It may be leaving just now.
		w.ready <- struct{}{} // wake it
	}
}

// forget takes a waiter out of the queue. It reports true if that is too late
// because the waiter has its permits.
func (s *Semaphore) forget(w *waiter) bool {
	s.mu.Lock()
	for i, other := range s.waiters {
		if other == w {
			s.waiters = append(s.waiters[:i:i], s.waiters[i+1:]...)
			s.mu.Unlock()
			s.Release(w.want - w.need) // others can use what it had
			return false
		}
	}
	s.mu.Unlock()
	<-w.ready // the signal is on its way
	return true
}

// Waiting returns how many acquisitions wait.
func (s *Semaphore) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiters)
}
