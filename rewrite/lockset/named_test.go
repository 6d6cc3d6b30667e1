package lockset_test

import (
	"go/ast"
	"testing"

	"github.com/lockfix/lockfix/rewrite/lockset"
)

func TestHeldThroughHelpers(t *testing.T) {
	run(t, []row{
		{"lock and unlock helpers act for their caller", `
			func (s *S) lock() { s.mu.Lock() }
			func (s *S) unlock() { s.mu.Unlock() }
			func (s *S) g() { s.lock(); at("s.mu"); s.unlock(); at("") }`},
		{"a helper names the lock in its caller's terms", `
			func lock(s *S) { s.mu.Lock() }
			func (s *S) g() { lock(s.next); at("s.next.mu") }`},
		{"a helper of a helper acts for both", `
			func (s *S) lock() { s.mu.Lock() }
			func (s *S) lock2() { s.lock() }
			func (s *S) g() { s.lock2(); at("s.mu") }`},
		{"a helper that balances changes nothing", `
			func (s *S) h() { s.mu.Lock(); defer s.mu.Unlock() }
			func (s *S) g() { s.h(); at("") }`},
		{"a helper that unlocks and relocks changes nothing", `
			func (s *S) h() { s.mu.Unlock(); f(); s.mu.Lock() }
			func (s *S) g() { s.mu.Lock(); s.h(); at("s.mu") }`},
		{"a helper that locks on some paths without telling changes nothing", `
			func (s *S) h() { if cond { s.mu.Lock() } }
			func (s *S) g() { s.h(); at("") }`},
		{"a returned unlock function unlocks when it is called", `
			func (s *S) lock() func() { s.mu.Lock(); return func() { s.mu.Unlock() } }
			func (s *S) g() { unlock := s.lock(); at("s.mu"); unlock(); at("") }`},
		{"a returned unlock function unlocks when it is deferred", `
			func (s *S) lock() func() { s.mu.Lock(); return func() { s.mu.Unlock() } }
			func (s *S) g() { defer at(""); unlock := s.lock(); defer unlock(); at("s.mu") }`},
		{"a returned method value unlocks", `
			func (s *S) lock() func() { s.mu.Lock(); return s.mu.Unlock }
			func (s *S) g() { unlock := s.lock(); at("s.mu"); unlock(); at("") }`},
		{"the second result may be the unlock function", `
			func (s *S) lock() (int, func()) { s.mu.Lock(); return 1, s.mu.Unlock }
			func (s *S) g() { _, unlock := s.lock(); at("s.mu"); unlock(); at("") }`},
		{"a method value unlocks", `
			func (s *S) g() { s.mu.Lock(); unlock := s.mu.Unlock; at("s.mu"); unlock(); at("") }`},
		{"a method value locks", `
			func (s *S) g() { lock := s.mu.Lock; lock(); at("s.mu") }`},
		{"a helper that may fail holds where its error is nil", `
			func (s *S) lock() error { if cond { return errors.New("x") }; s.mu.Lock(); return nil }
			func (s *S) g() { if err := s.lock(); err != nil { at(""); return }; at("s.mu") }`},
		{"a helper that may fail holds where its tested call is nil", `
			func (s *S) lock() error { if cond { return errors.New("x") }; s.mu.Lock(); return nil }
			func (s *S) g() { if s.lock() != nil { at(""); return }; at("s.mu") }`},
		{"a helper that releases the caller's lock", `
			func (s *S) h() { s.mu.Unlock(); f() }
			func (s *S) g() { s.mu.Lock(); s.h(); at("") }`},
		{"helpers that call each other settle", `
			func (s *S) a(n int) { if n > 0 { s.b(n) }; s.mu.Lock() }
			func (s *S) b(n int) { s.a(n-1); s.mu.Unlock() }
			func (s *S) g() { s.a(3); at("s.mu") }`},
		{"a wrapper's Lock is the lock that it takes", `
			type W struct{ in sync.Mutex }
			func (w *W) Lock() { w.in.Lock() }
			func (w *W) Unlock() { w.in.Unlock() }
			func g(w *W) { w.Lock(); at("w.in"); w.Unlock(); at("") }`},
		{"a lock with methods without code is known by its shape", `
			type W struct{ n int }
			func (w *W) Lock()
			func (w *W) Unlock()
			func g(w *W) { w.Lock(); at("w"); w.Unlock(); at("") }`},
	})
}

func TestNamesOfLocks(t *testing.T) {
	run(t, []row{
		{"a lock for reading and the same for writing", `
			func (s *S) g() { s.rw.RLock(); at("s.rw/r"); s.rw.RUnlock(); at(""); s.rw.Lock(); at("s.rw"); s.rw.Unlock(); at("") }`},
		{"a lock for reading on one path and for writing on the other is one for writing", `
			func (s *S) g() { if cond { s.rw.RLock() } else { s.rw.Lock() }; at("s.rw") }`},
		{"an embedded lock is named by its struct", `
			type E struct { sync.Mutex }
			func g(e *E) { e.Lock(); at("e"); e.Mutex.Unlock(); at("") }`},
		{"a lock embedded by pointer", `
			type E struct { *sync.Mutex }
			func g(e *E) { e.Lock(); at("e"); e.Unlock(); at("") }`},
		{"a lock embedded two levels down", `
			type E struct { sync.RWMutex }
			type D struct { E }
			func g(d *D) { d.RLock(); at("d/r"); d.E.RUnlock(); at("") }`},
		{"a promoted field", `
			type D struct { *S }
			func g(d *D) { d.mu.Lock(); at("d.mu"); d.S.mu.Unlock(); at("") }`},
		{"a sync.Locker", `
			func g(l sync.Locker) { l.Lock(); at("l"); l.Unlock(); at("") }`},
		{"the lock of a condition", `
			func g(c *sync.Cond) { c.L.Lock(); at("c.L"); c.Wait(); at("c.L"); c.L.Unlock(); at("") }`},
		{"a package-level lock", `
			var global sync.Mutex
			func lock() { global.Lock() }
			func g() { lock(); at("global"); global.Unlock(); at("") }`},
		{"a lock of a package-level struct", `
			var global struct { sync.Mutex; n int }
			func g() { global.Lock(); at("global"); global.Unlock(); at("") }`},
		{"a local lock", `
			func g() { var mu sync.Mutex; mu.Lock(); at("mu"); mu.Unlock(); at("") }`},
		{"a pointer to a lock is the lock", `
			func (s *S) g() { mu := &s.mu; mu.Lock(); at("mu"); s.mu.Unlock(); at("") }`},
		{"another name of an object is the object", `
			func (s *S) g() { t := s; t.mu.Lock(); at("t.mu"); s.mu.Unlock(); at("") }`},
		{"a copy of a struct is another object", `
			func (s *S) g() { c := *s; c.mu.Lock(); at("c.mu"); s.mu.Lock(); at("c.mu s.mu") }`},
		{"two objects of one type have two locks", `
			func g(s, t *S) { s.mu.Lock(); at("s.mu"); t.mu.Lock(); at("s.mu t.mu"); s.mu.Unlock(); at("t.mu") }`},
		{"a variable of an inner scope is another one", `
			func g(s, t *S) { s.mu.Lock(); { s := t; s.mu.Lock(); at("s.mu s.mu"); s.mu.Unlock() }; at("s.mu") }`},
		{"a type assertion leaves the object the same", `
			func g(x any) { x.(*S).mu.Lock(); s := x.(*S); at("x.(*S).mu"); x.(*S).mu.Unlock(); at(""); _ = s }`},
		{"a lock of a generic type", `
			type G[T any] struct { mu sync.Mutex; v T }
			func (g *G[T]) lock() { g.mu.Lock() }
			func (g *G[T]) m() { g.lock(); at("g.mu"); g.mu.Unlock(); at("") }
			func h(x *G[int]) { x.lock(); at("x.mu"); x.mu.Unlock(); at("") }`},
		{"a lock behind a type parameter", `
			func g[L sync.Locker](l L) { l.Lock(); at("l"); l.Unlock(); at("") }`},
		{"a generic helper", `
			func lock[T any](s *S, v T) { s.mu.Lock() }
			func g(s *S) { lock(s, 1); at("s.mu"); s.mu.Unlock(); lock[string](s, ""); at("s.mu") }`},
	})
}

func TestPathsThroughIndexesAreNotStable(t *testing.T) {
	for _, r := range []struct {
		claim, src string
		stable     bool
	}{
		{"a field", `func (s *S) g() { s.mu.Lock() }`, true},
		{"a field of a pointer held in a field", `func (s *S) g() { s.next.mu.Lock() }`, true},
		{"an alias", `func (s *S) g() { mu := &s.mu; mu.Lock() }`, true},
		{"an element of a map", `func (s *S) g() { s.m[1].mu.Lock() }`, false},
		{"an element of a slice", `func g(s []S, i int) { s[i].mu.Lock() }`, false},
		{"the result of a call", `func get() *S; func g() { get().mu.Lock() }`, false},
		{"a variable that is assigned twice", `func g(s, t *S) { if cond { s = t }; s.mu.Lock() }`, false},
		{"a parameter", `func g(mu *sync.Mutex) { mu.Lock() }`, true},
		{"a lock that was copied into a variable", `func g() { var mu sync.Mutex; p := &mu; p.Lock() }`, true},
	} {
		t.Run(r.claim, func(t *testing.T) {
			b := bodyOf(t, understand(t, r.src))
			if len(b.Sections) != 1 {
				t.Fatalf("got %d sections, want 1", len(b.Sections))
			}
			if got := b.Sections[0].Acquire.Resource.Stable; got != r.stable {
				t.Errorf("Stable = %v, want %v", got, r.stable)
			}
		})
	}
}

func TestElementsAreToldApartByTheirIndex(t *testing.T) {
	run(t, []row{
		{"one index is one object", `
			func g(s []S, i int) { s[i].mu.Lock(); at("s[i].mu"); s[i].mu.Unlock(); at("") }`},
		{"two indexes are two objects", `
			func g(s []S, i, j int) { s[i].mu.Lock(); s[j].mu.Lock(); at("s[i].mu s[j].mu") }`},
		{"an element taken out by value is the pointer's object", `
			func (s *S) g() { e := s.m[1]; e.mu.Lock(); at("e.mu"); e.mu.Unlock(); at("") }`},
	})
}

func TestCallersHold(t *testing.T) {
	run(t, []row{
		{"a name that ends in Locked says that the caller holds the lock", `
			func (s *S1) fLocked() { at("s.mu") }
			type S1 struct { mu sync.Mutex }`},
		{"of several locks none is chosen by a name", `
			func (s *S) fLocked() { at("") }`},
		{"the comment names the lock", `
			// run does it. s.nu must be held.
			func (s *S) run() { at("s.nu") }`},
		{"the comment says that the caller holds the only lock", `
			type S1 struct { mu sync.Mutex }
			// run does it. The caller must hold the lock.
			func (s *S1) run() { at("s.mu") }`},
		{"the comment says that it is called with the mutex held", `
			type S1 struct { mu sync.Mutex }
			// run is called with mu held.
			func (s *S1) run() { at("s.mu") }`},
		{"the comment says that the caller must not hold the lock", `
			type S1 struct { mu sync.Mutex }
			// run must not be called with the lock held.
			func (s *S1) run() { at("") }`},
		{"the comment says that it takes the lock", `
			type S1 struct { mu sync.Mutex }
			// run acquires the lock, so callers need not hold it.
			func (s *S1) run() { at("") }`},
		{"a function that asks whether it is locked holds nothing", `
			type S1 struct { mu sync.Mutex }
			func (s *S1) isLocked() { at("") }`},
		{"a function that takes the lock itself is not called with it", `
			type S1 struct { mu sync.Mutex }
			func (s *S1) fLocked() { at(""); s.mu.Lock(); at("s.mu"); s.mu.Unlock() }`},
		{"a function that unlocks and relocks is called with it", `
			type S1 struct { mu sync.Mutex }
			func (s *S1) fLocked() { at("s.mu"); s.mu.Unlock(); at("-s.mu"); s.mu.Lock(); at("s.mu") }`},
		{"what all callers hold a hidden function starts with", `
			func (s *S) h() { at("s.mu"); s.n++ }
			func (s *S) g() { s.mu.Lock(); s.h(); s.mu.Unlock() }
			func (s *S) g2() { s.mu.Lock(); defer s.mu.Unlock(); s.h() }`},
		{"a function that uses nothing that the lock may guard is no part of its callers' sections", `
			func (s *S) h() { at("") }
			func (s *S) g() { s.mu.Lock(); s.h(); s.mu.Unlock() }`},
		{"one that calls what starts with the lock is", `
			type T struct { mu sync.Mutex }
			func (s *T) hLocked() {}
			func (s *T) h() { at("s.mu"); s.hLocked() }
			func (s *T) g() { s.mu.Lock(); s.h(); s.mu.Unlock() }`},
		{"one that uses only what never changes is not", `
			type T struct { mu sync.Mutex; name string }
			func newT(name string) *T { return &T{name: name} }
			func (s *T) h() { at(""); println(s.name) }
			func (s *T) g() { s.mu.Lock(); s.h(); s.mu.Unlock() }`},
		{"what one caller does not hold a function does not start with", `
			func (s *S) h() { at(""); s.n++ }
			func (s *S) g() { s.mu.Lock(); s.h(); s.mu.Unlock() }
			func (s *S) g2() { s.h() }`},
		{"what callers hold is handed down", `
			func (s *S) h() { at("s.mu"); s.n++ }
			func (s *S) h1() { s.h(); s.n++ }
			func (s *S) g() { s.mu.Lock(); s.h1(); s.mu.Unlock() }`},
		{"an exported function has callers that are not seen", `
			func (s *S) H() { at(""); s.n++ }
			func (s *S) g() { s.mu.Lock(); s.H(); s.mu.Unlock() }`},
		{"a function that is passed on has callers that are not seen", `
			var kept = (*S).h
			func (s *S) h() { at(""); s.n++ }
			func (s *S) g() { s.mu.Lock(); s.h(); s.mu.Unlock() }`},
		{"a function that is started holds nothing", `
			func (s *S) h() { at(""); s.n++ }
			func (s *S) g() { s.mu.Lock(); go s.h(); s.mu.Unlock() }`},
		{"a parameter's lock is named by the parameter", `
			func h(t *S) { at("t.mu"); t.n++ }
			func (s *S) g() { s.mu.Lock(); h(s); s.mu.Unlock() }`},
		{"a recursive call holds what the first one did", `
			func (s *S) h(n int) { at("s.mu"); s.n++; if n > 0 { s.h(n-1) } }
			func (s *S) g() { s.mu.Lock(); s.h(3); s.mu.Unlock() }`},
		{"a literal in a function whose caller holds the lock starts free", `
			type S1 struct { mu sync.Mutex }
			func (s *S1) fLocked() { at("s.mu"); go func() { at("") }() }`},
	})
}

func TestSayingWhyTheCallerHolds(t *testing.T) {
	for _, r := range []struct{ claim, src, why string }{
		{"by its name", `type T struct { mu sync.Mutex }; func (s *T) gLocked() {}`, "the name of gLocked says that its caller holds it"},
		{"by its comment", "type T struct { mu sync.Mutex }\n// g does it. The caller must hold s.mu.\nfunc (s *T) g() {}", "the comment of g says that its caller holds it"},
		{"by its callers", `func (s *S) h() { s.mu.Lock(); s.g(); s.mu.Unlock() }; func (s *S) g() { s.n++ }`, "all callers of g hold it"},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []lockset.Held
			for _, b := range understand(t, r.src).Bodies() {
				if fd, ok := b.Fn.(*ast.FuncDecl); ok && fd.Name.Name[0] == 'g' {
					got = append(got, b.Entry...)
				}
			}
			if len(got) != 1 || got[0].Caller != r.why {
				t.Errorf("entry %v, want one with %q", got, r.why)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	run(t, []row{
		{"a weighted semaphore is held where the error is nil", `
			func (s *S) g(ctx context.Context) error {
				if err := s.sem.Acquire(ctx, 1); err != nil { at(""); return err }
				at("s.sem"); s.sem.Release(1); at(""); return nil }`},
		{"a weighted semaphore whose error is dropped is taken to be held", `
			func (s *S) g(ctx context.Context) { s.sem.Acquire(ctx, 1); at("s.sem"); s.sem.Release(1); at("") }`},
		{"an attempt at a weighted semaphore is held where it is true", `
			func (s *S) g() { if s.sem.TryAcquire(1) { at("s.sem"); s.sem.Release(1) }; at("") }`},
		{"an error tested in a switch tells", `
			func (s *S) g(ctx context.Context) { err := s.sem.Acquire(ctx, 1); switch { case err != nil: at(""); default: at("s.sem") } }`},
		{"a goroutine takes over the token that it gives back", `
			func (s *S) g(ctx context.Context) {
				s.sem.Acquire(ctx, 1); at("s.sem")
				go func() { defer s.sem.Release(1); at("s.sem") }()
				at("") }`},
		{"a goroutine of a group takes over the token that it gives back", `
			func (s *S) g(ctx context.Context, e *errgroup.Group) {
				s.sem.Acquire(ctx, 1)
				e.Go(func() error { defer s.sem.Release(1); at("s.sem"); return nil })
				at("") }`},
		{"a started function takes over the token that it gives back", `
			func (s *S) work() { defer func() { <-s.slots }(); f() }
			func (s *S) h() { s.slots <- struct{}{}; <-s.slots }
			func (s *S) g() { s.slots <- struct{}{}; at("s.slots"); go s.work(); at("") }`},
		{"a lock is not handed to a goroutine", `
			func (s *S) g() { s.mu.Lock(); go func() { at(""); s.mu.Unlock() }(); at("s.mu") }`},
		{"a channel that is sent to first is a semaphore that sending takes", `
			func (s *S) g() { s.slots <- struct{}{}; at("s.slots"); <-s.slots; at("") }`},
		{"a deferred receive gives it back", `
			func (s *S) g() { defer at(""); s.slots <- struct{}{}; defer func() { <-s.slots }(); at("s.slots") }`},
		{"a channel that is received from first is a semaphore that receiving takes", `
			type P struct { free chan struct{} }
			func newP() *P { p := &P{free: make(chan struct{}, 4)}; return p }
			func (p *P) g() { <-p.free; at("p.free"); p.free <- struct{}{}; at("") }`},
		{"a select takes a slot in the clause that sends", `
			func (s *S) g(ctx context.Context) {
				select { case s.slots <- struct{}{}: at("s.slots"); case <-ctx.Done(): at(""); return }
				at("s.slots"); <-s.slots }`},
		{"a goroutine takes over a slot that it gives back", `
			func (s *S) g() { s.slots <- struct{}{}; go func() { defer func() { <-s.slots }(); at("s.slots") }(); at("") }`},
		{"a select may give a slot back", `
			func (s *S) g() { s.slots <- struct{}{}; select { case <-s.slots: at(""); case <-s.ch: at("s.slots") } }`},
		{"a channel without room is no semaphore", `
			func (s *S) g(done chan struct{}) { ch := make(chan struct{}); go f(); ch <- struct{}{}; at(""); <-ch }`},
		{"a channel of values is no semaphore", `
			func (s *S) g() { s.ch <- 1; at(""); <-s.ch }`},
		{"helpers take and give back a slot for their caller", `
			func (s *S) enter() { s.slots <- struct{}{} }
			func (s *S) leave() { <-s.slots }
			func (s *S) h() { s.slots <- struct{}{}; <-s.slots }
			func (s *S) g() { s.enter(); at("s.slots"); s.leave(); at("") }`},
		{"a token that came with an item is held until it is given back", `
			type Token struct{ n int }
			func (t *Token) Release()
			type item struct { v int; token *Token }
			func g(in chan item) { for it := range in { at("it.token"); it.token.Release(); at("") } }`},
		{"a token that came with a received item", `
			type Token struct{ n int }
			func (t *Token) Release()
			type item struct { v int; token *Token }
			func g(in chan item) { it := <-in; at("it.token"); it.token.Release(); at("") }`},
		{"a token that came with an item of a select is held in its clause", `
			type Token struct{ n int }
			func (t *Token) Release()
			type item struct { v int; token *Token }
			func g(in chan item, done chan int) { select { case it := <-in: at("it.token"); it.token.Release(); at(""); case <-done: at("") }; at("") }`},
		{"a token that a call hands out", `
			type Permit struct{ n int }
			func (p *Permit) Release()
			func take() *Permit { return &Permit{} }
			func g() { p := take(); at("p"); p.Release(); at("") }`},
		{"a token that a call may fail to hand out", `
			type Permit struct{ n int }
			func (p *Permit) Release()
			func take() (*Permit, error) { return &Permit{}, nil }
			func g() error { p, err := take(); if err != nil { at(""); return err }; at("p"); defer p.Release(); return nil }`},
	})
}
