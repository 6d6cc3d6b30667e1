package hazard_test

import (
	"go/types"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

func TestWhichOrdersAreInverted(t *testing.T) {
	const munu = `func (s *S) one() { s.mu.Lock(); s.nu.Lock(); s.nu.Unlock(); s.mu.Unlock() };`
	const here = "s.mu is locked while s.nu is held, and in the other order elsewhere"
	testFaults(t, []faultRow{
		{"two orders of one object's locks", munu + `func (s *S) two() { s.nu.Lock(); s.mu.Lock() }`, []string{"deadlock: " + here}},
		{"one order twice", munu + `func (s *S) two() { s.mu.Lock(); s.nu.Lock() }`, nil},
		{"of objects that may be others", munu + `func f(s, o *S) { s.nu.Lock(); o.mu.Lock() }`, []string{"hazard: o.mu is locked while s.nu is held, and in the other order elsewhere (if they are the same locks on both sides)"}},
		{"down a call that may", munu + `func (s *S) g() { if cond { s.mu.Lock(); s.mu.Unlock() } }; func (s *S) two() { s.nu.Lock(); s.g(); s.nu.Unlock() }`,
			[]string{"hazard: s.nu is locked while s.mu is held, and in the other order elsewhere (unless a branch on the way is not taken)"}},
		{"down a call that may, of objects that may be others", munu + `func (s *S) g() { if cond { s.mu.Lock(); s.mu.Unlock() } }; func f(s, o *S) { s.nu.Lock(); o.g(); s.nu.Unlock() }`,
			[]string{"contention: s.nu is locked while s.mu is held, and in the other order elsewhere (a branch on the way may not be taken, and the locks may be others)"}},
		{"under a third lock", `var gate sync.Mutex; func (s *S) one() { gate.Lock(); s.mu.Lock(); s.nu.Lock() }; func (s *S) two() { gate.Lock(); s.nu.Lock(); s.mu.Lock() }`, nil},
		{"one of them not under the third lock", `var gate sync.Mutex; func (s *S) one() { gate.Lock(); s.mu.Lock(); s.nu.Lock() }; func (s *S) two() { s.nu.Lock(); s.mu.Lock() }`, []string{"deadlock: " + here}},
		{"a ring of three variables", `var a, b, c sync.Mutex; func x() { a.Lock(); b.Lock() }; func y() { b.Lock(); c.Lock() }; func z() { c.Lock(); a.Lock() }`, []string{"deadlock: a is locked while c is held, and in the other order elsewhere"}},
		{"read by both, written by nobody", `type R struct { a, b sync.RWMutex }; func (r *R) x() { r.a.RLock(); r.b.RLock() }; func (r *R) y() { r.b.RLock(); r.a.RLock() }`,
			[]string{"contention: r.a is locked while r.b is held, and in the other order elsewhere (r.b is only ever locked for reading)"}},
		{"read by both, written elsewhere", `type R struct { a, b sync.RWMutex }; func (r *R) x() { r.a.RLock(); r.b.RLock() }; func (r *R) y() { r.b.RLock(); r.a.RLock() }; func (r *R) w() { r.a.Lock(); r.a.Unlock(); r.b.Lock() }`,
			[]string{"hazard: r.a is locked while r.b is held, and in the other order elsewhere (a writer that waits between two readers closes the cycle)"}},
		{"a ring of three fields of objects that may be others", `type A struct { mu sync.Mutex; b *B }; type B struct { mu sync.Mutex; c *C }; type C struct { mu sync.Mutex; a *A }; func (a *A) x() { a.mu.Lock(); a.b.mu.Lock() }; func (b *B) y() { b.mu.Lock(); b.c.mu.Lock() }; func (c *C) z() { c.mu.Lock(); c.a.mu.Lock() }`,
			[]string{"contention: c.a.mu is locked while c.mu is held, and in the other order elsewhere (the locks may be others at one of many places)"}},
		{"of a stripe, picked by an index", `type M struct { locks []sync.Mutex; mu sync.Mutex }; func (m *M) x(i int) { m.locks[i].Lock(); m.mu.Lock() }; func (m *M) y(i int) { m.mu.Lock(); m.locks[i].Lock() }`,
			[]string{"contention: m.locks[i] is locked while m.mu is held, and in the other order elsewhere (one of the locks is one of many)"}},
		{"by trying", munu + `func (s *S) two() { s.nu.Lock(); if s.mu.TryLock() { s.mu.Unlock() } }`, nil},
	}, hazard.Inverted)
}

func TestWhichOrdersOfOneClassAreInverted(t *testing.T) {
	const node = `type N struct { mu sync.Mutex; up *N };`
	testFaults(t, []faultRow{
		{"up and down", node + `func (n *N) a() { n.mu.Lock(); n.up.mu.Lock() }; func (n *N) b() { n.up.mu.Lock(); n.mu.Lock() }`,
			[]string{"deadlock: n.up.mu is locked while n.mu is held, and in the other order elsewhere"}},
		{"up only", node + `func (n *N) a() { n.mu.Lock(); n.up.mu.Lock() }`, nil},
		{"exchanged by callers", node + `func pair(x, y *N) { x.mu.Lock(); y.mu.Lock() }; func b(p, q *N) { go pair(p, q); go pair(q, p) }`,
			[]string{"hazard: y.mu is locked while x.mu is held, and callers give the two in both orders"}},
		{"given in one order", node + `func pair(x, y *N) { x.mu.Lock(); y.mu.Lock() }; func b(p, q *N) { go pair(p, q); go pair(p, q) }`, nil},
	}, hazard.SelfInverted)
}

// The package that closes a cycle reports it, whoever made the other orders.
func TestACycleIsReportedWhereItCloses(t *testing.T) {
	units := []check.Unit{
		{Path: "example.com/x/a", Src: `package a
import "sync"
var A, B, C sync.Mutex
func ab() { A.Lock(); B.Lock(); B.Unlock(); A.Unlock() }
func Exported() {}`},
		{Path: "example.com/x/b", Src: `package b
import "example.com/x/a"
func bc() { a.B.Lock(); a.C.Lock(); a.C.Unlock(); a.B.Unlock() }
func Exported() { a.Exported() }`},
		{Path: "example.com/x/c", Src: `package c
import ("example.com/x/a"; "example.com/x/b")
func ca() { a.C.Lock(); a.A.Lock(); a.A.Unlock(); a.C.Unlock() }
func Exported() { b.Exported() }`},
		{Path: "example.com/x/d", Src: `package d
import "example.com/x/c"
func Exported() { c.Exported() }`},
	}
	facts := map[*types.Func]*summary.Func{}
	want := []int{0, 0, 1, 0}
	for i, src := range check.Program(t, units...) {
		p := summary.Analyze(src, summary.FactsOf(func(fn *types.Func) *summary.Func { return facts[fn] }))
		maps.Copy(facts, p.Funcs)
		faults := hazard.Faults(p)
		if len(faults) != want[i] {
			t.Errorf("%s: %d faults, want %d", units[i].Path, len(faults), want[i])
		}
		for _, f := range faults {
			if f.Level != hazard.Deadlock || len(f.Peer) != 4 {
				t.Errorf("%s: %s %q, peer %v", units[i].Path, f.Level, f.What, f.Peer)
			}
		}
	}
}

// Two packages that no third one with an order of its own imports close a cycle
// that neither sees: the edges of both show it.
func TestCyclesOfAWholeProgram(t *testing.T) {
	units := []check.Unit{
		{Path: "example.com/x/a", Src: `package a
import "sync"
var A, B, Gate sync.Mutex
var R, S sync.RWMutex
type N struct { mu sync.Mutex; up *N }
func (n *N) f() { n.mu.Lock(); n.up.mu.Lock(); n.up.mu.Unlock(); n.mu.Unlock() }
func (n *N) g() { n.up.mu.Lock(); n.mu.Lock(); n.mu.Unlock(); n.up.mu.Unlock() }`},
		{Path: "example.com/x/b", Src: `package b
import "example.com/x/a"
func ab() { a.A.Lock(); a.B.Lock(); a.B.Unlock(); a.A.Unlock() }
func rs() { a.R.RLock(); a.S.RLock(); a.S.RUnlock(); a.R.RUnlock() }`},
		{Path: "example.com/x/c", Src: `package c
import "example.com/x/a"
func ba() { a.B.Lock(); a.A.Lock(); a.A.Unlock(); a.B.Unlock() }
func sr() { a.S.RLock(); a.R.RLock(); a.R.RUnlock(); a.S.RUnlock() }`},
	}
	facts := map[*types.Func]*summary.Func{}
	var edges []*summary.Edge
	var written []string
	for _, src := range check.Program(t, units...) {
		p := summary.Analyze(src, summary.FactsOf(func(fn *types.Func) *summary.Func { return facts[fn] }))
		maps.Copy(facts, p.Funcs)
		written = append(written, hazard.Written(p)...)
		for _, c := range p.Crossings() {
			edges = append(edges, &c.Edge)
		}
		for _, f := range hazard.Orders(p) {
			if f.Sort == hazard.Inverted {
				t.Errorf("%s: %s", src.Path, f.What)
			}
		}
	}
	cycles := func(written []string) (out []string) {
		for _, c := range hazard.Cycles(edges, func(class string) bool { return slices.Contains(written, class) }) {
			text := c.Level.String()
			for _, e := range c.Edges {
				text += " " + strings.TrimPrefix(e.Held.Class, "example.com/x/a.")
			}
			out = append(out, text)
		}
		return out
	}
	if got, want := cycles(written), []string{"deadlock N.mu N.mu", "deadlock A B", "contention R S"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := cycles([]string{"example.com/x/a.R", "example.com/x/a.S"})[2], "hazard R S"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
