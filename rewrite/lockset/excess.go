package lockset

import (
	"fmt"
	"go/ast"
)

// An Excess is why a declaration is not analysed: somebody wrote it, or wrote a
// program to write it, to take more time or memory than there is.
type Excess struct{ What string }

// The bounds are far above what was seen in code: the largest function of the
// standard library that takes a lock has 10,000 nodes, and blocks are nested 15
// deep. Counts and not times, so that the same program always gives the same
// report.
const (
	maxNodes = 1_000_000  // of the syntax of a declaration
	maxNest  = 200        // blocks and function literals inside each other
	maxSteps = 20_000_000 // of the fixed points of a declaration
	maxPairs = 2_000_000  // of critical sections and operations, which are compared
)

// tooLarge measures the syntax of a declaration.
func tooLarge(decl ast.Decl) *Excess {
	nodes, nest, deepest := 0, 0, 0
	_, code := decl.(*ast.FuncDecl) // data is no work, however much of it there is
	var open []bool                 // of the nodes around: whether it counts as nested
	ast.Inspect(decl, func(n ast.Node) bool {
		if n == nil {
			if open[len(open)-1] {
				nest--
			}
			open = open[:len(open)-1]
			return true
		}
		nodes++
		_, block := n.(*ast.BlockStmt)
		if block {
			code = true
			nest++
			deepest = max(deepest, nest)
		}
		open = append(open, block)
		return true
	})
	switch {
	case !code:
	case nodes > maxNodes:
		return &Excess{fmt.Sprintf("%d nodes of syntax", nodes)}
	case deepest > maxNest:
		return &Excess{fmt.Sprintf("blocks nested %d deep", deepest)}
	}
	return nil
}

// spend counts work, and ends the analysis of the declaration by a panic with an
// *Excess when it was too much.
func (a *analysis) spend(steps int) {
	if a.steps += steps; a.steps > maxSteps {
		panic(&Excess{"paths on which too much is held in too many ways"})
	}
}

// join is [join], which takes time by the places where things were acquired.
func (w *walker) join(a, b State) State {
	steps := len(a.held) + len(b.held)
	for _, h := range a.held {
		if o, ok := b.Find(h.key); ok {
			steps += len(h.From) * len(o.From)
		}
	}
	w.spend(steps)
	return join(a, b)
}
