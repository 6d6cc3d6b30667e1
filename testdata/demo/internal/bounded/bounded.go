// Package bounded runs what may deadlock.
package bounded

import (
	"testing"
	"time"
)

// Limit is how long something may take that should take no time.
const Limit = 2 * time.Second

// Run runs f and fails the test if f does not return.
func Run(t *testing.T, f func()) {
	t.Helper()
	t.Parallel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(Limit):
		t.Fatal("deadlock")
	}
}
