package lockset

// LongWay runs f without the attempts to analyse a body in one run.
func LongWay(f func()) {
	longWay = true
	defer func() { longWay = false }()
	f()
}

// Nodes lists the assignments before which a body knows what is held.
func (b *Body) Nodes() int { return len(b.writes) + len(b.bare) }
