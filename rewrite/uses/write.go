package uses

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Kind says how a variable is written.
type Kind uint8

const (
	Init         Kind = iota + 1 // where it comes to be: v := x, var v = x, S{v: x}
	Assign                       // v = x; for a named result also return x
	Update                       // v += x, v++
	Range                        // for v = range, for v := range
	Element                      // v[k] = x, v[k]++, &v[k]
	Mutate                       // v = append(v, x), delete(v, k), clear(v), copy(v, x)
	Part                         // v.f = x where v is a struct
	AddressTaken                 // &v, &v.f, v[:] of an array
	Method                       // v.m() where m wants a pointer to v
)

// A Write is one place that changes a variable, or lets it be changed.
type Write struct {
	Kind  Kind
	Node  ast.Node // the statement, spec, key-value pair, literal, & expression, call or selector
	Value ast.Expr // what is written; nil if no single expression says so
	Key   ast.Expr // Kind Element: the index
	Fn    ast.Node // innermost *ast.FuncDecl or *ast.FuncLit around it; nil at top level

	index int // which of several values
}

// Writes returns every write of a variable or field, in position order. The
// zero value of a declaration is no write, nor is an argument a write of the
// parameter.
func (x *Index) Writes(v *types.Var) []Write {
	x.build()
	return x.writesOf(v.Origin())
}

// Reads returns the other occurrences of a variable or field: identifiers and
// selector expressions that leave it as it is. A promoted selection is also a
// read of the embedded fields that it passes through.
func (x *Index) Reads(v *types.Var) []ast.Node {
	x.build()
	return x.readsOf(v.Origin())
}

// context says how the expression e is written where it stands. Kind 0 says
// that it is read, or, when Node is set, that it is a declaration without a
// value.
func (x *Index) context(e ast.Expr) Write {
	switch p := x.up.of(e).(type) {
	case *ast.ParenExpr:
		return x.context(p)
	case *ast.AssignStmt:
		return x.assigned(p, e)
	case *ast.IncDecStmt:
		return Write{Kind: Update, Node: p}
	case *ast.RangeStmt:
		if p.Key == e || p.Value == e {
			return Write{Kind: Range, Node: p}
		}
	case *ast.ValueSpec:
		return declared(p, e)
	case *ast.UnaryExpr:
		if p.Op == token.AND {
			return Write{Kind: AddressTaken, Node: p}
		}
	case *ast.SliceExpr:
		if _, ok := x.typeOf(e).Underlying().(*types.Array); ok && p.X == e {
			return Write{Kind: AddressTaken, Node: p}
		}
	case *ast.SelectorExpr:
		return x.selected(p, e)
	case *ast.IndexExpr:
		if p.X == e {
			return x.indexed(p)
		}
	case *ast.CallExpr:
		switch x.builtin(p) {
		case "delete", "clear", "copy":
			if p.Args[0] == e {
				return Write{Kind: Mutate, Node: p}
			}
		}
	}
	return Write{}
}

func (x *Index) assigned(s *ast.AssignStmt, e ast.Expr) Write {
	for i, l := range s.Lhs {
		if l != e {
			continue
		}
		w := Write{Kind: Assign, Node: s, Value: pick(s.Rhs, len(s.Lhs), i), index: i}
		switch id, _ := e.(*ast.Ident); {
		case s.Tok == token.DEFINE && id != nil && x.p.Info.Defs[id] != nil:
			w.Kind = Init
		case s.Tok != token.ASSIGN && s.Tok != token.DEFINE:
			w.Kind, w.Value = Update, nil
		case w.Value != nil && x.selfAppend(e, w.Value):
			w.Kind = Mutate
		}
		return w
	}
	return Write{}
}

// pick returns the expression that gives the i-th of n targets its value. The
// comma-ok forms yield it for the first target.
func pick(values []ast.Expr, n, i int) ast.Expr {
	if len(values) == n && i < n {
		return values[i]
	}
	if len(values) == 1 && n == 2 && i == 0 {
		switch v := ast.Unparen(values[0]).(type) {
		case *ast.IndexExpr, *ast.TypeAssertExpr:
			return v
		case *ast.UnaryExpr:
			return v
		}
	}
	return nil
}

func (x *Index) selfAppend(target, value ast.Expr) bool {
	call, ok := ast.Unparen(value).(*ast.CallExpr)
	return ok && x.builtin(call) == "append" && len(call.Args) > 0 && sameExpr(call.Args[0], target)
}

func declared(s *ast.ValueSpec, e ast.Expr) Write {
	for i, name := range s.Names {
		if name != e {
			continue
		}
		if len(s.Values) == 0 {
			return Write{Node: s}
		}
		return Write{Kind: Init, Node: s, Value: pick(s.Values, len(s.Names), i), index: i}
	}
	return Write{}
}

// selected says what e.sel does to e.
func (x *Index) selected(p *ast.SelectorExpr, e ast.Expr) Write {
	s := x.p.Info.Selections[p]
	if s == nil || p.X != e || isPointer(x.typeOf(e)) || indirect(embedded(s)) {
		return Write{}
	}
	switch s.Kind() {
	case types.FieldVal, types.MethodVal:
		return x.part(p, s.Kind() == types.MethodVal)
	}
	return Write{}
}

// part says what a selector does to the struct that directly holds what it
// selects.
func (x *Index) part(p *ast.SelectorExpr, method bool) Write {
	if method {
		fn, _ := x.p.Info.Uses[p.Sel].(*types.Func)
		if fn != nil && fn.Signature().Recv() != nil && isPointer(fn.Signature().Recv().Type()) {
			return Write{Kind: Method, Node: p}
		}
		return Write{}
	}
	w := x.context(p)
	switch w.Kind {
	case Assign, Update, Range, Part:
		return Write{Kind: Part, Node: w.Node}
	case Element, Mutate:
		// Storing in v.f[k] changes v only when f is an array.
		if _, ok := x.typeOf(p).Underlying().(*types.Array); ok || appended(w) {
			return Write{Kind: Part, Node: w.Node}
		}
		return Write{}
	case AddressTaken, Method:
		return Write{Kind: w.Kind, Node: w.Node}
	}
	return Write{}
}

// indexed says what v[k] does to v.
func (x *Index) indexed(p *ast.IndexExpr) Write {
	w := x.context(p)
	switch w.Kind {
	case 0:
		return Write{}
	case Assign:
		return Write{Kind: Element, Node: w.Node, Value: w.Value, Key: p.Index, index: w.index}
	case AddressTaken, Method:
		if _, ok := x.typeOf(p.X).Underlying().(*types.Array); ok {
			return Write{Kind: AddressTaken, Node: w.Node}
		}
	case Element:
		// v[i][k] = x stores in v only when its elements are arrays.
		if _, ok := x.typeOf(p).Underlying().(*types.Array); !ok {
			return Write{}
		}
	case Mutate:
		if !appended(w) {
			return Write{}
		}
	}
	return Write{Kind: Element, Node: w.Node, Key: p.Index}
}

// appended reports whether a Mutate gives the variable another value.
func appended(w Write) bool {
	_, ok := w.Node.(*ast.AssignStmt)
	return ok && w.Kind == Mutate
}

// embedded returns the fields that a selection passes through unseen, in order.
func embedded(s *types.Selection) []*types.Var {
	var path []*types.Var
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		st := structOf(t)
		if st == nil || i >= st.NumFields() {
			return path
		}
		f := st.Field(i).Origin()
		path = append(path, f)
		t = f.Type()
	}
	return path
}

func indirect(path []*types.Var) bool {
	for _, f := range path {
		if isPointer(f.Type()) || types.IsInterface(f.Type()) {
			return true
		}
	}
	return false
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}
