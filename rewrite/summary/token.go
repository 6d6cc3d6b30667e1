package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A polarity says which way a channel semaphore is taken: both occur.
type polarity uint8

const (
	notSemaphore polarity = iota
	sendTakes             // starts empty: ch <- token takes a slot, <-ch gives it back
	receiveTakes          // starts full: <-ch takes a slot, ch <- token gives it back
)

// chanSem says what a send or receive does to the tokens of a channel.
func (p *Package) chanSem(ch ast.Expr, send bool) (lockset.Change, bool) {
	c, ok := p.Uses.ChanOf(ch)
	if !ok {
		return lockset.Change{}, false
	}
	pol := p.semaphore[c]
	if pol == notSemaphore {
		return lockset.Change{}, false
	}
	change := lockset.Change{Kind: syncapi.Release, Resource: p.Namer.Name(ch, lockset.ChanSem)}
	if send == (pol == sendTakes) {
		change.Kind = syncapi.Acquire
	}
	return change, true
}

// findSemaphores finds the channels that are used as semaphores: they carry
// nothing (struct{}), have room, and some function both sends to and receives
// from them, always first the one and then the other.
func (p *Package) findSemaphores() {
	p.semaphore = map[uses.Chan]polarity{}
	first := map[uses.Chan]polarity{}
	for _, u := range p.coded {
		for c, pol := range p.pairs(u) {
			if old, ok := first[c]; ok && old != pol {
				pol = notSemaphore
			}
			first[c] = pol
		}
	}
	for c, pol := range first {
		if pol != notSemaphore && p.hasRoom(c) {
			p.semaphore[c] = pol
		}
	}
}

// pairs finds the channels of struct{} that a declaration both sends to and
// receives from, and which comes first.
func (p *Package) pairs(u *unit) map[uses.Chan]polarity {
	isSend := func(s slot) bool { return s.send }
	isReceive := func(s slot) bool { return !s.send }
	if !slices.ContainsFunc(u.slots, isSend) || !slices.ContainsFunc(u.slots, isReceive) {
		return nil
	}
	sends, receives := map[uses.Chan]token.Pos{}, map[uses.Chan]token.Pos{}
	for _, s := range u.slots {
		m := receives
		if s.send {
			m = sends
		}
		if c, ok := p.Uses.ChanOf(s.ch); ok {
			if _, seen := m[c]; !seen {
				m[c] = s.ch.Pos()
			}
		}
	}
	out := map[uses.Chan]polarity{}
	for c, s := range sends {
		if r, ok := receives[c]; ok {
			out[c] = receiveTakes
			if s < r {
				out[c] = sendTakes
			}
		}
	}
	return out
}

func hasDefault(n *ast.SelectStmt) bool {
	for _, c := range n.Body.List {
		if c.(*ast.CommClause).Comm == nil {
			return true
		}
	}
	return false
}

// carriesNothing: a channel of struct{} carries tokens.
func carriesNothing(t types.Type) bool {
	if t == nil {
		return false
	}
	ch, ok := t.Underlying().(*types.Chan)
	if !ok {
		return false
	}
	st, ok := ch.Elem().Underlying().(*types.Struct)
	return ok && st.NumFields() == 0
}

// hasRoom: every visible make gives the channel a capacity that is not zero.
func (p *Package) hasRoom(c uses.Chan) bool {
	makes, _ := p.Uses.Makes(c)
	for _, m := range makes {
		if m.CapExpr == nil || m.CapKnown && m.Cap == 0 {
			return false
		}
	}
	return len(makes) > 0
}

// tokenTypes end the names of types whose values are permits.
var tokenTypes = []string{"token", "permit", "slot", "ticket", "credit", "lease"}

// isTokenType is asked of nearly each call, which a regular expression is too slow for.
func isTokenType(name string) bool {
	return slices.ContainsFunc(tokenTypes, func(end string) bool {
		return len(name) >= len(end) && strings.EqualFold(name[len(name)-len(end):], end)
	})
}

// isToken reports whether a value is a permit: it has Release or Done, and its
// type says what it is. Files and responses, which also are closed, are not.
func isToken(t types.Type) bool {
	if t == nil {
		return false
	}
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || !isTokenType(n.Obj().Name()) {
		return false
	}
	return giveBack(t) != ""
}

// giveBack is the method that returns a token.
func giveBack(t types.Type) string {
	for _, name := range []string{"Release", "Done"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Params().Len() == 0 {
			return name
		}
	}
	return ""
}

// handsOutToken reports whether a call's first result is a permit.
func (p *Package) handsOutToken(fn *types.Func) bool {
	res := fn.Signature().Results()
	return res.Len() > 0 && isToken(res.At(0).Type())
}

// givesToken is the change of a call that returns a token.
func (p *Package) givesToken(c callee) (lockset.Change, bool) {
	if c.fn == nil || c.sel == nil || c.fn.Name() != "Release" && c.fn.Name() != "Done" {
		return lockset.Change{}, false
	}
	t := p.Src.Info.TypeOf(c.sel.X)
	if !isToken(t) || c.fn.Name() != giveBack(t) {
		return lockset.Change{}, false
	}
	return lockset.Change{Kind: syncapi.Release, Resource: p.Namer.Method(c.sel, lockset.Token)}, true
}

// findBirths finds where tokens that came with an item start to be held: the
// statement that defines the variable through which the token is given back.
func (p *Package) findBirths() {
	p.births = map[ast.Node][]lockset.Change{}
	seen := map[ast.Node]map[string]bool{}
	for _, u := range p.coded {
		for _, call := range u.calls {
			p.findBirth(call, seen)
		}
	}
}

// findBirth notes where the token that a call gives back was born.
func (p *Package) findBirth(call call, seen map[ast.Node]map[string]bool) {
	change, ok := p.givesToken(call.at.callee)
	if !ok || len(change.Resource.Fields) == 0 {
		return
	}
	v, ok := change.Resource.Root.(*types.Var)
	if !ok || p.Namer.Reassigned(v) {
		return
	}
	stmt := p.definition(v)
	if stmt == nil || seen[stmt][change.Resource.Key()] {
		return
	}
	if seen[stmt] == nil {
		seen[stmt] = map[string]bool{}
	}
	seen[stmt][change.Resource.Key()] = true
	change.Kind = syncapi.Acquire
	p.births[stmt] = append(p.births[stmt], change)
}

// definition is the statement that receives a local variable from a channel.
func (p *Package) definition(v *types.Var) ast.Node {
	for _, w := range p.Uses.Writes(v) {
		switch n := p.statement(w.Node).(type) {
		case *ast.AssignStmt:
			if len(n.Rhs) == 1 {
				if u, ok := ast.Unparen(n.Rhs[0]).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
					return n
				}
			}
		case *ast.RangeStmt:
			if t := p.Src.Info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Chan); ok {
					return n
				}
			}
		}
	}
	return nil
}

func (p *Package) statement(n ast.Node) ast.Node {
	for n != nil {
		switch n.(type) {
		case *ast.AssignStmt, *ast.RangeStmt, *ast.ValueSpec:
			return n
		}
		n = p.Uses.Parent(n)
	}
	return nil
}
