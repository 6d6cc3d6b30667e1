package lockset

import "go/ast"

// shortcuts is off where a test compares with the long way.
var shortcuts = true

// plainly analyses a body at the end of whose blocks nothing is ever held, released
// for the caller or deferred, in one pass that records; it reports false, and has
// recorded rubbish, for any other body.
//
// It does what [walker.run] does: where each block leads from the empty state to the
// empty state, the fixed point is the empty state before each block that control
// reaches, and recording starts from there. Most functions are of this kind. A
// literal that is run in place is left to the long way, which sees it before it
// records.
func (w *walker) plainly(block *ast.BlockStmt) (exit State, ok bool) {
	g := w.graph(block)
	reached := g.reached()
	w.recording = true
	for i, blk := range g.Blocks {
		if !reached[i] {
			continue
		}
		w.spend(2 * (1 + len(blk.Nodes))) // as the two fixed points of the long way
		for _, out := range w.block(blk, State{}) {
			if !out.plain() {
				return exit, false
			}
		}
		if w.nested || w.exit != nil && !w.exit.plain() {
			return exit, false
		}
	}
	if w.exit == nil {
		return State{dead: true}, true
	}
	return *w.exit, true
}

func (s State) plain() bool {
	return len(s.held)+len(s.dropped)+len(s.defers) == 0 && !s.dead
}

// reached says which blocks control reaches from the first.
func (g *graph) reached() []bool {
	seen := make([]bool, len(g.Blocks))
	seen[0] = true
	for todo := []int{0}; len(todo) > 0; {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, s := range g.next[i] {
			if !seen[s] {
				seen[s] = true
				todo = append(todo, s)
			}
		}
	}
	return seen
}
