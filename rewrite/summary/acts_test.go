package summary_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
)

func acts(t *testing.T, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.claim, func(t *testing.T) {
			compare(t, actTexts(summaryOf(t, understand(t, r.src), "f").Acts), r.want)
		})
	}
}

func TestWhatAFunctionMayDo(t *testing.T) {
	acts(t, []row{
		{"a send waits", `func f(ch chan int) { ch <- 1 }`, []string{"waits: sends on ch"}},
		{"a send that provably fits does not", `func f() { ch := make(chan int, 1); ch <- 1; <-ch }`, []string{"waits: receives from ch"}},
		{"a receive waits", `func f(ch chan int) { <-ch }`, []string{"waits: receives from ch"}},
		{"a select waits", `func f(a, b chan int) { select { case <-a: case b <- 1: } }`, []string{"waits: waits in a select to receive from a"}},
		{"a select with default does not", `func f(a chan int) { select { case <-a: default: } }`, nil},
		{"a select with a context ends with it", `func f(ctx context.Context, a chan int) { select { case a <- 1: case <-ctx.Done(): } }`,
			[]string{"waits: waits in a select to send on a, until ctx.Done()"}},
		{"a select with a timer ends with it", `func f(a chan int) { select { case <-a: case <-time.After(1): } }`,
			[]string{"waits: waits in a select to receive from a, until time.After()"}},
		{"a select with a variable of a context ends with it", `func f(ctx context.Context, a chan int) { done := ctx.Done(); select { case <-a: case <-done: } }`,
			[]string{"waits: waits in a select to receive from a, until ctx.Done()"}},
		{"a ticker delivers", `func f(t *time.Ticker) { <-t.C }`, []string{"waits: receives from t.C, until t.C"}},
		{"ranging over a channel waits", `func f(ch chan int) { for range ch {} }`, []string{"waits: ranges over ch"}},
		{"ranging over a slice does not", `func f(xs []int) { for range xs {} }`, nil},
		{"a group is waited for", `func f(wg *sync.WaitGroup) { wg.Wait() }`, []string{"waits: calls wg.Wait, which waits for the group"}},
		{"a condition is waited for", `func f(c *sync.Cond) { c.Wait() }`, []string{"waits: calls c.Wait, which waits for a signal"}},
		{"a sleep waits for time", `func f() { time.Sleep(1) }`, []string{"outside: calls time.Sleep, which sleeps"}},
		{"a func parameter is foreign", `func f(x int, g func()) { g() }`, []string{"foreign: calls g, param 1"}},
		{"a func field that others set is foreign", `func f(s *S) { s.cb() }`, []string{"foreign: calls s.cb"}},
		{"a method of an interface of others is foreign", `type I interface { Run() }; func f(i I) { i.Run() }`, []string{"foreign: calls i.Run"}},
		{"a clock is harmless", `func f(now func() time.Time) { now() }`, nil},
		{"close, Signal, Broadcast and Done are harmless", `func f(ch chan int, c *sync.Cond, wg *sync.WaitGroup) { close(ch); c.Signal(); c.Broadcast(); wg.Done() }`, nil},
		{"a cancel function is harmless", `func f(ctx context.Context) { _, cancel := context.WithCancel(ctx); cancel() }`, nil},
		{"taking a lock is not an act", `func f(s *S) { s.mu.Lock(); s.mu.Unlock() }`, nil},
		{"what is started is not done", `func f(ch chan int) { go func() { ch <- 1 }() }`, nil},
		{"what is stored is not done", `func f(s *S, ch chan int) { s.cb = func() { ch <- 1 } }`, nil},
		{"what a deferred call does is done", `func f(ch chan int) { defer func() { ch <- 1 }() }`, []string{"waits: sends on ch"}},
		{"what a literal called at once does is done", `func f(ch chan int) { func() { ch <- 1 }() }`, []string{"waits: sends on ch"}},
		{"what a synchronous function runs is done", `func f(xs []int, ch chan int) { sort.Slice(xs, func(i, j int) bool { ch <- 1; return true }) }`, []string{"waits: sends on ch"}},
		{"what waits goes before what is foreign and what is outside", `func f(ch chan int, g func()) { time.Sleep(1); g(); ch <- 1 }`,
			[]string{"waits: sends on ch", "foreign: calls g, param 1", "outside: calls time.Sleep, which sleeps"}},
		{"two of a kind are one", `func f(a, b chan int) { a <- 1; b <- 1 }`, []string{"waits: sends on a"}},
		{"reading from memory is no input", `func f(r *strings.Reader) { io.ReadAll(r) }`, nil},
		{"taking a slot waits", `func f(s *semaphore.Weighted, ctx context.Context) { s.Acquire(ctx, 1) }`,
			[]string{"waits: calls s.Acquire, which waits for the semaphore, until its context"}},
		{"an unreachable send is not done", `func f(ch chan int) { return; ch <- 1 }`, nil},
	})
}

func TestWhatAFunctionDoesThroughOthers(t *testing.T) {
	acts(t, []row{
		{"a callee's act with its name", `func g(ch chan int) { ch <- 1 }; func f(c chan int) { g(c) }`, []string{"waits: sends on ch, via g"}},
		{"a chain of calls", `func (s *S) h() { s.ch <- 1 }; func (s *S) g() { s.h() }; func f(s *S) { s.g() }`, []string{"waits: sends on s.ch, via (*S).g, via (*S).h"}},
		{"the nearest of two of a kind", `func h(ch chan int) { ch <- 1 }; func g(ch chan int) { h(ch) }; func f(a chan int) { g(a); h(a) }`, []string{"waits: sends on ch, via h"}},
		{"a function that is passed to one that calls it", `func g(x func()) { x() }; func h() { time.Sleep(1) }; func f() { g(h) }`,
			[]string{"outside: calls time.Sleep, which sleeps, via g, via h"}},
		{"a literal that is passed is part of the body", `func g(x func()) { x() }; func f(ch chan int) { g(func() { ch <- 1 }) }`, []string{"waits: sends on ch"}},
		{"a parameter that is passed on", `func g(x func()) { x() }; func f(n int, y func()) { g(y) }`, []string{"foreign: calls y, via g, param 1"}},
		{"a function that is passed to one that keeps it is not run", `var kept func(); func g(x func()) { kept = x }; func h(); func f() { g(h) }`, nil},
		{"a method value that is passed", `func g(x func()) { x() }; func (s *S) h() { s.ch <- 1 }; func f(s *S) { g(s.h) }`, []string{"waits: sends on s.ch, via g, via (*S).h"}},
		{"a recursive function", `func f(n int, ch chan int) { if n > 0 { f(n-1, ch) }; ch <- 1 }`, []string{"waits: sends on ch"}},
		{"functions that call each other", `func g(ch chan int) { if cond { f(ch) }; ch <- 1 }; func f(ch chan int) { if cond { g(ch) } }`, []string{"waits: sends on ch, via g"}},
		{"an interface whose implementations are all here", `type i interface { run() }; type a struct { ch chan int }; func (x a) run() { x.ch <- 1 }; func f(x i) { x.run() }`,
			[]string{"waits: sends on x.ch, via a.run"}},
		{"an interface with a harmless implementation", `type i interface { run() }; type a struct{}; func (a) run() {}; func f(x i) { x.run() }`, nil},
		{"a field whose values are all here", `type t struct { done func() }; func g() { time.Sleep(1) }; func mk() *t { return &t{done: g} }; func f(x *t) { x.done() }`,
			[]string{"outside: calls time.Sleep, which sleeps, via g"}},
		{"a field whose value is a literal", `type t struct { done func() }; func mk(ch chan int) *t { return &t{done: func() { ch <- 1 }} }; func f(x *t) { x.done() }`,
			[]string{"waits: sends on ch, via a function literal"}},
		{"a local variable of a function", `func g(ch chan int) { ch <- 1 }; func f(c chan int) { x := g; x(c) }`, []string{"waits: sends on ch, via g"}},
		{"a generic function", `func g[T any](ch chan T, v T) { ch <- v }; func f(c chan int) { g(c, 1); g[int](c, 2) }`, []string{"waits: sends on ch, via g"}},
		{"a method of a generic type", `type t[T any] struct { ch chan T }; func (x *t[T]) g(v T) { x.ch <- v }; func f(x *t[int]) { x.g(1) }`, []string{"waits: sends on x.ch, via (*t).g"}},
		{"a promoted method", `type t struct { *S }; func (s *S) g() { s.ch <- 1 }; func f(x t) { x.g() }`, []string{"waits: sends on s.ch, via (*S).g"}},
		{"a function that is only named is not run", `var kept func(); func g() { time.Sleep(1) }; func f() { kept = g }`, nil},
		{"once.Do runs its function", `func f(o *sync.Once, ch chan int) { o.Do(func() { ch <- 1 }) }`, []string{"waits: sends on ch"}},
		{"once.Do runs a named function", `func g() { time.Sleep(1) }; func f(o *sync.Once) { o.Do(g) }`, []string{"outside: calls time.Sleep, which sleeps, via g"}},
	})
}

func TestWhatIsHeldWhereAnActHappens(t *testing.T) {
	acts(t, []row{
		{"the caller's lock is released there", `func (s *S) f() { s.mu.Unlock(); s.ch <- 1; s.mu.Lock() }`, []string{"waits: sends on s.ch, without recv.mu"}},
		{"the caller's lock is released in a callee", `func (s *S) g() { s.mu.Unlock(); s.ch <- 1; s.mu.Lock() }; func f(s *S) { s.g() }`,
			[]string{"waits: sends on s.ch, via (*S).g, without arg0.mu"}},
		{"the caller is documented to hold the lock", `type t struct { mu sync.Mutex; ch chan int }; func (x *t) gLocked() { x.ch <- 1 }; func (x *t) f() { x.gLocked() }`,
			[]string{"waits: sends on x.ch, via (*t).gLocked, kept recv.mu"}},
		{"a documented caller's lock is released there", "type t struct { mu sync.Mutex; ch chan int }\n// f is called with x.mu held.\nfunc (x *t) f() { x.mu.Unlock(); x.ch <- 1; x.mu.Lock() }",
			[]string{"waits: sends on x.ch, without recv.mu"}},
		{"an act of one sort with and without the lock is two", `func (s *S) f() { s.ch <- 1; s.mu.Unlock(); s.ch <- 2; s.mu.Lock() }`,
			[]string{"waits: sends on s.ch", "waits: sends on s.ch, without recv.mu"}},
		{"a lock that nothing outside can name is left out", `func (s *S) f() { t := &S{}; t.mu.Unlock(); s.ch <- 1; t.mu.Lock() }`, []string{"waits: sends on s.ch"}},
	})
}

func TestActsOfOtherPackages(t *testing.T) {
	const near, far = "example.org/a", "github.com/other/lib"
	for _, r := range []struct {
		claim, lib, src string
		want            []string
	}{
		{"of the same project", near, `import l "example.org/a/lib"; func f(ch chan int) { l.Twice(ch) }`, []string{"waits: sends on ch, via lib.Twice, via lib.Once"}},
		{"of another project, what its functions do themselves", far, `import l "github.com/other/lib/lib"; func f(ch chan int) { l.Once(ch) }`, []string{"waits: sends on ch, via lib.Once"}},
		{"of another project, what a helper of theirs sends", far, `import l "github.com/other/lib/lib"; func f(ch chan int) { l.Twice(ch) }`, []string{"waits: sends on ch, via lib.Twice, via lib.Once"}},
		{"a method with its type", near, `import l "example.org/a/lib"; func f(x *l.T) { x.M() }`, []string{"waits: receives from t.c, via (*lib.T).M"}},
		{"an interface of another package", near, `import l "example.org/a/lib"; func f(x l.I) { x.Run() }`, []string{"foreign: calls x.Run"}},
		{"a callback that it runs", near, `import l "example.org/a/lib"; func g(ch chan int) func(); func f(ch chan int) { l.Call(func() { ch <- 1 }) }`, []string{"waits: sends on ch"}},
		{"a lock helper's effect", near, `import l "example.org/a/lib"; func f(x *l.T, ch chan int) { x.Unlock2(); ch <- 1; x.Lock2() }`, []string{"waits: sends on ch, without arg0.mu"}},
	} {
		t.Run(r.claim, func(t *testing.T) {
			p := program(t, check.Unit{Path: r.lib + "/lib", Src: `
				func Once(ch chan int) { ch <- 1 }
				func Twice(ch chan int) { Once(ch) }
				func Call(f func()) { f() }
				type I interface { Run() }
				type T struct { mu sync.Mutex; c chan int }
				func (t *T) M() { <-t.c }
				func (t *T) Lock2() { t.mu.Lock() }
				func (t *T) Unlock2() { t.mu.Unlock() }`},
				check.Unit{Path: "example.org/a/b", Src: "package b\n" + r.src})
			compare(t, actTexts(summaryOf(t, p, "f").Acts), r.want)
		})
	}
}

func TestPositionsStayInTheProcess(t *testing.T) {
	p := understand(t, `func g(ch chan int) { ch <- 1 }; func f(c chan int) { g(c) }`)
	for _, a := range summaryOf(t, p, "f").Acts {
		if !a.Pos().IsValid() || !a.Via[0].Pos().IsValid() {
			t.Errorf("%s: no position", a.What)
		}
	}
	for _, a := range decoded(t, summaryOf(t, p, "f")).Acts {
		if a.Pos().IsValid() || a.Via[0].Pos().IsValid() {
			t.Errorf("%s: a position in a fact", a.What)
		}
	}
}
