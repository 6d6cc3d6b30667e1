package simulate

import (
	"sync"
	"unsafe"
)

type (
	// Locker is sync.Locker.
	Locker = sync.Locker
	// Pool is sync.Pool.
	Pool = sync.Pool
)

// A queue is a list of goroutines that wait for something to change. Its
// fields are read and written by go:norace code under the lock of the run.
type queue struct{ first, last *waiter }

type waiter struct {
	ch   chan struct{} // has room for its one wake
	next *waiter
}

//go:norace
func (q *queue) push(w *waiter) {
	if q.last == nil {
		q.first = w
	} else {
		q.last.next = w
	}
	q.last = w
}

//go:norace
func (q *queue) wakeOne() {
	if w := q.first; w != nil {
		q.first = w.next
		if q.first == nil {
			q.last = nil
		}
		select {
		case w.ch <- struct{}{}:
		default: // never: it has room for the one wake
		}
	}
}

//go:norace
func (q *queue) wakeAll() {
	for q.first != nil {
		q.wakeOne()
	}
}

// wait waits for a wake, or for the end of the run. It is called hidden from the
// race detector.
func (w *waiter) wait(since int) {
	select {
	case <-w.ch:
	case <-current.dead:
		show()
		stuck(since)
	}
}

// acquireWhen waits until try succeeds: it is asked again after each wake of the
// queue, in an order that the seed decides, as a goroutine may overtake others
// on its way to a lock.
//
//go:norace
func acquireWhen(q *queue, try func() bool) {
	Yield()
	since := -1
	for {
		hide()
		current.mu.Lock()
		if since < 0 {
			since = current.count
		}
		if try() {
			current.mu.Unlock()
			show()
			break
		}
		w := &waiter{ch: make(chan struct{}, 1)}
		q.push(w)
		current.mu.Unlock()
		w.wait(since)
		show()
		Yield()
	}
}

// change runs a change of a lock and wakes who waits for one.
//
//go:norace
func change(q *queue, do func() bool) (ok bool) {
	hide()
	current.mu.Lock()
	ok = do()
	q.wakeAll()
	current.mu.Unlock()
	show()
	return ok
}

// fatal is what the real types end the program with.
func fatal() {
	ended()
	forever()
}

//go:norace
func ended() {
	hide()
	current.mu.Lock()
	current.fatal = true
	current.begun = min(current.begun, current.count)
	current.mu.Unlock()
	show()
}

// A Mutex is sync.Mutex.
type Mutex struct {
	of   *run // a lock of the package is free again in the next run
	held bool
	q    queue
}

// Lock locks m.
func (m *Mutex) Lock() {
	acquireWhen(&m.q, m.take)
	acquire(unsafe.Pointer(m))
	Yield()
}

//go:norace
func (m *Mutex) take() bool {
	if m.of != current {
		m.of, m.held, m.q = current, false, queue{}
	}
	if m.held {
		return false
	}
	m.held = true
	return true
}

// TryLock locks m if it is free.
func (m *Mutex) TryLock() bool {
	Yield()
	if !change(&queue{}, m.take) {
		return false
	}
	acquire(unsafe.Pointer(m))
	return true
}

// Unlock unlocks m.
func (m *Mutex) Unlock() {
	if dying() {
		return
	}
	Yield()
	release(unsafe.Pointer(m))
	if !change(&m.q, m.drop) {
		fatal()
	}
	Yield()
}

//go:norace
func (m *Mutex) drop() bool {
	was := m.held
	m.held = false
	return was
}

// An RWMutex is sync.RWMutex: a writer that waits keeps new readers out.
type RWMutex struct {
	of      *run // as in [Mutex]
	readers int
	writing bool
	pending bool // a writer waits for the readers to leave
	q       queue

	readerSem, writerSem int // addresses for the race detector, as in package sync
}

// Lock locks rw for writing.
func (rw *RWMutex) Lock() {
	acquireWhen(&rw.q, rw.announce)
	acquireWhen(&rw.q, rw.take)
	acquire(unsafe.Pointer(&rw.readerSem))
	acquire(unsafe.Pointer(&rw.writerSem))
	Yield()
}

//go:norace
func (rw *RWMutex) renew() {
	if rw.of != current {
		rw.of, rw.readers, rw.writing, rw.pending, rw.q = current, 0, false, false, queue{}
	}
}

//go:norace
func (rw *RWMutex) announce() bool {
	rw.renew()
	if rw.pending || rw.writing {
		return false
	}
	rw.pending = true
	return true
}

//go:norace
func (rw *RWMutex) take() bool {
	if rw.readers > 0 {
		return false
	}
	rw.pending, rw.writing = false, true
	return true
}

// TryLock locks rw for writing if it is free.
func (rw *RWMutex) TryLock() bool {
	Yield()
	if !change(&queue{}, rw.tryTake) {
		return false
	}
	acquire(unsafe.Pointer(&rw.readerSem))
	acquire(unsafe.Pointer(&rw.writerSem))
	return true
}

//go:norace
func (rw *RWMutex) tryTake() bool {
	rw.renew()
	if rw.pending || rw.writing || rw.readers > 0 {
		return false
	}
	rw.writing = true
	return true
}

// Unlock ends writing.
func (rw *RWMutex) Unlock() {
	if dying() {
		return
	}
	Yield()
	release(unsafe.Pointer(&rw.readerSem))
	if !change(&rw.q, rw.drop) {
		fatal()
	}
	Yield()
}

//go:norace
func (rw *RWMutex) drop() bool {
	was := rw.writing
	rw.writing = false
	return was
}

// RLock locks rw for reading.
func (rw *RWMutex) RLock() {
	acquireWhen(&rw.q, rw.enter)
	acquire(unsafe.Pointer(&rw.readerSem))
	Yield()
}

// TryRLock locks rw for reading if no writer has it or waits for it.
func (rw *RWMutex) TryRLock() bool {
	Yield()
	if !change(&queue{}, rw.enter) {
		return false
	}
	acquire(unsafe.Pointer(&rw.readerSem))
	return true
}

//go:norace
func (rw *RWMutex) enter() bool {
	rw.renew()
	if rw.pending || rw.writing {
		return false
	}
	rw.readers++
	return true
}

// RUnlock ends reading.
func (rw *RWMutex) RUnlock() {
	if dying() {
		return
	}
	Yield()
	releaseMerge(unsafe.Pointer(&rw.writerSem))
	if !change(&rw.q, rw.leave) {
		fatal()
	}
	Yield()
}

//go:norace
func (rw *RWMutex) leave() bool {
	if rw.readers == 0 {
		return false
	}
	rw.readers--
	return true
}

// RLocker returns a Locker whose methods are RLock and RUnlock.
func (rw *RWMutex) RLocker() Locker { return (*reader)(rw) }

type reader RWMutex

func (r *reader) Lock()   { (*RWMutex)(r).RLock() }
func (r *reader) Unlock() { (*RWMutex)(r).RUnlock() }

// A Cond is sync.Cond.
type Cond struct {
	L Locker
	q queue
}

// NewCond returns a condition with a lock.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

// Wait unlocks, waits for a wake, and locks again.
func (c *Cond) Wait() {
	if dying() {
		die()
	}
	w := c.enqueue()
	since := now()
	c.L.Unlock()
	hide()
	w.wait(since)
	show()
	c.L.Lock()
}

//go:norace
func (c *Cond) enqueue() *waiter {
	hide()
	current.mu.Lock()
	w := &waiter{ch: make(chan struct{}, 1)}
	c.q.push(w)
	current.mu.Unlock()
	show()
	return w
}

// Signal wakes who has waited longest.
func (c *Cond) Signal() { c.wake(c.q.wakeOne) }

// Broadcast wakes all who wait.
func (c *Cond) Broadcast() { c.wake(c.q.wakeAll) }

//go:norace
func (c *Cond) wake(do func()) {
	if dying() {
		return
	}
	Yield()
	hide()
	current.mu.Lock()
	do()
	current.mu.Unlock()
	show()
	Yield()
}

// A WaitGroup is sync.WaitGroup.
type WaitGroup struct {
	n int
	q queue
}

// Add adds to the counter.
func (wg *WaitGroup) Add(delta int) {
	if dying() {
		return
	}
	if delta < 0 {
		releaseMerge(unsafe.Pointer(wg))
	}
	if !change(&wg.q, func() bool { return wg.add(delta) }) {
		panic("sync: negative WaitGroup counter")
	}
	Yield()
}

//go:norace
func (wg *WaitGroup) add(delta int) bool {
	wg.n += delta
	return wg.n >= 0
}

// Done takes one from the counter.
func (wg *WaitGroup) Done() { wg.Add(-1) }

// Wait waits until the counter is zero.
func (wg *WaitGroup) Wait() {
	acquireWhen(&wg.q, wg.zero)
	acquire(unsafe.Pointer(wg))
	Yield()
}

//go:norace
func (wg *WaitGroup) zero() bool { return wg.n == 0 }

// Go runs f in a goroutine that is counted.
func (wg *WaitGroup) Go(f func()) {
	wg.Add(1)
	Start()
	go func() {
		defer Exit()
		defer wg.Done()
		f()
	}()
}

// A Once is sync.Once.
type Once struct {
	done bool
	m    Mutex
}

// Do calls f if it is the first to be called.
func (o *Once) Do(f func()) {
	o.m.Lock()
	defer o.m.Unlock()
	if !o.done {
		defer func() { o.done = true }()
		//lockfix:ignore wakeheld this is what the real one does
		f()
	}
}

// OnceFunc is sync.OnceFunc.
func OnceFunc(f func()) func() {
	var o Once
	return func() { o.Do(f) }
}
