package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// A small run goes without collection, a large one gets what it needs, and who says
// how to collect is heeded.
func TestHeap(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	limit := func() int64 { return debug.SetMemoryLimit(-1) }
	before := percent()
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	h := newHeap()
	if percent() != -1 || limit() != small {
		t.Errorf("%d%%, %d bytes at the start", percent(), limit())
	}
	large := make([]byte, small)
	runtime.GC()
	for range 500 {
		if limit() > small {
			break
		}
		time.Sleep(heapEvery)
	}
	if got := limit(); got < small/5*8 {
		t.Errorf("%d bytes where more than %d are alive", got, small)
	}
	runtime.KeepAlive(large)
	if h.usual(); percent() != 100 || limit() != math.MaxInt64 {
		t.Errorf("%d%%, %d bytes after the run", percent(), limit())
	}
	h.usual()
	t.Setenv("GOGC", "50")
	debug.SetGCPercent(50)
	h = newHeap()
	if h.usual(); percent() != 50 {
		t.Errorf("%d%% where 50%% was asked for", percent())
	}
	debug.SetGCPercent(before)
}
