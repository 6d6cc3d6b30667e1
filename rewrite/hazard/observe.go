package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// Observe returns the observations of a package in source order, those proved
// harmless included, so that what is not reported can be tested too.
func Observe(p *summary.Package) []*Observation {
	var out []*Observation
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			if len(op.State.Held()) == 0 {
				continue
			}
			o := observe(p, b, op)
			if o == nil {
				o = lent(p, b, op)
			}
			if o != nil {
				out = append(out, o)
			}
		}
	}
	once(out)
	return out
}

// once keeps the first of the calls in one body that reach one operation in a
// function literal: what is wrong is in the literal, however often it is called.
func once(all []*Observation) {
	type root struct {
		body *lockset.Body
		held string
		at   token.Pos
	}
	seen := map[root]bool{}
	for _, o := range all {
		if len(o.Act.Via) == 0 || o.Act.Via[0].Func != summary.Literal {
			continue
		}
		r := root{o.Body, o.Held.Key(), o.Act.Via[len(o.Act.Via)-1].Pos()}
		if len(o.Act.Via) == 1 {
			r.at = o.Act.Pos()
		}
		if seen[r] {
			o.Level, o.Why = min(o.Level, Contention), "the same operation is reported above"
		}
		seen[r] = true
	}
}

// observe picks the worst act of an operation under the resource acquired last.
func observe(p *summary.Package, b *lockset.Body, op *lockset.Op) *Observation {
	var best *Observation
	for _, act := range p.Acts(b, op) {
		held := p.StillHeld(b, op, act)
		held = slices.DeleteFunc(held, func(h lockset.Held) bool {
			return h.Caller != "" && p.Harmless(b.Obj) || tolerates(p, h, act) || isOwnCondition(p, op, act, h) || gives(b, op, h) || handsOn(p, b, op, h)
		})
		if len(held) == 0 {
			continue
		}
		o := describe(p, b, op, act, held)
		if best == nil || o.Level > best.Level {
			best = o
		}
	}
	return best
}

// lent is the observation of foreign code that is harmless by custom, a comparator
// say: of the lowest rank, and only where nothing worse is seen.
func lent(p *summary.Package, b *lockset.Body, op *lockset.Op) *Observation {
	said := p.Lends(op.Node)
	held := op.State.Held()
	if said == "" || slices.ContainsFunc(held, func(h lockset.Held) bool { return h.Sort.IsToken() || h.Sort == lockset.OnceLock }) {
		return nil
	}
	o := describe(p, b, op, summary.Act{Kind: summary.Callback, Class: syncapi.Foreign, What: said, Param: summary.Nowhere}, held)
	o.Level, o.Why = Contention, said+": harmless by custom"
	return o
}

// describe makes the observation of an act under what is held.
func describe(p *summary.Package, b *lockset.Body, op *lockset.Op, act summary.Act, held []lockset.Held) *Observation {
	o := &Observation{Pkg: p, Body: b, Op: op, Act: act, Ends: Kind(act.Kind), Kind: Kind(act.Kind), Class: act.Class, Bounded: act.Bounded}
	i := hurt(held)
	o.Held = held[i]
	o.Others = slices.Delete(slices.Clone(held), i, i+1)
	for _, s := range b.Sections {
		if slices.Contains(o.Held.From, s.Acquire) {
			o.Section = s
		}
	}
	if len(act.Via) > 0 {
		o.Kind = Call
		for _, f := range act.Via {
			o.Chain = append(o.Chain, Frame{f.Pos(), "calls " + f.Func})
		}
		o.Chain = append(o.Chain, Frame{act.Pos(), act.What})
	}
	o.Chain = append(o.Chain, room(p, op.Node)...)
	o.What = what(op.Node)
	o.Callers = callers(o)
	o.Loop = loopAround(p, b, op.Node, o.Section)
	o.Drains = drains(p, o.Loop)
	o.Level, o.Why, o.Peer = level(o)
	if o.Why == "" && len(act.Via) == 0 {
		o.Why = act.Said
	}
	return o
}

// room says where the channel of a send is made, and with how much room, if that
// is one place.
func room(p *summary.Package, n ast.Node) []Frame {
	send, ok := n.(*ast.SendStmt)
	if !ok {
		return nil
	}
	c, ok := p.Uses.ChanOf(send.Chan)
	if !ok {
		return nil
	}
	makes, complete := p.Uses.Makes(c)
	if len(makes) != 1 || !complete {
		return nil
	}
	text := types.ExprString(send.Chan)
	m := makes[0]
	if !m.HasRoom() {
		return []Frame{{m.Node.Pos(), text + " is unbuffered"}}
	}
	return []Frame{{m.Node.Pos(), text + " has room for " + types.ExprString(m.CapExpr) + ", which may not do"}}
}

// maxCallers bounds how many callers are named: they are there to show how one
// comes to hold the resource.
const maxCallers = 3

// callers lists the calls at which a caller of the same package holds the
// resource.
func callers(o *Observation) []Frame {
	if o.Held.Caller == "" || o.Body.Obj == nil {
		return nil
	}
	var out []Frame
	calls, _ := o.Pkg.Uses.Calls(o.Body.Obj)
	for _, call := range calls {
		b := bodyOf(o.Pkg, call)
		if b == nil || b == o.Body || len(out) == maxCallers {
			continue
		}
		i := slices.IndexFunc(b.Ops, func(op *lockset.Op) bool { return op.Node == call })
		if i >= 0 && slices.ContainsFunc(b.Ops[i].State.Held(), func(h lockset.Held) bool { return h.Field() == o.Held.Field() }) {
			out = append(out, Frame{call.Pos(), "called by " + bodyName(o.Pkg, b) + ", which holds it"})
		}
	}
	return out
}

// hurt picks the resource that the message names: locks before tokens, the one
// acquired last before others, what the caller holds last.
func hurt(held []lockset.Held) int {
	best := 0
	for i, h := range held {
		a, b := held[best], h
		switch {
		case a.Sort.IsToken() != b.Sort.IsToken():
			if a.Sort.IsToken() {
				best = i
			}
		case len(b.From) > 0 && (len(a.From) == 0 || b.From[0].Node.Pos() > a.From[0].Node.Pos()):
			best = i
		}
	}
	return best
}

// what names an operation.
func what(n ast.Node) string {
	switch n := n.(type) {
	case *ast.SendStmt:
		return "send on " + types.ExprString(n.Chan)
	case *ast.UnaryExpr:
		return "receive from " + types.ExprString(n.X)
	case *ast.SelectStmt:
		return "select"
	case *ast.RangeStmt:
		return "range over " + types.ExprString(n.X)
	case *ast.CallExpr:
		return "call of " + funText(n.Fun)
	}
	return "operation"
}

// funText spells a function expression on one line.
func funText(fun ast.Expr) string {
	switch x := ast.Unparen(fun).(type) {
	case *ast.FuncLit:
		return "a function literal"
	case *ast.SelectorExpr:
		return funText(x.X) + "." + x.Sel.Name
	case *ast.CallExpr:
		return funText(x.Fun) + "(…)"
	}
	return types.ExprString(fun)
}

// serialising are names of locks whose purpose is to keep writers of one
// connection, file or encoder apart: I/O under them is what they are for.
var serialising = pattern.New(`(?i)(write|writer|wr|read|reader|rd|recv|send|conn|enc|encoder|io|out|output|print|log|file|stream|net|sock|socket|stdin|stdout|rpc|flush)_?(mu|mtx|mx|mutex|lock|lk)$`)

// gives reports whether an operation is the release of the resource itself, or
// takes a second token.
func gives(b *lockset.Body, op *lockset.Op, h lockset.Held) bool {
	for _, s := range b.Sections {
		if h.Sort.IsToken() && s.Acquire.Node == op.Node && s.Acquire.Resource.Sort.IsToken() {
			return true // another slot: a matter of order
		}
		if slices.Contains(h.From, s.Acquire) && slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return r.Node == op.Node }) {
			return true
		}
	}
	return false
}

// handsOn: a token that not every path gives back is somebody else's on the
// others; only what a release follows is done while it is ours.
func handsOn(p *summary.Package, b *lockset.Body, op *lockset.Op, h lockset.Held) bool {
	if h.Sort != lockset.Token {
		return false
	}
	for _, s := range b.Sections {
		if !slices.Contains(h.From, s.Acquire) || !s.Leaks {
			continue
		}
		rest := p.Uses.StmtOf(op.Node).Rest()
		return !slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool {
			return slices.ContainsFunc(rest, func(st ast.Stmt) bool { return st.Pos() <= r.Node.Pos() && r.Node.End() <= st.End() })
		})
	}
	return false
}

var oneAtATime = pattern.New(`(?i)^(read|write|send|recv)(er|r)?_?(once|lock|mu|mutex|sem)$`)

// tolerates reports whether a resource is meant to be held during an act.
func tolerates(p *summary.Package, h lockset.Held, act summary.Act) bool {
	name := ""
	if f := h.Field(); f != nil {
		name = f.Name()
		if p.Directive(f, "lock io") {
			return act.Class == syncapi.Outside || act.Class == syncapi.Foreign
		}
	}
	switch {
	case h.Sort == lockset.OnceLock:
		// Others are meant to wait until the function has run. That it comes back
		// for the same Once is another fault, seen where it does.
		return true
	case p.IsOn(act, h):
		return true // a method of the locked object: the lock is there for it
	case h.Sort.IsToken():
		// A slot bounds work in flight, the outside and foreign code included:
		// only a wait for a peer that needs a slot too is suspect.
		// A token named for reading or writing keeps readers or writers apart.
		return act.Class != syncapi.Waits || oneAtATime.MatchString(name)
	case serialising.MatchString(name):
		return act.Class == syncapi.Outside || act.Kind == summary.Callback && ioMethods[act.Method]
	}
	return false
}

// ioMethods are methods of foreign interfaces that write to or read from the
// outside.
var ioMethods = map[string]bool{
	"Write": true, "Read": true, "Flush": true, "Encode": true, "Decode": true, "WriteTo": true, "ReadFrom": true,
	"WriteMessage": true, "ReadMessage": true, "WriteMsg": true, "ReadMsg": true, "Send": true, "SendMsg": true, "Recv": true, "RecvMsg": true, "Close": true,
	"SetDeadline": true, "SetReadDeadline": true, "SetWriteDeadline": true, "WriteString": true, "Sync": true,
}

// isOwnCondition: Cond.Wait releases the lock of its condition.
func isOwnCondition(p *summary.Package, op *lockset.Op, act summary.Act, h lockset.Held) bool {
	if act.Kind != summary.CondWait {
		return false
	}
	if len(act.Via) > 0 {
		return true // the helper that waits was called with the condition's lock held; a second lock is not told apart
	}
	if f := h.Field(); f != nil && f.Name() == "L" && f.Pkg() != nil && f.Pkg().Path() == "sync" {
		return true // cond.L.Lock()
	}
	l := p.CondLock(op.Node.(*ast.CallExpr))
	if l == nil {
		return len(op.State.Held()) == 1
	}
	return h.Field() == l
}

// loopAround finds the innermost loop that repeats an operation inside its
// section.
func loopAround(p *summary.Package, b *lockset.Body, n ast.Node, s *lockset.Section) ast.Stmt {
	for m := p.Uses.Parent(n); m != nil && m != b.Fn; m = p.Uses.Parent(m) {
		switch loop := m.(type) {
		case *ast.RangeStmt:
			if n.Pos() >= loop.Body.Pos() {
				return outside(loop, s)
			}
		case *ast.ForStmt:
			if n.Pos() >= loop.Body.Pos() || loop.Cond != nil && n.Pos() >= loop.Cond.Pos() && n.End() <= loop.Cond.End() {
				return outside(loop, s)
			}
		}
	}
	return nil
}

// drains reports whether a loop pops until there is nothing left: it has no
// index of its own to go on, and takes something out of a collection, or changes
// what its condition looks at.
func drains(p *summary.Package, loop ast.Stmt) bool {
	l, ok := loop.(*ast.ForStmt)
	if !ok || l.Init != nil || l.Post != nil {
		return false
	}
	if len(p.Uses.Taken(l.Body)) > 0 {
		return true
	}
	found := false
	ast.Inspect(l.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IncDecStmt:
			found = found || mentions(l.Cond, n.X)
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				found = found || n.Tok != token.DEFINE && mentions(l.Cond, x)
			}
		}
		return !found
	})
	return found
}

// mentions reports whether a condition reads a field.
func mentions(cond, field ast.Expr) bool {
	if _, ok := ast.Unparen(field).(*ast.SelectorExpr); !ok || cond == nil {
		return false
	}
	found := false
	ast.Inspect(cond, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		found = found || ok && types.ExprString(e) == types.ExprString(field)
		return !found
	})
	return found
}

// outside returns the loop unless the section begins in it anew each time.
func outside(loop ast.Stmt, s *lockset.Section) ast.Stmt {
	if s != nil && loop.Pos() <= s.Acquire.Node.Pos() && s.Acquire.Node.End() <= loop.End() {
		return nil
	}
	return loop
}
