package picture

import (
	"reflect"
	"testing"
)

// What nothing joins is placed apart, what is to be looked at first goes first, and
// what is too wide for a row begins the next one.
func TestPack(t *testing.T) {
	p := plan{Nodes: make([]node, 5), Edges: []edge{{From: 3, To: 0}, {From: 4, To: 2}}}
	parts := split(p, func(i int) int { return map[int]int{0: 2, 1: 2, 2: 2, 3: 1, 4: 0}[i] })
	var got [][]int
	for _, x := range parts {
		got = append(got, x.nodes, x.edges)
		x.Width, x.Height = 500, 10*float64(1+x.rank)
		for i := range x.Nodes {
			x.Nodes[i].X, x.Nodes[i].Y = 1, 2
		}
		for i := range x.Edges {
			x.Edges[i].Points = []point{{1, 2}}
		}
	}
	if want := [][]int{{2, 4}, {1}, {0, 3}, {0}, {1}, nil}; !reflect.DeepEqual(got, want) {
		t.Errorf("parts have the nodes and edges %v, want %v", got, want)
	}
	if e := parts[1].Edges[0]; e.From != 1 || e.To != 0 {
		t.Errorf("the edge leads from %d to %d of its part", e.From, e.To)
	}
	placed := pack(parts, p)
	at := func(i int) point { return point{placed.Nodes[i].X, placed.Nodes[i].Y} }
	for i, want := range []point{{501, 2}, {1, 22}, {1, 2}, {501, 2}, {1, 2}} {
		if at(i) != want {
			t.Errorf("node %d is at %v, want %v", i, at(i), want)
		}
	}
	if placed.Edges[0].From != 3 || placed.Edges[0].Points[0] != (point{501, 2}) || placed.Width != 1000 || placed.Height != 50 {
		t.Errorf("placed as %+v", placed)
	}
}
