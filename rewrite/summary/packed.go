package summary

import (
	"go/token"
	"slices"
)

// A Packed is a summary as a driver keeps it. The chains of calls that lead to locks
// and acts are most of a summary, and nearly all of them begin alike: packed, each
// call stands once, and a chain is known by its last one.
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
	for i := range f.Locks {
		yield(&f.Locks[i].Via)
	}
	for i := range f.Onces {
		yield(&f.Onces[i].Via)
	}
	for i := range f.Guards {
		yield(&f.Guards[i].Via)
	}
	for i := range f.Edges {
		yield(&f.Edges[i].Via)
	}
}

// Pack makes what can be kept of a summary.
func (f *Func) Pack() *Packed {
	bare := *f
	bare.Acts, bare.Edges = slices.Clone(f.Acts), slices.Clone(f.Edges)
	bare.Locks, bare.Onces, bare.Guards = slices.Clone(f.Locks), slices.Clone(f.Onces), slices.Clone(f.Guards)
	p := &Packed{Func: &bare}
	known := make(map[PackedCall]uint)
	bare.chains(func(chain *[]Frame) {
		var last uint
		for _, frame := range *chain {
			call := PackedCall{Before: last, Frame: frame}
			last = known[call]
			if last == 0 {
				p.Calls = append(p.Calls, call)
				last = uint(len(p.Calls))
				known[call] = last
			}
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
	for i := range f.Locks {
		yield(&f.Locks[i].pos)
	}
	for i := range f.Onces {
		yield(&f.Onces[i].pos)
	}
	for i := range f.Guards {
		yield(&f.Guards[i].pos)
	}
	for i := range f.Edges {
		yield(&f.Edges[i].pos)
		yield(&f.Edges[i].end)
	}
	for i := range p.Calls {
		yield(&p.Calls[i].Frame.pos)
	}
}
