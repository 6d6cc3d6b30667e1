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

// A measure is the size of the syntax of a declaration, taken node by node as
// [ast.Inspect] shows them.
type measure struct {
	nodes, nest, deepest int
	code                 bool   // data is no work, however much of it there is
	open                 []bool // of the nodes around: whether it counts as nested
}

func (m *measure) node(n ast.Node) {
	if n == nil {
		if m.open[len(m.open)-1] {
			m.nest--
		}
		m.open = m.open[:len(m.open)-1]
		return
	}
	m.nodes++
	_, block := n.(*ast.BlockStmt)
	if block {
		m.code = true
		m.nest++
		m.deepest = max(m.deepest, m.nest)
	}
	m.open = append(m.open, block)
}

func (m *measure) excess() *Excess {
	switch {
	case !m.code:
	case m.nodes > maxNodes:
		return &Excess{fmt.Sprintf("%d nodes of syntax", m.nodes)}
	case m.deepest > maxNest:
		return &Excess{fmt.Sprintf("blocks nested %d deep", m.deepest)}
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
