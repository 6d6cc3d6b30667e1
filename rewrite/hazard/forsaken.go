package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

const (
	// NeverWoken is a wait on a channel or a condition that nobody ever sends to,
	// closes or signals. Its spot is the operation that waits.
	NeverWoken FaultSort = "wait that nobody ends"

	// SkippedClose is a return of a goroutine ahead of the close that others wait
	// for. Its spots are the return statement and the close.
	SkippedClose FaultSort = "skipped close"
)

// neverWoken finds receives from channels, and waits on conditions, that the
// package makes and keeps to itself, and where the other side does not exist. A
// local channel that its own function receives from is meant to block.
func neverWoken(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			if f := forsaken(p, b, op); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

func forsaken(p *summary.Package, b *lockset.Body, op *lockset.Op) *Fault {
	if call, ok := op.Node.(*ast.CallExpr); ok {
		if !isCondMethod(p, call, "Wait") {
			return nil
		}
		v := p.CondField(call)
		if v == nil || !keeps(p, v) || signalled(p, v) {
			return nil
		}
		c := condOf(p, call)
		return &Fault{
			Pkg: p, Body: b, Sort: NeverWoken, Node: call, Level: Deadlock, Resource: c.Expr, Spots: []ast.Node{call},
			What: c.Expr + ".Wait waits for ever: nobody signals " + v.Name(),
		}
	}
	ch := channel(op.Node)
	if _, send := op.Node.(*ast.SendStmt); ch == nil || send || selectOf(p, op.Node) != nil {
		return nil
	}
	if _, call := ast.Unparen(ch).(*ast.CallExpr); call {
		return nil // what a function returns may be a stand-in
	}
	c, ok := p.Uses.ChanOf(ch)
	if !ok || c.Elem || c.Var.Exported() && c.Var.IsField() {
		return nil
	}
	makes, complete := p.Uses.Makes(c)
	closes, _ := p.Uses.Closes(c)
	if !complete || p.Uses.Escapes(c) != "" || len(p.Uses.Sends(c))+len(closes) > 0 {
		return nil
	}
	if slices.ContainsFunc(makes, func(m uses.Make) bool { return !c.Var.IsField() && m.Fn != nil && m.Fn == p.Uses.Enclosing(op.Node) }) {
		return nil
	}
	text := types.ExprString(ch)
	return &Fault{
		Pkg: p, Body: b, Sort: NeverWoken, Node: op.Node, Level: Deadlock, Resource: text, Spots: []ast.Node{op.Node},
		What: what(op.Node) + " waits for ever: nobody sends on it or closes it",
		Peer: []Frame{{makes[0].Node.Pos(), "is made here, and stays in the package"}},
	}
}

// keeps: a condition that no other package can name, and that is used for its
// methods and its lock only.
func keeps(p *summary.Package, v *types.Var) bool {
	if v.Exported() && (v.IsField() || v.Parent() == p.Src.Types.Scope()) || v.Embedded() {
		return false
	}
	if !v.IsField() && v.Parent() != p.Src.Types.Scope() {
		return false // a local one may be anybody's
	}
	plain := func(n ast.Node) bool {
		_, ok := p.Uses.Parent(n).(*ast.SelectorExpr)
		return ok
	}
	for _, w := range p.Uses.Writes(v) {
		if w.Kind == uses.AddressTaken || w.Kind == uses.Assign && w.Value == nil {
			return false
		}
	}
	return !slices.ContainsFunc(p.Uses.Reads(v), func(n ast.Node) bool { return !plain(n) })
}

// signalled reports whether anybody in the package signals a condition, in a
// method value too.
func signalled(p *summary.Package, v *types.Var) bool {
	found := false
	for _, f := range p.Src.Files {
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if ok && (sel.Sel.Name == "Signal" || sel.Sel.Name == "Broadcast") {
				if c, ok := p.Namer.Name(sel.X, lockset.Lock).Field().(*types.Var); ok && c == v {
					found = true
				}
			}
			return !found
		})
	}
	return found
}

// skippedCloses finds goroutines with one close of a channel, at their end, that
// return before it on some path, where others receive from the channel and nobody
// sends on it. One return is reported once, whatever it skips.
func skippedCloses(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok || op.Defer != nil || len(op.Lits) > 0 || closed(p, call) == nil || p.Uses.StmtOf(call).Owner != b.Block || !ownGoroutine(p, b) {
				continue
			}
			f := skipped(p, b, call)
			if f != nil && !slices.ContainsFunc(out, func(o *Fault) bool { return o.Node == f.Node }) {
				out = append(out, f)
			}
		}
	}
	return out
}

func skipped(p *summary.Package, b *lockset.Body, call *ast.CallExpr) *Fault {
	c, ok := p.Uses.ChanOf(call.Args[0])
	if !ok || len(p.Uses.Sends(c)) > 0 || p.Uses.Escapes(c) != "" {
		return nil
	}
	closes, _ := p.Uses.Closes(c)
	i := slices.IndexFunc(p.Uses.Receives(c), func(r ast.Node) bool { return selectOf(p, r) == nil && bodyOf(p, r) != b })
	if len(closes) != 1 || i < 0 {
		return nil
	}
	var early *ast.ReturnStmt
	r := newRoute(p, b.Block)
	r.step = func(n ast.Node, state int) (int, bool) {
		if n.Pos() <= call.Pos() && call.End() <= n.End() {
			return state, false
		}
		if ret, ok := n.(*ast.ReturnStmt); ok && early == nil {
			early = ret
		}
		return state, early == nil
	}
	r.from(point{r.graph.Blocks[0], 0}, 0)
	if early == nil {
		return nil
	}
	text := types.ExprString(call.Args[0])
	return &Fault{
		Pkg: p, Body: b, Sort: SkippedClose, Node: early, Level: Hazard, Resource: text, Spots: []ast.Node{early, call},
		What:  "the goroutine returns without closing " + text + ", which others wait for",
		Chain: []Frame{{call.Pos(), "closes it on other paths"}},
		Peer:  []Frame{{p.Uses.Receives(c)[i].Pos(), "waits for it"}},
	}
}
