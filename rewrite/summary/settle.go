package summary

import (
	"go/types"
	"reflect"
)

// maxRounds bounds how often the members of a cycle of calls are repeated; the
// lists of a summary are bounded, so in practice two rounds agree.
const maxRounds = 4

// settle analyses the declarations of one cycle until their summaries agree.
func (p *Package) settle(group []*unit) {
	if len(group) == 1 && !group[0].callsItself() {
		p.enter(group[0].decl)
		p.study(group[0])
		return
	}
	p.ledger = &ledger{changed: map[*types.Func]int{}, readings: map[*unit]*reading{}}
	defer func() { p.ledger = nil }()
	for range maxRounds {
		changed := false
		for _, u := range group {
			p.enter(u.decl)
			changed = p.study(u) || changed
		}
		if !changed {
			return
		}
	}
}

// A ledger notes, for the members of one cycle, on which effects of others the lock sets
// of each rest: what a call leaves held hardly ever changes from round to round, what it
// may do nearly always does. In some packages a fifth of the functions are one cycle, and
// lock sets take most of the time of a round.
type ledger struct {
	clock    int
	changed  map[*types.Func]int // when the effects of a function have changed
	readings map[*unit]*reading
	open     *reading // of the member whose lock sets are computed; nil for none
}

// A reading is whose effects were looked at for the lock sets of a member, and when.
type reading struct {
	since int
	of    map[*types.Func]bool
}

// begin says that the lock sets of a member are computed until end.
func (l *ledger) begin(u *unit) {
	if l != nil {
		l.clock++
		l.open = &reading{since: l.clock, of: map[*types.Func]bool{}}
		l.readings[u] = l.open
	}
}

func (l *ledger) end() {
	if l != nil {
		l.open = nil
	}
}

// holds reports whether the lock sets of a member are known and what they rest on is
// as it was.
func (l *ledger) holds(u *unit) bool {
	if l == nil || everyRound {
		return false
	}
	r := l.readings[u]
	if r == nil || u.bare {
		return false
	}
	for fn := range r.of {
		if l.changed[fn] > r.since {
			return false
		}
	}
	return true
}

// everyRound is for a test that compares: lock sets are computed in each round.
var everyRound bool

// soFar is what is said of a function of this package; nil for nothing.
func (p *Package) soFar(fn *types.Func) *Func {
	if p.ledger != nil && p.ledger.open != nil {
		p.ledger.open.of[fn] = true
	}
	return p.Funcs[fn]
}

// say sets what is said of a function, and returns what was.
func (p *Package) say(fn *types.Func, f *Func) (old *Func) {
	old = p.Funcs[fn]
	p.Funcs[fn] = f
	if l := p.ledger; l != nil && !sameEffects(old, f) {
		l.clock++
		l.changed[fn] = l.clock
	}
	return old
}

// sameEffects compares what [Package.effectOf] takes from a summary.
func sameEffects(a, b *Func) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.NoReturn == b.NoReturn && reflect.DeepEqual(a.Changes, b.Changes) && reflect.DeepEqual(a.Results, b.Results) && reflect.DeepEqual(a.Runs, b.Runs)
}
