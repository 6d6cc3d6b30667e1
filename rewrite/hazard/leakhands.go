package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// isMeantToEnd: nothing says that the function leaves the resource to its caller.
func (l *leaking) isMeantToEnd() bool {
	fd, ok := l.b.Fn.(*ast.FuncDecl)
	if !ok {
		return true
	}
	if isPrivate(l.p, l.s.Acquire.Resource) {
		return true // its caller cannot get at it
	}
	if takesName.MatchString(fd.Name.Name) || handsDoc.MatchString(fd.Doc.Text()) {
		return false
	}
	for _, b := range l.p.Bodies() {
		for _, s := range b.Sections {
			if s.Acquire.Via != nil && s.Acquire.Via == l.b.Obj && len(s.Releases) > 0 {
				return false // a caller releases it
			}
		}
		if b.Obj != nil && b != l.b && !l.releasesVia(b.Obj) && l.givesSame(b) {
			return false // another function ends what this one begins
		}
	}
	return true
}

var (
	takesName = pattern.New(`(?i:(^|_)(try|r?lock|acquire|enter|begin|reserve))|[a-z](Lock|RLock|Acquire)([A-Z]|$)|Locked$`)
	handsDoc  = pattern.New(`(?i)\b(returns?|leaves|leaving|exits?|still)\b[^.]{0,40}\b(locked|held|holding|lock|acquired)\b|\b(caller|callers|must|should)\b[^.]{0,60}\b(unlock|release|runlock)`)
)

// releasesVia: the section itself releases through this helper.
func (l *leaking) releasesVia(fn *types.Func) bool {
	return slices.ContainsFunc(l.s.Releases, func(r *lockset.Release) bool { return r.Via == fn })
}

// givesSame: a function releases a resource of the same class that it did not
// acquire, always or where a flag says so.
func (l *leaking) givesSame(b *lockset.Body) bool {
	class := l.p.Class(l.s.Acquire.Resource)
	return class != "" && slices.ContainsFunc(b.Ops, func(o *lockset.Op) bool {
		call, ok := o.Node.(*ast.CallExpr)
		return ok && slices.ContainsFunc(l.p.Changes(call), func(c lockset.Change) bool {
			_, held := o.State.Find(c.Resource.Key())
			return c.Kind == syncapi.Release && !held && l.p.Class(c.Resource) == class
		})
	})
}

// handsOver: the paths that leave with it all tell of success, or return what it
// belongs to, while all others tell of failure.
func (l *leaking) handsOver(found []duty.Leak) bool {
	for _, x := range found {
		ret, ok := x.At.(*ast.ReturnStmt)
		if !ok || x.Took != nil || !l.succeeds(ret) && !l.returnsOwner(ret) {
			return false
		}
	}
	others := l.others(found)
	return len(others) > 0 && !slices.ContainsFunc(others, l.succeeds)
}

// inconsistent: of two returns that tell of success one has it held and the other
// released it: no caller could know.
func (l *leaking) inconsistent(found []duty.Leak) bool {
	held := slices.ContainsFunc(found, func(x duty.Leak) bool {
		ret, ok := x.At.(*ast.ReturnStmt)
		return ok && l.succeeds(ret)
	})
	return held && slices.ContainsFunc(l.others(found), func(r *ast.ReturnStmt) bool { return l.succeeds(r) && r.Pos() > l.s.Acquire.Node.End() })
}

// failing picks, in a function that hands the resource to its caller, the paths
// that fail with it held, where others that fail release it first.
func (l *leaking) failing(found []duty.Leak) []duty.Leak {
	if !slices.ContainsFunc(l.others(found), func(r *ast.ReturnStmt) bool { return !l.succeeds(r) }) {
		return nil
	}
	fails := func(x duty.Leak) bool {
		ret, ok := x.At.(*ast.ReturnStmt)
		return ok && x.Took == nil && l.fails(ret)
	}
	if !slices.ContainsFunc(found, func(x duty.Leak) bool { return !fails(x) }) {
		return nil
	}
	return slices.DeleteFunc(found, func(x duty.Leak) bool { return !fails(x) })
}

// others lists the returns that a section can meet and that do not leak it.
func (l *leaking) others(found []duty.Leak) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	ast.Inspect(l.b.Block, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if ret, ok := n.(*ast.ReturnStmt); ok && !slices.ContainsFunc(found, func(x duty.Leak) bool { return x.At == ast.Node(ret) }) {
			out = append(out, ret)
		}
		return true
	})
	return out
}

// fails: the last result is an error that is made there or has a name of its own,
// or false.
func (l *leaking) fails(ret *ast.ReturnStmt) bool {
	if len(ret.Results) == 0 {
		return false
	}
	e := ast.Unparen(ret.Results[len(ret.Results)-1])
	if tv := l.p.Src.Info.Types[e]; tv.Value != nil {
		return tv.Value.String() == "false"
	}
	if !l.lastIsError() {
		return false
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		fn := called(l.p.Src.Info, e)
		return fn != nil && (fn.FullName() == "errors.New" || fn.FullName() == "fmt.Errorf")
	case *ast.Ident:
		return isGlobal(l.p.Src.Info.Uses[e])
	case *ast.SelectorExpr:
		return isGlobal(l.p.Src.Info.Uses[e.Sel])
	}
	return false
}

func isGlobal(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// succeeds: the last result says that all went well.
func (l *leaking) succeeds(ret *ast.ReturnStmt) bool {
	if len(ret.Results) == 0 {
		return false
	}
	tv := l.p.Src.Info.Types[ret.Results[len(ret.Results)-1]]
	return tv.IsNil() && types.TypeString(tv.Type, nil) != "" && len(ret.Results) > 0 && l.lastIsError() || tv.Value != nil && tv.Value.String() == "true"
}

func (l *leaking) lastIsError() bool {
	t, ok := l.p.Src.Info.TypeOf(funcType(l.b.Fn)).(*types.Signature)
	return ok && t.Results().Len() > 0 && types.TypeString(t.Results().At(t.Results().Len()-1).Type(), nil) == "error"
}

func funcType(fn ast.Node) ast.Expr {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Name
	case *ast.FuncLit:
		return fn
	}
	return nil
}

// returnsOwner: what the lock belongs to is returned, for its holder to unlock.
func (l *leaking) returnsOwner(ret *ast.ReturnStmt) bool {
	root := l.s.Acquire.Resource.Root
	return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool {
		found := false
		ast.Inspect(e, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && root != nil && l.p.Src.Info.Uses[id] == root && !isReceiverOf(l.b, root)
			return !found
		})
		return found
	})
}

func isReceiverOf(b *lockset.Body, root types.Object) bool {
	return b.Obj != nil && b.Obj.Signature().Recv() == root
}
