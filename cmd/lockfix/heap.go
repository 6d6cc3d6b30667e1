package main

import (
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A run that finds almost everything in the cache makes little garbage: half of its
// time would be spent on looking for some in what it has just read. But memory that is
// used for the first time costs too, on some machines more than to collect. Of a run
// that computes packages nearly all is garbage.
const (
	most  = 64 << 20 // bytes below which nothing is collected while little was computed
	small = 72 << 20 // likewise, afterwards,
	each  = 8 << 10  // and for each package of the run: its types and facts stay;
	more  = 40 << 10 // for each beyond many
	few   = 16       // packages that are little
	many  = 2000     // packages whose types and facts fit beside what comes and goes
)

// heapEvery is how often a heap is looked at: less than a large package takes.
const heapEvery = 10 * time.Millisecond

// A heap bounds the memory of a run, unless whoever runs lockfix has said how to
// collect: by most, or three times what is alive; later by small and a share for each
// package, and by four thirds of what is alive where that is more. Once more than small
// and the shares is alive, it is bounded as that of any other program is: by twice that.
// The share grows, or the time would with the square of the packages: of many more is
// alive, and more often collected.
//
// The usual bound, twice what is alive, costs least where the same is alive all the
// time. In a run little is, but for the moments in which a large package is
// understood: these alone decide how much memory it takes. So it may use the same
// when little is alive, which saves more collections than those moments cost. On a
// server of 585 packages it takes 90 MB so, and a quarter more time than with 120.
//
// Of a large program much is alive all the time, and a third of the time went into
// collecting around it: there the usual bound holds for that. And what a run has held
// once it may hold again: its peak is no less for what is collected later.
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
	last, peak, lately := int64(most), int64(0), recent{}
	for {
		peak = max(peak, held())
		if limit := h.limit(alive(), lately.least(), peak); limit != last {
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

// limit is how much may be held before something is collected, where so much was alive
// at the last collection, so much at each of the last ones, and so much was held at the
// most. While little was computed, nearly all that comes stays. Later, of what is held a
// ninth, about, are no objects. And a little more is held each time than was allowed: not
// all of the most counts, or the bound would creep.
func (h *heap) limit(alive, always, peak int64) int64 {
	if h.computed.Load() < few {
		return max(h.free(), 3*alive)
	}
	need := max(alive/3*4, 2*always)
	if alive >= h.free() {
		need = alive / 4 * 9
	}
	return max(h.free(), need, peak/10*9)
}

// A recent is what was alive at the last collections.
type recent struct {
	alive [32]int64 // more than there are while one large package is understood
	n     int64     // collections
}

// least is the least that was alive at the last collections, 0 as long as there are few.
func (r *recent) least() int64 {
	if n := metric("/gc/cycles/total:gc-cycles"); n != r.n {
		r.alive[n%int64(len(r.alive))], r.n = alive(), n
	}
	return slices.Min(r.alive[:])
}

// alive is what the last collection has found alive, in bytes.
func alive() int64 { return metric("/gc/heap/live:bytes") }

// held is the memory that the system has given and not got back, in bytes: what a limit
// is compared to.
func held() int64 {
	return metric("/memory/classes/total:bytes") - metric("/memory/classes/heap/released:bytes")
}

func metric(name string) int64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// done ends the run, not the process.
func (h *heap) done() { h.end() }
