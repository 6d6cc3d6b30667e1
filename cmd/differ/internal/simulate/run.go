package simulate

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// maxSteps bounds the yields of one run: a program that takes more goes round in
// a circle.
const maxSteps = 5_000

// longest is how long the root sleeps: longer than maxSteps on the last level.
const longest = 30_000 * time.Hour

// maxEvents is more than any run records.
const maxEvents = 1 << 30

// A run is the state of the running schedule. It is written by go:norace code
// under mu, and its synchronisation is hidden from the race detector.
type run struct {
	mu      sync.Mutex
	state   uint64 // of the random numbers
	rare    uint64 // one step in so many falls by a level
	steps   int
	live    int // goroutines of the program that have not ended
	daemons int // of these, those that may wait for ever
	dying   bool
	dead    chan struct{} // the root ends one goroutine with each element
	events  *event        // the last one
	count   int           // of the events
	fatal   bool          // the real types would have ended the program
	blocked int           // the number of events when the goroutine that is being ended began to wait
	begun   int           // the same of the goroutine that got stuck first
}

type event struct {
	number int
	label  string
	value  string
	prev   *event
}

// current is the running schedule. It changes only between bubbles.
var current *run

// logged is the address by which what was recorded happens before it is read.
var logged int

// An Outcome is what could be seen of one run.
type Outcome struct {
	Stuck   bool                // goroutines were left that wait for ever
	Fatal   bool                // the real types would have ended the program
	Endless bool                // the program took too many steps
	Races   int                 // reports of the race detector
	Logs    map[string][]string // what was recorded, by label, in its order
	Before  map[string]int      // if stuck: how much of each log was there when the first goroutine got stuck
}

// Schedule runs a program once, its steps in an order that the seed draws.
func Schedule(t *testing.T, seed uint64, program func()) Outcome {
	r := &run{state: seed*0x9e3779b97f4a7c15 + 1, rare: 3 + seed*seed%29, begun: maxEvents}
	current = r
	var out Outcome
	done := make(chan struct{})
	go func() { // a race ends the goroutine that called synctest.Test
		defer close(done)
		synctest.Test(t, func(*testing.T) {
			r.dead = make(chan struct{})
			before := races()
			Start()
			go func() {
				defer Exit()
				program()
			}()
			time.Sleep(longest)
			synctest.Wait()
			r.outcome(&out, races()-before)
			r.end()
			r.before(&out)
		})
	}()
	<-done
	return out
}

func (r *run) outcome(out *Outcome, races int) {
	hide()
	r.mu.Lock()
	left, tired, fatal, last := r.look()
	r.mu.Unlock()
	show()
	acquire(unsafe.Pointer(&logged))
	out.Stuck, out.Endless, out.Fatal, out.Races = (left || fatal) && !tired, tired, fatal, races
	out.Logs = map[string][]string{}
	for e := last; e != nil; e = e.prev {
		out.Logs[e.label] = append(out.Logs[e.label], e.value)
	}
	for _, log := range out.Logs {
		for i, j := 0, len(log)-1; i < j; i, j = i+1, j-1 {
			log[i], log[j] = log[j], log[i]
		}
	}
}

//go:norace
func (r *run) look() (left, tired, fatal bool, last *event) {
	return r.live > r.daemons, r.steps > maxSteps, r.fatal, r.events
}

// before counts what had been recorded when the first goroutine got stuck.
//
//go:norace
func (r *run) before(out *Outcome) {
	if !out.Stuck {
		return
	}
	out.Before = map[string]int{}
	for e := r.events; e != nil; e = e.prev {
		if e.number < r.begun {
			out.Before[e.label]++
		}
	}
}

// end ends the goroutines that are left, one after the other.
func (r *run) end() {
	for r.kill() {
		r.dead <- struct{}{}
		synctest.Wait()
	}
}

//go:norace
func (r *run) kill() bool {
	r.dying = true
	return r.live > 0
}

// Start counts a goroutine that is about to be started.
//
//go:norace
func Start() {
	r := current
	hide()
	r.mu.Lock()
	r.live++
	r.mu.Unlock()
	show()
}

// Exit is deferred first by every goroutine of the program.
func Exit() { exit(recover(), false) }

// ExitDaemon is deferred by one that may be left waiting.
func ExitDaemon() { exit(recover(), true) }

// Daemon says that the goroutine that runs may be left waiting.
//
//go:norace
func Daemon() {
	r := current
	hide()
	r.mu.Lock()
	r.daemons++
	r.mu.Unlock()
	show()
}

func exit(panicked any, daemon bool) {
	if panicked != nil {
		Record("panic", fmt.Sprint(panicked))
	}
	gone(daemon)
}

//go:norace
func gone(daemon bool) {
	r := current
	hide()
	r.mu.Lock()
	r.live--
	if daemon {
		r.daemons--
	} else if r.dying {
		r.begun = min(r.begun, r.blocked)
	}
	r.mu.Unlock()
	show()
}

// Record notes a value under a label.
func Record(label string, value any) {
	if dying() {
		return
	}
	e := &event{label: strings.Clone(label), value: fmt.Sprint(value)}
	releaseMerge(unsafe.Pointer(&logged))
	add(e)
}

//go:norace
func add(e *event) {
	r := current
	hide()
	r.mu.Lock()
	e.prev = r.events
	e.number = r.count
	r.count++
	r.events = e
	r.mu.Unlock()
	show()
}

//go:norace
func dying() bool { return current.dying }

// now is the number of events so far.
//
//go:norace
func now() int {
	r := current
	hide()
	r.mu.Lock()
	n := r.count
	r.mu.Unlock()
	show()
	return n
}

// die ends the goroutine that runs: the run is over.
func die() { runtime.Goexit() }

// stuck ends the goroutine that runs, which has waited since then.
func stuck(since int) {
	since0(since)
	die()
}

//go:norace
func since0(n int) { current.blocked = n }

// Yield lets others go ahead for a time that the seed decides. When the run is
// over it does not return.
func Yield() {
	if dying() {
		die()
	}
	d, tired := next()
	if tired {
		forever()
	}
	time.Sleep(d)
}

// next draws how long to sleep. There are levels: who sleeps on one stays there
// until everybody on the levels below has nothing left to do, so that a goroutine
// may fall behind by any number of steps of the others. How often one falls by a
// level differs from schedule to schedule.
//
//go:norace
func next() (d time.Duration, tired bool) {
	r := current
	hide()
	r.mu.Lock()
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	r.steps++
	tired = r.steps > maxSteps
	rare := r.rare
	r.mu.Unlock()
	show()
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	level := 0
	for draw := z; level < levels && draw%rare == 0; draw /= rare {
		level++
	}
	return time.Duration(1+(z>>8)%(1<<24)) << (level * 6), tired
}

// levels bounds how far a goroutine falls behind: a step on the last takes a few
// hours of fake time.
const levels = 3

// forever waits for the end of the run.
func forever() {
	since := now()
	hide()
	<-current.dead
	show()
	stuck(since)
}

// Dead is a case for a select: what it yields is followed by [Die].
func Dead() <-chan struct{} { return current.dead }

// Die ends the goroutine after a receive from [Dead]. How long it had waited is
// not known.
func Die() { stuck(0) }
