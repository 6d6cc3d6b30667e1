package duty

import (
	"go/ast"

	"golang.org/x/tools/go/cfg"
)

// again notes that the path begins the duty once more, at the continue that led
// there when there is one.
func (w *walk) again(s state) {
	if s.armed && !w.Inverse {
		w.leak(Nested, w.Begin, state{})
		return
	}
	for it := w.now; it != nil && (it.state.begun || it == w.now); it = it.from {
		if it.from == nil {
			break
		}
		if br := w.jumps[it.from.block]; br != nil {
			w.leak(Again, br, it.from.state)
			return
		}
	}
	w.leak(Again, w.Begin, state{})
}

// jump is the branch statement that a block ends with.
func (c *Code) jump(b *cfg.Block) *ast.BranchStmt {
	var next ast.Stmt
	if n := len(b.Nodes); n > 0 && c.made(b.Nodes[n-1]) {
		return nil
	} else if n > 0 {
		next = c.next(b.Nodes[n-1])
	} else {
		next = c.first(b)
	}
	br, _ := next.(*ast.BranchStmt)
	return br
}

// first is the statement that an empty block begins with.
func (c *Code) first(b *cfg.Block) ast.Stmt {
	var list []ast.Stmt
	switch stmt := b.Stmt.(type) {
	case *ast.IfStmt:
		switch b.Kind {
		case cfg.KindIfThen:
			list = stmt.Body.List
		case cfg.KindIfElse:
			if blk, ok := stmt.Else.(*ast.BlockStmt); ok {
				list = blk.List
			}
		case cfg.KindIfDone:
			return c.next(stmt)
		}
	case *ast.CaseClause:
		list = stmt.Body
	case *ast.CommClause:
		list = stmt.Body
	default:
		if b.Stmt != nil && b.Kind != cfg.KindForLoop && b.Kind != cfg.KindRangeLoop && b.Kind != cfg.KindForPost {
			return c.next(b.Stmt)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// next is the statement that follows the one that a node is or stands in.
func (c *Code) next(n ast.Node) ast.Stmt {
	for p := c.Parent(n); p != nil; n, p = p, c.Parent(p) {
		var list []ast.Stmt
		switch p := p.(type) {
		case *ast.BlockStmt:
			list = p.List
		case *ast.CaseClause:
			list = p.Body
		case *ast.CommClause:
			list = p.Body
		default:
			continue
		}
		for i, st := range list {
			if ast.Node(st) == n && i+1 < len(list) {
				return list[i+1]
			}
		}
		return nil
	}
	return nil
}
