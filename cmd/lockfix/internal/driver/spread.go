package driver

import (
	"sync"
	"sync/atomic"
)

// Spread does n pieces of work that do not depend on each other, numbered from 0, at
// most so many at a time, and returns when all are done. Workers of the run that have
// nothing else to do help, also such as become free on the way: a large package is often
// the last one that is left.
func (u *Unit) Spread(n, most int, do func(i int)) {
	r := u.world.run
	var next atomic.Int64
	take := func() (int, bool) {
		i := int(next.Add(1)) - 1
		return i, i < n
	}
	var failed atomic.Pointer[crash]
	var helpers sync.WaitGroup
	defer func() { // also when the work here panics: helpers use what is about to go
		next.Store(int64(n))
		helpers.Wait()
	}()
	free := most - 1
	for i, more := take(); more; i, more = take() {
		for ; free > 0 && next.Load() < int64(n) && r.hire(); free-- {
			helpers.Go(func() {
				defer r.dismiss()
				defer func() {
					if v := recover(); v != nil {
						failed.CompareAndSwap(nil, &crash{fault(u.node.meta.ImportPath, v)})
						next.Store(int64(n))
					}
				}()
				for i, more := take(); more; i, more = take() {
					do(i)
				}
			})
		}
		do(i)
	}
	helpers.Wait()
	if c := failed.Load(); c != nil {
		panic(c)
	}
}

// hire takes the place of a worker that has nothing to do, if there is one.
func (r *runner) hire() bool {
	select {
	case r.busy <- struct{}{}:
		return true
	default:
		return false
	}
}

func (r *runner) dismiss() { <-r.busy }

// A crash is a panic of one goroutine that another one passes on.
type crash struct{ Problem }
