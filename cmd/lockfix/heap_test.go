package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// A small run goes without collection, a large one as usual, and who says how to
// collect is heeded.
func TestHeap(t *testing.T) {
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	before := percent()
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	h := newHeap()
	if h.look(); percent() != -1 {
		t.Errorf("%d%% at the start", percent())
	}
	for range cycles {
		runtime.GC()
	}
	if h.look(); percent() != 100 {
		t.Errorf("%d%% after %d collections, want 100%%", percent(), cycles)
	}
	t.Setenv("GOGC", "50")
	debug.SetGCPercent(50)
	h = newHeap()
	h.look()
	if h.grown(); percent() != 50 {
		t.Errorf("%d%% where 50%% was asked for", percent())
	}
	debug.SetGCPercent(before)
}
