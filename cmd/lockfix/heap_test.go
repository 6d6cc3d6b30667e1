package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// A small run goes without collection, a larger one gets what it needs, a large one
// is collected as usual, and who says how to collect is heeded.
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
	rest := make([]byte, bound/4)
	runtime.GC()
	until("more is alive", usual)
	runtime.KeepAlive(some)
	runtime.KeepAlive(rest)
	h.done()
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
