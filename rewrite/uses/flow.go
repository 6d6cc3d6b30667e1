package uses

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// A graph is the flow of channels and function values between the variables of
// a package. Its nodes are Chans, whatever they hold.
type graph struct {
	back, fwd map[Chan][]Chan
	leaves    map[Chan][]ast.Expr // values that come from no variable
	unknown   map[Chan]ast.Node   // something flows in that no expression says
	addressed map[*types.Var]ast.Node
	escapes   map[Chan][]escape
	explained map[ast.Expr]bool // occurrences whose destination is in the graph

	sends    map[Chan][]*ast.SendStmt
	receives map[Chan][]ast.Node
	closes   map[Chan][]*ast.CallExpr
}

// An escape is a use of a value that the graph does not follow.
type escape struct {
	node    ast.Node
	recvIs  bool // only to receive from
	element bool // of the container, not of the value
}

// levels says what of t the graph follows: the value itself (a channel, a
// function) and the elements (of a slice, array, map or channel of these).
func levels(t types.Type) (self, elem bool) {
	switch u := t.Underlying().(type) {
	case *types.Signature:
		return true, false
	case *types.Chan:
		return true, leaf(u.Elem())
	case *types.Slice:
		return false, leaf(u.Elem())
	case *types.Array:
		return false, leaf(u.Elem())
	case *types.Map:
		return false, leaf(u.Elem()) || leaf(u.Key())
	}
	return false, false
}

func leaf(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Chan, *types.Signature:
		return true
	}
	return false
}

func recvOnly(t types.Type) bool {
	c, ok := t.Underlying().(*types.Chan)
	return ok && c.Dir() == types.RecvOnly
}

// drawn returns the graph, built on first use.
func (x *Index) drawn() *graph {
	x.build()
	x.flowOnce.Do(func() {
		x.flow = &graph{
			back: make(map[Chan][]Chan), fwd: make(map[Chan][]Chan),
			leaves: make(map[Chan][]ast.Expr), unknown: make(map[Chan]ast.Node),
			addressed: make(map[*types.Var]ast.Node), escapes: make(map[Chan][]escape),
			explained: make(map[ast.Expr]bool),
			sends:     make(map[Chan][]*ast.SendStmt), receives: make(map[Chan][]ast.Node),
			closes: make(map[Chan][]*ast.CallExpr),
		}
		x.drawWrites()
		x.drawCalls()
		x.drawReturns()
		x.drawOperations()
		x.drawEscapes()
	})
	return x.flow
}

func (g *graph) edge(from, to Chan) {
	if from == to {
		return
	}
	g.fwd[from] = append(g.fwd[from], to)
	g.back[to] = append(g.back[to], from)
}

// holder returns the variable that holds the value of e, or, with elem, the
// variable whose element it is. It follows no assignments.
func (x *Index) holder(e ast.Expr) (v *types.Var, elem bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return x.varOf(e), false
	case *ast.IndexExpr:
		return x.element(e.X)
	case *ast.UnaryExpr:
		if isArrow(e) {
			return x.element(e.X)
		}
	case *ast.SliceExpr:
		return x.holder(e.X)
	case *ast.CallExpr:
		if x.conversion(e) {
			return x.holder(e.Args[0])
		}
		if len(e.Args) == 1 && x.copies(e) {
			return x.holder(e.Args[0])
		}
		if r := x.resultsOf(e); r != nil && r.Len() == 1 {
			return r.At(0), false
		}
	}
	return nil, false
}

func (x *Index) element(container ast.Expr) (*types.Var, bool) {
	v, elem := x.holder(container)
	if v == nil || elem {
		return nil, false
	}
	return v, true
}

// at returns the node that e is a value of, at its own level.
func (x *Index) at(e ast.Expr) (Chan, bool) {
	v, elem := x.holder(e)
	return Chan{v, elem}, v != nil
}

// copies reports whether call yields the elements of its argument.
func (x *Index) copies(call *ast.CallExpr) bool {
	fn := x.callee(call)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() + "." + fn.Name() {
	case "slices.Clone", "slices.Collect", "slices.Values", "maps.Clone", "maps.Keys", "maps.Values":
		return true
	}
	return false
}

// callee returns the function that call calls statically, its generic origin.
func (x *Index) callee(call *ast.CallExpr) *types.Func {
	if fn := typeutil.StaticCallee(x.p.Info, call); fn != nil {
		return fn.Origin()
	}
	return nil
}

// resultsOf returns the result variables of a function of this package that
// call calls statically.
func (x *Index) resultsOf(call *ast.CallExpr) *types.Tuple {
	fn := x.callee(call)
	if fn == nil || x.decls[fn] == nil {
		return nil
	}
	return fn.Signature().Results()
}
