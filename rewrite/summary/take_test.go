package summary_test

import (
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// lockText says how a function takes a lock.
func lockText(l summary.Lock) string {
	words := []string{refText(l.Ref)}
	add := func(word string, is bool) {
		if is {
			words = append(words, word)
		}
	}
	add("read", l.Mode == syncapi.Read)
	add("try", l.Try)
	add("must", l.Must)
	add("asked", l.Asked)
	add("deep", l.Deep)
	for _, f := range l.Via {
		words = append(words, "via "+f.Func)
	}
	for _, r := range l.Dropped {
		words = append(words, "without "+refText(r))
	}
	return strings.Join(words, " ")
}

func TestHowAFunctionTakesALock(t *testing.T) {
	const g = `func (s *S) g() { s.mu.Lock(); s.mu.Unlock() };`
	for _, r := range []row{
		{"on every path", `func (s *S) f() { s.mu.Lock(); s.mu.Unlock() }`, []string{"recv.mu must"}},
		{"in a branch", `func (s *S) f() { if cond { s.mu.Lock(); s.mu.Unlock() } }`, []string{"recv.mu"}},
		{"in a condition", g + `func (s *S) h() bool { s.g(); return true }; func (s *S) f() { if s.h() { println() } }`, []string{"recv.mu must via (*S).h via (*S).g"}},
		{"behind && only", g + `func (s *S) h() bool { s.g(); return true }; func (s *S) f() { if cond && s.h() { println() } }`, []string{"recv.mu via (*S).h via (*S).g"}},
		{"in an else", g + `func (s *S) h() bool { s.g(); return true }; func (s *S) f() { if cond { println() } else if s.h() { println() } }`, []string{"recv.mu via (*S).h via (*S).g"}},
		{"in a loop", `func (s *S) f() { for cond { s.mu.Lock(); s.mu.Unlock() } }`, []string{"recv.mu"}},
		{"after each round of a loop", g + `func (s *S) h() int { s.g(); return 1 }; func (s *S) f() { for i := 0; i < 3; i += s.h() { println() } }`, []string{"recv.mu via (*S).h via (*S).g"}},
		{"in a case", `func (s *S) f() { switch { case cond: s.mu.Lock(); s.mu.Unlock() } }`, []string{"recv.mu"}},
		{"behind a return", `func (s *S) f() { if cond { return }; s.mu.Lock(); s.mu.Unlock() }`, []string{"recv.mu"}},
		{"in a literal", `func (s *S) f() { func() { s.mu.Lock(); s.mu.Unlock() }() }`, []string{"recv.mu"}},
		{"when it returns", g + `func (s *S) f() { defer s.g(); println() }`, []string{"recv.mu must via (*S).g"}},
		{"if a parameter says so", `func (s *S) f(lock bool) { if lock { s.mu.Lock(); s.mu.Unlock() } }`, []string{"recv.mu asked"}},
		{"unless a parameter says so", `func (s *S) f(no bool) { if no { return }; s.mu.Lock(); s.mu.Unlock() }`, []string{"recv.mu asked"}},
		{"for one value of a parameter", `func (s *S) f(n int) { switch n { case 1: s.mu.Lock(); s.mu.Unlock() } }`, []string{"recv.mu asked"}},
		{"if a callee's argument says so", `func (s *S) g(lock bool) { if lock { s.mu.Lock(); s.mu.Unlock() } }; func (s *S) f() { s.g(true) }`, []string{"recv.mu asked via (*S).g"}},
		{"by trying", `func (s *S) f() { if s.mu.TryLock() { s.mu.Unlock() } }`, []string{"recv.mu try must"}},
		{"for reading", `func (s *S) f() { s.rw.RLock(); s.rw.RUnlock() }`, []string{"recv.rw read must"}},
		{"through a callee", g + `func (s *S) f() { s.g() }`, []string{"recv.mu must via (*S).g"}},
		{"the nearest way", g + `func (s *S) h() { s.g() }; func (s *S) f() { s.h(); s.g() }`, []string{"recv.mu must via (*S).g"}},
		{"without another one", `func (s *S) f() { s.nu.Unlock(); s.mu.Lock(); s.mu.Unlock(); s.nu.Lock() }`, []string{"recv.mu must without recv.nu", "recv.nu must without recv.nu"}},
		{"without another one, down a call", g + `func (s *S) h() { s.nu.Unlock(); s.g(); s.nu.Lock() }; func (s *S) f() { s.h() }`, []string{"recv.mu must via (*S).h via (*S).g without recv.nu", "recv.nu must via (*S).h without recv.nu"}},
		{"in a function that it gives away to be run", g + `func (s *S) f() { once.Do(s.g) }; var once sync.Once`, []string{"recv.mu must via (*S).g"}},
		{"of whichever receiver a method was bound to", g + `type K struct { cb func() }; func newK(s *S) *K { return &K{cb: s.g} }; func (k *K) f() { k.cb() }`, []string{"nowhere via (*S).g"}},
		{"of the type behind an interface", `type I interface { g() }; ` + g + `func f(x I) { x.g() }`, []string{"arg0.(p.S).mu must via (*S).g"}},
		{"of the type behind an interface, with a value of it", `type I interface { g() }; ` + g + `func h(x I) { x.g() }; func (s *S) f() { h(s) }`, []string{"recv.mu must via h via (*S).g"}},
		{"of the type behind an interface, with a value of another one", `type I interface { g() }; ` + g + `type T struct { mu sync.Mutex }; func (t *T) g() {}; func h(x I) { x.g() }; func (t *T) f() { h(t) }`, []string{"nowhere via h via (*S).g"}},
		{"of the type behind an interface in a field", `type I interface { g() }; type W struct { in I }; ` + g + `func (w *W) f() { w.in.g() }`, []string{"recv.in.(p.S).mu must via (*S).g"}},
		{"in a cycle of calls", `func (s *S) g() { s.mu.Lock(); s.mu.Unlock(); s.f() }; func (s *S) f() { s.g() }`, []string{"recv.mu must via (*S).g"}},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for _, l := range summaryOf(t, understand(t, r.src), "f").Locks {
				got = append(got, lockText(l))
			}
			compare(t, got, r.want)
		})
	}
}

func TestWhichOncesAFunctionRuns(t *testing.T) {
	for _, r := range []row{
		{"its own", `type O struct { once sync.Once }; func (o *O) f() { o.once.Do(func() {}) }`, []string{"recv.once must"}},
		{"with a method", `type O struct { once sync.Once }; func (o *O) g() {}; func (o *O) f() { o.once.Do(o.g) }`, []string{"recv.once must"}},
		{"a callee's", `type O struct { once sync.Once }; func (o *O) g() { o.once.Do(func() {}) }; func (o *O) f() { o.g() }`, []string{"recv.once must via (*O).g"}},
		{"no lock", `func (s *S) f() { s.mu.Lock(); s.mu.Unlock() }`, nil},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for _, l := range summaryOf(t, understand(t, r.src), "f").Onces {
				got = append(got, lockText(l))
			}
			compare(t, got, r.want)
		})
	}
}

// What happens deep in another project is known by its class alone.
func TestDeepInALibraryLittleIsKnown(t *testing.T) {
	lib := check.Unit{Path: "other.org/lib/dep", Src: `package dep
import "sync"
type L struct{ mu sync.Mutex }
func (l *L) Near() { l.mu.Lock(); l.mu.Unlock() }
func (l *L) Far() { l.Near() }`}
	own := check.Unit{Path: "example.com/x", Src: `package x
import "other.org/lib/dep"
func near(l *dep.L) { l.Near() }
func far(l *dep.L) { l.Far() }`}
	p := program(t, lib, own)
	for name, want := range map[string][]string{
		"near": {"arg0.mu must via (*dep.L).Near"},
		"far":  {"arg0.mu deep"},
	} {
		var got []string
		for _, l := range summaryOf(t, p, name).Locks {
			got = append(got, lockText(l))
		}
		compare(t, got, want)
	}
}

// The implementations of an exported interface stand for its methods where few are
// known, and never for certain.
func TestWhatStandsBehindAnInterfaceOfAnotherPackage(t *testing.T) {
	dep := check.Unit{Path: "example.com/x/dep", Src: `package dep
import "sync"
type I interface { Commit(); Tx() *T }
type T struct{ sync.Mutex }
type impl struct{ tx *T }
func (i *impl) Commit() { i.tx.Lock(); i.tx.Unlock() }
func (i *impl) Tx() *T { return i.tx }
func New() I { return &impl{&T{}} }`}
	own := check.Unit{Path: "example.com/x", Src: `package x
import "example.com/x/dep"
func f(i dep.I) { i.Commit() }`}
	var got []string
	for _, l := range summaryOf(t, program(t, dep, own), "f").Locks {
		got = append(got, lockText(l))
	}
	compare(t, got, []string{"arg0.(example.com/x/dep.impl).tx.Mutex via (*dep.impl).Commit"})
}
