package summary

import (
	"go/token"
	"iter"
	"slices"
)

// A Packed is a summary as a driver keeps it. The chains of calls that lead to locks
// and acts are most of a summary, and nearly all of them begin as the one before: what
// they have in common stands once, and a chain is known by its last call.
type Packed struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Func  *Func // without its chains
	Calls []PackedCall
	Ends  []uint // by chain: its last call in Calls, counted from 1; 0 for a chain without calls
}

// A PackedCall is one call of a chain.
type PackedCall struct {
	_ struct{} `cbor:",toarray"` // compact in a cache

	Before uint // the call before it, counted from 1; 0 for the first of a chain
	Frame  Frame
}

// chains calls yield with each chain of calls of a summary, always in the same order.
func (f *Func) chains(yield func(*[]Frame)) {
	for i := range f.Acts {
		yield(&f.Acts[i].Via)
	}
	for l := range f.locks() {
		yield(&l.Via)
	}
	for i := range f.Edges {
		yield(&f.Edges[i].Via)
	}
}

// locks lists the locks of a summary, those of its guards last.
func (f *Func) locks() iter.Seq[*Lock] {
	return func(yield func(*Lock) bool) {
		for l := range f.taken() {
			if !yield(l) {
				return
			}
		}
		for i := range f.Guards {
			if !yield(&f.Guards[i].Lock) {
				return
			}
		}
	}
}

// Pack makes what can be kept of a summary. It shares with the summary what Words does
// not list.
func (f *Func) Pack() *Packed {
	bare := *f
	bare.Acts, bare.Edges = slices.Clone(f.Acts), slices.Clone(f.Edges)
	bare.Locks, bare.Onces, bare.Guards = slices.Clone(f.Locks), slices.Clone(f.Onces), slices.Clone(f.Guards)
	p := &Packed{Func: &bare, Ends: make([]uint, 0, len(f.Acts)+len(f.Locks)+len(f.Onces)+len(f.Guards)+len(f.Edges))}
	var way []uint // the chain before, by number
	bare.chains(func(chain *[]Frame) {
		var last uint
		for i, frame := range *chain {
			call := PackedCall{Before: last, Frame: frame}
			if i < len(way) && p.Calls[way[i]-1] == call {
				last = way[i]
				continue
			}
			p.Calls = append(p.Calls, call)
			last = uint(len(p.Calls))
			way = append(way[:i], last)
		}
		p.Ends = append(p.Ends, last)
		*chain = nil
	})
	return p
}

// Unpack makes the summary again, of which p is no more than a part afterwards. It is
// nil if p was damaged.
func (p *Packed) Unpack() *Func {
	if p.Func == nil {
		return nil
	}
	depth := make([]int, len(p.Calls)+1)
	for i, call := range p.Calls {
		if call.Before > uint(i) {
			return nil
		}
		depth[i+1] = depth[call.Before] + 1
	}
	ends, whole := p.Ends, true
	p.Func.chains(func(chain *[]Frame) {
		if len(ends) == 0 || ends[0] > uint(len(p.Calls)) {
			whole = false
			return
		}
		at := ends[0]
		ends = ends[1:]
		if at == 0 {
			return
		}
		*chain = make([]Frame, depth[at])
		for i := depth[at] - 1; i >= 0; i-- {
			call := p.Calls[at-1]
			(*chain)[i], at = call.Frame, call.Before
		}
	})
	if !whole {
		return nil
	}
	return p.Func
}

// Positions calls yield with each position, always in the same order. They are not
// part of what is kept, as a position means nothing outside the process: a driver
// keeps them beside it, in its own terms.
func (p *Packed) Positions(yield func(*token.Pos)) {
	f := p.Func
	for i := range f.Acts {
		yield(&f.Acts[i].pos)
	}
	for l := range f.locks() {
		yield(&l.pos)
	}
	for i := range f.Edges {
		yield(&f.Edges[i].pos)
		yield(&f.Edges[i].end)
	}
	for i := range p.Calls {
		yield(&p.Calls[i].Frame.pos)
	}
}

// Words calls yield with the words that are the same in many summaries, always in the
// same order, so that a driver that keeps many can keep each word once. Where a word is
// not there, it is "".
func (p *Packed) Words(yield func(*string)) {
	side := func(s *Side) {
		yield(&s.Class)
		yield(&s.Expr)
		yield(&s.Root)
		yield(&s.Path)
		yield(&s.Owner)
	}
	f := p.Func
	for i := range f.Acts {
		yield(&f.Acts[i].What)
		yield(&f.Acts[i].Bounded)
		yield(&f.Acts[i].Method)
		yield(&f.Acts[i].Said)
	}
	for l := range f.locks() {
		yield(&l.Ref.Pkg)
		yield(&l.Ref.Name)
		yield(&l.Class)
		yield(&l.Expr)
		yield(&l.Behind)
	}
	for i := range f.Edges {
		side(&f.Edges[i].Held)
		side(&f.Edges[i].Taken)
		yield(&f.Edges[i].Func)
	}
	for i := range p.Calls {
		yield(&p.Calls[i].Frame.Func)
	}
}
