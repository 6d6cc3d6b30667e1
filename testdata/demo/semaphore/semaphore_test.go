package semaphore

import (
	"runtime"
	"testing"

	"example.com/demo/internal/bounded"
)

func TestCancelWhilePermitsAreGranted(t *testing.T) {
	bounded.Run(t, func() {
		s := New(1)
		w := s.enqueue(2) // has one, needs one
		go s.Release(1)
		for s.Waiting() > 0 {
			runtime.Gosched() // until Release is at it
		}
		if !s.forget(w) {
			t.Error("it was granted, and is told that it was not")
		}
	})
}

func TestPermitsGoToTheFirst(t *testing.T) {
	bounded.Run(t, func() {
		s := New(0)
		large, small := s.enqueue(3), s.enqueue(1)
		go func() {
			for range 4 {
				s.Release(1)
			}
		}()
		<-large.ready
		<-small.ready
		if !s.Acquire(0, nil) {
			t.Error("nothing is wanted, and not given")
		}
	})
}

func TestCancelledGivesItsPermitsToOthers(t *testing.T) {
	bounded.Run(t, func() {
		s := New(1)
		w := s.enqueue(2)
		if s.forget(w) {
			t.Error("it was not granted, and is told that it was")
		}
		s.Acquire(1, nil)
	})
}

func TestLookWhileOneIsNotified(t *testing.T) {
	bounded.Run(t, func() {
		var n Notify
		l := n.Listen()
		go n.One()
		for n.Waiting() > 0 {
			runtime.Gosched()
		}
		l.Wait()
	})
}

func TestLookWhileAllAreNotified(t *testing.T) {
	bounded.Run(t, func() {
		var n Notify
		a, b := n.Listen(), n.Listen()
		go n.All()
		for n.Waiting() > 0 {
			runtime.Gosched()
		}
		a.Wait()
		b.Wait()
	})
}

func TestNotificationIsKept(t *testing.T) {
	bounded.Run(t, func() {
		var n Notify
		n.One()
		if n.Listen() != nil {
			t.Error("the notification is lost")
		}
	})
}
