package fix

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// signalChange wakes who waits for a change, right behind it, or ahead of the
// return that skips the signal.
//
//	q.closed = true  =>  q.closed = true; q.more.Broadcast()
//
// so long as
//
//   - the change is a statement of its own, made under the lock of the condition
//     (region);
//   - the object has a name there that means the same when it is read again, and
//     the condition is a field beside the one that changes, never nil (operands);
//   - whoever wakes tests again in a loop, so that a wake too many is none
//     (liveness, assumed where others may wait).
func signalChange(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "signal", Obligation: refuted(name, why, at)}
	}
	write, owner, wait := f.Spots[0], f.Spots[1].(ast.Expr), f.Spots[2].(*ast.CallExpr)
	u := f.Pkg.Uses
	at := u.StmtOf(write)
	if st, ok := write.(ast.Stmt); at.Stmt == nil || ok && at.Stmt != st {
		return refuse("region", "the change is no statement of its own", write)
	}
	if !inSection(f, wait, write) {
		return refuse("region", "the lock of the condition is not held there", write)
	}
	cond := f.Pkg.CondField(wait)
	if !f.Pkg.Namer.Name(owner, lockset.Lock).Stable || !beside(f.Pkg, owner, cond) {
		return refuse("operands", cond.Name()+" has no name there", owner)
	}
	if at := testedForNil(f.Pkg, cond); at != nil {
		return refuse("operands", cond.Name()+" may be nil", at)
	}
	place := Place{After: at.Stmt}
	if len(f.Spots) > 3 {
		place = Place{Before: f.Spots[3].(ast.Stmt)}
		if u.StmtOf(f.Spots[3]).Stmt != f.Spots[3] {
			return refuse("region", "the return is no statement of a list", f.Spots[3])
		}
	}
	waits, looped := hazard.Waits(f.Pkg, cond)
	liveness := proved("liveness", "who wakes tests again in a loop")
	if !looped || cond.Exported() {
		liveness = assumed("liveness", "a waiter that does not test again would wake too early", waits[0])
	}
	call := signalName(f.Pkg, cond, len(waits), write)
	return &Plan{
		Strategy: "signal", Title: call + " " + cond.Name() + " when it changes", Decl: u.Decl(write),
		Obligations: []Obligation{proved("region", "the change is made under the lock of the condition"), proved("operands", "the object keeps its name"), liveness},
		Steps:       []Step{Insert{At: place, Code: Code{Text: "_1_." + cond.Name() + "." + call + "()", Args: []ast.Expr{owner}}}},
	}, nil
}

// inSection reports whether a node stands in a section of the condition's lock.
func inSection(f *hazard.Fault, wait *ast.CallExpr, n ast.Node) bool {
	lock := f.Pkg.CondLock(wait)
	return slices.ContainsFunc(f.Body.Sections, func(s *lockset.Section) bool {
		r := s.Acquire.Resource
		if r.Sort.IsToken() || lock != nil && r.Field() != lock && (r.Field() == nil || r.Field().Name() != "L") || s.Acquire.Node.Pos() > n.Pos() {
			return false
		}
		return !slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return r.Defer == nil && r.Node.Pos() < n.Pos() })
	})
}

// beside reports whether a condition is a field of the object that an expression
// denotes.
func beside(p *summary.Package, owner ast.Expr, cond *types.Var) bool {
	obj, _, _ := types.LookupFieldOrMethod(p.Src.Info.TypeOf(owner), true, p.Src.Types, cond.Name())
	v, ok := obj.(*types.Var)
	return ok && v.Origin() == cond.Origin()
}

// testedForNil returns where a condition is compared with something, which can
// only be nil.
func testedForNil(p *summary.Package, cond *types.Var) ast.Node {
	for _, r := range p.Uses.Reads(cond) {
		if cmp, ok := p.Uses.Parent(r).(*ast.BinaryExpr); ok {
			return cmp
		}
	}
	return nil
}

// signalName is Signal where everybody signals, one place waits and a number goes
// up or down by one; else Broadcast, which is right for any number of waiters.
func signalName(p *summary.Package, cond *types.Var, waits int, write ast.Node) string {
	if _, one := write.(*ast.IncDecStmt); !one || waits > 1 {
		return "Broadcast"
	}
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if ok && hazard.Signals(p, call) && p.CondField(call) == cond && call.Fun.(*ast.SelectorExpr).Sel.Name != "Signal" {
				return "Broadcast"
			}
		}
	}
	return "Signal"
}
