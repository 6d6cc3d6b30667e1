package flow

import (
	"math/rand/v2"
	"testing"
)

// paths is the problem whose fact is the set of nodes that some path has
// visited, as bits: its solution is known from plain reachability.
func paths(succs [][]int) Problem[uint64] {
	return Problem[uint64]{
		Size:  len(succs),
		Succs: func(n int) []int { return succs[n] },
		Transfer: func(n int, before uint64) []uint64 {
			outs := make([]uint64, len(succs[n]))
			for i := range outs {
				outs[i] = before | 1<<n
			}
			return outs
		},
		Join:  func(a, b uint64) uint64 { return a | b },
		Equal: func(a, b uint64) bool { return a == b },
	}
}

// reach computes by brute force which nodes have a path of at least one edge
// to each node, among those that node 0 reaches.
func reach(succs [][]int) (from []uint64, live uint64) {
	live = 1
	for range succs {
		for n, ss := range succs {
			for _, s := range ss {
				if live&(1<<n) != 0 {
					live |= 1 << s
				}
			}
		}
	}
	from = make([]uint64, len(succs))
	for range succs {
		for n, ss := range succs {
			for _, s := range ss {
				if live&(1<<n) != 0 {
					from[s] |= from[n] | 1<<n
				}
			}
		}
	}
	return from, live
}

func TestSolutionEqualsReachabilityOnRandomGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		succs := make([][]int, 1+r.IntN(20))
		for n := range succs {
			for range r.IntN(3) {
				succs[n] = append(succs[n], r.IntN(len(succs)))
			}
		}
		sol := Solve(paths(succs))
		want, live := reach(succs)
		for n := range succs {
			if reached := live&(1<<n) != 0; sol.Reached[n] != reached {
				t.Fatalf("%v: node %d reached = %v, want %v", succs, n, sol.Reached[n], reached)
			}
			if sol.Reached[n] && sol.Before[n] != want[n] {
				t.Fatalf("%v: before node %d: %b, want %b", succs, n, sol.Before[n], want[n])
			}
		}
	}
}

func TestEachSuccessorGetsItsOwnFact(t *testing.T) {
	p := paths([][]int{{1, 2}, {}, {}})
	p.Transfer = func(n int, before uint64) []uint64 {
		if n == 0 {
			return []uint64{1, 2}
		}
		return nil
	}
	sol := Solve(p)
	if sol.Before[1] != 1 || sol.Before[2] != 2 {
		t.Errorf("before the branches: %d and %d, want 1 and 2", sol.Before[1], sol.Before[2])
	}
}
