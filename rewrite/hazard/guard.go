package hazard

import (
	"fmt"
	"go/ast"
	"go/types"
	"go/version"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const (
	// GuardPath: what a call handed out is not ended on some path. Its Spots are the
	// statement that begins it, and the places where paths leave. It is reported
	// there, or where another variable takes it over.
	GuardPath FaultSort = "not ended"
	// GuardIgnored: what would end it is thrown away at once. Its Spots are the
	// statement.
	GuardIgnored FaultSort = "end ignored"
	// GuardStored: what a call handed out is kept in a field of an object that some
	// path drops. Its Spots are the statement that begins it, and the places where
	// paths leave.
	GuardStored FaultSort = "dropped with what keeps it"
	// GuardStarted: what a call handed out belongs to a goroutine, which leaves it
	// behind on some path. Its Spots are the statement that begins it, the literal
	// that the goroutine runs, and the places where its paths leave.
	GuardStarted FaultSort = "not ended by its goroutine"
	// GuardGroup: a group is not waited for on some path, so that its context goes
	// on. Its Spots are those of GuardPath.
	GuardGroup FaultSort = "group not waited for"
)

var guardSorts = []FaultSort{GuardPath, GuardIgnored, GuardStored, GuardStarted, GuardGroup}

// guards finds what is handed out by calls, and not cancelled, stopped or closed
// on every path.
func guards(in *view) []*Fault {
	p := in.Package
	var out []*Fault
	for _, x := range in.nodes() {
		b := x.body
		switch n := x.node.(type) {
		case *ast.AssignStmt:
			out = append(out, guardsOf(p, b, n, n.Lhs, n.Rhs)...)
		case *ast.ValueSpec:
			var lhs []ast.Expr
			for _, id := range n.Names {
				lhs = append(lhs, id)
			}
			out = append(out, guardsOf(p, b, n, lhs, n.Values)...)
		}
	}
	return out
}

// A guarded is one thing that was handed out.
type guarded struct {
	syncapi.Guard
	p    *summary.Package
	b    *lockset.Body
	stmt ast.Node
	call *ast.CallExpr
	fn   *types.Func
	id   *ast.Ident // the variable that has it; nil where a field keeps it
	text string     // how a person writes what has it
}

// guardsOf looks at one assignment.
func guardsOf(p *summary.Package, b *lockset.Body, n ast.Node, lhs, rhs []ast.Expr) []*Fault {
	if len(rhs) != 1 {
		return nil
	}
	call, ok := ast.Unparen(rhs[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	g, fn, ok := Guarded(p, call)
	if !ok || g.Result >= len(lhs) {
		return nil
	}
	x := &guarded{Guard: g, p: p, b: b, stmt: n, call: call, fn: fn, text: types.ExprString(lhs[g.Result])}
	fallible := len(lhs) > 1 && g.Result == 0 && !g.Waits
	switch e := ast.Unparen(lhs[g.Result]).(type) {
	case *ast.Ident:
		if x.id = e; e.Name == "_" {
			return x.ignored()
		}
		return x.paths(fallible)
	case *ast.SelectorExpr:
		if !g.Waits {
			return x.stored(e, fallible)
		}
	}
	return nil
}

// Guarded says how to end what a call hands out.
func Guarded(p *summary.Package, call *ast.CallExpr) (syncapi.Guard, *types.Func, bool) {
	fn := called(p.Src.Info, call)
	if fn == nil {
		return syncapi.Guard{}, nil, false
	}
	g, ok := syncapi.Guarded(fn)
	return g, fn, ok
}

// called is the function that a call names.
func called(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn == nil {
		return nil
	}
	return fn.Origin()
}

// ignored: nobody can end it any more.
func (x *guarded) ignored() []*Fault {
	if x.Result == 0 || x.isMain() {
		return nil // an error is looked for only
	}
	f := x.fault()
	f.Sort, f.What = GuardIgnored, fmt.Sprintf("what cancels the context of %s is thrown away", x.name())
	return []*Fault{f}
}

// paths follows it from where it is handed out.
func (x *guarded) paths(fallible bool) []*Fault {
	v, ok := x.p.Src.Info.ObjectOf(x.id).(*types.Var)
	fn := x.p.Uses.Enclosing(x.stmt)
	block := bodyBlock(fn)
	if !ok || block == nil || v.Pos() < block.Pos() || v.Pos() >= block.End() {
		return nil // it belongs to others
	}
	c := code(x.p, block)
	if duty.CapturedBefore(c, v, x.stmt.Pos()) || x.Waits && x.parentEnds() {
		return nil
	}
	found := duty.Leaks(c, x.duty(v, fallible))
	if x.Waits {
		found = slices.DeleteFunc(found, x.endsWithParent)
	}
	if x.isMain() && fn == x.b.Fn {
		found = slices.DeleteFunc(found, func(l duty.Leak) bool { return l.Kind == duty.Exit })
	}
	if len(found) == 0 {
		return x.started(v)
	}
	f := x.left(found)
	if x.Waits {
		f.Sort = GuardGroup
	}
	return []*Fault{f}
}

// duty is what whoever holds the variable has to do.
func (x *guarded) duty(v *types.Var, fallible bool) *duty.Duty {
	d := &duty.Duty{Begin: x.call, Fallible: fallible, Values: []*types.Var{v}, Field: x.Field, Closes: func(name string) bool { return slices.Contains(x.Ends, name) }}
	if as, ok := x.stmt.(*ast.AssignStmt); ok && (strings.HasPrefix(x.fn.Name(), "WithTimeout") || strings.HasPrefix(x.fn.Name(), "WithDeadline")) {
		d.Deadline = objectOf(x.p.Src.Info, as.Lhs[x.With])
	}
	return d
}

// objectOf is the variable or field that an expression ends in.
func objectOf(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.ObjectOf(e)
	case *ast.SelectorExpr:
		return info.ObjectOf(e.Sel)
	}
	return nil
}

// left is the one fault of all paths that leave it behind. It is reported where it
// was handed out, or where the variable took it over that all of them drop.
func (x *guarded) left(found []duty.Leak) *Fault {
	f := x.fault()
	f.Sort, f.What, f.Must = GuardPath, x.what(), true
	found = firstTurn(x.p, x.call, found)
	same := !slices.ContainsFunc(found, func(l duty.Leak) bool { return l.Took != found[0].Took })
	if took := found[0].Took; took != nil && same {
		f.Node = took
	}
	for _, l := range found {
		f.Must = f.Must && l.Must
		if slices.Contains(f.Spots, l.At) {
			continue
		}
		f.Spots = append(f.Spots, l.At)
		if len(f.Chain) < maxExits {
			f.Chain = append(f.Chain, Frame{Pos: exitPos(l.At), Text: pathText(l.Kind)})
		}
	}
	return f
}

// maxExits bounds the paths that a finding names.
const maxExits = 3

func pathText(k duty.Kind) string {
	switch k {
	case duty.Again:
		return "the loop goes on here without it"
	case duty.Lost:
		return "it is overwritten here"
	case duty.Panic:
		return "it panics here"
	}
	return "a path leaves here without it"
}

func (x *guarded) what() string {
	if len(x.Ends) == 0 {
		return fmt.Sprintf("%s is not called on every path", x.text)
	}
	name := x.text
	if x.Field != "" {
		name += "." + x.Field
	}
	return fmt.Sprintf("%s.%s is not called on every path", name, x.Ends[len(x.Ends)-1])
}

func (x *guarded) fault() *Fault {
	f := &Fault{Pkg: x.p, Body: x.b, Node: x.call, Resource: x.text, Why: x.Kept, Spots: []ast.Node{x.stmt}, Level: Hazard}
	if x.Idle != "" && x.goVersion() != "" && version.Compare(x.goVersion(), x.Idle) >= 0 {
		f.Level, f.Why = Contention, "the garbage collector stops it"
	}
	if strings.HasSuffix(x.p.Src.Position(x.stmt.Pos()).Filename, "_test.go") || x.servesTest() {
		f.Level, f.Why = Contention, "a test leaves it to the end of the process"
	}
	return f
}

// servesTest: a function around it is given a test, a benchmark or the like.
func (x *guarded) servesTest() bool {
	for fn := x.p.Uses.Enclosing(x.stmt); fn != nil; fn = x.p.Uses.Enclosing(fn) {
		typ := (*ast.FuncType)(nil)
		switch fn := fn.(type) {
		case *ast.FuncDecl:
			typ = fn.Type
		case *ast.FuncLit:
			typ = fn.Type
		}
		for _, field := range typ.Params.List {
			if strings.HasPrefix(strings.TrimPrefix(types.TypeString(x.p.Src.Info.TypeOf(field.Type), nil), "*"), "testing.") {
				return true
			}
		}
	}
	return false
}

func (x *guarded) goVersion() string {
	f := x.p.Src.File(x.stmt.Pos())
	if f == nil {
		return ""
	}
	return x.p.Src.Info.FileVersions[f.Syntax]
}

func (x *guarded) name() string { return x.fn.Pkg().Name() + "." + x.fn.Name() }

// isMain: the process ends with the function.
func (x *guarded) isMain() bool {
	return x.p.Src.Types.Name() == "main" && x.b.Obj != nil && x.b.Obj.Name() == "main" && x.b.Obj.Signature().Recv() == nil
}
