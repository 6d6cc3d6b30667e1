package hazard_test

import (
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// Each row has one operation in a function G; the peer decides its level.
func TestPeers(t *testing.T) {
	const chans = `type t struct { mu sync.Mutex; ch chan int; wg sync.WaitGroup }; func New() *t { return &t{ch: make(chan int)} }; func (x *t) Touch() { x.mu.Lock(); x.mu.Unlock() }; `
	for _, r := range []struct {
		claim, src string
		level      hazard.Level
		says       string // in the frames of the peer, or in why
	}{
		{"a receiver that takes the lock first", chans + `func (x *t) run() { for { x.mu.Lock(); <-x.ch; x.mu.Unlock() } }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Deadlock, "receives in (*t).run; only after x.mu is acquired"},
		{"a sender that takes the lock first", chans + `func (x *t) run() { x.mu.Lock(); defer x.mu.Unlock(); x.ch <- 1 }; func (x *t) G() { x.mu.Lock(); <-x.ch; x.mu.Unlock() }`,
			hazard.Deadlock, "sends in (*t).run; only after x.mu is acquired"},
		{"a closer that takes the lock first", chans + `func (x *t) run() { x.mu.Lock(); close(x.ch); x.mu.Unlock() }; func (x *t) G() { x.mu.Lock(); <-x.ch; x.mu.Unlock() }`,
			hazard.Deadlock, "closes it in (*t).run; only after x.mu is acquired"},
		{"a receiver that never takes the lock", chans + `func (x *t) run() { for range x.ch { println() } }; func (x *t) Start() { go x.run() }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Contention, "whoever it waits for never takes x.mu"},
		{"a receiver that others call, perhaps with the lock held", chans + `func (x *t) Run() { for range x.ch { println() } }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"a receiver that takes the lock at times", chans + `func (x *t) run() { for range x.ch { x.mu.Lock(); x.mu.Unlock() } }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"a receiver whose callee takes the lock", chans + `func (x *t) h() { x.mu.Lock(); x.mu.Unlock() }; func (x *t) run() { for range x.ch { x.h() } }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"a receiver that takes the lock of another object", chans + `func (x *t) run(y *t) { y.mu.Lock(); <-x.ch; y.mu.Unlock() }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"a receiver that takes the lock on some paths", chans + `func (x *t) run() { if cond { x.mu.Lock(); x.mu.Unlock() }; <-x.ch }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"a receiver that has released the lock", chans + `func (x *t) run() { x.mu.Lock(); x.mu.Unlock(); <-x.ch }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Deadlock, "only after x.mu is acquired"},
		{"a receiver that takes the lock first, of a channel with room", `type t struct { mu sync.Mutex; ch chan int }; func New() *t { return &t{ch: make(chan int, 1)} }; func (x *t) run() { x.mu.Lock(); <-x.ch; x.mu.Unlock() }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, "the other side needs x.mu too"},
		{"a receiver that only attempts the lock", chans + `func (x *t) run() { if x.mu.TryLock() { x.mu.Unlock() }; <-x.ch }; func (x *t) G() { x.mu.Lock(); x.ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"a receiver in another package", `type U struct { mu sync.Mutex; Ch chan int }; func (x *U) Touch() { x.mu.Lock(); x.mu.Unlock() }; func New() *U { return &U{Ch: make(chan int)} }; func (x *U) G() { x.mu.Lock(); x.Ch <- 1; x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"workers that take the lock before Done", chans + `func (x *t) work() { x.mu.Lock(); x.mu.Unlock(); x.wg.Done() }; func (x *t) G() { x.mu.Lock(); x.wg.Wait(); x.mu.Unlock() }`,
			hazard.Deadlock, "calls Done in (*t).work; only after x.mu is acquired"},
		{"workers that may return before they take the lock", chans + `func (x *t) work() { defer x.wg.Done(); if cond { return }; x.mu.Lock(); x.mu.Unlock() }; func (x *t) G() { x.mu.Lock(); x.wg.Wait(); x.mu.Unlock() }`,
			hazard.Hazard, ""},
		{"workers with a deferred Done that take the lock", chans + `func (x *t) work() { defer x.wg.Done(); x.mu.Lock(); x.mu.Unlock() }; func (x *t) G() { x.mu.Lock(); x.wg.Wait(); x.mu.Unlock() }`,
			hazard.Deadlock, "calls Done in (*t).work"},
		{"workers that never take the lock", chans + `func (x *t) work() { defer x.wg.Done(); println() }; func (x *t) Start() { x.wg.Add(1); go x.work() }; func (x *t) G() { x.mu.Lock(); x.wg.Wait(); x.mu.Unlock() }`,
			hazard.Contention, "whoever it waits for never takes x.mu"},
		{"goroutines started and awaited under the lock that take it", chans + `func (x *t) G() { x.mu.Lock(); x.wg.Add(1); go func() { defer x.wg.Done(); x.mu.Lock(); x.mu.Unlock() }(); x.wg.Wait(); x.mu.Unlock() }`,
			hazard.Deadlock, "calls Done in a goroutine or function of (*t).G"},
		{"goroutines of WaitGroup.Go that take the lock", chans + `func (x *t) G() { x.mu.Lock(); x.wg.Go(func() { x.mu.Lock(); x.mu.Unlock() }); x.wg.Wait(); x.mu.Unlock() }`,
			hazard.Deadlock, "runs until it returns in a goroutine or function of (*t).G"},
		{"goroutines of an error group that never take the lock", chans + `func (x *t) G() { var e errgroup.Group; x.mu.Lock(); e.Go(func() error { println(); return nil }); e.Wait(); x.mu.Unlock() }`,
			hazard.Contention, "whoever it waits for never takes x.mu"},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var in []*hazard.Observation
			for _, o := range observe(t, r.src) {
				if o.Body.Obj != nil && o.Body.Obj.Name() == "G" {
					in = append(in, o)
				}
			}
			if len(in) != 1 {
				t.Fatalf("%d observations in G, want 1", len(in))
			}
			o := in[0]
			if o.Level != r.level {
				t.Errorf("level %s, want %s (%s)", o.Level, r.level, o.Why)
			}
			var frames []string
			for _, f := range o.Peer {
				frames = append(frames, f.Text)
			}
			if said := strings.Join(frames, "; ") + o.Why; !strings.Contains(said, r.says) {
				t.Errorf("says %q, want %q", said, r.says)
			}
			if (len(o.Peer) > 0) != (o.Level == hazard.Deadlock) {
				t.Errorf("level %s with %d frames of a peer", o.Level, len(o.Peer))
			}
		})
	}
}
