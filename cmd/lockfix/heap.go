package main

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"time"
)

// A run that finds almost everything in the cache makes little garbage: half of its
// time would be spent on looking for some in what it has just read. Of a run that
// computes packages nearly all is.
const (
	most  = 256 << 20 // bytes below which nothing is collected while little was computed
	small = 72 << 20  // likewise, afterwards,
	each  = 8 << 10   // and for each package of the run: its types and facts stay;
	more  = 40 << 10  // for each beyond many
	few   = 16        // packages that are little
	many  = 2000      // packages whose types and facts fit beside what comes and goes
)

// heapEvery is how often a heap is looked at: less than a large package takes.
const heapEvery = 10 * time.Millisecond

// A heap bounds the memory of a run, unless whoever runs lockfix has said how to
// collect: by most, later by small and a share for each package, and by four thirds of
// what is alive where that is more. Once more than the first is alive, it is collected
// as any other program. The share grows, or the time would with the square of the
// packages: of many more is alive, and more often collected.
//
// The usual bound, twice what is alive, costs least where the same is alive all the
// time. In a run little is, but for the moments in which a large package is
// understood: these alone decide how much memory it takes. So it may use the same
// when little is alive, which saves more collections than those moments cost. On a
// server of 585 packages it takes 90 MB so, and a quarter more time than with 120.
type heap struct {
	computed atomic.Int64 // packages
	all      atomic.Int64 // packages of the run
	end      func()
}

func newHeap() *heap {
	h := new(heap)
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		h.end = func() {}
		return h
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(most)
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { h.bound(done) })
	h.end = sync.OnceFunc(func() {
		close(done)
		wait.Wait()
	})
	return h
}

// compute says that a package is computed, and of how many the run is.
func (h *heap) compute(all int) {
	h.all.Store(int64(all))
	h.computed.Add(1)
}

// free is how much may be used without collection.
func (h *heap) free() int64 {
	if h.computed.Load() < few {
		return most
	}
	n := h.all.Load()
	return small + each*min(n, many) + more*max(0, n-many)
}

// bound moves the bound with what the last collection has found alive. At the end it is
// taken away where much is alive, and stays otherwise: to take it away starts a
// collection, a twentieth of the time of a run that finds all in its cache.
func (h *heap) bound(done <-chan struct{}) {
	defer func() {
		if alive() > h.free()/2 {
			debug.SetGCPercent(100)
			debug.SetMemoryLimit(math.MaxInt64)
		}
	}()
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	last := int64(most)
	for now := alive(); now < h.free(); now = alive() {
		if limit := max(h.free(), now/3*4); limit != last {
			debug.SetMemoryLimit(limit)
			last = limit
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}

func alive() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// done ends the run, not the process.
func (h *heap) done() { h.end() }
