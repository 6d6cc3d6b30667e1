package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// releaseOnError defers a release that runs where the function fails, ahead of
// the statement that leaves the resource to a variable.
//
//	x = &T{release}; if c { return nil, E }; return x, nil
//	=>
//	defer func() { if err != nil { release() } }(); x = &T{release}; …
//
// so long as
//
//   - the resource is held there on every path, and the function's error has a
//     name (region, names);
//   - each path that drops the variable returns an error (region);
//   - nothing behind it releases the resource where the function fails (once); a
//     function that was given the variable may, and is trusted not to (exclusion).
func releaseOnError(f *hazard.Fault) (*Plan, *Refusal) {
	refuse := func(o Obligation) (*Plan, *Refusal) {
		return nil, &Refusal{Strategy: "release on error", Obligation: o}
	}
	s := leakCase(f)
	took, ok := f.Spots[0].(ast.Stmt)
	if !ok || s.block == nil || s.file == nil || s.u.StmtOf(took).Stmt != took || s.u.Enclosing(took) != s.fn {
		return refuse(refuted("region", "it is no statement of the function", f.Spots[0]))
	}
	if o := s.surelyHeld(f, took); o != nil {
		return refuse(*o)
	}
	name, o := s.errorName(took.Pos())
	if o != nil {
		return refuse(*o)
	}
	release, o := s.repeatable(took)
	if o != nil {
		return refuse(*o)
	}
	if o := s.releasedBehind(took); o != nil {
		return refuse(*o)
	}
	given, o := s.failures(f, took)
	if o != nil {
		return refuse(*o)
	}
	plan := s.plan("release on error", "defer the release of "+s.Acquire.Resource.Expr+" for where the function fails", merge([]Obligation{
		proved("region", "it is held there on every path, and each path that drops it fails"),
		proved("once", "nothing behind it releases it where the function fails"),
		proved("names", "its names mean the same there"),
		s.onlyHere(f),
		s.handsProse(),
	}, given...))
	code := deferred(release)
	code.Text = fmt.Sprintf("defer func() {\nif %s != nil {\n%s\n}\n}()", name, code.Text[len("defer "):])
	plan.Steps = []Step{Insert{At: Place{Before: took}, Code: code}}
	return plan, nil
}

// surelyHeld: the resource is held at a statement on every path, which runs once.
func (s *section) surelyHeld(f *hazard.Fault, st ast.Stmt) *Obligation {
	no := func(name, why string, at ast.Node) *Obligation {
		o := refuted(name, why, at)
		return &o
	}
	for n := s.u.Parent(st); n != nil && n != s.fn; n = s.u.Parent(n) {
		if st, ok := n.(ast.Stmt); ok && isLoop(st) {
			return no("defer", "a deferred call in a loop runs when the function returns", n)
		}
	}
	before, ok := f.Body.Before(st)
	h, held := before.Find(s.Acquire.Resource.Key())
	switch {
	case !ok || !held || !h.Must || !s.Acquire.Resource.Stable:
		return no("region", s.Acquire.Resource.Expr+" is held there on some paths only", st)
	case hasGoto(s.block):
		return no("region", "a goto jumps in the function", s.block)
	}
	return nil
}

// errorName is the name of the function's error, which is visible at a place.
func (s *section) errorName(pos token.Pos) (string, *Obligation) {
	o := refuted("names", "the function's error has no name there", s.fn)
	sig := s.signature()
	if sig == nil || sig.Results().Len() == 0 {
		return "", &o
	}
	v := sig.Results().At(sig.Results().Len() - 1)
	if types.TypeString(v.Type(), nil) != "error" || v.Name() == "" || v.Name() == "_" {
		return "", &o
	}
	_, obj := s.info.Scopes[s.file.Syntax].Innermost(pos).LookupParent(v.Name(), pos)
	if obj != types.Object(v) {
		return "", &o
	}
	return v.Name(), nil
}

// signature is that of the function the section stands in.
func (s *section) signature() *types.Signature {
	switch fn := s.fn.(type) {
	case *ast.FuncDecl:
		if obj, ok := s.info.Defs[fn.Name].(*types.Func); ok {
			return obj.Signature()
		}
	case *ast.FuncLit:
		sig, _ := s.info.TypeOf(fn).(*types.Signature)
		return sig
	}
	return nil
}

// releasedBehind: the function itself releases it behind a statement.
func (s *section) releasedBehind(st ast.Stmt) *Obligation {
	for _, r := range s.Releases {
		if r.Defer != nil || r.Node.Pos() > st.End() && s.u.Enclosing(r.Node) == s.fn {
			o := refuted("once", "it may be released there too", r.Node)
			return &o
		}
	}
	return nil
}

// failures looks at the returns behind a statement: those that drop the resource
// fail. Where another one fails, somebody was given the variable.
func (s *section) failures(f *hazard.Fault, st ast.Stmt) (given []Obligation, o *Obligation) {
	drops := map[token.Pos]bool{}
	for _, fr := range f.Chain {
		drops[fr.Pos] = true
	}
	ast.Inspect(s.block, func(n ast.Node) bool {
		ret, ok := n.(*ast.ReturnStmt)
		if ok && ret.Pos() > st.End() && o == nil {
			switch fails := s.fails(ret); {
			case drops[ret.Pos()] && !fails:
				no := refuted("region", "the path that drops it may return no error", ret)
				o = &no
			case !drops[ret.Pos()] && !s.succeeds(ret):
				given = append(given, assumed("exclusion", "who was given it does not release it when the function fails", ret))
			}
			delete(drops, ret.Pos())
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	if o == nil && len(drops) > 0 {
		no := refuted("region", "a path drops it where the function ends", st)
		o = &no
	}
	return given, o
}

// succeeds: a return gives no error.
func (s *section) succeeds(ret *ast.ReturnStmt) bool {
	return len(ret.Results) > 1 && s.info.Types[ret.Results[len(ret.Results)-1]].IsNil()
}

// fails: a return gives an error that is not nil: one that is made there, that the
// package declares, or that was found not to be nil just before.
func (s *section) fails(ret *ast.ReturnStmt) bool {
	if len(ret.Results) == 0 {
		return false
	}
	switch e := ast.Unparen(ret.Results[len(ret.Results)-1]).(type) {
	case *ast.CallExpr:
		name := s.fullName(e.Fun)
		return name == "fmt.Errorf" || name == "errors.New"
	case *ast.SelectorExpr:
		v, ok := s.info.Uses[e.Sel].(*types.Var)
		return ok && isPackageLevel(v)
	case *ast.Ident:
		v, ok := s.info.Uses[e].(*types.Var)
		return ok && (isPackageLevel(v) || s.foundError(ret, v))
	}
	return false
}

// foundError: a return stands in the body of if v != nil, and v is not set there.
func (s *section) foundError(ret *ast.ReturnStmt, v *types.Var) bool {
	test, ok := s.u.Parent(s.u.StmtOf(ret).Owner).(*ast.IfStmt)
	if !ok || !contains(test.Body, ret) {
		return false
	}
	cond, ok := ast.Unparen(test.Cond).(*ast.BinaryExpr)
	if !ok || cond.Op != token.NEQ || !s.info.Types[cond.Y].IsNil() {
		return false
	}
	id, ok := ast.Unparen(cond.X).(*ast.Ident)
	return ok && s.info.Uses[id] == v && !slices.ContainsFunc(s.u.Writes(v), func(w uses.Write) bool { return contains(test.Body, w.Node) })
}
