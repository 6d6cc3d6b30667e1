package repo

// Reset lets everyone go.
func (s *sem) Reset() {
	s.mu.Lock()
	s.n = 0
	s.notifyLocked()
	s.mu.Unlock()
}
