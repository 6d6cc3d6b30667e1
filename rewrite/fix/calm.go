package fix

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// calm says why statements that stay in the section after an operation has left
// it could depend on what it does; "" means that they provably do not: they
// only move values that the lock guards, or that nobody else can reach.
func (s *section) calm(stmts []ast.Stmt, out *region) (why string, at ast.Node) {
	c := s.newCalmness(out)
	for _, st := range stmts {
		c.stmt(st)
	}
	return c.why, c.at
}

// newCalmness prepares to look at what stays behind a region. Behind a wait more
// is suspect than behind a wake: whoever wrote it there may have meant it to
// happen when the wait is over.
func (s *section) newCalmness(out *region) *calmness {
	c := &calmness{s: s, out: out}
	for _, o := range s.obs {
		for _, st := range out.stmts {
			c.wait = c.wait || contains(st, o.Op.Node) && isWait(o)
		}
	}
	return c
}

// isWait reports whether an operation ends when something has happened, rather
// than make something happen.
func isWait(o *hazard.Observation) bool {
	switch o.Ends {
	case hazard.Receive, hazard.RangeChan, hazard.Wait, hazard.CondWait, hazard.Sleep, hazard.Acquire:
		return true
	case hazard.Select:
		sel, ok := o.Op.Node.(*ast.SelectStmt)
		return !ok || !selectSends(sel)
	}
	return false
}

type calmness struct {
	s   *section
	out *region

	wait    bool     // the operation is a wait
	returns bool     // return statements may stand there: everything up to the end is looked at
	skip    ast.Stmt // the operation itself
	around  ast.Stmt // branches may lead anywhere inside
	why     string
	at      ast.Node
}

func (c *calmness) no(why string, at ast.Node) {
	if c.why == "" {
		c.why, c.at = why, at
	}
}

func (c *calmness) stmt(n ast.Stmt) {
	if n != nil && n == c.skip {
		return
	}
	switch n := n.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.AssignStmt:
		for _, e := range append(append([]ast.Expr(nil), n.Lhs...), n.Rhs...) {
			c.expr(e)
		}
		c.publishes(n.Lhs...)
	case *ast.IncDecStmt:
		c.expr(n.X)
		c.publishes(n.X)
	case *ast.ExprStmt:
		c.expr(n.X)
	case *ast.DeclStmt:
		for _, spec := range n.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, e := range v.Values {
					c.expr(e)
				}
			}
		}
	case *ast.BlockStmt:
		for _, st := range n.List {
			c.stmt(st)
		}
	case *ast.IfStmt:
		c.stmt(n.Init)
		c.expr(n.Cond)
		c.stmt(n.Body)
		c.stmt(n.Else)
	case *ast.RangeStmt:
		switch c.s.typeOf(n.X).Underlying().(type) {
		case *types.Chan, *types.Signature:
			if c.skip != nil && contains(n, c.skip) {
				break // nothing bounds it: the memory obligation says so
			}
			c.no("it ranges over "+types.ExprString(n.X)+" behind it", n)
		}
		c.expr(n.X)
		c.stmt(n.Body)
	case *ast.ForStmt:
		if (c.skip == nil || !contains(n, c.skip)) && n.Post == nil && c.s.unbounded(n) != "" {
			c.no("a loop follows it that may not end", n)
		}
		c.stmt(n.Init)
		c.expr(n.Cond)
		c.stmt(n.Post)
		c.stmt(n.Body)
	case *ast.LabeledStmt:
		c.stmt(n.Stmt)
	case *ast.SwitchStmt:
		c.stmt(n.Init)
		c.expr(n.Tag)
		c.stmt(n.Body)
	case *ast.CaseClause:
		for _, e := range n.List {
			c.expr(e)
		}
		for _, st := range n.Body {
			c.stmt(st)
		}
	case *ast.BranchStmt:
		if c.around == nil && !c.returns {
			c.no("what follows it in the section may leave it", n)
		}
	case *ast.ReturnStmt:
		if !c.returns {
			c.no("what follows it in the section may leave it", n)
		}
		for _, e := range n.Results {
			c.expr(e)
		}
	default:
		c.no("what follows it in the section may leave it or wait", n)
	}
}

func (c *calmness) expr(e ast.Expr) {
	if e == nil {
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			c.ident(n)
		case *ast.StarExpr:
			if tv, ok := c.s.info.Types[n]; ok && !tv.IsType() {
				c.no(types.ExprString(n)+" may be what the other side answers", n)
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				c.no("it waits again", n)
			}
		case *ast.FuncLit:
			c.no("a function is made behind it", n)
			return false
		case *ast.CallExpr:
			c.call(n)
		case *ast.SelectorExpr:
			c.read(n)
		}
		return c.why == ""
	})
}

// read: what is not the lock's may be what the other side had written before.
func (c *calmness) read(n ast.Node) { c.suspect(c.s.still(n), n) }

// suspect: what may be an answer is what one waits for; of a wake it is possible,
// and an assumption.
func (c *calmness) suspect(why string, at ast.Node) {
	switch {
	case why == "":
	case c.wait && !c.s.unseen(at):
		c.no(why, at)
	default:
		c.out.judged = merge(c.out.judged, assumed("exclusion", why, at))
	}
}

// ident: a local variable whose address went out with the operation may have
// been written by it, and so may one that the region itself writes.
func (c *calmness) ident(id *ast.Ident) {
	v, ok := c.s.info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Pkg() == nil {
		return
	}
	if v.Parent() == v.Pkg().Scope() {
		c.read(id)
		return
	}
	if c.out.own[v] {
		c.no(v.Name()+" is what it yields", id)
		return
	}
	for _, w := range c.s.u.Writes(v) {
		for _, st := range c.out.stmts {
			if contains(st, w.Node) {
				c.no(v.Name()+" is what it yields", id)
			}
		}
		if w.Kind == uses.AddressTaken && !c.s.isBefore(w.Node, v) {
			c.no(v.Name()+" may have been changed by it", id)
		}
	}
	if _, isStruct := v.Type().Underlying().(*types.Struct); !isStruct {
		c.read(id)
	}
}

// publishes: what is written behind a wait is seen by others before it is over
// then.
func (c *calmness) publishes(lhs ...ast.Expr) {
	for _, e := range lhs {
		if _, local := ast.Unparen(e).(*ast.Ident); c.wait && !local {
			c.out.judged = merge(c.out.judged, assumed("exclusion", types.ExprString(e)+", which is written behind the wait, is seen before it is over", e))
		}
	}
}

func (c *calmness) call(n *ast.CallExpr) {
	if tv, ok := c.s.info.Types[n.Fun]; ok && tv.IsType() {
		return
	}
	if b, ok := c.s.builtin(n.Fun); ok {
		if b == "panic" || b == "close" {
			c.no(b+" follows it", n)
		}
		if b == "len" && isChan(c.s.typeOf(n.Args[0])) {
			c.no("the length of "+types.ExprString(n.Args[0])+" is asked behind it", n)
		}
		return
	}
	if c.s.signals(n) {
		c.overtakes(n)
		return
	}
	if c.s.endsProgram(n) {
		c.no("a call of "+types.ExprString(n.Fun)+" follows it, which does not return", n)
		return
	}
	if c.wait && !c.s.remarks(n) {
		c.no("a call of "+types.ExprString(n.Fun)+" follows the wait, and may be meant for when it is over", n)
		return
	}
	if !c.s.quiet(n) {
		c.no("a call of "+types.ExprString(n.Fun)+" follows it in the section", n)
		return
	}
	c.suspect(c.s.looksAt(n), n)
}

// overtakes: what others see without the lock comes ahead of the operation now.
// Behind a wait it says that the wait is over, and an atomic variable or a group
// says that something is done; of a wake and a cancel it is the order.
func (c *calmness) overtakes(n *ast.CallExpr) {
	name := types.ExprString(n.Fun)
	if c.wait || !c.s.stops(n) {
		c.no("a call of "+name+" follows it, which others see without "+c.s.Acquire.Resource.Expr, n)
		return
	}
	c.out.judged = merge(c.out.judged, assumed("order", name+", which others see without "+c.s.Acquire.Resource.Expr+", comes ahead of it", n))
}

func isChan(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}
