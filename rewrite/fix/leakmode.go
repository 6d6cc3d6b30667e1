package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// sameMode ends a lock in the mode that it was taken in.
//
//	RLock(); A; Unlock()  =>  RLock(); A; RUnlock()
//
// so long as the section writes nothing that a write lock would be needed for.
func sameMode(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) { return nil, &Refusal{Strategy: "same mode", Obligation: o} }
	s := leakCase(f)
	if s.file == nil || s.block == nil {
		return refuse(refuted("region", "it is not in a function body", s.Acquire.Node))
	}
	name, window := "Unlock", "who holds it to write may write"
	if s.Acquire.Mode == syncapi.Read {
		name, window = "RUnlock", "the section writes nothing"
		if at := s.writesUnder(); at != nil {
			return refuse(refuted("window", "the section writes, so that Lock may have been meant", at))
		}
	}
	var steps []Step
	for _, n := range f.Spots {
		call := n.(*ast.CallExpr)
		sel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		steps = append(steps, Replace{Old: call, Code: Code{Text: "_1_." + name + "()", Args: []ast.Expr{sel.X}}})
	}
	plan := s.plan("same mode", fmt.Sprintf("end it with %s", name), []Obligation{
		proved("region", "the releases end this acquisition only"),
		proved("once", "they stay where they are"),
		proved("window", window),
		proved("names", "the method is of the same lock"),
	})
	plan.Steps = steps
	return plan, nil
}

// writesUnder is a write to anything but a local variable while it is held, or a
// call that may write.
func (s *section) writesUnder() ast.Node {
	return s.writesIn(s.block, s.Acquire.Node.Pos(), map[*types.Func]bool{})
}

// writesIn finds one in what stands behind a position, callees included.
func (s *section) writesIn(body ast.Node, from token.Pos, seen map[*types.Func]bool) ast.Node {
	var at ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil || n.End() < from || at != nil {
			return false
		}
		var lhs []ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			lhs = n.Lhs
		case *ast.IncDecStmt:
			lhs = []ast.Expr{n.X}
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				lhs = []ast.Expr{n.Key, n.Value}
			}
		case *ast.CallExpr:
			if n.Pos() > from && s.callWrites(n, seen) {
				at = n
			}
		}
		for _, l := range lhs {
			if l == nil || l.Pos() < from {
				continue
			}
			id, ok := ast.Unparen(l).(*ast.Ident)
			if v, _ := s.info.ObjectOf(id).(*types.Var); !ok || v != nil && isPackageLevel(v) {
				at = l
			}
		}
		return at == nil
	})
	return at
}

// callWrites: a call may write what others see.
func (s *section) callWrites(call *ast.CallExpr, seen map[*types.Func]bool) bool {
	if s.info.Types[call.Fun].IsType() {
		return false
	}
	if b, ok := s.builtin(call.Fun); ok {
		return b == "delete" || b == "clear" || b == "copy"
	}
	if _, lit := ast.Unparen(call.Fun).(*ast.FuncLit); lit {
		return false // looked into where it stands
	}
	r := &region{s: s}
	switch s.pkg.Reach(call) {
	case "foreign":
		return true
	case "plain":
		if r.objectOf(call.Fun) == bare {
			return true
		}
	}
	for _, fn := range s.pkg.Callees(call) {
		fd := s.u.FuncDecl(fn)
		if fd == nil || fd.Body == nil || seen[fn] {
			continue
		}
		seen[fn] = true
		if s.writesIn(fd.Body, fd.Body.Pos(), seen) != nil {
			return true
		}
	}
	return false
}

// unlockDeferred turns a deferred Lock into the Unlock that was meant.
//
//	mu.Lock(); defer mu.Lock()  =>  mu.Lock(); defer mu.Unlock()
//
// so long as the two stand next to each other and nothing else releases it.
func unlockDeferred(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "unlock instead", Obligation: o}
	}
	s := leakCase(f)
	call, taken := f.Spots[0].(*ast.CallExpr), f.Spots[1]
	first, second := s.u.StmtOf(taken), s.u.StmtOf(f.Node)
	if first.Stmt == nil || first.Owner != second.Owner || first.Index+1 != second.Index || second.Owner != s.block {
		return refuse(refuted("region", "it does not stand right behind the lock", call))
	}
	for _, o := range f.Body.Sections {
		if o.Acquire.Resource.Key() == s.Acquire.Resource.Key() && len(o.Releases) > 0 {
			return refuse(refuted("once", "it is released elsewhere too", o.Releases[0].Node))
		}
	}
	sel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	name := "Unlock"
	if s.Acquire.Mode == syncapi.Read {
		name = "RUnlock"
	}
	plan := s.plan("unlock instead", "defer "+name, []Obligation{
		proved("region", "it stands right behind the lock"),
		proved("once", "nothing else releases it"),
		proved("names", "the method is of the same lock"),
	})
	plan.Steps = []Step{Replace{Old: call, Code: Code{Text: "_1_." + name + "()", Args: []ast.Expr{sel.X}}}}
	return plan, nil
}

// unlockAgain turns a second Lock into the Unlock that was meant: as it stands, it
// waits for ever.
//
//	mu.Lock(); A; mu.Lock(); B  =>  mu.Lock(); A; mu.Unlock(); B
//
// so long as both stand in one list, nothing in between leaves it, the function
// locks it nowhere else, and B needs no lock (exclusion, assumed).
func unlockAgain(f *hazard.Fault) (*Plan, *Refusal) {
	s := leakCase(f)
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "unlock instead", Obligation: o}
	}
	var first *lockset.Section
	for _, o := range f.Body.Sections {
		switch {
		case o == s.Section || o.Acquire.Resource.Key() != s.Acquire.Resource.Key():
		case first != nil:
			return refuse(refuted("region", "which two of the locks belong together is not known", o.Acquire.Node))
		default:
			first = o
		}
	}
	if first == nil || first.Acquire.Node.Pos() > s.Acquire.Node.Pos() {
		return refuse(refuted("region", "the first lock does not stand ahead of it", s.Acquire.Node))
	}
	if first.Acquire.Mode != syncapi.Write || s.Acquire.Mode != syncapi.Write {
		return refuse(refuted("region", "one of the two only reads", s.Acquire.Node))
	}
	before := s.u.StmtOf(first.Acquire.Node)
	if before.Owner != s.acquire.Owner || len(first.Releases) > 0 {
		return refuse(refuted("region", "the two locks do not stand in one list", first.Acquire.Node))
	}
	for _, st := range s.acquire.List[before.Index:s.acquire.Index] {
		if leaves(st) || hasBranch(st) {
			return refuse(refuted("region", "a path may leave in between", st))
		}
	}
	if at := s.guardedBehind(); at != nil {
		return refuse(refuted("exclusion", "what follows uses "+types.ExprString(at)+", which the lock may guard", at))
	}
	needs := proved("exclusion", "nothing follows it")
	if len(s.acquire.Rest()) > 0 || s.acquire.Owner != s.block {
		needs = assumed("exclusion", "what follows does not need the lock", s.Acquire.Node)
	}
	call := s.Acquire.Node.(*ast.CallExpr)
	sel := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	plan := s.plan("unlock instead", "unlock "+s.Acquire.Resource.Expr+" where it is locked again", []Obligation{
		proved("region", "it is held there on every path, and nothing leaves in between"),
		proved("once", "nobody else releases it"),
		proved("names", "the method is of the same lock"),
		needs,
	})
	plan.Steps = []Step{Replace{Old: call, Code: Code{Text: "_1_.Unlock()", Args: []ast.Expr{sel.X}}}}
	return plan, nil
}

// guardedBehind is a field beside the lock that the function uses behind it.
func (s *section) guardedBehind() (at ast.Expr) {
	ast.Inspect(s.block, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && at == nil && sel.Pos() > s.Acquire.Node.End() && s.guarded(sel) != nil {
			at = sel
		}
		return at == nil
	})
	return at
}

// hasBranch: a jump stands in a statement, for which it may be or not.
func hasBranch(st ast.Stmt) bool {
	found := false
	ast.Inspect(st, func(n ast.Node) bool {
		_, ok := n.(*ast.BranchStmt)
		_, lit := n.(*ast.FuncLit)
		found = found || ok
		return !lit && !found
	})
	return found
}

// noEdit says why a sort of fault has no edit.
func noEdit(name, why string) mender {
	return func(f *hazard.Fault) (*Plan, *Refusal) {
		return nil, &Refusal{Obligation: refuted(name, why, f.Node)}
	}
}
