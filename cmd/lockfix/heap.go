package main

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// small is the memory below which nothing is collected, in bytes: a run that finds
// almost everything in the cache stays below it, and a third of its time would be
// spent on looking for garbage in what it has just read.
const small = 96 << 20

// cycles is how many collections at that limit show that a run is a large one.
const cycles = 3

// A heap lets small runs go without garbage collection, unless whoever runs lockfix
// has said how to collect.
type heap struct {
	start uint64 // collections before the run
	large atomic.Bool
}

func newHeap() *heap {
	h := &heap{start: collections()}
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		h.large.Store(true)
		return h
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(small)
	return h
}

// look is called now and then: a run that has grown is collected as any other
// program. Before, the limit alone makes the runtime collect.
func (h *heap) look() {
	if h.large.Load() {
		return
	}
	if collections() >= h.start+cycles {
		h.grown()
	}
}

func collections() uint64 {
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// grown goes back to the usual way.
func (h *heap) grown() {
	if h.large.CompareAndSwap(false, true) {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}
