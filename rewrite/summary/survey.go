package summary

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A surveyor looks at each node of the declarations that have code, while the uses
// of the package are walked.
type surveyor struct {
	p    *Package
	unit *unit    // nil outside of such declarations
	open []opened // the nodes around, a file first
	size
}

// A size is what the size of a declaration is judged by.
type size struct {
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

func (s *surveyor) node(n ast.Node, used types.Object) {
	if n == nil {
		s.open = s.open[:len(s.open)-1]
		if len(s.open) == 1 {
			s.leave()
		}
		return
	}
	if len(s.open) == 1 {
		s.enter(n)
	}
	o := opened{Node: n}
	if len(s.open) > 0 {
		around := s.open[len(s.open)-1]
		o.skipped, o.may, o.lits = around.skipped, around.may, around.lits
		if i, ok := around.Node.(*ast.IfStmt); ok && i.Else == nil && n == ast.Node(i.Body) {
			o.skipped = true
		}
	}
	if s.unit != nil {
		s.nodes++
		s.deepest = max(s.deepest, len(s.open))
		s.p.Namer.Collect(n)
		s.look(n, used, &o)
	}
	s.open = append(s.open, o)
}

// enter begins a declaration: what else stands in a file directly is of no unit.
func (s *surveyor) enter(n ast.Node) {
	s.size = size{}
	d, ok := n.(ast.Decl)
	if !ok {
		return
	}
	if fd, ok := d.(*ast.FuncDecl); !ok || fd.Body != nil {
		s.unit = s.p.units[d]
	}
}

func (s *surveyor) leave() {
	if u := s.unit; u != nil {
		u.literal = s.nest > 0
		u.loud = u.loud || s.tooLarge()
	}
	s.unit = nil
}

func (s *size) tooLarge() bool {
	if s.nodes > maxBare || s.deepest > maxBareDepth || s.defers > maxBareDefers {
		return true
	}
	return s.defers > 0 && (s.nodes > maxBareNodes || s.nest > maxBareNest)
}

func (s *surveyor) look(n ast.Node, used types.Object, o *opened) {
	switch n := n.(type) {
	case *ast.Ident:
		if fn, ok := used.(*types.Func); ok && fn.Pkg() == s.p.Src.Types {
			s.mentions(s.p.decls[fn.Origin()])
		}
	case *ast.FuncLit:
		o.lits++
		s.nest = max(s.nest, o.lits)
	case *ast.CallExpr:
		s.call(n, o.skipped)
	case *ast.SelectStmt:
		s.unit.loud = true
		o.may = o.may || hasDefault(n)
	case *ast.SendStmt:
		s.unit.loud = true
		s.communicates(n.Chan, true, o.may)
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			s.unit.loud = true
			s.communicates(n.X, false, o.may)
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

// mentions notes a declaration of this package, once for a row of mentions.
func (s *surveyor) mentions(u *unit) {
	names := s.unit.names
	if u != nil && (len(names) == 0 || names[len(names)-1].unit != u) {
		s.unit.names = append(names, mention{unit: u})
	}
}

// communicates notes a send or receive that may be of a semaphore. A send that may
// be dropped does not take a slot.
func (s *surveyor) communicates(ch ast.Expr, send, may bool) {
	if !may && carriesNothing(s.p.Src.Info.TypeOf(ch)) {
		s.unit.slots = append(s.unit.slots, slot{ch, send})
	}
}

func (s *surveyor) call(n *ast.CallExpr, skipped bool) {
	at := s.p.at(n.Fun)
	c := at.callee
	if c.value != nil || c.iface {
		s.unit.names = append(s.unit.names, mention{dynamic: c})
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
	s.unit.calls = append(s.unit.calls, call{n, at})
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
