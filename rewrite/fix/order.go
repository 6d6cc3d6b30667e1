package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// swapLocks puts the second of two acquisitions ahead of the first.
//
//	a.Lock(); b.Lock()                      =>  b.Lock(); a.Lock()
//	a.Lock(); defer a.Unlock(); b.Lock(); defer b.Unlock()  =>  b.Lock(); defer b.Unlock(); a.Lock(); defer a.Unlock()
//
// so long as nothing stands between the two (trailing), b is the same lock
// without a (operands), the other side takes them in the new order already, and
// nobody else in the old one (outer): then no order is new, and one of two is gone.
func swapLocks(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(name, why string, at ast.Node) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "swap", Obligation: refuted(name, why, at)}
	}
	if len(f.Spots) != 2 || len(f.Chain) > 0 {
		return refuse("region", "one of the locks is not acquired right here", f.Node)
	}
	if len(f.Also) > 0 {
		return refuse("outer", f.Also[0].Text+" takes them in this order too: the finding would stay", f.Node)
	}
	first, second := acquisition(f, f.Spots[0]), acquisition(f, f.Spots[1])
	u := f.Pkg.Uses
	a, b := u.StmtOf(f.Spots[0]), u.StmtOf(f.Spots[1])
	switch {
	case first == nil || second == nil || first.Via != nil || second.Via != nil || !isStmt(a.Stmt, first.Node) || !isStmt(b.Stmt, second.Node):
		return refuse("region", "one of the acquisitions is no statement of its own", f.Node)
	case first.Kind != syncapi.Acquire || second.Kind != syncapi.Acquire:
		return refuse("region", "one of the acquisitions may fail", f.Node)
	case a.Owner != b.Owner || b.Index <= a.Index:
		return refuse("region", "the acquisitions do not follow each other", f.Node)
	}
	moved := []ast.Stmt{b.Stmt}
	for _, st := range a.List[a.Index+1 : b.Index] {
		if !releasesBy(f, st, first) {
			return refuse("trailing", "something is done between the two acquisitions", st)
		}
	}
	if rest := b.Rest(); b.Index > a.Index+1 && len(rest) > 0 && releasesBy(f, rest[0], second) {
		moved = append(moved, rest[0])
	}
	if why := wanders(f, second.Resource); why != "" {
		return refuse("operands", why, second.Node)
	}
	obligations := []Obligation{
		proved("region", "one acquisition follows the other"),
		proved("operands", second.Resource.Expr+" is the same lock without "+first.Resource.Expr),
		proved("trailing", "nothing is done between the two"),
		swapOrder(f, first, second),
		swapProse(f, a.Stmt, b.Stmt),
	}
	return &Plan{
		Strategy:    "swap",
		Title:       fmt.Sprintf("lock %s before %s, as elsewhere", second.Resource.Expr, first.Resource.Expr),
		Obligations: obligations,
		Decl:        u.Decl(f.Node),
		Steps:       []Step{Move{Stmts: moved, At: Place{Before: a.Stmt}}},
	}, nil
}

// swapOrder: where there are two orders only, the new one is the other side's
// and no order is added. In a longer cycle it is a new one. Who holds one of the
// locks and only tries the other can tell in which order they are released.
func swapOrder(f *hazard.Fault, locks ...*lockset.Acquisition) Obligation {
	if !f.Two {
		return assumed("order", "the new order is nobody's yet", f.Node)
	}
	for _, b := range f.Pkg.Bodies() {
		for _, s := range b.Sections {
			for _, a := range locks {
				if s.Acquire.Kind == syncapi.Try && f.Pkg.Class(s.Acquire.Resource) == f.Pkg.Class(a.Resource) {
					return assumed("order", s.Acquire.Resource.Expr+" is tried elsewhere, which depends on the order of the releases", s.Acquire.Node)
				}
			}
		}
	}
	return proved("order", "the other side takes them in this order already")
}

// acquisition is the one of a body that stands at a node.
func acquisition(f *hazard.Fault, n ast.Node) *lockset.Acquisition {
	for _, s := range f.Body.Sections {
		if s.Acquire.Node == n {
			return s.Acquire
		}
	}
	return nil
}

// releasesBy reports whether a statement does nothing but register the release
// of an acquisition.
func releasesBy(f *hazard.Fault, st ast.Stmt, a *lockset.Acquisition) bool {
	d, ok := st.(*ast.DeferStmt)
	if !ok {
		return false
	}
	for _, s := range f.Body.Sections {
		if s.Acquire == a {
			return slices.ContainsFunc(s.Releases, func(r *lockset.Release) bool { return r.Defer == d && r.Node == d.Call && r.Via == nil })
		}
	}
	return false
}

// wanders says why the path to a lock may lead to another one when it is
// followed earlier; "" if it cannot.
func wanders(f *hazard.Fault, r lockset.Resource) string {
	v, ok := r.Root.(*types.Var)
	if !ok || !r.Stable || r.Index != "" {
		return r.Expr + " may be another lock the next time it is evaluated"
	}
	if v.Parent() == v.Pkg().Scope() {
		if ok, why := f.Pkg.Uses.Fixed(v); !ok {
			return why
		}
	}
	for _, field := range r.Fields {
		if ok, why := f.Pkg.Uses.Fixed(field); !ok {
			return why
		}
	}
	return ""
}

// swapProse: words ahead of the locks that speak of their order lower the grade.
func swapProse(f *hazard.Fault, a, b ast.Stmt) Obligation {
	file := f.Pkg.Src.File(a.Pos())
	if file == nil {
		return assumed("prose", "the comments are not known", a)
	}
	line := func(n ast.Node) int { return f.Pkg.Src.Position(n.Pos()).Line }
	for _, g := range file.Syntax.Comments {
		near := g.End() < b.End() && f.Pkg.Src.Position(g.End()).Line+1 >= line(a) || line(g) == line(b)
		if text := g.Text(); near && (underLock.MatchString(text) || orderly.MatchString(text)) {
			return assumed("prose", "a comment speaks of the lock or of the order", g)
		}
	}
	return proved("prose", "no comment speaks of the lock or of the order")
}
