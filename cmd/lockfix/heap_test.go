package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// A small run goes without collection, a larger one gets what it needs, and after a
// large one is collected as usual; who says how to collect is heeded.
func TestHeap(t *testing.T) {
	percent := func() int {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return int(sample[0].Value.Uint64()) // -1: off
	}
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	until := func(what string, holds func() bool) {
		t.Helper()
		for range 500 {
			if holds() {
				return
			}
			time.Sleep(heapEvery)
		}
		t.Errorf("%s: %d%%, %d bytes", what, percent(), limit())
	}
	usual := func() bool { return percent() == 100 && limit() == math.MaxInt64 }
	before := percent()
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	debug.FreeOSMemory() // what other tests have held
	h := newHeap()
	if percent() != -1 || limit() != most {
		t.Errorf("%d%%, %d bytes at the start", percent(), limit())
	}
	for range few {
		h.compute(1000)
	}
	const bound = small + 1000*each
	until("some packages are computed", func() bool { return percent() == -1 && limit() == bound })
	some := make([]byte, bound/4*3)
	runtime.GC()
	until("some is alive", func() bool { return percent() == -1 && limit() > bound && limit() < 2*bound })
	rest := make([]byte, bound/2)
	runtime.GC()
	until("more is alive", func() bool { return percent() == -1 && limit() >= 2*bound })
	runtime.KeepAlive(rest)
	rest = nil
	runtime.GC()
	until("less is alive than was held", func() bool { return limit() > bound/10*11 && limit() < 2*bound })
	h.done()
	until("the run has ended", usual)
	runtime.KeepAlive(some)
	runtime.GC()
	h = newHeap()
	h.done()
	if h.done(); percent() != -1 || limit() != most {
		t.Errorf("%d%%, %d bytes after a small run", percent(), limit())
	}
	t.Setenv("GOGC", "50")
	debug.SetGCPercent(50)
	h = newHeap()
	if h.done(); percent() != 50 {
		t.Errorf("%d%% where 50%% was asked for", percent())
	}
	debug.SetGCPercent(before)
	debug.SetMemoryLimit(math.MaxInt64)
}

// What is held is bounded by what is alive, now or all the time, by the packages, and by
// what was held before.
func TestLimit(t *testing.T) {
	h := new(heap)
	for alive, want := range map[int64]int64{0: most, most / 4: most, most / 2: most / 2 * 3, 4 * most: 12 * most} {
		if got := h.limit(alive, 0, 0); got != want {
			t.Errorf("%d alive while little was computed: %d, want %d", alive, got, want)
		}
	}
	for range few {
		h.compute(0)
	}
	for _, test := range []struct {
		claim                     string
		alive, always, peak, want int64
	}{
		{"little is alive", small / 4, small / 4, small, small},
		{"more is, for a while", small / 6 * 5, small / 4, small, small / 6 * 5 / 3 * 4},
		{"more is, all the time", small / 6 * 5, small / 4 * 3, small, small / 4 * 3 * 2},
		{"much is", small, 0, small, small / 4 * 9},
		{"much was held once", small / 4, small / 4, 10 * small, 9 * small},
		{"a little more was held than was allowed", small / 4, small / 4, small / 10 * 11, small},
	} {
		if got := h.limit(test.alive, test.always, test.peak); got != test.want {
			t.Errorf("%s: %d, want %d", test.claim, got, test.want)
		}
	}
}

// What is alive all the time is known after some collections only.
func TestRecent(t *testing.T) {
	var r recent
	keep := make([]byte, 1<<20)
	for i := range 2 * len(r.alive) {
		if got, early := r.least(), i < len(r.alive)-1; early && got != 0 {
			t.Errorf("%d is alive all the time after %d collections", got, i)
		}
		runtime.GC()
	}
	if got := r.least(); got < int64(len(keep)) || got > alive() {
		t.Errorf("%d is alive all the time, want from %d to %d", got, len(keep), alive())
	}
	runtime.KeepAlive(keep)
}

// The bound grows with the packages, and faster beyond many.
func TestTheBoundGrows(t *testing.T) {
	for _, test := range []struct {
		all  int
		want int64
	}{{0, small}, {585, small + 585*each}, {many, small + many*each}, {many + 1000, small + many*each + 1000*more}} {
		h := new(heap)
		for range few - 1 {
			h.compute(test.all)
		}
		if got := h.free(); got != most {
			t.Errorf("%d packages, few of them computed: %d, want %d", test.all, got, most)
		}
		h.compute(test.all)
		if got := h.free(); got != test.want {
			t.Errorf("%d packages: %d, want %d", test.all, got, test.want)
		}
	}
}
