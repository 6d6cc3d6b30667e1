package summary

// LongWay runs f without bare units and idle calls.
func LongWay(f func()) {
	longWay = true
	defer func() { longWay = false }()
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
