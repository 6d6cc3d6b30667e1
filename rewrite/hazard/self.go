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
	// SpawnWait is a wait for a group in the very loop that starts its
	// goroutines, one a turn. Its spots are the call of Wait and the loop.
	SpawnWait FaultSort = "wait in the spawning loop"

	// SelfJoin is a wait for a goroutine to end, by that goroutine. Its spot is
	// the operation that waits.
	SelfJoin FaultSort = "join of the running goroutine"

	// SelfSend is a send on an unbuffered channel that only the same run of the
	// same function receives from. Its spots are the call of make and the send.
	SelfSend FaultSort = "send to oneself"
)

// groupCall returns the group that a call is a method of: Add, Done, Wait or Go
// of sync.WaitGroup.
func groupCall(p *summary.Package, n ast.Node, names ...string) (lockset.Resource, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return lockset.Resource{}, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return lockset.Resource{}, false
	}
	fn, ok := p.Src.Info.Uses[sel.Sel].(*types.Func)
	if !ok || !isOfSync(fn, "WaitGroup", names...) {
		return lockset.Resource{}, false
	}
	return p.Namer.Method(sel, lockset.Lock), true
}

// spawnWaits finds each Wait that ends the turn of a loop which has just started
// one goroutine of the group. The next one is started when it is over: nothing
// runs beside anything. Where Add was called for all of them before, the first
// Wait never returns.
func spawnWaits(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			group, ok := groupCall(p, op.Node, "Wait")
			if !ok || op.Defer != nil {
				continue
			}
			at := p.Uses.StmtOf(op.Node)
			loop, ok := p.Uses.Parent(at.Owner).(ast.Stmt)
			if !ok || !isLoop(loop) || declaredIn(group.Root, loop) {
				continue
			}
			s := &spawning{p: p, group: group, loop: loop}
			if at.Index == 0 || !s.starts(at.List[at.Index-1]) || s.count() != 1 {
				continue
			}
			f := &Fault{
				Pkg: p, Body: b, Sort: SpawnWait, Node: op.Node, Level: Hazard, Resource: group.Expr, Spots: []ast.Node{op.Node, loop},
				What: group.Expr + ".Wait waits in the loop that starts the goroutines: they run one after the other",
			}
			if add := s.addedBefore(b); add != nil {
				f.Level = Deadlock
				f.What = group.Expr + ".Wait waits in the loop for goroutines that the loop has yet to start"
				f.Chain = []Frame{{add.Pos(), "counts them all"}}
			}
			out = append(out, f)
		}
	}
	return out
}

func isLoop(n ast.Node) bool {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

func declaredIn(obj types.Object, n ast.Node) bool {
	return obj == nil || n.Pos() <= obj.Pos() && obj.Pos() < n.End()
}

// A spawning is a loop that starts goroutines of a group.
type spawning struct {
	p     *summary.Package
	group lockset.Resource
	loop  ast.Stmt
}

func (s *spawning) is(n ast.Node, names ...string) bool {
	g, ok := groupCall(s.p, n, names...)
	return ok && g.Key() == s.group.Key()
}

// starts reports whether a statement starts a goroutine of the group: by Go, or
// by a go statement that calls Done.
func (s *spawning) starts(st ast.Stmt) bool {
	switch st := st.(type) {
	case *ast.ExprStmt:
		return s.is(ast.Unparen(st.X), "Go")
	case *ast.GoStmt:
		found := false
		ast.Inspect(st, func(n ast.Node) bool {
			found = found || n != nil && s.is(n, "Done")
			return !found
		})
		return found
	}
	return false
}

// count counts the goroutines of the group that a turn starts.
func (s *spawning) count() int {
	n := 0
	ast.Inspect(s.loop, func(m ast.Node) bool {
		if st, ok := m.(ast.Stmt); ok && s.starts(st) {
			n++
		}
		if m != s.loop && m != nil && isLoop(m) {
			n += 2 // many
		}
		return true
	})
	return n
}

// addedBefore returns the one call of Add, ahead of the loop, that counts more
// than one goroutine, of a local group that only the goroutines of the loop end.
func (s *spawning) addedBefore(b *lockset.Body) ast.Node {
	var adds []*ast.CallExpr
	for _, op := range b.Ops {
		if s.is(op.Node, "Add") {
			adds = append(adds, op.Node.(*ast.CallExpr))
		}
	}
	if len(adds) != 1 || adds[0].End() > s.loop.Pos() || s.p.Uses.StmtOf(adds[0]).Owner != s.p.Uses.StmtOf(s.loop).Owner {
		return nil
	}
	if v := s.p.Src.Info.Types[adds[0].Args[0]].Value; v != nil && v.ExactString() == "1" {
		return nil
	}
	if len(s.group.Fields) > 0 || s.othersEnd() {
		return nil
	}
	return adds[0]
}

// othersEnd reports whether anybody outside of the loop calls Done.
func (s *spawning) othersEnd() bool {
	for _, b := range s.p.Bodies() {
		for _, op := range b.Ops {
			if s.is(op.Node, "Done", "Go") && (op.Node.Pos() < s.loop.Pos() || op.Node.End() > s.loop.End()) {
				return true
			}
		}
	}
	return false
}

// selfJoins finds goroutines that wait for their own end: for a group whose Done
// they call when they are through, or for the close of a channel that they close
// when they are through; directly, or in a function that they call.
func selfJoins(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, end := range endsOf(p, b) {
			if !ownGoroutine(p, b) && !end.group {
				continue // who calls it may run beside another call that closes
			}
			for _, op := range b.Ops {
				if op.Defer != nil && !end.implicit || op.Node == end.node || !end.comesAfter(op) || selectOf(p, op.Node) != nil {
					continue
				}
				if f := end.joins(p, b, op); f != nil {
					out = append(out, f)
					break
				}
			}
		}
	}
	return out
}

// An end is what tells others that a goroutine is through.
type end struct {
	node     ast.Node
	res      lockset.Resource
	group    bool // a Done; otherwise a close
	deferred *ast.DeferStmt
	implicit bool // the group's own, behind the function that Go runs
}

// endsOf lists the deferred calls of Done and close in a body, and the group
// that runs it.
func endsOf(p *summary.Package, b *lockset.Body) []end {
	var out []end
	for _, op := range b.Ops {
		if op.Defer == nil || p.Uses.Enclosing(op.Defer) != b.Fn {
			continue // a literal that runs in place ends there
		}
		if g, ok := groupCall(p, op.Node, "Done"); ok {
			out = append(out, end{node: op.Node, res: g, group: true, deferred: op.Defer})
		}
		if ch := closed(p, op.Node); ch != nil {
			out = append(out, end{node: op.Node, res: p.Namer.Name(ch, lockset.ChanSem), deferred: op.Defer})
		}
	}
	if lit, ok := b.Fn.(*ast.FuncLit); ok {
		if g, ok := groupCall(p, p.Uses.Parent(lit), "Go"); ok {
			out = append(out, end{node: p.Uses.Parent(lit), res: g, group: true, implicit: true})
		}
	}
	return out
}

// comesAfter reports whether the end is reached behind an operation: its defer
// was registered before.
func (e end) comesAfter(op *lockset.Op) bool {
	return e.implicit || e.deferred.Pos() < op.Node.Pos()
}

// joins reports an operation that waits for the end.
func (e end) joins(p *summary.Package, b *lockset.Body, op *lockset.Op) *Fault {
	direct := false
	if e.group {
		g, ok := groupCall(p, op.Node, "Wait")
		direct = ok && g.Key() == e.res.Key()
	} else if u, ok := op.Node.(*ast.UnaryExpr); ok {
		direct = p.Namer.Name(u.X, lockset.ChanSem).Key() == e.res.Key() && len(p.Uses.Sends(chanOf(e.res))) == 0
	}
	f := &Fault{
		Pkg: p, Body: b, Sort: SelfJoin, Node: op.Node, Level: Deadlock, Resource: e.res.Expr, Spots: []ast.Node{op.Node},
		What: what(op.Node) + " waits for this very goroutine to end",
		Peer: []Frame{{e.node.Pos(), "ends only when this returns"}},
	}
	if direct {
		return f
	}
	if _, ok := op.Node.(*ast.CallExpr); !ok {
		return nil
	}
	for _, a := range p.Acts(b, op) {
		kind := a.Kind == summary.Receive && !e.group || a.Kind == summary.Wait && e.group
		if kind && a.Bounded == "" && len(a.Via) > 0 && p.IsTarget(b, a, e.res) {
			for _, via := range a.Via {
				f.Chain = append(f.Chain, Frame{via.Pos(), "calls " + via.Func})
			}
			f.Chain = append(f.Chain, Frame{a.Pos(), a.What})
			f.Level = Hazard // the callee may not wait on every path
			return f
		}
	}
	return nil
}

func chanOf(r lockset.Resource) uses.Chan {
	v, _ := r.Field().(*types.Var)
	if v == nil {
		v = types.NewVar(0, nil, "", nil)
	}
	return uses.Chan{Var: v.Origin()}
}

// selfSends finds sends on a local unbuffered channel that nothing but its
// function uses, no literal and no call: nobody can be there to receive.
func selfSends(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			send, ok := op.Node.(*ast.SendStmt)
			if !ok || selectOf(p, send) != nil {
				continue
			}
			id, ok := ast.Unparen(send.Chan).(*ast.Ident)
			if !ok {
				continue
			}
			v, _ := p.Src.Info.Uses[id].(*types.Var)
			if v == nil || v.IsField() {
				continue
			}
			made := unbuffered(p, uses.Chan{Var: v})
			if made == nil || !onlyIn(p, v, p.Uses.Enclosing(made)) {
				continue
			}
			if closes, _ := p.Uses.Closes(uses.Chan{Var: v}); len(closes) > 0 && closes[0].Pos() < send.Pos() {
				continue // it may panic instead
			}
			f := &Fault{
				Pkg: p, Body: b, Sort: SelfSend, Node: send, Level: Deadlock, Resource: v.Name(), Spots: []ast.Node{made, send},
				What: "send on " + v.Name() + " waits for a receiver that only comes after it",
				Why:  v.Name() + " is unbuffered, and only this function has it",
			}
			for _, r := range p.Uses.Receives(uses.Chan{Var: v}) {
				f.Peer = append(f.Peer, Frame{r.Pos(), "receives, in the same goroutine"})
			}
			out = append(out, f)
		}
	}
	return out
}

// onlyIn: a channel is used by channel operations of one function only.
func onlyIn(p *summary.Package, v *types.Var, fn ast.Node) bool {
	return staysHere(p, v, 1) && !slices.ContainsFunc(p.Uses.Reads(v), func(r ast.Node) bool { return p.Uses.Enclosing(r) != fn })
}
