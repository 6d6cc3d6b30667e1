package summary

import "go/token"

// Positions calls yield with each position of a summary, always in the same order.
// They are not part of the fact, as a position means nothing outside the process:
// a driver that keeps facts keeps them beside it, in its own terms.
func (f *Func) Positions(yield func(*token.Pos)) {
	frames := func(list []Frame) {
		for i := range list {
			yield(&list[i].pos)
		}
	}
	locks := func(list []Lock) {
		for i := range list {
			yield(&list[i].pos)
			frames(list[i].Via)
		}
	}
	for i := range f.Acts {
		yield(&f.Acts[i].pos)
		frames(f.Acts[i].Via)
	}
	locks(f.Locks)
	locks(f.Onces)
	for i := range f.Guards {
		yield(&f.Guards[i].pos)
		frames(f.Guards[i].Via)
	}
	for i := range f.Edges {
		yield(&f.Edges[i].pos)
		yield(&f.Edges[i].end)
		frames(f.Edges[i].Via)
	}
}
