package hazard_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

func TestLocksUnderALeaf(t *testing.T) {
	const types = `import "sync"
		type T struct {
			mu sync.Mutex //lockfix:lock leaf
			// other is taken first.
			other sync.Mutex
			//lockfix:lock leaf the innermost of all
			rw sync.RWMutex
			n int
		}
		func (t *T) helper() { t.other.Lock(); t.other.Unlock() }
		func (t *T) Free() { t.helper() } // so that not all callers of helper hold a lock
		func (t *T) own() { t.mu.Lock(); t.mu.Unlock() }
		`
	for _, test := range []struct{ claim, src, want string }{
		{"another lock", `func (t *T) f() { t.mu.Lock(); t.other.Lock(); t.other.Unlock(); t.mu.Unlock() }`,
			"call of t.other.Lock takes another lock while t.mu, a leaf lock, is held"},
		{"in a callee", `func (t *T) f() { t.mu.Lock(); defer t.mu.Unlock(); t.helper() }`,
			"call of t.helper takes another lock while t.mu, a leaf lock, is held"},
		{"under a leaf for reading", `func (t *T) f() { t.rw.RLock(); t.helper(); t.rw.RUnlock() }`,
			"call of t.helper takes another lock while t.rw, a leaf lock, is held"},
		{"a leaf under another lock", `func (t *T) f() { t.other.Lock(); t.mu.Lock(); t.mu.Unlock(); t.other.Unlock() }`, ""},
		{"after the release", `func (t *T) f() { t.mu.Lock(); t.mu.Unlock(); t.helper() }`, ""},
		{"a try", `func (t *T) f() { t.mu.Lock(); if t.other.TryLock() { t.other.Unlock() }; t.mu.Unlock() }`, ""},
		{"the lock itself is another matter", `func (t *T) f() { t.mu.Lock(); t.own(); t.mu.Unlock() }`, ""},
		{"in a callee that all callers call with the leaf", `func (t *T) g() { t.n++; t.other.Lock(); t.other.Unlock() }; func (t *T) f() { t.mu.Lock(); t.g(); t.mu.Unlock() }`,
			"call of t.other.Lock takes another lock while t.mu, a leaf lock, is held"},
		{"on some paths", `func (t *T) f(b bool) { if b { t.mu.Lock() }; t.helper(); if b { t.mu.Unlock() } }`, ""},
	} {
		p := summary.Analyze(check.Package(t, "package p\n"+types+test.src), nil)
		got := ""
		for _, f := range hazard.Faults(p) {
			if f.Sort == hazard.LeafLocks {
				got += f.What
			}
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.claim, got, test.want)
		}
		if c := p.Complaints(); len(c) > 0 {
			t.Errorf("%s: %s", test.claim, c[0].Text)
		}
	}
}
