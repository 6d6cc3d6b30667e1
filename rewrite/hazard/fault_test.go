package hazard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// faults lists the faults of some sorts: "hazard: send on ch waits ...".
func faults(t *testing.T, src string, sorts ...hazard.FaultSort) []string {
	t.Helper()
	var out []string
	for _, f := range hazard.Faults(summary.Analyze(check.Package(t, src), nil)) {
		if slices.Contains(sorts, f.Sort) {
			out = append(out, f.Level.String()+": "+f.What)
		}
	}
	return out
}

// The archives of the rules hold what is reported and what is not; these are the
// grades in between and the ways that a path can take.
func TestFaultLevels(t *testing.T) {
	for _, tt := range []struct {
		claim, src string
		sort       hazard.FaultSort
		want       string // the start of the only fault; "" none
	}{
		{"as of Go 1.23 a drain can only block, where others receive",
			`type s struct{ t *time.Timer }
			func (v *s) f() { if !v.t.Stop() { <-v.t.C } }
			func (v *s) g() { select { case <-v.t.C: } }`, hazard.DrainedTimer, "contention: receive from v.t.C waits for ever"},
		{"nobody else receives: Stop took it back",
			`type s struct{ t *time.Timer }
			func (v *s) f() { if !v.t.Stop() { <-v.t.C } }`, hazard.DrainedTimer, ""},
		{"a timer that a path sets again, and another does not",
			`func f(t *time.Timer, b bool) { <-t.C; if b { t.Reset(1) }; if !t.Stop() { <-t.C } }`, hazard.DrainedTimer, "contention: receive from t.C"},
		{"a timer that nobody sets again",
			`func f(t *time.Timer, b bool) { <-t.C; if b { return }; if !t.Stop() { <-t.C } }`, hazard.DrainedTimer, "deadlock: receive from t.C"},
		{"a timer that both paths set again",
			`func f(t *time.Timer, b bool) { <-t.C; if b { t.Reset(1) } else { t.Reset(2) }; if !t.Stop() { <-t.C } }`, hazard.DrainedTimer, ""},
		{"a panic is no way out for a receiver",
			`func f(b bool) { c := make(chan int); go func() { c <- 1 }(); if b { panic(1) }; <-c }`, hazard.AbandonedSend, ""},
		{"a switch that returns is",
			`func f(n int) { c := make(chan int); go func() { c <- 1 }(); switch n { case 1: return }; <-c }`, hazard.AbandonedSend, "hazard: send on c"},
		{"a case of a select that receives in the end",
			`func f(d chan int) { c := make(chan int); go func() { c <- 1 }(); for { select { case <-c: return; case <-d: } } }`, hazard.AbandonedSend, ""},
		{"a labelled break out of the loop",
			`func f(d chan int) { c := make(chan int); go func() { c <- 1 }(); l: for { select { case <-c: return; case <-d: break l } } }`, hazard.AbandonedSend, "hazard: send on c"},
		{"counted for all, started one by one",
			`func f(l []func()) { var wg sync.WaitGroup; wg.Add(2); for _, g := range l { go func() { defer wg.Done(); g() }(); wg.Wait() } }`, hazard.SpawnWait, "deadlock: wg.Wait"},
		{"counted one by one",
			`func f(l []func()) { var wg sync.WaitGroup; for _, g := range l { wg.Add(1); go func() { defer wg.Done(); g() }(); wg.Wait() } }`, hazard.SpawnWait, "hazard: wg.Wait"},
		{"a number that grows by an unknown step may not end a wait for none, but can",
			`type s struct { mu sync.Mutex; c *sync.Cond; n int }
			func (v *s) w() { v.mu.Lock(); for 0 == v.n { v.c.Wait() }; v.mu.Unlock() }
			func (v *s) a() { v.mu.Lock(); v.n++; v.c.Signal(); v.mu.Unlock() }
			func (v *s) b(k int) { v.mu.Lock(); v.n += k; v.mu.Unlock() }`, hazard.LostWake, "hazard: v.n is changed without a signal"},
		{"a number that shrinks does not end it",
			`type s struct { mu sync.Mutex; c *sync.Cond; n int }
			func (v *s) w() { v.mu.Lock(); for v.n <= 0 { v.c.Wait() }; v.mu.Unlock() }
			func (v *s) a() { v.mu.Lock(); v.n++; v.c.Signal(); v.mu.Unlock() }
			func (v *s) b(k int) { v.mu.Lock(); v.n -= k; v.mu.Unlock() }`, hazard.LostWake, ""},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			got := faults(t, tt.src, tt.sort)
			if tt.want == "" && len(got) > 0 || tt.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], tt.want)) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// Each sort has one detector.
func TestFaultSortsAreDistinct(t *testing.T) {
	sorts := hazard.FaultSorts()
	slices.Sort(sorts)
	if len(slices.Compact(slices.Clone(sorts))) != len(sorts) {
		t.Errorf("a sort stands twice in %q", sorts)
	}
}
