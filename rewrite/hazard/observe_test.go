package hazard_test

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

const object = `
type S struct {
	mu, nu  sync.Mutex
	joinMu  sync.Mutex
	rw      sync.RWMutex
	wg      sync.WaitGroup
	once    sync.Once
	sem     *semaphore.Weighted
	slots   chan struct{}
	ch      chan int
	waiters []waiter
	cb      func()
	sink    Sink
}
type waiter struct { ready chan struct{}; notify func() }
type Sink interface { Emit(v int) }
func NewS(cb func(), sink Sink, ch chan int) *S { return &S{cb: cb, sink: sink, ch: ch, sem: semaphore.NewWeighted(3), slots: make(chan struct{}, 3)} }
func (s *S) Touch() { s.mu.Lock(); s.waiters = nil; s.mu.Unlock() }
var cond bool
var _ context.Context
`

func observe(t *testing.T, src string) []*hazard.Observation {
	t.Helper()
	return hazard.Observe(summary.Analyze(check.Package(t, object+src), nil))
}

// text spells an observation: "hazard: send on s.ch under s.mu, loop, via f".
func text(o *hazard.Observation) string {
	out := o.Level.String() + ": " + o.What + " under " + o.Held.Expr
	if o.Loop != nil {
		out += ", loop"
	}
	for _, f := range o.Chain {
		out += ", " + f.Text
	}
	return out
}

func compare(t *testing.T, obs []*hazard.Observation, want []string) {
	t.Helper()
	var got []string
	for _, o := range obs {
		got = append(got, text(o))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestWhatIsAHazard(t *testing.T) {
	for _, r := range []struct {
		claim, src string
		kind, ends hazard.Kind
		want       []string
	}{
		{"a send", `func (s *S) G() { s.mu.Lock(); s.ch <- 1; s.mu.Unlock() }`, hazard.Send, hazard.Send,
			[]string{"hazard: send on s.ch under s.mu"}},
		{"a send under a deferred unlock", `func (s *S) G() { s.mu.Lock(); defer s.mu.Unlock(); s.ch <- 1 }`, hazard.Send, hazard.Send,
			[]string{"hazard: send on s.ch under s.mu"}},
		{"a send after a branch that locks to the end", `func (s *S) G() { if cond { s.mu.Lock(); defer s.mu.Unlock() }; s.ch <- 1 }`, hazard.Send, hazard.Send,
			[]string{"hazard: send on s.ch under s.mu"}},
		{"a send in a loop", `func (s *S) G() { s.mu.Lock(); for _, w := range s.waiters { w.ready <- struct{}{} }; s.mu.Unlock() }`, hazard.Send, hazard.Send,
			[]string{"hazard: send on w.ready under s.mu, loop"}},
		{"a receive", `func (s *S) G() { s.mu.Lock(); <-s.ch; s.mu.Unlock() }`, hazard.Receive, hazard.Receive,
			[]string{"hazard: receive from s.ch under s.mu"}},
		{"a select without default", `func (s *S) G(a, b chan int) { s.mu.Lock(); select { case <-a: case b <- 1: }; s.mu.Unlock() }`, hazard.Select, hazard.Select,
			[]string{"hazard: select under s.mu"}},
		{"ranging over a channel", `func (s *S) G() { s.mu.Lock(); for range s.ch {}; s.mu.Unlock() }`, hazard.RangeChan, hazard.RangeChan,
			[]string{"hazard: range over s.ch under s.mu"}},
		{"waiting for a group", `func (s *S) G(wg *sync.WaitGroup) { s.mu.Lock(); wg.Wait(); s.mu.Unlock() }`, hazard.Wait, hazard.Wait,
			[]string{"hazard: call of wg.Wait under s.mu"}},
		{"waiting for an error group", `func (s *S) G(e *errgroup.Group) { s.mu.Lock(); e.Wait(); s.mu.Unlock() }`, hazard.Wait, hazard.Wait,
			[]string{"hazard: call of e.Wait under s.mu"}},
		{"a callback of a field", `func (s *S) G() { s.mu.Lock(); s.cb(); s.mu.Unlock() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of s.cb under s.mu"}},
		{"a callback of a parameter", `func (s *S) G(f func()) { s.mu.Lock(); f(); s.mu.Unlock() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of f under s.mu"}},
		{"callbacks in a loop", `func (s *S) G() { s.mu.Lock(); for i := 0; i < len(s.waiters); i++ { s.waiters[i].notify() }; s.mu.Unlock() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of s.waiters[i].notify under s.mu, loop"}},
		{"a method of an interface that others implement", `func (s *S) G() { s.mu.Lock(); s.sink.Emit(1); s.mu.Unlock() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of s.sink.Emit under s.mu"}},
		{"a callback under a read lock", `func (s *S) G() { s.rw.RLock(); defer s.rw.RUnlock(); s.cb() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of s.cb under s.rw"}},
		{"a deferred call that runs before the deferred unlock", `func (s *S) G() { s.mu.Lock(); defer s.mu.Unlock(); defer s.cb() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of s.cb under s.mu"}},
		{"the network", `func (s *S) G() { s.mu.Lock(); net.Dial("tcp", "x"); s.mu.Unlock() }`, hazard.IO, hazard.IO,
			[]string{"hazard: call of net.Dial under s.mu"}},
		{"a file, as contention", `func (s *S) G() { s.mu.Lock(); os.ReadFile("x"); s.mu.Unlock() }`, hazard.IO, hazard.IO,
			[]string{"contention: call of os.ReadFile under s.mu"}},
		{"a sleep", `func (s *S) G() { s.mu.Lock(); time.Sleep(1); s.mu.Unlock() }`, hazard.Sleep, hazard.Sleep,
			[]string{"hazard: call of time.Sleep under s.mu"}},
		{"a semaphore under a lock, as contention where a context ends it", `func (s *S) G(ctx context.Context) { s.mu.Lock(); s.sem.Acquire(ctx, 1); s.sem.Release(1); s.mu.Unlock() }`, hazard.Acquire, hazard.Acquire,
			[]string{"contention: call of s.sem.Acquire under s.mu"}},
		{"a semaphore under a lock", `func (s *S) G() { s.mu.Lock(); s.sem.Acquire(context.Background(), 1); s.sem.Release(1); s.mu.Unlock() }`, hazard.Acquire, hazard.Acquire,
			[]string{"hazard: call of s.sem.Acquire under s.mu"}},
		{"a call that does one of these", `func (s *S) h() { s.ch <- 1 }; func (s *S) G() { s.mu.Lock(); s.h(); s.mu.Unlock() }; func (s *S) G2() { s.h() }`, hazard.Call, hazard.Send,
			[]string{"hazard: call of s.h under s.mu, calls (*S).h, sends on s.ch"}},
		{"a call of a call", `func (s *S) h() { s.ch <- 1 }; func (s *S) k() { s.h() }; func (s *S) G() { s.mu.Lock(); s.k(); s.mu.Unlock() }; func (s *S) G2() { s.k() }`, hazard.Call, hazard.Send,
			[]string{"hazard: call of s.k under s.mu, calls (*S).k, calls (*S).h, sends on s.ch"}},
		{"a function that all call with the lock held, where it does it", `func (s *S) h() { s.waiters = nil; s.ch <- 1 }; func (s *S) G() { s.mu.Lock(); s.h(); s.mu.Unlock() }`, hazard.Send, hazard.Send,
			[]string{"hazard: send on s.ch under s.mu"}},
		{"a function documented to be called with the lock held, where it does it", `type t struct { mu sync.Mutex; cb func() }; func New(f func()) *t { return &t{cb: f} }; func (x *t) hLocked() { x.cb() }; func (x *t) G() { x.mu.Lock(); x.hLocked(); x.mu.Unlock() }`, hazard.Callback, hazard.Callback,
			[]string{"hazard: call of x.cb under x.mu"}},
		{"a wait under a token", `func (s *S) G() { s.slots <- struct{}{}; s.ch <- 1; <-s.slots }`, hazard.Send, hazard.Send,
			[]string{"hazard: send on s.ch under s.slots"}},
		{"the second lock of Cond.Wait", `type t struct { mu, nu sync.Mutex; c *sync.Cond }; func New() *t { x := &t{}; x.c = sync.NewCond(&x.mu); return x }; func (x *t) G() { x.nu.Lock(); x.mu.Lock(); for !cond { x.c.Wait() }; x.mu.Unlock(); x.nu.Unlock() }; func (x *t) Touch() { x.nu.Lock(); x.nu.Unlock() }`, hazard.CondWait, hazard.CondWait,
			[]string{"hazard: call of x.c.Wait under x.nu, loop"}},
	} {
		t.Run(r.claim, func(t *testing.T) {
			obs := observe(t, r.src)
			compare(t, obs, r.want)
			if len(obs) > 0 && (obs[0].Kind != r.kind || obs[0].Ends != r.ends) {
				t.Errorf("kind %d ends in %d, want %d and %d", obs[0].Kind, obs[0].Ends, r.kind, r.ends)
			}
		})
	}
}

// Each row is an entry of the list of what must stay silent: no observation of
// it is more than contention.
func TestMustStaySilent(t *testing.T) {
	for _, r := range []struct{ claim, src string }{
		{"a send with default", `func (s *S) G() { s.mu.Lock(); select { case s.ch <- 1: default: }; s.mu.Unlock() }`},
		{"a receive with default", `func (s *S) G() { s.mu.Lock(); select { case <-s.ch: default: }; s.mu.Unlock() }`},
		{"a send into a channel with room", `func (s *S) G() { s.mu.Lock(); ch := make(chan int, 1); ch <- 1; s.waiters = nil; s.mu.Unlock() }`},
		{"close", `func (s *S) G() { s.mu.Lock(); close(s.ch); s.mu.Unlock() }`},
		{"close in a loop", `func (s *S) G() { s.mu.Lock(); for _, w := range s.waiters { close(w.ready) }; s.mu.Unlock() }`},
		{"Signal and Broadcast", `func (s *S) G(c *sync.Cond) { s.mu.Lock(); c.Signal(); c.Broadcast(); s.mu.Unlock() }`},
		{"Done and Add", `func (s *S) G() { s.mu.Lock(); s.wg.Add(1); s.wg.Done(); s.mu.Unlock() }`},
		{"a cancel function", `func (s *S) G(ctx context.Context) { _, cancel := context.WithCancel(ctx); s.mu.Lock(); cancel(); s.mu.Unlock() }`},
		{"after the release", `func (s *S) G() { s.mu.Lock(); s.waiters = nil; s.mu.Unlock(); s.ch <- 1; s.cb() }`},
		{"before the acquisition", `func (s *S) G() { s.ch <- 1; s.mu.Lock(); s.mu.Unlock() }`},
		{"on a path where the lock is released", `func (s *S) G() { s.mu.Lock(); if cond { s.mu.Unlock(); s.cb(); return }; s.mu.Unlock() }`},
		{"between an unlock and a relock", `func (s *S) G() { s.mu.Lock(); defer s.mu.Unlock(); s.mu.Unlock(); s.cb(); s.mu.Lock() }`},
		{"in a callee that unlocks before", `func (s *S) h() { s.mu.Unlock(); s.cb(); s.mu.Lock() }; func (s *S) G() { s.mu.Lock(); s.h(); s.mu.Unlock() }; func (s *S) G2() { s.mu.Lock(); s.h(); s.mu.Unlock() }`},
		{"in a documented callee that unlocks before", `type t struct { mu sync.Mutex; cb func() }; func New(f func()) *t { return &t{cb: f} }; func (x *t) hLocked() { x.mu.Unlock(); x.cb(); x.mu.Lock() }; func (x *t) G() { x.mu.Lock(); x.hLocked(); x.mu.Unlock() }`},
		{"in a documented callee that releases for good", `type t struct { mu sync.Mutex; cb func() }; func New(f func()) *t { return &t{cb: f} }; func (x *t) hLocked() { x.mu.Unlock(); x.cb() }; func (x *t) G() { x.mu.Lock(); x.hLocked(); x.cb() }`},
		{"a deferred call that runs after the deferred unlock", `func (s *S) G() { defer s.cb(); s.mu.Lock(); defer s.mu.Unlock() }`},
		{"a goroutine", `func (s *S) G() { s.mu.Lock(); go func() { s.ch <- 1 }(); go s.cb(); s.mu.Unlock() }`},
		{"a closure kept for later", `func (s *S) G() { s.mu.Lock(); s.cb = func() { s.ch <- 1 }; s.mu.Unlock() }`},
		{"a closure returned", `func (s *S) G() func() { s.mu.Lock(); defer s.mu.Unlock(); return func() { s.ch <- 1 } }`},
		{"time.AfterFunc", `func (s *S) G() { s.mu.Lock(); time.AfterFunc(1, func() { s.ch <- 1 }); time.AfterFunc(1, s.cb); s.mu.Unlock() }`},
		{"errgroup.Go", `func (s *S) G(e *errgroup.Group) { s.mu.Lock(); e.Go(func() error { s.ch <- 1; return nil }); s.mu.Unlock() }`},
		{"WaitGroup.Go", `func (s *S) G() { s.mu.Lock(); s.wg.Go(func() { s.ch <- 1 }); s.wg.Go(s.cb); s.mu.Unlock() }`},
		{"a handler registered", `func (s *S) G() { s.mu.Lock(); http.HandleFunc("/", func(http.ResponseWriter, *http.Request) { s.ch <- 1 }); s.mu.Unlock() }`},
		{"a function handed to one that keeps it", `type reg struct { fs []func() }; func (r *reg) add(f func()) { r.fs = append(r.fs, f) }; func (s *S) G(r *reg) { s.mu.Lock(); r.add(func() { s.ch <- 1 }); r.add(s.cb); s.mu.Unlock() }`},
		{"initialising with sync.Once", `func (s *S) G() { s.once.Do(func() { s.ch = make(chan int); os.ReadFile("x") }) }`},
		{"under a lock of its own name that is taken nowhere else", `func (s *S) G(ch chan int) { s.joinMu.Lock(); ch <- 1; s.joinMu.Unlock() }`},
		{"waiting in sync.Once", `func (s *S) G(ch chan int) { s.once.Do(func() { <-ch }) }`},
		{"sync.Pool", `var pool = sync.Pool{New: func() any { return new(S) }}; func (s *S) G() { s.mu.Lock(); x := pool.Get(); pool.Put(x); s.mu.Unlock() }`},
		{"gather, unlock, wake", `func (s *S) G() { s.mu.Lock(); ws := s.waiters; s.waiters = nil; s.mu.Unlock(); for _, w := range ws { w.ready <- struct{}{}; w.notify() } }`},
		{"gather, unlock, wake, lock again in batches", `func (s *S) G() { s.mu.Lock(); for len(s.waiters) > 0 { ws := s.waiters; s.waiters = nil; s.mu.Unlock(); for _, w := range ws { w.notify() }; s.mu.Lock() }; s.mu.Unlock() }`},
		{"Cond.Wait on the own condition", `type t struct { mu sync.Mutex; c *sync.Cond }; func New() *t { x := &t{}; x.c = sync.NewCond(&x.mu); return x }; func (x *t) G() { x.mu.Lock(); defer x.mu.Unlock(); for !cond { x.c.Wait() } }`},
		{"Cond.Wait on the own condition, by its L", `func G(c *sync.Cond) { c.L.Lock(); for !cond { c.Wait() }; c.L.Unlock() }`},
		{"Cond.Wait on a condition made in a literal", `type t struct { mu sync.Mutex; c sync.Cond }; func New() *t { x := &t{}; x.c.L = &x.mu; return x }; func (x *t) G() { x.mu.Lock(); defer x.mu.Unlock(); for !cond { x.c.Wait() } }`},
		{"Cond.Wait in a helper", `type t struct { mu sync.Mutex; c *sync.Cond }; func New() *t { x := &t{}; x.c = sync.NewCond(&x.mu); return x }; func (x *t) wait() { for !cond { x.c.Wait() } }; func (x *t) G() { x.mu.Lock(); x.wait(); x.mu.Unlock() }`},
		{"a goroutine that is not awaited", `func (s *S) h() { s.mu.Lock(); s.mu.Unlock() }; func (s *S) G() { s.mu.Lock(); go s.h(); s.mu.Unlock() }`},
		{"workers that never take the lock", `func (s *S) G() { s.mu.Lock(); defer s.mu.Unlock(); var wg sync.WaitGroup; for range 3 { wg.Add(1); go func() { defer wg.Done(); println() }() }; wg.Wait() }`},
		{"workers of WaitGroup.Go that never take the lock", `func (s *S) G() { s.mu.Lock(); defer s.mu.Unlock(); var wg sync.WaitGroup; for range 3 { wg.Go(func() { println() }) }; wg.Wait() }`},
		{"a receive that ends with a context", `func (s *S) G(ctx context.Context) { s.mu.Lock(); select { case <-s.ch: case <-ctx.Done(): }; s.mu.Unlock() }`},
		{"a receive from a timer", `func (s *S) G() { s.mu.Lock(); <-time.After(1); s.mu.Unlock() }`},
		{"a lock on some paths only", `func (s *S) G() { if cond { s.mu.Lock() }; s.ch <- 1; if cond { s.mu.Unlock() } }`},
		{"writing under a lock that serialises writing", `type t struct { writeMu sync.Mutex; w io.Writer; c net.Conn }; func New(w io.Writer, c net.Conn) *t { return &t{w: w, c: c} }; func (x *t) G(b []byte) { x.writeMu.Lock(); x.w.Write(b); x.c.Write(b); x.writeMu.Unlock() }`},
		{"formatting into memory", `func (s *S) G(b *bytes.Buffer) { s.mu.Lock(); fmt.Fprintf(b, "%d", 1); io.WriteString(b, "x"); s.mu.Unlock() }`},
		{"foreign code under a token", `func (s *S) G() { s.slots <- struct{}{}; s.cb(); net.Dial("tcp", "x"); <-s.slots }`},
		{"a wait after the token went to a goroutine", `func (s *S) G() { s.slots <- struct{}{}; go func() { defer func() { <-s.slots }(); s.cb() }(); s.ch <- 1 }`},
		{"a wait after the token went to a group", `func (s *S) G(e *errgroup.Group) { s.sem.Acquire(context.Background(), 1); e.Go(func() error { defer s.sem.Release(1); return nil }); e.Wait() }`},
		{"an interface that only this package implements", `type i interface { run() }; type a struct{ n int }; func (x *a) run() { x.n++ }; func (s *S) G(x i) { s.mu.Lock(); x.run(); s.mu.Unlock() }`},
		{"a comparison", `func (s *S) G(xs []int) { s.mu.Lock(); sort.Slice(xs, func(i, j int) bool { return xs[i] < xs[j] }); s.mu.Unlock() }`},
		{"a nested lock", `func (s *S) G() { s.mu.Lock(); s.nu.Lock(); s.nu.Unlock(); s.mu.Unlock() }`},
		{"a failed TryLock", `func (s *S) G() { if !s.mu.TryLock() { s.cb(); return }; s.mu.Unlock() }`},
		{"a failed attempt at a semaphore", `func (s *S) G() { if !s.sem.TryAcquire(1) { s.ch <- 1; return }; s.sem.Release(1) }`},
	} {
		t.Run(r.claim, func(t *testing.T) {
			for _, o := range observe(t, r.src) {
				if o.Level > hazard.Contention {
					t.Errorf("%s", text(o))
				}
			}
		})
	}
}

func TestLoopOfAnOperation(t *testing.T) {
	for _, r := range []struct{ claim, src, loop string }{
		{"none", `func (s *S) G() { s.mu.Lock(); s.cb(); s.mu.Unlock() }`, ""},
		{"a range loop", `func (s *S) G() { s.mu.Lock(); for _, w := range s.waiters { w.notify() }; s.mu.Unlock() }`, "s.waiters"},
		{"the inner of two", `func (s *S) G(xs []int) { s.mu.Lock(); for range xs { for _, w := range s.waiters { w.notify() } }; s.mu.Unlock() }`, "s.waiters"},
		{"not one that the section begins in", `func (s *S) G(xs []int) { for range xs { s.mu.Lock(); s.cb(); s.mu.Unlock() } }`, ""},
		{"not where only the operand of the loop is", `func (s *S) G(f func() []int) { s.mu.Lock(); for range f() {}; s.mu.Unlock() }`, ""},
	} {
		t.Run(r.claim, func(t *testing.T) {
			obs := observe(t, r.src)
			if len(obs) != 1 {
				t.Fatalf("%d observations, want 1", len(obs))
			}
			got := ""
			if loop, ok := obs[0].Loop.(*ast.RangeStmt); ok {
				got = types.ExprString(loop.X)
			}
			if got != r.loop || (obs[0].Loop != nil) != (r.loop != "") {
				t.Errorf("loop over %q, want %q", got, r.loop)
			}
		})
	}
}

func TestWhichResourceIsHurt(t *testing.T) {
	for _, r := range []struct{ claim, src, held, others string }{
		{"the one acquired last", `func (s *S) G() { s.mu.Lock(); s.nu.Lock(); s.cb(); s.nu.Unlock(); s.mu.Unlock() }`, "s.nu", "s.mu"},
		{"a lock before a token", `func (s *S) G() { s.mu.Lock(); s.slots <- struct{}{}; s.ch <- 1; <-s.slots; s.mu.Unlock() }`, "s.mu", "s.slots"},
		{"one acquired here before the caller's", `type t struct { mu sync.Mutex; cb func() }; func New(f func()) *t { return &t{cb: f} }; func (x *t) RunLocked(s *S) { s.mu.Lock(); x.cb(); s.mu.Unlock() }`, "s.mu", "x.mu"},
	} {
		t.Run(r.claim, func(t *testing.T) {
			obs := observe(t, r.src)
			o := obs[len(obs)-1]
			var others []string
			for _, h := range o.Others {
				others = append(others, h.Expr)
			}
			if o.Held.Expr != r.held || strings.Join(others, " ") != r.others {
				t.Errorf("held %s beside %s, want %s beside %s", o.Held.Expr, others, r.held, r.others)
			}
		})
	}
}

func TestCallersThatHoldItAreNamed(t *testing.T) {
	obs := observe(t, `
func (s *S) put() { s.waiters = nil; s.ch <- 1 }
func (s *S) A() { s.mu.Lock(); s.put(); s.mu.Unlock() }
func (s *S) B() { s.mu.Lock(); defer s.mu.Unlock(); if cond { s.put() } }
func (s *S) C() { s.mu.Lock(); s.ch <- 1; s.mu.Unlock() }`)
	got := map[string][]string{}
	for _, o := range obs {
		for _, f := range o.Callers {
			got[o.Body.Obj.Name()] = append(got[o.Body.Obj.Name()], f.Text)
			if !f.Pos.IsValid() {
				t.Errorf("%q has no place", f.Text)
			}
		}
	}
	if want := []string{"called by (*S).A, which holds it", "called by (*S).B, which holds it"}; len(got) != 1 || !slices.Equal(got["put"], want) {
		t.Errorf("callers are %v, want %v", got, want)
	}
}

func TestASendSaysWhereItsChannelIsMade(t *testing.T) {
	for _, r := range []struct{ claim, src, want string }{
		{"unbuffered", `type T struct { mu sync.Mutex; c chan int }
func newT() *T { return &T{c: make(chan int)} }
func (t *T) G() { t.mu.Lock(); t.c <- 1; t.mu.Unlock() }
func (t *T) H() { <-t.c }`, "t.c is unbuffered"},
		{"with room that is not proved to do", `type T struct { mu sync.Mutex; c chan int }
func newT(n int) *T { return &T{c: make(chan int, n)} }
func (t *T) G() { t.mu.Lock(); t.c <- 1; t.mu.Unlock() }
func (t *T) H() { <-t.c }`, "t.c has room for n, which may not do"},
		{"made at two places", `type T struct { mu sync.Mutex; c chan int }
func newT(n int) *T { if n == 0 { return &T{c: make(chan int)} }; return &T{c: make(chan int, n)} }
func (t *T) G() { t.mu.Lock(); t.c <- 1; t.mu.Unlock() }
func (t *T) H() { <-t.c }`, ""},
	} {
		t.Run(r.claim, func(t *testing.T) {
			obs := observe(t, r.src)
			if len(obs) != 1 {
				t.Fatalf("%d observations", len(obs))
			}
			got := ""
			for _, f := range obs[0].Chain {
				got += f.Text
			}
			if got != r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
		})
	}
}

func TestAWaitForAWorkerSaysWhereThatWaits(t *testing.T) {
	obs := observe(t, `
func (s *S) G(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(chan int, n)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for i := range 2*n { out <- i }
	}()
	wg.Wait()
	close(out)
}
func (s *S) H() { s.Touch() }`)
	var got []string
	for _, o := range obs {
		if o.Kind == hazard.Wait {
			for _, f := range o.Peer {
				got = append(got, f.Text)
			}
		}
	}
	want := []string{"calls Done in a goroutine or function of (*S).G", "waits itself: send on out", "out has room for n, which may not do"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
