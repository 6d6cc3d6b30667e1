package lockset

import (
	"go/ast"
	"maps"
)

// Most bodies hold nothing, or nothing beyond one block of their graph. For these
// the fixed point is known ahead: the empty state before each block that a path
// reaches. Proof. Let every reached block turn the empty state into the empty
// state for each of its successors. Then the assignment of the empty state to all
// reached blocks solves the equations, and it is the least solution, because every
// path from the start, which holds nothing, hands the empty state on. So the run
// that records what is seen can be done at once, block by block in the order that
// it would have; should a block hand on anything else, all is forgotten and done
// the long way.
//
// What could still depend on the runs ahead of the recorded one is settled so:
//
//   - acquisitions and operations take the literals around them from the run that
//     comes first. Where a literal runs twice, the attempt ends.
//   - an operation that is met twice has the states of both times. Here each block
//     is run once and each literal once; a deferred call, as one that does not run
//     in its own block hands a state on, once too. Only a select statement is met at
//     each of its clauses, and an operand of one again when it is chosen.
//   - the steps of a declaration are bounded. A block inside of n literals run in
//     place is solved n+2 times, and takes as many steps each time as it has nodes
//     and one: there is nothing to join. Where that comes close to the bound, the
//     attempt ends.

// A once is one attempt.
type once struct{ failed bool }

// longWay turns the attempts off, for a test that compares both.
var longWay bool

// plain analyses a body in one run; nil if that does not do.
func (w *walker) plain(empty func() *Body) *Body {
	b := empty()
	if len(b.Entry) > 0 || longWay {
		return nil
	}
	inner, spawned, handed, steps := maps.Clone(w.inner), maps.Clone(w.spawned), maps.Clone(w.handed), w.steps
	w.out, w.recording, w.once = newRecorder(b), true, &once{}
	if w.selects != nil {
		w.out.ops = map[ast.Node]*Op{}
	}
	b.Exit = w.run(b.Block, State{})
	failed := w.once.failed
	w.once, w.exit, w.lits, w.deferred, w.running = nil, nil, nil, nil, nil
	if failed {
		w.inner, w.spawned, w.handed, w.steps = inner, spawned, handed, steps
		return nil
	}
	return b
}

// runOnce is run for an attempt.
func (w *walker) runOnce(block *ast.BlockStmt, init State) State {
	g := w.graph(block)
	return w.apart(init, func(init State) {
		w.once.failed = w.once.failed || !init.empty()
		reached := g.reached()
		for i, blk := range g.Blocks {
			switch {
			case w.once.failed:
				return
			case !reached[i]:
				continue
			}
			if w.steps += (len(w.running) + 2) * (1 + len(blk.Nodes)); w.steps > maxSteps {
				w.once.failed = true
			}
			yes, no := w.branch(blk, State{})
			w.once.failed = w.once.failed || len(blk.Succs) > 0 && !(yes.empty() && no.empty())
		}
	})
}

// empty reports whether a state is the zero state.
func (s State) empty() bool {
	return len(s.held) == 0 && len(s.dropped) == 0 && len(s.defers) == 0 && !s.dead
}

// ranTwice ends an attempt in which a literal runs a second time.
func (w *walker) ranTwice(lit *ast.FuncLit) {
	if w.once != nil && w.out.body.Inner[lit] {
		w.once.failed = true
	}
}

// reached tells which blocks a path from the start leads to.
func (g *graph) reached() []bool {
	seen := make([]bool, len(g.next))
	stack := []int{0}
	seen[0] = true
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, s := range g.next[at] {
			if !seen[s] {
				seen[s] = true
				stack = append(stack, s)
			}
		}
	}
	return seen
}
