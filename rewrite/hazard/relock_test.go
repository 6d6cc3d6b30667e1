package hazard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A faultRow is one claim about the faults of a source.
type faultRow struct {
	claim, src string
	want       []string
}

// testFaults compares the faults of some sorts with what is wanted, levels and
// messages.
func testFaults(t *testing.T, rows []faultRow, sorts ...hazard.FaultSort) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for _, f := range hazard.Faults(summary.Analyze(check.Package(t, object+r.src), nil)) {
				if !slices.Contains(sorts, f.Sort) {
					continue
				}
				text := f.Level.String() + ": " + f.What
				if f.Why != "" {
					text += " (" + f.Why + ")"
				}
				got = append(got, text)
			}
			if !slices.Equal(got, r.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(r.want, "\n  "))
			}
		})
	}
}

func TestWhatIsLockedAgain(t *testing.T) {
	const g = `func (s *S) g() { s.mu.Lock(); s.mu.Unlock() };`
	const r = `func (s *S) g() { s.rw.RLock(); s.rw.RUnlock() };`
	testFaults(t, []faultRow{
		{"the lock itself", `func (s *S) f() { s.mu.Lock(); s.mu.Lock() }`, []string{"deadlock: s.mu is locked again"}},
		{"by another name", `func (s *S) f() { mu := &s.mu; mu.Lock(); s.mu.Lock() }`, []string{"deadlock: mu is locked again"}},
		{"in a branch", `func (s *S) f() { s.mu.Lock(); if cond { s.mu.Lock() } }`, []string{"deadlock: s.mu is locked again"}},
		{"down a call", g + `func (s *S) f() { s.mu.Lock(); s.g(); s.mu.Unlock() }`, []string{"deadlock: call of s.g locks s.mu again"}},
		{"down two calls", g + `func (s *S) h() { s.g() }; func (s *S) f() { s.mu.Lock(); s.h(); s.mu.Unlock() }`, []string{"deadlock: call of s.h locks s.mu again"}},
		{"when it returns", g + `func (s *S) f() { s.mu.Lock(); defer s.mu.Unlock(); defer s.g() }`, []string{"deadlock: call of s.g locks s.mu again"}},
		{"after it was released", g + `func (s *S) f() { s.mu.Lock(); s.mu.Unlock(); s.g() }`, nil},
		{"by a callee that may", `func (s *S) g() { if cond { s.mu.Lock(); s.mu.Unlock() } }; func (s *S) f() { s.mu.Lock(); s.g(); s.mu.Unlock() }`,
			[]string{"hazard: call of s.g locks s.mu again (unless a branch on the way is not taken)"}},
		{"by a callee that may, far down", `func (s *S) g() { if cond { s.mu.Lock(); s.mu.Unlock() } }; func (s *S) h() { s.g() }; func (s *S) i() { s.h() }; func (s *S) f() { s.mu.Lock(); s.i(); s.mu.Unlock() }`,
			[]string{"contention: call of s.i locks s.mu again (some branch on the way may not be taken)"}},
		{"by a callee that is told to", `func (s *S) g(lock bool) { if lock { s.mu.Lock(); s.mu.Unlock() } }; func (s *S) f() { s.mu.Lock(); s.g(false); s.mu.Unlock() }`,
			[]string{"contention: call of s.g locks s.mu again (an argument says whether it is taken)"}},
		{"held on some paths", `func (s *S) f() { if cond { s.mu.Lock() }; s.mu.Lock() }`, []string{"contention: s.mu is locked again (s.mu is held on some paths only)"}},
		{"held by a caller that nobody sees", g + `func (s *S) fLocked() { s.g() }`, nil},
		{"held by the caller's caller", g + `func (s *S) fLocked() { s.g() }; func (s *S) h() { s.mu.Lock(); s.fLocked(); s.mu.Unlock() }`, []string{"deadlock: call of s.fLocked locks s.mu again"}},
		{"held by a helper that may", `func (s *S) begin() error { if cond { return errors.New("x") }; s.mu.Lock(); return nil }; func (s *S) f() { if err := s.begin(); err != nil { return }; s.mu.Lock() }`,
			[]string{"contention: s.mu is locked again (s.mu is held on some paths only)"}},
		{"given back by a function that does so once", g + `func once(l sync.Locker) func() { var o sync.Once; return func() { o.Do(l.Unlock) } }; func (s *S) f() { unlock := once(&s.mu); s.mu.Lock(); defer unlock(); unlock(); s.g() }`, nil},
		{"not given back by it yet", g + `func once(l sync.Locker) func() { var o sync.Once; return func() { o.Do(l.Unlock) } }; func (s *S) f() { unlock := once(&s.mu); s.mu.Lock(); defer unlock(); s.g() }`, []string{"deadlock: call of s.g locks s.mu again"}},
		{"of another variable", `func (s *S) f() { for s != nil { s.mu.Lock(); next := s; s = newS(); s.mu.Lock(); next.mu.Unlock() } }; func newS() *S { return nil }`, nil},
		{"of each element", `func f(all []*S) { for _, s := range all { s.mu.Lock() } }`, nil},
		{"of an element by its index", `func f(all []*S, i, j int) { all[i].mu.Lock(); all[j].mu.Lock() }`, nil},
		{"a lock of their own", `type L struct{}; func (*L) Lock() {}; func (*L) Unlock() {}; func f(l *L) { l.Lock(); l.Lock() }`, []string{"contention: l is locked again (whether it can be taken twice is not known)"}},
		{"a lock behind an interface", `func f(l sync.Locker) { l.Lock(); l.Lock() }`, []string{"hazard: l is locked again (whether it can be taken twice is not known)"}},
		{"read for writing", `func (s *S) f() { s.rw.RLock(); s.rw.Lock() }`, []string{"deadlock: s.rw is locked for writing while it is held for reading"}},
		{"write for reading", r + `func (s *S) f() { s.rw.Lock(); s.g(); s.rw.Unlock() }`, []string{"deadlock: call of s.g locks s.rw again"}},
		{"read in read", r + `func (s *S) w() { s.rw.Lock(); s.rw.Unlock() }; func (s *S) f() { s.rw.RLock(); s.g(); s.rw.RUnlock() }`,
			[]string{"hazard: call of s.g locks s.rw for reading again (a writer that waits in between lets no reader in, and waits for this one)"}},
		{"read in read that nobody writes", r + `func (s *S) f() { s.rw.RLock(); s.g(); s.rw.RUnlock() }`,
			[]string{"contention: call of s.g locks s.rw for reading again (nobody locks it for writing)"}},
		{"a once in itself", `func (s *S) f() { s.once.Do(func() { s.once.Do(func() {}) }) }`, []string{"deadlock: s.once is run again inside itself"}},
		{"a once in its method", `func (s *S) g() { s.f() }; func (s *S) f() { s.once.Do(s.g) }`, []string{"deadlock: call of s.once.Do runs s.once again inside itself"}},
		{"a once after itself", `func (s *S) f() { s.once.Do(func() {}); s.once.Do(func() {}) }`, nil},
	}, hazard.Relocked, hazard.Reread, hazard.Upgraded, hazard.OnceInside, hazard.LockedForUnlock)
}

func TestWhatMayBeTheSameObject(t *testing.T) {
	testFaults(t, []faultRow{
		{"receiver and parameter", `func (s *S) f(o *S) { s.mu.Lock(); o.mu.Lock(); s.cb = o.cb }`, []string{"hazard: o.mu is locked while s.mu is held (the same lock if o is s)"}},
		{"receiver and parameter, down a call", `func (s *S) g() { s.mu.Lock(); s.cb = nil; s.mu.Unlock() }; func (s *S) f(o *S) { s.mu.Lock(); s.cb = nil; o.g() }`, []string{"hazard: call of o.g locks o.mu while s.mu is held (the same lock if o is s)"}},
		{"used in different ways", `func (s *S) f(o *S) { s.mu.Lock(); o.mu.Lock(); s.cb = nil; o.sink = nil }`, []string{"contention: o.mu is locked while s.mu is held (it does not do the same with o as with s)"}},
		{"compared first", `func (s *S) f(o *S) { if s == o { return }; s.mu.Lock(); o.mu.Lock(); s.cb = o.cb }`, []string{"contention: o.mu is locked while s.mu is held (o is compared with s)"}},
		{"compared after", `func (s *S) f(o *S) bool { s.mu.Lock(); o.mu.Lock(); s.cb = o.cb; return s == o }`, []string{"hazard: o.mu is locked while s.mu is held (the same lock if o is s)"}},
		{"two locks of two objects", `func (s *S) f(o *S) { s.mu.Lock(); o.nu.Lock(); s.cb = o.cb }`, nil},
		{"another object behind it", `type T struct { mu sync.Mutex; up *T; n int }; func (t *T) f() { t.mu.Lock(); t.up.mu.Lock(); t.n = t.up.n }`, nil},
		{"a copy", `func f(s, o S) { s.mu.Lock(); o.mu.Lock(); s.cb = o.cb }`, nil},
		{"read in read that nobody writes", `func (s *S) f(o *S) { s.rw.RLock(); o.rw.RLock(); s.cb = o.cb }`, []string{"contention: o.rw is locked while s.rw is held (nobody locks it for writing)"}},
	}, hazard.SameObject)
}
