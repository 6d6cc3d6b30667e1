package uses

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sync"

	"github.com/lockfix/lockfix/rewrite/source"
)

// An Index knows all uses of the variables, channels and functions of one
// package. It is safe for concurrent use, and every list it returns is in the
// order of the files and, inside a file, of the positions.
type Index struct {
	p    *source.Package
	once sync.Once // guards the walk, which fills what follows

	up      lineage
	vars    map[*types.Var]*occurrences
	written []*types.Var // in order of the first write
	targets []target     // of plain assignments, nil ones among them
	asserts []ast.Expr   // what stands in an assertion or a case

	decls   map[*types.Func]*ast.FuncDecl
	calls   map[*types.Func][]*ast.CallExpr
	values  map[*types.Func]ast.Node // the first use that is no call
	roles   map[*types.Var]role
	methods map[string]bool // names of the methods of all interfaces written here
	types   []*types.TypeName

	exprs    []occurrence // of channel, function and container types
	allCalls []*ast.CallExpr
	returns  []returning
	sends    []*ast.SendStmt
	receives []ast.Node
	closes   []*ast.CallExpr

	flowOnce sync.Once
	flow     *graph

	surfaceOnce sync.Once
	surface     *surface

	foreignOnce sync.Once
	foreign     *foreign

	behindMu sync.Mutex // guards what follows
	behind   map[*types.Func]*behind
	fit      map[*types.Interface][]*types.TypeName
}

// occurrences are where a variable occurs.
type occurrences struct {
	writes []Write
	reads  []ast.Node
}

// A target is what is assigned to; by is nil for a range statement.
type target struct {
	ast.Expr
	by *ast.AssignStmt
}

// An occurrence is an expression where it is read, with the node that holds it.
type occurrence struct {
	ast.Expr
	in ast.Node
}

// A returning is a return statement with the function that it stands in.
type returning struct {
	*ast.ReturnStmt
	fn ast.Node
}

// A role is the part that a variable plays in a signature.
type role struct {
	fn     *types.Func // the declared function; nil for a literal
	lit    *ast.FuncLit
	recv   bool
	result bool
}

// New returns the index of p. Nothing is walked until the first question.
func New(p *source.Package) *Index { return &Index{p: p} }

// Renew returns the index of p, which was made of the package of x by an edit. What x
// knows by syntax alone is taken over, for the files that kept theirs.
func (x *Index) Renew(p *source.Package) *Index {
	x.build()
	return &Index{p: p, up: lineage{before: x.up.families}}
}

// Walk is the first question, for who has to see each node himself: to go through
// a package costs as much as to index it. It hands over all nodes as [ast.Inspect]
// does, file by file, a nil one when it leaves a node, and what an identifier uses.
// The index may not be asked
// before Walk has returned: a walk that comes too late would hand over nothing.
func (x *Index) Walk(beside func(n ast.Node, used types.Object)) {
	first := false
	x.once.Do(func() { x.walk(beside); first = true })
	if !first {
		panic("uses: Walk of an index that was asked before")
	}
}

func (x *Index) build() { x.once.Do(func() { x.walk(nil) }) }

// Parent returns the node that directly holds n, nil for a file and for nodes
// of other packages.
func (x *Index) Parent(n ast.Node) ast.Node {
	x.build()
	return x.up.of(n)
}

// Enclosing returns the innermost *ast.FuncDecl or *ast.FuncLit around n, n
// itself excluded; nil outside of functions. A node that somebody made up stands
// where its position is.
func (x *Index) Enclosing(n ast.Node) ast.Node {
	x.build()
	return x.fn(n)
}

func (x *Index) fn(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	if at := x.up.depth(n); at > 0 { // while the package is walked
		for _, n := range slices.Backward(x.up.path[:at]) {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				return n
			}
		}
		return nil
	}
	if fn, ok := x.up.fn(n); ok {
		return fn
	}
	for n := range x.up.around(n) {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return n
		}
	}
	return nil
}

// Decl returns the top-level declaration that holds n, nil if none does.
func (x *Index) Decl(n ast.Node) ast.Decl {
	x.build()
	return x.decl(n)
}

func (x *Index) decl(n ast.Node) ast.Decl {
	if n == nil {
		return nil
	}
	if t := x.up.top(n.Pos()); t != nil && t.decl.Pos() <= n.Pos() && n.End() <= t.decl.End() {
		return t.decl
	}
	for ; n != nil; n = x.up.of(n) {
		if _, ok := x.up.of(n).(*ast.File); ok {
			d, _ := n.(ast.Decl)
			return d
		}
	}
	return nil
}

// FuncDecl returns the declaration of fn, nil if it is not of this package.
func (x *Index) FuncDecl(fn *types.Func) *ast.FuncDecl {
	x.build()
	if fn == nil {
		return nil
	}
	return x.decls[fn.Origin()]
}

// A Place is where a statement stands in a statement list.
type Place struct {
	Stmt  ast.Stmt   // nil: there is none
	List  []ast.Stmt // the list, not to be changed
	Owner ast.Node   // *ast.BlockStmt, *ast.CaseClause or *ast.CommClause
	Index int        // of Stmt in List
}

// Rest returns the statements of the list behind the place.
func (p Place) Rest() []ast.Stmt {
	if p.Stmt == nil {
		return nil
	}
	return p.List[p.Index+1:]
}

// StmtOf returns the innermost statement of a statement list that holds n, n
// itself included. A clause of a switch or select is no statement here.
func (x *Index) StmtOf(n ast.Node) Place {
	x.build()
	for ; n != nil; n = x.up.of(n) {
		s, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		owner := x.up.of(n)
		list := stmtList(owner)
		for i := range list {
			if list[i] == s {
				return Place{s, list, owner, i}
			}
		}
	}
	return Place{}
}

// stmtList returns the statements that run one after the other in n.
func stmtList(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		if len(n.List) > 0 {
			switch n.List[0].(type) {
			case *ast.CaseClause, *ast.CommClause:
				return nil
			}
		}
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// varOf returns the variable or field that e names directly, its generic
// origin, nil if e is anything else.
func (x *Index) varOf(e ast.Expr) *types.Var {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	v, _ := x.object(id).(*types.Var)
	if v == nil {
		return nil
	}
	return v.Origin()
}

func (x *Index) object(id *ast.Ident) types.Object {
	if obj := x.p.Info.Uses[id]; obj != nil {
		return obj
	}
	return x.p.Info.Defs[id]
}

// typeOf returns the type of e, never nil.
func (x *Index) typeOf(e ast.Expr) types.Type {
	if t := x.p.Info.TypeOf(e); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// builtin returns the name of the predeclared function that call calls.
func (x *Index) builtin(call *ast.CallExpr) string {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if b, ok := x.p.Info.Uses[id].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// conversion reports whether call converts its argument.
func (x *Index) conversion(call *ast.CallExpr) bool {
	return x.p.Info.Types[call.Fun].IsType() && len(call.Args) == 1
}

// root returns the variable that a path of selectors, indexes and dereferences
// starts at, nil if it starts at something else.
func (x *Index) root(e ast.Expr) *types.Var {
	for {
		switch n := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			if x.p.Info.Selections[n] == nil {
				return x.varOf(n) // a variable of another package
			}
			e = n.X
		case *ast.IndexExpr:
			e = n.X
		case *ast.StarExpr:
			e = n.X
		case *ast.Ident:
			return x.varOf(n)
		default:
			return nil
		}
	}
}

// sameExpr reports whether two expressions read the same.
func sameExpr(a, b ast.Expr) bool {
	return types.ExprString(ast.Unparen(a)) == types.ExprString(ast.Unparen(b))
}

func isNil(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && id.Name == "nil"
}

func isArrow(e ast.Expr) bool {
	u, ok := ast.Unparen(e).(*ast.UnaryExpr)
	return ok && u.Op == token.ARROW
}
