package ledger

import (
	"sync"
	"testing"
	"time"

	"example.com/demo/internal/bounded"
)

// Both wait for the one book; who comes first then wants the other one, which the
// second has by now.
func TestPayAndRefundAtOnce(t *testing.T) {
	bounded.Run(t, func() {
		l := New()
		l.owedMu.Lock()
		var both sync.WaitGroup
		both.Go(func() { l.Pay("Ann", 2) })
		time.Sleep(20 * time.Millisecond) // until it waits
		both.Go(func() { l.Refund("Ann", 2) })
		for n := 0; n < 50 && l.paidMu.TryLock(); n++ { // until it has the other book
			l.paidMu.Unlock()
			time.Sleep(time.Millisecond)
		}
		l.owedMu.Unlock()
		both.Wait()
		if l.owed["Ann"] != 0 || l.paid["Ann"] != 0 {
			t.Errorf("owed %d, paid %d", l.owed["Ann"], l.paid["Ann"])
		}
	})
}
