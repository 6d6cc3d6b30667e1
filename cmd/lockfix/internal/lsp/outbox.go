package lsp

import (
	"sync"
	"time"
)

// An outbox sends in order, without keeping who puts something into it waiting.
type outbox struct {
	wake chan struct{}
	done chan struct{} // closed when nothing is sent any more

	mu     sync.Mutex
	queue  []func()
	closed bool
}

func newOutbox() *outbox {
	o := &outbox{wake: make(chan struct{}, 1), done: make(chan struct{})}
	go o.run()
	return o
}

// put queues something to send; after close it is dropped.
func (o *outbox) put(send func()) {
	o.mu.Lock()
	if !o.closed {
		o.queue = append(o.queue, send)
	}
	o.mu.Unlock()
	o.signal()
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// take returns what is queued, and whether that is all there will be.
func (o *outbox) take() (queue []func(), last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	queue, o.queue = o.queue, nil
	return queue, o.closed
}

func (o *outbox) run() {
	defer close(o.done)
	for range o.wake {
		queue, last := o.take()
		for _, send := range queue {
			send()
		}
		if last {
			return
		}
	}
}

// flush waits until what is queued is sent, but not long.
func (o *outbox) flush(patience time.Duration) {
	sent := make(chan struct{})
	o.put(func() { close(sent) })
	select {
	case <-sent:
	case <-o.done:
	case <-time.After(patience):
	}
}

// close takes nothing more, and waits for what is queued to be sent, but not long:
// a client that has gone does not read.
func (o *outbox) close(patience time.Duration) {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.signal()
	select {
	case <-o.done:
	case <-time.After(patience):
	}
}

// A crew is goroutines that are waited for.
type crew struct {
	mu     sync.Mutex
	closed bool
	wait   sync.WaitGroup
}

// start runs f in a goroutine, unless the crew is going home.
func (c *crew) start(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.wait.Go(f)
	}
}

// join waits until all have ended, but not for ever.
func (c *crew) join(patience time.Duration) {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	all := make(chan struct{})
	go func() { c.wait.Wait(); close(all) }()
	select {
	case <-all:
	case <-time.After(patience):
	}
}
