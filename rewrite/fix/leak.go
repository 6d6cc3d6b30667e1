package fix

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// leakCase is the section of a fault, ready for the questions that plans ask.
func leakCase(f *hazard.Fault) *section {
	s := &section{Section: f.Section, pkg: f.Pkg, u: f.Pkg.Uses, info: f.Pkg.Src.Info, ops: map[ast.Node]*hazard.Observation{}, taken: map[string]bool{}}
	s.file = s.pkg.Src.File(s.Acquire.Node.Pos())
	s.fn = s.u.Enclosing(s.Acquire.Node)
	switch fn := s.fn.(type) {
	case *ast.FuncDecl:
		s.block = fn.Body
	case *ast.FuncLit:
		s.block = fn.Body
	}
	s.acquire = s.u.StmtOf(s.Acquire.Node)
	return s
}

// releaseBefore inserts the missing release ahead of what leaves.
//
//	if c { return x }  =>  if c { Unlock(); return x }
//
// so long as the resource is held there on every path and no deferred call
// releases it, the release means the same there as where it stands now, what is
// returned is taken before, and nobody else releases it later.
func releaseBefore(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "release before leaving", Obligation: o}
	}
	s := leakCase(f)
	place, o := s.exit(f)
	if o != nil {
		return refuse(*o)
	}
	release, o := s.repeatable(f.Spots[0])
	if o != nil {
		return refuse(*o)
	}
	var steps []Step
	if ret, ok := f.Spots[0].(*ast.ReturnStmt); ok {
		for _, e := range ret.Results {
			if hasCall(e) && !s.calmCall(e) {
				return refuse(refuted("operands", types.ExprString(e)+" is computed under the lock", e))
			}
		}
		out := s.leave([]ast.Stmt{ret}, true)
		if out.refusal != nil {
			return refuse(*out.refusal)
		}
		steps = out.steps(place)
	}
	obligations := []Obligation{
		proved("region", "it is held there on every path, and no deferred call releases it"),
		proved("operands", "what is returned is not guarded, or taken before the release"),
		proved("names", "its names mean the same there"),
		s.onlyHere(f),
		s.handsProse(),
	}
	plan := s.plan("release before leaving", "release "+s.Acquire.Resource.Expr+" before it "+leavesHow(f.Spots[0]), obligations)
	plan.Steps = append(steps, Insert{At: place, Code: Code{Text: "_1_", Args: []ast.Expr{release}}})
	return plan, nil
}

func leavesHow(n ast.Node) string {
	switch n.(type) {
	case *ast.BranchStmt:
		return "continues"
	case *ast.BlockStmt:
		return "ends"
	}
	return "returns"
}

// exit is the place ahead of what leaves, where the resource is held on every path.
func (s *section) exit(f *hazard.Fault) (Place, *Obligation) {
	no := func(why string, at ast.Node) (Place, *Obligation) {
		o := refuted("region", why, at)
		return Place{}, &o
	}
	r := s.Acquire.Resource
	switch {
	case s.block == nil || s.file == nil:
		return no("it is not in a function body", s.Acquire.Node)
	case !r.Stable && !s.sameElement(f.Spots[0]):
		return no(r.Expr+" may be another one the next time it is evaluated", s.Acquire.Node)
	case s.Mixed:
		return no("one release ends more than one acquisition of "+r.Expr, s.Acquire.Node)
	case s.Acquire.Count != nil && s.info.Types[s.Acquire.Count].Value == nil:
		return no("how many are acquired is not constant", s.Acquire.Node)
	case !f.Must:
		return no("some paths come by without "+r.Expr, f.Spots[0])
	case hasGoto(s.block):
		return no("a goto jumps in the function", s.block)
	}
	switch n := f.Spots[0].(type) {
	case *ast.ReturnStmt, *ast.BlockStmt:
		if h, ok := f.Body.ExitAt(n).Find(r.Key()); !ok || !h.Must || len(h.From) != 1 {
			return no(r.Expr+" is held there on some paths only", n)
		}
		if ret, ok := n.(*ast.ReturnStmt); ok {
			if s.u.StmtOf(ret).Stmt != ast.Stmt(ret) {
				return no("the return is no statement of its own", ret)
			}
			return Place{Before: ret}, nil
		}
		return Place{End: s.block}, nil
	case *ast.BranchStmt:
		if o := s.dominates(n); o != nil {
			return Place{}, o
		}
		return Place{Before: n}, nil
	}
	return no("it leaves by a panic", f.Spots[0])
}

// sameElement reports whether the resource is a part of an array or a slice, which
// is the same one where the function leaves: up to there neither the index nor
// what holds the array changes, no pointer is kept in it, and the section begins
// once.
func (s *section) sameElement(exit ast.Node) bool {
	call, ok := s.Acquire.Node.(*ast.CallExpr)
	if !ok || s.loopAround(call) != nil || hasGoto(s.block) {
		return false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && s.samePlace(sel.X, exit)
}

// samePlace reports whether an expression names the same variable from the
// acquisition up to where the function leaves.
func (s *section) samePlace(e ast.Expr, exit ast.Node) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := s.info.Uses[e].(*types.Var)
		return ok && (s.steady(v) || s.unwritten(v, exit))
	case *ast.SelectorExpr:
		sel := s.info.Selections[e]
		if sel == nil || sel.Kind() != types.FieldVal || len(sel.Index()) != 1 || !s.samePlace(e.X, exit) {
			return false
		}
		switch sel.Type().Underlying().(type) {
		case *types.Struct, *types.Array:
			return true
		}
		immutable, _ := s.u.Immutable(sel.Obj().(*types.Var))
		return immutable
	case *ast.IndexExpr:
		switch s.typeOf(e.X).Underlying().(type) {
		case *types.Array, *types.Slice:
			return !isReference(s.typeOf(e)) && (s.info.Types[e.Index].Value != nil || s.samePlace(e.Index, exit)) && s.samePlace(e.X, exit)
		}
	}
	return false
}

// unwritten: a variable of the function is written only ahead of the acquisition
// and behind the place where the function leaves, which no loop comes back to.
func (s *section) unwritten(v *types.Var, exit ast.Node) bool {
	if v.IsField() || !contains(s.fn, s.declared(v)) || s.loopAround(exit) != nil {
		return false
	}
	return !slices.ContainsFunc(s.u.Writes(v), func(w uses.Write) bool {
		return w.Kind != uses.Init && w.Kind != uses.Assign || s.u.Enclosing(w.Node) != s.fn ||
			w.Node.End() > s.Acquire.Node.Pos() && w.Node.Pos() < exit.End()
	})
}

// dominates: the acquisition stands ahead of a continue in a list around it, and
// what releases in between leaves.
func (s *section) dominates(br *ast.BranchStmt) *Obligation {
	no := func(why string, at ast.Node) *Obligation {
		o := refuted("region", why, at)
		return &o
	}
	if es, ok := s.acquire.Stmt.(*ast.ExprStmt); !ok || ast.Unparen(es.X) != s.Acquire.Node || !contains(s.acquire.Owner, br) || s.acquire.Stmt.End() > br.Pos() {
		return no("the acquisition does not stand ahead of it", br)
	}
	for _, r := range s.Releases {
		if r.Node.Pos() < s.Acquire.Node.Pos() || r.Node.Pos() > br.Pos() {
			continue
		}
		if p := s.u.StmtOf(r.Node); contains(p.Owner, br) || !ends(p.List) {
			return no("a release may come before it", r.Node)
		}
	}
	return nil
}

// ends reports whether a list does not run on into what follows it.
func ends(list []ast.Stmt) bool {
	switch st := list[len(list)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.ExprStmt:
		call, ok := st.X.(*ast.CallExpr)
		id, isIdent := (*ast.Ident)(nil), false
		if ok {
			id, isIdent = call.Fun.(*ast.Ident)
		}
		return isIdent && id.Name == "panic"
	}
	return false
}

// repeatable is a release that another path makes, which means the same at a place.
func (s *section) repeatable(at ast.Node) (ast.Expr, *Obligation) {
	var o Obligation
	for _, r := range s.Releases {
		e, ok := r.Node.(ast.Expr)
		if !ok {
			continue
		}
		switch {
		case r.Mode != s.Acquire.Mode && r.Via == nil:
			o = refuted("region", "it is released in another mode", r.Node)
		case r.Via != nil && !s.onlyReleases(r.Via):
			o = refuted("region", s.pkg.FuncName(r.Via)+" does more than release it", r.Node)
		case isFuncValue(s.info, r.Node):
			o = refuted("region", "it is released through a function value", r.Node)
		case !s.constantArgs(e) || !s.sameCount(e):
			o = refuted("operands", "it is not known to release what was acquired", r.Node)
		case !s.visible(e, at):
			o = refuted("names", "the names of "+types.ExprString(e)+" mean something else there", at)
		default:
			return e, nil
		}
	}
	if o.Name == "" {
		o = refuted("region", "no other release can be repeated", s.Acquire.Node)
	}
	return nil, &o
}

func (s *section) constantArgs(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return !ok || !slices.ContainsFunc(call.Args, func(a ast.Expr) bool { return s.info.Types[a].Value == nil })
}

// sameCount: what was acquired by number is released by the same number.
func (s *section) sameCount(e ast.Expr) bool {
	taken, released := s.count(s.Acquire.Node), s.count(e)
	return taken == nil || released == nil || constant.Compare(taken, token.EQL, released)
}

// count is the last argument of a call, when it is a number.
func (s *section) count(n ast.Node) constant.Value {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	v := s.info.Types[call.Args[len(call.Args)-1]].Value
	if v == nil || v.Kind() != constant.Int {
		return nil
	}
	return v
}

// visible: the names of an expression mean the same at another place.
func (s *section) visible(e ast.Expr, at ast.Node) bool {
	pos := at.Pos()
	if b, ok := at.(*ast.BlockStmt); ok {
		pos = b.Rbrace
	}
	file := s.info.Scopes[s.file.Syntax]
	if file == nil {
		return false
	}
	scope := file.Innermost(pos)
	same := true
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			same = same && s.visible(sel.X, at)
			return false
		}
		id, ok := n.(*ast.Ident)
		if !ok || s.info.Uses[id] == nil || !same {
			return same
		}
		_, obj := scope.LookupParent(id.Name, pos)
		same = obj == s.info.Uses[id]
		return same
	})
	return same
}

// onlyHere: nobody else releases it. Where the detector has seen nobody in the
// package who does, others can only if they can name it.
func (s *section) onlyHere(f *hazard.Fault) Obligation {
	r := s.Acquire.Resource
	v, ok := r.Field().(*types.Var)
	switch {
	case f.Why != "":
		return assumed("exclusion", f.Why, s.Acquire.Node)
	case !ok || v.Exported() || v.Embedded() || r.Sort == lockset.Token, !v.IsField() && !contains(s.block, s.declared(v)) && !isPackageLevel(v):
		return assumed("exclusion", "others could release "+r.Expr+" for this function", s.Acquire.Node)
	}
	return proved("exclusion", "nobody else releases it")
}

func isPackageLevel(v *types.Var) bool { return v.Pkg() != nil && v.Parent() == v.Pkg().Scope() }

// declared is the place of a declaration.
func (s *section) declared(v *types.Var) ast.Node {
	return &ast.Ident{NamePos: v.Pos(), Name: v.Name()}
}

// handsProse: no comment of the function says that the resource stays held.
func (s *section) handsProse() Obligation {
	doc := (*ast.CommentGroup)(nil)
	if fd, ok := s.fn.(*ast.FuncDecl); ok {
		doc = fd.Doc
	}
	for _, g := range s.file.Syntax.Comments {
		if (g == doc || contains(s.block, g)) && staysHeld.MatchString(g.Text()) {
			return assumed("prose", "a comment speaks of who releases it", g)
		}
	}
	return proved("prose", "no comment speaks of who releases it")
}

var staysHeld = pattern.New(`(?i)\b(un-?lock(ed|s)?|release[ds]?|hand(s|ed)? (it |the lock )?(over|off|on)|on purpose|intentional(ly)?|deliberate(ly)?|keeps? (it|the lock))\b`)

// calmCall: errors.New and fmt.Errorf make an error of what they are given.
func (s *section) calmCall(e ast.Expr) bool {
	calm := true
	ast.Inspect(e, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			name := s.fullName(call.Fun)
			calm = calm && (name == "fmt.Errorf" || name == "errors.New" || name == "errors.Join")
		}
		_, lit := n.(*ast.FuncLit)
		calm = calm && !lit
		return calm
	})
	return calm
}
