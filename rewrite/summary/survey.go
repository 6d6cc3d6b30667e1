package summary

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A surveyor looks at each node of a declaration once.
type surveyor struct {
	p    *Package
	unit *unit

	open    []opened // the nodes around
	nodes   int
	deepest int // that nodes stand in each other
	defers  int
	nest    int // the deepest that literals stand in each other
}

// An opened is a node that the walk is in.
type opened struct {
	ast.Node
	skipped bool // a path leads past it: it stands in the body of an if without else
	may     bool // it stands in a select with a default
	lits    int  // literals around
}

// Bounds below which a declaration is not looked at for its size: see bare.
const (
	maxBare       = 20_000 // nodes
	maxBareDepth  = 200
	maxBareDefers = 2
	maxBareNodes  = 2_500 // where calls are deferred
	maxBareNest   = 2     // literals in each other where calls are deferred
)

func (s *surveyor) node(n ast.Node) bool {
	if n == nil {
		s.open = s.open[:len(s.open)-1]
		return true
	}
	s.nodes++
	o := opened{Node: n}
	if len(s.open) > 0 {
		around := s.open[len(s.open)-1]
		o.skipped, o.may, o.lits = around.skipped, around.may, around.lits
		if i, ok := around.Node.(*ast.IfStmt); ok && i.Else == nil && n == ast.Node(i.Body) {
			o.skipped = true
		}
	}
	switch n := n.(type) {
	case *ast.FuncLit:
		o.lits++
		s.nest = max(s.nest, o.lits)
	case *ast.SelectStmt:
		o.may = o.may || hasDefault(n)
	}
	s.open = append(s.open, o)
	s.deepest = max(s.deepest, len(s.open))
	s.p.Namer.Collect(n)
	s.look(n, o)
	return true
}

func (s *surveyor) look(n ast.Node, o opened) {
	switch n := n.(type) {
	case *ast.Ident:
		if fn, ok := s.p.Src.Info.Uses[n].(*types.Func); ok && fn.Pkg() == s.p.Src.Types {
			s.unit.mention(s.p.decls[fn.Origin()])
		}
	case *ast.CallExpr:
		s.call(n, o.skipped)
	case *ast.SelectStmt:
		s.unit.loud = true
	case *ast.SendStmt:
		s.unit.loud = true
		s.communicates(n.Chan, true, o)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			s.unit.loud = true
			s.communicates(n.X, false, o)
		}
	case *ast.ForStmt:
		s.unit.loud = s.unit.loud || n.Cond == nil
	case *ast.BranchStmt:
		s.unit.loud = s.unit.loud || n.Tok == token.GOTO
	case *ast.RangeStmt:
		if t := s.p.Src.Info.TypeOf(n.X); !s.unit.loud && t != nil {
			_, s.unit.loud = t.Underlying().(*types.Chan)
		}
	case *ast.DeferStmt:
		s.defers++
	case *ast.BinaryExpr:
		s.unit.loud = s.unit.loud || s.p.comparesHeld(n)
	case *ast.ReturnStmt:
		for _, e := range n.Results {
			s.unit.loud = s.unit.loud || s.p.namesFunc(e)
		}
	}
}

// communicates notes a send or receive that may be of a semaphore. A send that may
// be dropped does not take a slot.
func (s *surveyor) communicates(ch ast.Expr, send bool, o opened) {
	if !o.may && carriesNothing(s.p.Src.Info.TypeOf(ch)) {
		s.unit.slots = append(s.unit.slots, slot{ch, send})
	}
}

func (s *surveyor) call(n *ast.CallExpr, skipped bool) {
	c := s.p.at(n.Fun).callee
	if c.fn == nil || c.iface {
		s.p.dynamic(s.unit, c)
	}
	if c.builtin != nil && c.builtin.Name() == "panic" {
		s.unit.loud = s.unit.loud || !skipped
		return
	}
	if c.fn == nil && c.builtin == nil {
		if _, lit := ast.Unparen(n.Fun).(*ast.FuncLit); lit || s.p.Src.Info.Types[n.Fun].IsType() {
			return
		}
	}
	s.unit.calls = append(s.unit.calls, n)
}

func (s *surveyor) finish() {
	s.unit.literal = s.nest > 0
	switch {
	case s.nodes > maxBare, s.deepest > maxBareDepth, s.defers > maxBareDefers:
		s.unit.loud = true
	case s.defers > 0 && (s.nodes > maxBareNodes || s.nest > maxBareNest):
		s.unit.loud = true
	}
}

// comparesHeld reports whether a comparison tells whether there is a lock or a
// semaphore.
func (p *Package) comparesHeld(n *ast.BinaryExpr) bool {
	if n.Op != token.EQL && n.Op != token.NEQ {
		return false
	}
	if id, ok := ast.Unparen(n.Y).(*ast.Ident); !ok || id.Name != "nil" {
		return false
	}
	t := p.Src.Info.TypeOf(n.X)
	if t == nil || t == types.Universe.Lookup("error").Type() {
		return false
	}
	return syncapi.IsLock(t) || syncapi.IsSemaphore(t)
}

// namesFunc reports whether an expression is a path that leads to a function.
func (p *Package) namesFunc(e ast.Expr) bool {
	switch e = ast.Unparen(e); e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if t := p.Src.Info.TypeOf(e); t != nil {
			_, ok := t.Underlying().(*types.Signature)
			return ok
		}
	}
	return false
}
