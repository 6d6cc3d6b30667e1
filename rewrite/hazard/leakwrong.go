package hazard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// modes finds releases in another mode than the acquisition.
func (l *leaking) modes() []*Fault {
	if !l.isRW(l.s.Acquire.Node) || l.s.Mixed || len(l.s.Releases) == 0 {
		return nil
	}
	var spots []ast.Node
	for _, r := range l.s.Releases {
		if !l.isRW(r.Node) {
			return nil
		}
		if r.Mode != l.s.Acquire.Mode {
			spots = append(spots, r.Node)
		}
	}
	if len(spots) == 0 {
		return nil
	}
	r := l.s.Acquire.Resource
	held, ended := "locked for writing", "RUnlock"
	if l.s.Acquire.Mode == syncapi.Read {
		held, ended = "locked for reading", "Unlock"
	}
	return []*Fault{{
		Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakMode, Node: spots[0], Resource: r.Expr, Spots: spots, Level: Hazard,
		What: fmt.Sprintf("%s of %s, which is %s", ended, r.Expr, held),
		Why:  "the program ends with a fatal error here",
	}}
}

// isRW: a node calls a method of sync.RWMutex itself.
func (l *leaking) isRW(n ast.Node) bool {
	typ, _ := l.method(n)
	return typ == "RWMutex"
}

func (l *leaking) isSync(n ast.Node) bool {
	typ, _ := l.method(n)
	return typ == "RWMutex" || typ == "Mutex"
}

// method names the method that a node calls, and the type of package sync that it is
// declared for.
func (l *leaking) method(n ast.Node) (typ, name string) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	fn, ok := l.p.Src.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return "", ""
	}
	return syncType(fn), fn.Name()
}

// lockDeferred: a deferred Lock runs while the lock is held.
func (l *leaking) lockDeferred() []*Fault {
	r := l.s.Acquire.Resource
	call, ok := l.s.Acquire.Node.(*ast.CallExpr)
	if !ok {
		return nil
	}
	if _, name := l.method(call); !l.isSync(call) || name != "Lock" && name != "RLock" {
		return nil
	}
	i := slices.IndexFunc(l.b.Ops, func(o *lockset.Op) bool { return o.Node == ast.Node(call) && o.Defer != nil })
	if i < 0 {
		return nil
	}
	op := l.b.Ops[i]
	h, ok := op.State.Find(l.key())
	if !ok || !h.Must || h.Caller != "" || len(h.From) != 1 || h.From[0] == l.s.Acquire || h.From[0].Mode != l.s.Acquire.Mode {
		return nil
	}
	j := slices.IndexFunc(l.b.Sections, func(s *lockset.Section) bool { return s.Acquire == h.From[0] })
	if j < 0 {
		return nil
	}
	return []*Fault{{
		Pkg: l.p, Body: l.b, Section: l.b.Sections[j], Sort: LeakRelock, Node: op.Defer, Resource: r.Expr, Spots: []ast.Node{call, h.From[0].Node}, Level: Deadlock,
		What: fmt.Sprintf("deferred lock of %s, which is held when the function returns", r.Expr),
	}}
}

// twice finds releases of what this body has released before.
func (l *leaking) twice() []*Fault {
	if l.s.Acquire.Mode == syncapi.Read || !l.isSync(l.s.Acquire.Node) || len(l.b.Entry) > 0 || !l.s.Acquire.Resource.Stable {
		return nil
	}
	d := &duty.Duty{Inverse: true}
	var releases []*lockset.Release
	for _, s := range l.b.Sections {
		if s.Acquire.Resource.Key() != l.key() {
			continue
		}
		if s.Acquire.Node.Pos() < l.s.Acquire.Node.Pos() {
			return nil // looked at from there
		}
		if len(s.Lits) > 0 {
			return nil
		}
		d.Ends = append(d.Ends, s.Acquire.Node)
		for _, r := range s.Releases {
			if len(r.Lits) > 0 && r.Defer == nil || r.Via != nil {
				return nil
			}
			if !slices.ContainsFunc(releases, func(o *lockset.Release) bool { return o.Node == r.Node }) {
				releases = append(releases, r)
			}
		}
	}
	return l.met(d, releases, l.started())
}

// met follows each explicit release, and each start of a goroutine that releases,
// to the next one of the same lock.
func (l *leaking) met(d *duty.Duty, releases []*lockset.Release, started []ast.Node) []*Fault {
	var firsts []ast.Node
	for _, r := range releases {
		if r.Defer == nil {
			continue
		}
		if r.Node != ast.Node(r.Defer.Call) {
			return nil // a literal, which may look first
		}
		d.Defers = append(d.Defers, r.Defer)
	}
	for _, r := range releases {
		if r.Defer == nil {
			firsts = append(firsts, r.Node)
		}
	}
	var out []*Fault
	goes := goesBack(l.b.Block)
	for _, first := range append(firsts, started...) {
		d.Begin, d.Hits = first, nil
		for _, r := range l.b.Ops {
			if call, ok := r.Node.(*ast.CallExpr); ok && r.Node != first && r.Defer == nil && len(r.Lits) == 0 && l.unlocks(call) {
				d.Hits = append(d.Hits, r.Node)
			}
		}
		for _, call := range started {
			if call != first {
				d.Hits = append(d.Hits, call)
			}
		}
		if len(d.Hits)+len(d.Defers) == 0 && !goes && loopOf(l.p, first) == nil && !longWay {
			continue // nothing to meet, nothing deferred, and no path comes by here again
		}
		for _, x := range duty.Leaks(l.code(), d) {
			if x.Kind == duty.Exit && len(d.Defers) == 0 || x.Kind == duty.Nested || x.Kind == duty.Panic {
				continue
			}
			node := x.At
			if x.Kind == duty.Exit {
				node = d.Defers[len(d.Defers)-1]
			}
			r := l.s.Acquire.Resource
			f := &Fault{
				Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakTwice, Node: node, Resource: r.Expr, Spots: []ast.Node{node}, Level: Hazard,
				What:  fmt.Sprintf("%s is released, which is released already", r.Expr),
				Why:   "the program ends with a fatal error here",
				Chain: []Frame{{Pos: first.Pos(), Text: "it is released here"}},
			}
			if slices.Contains(started, first) {
				f.What = fmt.Sprintf("%s is released, which a goroutine releases too", r.Expr)
				f.Chain[0].Text = "the goroutine starts here"
			}
			if !slices.ContainsFunc(out, func(o *Fault) bool { return o.Node == node }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// goesBack: a body may repeat what stands in no loop.
func goesBack(block *ast.BlockStmt) bool {
	found := false
	ast.Inspect(block, func(n ast.Node) bool {
		br, ok := n.(*ast.BranchStmt)
		found = found || ok && br.Tok == token.GOTO
		return !found
	})
	return found
}

// unlocks: a call is the same Unlock that ends the section.
func (l *leaking) unlocks(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && l.isSync(call) && sel.Sel.Name == "Unlock" && l.p.Namer.Method(sel, lockset.Lock).Key() == l.key()
}
