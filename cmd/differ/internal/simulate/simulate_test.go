package simulate

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// schedules runs a program some times and returns the sets of what it recorded.
func schedules(t *testing.T, n int, program func()) (seen map[string]int, stuck int) {
	seen = map[string]int{}
	for seed := range n {
		o := Schedule(t, uint64(seed), program)
		if o.Stuck {
			stuck++
		}
		seen[fmt.Sprint(o.Logs)]++
	}
	return seen, stuck
}

// start is a go statement of an instrumented program.
func start(f func()) {
	Start()
	go func() {
		defer Exit()
		f()
	}()
}

func TestAllOrdersAreSeen(t *testing.T) {
	program := func() {
		var mu Mutex
		n := 0
		for i := range 3 {
			start(func() {
				mu.Lock()
				n = n*3 + i
				Record("n", n)
				mu.Unlock()
			})
		}
	}
	seen, _ := schedules(t, 100, program)
	if len(seen) != 6 {
		t.Errorf("%d orders of three goroutines", len(seen))
	}
}

func TestAnInversionGetsStuckSometimes(t *testing.T) {
	_, stuck := schedules(t, 100, func() {
		var a, b Mutex
		both := func(a, b *Mutex) func() {
			return func() { a.Lock(); defer a.Unlock(); b.Lock(); defer b.Unlock() }
		}
		start(both(&a, &b))
		start(both(&b, &a))
	})
	if stuck == 0 || stuck == 100 {
		t.Errorf("%d of 100 schedules got stuck", stuck)
	}
}

// A run that got stuck leaves nothing to the next.
func TestALockOfThePackageIsFreeAgain(t *testing.T) {
	var mu Mutex
	var rw RWMutex
	for range 3 {
		_, stuck := schedules(t, 1, func() { mu.Lock(); rw.RLock(); Record("got", 1); rw.Lock() })
		seen, _ := schedules(t, 1, func() { mu.Lock(); rw.Lock(); Record("got", 1) })
		if stuck != 1 || seen["map[got:[1]]"] != 1 {
			t.Errorf("%d stuck, %v", stuck, seen)
		}
	}
}

// TestAWriterKeepsReadersOut holds that a read lock inside a read lock hangs only
// when a writer comes between.
func TestAWriterKeepsReadersOut(t *testing.T) {
	read := func(rw *RWMutex) { rw.RLock(); defer rw.RUnlock(); rw.RLock(); defer rw.RUnlock() }
	if _, stuck := schedules(t, 50, func() { read(new(RWMutex)) }); stuck != 0 {
		t.Errorf("%d of 50 schedules got stuck without a writer", stuck)
	}
	_, stuck := schedules(t, 100, func() {
		rw := new(RWMutex)
		start(func() { read(rw) })
		start(func() { rw.Lock(); defer rw.Unlock() })
	})
	if stuck == 0 || stuck == 100 {
		t.Errorf("%d of 100 schedules got stuck with one", stuck)
	}
}

func TestACondWakesWhoWaits(t *testing.T) {
	for _, tt := range []struct {
		broadcast bool
		stuck     bool
	}{{true, false}, {false, true}} {
		_, stuck := schedules(t, 50, func() {
			var mu Mutex
			c, ready := NewCond(&mu), false
			for range 2 {
				start(func() {
					mu.Lock()
					for !ready {
						c.Wait()
					}
					mu.Unlock()
				})
			}
			mu.Lock()
			ready = true
			if tt.broadcast {
				c.Broadcast()
			} else {
				c.Signal()
			}
			mu.Unlock()
		})
		if (stuck > 0) != tt.stuck {
			t.Errorf("broadcast %t: %d of 50 schedules got stuck", tt.broadcast, stuck)
		}
	}
}

func TestChannels(t *testing.T) {
	seen, stuck := schedules(t, 30, func() {
		ch := make(chan int)
		start(func() {
			for i := range 3 {
				Send(ch)(i)
			}
			Close(ch)
		})
		for v := range Range(ch) {
			Record("v", v)
		}
		_, ok := Recv2(ch)
		Record("ok", ok)
	})
	if len(seen) != 1 || stuck != 0 || seen["map[ok:[false] v:[0 1 2]]"] != 30 {
		t.Errorf("%d stuck: %v", stuck, seen)
	}
}

func TestTheEndOfARun(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, tt := range []struct {
		claim   string
		program func()
		want    string
	}{
		{"nobody is left behind by a deadlock, and what it deferred is not seen", func() {
			ch := make(chan int)
			for range 3 {
				start(func() { defer Record("late", 1); Recv(ch) })
			}
			Record("early", 1)
		}, "{true false false map[early:[1]]}"},
		{"a panic is recorded", func() { panic("oh") }, "{false false false map[panic:[oh]]}"},
		{"a daemon may be left", func() {
			Start()
			go func() { defer ExitDaemon(); Daemon(); Recv(make(chan int)) }()
		}, "{false false false map[]}"},
		{"an unlock too many ends the program", func() { new(Mutex).Unlock() }, "{true true false map[]}"},
		{"a circle is left", func() {
			for {
				Yield()
			}
		}, "{false false true map[]}"},
	} {
		o := Schedule(t, 1, tt.program)
		if got := fmt.Sprint(struct {
			Stuck, Fatal, Endless bool
			Logs                  map[string][]string
		}{o.Stuck, o.Fatal, o.Endless, o.Logs}); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.claim, got, tt.want)
		}
	}
	for range 200 { // one that has said its last word may need a moment to be gone
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before %d", runtime.NumGoroutine(), before)
}
