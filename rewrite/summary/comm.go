package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

func (p *Package) send(n *ast.SendStmt) []Act {
	if ok, _ := p.Uses.SendFits(n); ok || syncapi.Drained(p.Src.Info.TypeOf(n.Chan)) {
		return nil
	}
	return []Act{{Kind: Send, Class: syncapi.Waits, What: "sends on " + types.ExprString(n.Chan), Param: Nowhere, Target: p.chanRef(n.Chan), pos: n.Pos()}}
}

// receive judges a receive. One from a timer or from time.After waits for time
// only; one from ctx.Done(), not an alternative to another wait, waits for whoever
// cancels.
func (p *Package) receive(n *ast.UnaryExpr) []Act {
	act := Act{Kind: Receive, Class: syncapi.Waits, What: "receives from " + types.ExprString(n.X), Param: Nowhere, Target: p.chanRef(n.X), pos: n.Pos()}
	if end := p.bound(n.X); end != "" && !strings.HasSuffix(end, ".Done()") {
		act.Bounded = end
	}
	return []Act{act}
}

func (p *Package) ranges(n *ast.RangeStmt) []Act {
	if _, ok := p.Src.Info.TypeOf(n.X).Underlying().(*types.Chan); !ok {
		return nil // an iterator: what it calls is judged where it is called
	}
	return []Act{{Kind: RangeChan, Class: syncapi.Waits, What: "ranges over " + types.ExprString(n.X), Param: Nowhere, Target: p.chanRef(n.X), pos: n.Pos()}}
}

// selects judges a select: with a default it does not wait, with a case on
// ctx.Done() or on a timer it does not wait for ever.
func (p *Package) selects(n *ast.SelectStmt) []Act {
	act := Act{Kind: Select, Class: syncapi.Waits, Param: Nowhere, Target: Ref{Param: Nowhere}, pos: n.Pos()}
	for _, c := range n.Body.List {
		comm := c.(*ast.CommClause).Comm
		if comm == nil {
			return nil
		}
		ch, send := p.commChan(comm)
		if ch == nil {
			continue
		}
		if end := p.bound(ch); end != "" {
			act.Bounded = end
			continue
		}
		if act.What == "" {
			act.What, act.Target = "waits in a select to receive from "+types.ExprString(ch), p.chanRef(ch)
			if send {
				act.What = "waits in a select to send on " + types.ExprString(ch)
			}
		}
	}
	if act.What == "" {
		act.What = "waits in a select"
	}
	return []Act{act}
}

func (p *Package) commChan(comm ast.Stmt) (ch ast.Expr, send bool) {
	var e ast.Expr
	switch comm := comm.(type) {
	case *ast.SendStmt:
		return comm.Chan, true
	case *ast.ExprStmt:
		e = comm.X
	case *ast.AssignStmt:
		e = comm.Rhs[0]
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X, false
	}
	return nil, false
}

// bound says what makes a channel deliver sooner or later: a context or a
// timer; "" for any other channel.
func (p *Package) bound(ch ast.Expr) string {
	ch = ast.Unparen(ch)
	if id, ok := ch.(*ast.Ident); ok {
		v, _ := p.Src.Info.Uses[id].(*types.Var)
		if def, ok := p.Namer.Def(v); ok {
			ch = ast.Unparen(def)
		}
	}
	switch x := ch.(type) {
	case *ast.CallExpr:
		if c := p.callee(x.Fun); c.fn != nil && c.fn.Pkg() != nil {
			switch c.fn.Pkg().Path() + "." + c.fn.Name() {
			case "context.Done", "time.After", "time.Tick":
				return types.ExprString(x.Fun) + "()"
			}
			if c.fn.Name() == "After" || c.fn.Name() == "Done" && isContext(p.Src.Info.TypeOf(c.sel)) {
				return types.ExprString(x.Fun) + "()"
			}
		}
	case *ast.SelectorExpr:
		if t := p.Src.Info.TypeOf(x.X); t != nil && x.Sel.Name == "C" {
			switch types.TypeString(t, nil) {
			case "*time.Timer", "*time.Ticker", "time.Timer", "time.Ticker":
				return types.ExprString(x)
			}
		}
	}
	return ""
}

func isContext(t types.Type) bool {
	return t != nil && types.TypeString(t, nil) == "context.Context"
}

func (p *Package) chanRef(ch ast.Expr) Ref {
	return p.ref(p.current, p.Namer.Name(ch, lockset.ChanSem))
}
