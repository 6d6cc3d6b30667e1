package summary

// LongWay runs f without bare units and idle calls.
func LongWay(f func()) {
	longWay = true
	defer func() { longWay = false }()
	f()
}

// EveryRound runs f with the lock sets of the members of a cycle computed in each round.
func EveryRound(f func()) {
	everyRound = true
	defer func() { everyRound = false }()
	f()
}

// Bare counts the units whose bodies nobody has asked for.
func (p *Package) Bare() (bare, all int) {
	for _, u := range p.coded {
		if u.bare {
			bare++
		}
	}
	return bare, len(p.coded)
}
