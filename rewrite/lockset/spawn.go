package lockset

import (
	"go/ast"
	"go/token"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// spawn starts a goroutine: it holds nothing of ours, except tokens that it
// gives back.
func (w *walker) spawn(n *ast.GoStmt, s State) State {
	s = w.operands(n.Call, s)
	for _, fun := range append([]ast.Expr{n.Call.Fun}, n.Call.Args...) {
		if lit, ok := w.literal(fun); ok {
			w.spawned[lit] = w.spawned[lit] || fun == n.Call.Fun
			s = w.hand(lit, s)
		}
	}
	_, changes := w.effects(n.Call)
	for _, c := range changes {
		if h, ok := s.Find(c.Resource.key); ok && c.Kind == syncapi.Release && h.Sort.IsToken() {
			s = s.without(c.Resource.key)
		}
	}
	return s
}

// hand gives a literal that runs elsewhere the tokens that it gives back.
func (w *walker) hand(lit *ast.FuncLit, s State) State {
	var handed []Held
	for _, h := range s.held {
		if h.Sort.IsToken() && w.gives(lit, h.Resource) {
			h.guard = nil
			handed = append(handed, h)
			s = s.without(h.Resource.key)
		}
	}
	if w.recording && !s.dead {
		w.handed[lit] = handed
	}
	return s
}

// gives reports whether a literal releases a resource somewhere.
func (w *walker) gives(lit *ast.FuncLit, r Resource) bool {
	found := false
	is := func(changes []Change) {
		for _, c := range changes {
			found = found || c.Kind == syncapi.Release && c.Resource.key == r.key
		}
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			_, changes := w.effects(n)
			is(changes)
		case *ast.SendStmt:
			if c, ok := w.chanSem(n.Chan, true); ok {
				is([]Change{c})
			}
		case *ast.UnaryExpr:
			if c, ok := w.chanSem(n.X, false); n.Op == token.ARROW && ok {
				is([]Change{c})
			}
		}
		return !found
	})
	return found
}
