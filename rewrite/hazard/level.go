package hazard

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// level ranks an observation: what provably ends is contention, what waits for
// a peer that is seen to need the resource is a deadlock, the rest a hazard.
func level(o *Observation) (Level, string, []Frame) {
	switch {
	case !o.Held.Must && !deferredOnly(o):
		return Contention, o.Held.Expr + " is held on some paths only", nil
	case o.Bounded != "":
		return Contention, "the wait ends with " + o.Bounded, nil
	case o.Ends == IO && !o.Act.Network:
		return Contention, "waits for a file or a process, which come back for no lock", nil
	case len(o.Act.Via) == 0 && openedHere(o):
		return Contention, "nobody else has what was opened here", nil
	case o.Act.Under && len(o.Act.Via) > 0:
		return Contention, "the callee holds a lock of its own around it, and the finding is there", nil
	case o.Class != syncapi.Foreign && alone(o):
		return Contention, o.Held.Expr + " is there to have one such operation at a time", nil
	}
	if o.Class == syncapi.Waits {
		return waitLevel(o)
	}
	return Hazard, "", nil
}

// deferredOnly: a lock taken in a branch and released by a defer is held from
// there on; nothing that depends on the branch could have released it.
func deferredOnly(o *Observation) bool {
	if o.Section == nil || len(o.Section.Releases) == 0 || o.Section.Acquire.Kind == syncapi.Try {
		return false
	}
	for _, r := range o.Section.Releases {
		if r.Defer == nil {
			return false
		}
	}
	return true
}

var opens = regexp.MustCompile(`(?i)^(open|new|create|dial|listen)`)

// openedHere reports whether a Close is of what the same body opened: it waits
// for nobody, and the object knows nothing to call back.
func openedHere(o *Observation) bool {
	call, ok := o.Op.Node.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Close" {
		return false
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := o.Pkg.Src.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() {
		return false
	}
	writes := o.Pkg.Uses.Writes(v)
	if len(writes) == 0 {
		return false
	}
	for _, w := range writes {
		if !opened(w.Node) {
			return false
		}
	}
	return true
}

// opened: the statement assigns what a call of Open, New or Dial returned.
func opened(n ast.Node) bool {
	s, ok := n.(*ast.AssignStmt)
	if !ok || len(s.Rhs) != 1 {
		return false
	}
	call, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	name := ""
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = fun.Name
	case *ast.SelectorExpr:
		name = fun.Sel.Name
	}
	return opens.MatchString(name)
}

// alone reports whether a lock that has a name of its own (joinMu, not mu) is
// taken at one place of the package only, this one: then no other code can wait
// for it, and it can only mean to serialise what is done here.
func alone(o *Observation) bool {
	class := o.Pkg.Class(o.Held.Resource)
	if class == "" || o.Section == nil || o.Held.Sort != lockset.Lock {
		return false
	}
	if f, ok := o.Held.Field().(*types.Var); !ok || f.Exported() || !ownName.MatchString(f.Name()) {
		return false
	}
	for _, b := range o.Pkg.Bodies {
		for _, s := range b.Sections {
			if s != o.Section && o.Pkg.Class(s.Acquire.Resource) == class {
				return false
			}
		}
	}
	return true
}

var ownName = regexp.MustCompile(`(?i)^.{2,}_?(mu|mtx|mx|mutex|lock|lk)$`)

// waitLevel looks for the other side of a wait in this package.
func waitLevel(o *Observation) (Level, string, []Frame) {
	at := root(o)
	if at == nil {
		return Hazard, "", nil
	}
	peers, all := peersOf(at)
	class := o.Pkg.Class(o.Held.Resource)
	if class == "" || len(peers) == 0 {
		return Hazard, "", nil
	}
	free := true
	for _, peer := range peers {
		frames, needs := needsLock(at, peer, class)
		if needs && at != o {
			return Hazard, "", nil // of which object is not known through calls
		}
		if needs && buffered(o) {
			return Hazard, "the other side needs " + o.Held.Expr + " too, but the channel has room", nil
		}
		if needs {
			return Deadlock, "", frames
		}
		free = free && frames == nil && (peer.what == started || ownGoroutine(o.Pkg, peer.body))
	}
	if all && free {
		return Contention, "whoever it waits for never takes " + o.Held.Expr, nil
	}
	return Hazard, "", nil
}

// root is the observation as it would stand at the wait that a chain of calls
// ends in; nil when that is in another package.
func root(o *Observation) *Observation {
	if len(o.Act.Via) == 0 {
		return o
	}
	for _, b := range o.Pkg.Bodies {
		for _, op := range b.Ops {
			if op.Node.Pos() == o.Act.Pos() {
				r := *o
				r.Body, r.Op, r.Kind = b, op, o.Ends
				return &r
			}
		}
	}
	return nil
}

// entered reports whether a lock is taken only in functions that no code of the
// package calls, like Start and Stop: then no goroutine of the package that is
// waited for comes to it.
func entered(o *Observation, class string) bool {
	for _, b := range o.Pkg.Bodies {
		for _, s := range b.Sections {
			if o.Pkg.Class(s.Acquire.Resource) != class {
				continue
			}
			if b.Obj == nil {
				return false
			}
			if calls, _ := o.Pkg.Uses.Calls(b.Obj); len(calls) > 0 {
				return false
			}
		}
	}
	return true
}

// started is what a goroutine does that a group starts and waits for.
const started = "runs until it returns"

// ownGoroutine reports whether a body only ever runs as a goroutine of its own.
// What an ordinary function does on the other side says nothing: who calls it
// may need the lock first.
func ownGoroutine(p *summary.Package, b *lockset.Body) bool {
	if b.Spawned || b.Obj == nil {
		return b.Spawned
	}
	calls, complete := p.Uses.Calls(b.Obj)
	for _, call := range calls {
		if _, ok := p.Uses.Parent(call).(*ast.GoStmt); !ok {
			return false
		}
	}
	return complete && len(calls) > 0
}

// buffered reports whether the channel that is waited for has room. Then the
// other side may have come and gone: no cycle is shown.
func buffered(o *Observation) bool {
	c, ok := o.Pkg.Uses.ChanOf(channel(o.Op.Node))
	if !ok {
		return false
	}
	makes, _ := o.Pkg.Uses.Makes(c)
	return len(makes) > 0 && !slices.ContainsFunc(makes, func(m uses.Make) bool { return m.CapExpr == nil || m.CapKnown && m.Cap == 0 })
}

// channel is what a send, a receive or a range works on; nil for anything else.
func channel(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.SendStmt:
		return n.Chan
	case *ast.UnaryExpr:
		return n.X
	case *ast.RangeStmt:
		return n.X
	}
	return nil
}

// A peer is a place on the other side: a receive for a send, Done for Wait.
type peer struct {
	node  ast.Node
	body  *lockset.Body
	what  string
	atEnd bool // it happens when the body returns
}

// peersOf finds the other side of a direct wait; all says that there is no
// other.
func peersOf(o *Observation) (peers []peer, all bool) {
	u := o.Pkg.Uses
	add := func(what string, nodes ...ast.Node) {
		for _, n := range nodes {
			if b := bodyOf(o.Pkg, n); b != nil && b != o.Body {
				peers = append(peers, peer{node: n, body: b, what: what, atEnd: isDeferred(b, n)})
			}
		}
	}
	if call, ok := o.Op.Node.(*ast.CallExpr); ok && o.Kind == Wait {
		return doneCalls(o, call)
	}
	c, ok := u.ChanOf(channel(o.Op.Node))
	if !ok {
		return nil, false
	}
	closes, closed := u.Closes(c)
	_, made := u.Makes(c)
	if o.Kind == Send {
		add("receives", u.Receives(c)...)
		return peers, closed && made && len(peers) > 0
	}
	for _, s := range u.Sends(c) {
		add("sends", s)
	}
	for _, call := range closes {
		add("closes it", call)
	}
	return peers, closed && made && len(peers) > 0
}

// isDeferred reports whether an operation of a body runs when it returns.
func isDeferred(b *lockset.Body, n ast.Node) bool {
	i := slices.IndexFunc(b.Ops, func(op *lockset.Op) bool { return op.Node == n })
	return i >= 0 && b.Ops[i].Defer != nil
}

// doneCalls finds the calls of Done on the group that is waited for.
func doneCalls(o *Observation, wait *ast.CallExpr) (peers []peer, all bool) {
	sel, ok := ast.Unparen(wait.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil, false
	}
	group, ok := o.Pkg.Namer.Method(sel, lockset.Lock).Field().(*types.Var)
	if !ok {
		return nil, false
	}
	for _, b := range o.Pkg.Bodies {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok {
				continue
			}
			s, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if !ok || o.Pkg.Namer.Method(s, lockset.Lock).Field() != types.Object(group) {
				continue
			}
			switch s.Sel.Name {
			case "Done":
				peers = append(peers, peer{node: call, body: b, what: "calls Done", atEnd: op.Defer != nil})
			case "Go":
				if lit, ok := lastArg(call).(*ast.FuncLit); ok {
					if lb := bodyOfLit(o.Pkg, lit); lb != nil {
						peers = append(peers, peer{node: call, body: lb, what: "runs until it returns", atEnd: true})
					}
				}
			}
		}
	}
	return peers, len(peers) > 0
}

func lastArg(call *ast.CallExpr) ast.Expr {
	if len(call.Args) == 0 {
		return nil
	}
	return ast.Unparen(call.Args[len(call.Args)-1])
}

func bodyOfLit(p *summary.Package, lit *ast.FuncLit) *lockset.Body {
	for _, b := range p.Bodies {
		if b.Fn == lit {
			return b
		}
	}
	return nil
}

// bodyOf finds the body that a node is part of.
func bodyOf(p *summary.Package, n ast.Node) *lockset.Body {
	for fn := p.Uses.Enclosing(n); fn != nil; fn = p.Uses.Enclosing(fn) {
		for _, b := range p.Bodies {
			if b.Fn == fn {
				return b
			}
		}
	}
	return nil
}

// needsLock reports whether a peer takes a lock of the class on its way: before
// it comes to the other side, or between one time and the next. frames is nil
// when it provably takes none; it is not when foreign code runs there.
func needsLock(o *Observation, p peer, class string) (frames []Frame, needs bool) {
	where := Frame{p.node.Pos(), p.what + " in " + bodyName(o.Pkg, p.body)}
	for _, s := range p.body.Sections {
		if o.Pkg.Class(s.Acquire.Resource) != class {
			continue
		}
		if mustBefore(o, p, s) && sameOwner(o, p, s) {
			return []Frame{where, {s.Acquire.Node.Pos(), "only after " + s.Acquire.Resource.Expr + " is acquired"}}, true
		}
		return []Frame{where}, false
	}
	for _, op := range p.body.Ops {
		if done(o, p, op) {
			break
		}
		for _, l := range o.Pkg.LocksTaken(op) {
			if l.Class == class {
				return []Frame{where}, false
			}
		}
		if o.Kind != Wait && o.Pkg.Opaque(op) {
			return []Frame{where}, false // a library that may be given functions of ours
		}
		for _, a := range o.Pkg.Acts(p.body, op) {
			if o.Kind == Wait && entered(o, class) {
				continue
			}
			if a.Class == syncapi.Foreign && o.Kind != Wait {
				return []Frame{where}, false // it runs code that may come back for the lock
			}
			if a.Class == syncapi.Waits && a.Kind != summary.Wait && a.Bounded == "" && o.Kind == Wait && !served(o, op) {
				return []Frame{where}, false // it waits itself, for one who may need the lock
			}
		}
	}
	return nil, false
}

// done reports whether an operation comes after the Done that a wait waits for.
func done(o *Observation, p peer, op *lockset.Op) bool {
	_, call := p.node.(*ast.CallExpr)
	_, deferred := o.Pkg.Uses.Parent(p.node).(*ast.DeferStmt)
	return o.Kind == Wait && call && p.what == "calls Done" && !deferred && op.Node.Pos() > p.node.End()
}

// served reports whether a worker receives from a channel that only the one who
// waits for it fills and closes: it ends when its input does.
func served(o *Observation, op *lockset.Op) bool {
	var ch ast.Expr
	switch n := op.Node.(type) {
	case *ast.RangeStmt:
		ch = n.X
	case *ast.UnaryExpr:
		ch = n.X
	default:
		return false
	}
	c, ok := o.Pkg.Uses.ChanOf(ch)
	if !ok {
		return false
	}
	closes, _ := o.Pkg.Uses.Closes(c)
	for _, call := range closes {
		if bodyOf(o.Pkg, call) != o.Body {
			return false
		}
	}
	for _, s := range o.Pkg.Uses.Sends(c) {
		if bodyOf(o.Pkg, s) != o.Body {
			return false
		}
	}
	return len(closes) > 0
}

// mustBefore: the acquisition stands above the other side in one statement list
// or around it, outside of branches, so that the peer cannot get there without.
func mustBefore(o *Observation, p peer, s *lockset.Section) bool {
	if s.Acquire.Kind == syncapi.Try {
		return false
	}
	at := o.Pkg.Uses.StmtOf(s.Acquire.Node)
	if p.atEnd {
		return at.Owner == p.body.Block && !returnsBefore(p.body.Block, s.Acquire.Node)
	}
	if s.Acquire.Node.Pos() > p.node.Pos() {
		return false
	}
	for n := p.node; n != nil; n = o.Pkg.Uses.Parent(n) {
		if n == at.Owner {
			return true
		}
	}
	return false
}

// returnsBefore reports whether a function can return ahead of a node.
func returnsBefore(block *ast.BlockStmt, at ast.Node) bool {
	found := false
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = found || n.Pos() < at.Pos()
		}
		return !found
	})
	return found
}

// sameOwner: lock and channel hang on one variable on both sides, so that one
// object on this side is one object on the other; or they are the very same
// variables, as in a literal and the function around it.
func sameOwner(o *Observation, p peer, s *lockset.Section) bool {
	here, ok := ownerOf(o.Pkg, o.Op.Node)
	there, ok2 := ownerOf(o.Pkg, p.node)
	if !ok || !ok2 {
		return false
	}
	root := s.Acquire.Resource.Root
	return here == o.Held.Root && there == root || here == there && root == o.Held.Root
}

// ownerOf is the variable that a channel operation's channel, or a group,
// starts at.
func ownerOf(p *summary.Package, n ast.Node) (types.Object, bool) {
	e := channel(n)
	if n, ok := n.(*ast.CallExpr); ok {
		if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
			e = sel.X
		} else if len(n.Args) == 1 {
			e = n.Args[0] // close(ch)
		}
	}
	if e == nil {
		return nil, false
	}
	r := p.Namer.Name(e, lockset.ChanSem)
	return r.Root, r.Root != nil
}

func bodyName(p *summary.Package, b *lockset.Body) string {
	if b.Obj != nil {
		return p.FuncName(b.Obj)
	}
	if fd, ok := b.Decl.(*ast.FuncDecl); ok {
		if fn, ok := p.Src.Info.Defs[fd.Name].(*types.Func); ok {
			return "a goroutine or function of " + p.FuncName(fn)
		}
	}
	return "a function literal"
}
