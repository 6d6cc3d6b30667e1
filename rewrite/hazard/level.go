package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
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
	case o.Held.Sort.IsToken() && waitsForItself(o):
		return Contention, "the callee waits on a channel of its own, where nobody knows of " + o.Held.Expr, nil
	case o.Held.Sort.IsToken() && isCaretaker(o):
		return Contention, "the goroutine is there to give " + o.Held.Expr + " back then", nil
	case o.Kind == Send && hasRoomUnder(o):
		return Contention, "there is room for each holder of " + o.Held.Expr, nil
	case o.Class != syncapi.Foreign && alone(o):
		return Contention, o.Held.Expr + " is there to have one such operation at a time", nil
	}
	if o.Class == syncapi.Waits {
		return waitLevel(o)
	}
	return Hazard, "", nil
}

// waitsForItself: a function of another package waits on a channel that it made
// itself. Who is on the other side was started by it.
func waitsForItself(o *Observation) bool {
	if o.Ends != Send && o.Ends != Receive && o.Ends != RangeChan || len(o.Act.Via) == 0 || o.Act.Target.Param != summary.Nowhere {
		return false
	}
	return !o.Act.Via[len(o.Act.Via)-1].Local
}

// isCaretaker: a goroutine does nothing but wait, and give back a token that was
// handed to it.
func isCaretaker(o *Observation) bool {
	if !o.Body.Spawned || o.Section != nil || len(o.Act.Via) > 0 || o.Op.Defer != nil {
		return false
	}
	return !slices.ContainsFunc(o.Body.Ops, func(op *lockset.Op) bool {
		ch := channel(op.Node)
		return op != o.Op && (ch == nil || o.Pkg.Namer.Name(ch, lockset.ChanSem).Key() != o.Held.Key()) && !isCallOn(o, op.Node)
	})
}

// isCallOn: a node is a call in what is waited for: <-p.Closed().
func isCallOn(o *Observation, n ast.Node) bool {
	return o.Op.Node.Pos() <= n.Pos() && n.End() <= o.Op.Node.End()
}

// hasRoomUnder: only who holds a token sends, and the token goes back when what was
// sent was taken, or where nothing is sent: no more is in the channel than there
// are tokens.
func hasRoomUnder(o *Observation) bool {
	send, ok := o.Op.Node.(*ast.SendStmt)
	token, isVar := o.Held.Field().(*types.Var)
	if !ok || !isVar || o.Held.Sort != lockset.ChanSem {
		return false
	}
	u := o.Pkg.Uses
	c, ok := u.ChanOf(send.Chan)
	t := uses.Chan{Var: token.Origin()}
	room, ok1 := capacity(o.Pkg, c)
	tokens, ok2 := capacity(o.Pkg, t)
	if !ok || !ok1 || !ok2 || room < tokens {
		return false
	}
	for _, s := range u.Sends(c) {
		if b := bodyOf(o.Pkg, s); b == nil || !holds(b, s, token) {
			return false
		}
	}
	return !slices.ContainsFunc(u.Receives(t), func(n ast.Node) bool {
		b := bodyOf(o.Pkg, n)
		sends := slices.ContainsFunc(u.Sends(c), func(s *ast.SendStmt) bool { return bodyOf(o.Pkg, s) == b })
		return b == nil || !takesBefore(o.Pkg, n, c) && (sends || !endsOwn(b, n, token))
	})
}

// capacity is the room that each channel of a variable has, where all are made
// with the same.
func capacity(p *summary.Package, c uses.Chan) (n int64, ok bool) {
	makes, complete := p.Uses.Makes(c)
	if !complete || p.Uses.Escapes(c) != "" {
		return 0, false
	}
	for i, m := range makes {
		if m.CapExpr == nil || !m.CapKnown || i > 0 && m.Cap != n {
			return 0, false
		}
		n = m.Cap
	}
	return n, n > 0
}

// holds: a token is held at an operation, on every path.
func holds(b *lockset.Body, n ast.Node, token *types.Var) bool {
	for _, op := range b.Ops {
		if op.Node == n {
			return slices.ContainsFunc(op.State.Held(), func(h lockset.Held) bool { return h.Must && h.Field() == types.Object(token) })
		}
	}
	return false
}

// endsOwn: a node gives back a token that its body took.
func endsOwn(b *lockset.Body, n ast.Node, token *types.Var) bool {
	return slices.ContainsFunc(b.Sections, func(s *lockset.Section) bool {
		return s.Acquire.Resource.Field() == types.Object(token) && slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return r.Node == n })
	})
}

// takesBefore: a node stands in a case of a select that takes from a channel.
func takesBefore(p *summary.Package, n ast.Node, c uses.Chan) bool {
	for up := p.Uses.Parent(n); up != nil; up = p.Uses.Parent(up) {
		clause, ok := up.(*ast.CommClause)
		if !ok {
			continue
		}
		u, ok := commOp(clause.Comm).(*ast.UnaryExpr)
		if !ok {
			return false
		}
		from, ok := p.Uses.ChanOf(u.X)
		return ok && from == c
	}
	return false
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

var opens = pattern.New(`(?i)^(open|new|create|dial|listen)`)

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
	for _, b := range o.Pkg.Bodies() {
		for _, s := range b.Sections {
			if s != o.Section && o.Pkg.Class(s.Acquire.Resource) == class {
				return false
			}
		}
	}
	return true
}

var ownName = pattern.New(`(?i)^.{2,}_?(mu|mtx|mx|mutex|lock|lk)$`)

// waitLevel looks for the other side of a wait in this package.
func waitLevel(o *Observation) (Level, string, []Frame) {
	at := root(o)
	if at == nil {
		return Hazard, "", nil
	}
	if why := hasItsRoom(at); why != "" {
		return Contention, why, nil
	}
	peers, all := peersOf(at)
	class := o.Pkg.Class(o.Held.Resource)
	if class == "" || len(peers) == 0 {
		return Hazard, "", nil
	}
	free := true
	var suspect []Frame
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
		if len(frames) > 1 && suspect == nil {
			suspect = frames
		}
		free = free && frames == nil && (peer.what == started || ownGoroutine(o.Pkg, peer.body))
	}
	if all && free {
		return Contention, "whoever it waits for never takes " + o.Held.Expr, nil
	}
	return Hazard, "", suspect
}

// hasItsRoom says why a channel with room has room here, "" where nothing shows it.
// That is less than a proof, and enough not to speak of a hazard.
func hasItsRoom(o *Observation) string {
	if !buffered(o) {
		return ""
	}
	if isBaton(o.Pkg, o.Body, o.Op.Node) {
		return "what is taken from the channel is put back: it is a lock of its own"
	}
	send, ok := o.Op.Node.(*ast.SendStmt)
	if !ok {
		return ""
	}
	if o.Loop == nil && madeBefore(o.Pkg, send) {
		return "the channel was made with room just before"
	}
	return o.Pkg.Uses.Admitted(send)
}

// root is the observation as it would stand at the wait that a chain of calls
// ends in; nil when that is in another package.
func root(o *Observation) *Observation {
	if len(o.Act.Via) == 0 {
		return o
	}
	at := o.Act.Pos()
	for _, b := range o.Pkg.Bodies() {
		if at < b.Decl.Pos() || b.Decl.End() <= at {
			continue
		}
		for _, op := range b.Ops {
			if op.Node.Pos() == at {
				r := *o
				r.Body, r.Op, r.Kind = b, op, o.Ends
				return &r
			}
		}
	}
	return nil
}

// started is what a goroutine does that a group starts and waits for.
const started = "runs until it returns"
