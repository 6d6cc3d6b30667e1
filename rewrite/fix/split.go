package fix

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// splitName is the name of the strategy.
const splitName = "split"

// splitTwin makes the twin that leaves the lock alone, where there is none yet.
//
//	func (x T) M(a) R { mu.Lock(); defer mu.Unlock(); B }
//	x.M(a)
//	=>
//	func (x T) M(a) R { mu.Lock(); defer mu.Unlock(); return x.mLocked(a) }
//	func (x T) mLocked(a) R { B }
//	x.mLocked(a)
//
// so long as
//   - M takes the lock first and gives it back last, and B does not open the
//     section in between, by a wait on a condition or by a release, nor hand the
//     lock to others who might (region),
//   - the lock is held at the call as M would hold it (exclusion),
//   - what is deferred in B runs under the lock as it did (defer),
//   - B does not ask in which function it runs (results),
//   - the parameters have names, and nothing in the package is called as the twin
//     is, in files that were not looked at neither (names).
func splitTwin(f *hazard.Fault) (*Plan, *Refusal) {
	r, refusal := newReentry(f, splitName)
	if refusal != nil {
		return nil, refusal
	}
	c := r.coreOf(r.fn)
	if c == nil {
		return nil, &Refusal{Strategy: splitName, Obligation: refuted("region", r.Pkg.FuncName(r.fn)+" does not take the lock first and give it back last", r.decl)}
	}
	s := &splitter{reentry: r, core: c}
	if o := cmp.Or(s.opens(), s.names(), s.leaves(), s.asks(), s.spelled()); o != nil {
		return nil, &Refusal{Strategy: splitName, Obligation: *o}
	}
	return s.plan(), nil
}

// A splitter makes the twin of a method from its core.
type splitter struct {
	*reentry
	*core
	twin string
}

// opens says what opens the section of the method in the midst: it would then
// open that of the caller.
func (s *splitter) opens() *Obligation {
	class := s.Pkg.Class(s.held.Resource)
	for _, op := range s.lock.Ops {
		for _, a := range s.Pkg.Acts(s.lock.Body, op) {
			if a.Kind == summary.CondWait {
				return s.no("region", s.method()+" waits on a condition, which opens the section", op.Node)
			}
		}
		for _, t := range s.Pkg.Takes(s.lock.Body, op) {
			if op.Node != s.call && t.Acquire != s.lock.Acquire && s.Pkg.Class(t.Resource) == class {
				return s.no("region", s.method()+" takes such a lock again", op.Node)
			}
		}
	}
	return nil
}

// names finds the lock itself among what the method does: others may be given it.
func (s *splitter) names() *Obligation {
	lock := s.lock.Acquire.Resource.Field()
	var at ast.Node
	for _, st := range s.stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && s.Pkg.Src.Info.Uses[id] == lock {
				at = id
			}
			return at == nil
		})
	}
	if at == nil {
		return nil
	}
	return s.no("region", s.method()+" uses the lock itself", at)
}

// leaves says what would run under the lock that did not: a call that is deferred
// ahead of an explicit unlock. What M yields must be what B yields.
func (s *splitter) leaves() *Obligation {
	if s.deferred() {
		return nil
	}
	if d := deferIn(s.decl.Body); d != nil {
		return s.no("defer", "what is deferred runs behind the unlock", d)
	}
	if s.reentry.fn.Signature().Results().Len() > 0 {
		return s.no("results", s.method()+" yields its results behind the unlock", s.decl)
	}
	return nil
}

// deferred reports whether the method defers its unlock.
func (s *splitter) deferred() bool { return s.lock.Releases[0].Defer != nil }

// asks says what tells one function from another: recover, which works only in
// the function that was deferred, and the walk up the stack.
func (s *splitter) asks() *Obligation {
	var at ast.Node
	for _, st := range s.stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && at == nil && s.seesFrames(call) {
				at = call
			}
			return at == nil
		})
	}
	if at == nil {
		return nil
	}
	return s.no("results", types.ExprString(at.(*ast.CallExpr).Fun)+" depends on the function that it is called in", at)
}

// seesFrames reports whether the result of a call depends on which function it
// stands in. A recover in a literal does not: the literal stays what it is.
func (s *splitter) seesFrames(call *ast.CallExpr) bool {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		_, builtin := s.Pkg.Src.Info.Uses[fun].(*types.Builtin)
		return builtin && fun.Name == "recover" && s.Pkg.Uses.Enclosing(call) == ast.Node(s.decl)
	case *ast.SelectorExpr:
		fn, ok := s.Pkg.Src.Info.Uses[fun.Sel].(*types.Func)
		return ok && fn.Pkg() != nil && fn.Pkg().Path() == "runtime" && (fn.Name() == "Caller" || fn.Name() == "Callers")
	}
	return false
}

// spelled finds a name for the twin, or says what cannot be spelled.
func (s *splitter) spelled() *Obligation {
	sig := s.reentry.fn.Signature()
	for i := range sig.Params().Len() {
		if name := sig.Params().At(i).Name(); name == "" || name == "_" {
			return s.no("names", "a parameter of "+s.method()+" has no name", s.decl)
		}
	}
	if at := directive(s.decl.Doc); at != nil {
		return s.no("names", "a directive speaks of "+s.method(), at)
	}
	s.twin = source.Lower(s.reentry.fn.Name()) + "Locked"
	if s.declared(s.twin) {
		return s.no("names", "something is called "+s.twin+" already", s.decl)
	}
	if file := s.Pkg.Src.Beside(s.twin); file != "" {
		return s.no("names", "something is called "+s.twin+" in "+file+", which was not looked at", s.decl)
	}
	if s.Pkg.Src.File(s.call.Pos()) == s.Pkg.Src.File(s.decl.Pos()) {
		return nil
	}
	// Another platform may have a method of its own in the place of this one.
	if file := s.Pkg.Src.Beside(s.reentry.fn.Name()); file != "" {
		return s.no("names", s.reentry.fn.Name()+" stands in "+file+" too, which was not looked at", s.decl)
	}
	return nil
}

// declared reports whether anything in the package is called name: a field or a
// method of another type could be reached through this one.
func (s *splitter) declared(name string) bool {
	for id := range s.Pkg.Src.Info.Defs {
		if id.Name == name {
			return true
		}
	}
	return slices.ContainsFunc(s.promoted(), func(n string) bool { return n == name })
}

// promoted lists the methods that the receiver has from other types: those of an
// embedded type of another package are not defined in this one.
func (s *splitter) promoted() []string {
	var out []string
	methods := types.NewMethodSet(s.reentry.fn.Signature().Recv().Type())
	for i := range methods.Len() {
		out = append(out, methods.At(i).Obj().Name())
	}
	return out
}

// directive returns a comment of a doc comment that a tool reads.
func directive(doc *ast.CommentGroup) ast.Node {
	if doc == nil {
		return nil
	}
	for _, c := range doc.List {
		if rest, ok := strings.CutPrefix(c.Text, "//"); ok && rest != "" && rest[0] != ' ' && rest[0] != '\t' && rest[0] != '/' {
			return c
		}
	}
	return nil
}

// plan spells the two methods and the call.
func (s *splitter) plan() *Plan {
	obligations := s.obligations(s.twin)
	obligations = merge(obligations, proved("defer", "the twin returns ahead of the unlock, as what it holds did"))
	if s.held.Caller != "" && len(s.held.From) == 0 {
		obligations = merge(obligations, assumed("exclusion", s.held.Caller, s.call))
	}
	split := Split{After: s.decl.Body.List[0], Name: s.twin, Head: s.head(), Code: s.forward()}
	if s.deferred() {
		split.After = s.decl.Body.List[1]
	} else {
		split.Until = s.decl.Body.List[len(s.decl.Body.List)-1]
	}
	call := Replace{Old: s.reentry.call.Fun, Code: Code{Text: "_1_." + s.twin, Args: []ast.Expr{s.sel.X}}}
	p := &Plan{
		Strategy:    splitName,
		Title:       fmt.Sprintf("split %s, which leaves %s alone, off %s and call it", s.twin, s.held.Expr, s.reentry.fn.Name()),
		Obligations: obligations,
		Decl:        s.Pkg.Uses.Decl(s.reentry.call),
		Steps:       []Step{call},
	}
	if p.Decl == ast.Decl(s.decl) {
		p.Steps = append(p.Steps, split)
	} else {
		p.Also = []Part{{Decl: s.decl, Steps: []Step{split}}}
	}
	return p
}

// head spells the twin without its statements.
func (s *splitter) head() string {
	var b bytes.Buffer
	sign := &ast.FuncDecl{Recv: s.decl.Recv, Name: ast.NewIdent(s.twin), Type: s.decl.Type}
	if err := format.Node(&b, token.NewFileSet(), sign); err != nil {
		return "" // which is no function: the plan is not carried out
	}
	lock := s.lock.Acquire.Resource
	what := lock.Expr
	if f, ok := lock.Field().(*types.Var); ok && f.Embedded() {
		what = "the lock of " + what
	}
	return fmt.Sprintf("// %s does what %s does. Its caller holds %s.\n%s {\n}", s.twin, s.reentry.fn.Name(), what, b.String())
}

// forward spells the call of the twin that takes the place of its statements.
func (s *splitter) forward() Code {
	sig := s.reentry.fn.Signature()
	var args []string
	for i := range sig.Params().Len() {
		args = append(args, sig.Params().At(i).Name())
	}
	text := sig.Recv().Name() + "." + s.twin + "(" + strings.Join(args, ", ")
	if sig.Variadic() {
		text += "..."
	}
	text += ")"
	if sig.Results().Len() > 0 {
		text = "return " + text
	}
	return Code{Text: text}
}

func (s *splitter) method() string { return s.Pkg.FuncName(s.reentry.fn) }

func (s *splitter) no(name, why string, at ast.Node) *Obligation {
	o := refuted(name, why, at)
	return &o
}
