package picture

import (
	"cmp"
	"slices"
)

// A part is a piece of a plan that nothing joins to the rest.
type part struct {
	plan
	nodes, edges []int // their numbers in the whole
	rank         int   // parts of a lower one go first
}

// rowWidth is how wide a row of parts gets, unless one part alone is wider: what a
// page shows without scrolling.
const rowWidth = 1120

// split takes a plan apart, so that arrows of one part do not cross those of another.
// The least of the ranks of its nodes is that of a part.
func split(p plan, rank func(node int) int) []*part {
	root := make([]int, len(p.Nodes))
	for i := range root {
		root[i] = i
	}
	find := func(i int) int {
		for root[i] != i {
			root[i] = root[root[i]]
			i = root[i]
		}
		return i
	}
	for _, e := range p.Edges {
		a, b := find(e.From), find(e.To)
		root[max(a, b)] = min(a, b)
	}
	var parts []*part
	of, number := make(map[int]*part), make([]int, len(p.Nodes))
	for i, n := range p.Nodes {
		x := of[find(i)]
		if x == nil {
			x = &part{plan: plan{Edges: []edge{}}, rank: rank(i)} // the library wants a list
			of[find(i)] = x
			parts = append(parts, x)
		}
		number[i] = len(x.Nodes)
		x.Nodes, x.nodes, x.rank = append(x.Nodes, n), append(x.nodes, i), min(x.rank, rank(i))
	}
	for i, e := range p.Edges {
		if e.From == e.To {
			continue // it needs no place of its own: see loop
		}
		x := of[find(e.From)]
		e.From, e.To = number[e.From], number[e.To]
		x.Edges, x.edges = append(x.Edges, e), append(x.edges, i)
	}
	slices.SortStableFunc(parts, func(a, b *part) int { return cmp.Compare(a.rank, b.rank) })
	return parts
}

// pack sets placed parts in rows, and makes one plan of them again.
func pack(parts []*part, p plan) plan {
	widest := float64(rowWidth)
	for _, x := range parts {
		widest = max(widest, x.Width)
	}
	left, top, row := 0.0, 0.0, 0.0
	for _, x := range parts {
		if left > 0 && left+x.Width > widest {
			left, top, row = 0, top+row, 0
		}
		for i, n := range x.Nodes {
			n.X, n.Y = n.X+left, n.Y+top
			p.Nodes[x.nodes[i]] = n
		}
		for i, e := range x.Edges {
			to := &p.Edges[x.edges[i]]
			to.X, to.Y = e.X+left, e.Y+top
			for _, at := range e.Points {
				to.Points = append(to.Points, point{at.X + left, at.Y + top})
			}
		}
		left, row = left+x.Width, max(row, x.Height)
		p.Width, p.Height = max(p.Width, left), top+row
	}
	return p
}
