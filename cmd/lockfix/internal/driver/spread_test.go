package driver

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// unitOf makes a unit of a run of so many workers, of which this is one.
func unitOf(jobs int) *Unit {
	r := newRun(Config{Jobs: jobs, Session: NewSession()}, nil)
	r.busy <- struct{}{}
	return &Unit{node: &node{meta: &meta{ImportPath: "p"}}, world: &world{run: r}}
}

// Each piece of work is done once, by as many workers as are free and wanted.
func TestSpread(t *testing.T) {
	for _, test := range []struct {
		claim               string
		jobs, busy, n, most int
		want                int // at the same time
	}{
		{"alone", 1, 0, 5, 8, 1},
		{"with all workers", 4, 0, 9, 8, 4},
		{"with those that are free", 4, 2, 9, 8, 2},
		{"with as many as are wanted", 4, 0, 9, 3, 3},
		{"with no more than there is work", 8, 0, 3, 8, 3},
		{"not beside another", 4, 0, 9, 1, 1},
		{"nothing", 4, 0, 0, 8, 0},
	} {
		t.Run(test.claim, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := unitOf(test.jobs)
				for range test.busy {
					u.world.run.busy <- struct{}{}
				}
				var mu sync.Mutex
				var done []int
				now, peak := 0, 0
				u.Spread(test.n, test.most, func(i int) {
					mu.Lock()
					now++
					peak = max(peak, now)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					now--
					done = append(done, i)
					mu.Unlock()
				})
				slices.Sort(done)
				for i := range test.n {
					if len(done) != test.n || done[i] != i {
						t.Fatalf("done are %v, want each of %d once", done, test.n)
					}
				}
				if peak != test.want {
					t.Errorf("%d at the same time, want %d", peak, test.want)
				}
				if got := len(u.world.run.busy); got != test.busy+1 {
					t.Errorf("%d workers are busy afterwards, want %d", got, test.busy+1)
				}
			})
		})
	}
}

// A worker that becomes free on the way helps.
func TestSpreadHiresLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := unitOf(2)
		u.world.run.busy <- struct{}{}
		time.AfterFunc(3*time.Second/2, u.world.run.vacate)
		begin := time.Now()
		u.Spread(6, 8, func(int) { time.Sleep(time.Second) })
		if got := time.Since(begin); got != 4*time.Second { // two alone, four by two
			t.Errorf("it takes %v, want 4s", got)
		}
	})
}

// A helper leaves when a package wants the place, and others come when it is free again.
func TestSpreadGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := unitOf(2)
		r := u.world.run
		begin := time.Now()
		go func() {
			time.Sleep(time.Second / 2)
			r.busy <- struct{}{} // a package
			if got := time.Since(begin); got != time.Second {
				t.Errorf("the package waits until %v, want 1s", got)
			}
			time.Sleep(5 * time.Second / 2)
			r.vacate()
		}()
		u.Spread(8, 2, func(int) { time.Sleep(time.Second) })
		if got := time.Since(begin); got != 6*time.Second { // two by two, three alone, three by two
			t.Errorf("it takes %v, want 6s", got)
		}
		if got := len(r.busy); got != 1 {
			t.Errorf("%d workers are busy afterwards, want 1", got)
		}
	})
}

// A panic ends the work, after what was begun, and tells where it came from.
func TestSpreadPanics(t *testing.T) {
	for _, test := range []struct {
		claim string
		of    int // the piece that panics
		place string
	}{{"here", 0, "spread_test.go"}, {"of a helper", 1, "spread_test.go"}} {
		t.Run(test.claim, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := unitOf(2)
				var ended atomic.Int64
				defer func() {
					p := fault("p", recover())
					if !strings.HasPrefix(p.Message, "fault of lockfix while analysing p: it is broken in ") || !strings.Contains(p.Message, test.place) {
						t.Errorf("got %q, want a place in %s", p.Message, test.place)
					}
					if got := ended.Load(); got != 1 {
						t.Errorf("%d other pieces have ended, want the one that was begun", got)
					}
					if got := len(u.world.run.busy); got != 1 {
						t.Errorf("%d workers are busy, want 1", got)
					}
				}()
				u.Spread(9, 2, func(i int) {
					if i == test.of {
						time.Sleep(time.Second / 2)
						panic("it is broken")
					}
					time.Sleep(time.Second)
					ended.Add(1)
				})
			})
		})
	}
}
