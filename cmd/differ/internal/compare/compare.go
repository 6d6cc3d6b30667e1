// Package compare is the oracle: whether what a rewritten program did is something
// that the original might have done.
//
// # What counts as explained
//
// Schedules of two variants do not correspond one to one, so sets of outcomes are
// compared. An outcome of the rewritten program is explained by one of the
// original that is the same, or by one in which the original got stuck and had
// done nothing else until then: to go on from there is what lockfix is for. All
// else is news, and news is a violation once the original was run often enough.
//
// An outcome is what each goroutine and each waiter recorded for itself, so that
// one shared order does not make every run unique. Labels that begin with ~ are
// bags: several goroutines record there, and only how often counts.
//
// # What is not judged
//
// An outcome that is rare in both variants may be seen in one of them only. So a
// result is news only if the rewritten program showed it several times, and the
// original, which gets ten times as many schedules, never. Where only what several
// goroutines recorded is new together, it takes more: one that falls behind ahead of
// a wake holds up all whom it wakes, which behind the wake takes a chance for each. Panics, races and
// deadlocks count from the first. What is too rare to say is left undecided, and
// counted.
//
// Rejected: the estimate of Good and Turing for what an original has not shown
// yet. It is right on the average, and among thousands of programs the exceptions
// drown what is to be found.
package compare

import (
	"fmt"
	"slices"
	"strings"
)

// An Outcome is what could be seen of one run.
type Outcome struct {
	Stuck   bool // goroutines were left that wait for ever
	Endless bool // the program took too many steps
	Fatal   bool // the real locks would have ended the program
	Races   int
	Logs    map[string][]string
	Before  map[string]int // if stuck: how much of each log was there when the first goroutine got stuck
}

// A Set holds the outcomes of one variant with how often each was seen.
type Set struct {
	Runs     int
	Outcomes map[string]*Seen // by key
}

// Seen is one outcome of a set.
type Seen struct {
	Outcome
	Times int
	Seed  uint64 // the first schedule that showed it
}

// Add counts outcomes into the set.
func (s *Set) Add(seen ...Seen) {
	if s.Outcomes == nil {
		s.Outcomes = map[string]*Seen{}
	}
	for _, x := range seen {
		s.Runs += x.Times
		normalize(&x.Outcome)
		k := x.key()
		if old := s.Outcomes[k]; old != nil {
			old.Times += x.Times
			old.Races += x.Races
			old.Before = earliest(old.Before, x.Before)
			continue
		}
		s.Outcomes[k] = &x
	}
}

// earliest is what was recorded in both cases at least.
func earliest(a, b map[string]int) map[string]int {
	out := map[string]int{}
	for label, n := range a {
		if n = min(n, b[label]); n > 0 {
			out[label] = n
		}
	}
	return out
}

// normalize sorts the bags.
func normalize(o *Outcome) {
	for label, log := range o.Logs {
		if bag(label) {
			slices.Sort(log)
		}
	}
}

func bag(label string) bool {
	return strings.HasPrefix(label, "~") || label == "panic" || label == "fatal"
}

func (o *Outcome) key() string { return fmt.Sprint(o.Stuck, o.Endless, o.Fatal, o.Logs) } // maps print sorted

// keys returns the keys of the outcomes, sorted.
func (s *Set) keys() []string {
	var keys []string
	for k := range s.Outcomes {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Stuck counts the runs that got stuck.
func (s *Set) Stuck() (n int) {
	for _, x := range s.Outcomes {
		if x.Stuck {
			n += x.Times
		}
	}
	return n
}

// fatal reports whether some run was ended by the runtime.
func (s *Set) fatal() bool {
	for _, x := range s.Outcomes {
		if x.Fatal {
			return true
		}
	}
	return false
}

// comesThrough reports whether some run came to its end. Where none does, what the
// program would do behind the place where it gets stuck was never seen.
func (s *Set) comesThrough() bool { return s.Stuck() < s.Runs }

// Races counts the reports of the race detector.
func (s *Set) Races() (n int) {
	for _, x := range s.Outcomes {
		n += x.Races
	}
	return n
}

// A Kind says what a violation is.
type Kind string

// The kinds of violations, worst first.
const (
	Broken   Kind = "broken"   // it does not build any more, or rewriting it panics
	Fatal    Kind = "fatal"    // the runtime ends the program
	Panic    Kind = "panic"    // a goroutine panics that did not
	Race     Kind = "race"     // the race detector reports what it did not
	Deadlock Kind = "deadlock" // the program gets stuck where it did not
	Endless  Kind = "endless"  // it goes round in a circle
	Result   Kind = "result"   // somebody recorded something that nobody had
)

// A Verdict is what is new of one variant.
type Verdict struct {
	Kind  Kind // "": nothing
	News  *Seen
	Label string // the first label of which nothing in the original is like it; "" the combination is new
}

// Options say what may differ.
type Options struct {
	Orders bool // the order of what is recorded under one label
	Least  int  // how often a new result must be seen to count
	Joint  int  // the same where each goroutine recorded what it did before, and only all of it together is new
}

// Judge compares the rewritten variant with the original. It returns the worst
// that is new.
func Judge(original, rewritten *Set, opts Options) Verdict {
	if opts.Orders {
		original, rewritten = original.sorted(), rewritten.sorted()
	}
	worst := Verdict{}
	for _, k := range rewritten.keys() {
		x := rewritten.Outcomes[k]
		if v := original.judge(x, opts); v.Kind != "" && (worst.Kind == "" || rank(v) < rank(worst)) {
			worst = v
		}
	}
	if worst.Kind == "" || rank(worst) > slices.Index(ranks, Race) {
		if original.Races() == 0 && rewritten.Races() > 0 && original.comesThrough() {
			return Verdict{Kind: Race, News: rewritten.racing()}
		}
	}
	return worst
}

var ranks = []Kind{Broken, Fatal, Panic, Race, Deadlock, Endless, Result}

func rank(v Verdict) int { return slices.Index(ranks, v.Kind) }

func (s *Set) racing() *Seen {
	for _, k := range s.keys() {
		if s.Outcomes[k].Races > 0 {
			return s.Outcomes[k]
		}
	}
	return nil
}

// judge says what of one outcome of the other variant is new here.
func (s *Set) judge(x *Seen, opts Options) Verdict {
	if _, ok := s.Outcomes[x.key()]; ok || s.explains(&x.Outcome) {
		return Verdict{}
	}
	v := Verdict{Kind: Result, News: x}
	label, isNew := s.newLabel(&x.Outcome)
	v.Label = label
	switch {
	case x.Fatal && !s.fatal():
		v.Kind = Fatal
	case isNew && label == "panic":
		v.Kind = Panic
	case x.Stuck && s.Stuck() == 0:
		v.Kind = Deadlock
	case x.Endless:
		v.Kind = Endless
	case x.Times < opts.Least, !isNew && x.Times < opts.Joint:
		return Verdict{}
	}
	return v
}

// explains reports whether some run that got stuck may have gone on like this.
func (s *Set) explains(o *Outcome) bool {
	for _, x := range s.Outcomes {
		if x.Stuck && (x.Fatal || !o.Fatal) && extends(o.Logs, x.begun()) {
			return true
		}
	}
	return false
}

// begun returns the logs as they were when the first goroutine got stuck.
func (o *Outcome) begun() map[string][]string {
	logs := map[string][]string{}
	for label, log := range o.Logs {
		logs[label] = log[:min(len(log), o.Before[label])]
	}
	return logs
}

// extends reports whether each log of short is the beginning of that of long.
func extends(long, short map[string][]string) bool {
	for label, log := range short {
		if !begins(label, long[label], log) {
			return false
		}
	}
	return true
}

func begins(label string, long, short []string) bool {
	if len(short) > len(long) {
		return false
	}
	if !bag(label) {
		return slices.Equal(long[:len(short)], short)
	}
	i := 0
	for _, v := range long {
		if i < len(short) && v == short[i] {
			i++
		}
	}
	return i == len(short)
}

// newLabel finds a label under which nobody ever recorded the same here.
func (s *Set) newLabel(o *Outcome) (string, bool) {
	labels := []string{"panic"}
	for label := range o.Logs {
		if label != "panic" {
			labels = append(labels, label)
		}
	}
	slices.Sort(labels[1:])
	for _, label := range labels {
		if log := o.Logs[label]; len(log) > 0 && !s.knows(label, log) {
			return label, true
		}
	}
	return "", false
}

func (s *Set) knows(label string, log []string) bool {
	for _, x := range s.Outcomes {
		if slices.Equal(x.Logs[label], log) || x.Stuck && begins(label, log, x.begun()[label]) {
			return true
		}
	}
	return false
}

// sorted returns the set with every log as a bag.
func (s *Set) sorted() *Set {
	out := &Set{}
	for _, k := range s.keys() {
		x := *s.Outcomes[k]
		logs := map[string][]string{}
		for label, log := range x.Logs {
			log = slices.Clone(log)
			slices.Sort(log)
			logs[label] = log
		}
		x.Logs = logs
		out.Add(x)
	}
	return out
}
