package generate

// A part is one thing that can go wrong under a lock.
type part struct {
	name   string
	weight int
	add    func(*gen)
}

// parts are what programs are made of.
var parts = []part{
	{"waiters", 10, (*gen).waiters},
	{"send", 6, (*gen).send},
	{"callback", 4, (*gen).callback},
}

// part draws one.
func (g *gen) part() part {
	sum := 0
	for _, p := range parts {
		sum += p.weight
	}
	at := g.IntN(sum)
	for _, p := range parts {
		if at -= p.weight; at < 0 {
			g.names = append(g.names, p.name)
			return p
		}
	}
	panic("unreachable")
}
