package uses

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// locks returns the locks of the object owner that the function of n is seen to
// hold at n: locked in a list around n, and not unlocked since except on a way
// out, nor anywhere in a loop around n that does not lock.
func (x *Index) locks(n ast.Node, owner *types.Var) []*types.Var {
	var held []*types.Var
	if owner == nil {
		return nil
	}
	outer := make(map[*types.Var]ast.Node)
	fn := x.fn(n)
	for _, call := range x.allCalls {
		if x.fn(call) != fn || x.deferred(call) {
			continue
		}
		lock, name := x.lockCall(call, owner)
		switch {
		case lock == nil:
		case name == "Lock" && call.Pos() < n.Pos():
			if p := x.StmtOf(call); p.Stmt != nil && x.within(n, p.Owner) {
				held = append(held, lock)
				outer[lock] = x.loop(n, p.Owner)
			}
		case name == "Unlock" && !x.leaves(x.StmtOf(call)):
			if call.Pos() < n.Pos() || outer[lock] != nil && x.within(call, outer[lock]) {
				held = slices.DeleteFunc(held, func(l *types.Var) bool { return l == lock })
			}
		}
	}
	return held
}

// lockCall returns the lock that owner.lock.Lock() or owner.Lock() acts on, and
// the name of the method.
func (x *Index) lockCall(call *ast.CallExpr, owner *types.Var) (*types.Var, string) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Lock" && sel.Sel.Name != "Unlock" || x.root(sel.X) != owner {
		return nil, ""
	}
	if _, ident := ast.Unparen(sel.X).(*ast.Ident); !ident && !x.directField(sel.X) {
		return nil, "" // the lock of an object that others may share
	}
	s := x.p.Info.Selections[sel]
	if s == nil {
		return nil, ""
	}
	if path := embedded(s); len(path) > 0 {
		return path[len(path)-1], sel.Sel.Name
	}
	return x.varOf(sel.X), sel.Sel.Name
}

func (x *Index) deferred(call *ast.CallExpr) bool {
	_, ok := x.up.of(call).(*ast.DeferStmt)
	return ok
}

// leaves reports whether the list goes out of its function behind p.
func (x *Index) leaves(p Place) bool {
	if p.Stmt == nil {
		return false
	}
	_, ok := p.List[len(p.List)-1].(*ast.ReturnStmt)
	return ok
}

// excludes reports whether n runs under a lock of owner: it is seen to be
// taken, or the function says in its name that its caller holds it.
func (x *Index) excludes(n ast.Node, owner *types.Var) bool {
	if decl, ok := x.fn(n).(*ast.FuncDecl); ok && strings.HasSuffix(decl.Name.Name, "Locked") {
		return true
	}
	return len(x.locks(n, owner)) > 0
}
