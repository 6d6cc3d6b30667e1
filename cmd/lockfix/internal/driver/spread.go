package driver

import (
	"sync"
	"sync/atomic"
)

// Spread does n pieces of work that do not depend on each other, numbered from 0, at
// most so many at a time, and returns when all are done. Workers of the run that have
// nothing else to do help, also such as become free on the way: a large package is often
// the last one that is left. Once there is a package for them they leave.
func (u *Unit) Spread(n, most int, do func(i int)) {
	s := &spreading{do: do, all: int64(n), run: u.world.run, pkg: u.node.meta.ImportPath}
	s.free.Store(int64(most) - 1)
	defer s.end() // also when the work here panics: helpers use what is about to go
	for i, more := s.take(); more; i, more = s.take() {
		s.hire()
		do(i)
	}
	s.end()
	if c := s.failed.Load(); c != nil {
		panic(c)
	}
}

// A spreading is the work that Spread does.
type spreading struct {
	do  func(i int)
	all int64 // pieces
	run *runner
	pkg string

	taken   atomic.Int64 // pieces
	free    atomic.Int64 // places for helpers
	helpers sync.WaitGroup
	failed  atomic.Pointer[crash]
}

// take takes a piece, if one is left.
func (s *spreading) take() (i int, more bool) {
	taken := s.taken.Add(1)
	return int(taken - 1), taken <= s.all
}

// end waits for the pieces that were begun. No other is.
func (s *spreading) end() {
	s.taken.Store(s.all)
	s.helpers.Wait()
}

// hire hires as many helpers as there are and as may work.
func (s *spreading) hire() {
	for s.taken.Load() < s.all && s.free.Load() > 0 && s.run.occupy() {
		s.free.Add(-1)
		s.helpers.Go(s.help)
	}
}

// help works until nothing is left, or a package wants the place.
func (s *spreading) help() {
	in := true
	defer func() {
		if v := recover(); v != nil {
			s.failed.CompareAndSwap(nil, &crash{fault(s.pkg, v)})
			s.taken.Store(s.all)
		}
		if in {
			s.run.vacate()
		}
		s.free.Add(1)
	}()
	for i, more := s.take(); more; i, more = s.take() {
		s.do(i)
		s.run.vacate()
		if in = s.run.occupy(); !in {
			return
		}
	}
}

// occupy takes the place of a worker that has nothing to do, if there is one. Who waits
// for a place was given it before.
func (r *runner) occupy() bool {
	select {
	case r.busy <- struct{}{}:
		return true
	default:
		return false
	}
}

func (r *runner) vacate() { <-r.busy }

// A crash is a panic of one goroutine that another one passes on.
type crash struct{ Problem }
