package lockset

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// A Namer names resources: it resolves expressions of one package to paths,
// through local variables that are assigned once.
type Namer struct {
	info *types.Info
	pkg  *types.Package
	defs map[*types.Var]ast.Expr // the one value of a local variable assigned once
	many map[*types.Var]bool     // variables assigned more than once, or whose address is taken
}

// NewNamer prepares to name the resources of a package. O(size of its syntax).
func NewNamer(pkg *types.Package, info *types.Info, files []*ast.File) *Namer {
	n := BlankNamer(pkg, info)
	for _, f := range files {
		ast.Inspect(f, func(node ast.Node) bool {
			n.Collect(node)
			return true
		})
	}
	return n
}

// BlankNamer is a namer that is to be shown each node of the package before it
// names anything: for who walks through them anyway.
func BlankNamer(pkg *types.Package, info *types.Info) *Namer {
	return &Namer{info: info, pkg: pkg, defs: map[*types.Var]ast.Expr{}, many: map[*types.Var]bool{}}
}

// Collect notes definitions and reassignments of variables.
func (n *Namer) Collect(node ast.Node) {
	switch node := node.(type) {
	case *ast.AssignStmt:
		for i, lhs := range node.Lhs {
			var value ast.Expr
			if len(node.Lhs) == len(node.Rhs) {
				value = node.Rhs[i]
			} else if len(node.Rhs) == 1 {
				value = node.Rhs[0] // a call, or a comma-ok form
			}
			n.assign(lhs, value, node.Tok == token.DEFINE)
		}
	case *ast.ValueSpec:
		for i, name := range node.Names {
			if len(node.Values) == len(node.Names) {
				n.assign(name, node.Values[i], true)
			} else if len(node.Values) == 1 {
				n.assign(name, node.Values[0], true)
			}
		}
	case *ast.IncDecStmt:
		n.assign(node.X, nil, false)
	case *ast.RangeStmt:
		if node.Tok == token.ASSIGN {
			n.assign(node.Key, nil, false)
			n.assign(node.Value, nil, false)
		}
	case *ast.UnaryExpr:
		if node.Op == token.AND {
			if v := n.local(node.X); v != nil && !isStructOrLock(v.Type()) {
				n.many[v] = true
			}
		}
	}
}

// isStructOrLock: taking the address of a struct variable leaves its identity
// alone, it is still the same object.
func isStructOrLock(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

func (n *Namer) assign(lhs, value ast.Expr, define bool) {
	v := n.local(lhs)
	if v == nil {
		return
	}
	if define {
		if id := ast.Unparen(lhs).(*ast.Ident); n.info.Defs[id] == v {
			n.defs[v] = value
			return
		}
	}
	n.many[v] = true
}

// local returns the variable that an expression is, not a field.
func (n *Namer) local(e ast.Expr) *types.Var {
	if e == nil {
		return nil
	}
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := n.info.ObjectOf(id).(*types.Var)
	return v
}

// Def returns the value of a local variable that is assigned exactly once.
func (n *Namer) Def(v *types.Var) (ast.Expr, bool) {
	if v == nil || n.many[v] {
		return nil, false
	}
	e := n.defs[v]
	return e, e != nil
}

// Reassigned reports whether a variable is written after its definition, or may
// be through its address.
func (n *Namer) Reassigned(v *types.Var) bool { return n.many[v] }

// maxDepth bounds how many definitions a path is followed through.
const maxDepth = 8

// Name resolves an expression to the resource it denotes: s.mu, &s.mu, and mu
// after mu := &s.mu are all the same.
func (n *Namer) Name(e ast.Expr, sort Sort) Resource {
	r := n.path(e, maxDepth)
	r.Sort = sort
	r.Expr = text(strip(e))
	r.key = r.identity()
	return r
}

// Method resolves the receiver of a method call, implicit fields included: for
// s.Lock() of an embedded mutex the path is s and the embedded field.
func (n *Namer) Method(sel *ast.SelectorExpr, sort Sort) Resource {
	r := n.path(sel.X, maxDepth)
	if s := n.info.Selections[sel]; s != nil {
		r.Fields = append(r.Fields, implicit(s)...)
	}
	r.Sort = sort
	r.Expr = text(strip(sel.X))
	r.key = r.identity()
	return r
}

// Extend is the resource that a path of fields leads to from r.
func (r Resource) Extend(sort Sort, fields []*types.Var) Resource {
	out := r
	out.Sort = sort
	out.Fields = append(r.Fields[:len(r.Fields):len(r.Fields)], fields...)
	for _, f := range fields {
		if !f.Embedded() {
			out.Expr += "." + f.Name()
		}
	}
	out.key = out.identity()
	return out
}

// Global is the resource that a package-level variable is or leads to.
func Global(v *types.Var, sort Sort, fields []*types.Var) Resource {
	r := Resource{Root: v, Sort: sort, Fields: fields, Expr: v.Name(), Stable: true}
	for _, f := range fields {
		if !f.Embedded() {
			r.Expr += "." + f.Name()
		}
	}
	r.key = r.identity()
	return r
}

// Rooted is the resource that a path of fields leads to from a variable.
func Rooted(v *types.Var, sort Sort, fields []*types.Var) Resource { return Global(v, sort, fields) }

// identity spells the key: root, fields, index. Names of fields are unique
// within their struct type, so names suffice below a root.
func (r Resource) identity() string {
	b := make([]byte, 0, 96)
	switch {
	case r.Root == nil:
		b = append(append(b, '?'), r.Expr...)
	case r.Root.Pkg() != nil && r.Root.Parent() == r.Root.Pkg().Scope():
		b = append(append(append(b, r.Root.Pkg().Path()...), '.'), r.Root.Name()...)
	default:
		b = append(append(b, r.Root.Name()...), '@')
		b = strconv.AppendInt(b, int64(r.Root.Pos()), 10)
	}
	for _, f := range r.Fields {
		b = append(append(b, '.'), f.Name()...)
	}
	if r.Index != "" {
		b = append(append(append(b, '['), r.Index...), ']')
	}
	if r.Sort == OnceLock {
		b = append(b, "!once"...)
	}
	return string(b)
}

// text is [types.ExprString], at once for the paths that most expressions are.
func text(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		switch e.X.(type) {
		case *ast.Ident, *ast.SelectorExpr:
			return text(e.X) + "." + e.Sel.Name
		}
	}
	return types.ExprString(e)
}

func (n *Namer) path(e ast.Expr, depth int) Resource {
	e = strip(e)
	switch x := e.(type) {
	case *ast.Ident:
		return n.pathOfVar(x, depth)
	case *ast.SelectorExpr:
		if s := n.info.Selections[x]; s != nil && s.Kind() == types.FieldVal {
			r := n.path(x.X, depth)
			r.Fields = append(r.Fields[:len(r.Fields):len(r.Fields)], implicit(s)...)
			r.Fields = append(r.Fields, s.Obj().(*types.Var).Origin())
			return r
		}
		if obj, ok := n.info.Uses[x.Sel].(*types.Var); ok {
			return Resource{Root: obj, Stable: true}
		}
	case *ast.IndexExpr:
		r := n.path(x.X, depth)
		r.Index += text(x.Index)
		r.Stable = false
		return r
	case *ast.TypeAssertExpr:
		return n.path(x.X, depth)
	}
	return Resource{Expr: text(e), Stable: false}
}

// pathOfVar follows a variable that is assigned once to the path it was given.
func (n *Namer) pathOfVar(id *ast.Ident, depth int) Resource {
	v, ok := n.info.ObjectOf(id).(*types.Var)
	if !ok {
		return Resource{Expr: id.Name}
	}
	def, once := n.Def(v)
	if once && depth > 0 && isPath(def) && isReference(v.Type()) {
		if r := n.path(def, depth-1); r.Root != nil && r.Index == "" {
			return r
		}
	}
	return Resource{Root: v, Stable: !n.many[v]}
}

// isReference: a copy of a struct is another lock, a copy of a pointer is not.
func isReference(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Chan, *types.Map:
		return true
	}
	return false
}

// isPath reports whether an expression is made of variables and fields only.
func isPath(e ast.Expr) bool {
	switch x := strip(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return isPath(x.X)
	}
	return false
}

// strip removes parentheses, address-of and dereference.
func strip(e ast.Expr) ast.Expr {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr:
			if x.Op != token.AND {
				return e
			}
			e = x.X
		default:
			return e
		}
	}
}

// implicit lists the embedded fields that a selection runs through.
func implicit(s *types.Selection) []*types.Var {
	var fields []*types.Var
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		st, ok := deref(t).Underlying().(*types.Struct)
		if !ok {
			return fields
		}
		f := st.Field(i)
		fields = append(fields, f.Origin())
		t = f.Type()
	}
	return fields
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
