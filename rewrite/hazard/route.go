package hazard

import (
	"go/ast"

	"golang.org/x/tools/go/cfg"

	"github.com/lockfix/lockfix/rewrite/summary"
)

// A route follows every path of a function body, node by node, with a small
// state: how many receives there were, say.
type route struct {
	graph *cfg.CFG
	comms map[ast.Node]bool // statements of select clauses: they happen where the clause is chosen

	// step is told each node in evaluation order and answers with the state
	// behind it, and whether the path is worth following. The end of the body
	// is a return statement like any other.
	step func(n ast.Node, state int) (next int, on bool)
}

func newRoute(p *summary.Package, body *ast.BlockStmt) *route {
	r := &route{comms: map[ast.Node]bool{}, graph: cfg.New(body, p.MayReturn)}
	ast.Inspect(body, func(n ast.Node) bool {
		if c, ok := n.(*ast.CommClause); ok && c.Comm != nil {
			r.comms[c.Comm] = true
		}
		return true
	})
	return r
}

// A point is a place on a route: before the i-th node of a block.
type point struct {
	block *cfg.Block
	i     int
}

// after finds the point behind a statement or the one that it stands in.
func (r *route) after(n ast.Node) (point, bool) {
	for _, b := range r.graph.Blocks {
		for i, m := range b.Nodes {
			if !r.comms[m] && m.Pos() <= n.Pos() && n.End() <= m.End() {
				return point{b, i + 1}, true
			}
		}
	}
	return point{}, false
}

// from follows all paths from a point on. Each block is run through once for
// each state that it is reached in.
func (r *route) from(at point, state int) {
	type visit struct {
		block *cfg.Block
		state int
	}
	seen := map[visit]bool{}
	var follow func(at point, state int)
	follow = func(at point, state int) {
		on := true
		if clause, ok := at.block.Stmt.(*ast.CommClause); ok && at.i == 0 && at.block.Kind == cfg.KindSelectCaseBody && clause.Comm != nil {
			state, on = r.step(clause.Comm, state)
		}
		for _, n := range at.block.Nodes[at.i:] {
			if !on {
				return
			}
			if !r.comms[n] {
				state, on = r.step(n, state)
			}
		}
		if !on {
			return
		}
		for _, next := range at.block.Succs {
			if v := (visit{next, state}); !seen[v] {
				seen[v] = true
				follow(point{next, 0}, state)
			}
		}
	}
	follow(at, state)
}

// behind finds the point behind a node that may be the communication of a select
// clause: that one is behind it where the clause was chosen.
func (r *route) behind(n ast.Node) (point, bool) {
	for _, b := range r.graph.Blocks {
		if clause, ok := b.Stmt.(*ast.CommClause); ok && b.Kind == cfg.KindSelectCaseBody && clause.Comm != nil && clause.Comm.Pos() <= n.Pos() && n.End() <= clause.Comm.End() {
			return point{b, 0}, true
		}
	}
	return r.after(n)
}
