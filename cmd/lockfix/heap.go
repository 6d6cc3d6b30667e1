package main

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// small is the memory below which nothing is collected, in bytes: a run that finds
// almost everything in the cache stays below it, and a third of its time would be
// spent on looking for garbage in what it has just read.
const small = 76 << 20

// heapEvery is how often a heap is looked at: less than a large package takes.
const heapEvery = 10 * time.Millisecond

// A heap bounds the memory of a run, unless whoever runs lockfix has said how to
// collect: by small, and by four thirds of what is alive where that is more. Once
// more than small is alive, it is collected as any other program.
//
// The usual bound, twice what is alive, costs least where the same is alive all the
// time. In a run little is, but for the moments in which a large package is
// understood: these alone decide how much memory it takes. So it may use the same
// when little is alive, which saves more collections than those moments cost. On a
// server of 585 packages it takes 92 MB so, and a sixth more time than with 125.
type heap struct {
	end func()
}

func newHeap() *heap {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return &heap{end: func() {}}
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(small)
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { bound(done) })
	return &heap{end: sync.OnceFunc(func() {
		close(done)
		wait.Wait()
	})}
}

// bound moves the bound with what the last collection has found alive.
func bound(done <-chan struct{}) {
	defer func() {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
	}()
	tick := time.NewTicker(heapEvery)
	defer tick.Stop()
	for last, now := int64(small), int64(0); now < small; now = alive() {
		if limit := max(small, now/3*4); limit != last {
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

// usual goes back to the usual way.
func (h *heap) usual() { h.end() }
