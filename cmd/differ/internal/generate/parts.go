package generate

// A part is one thing that can go wrong under a lock.
type part struct {
	name   string
	weight int
	add    func(*gen)
}

// parts are what programs are made of.
var parts = []part{
	{"waiters", 24, (*gen).waiters},
	{"send", 10, (*gen).send},
	{"callback", 4, (*gen).callback},
	{"wait", 8, (*gen).wait},
	{"token", 6, (*gen).token},
	{"slots", 3, (*gen).slots},
	{"again", 6, (*gen).again},
	{"order", 5, (*gen).order},
	{"leak", 6, (*gen).leak},
	{"cond", 6, (*gen).cond2},
	{"late", 3, (*gen).late},
	{"ask", 4, (*gen).ask},
	{"self", 4, (*gen).self},
	{"cancel", 5, (*gen).cancel},
	{"ctx", 4, (*gen).ctx},
	{"ring", 4, (*gen).ring},
	{"behind", 4, (*gen).behind},
	{"branchy", 4, (*gen).branchy},
	{"once", 3, (*gen).once},
	{"work", 3, (*gen).work},
	{"ends", 3, (*gen).ends},
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
			return p
		}
	}
	panic("unreachable")
}
