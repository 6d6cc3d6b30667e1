package uses

import (
	"go/ast"
	"go/token"
	"go/types"
)

// walk visits every node once. A node is classified when it is entered: its
// ancestors are known by then, and below it only syntax is looked at.
func (x *Index) walk(beside func(n ast.Node, used types.Object)) {
	x.vars = make(map[*types.Var]*occurrences)
	x.decls = make(map[*types.Func]*ast.FuncDecl)
	x.calls = make(map[*types.Func][]*ast.CallExpr)
	x.values = make(map[*types.Func]ast.Node)
	x.roles = make(map[*types.Var]role)
	x.methods = make(map[string]bool)
	for _, f := range x.p.Files {
		x.up.add(f.Syntax)
		ast.Inspect(f.Syntax, func(n ast.Node) bool {
			var used types.Object
			if n == nil {
				x.up.leave()
			} else {
				x.up.enter(n)
				used = x.visit(n)
			}
			if beside != nil {
				beside(n, used)
			}
			return true
		})
	}
	x.up.walked()
}

// visit returns what an identifier uses, nil for other nodes.
func (x *Index) visit(n ast.Node) (used types.Object) {
	switch n := n.(type) {
	case *ast.Ident:
		used = x.p.Info.Uses[n]
		x.ident(n, used)
	case *ast.SelectorExpr:
		x.implicit(n)
	case *ast.FuncDecl:
		if fn, ok := x.p.Info.Defs[n.Name].(*types.Func); ok {
			x.decls[fn] = n
			x.sign(fn.Signature(), role{fn: fn})
		}
	case *ast.FuncLit:
		if sig, ok := x.typeOf(n).(*types.Signature); ok {
			x.sign(sig, role{lit: n})
		}
	case *ast.InterfaceType:
		if t, ok := x.typeOf(n).(*types.Interface); ok {
			for i := range t.NumMethods() {
				x.methods[t.Method(i).Name()] = true
			}
		}
	case *ast.CompositeLit:
		x.positional(n)
	case *ast.TypeAssertExpr:
		if n.Type != nil {
			x.asserts = append(x.asserts, n.Type)
		}
	case *ast.CaseClause:
		x.asserts = append(x.asserts, n.List...)
		// The variable of a type switch: one object a clause, of unknown value.
		if v, ok := x.p.Info.Implicits[n].(*types.Var); ok {
			x.write(v, Write{Kind: Init, Node: n})
		}
	case *ast.AssignStmt:
		if n.Tok == token.ASSIGN {
			for _, e := range n.Lhs {
				x.targets = append(x.targets, target{e, n})
			}
		}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			x.targets = append(x.targets, target{Expr: n.Key}, target{Expr: n.Value})
		}
		if _, ok := x.typeOf(n.X).Underlying().(*types.Chan); ok {
			x.receives = append(x.receives, n)
		}
	case *ast.ReturnStmt:
		x.returns = append(x.returns, returning{n, x.fn(n)})
		x.results(n)
	case *ast.SendStmt:
		x.sends = append(x.sends, n)
	case *ast.CallExpr:
		x.allCalls = append(x.allCalls, n)
		if x.builtin(n) == "close" && len(n.Args) == 1 {
			x.closes = append(x.closes, n)
		}
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			x.receives = append(x.receives, n)
		}
	}
	x.track(n, used)
	return used
}

// track keeps the expressions that the flow of channels and functions is
// drawn from. Those that are written say nothing of that.
func (x *Index) track(n ast.Node, used types.Object) {
	var t types.Type
	switch n := n.(type) {
	case *ast.Ident:
		v, ok := used.(*types.Var)
		if !ok || !x.stands(n, v) {
			return
		}
		t = v.Type()
	case *ast.SelectorExpr:
		if v, ok := x.p.Info.Uses[n.Sel].(*types.Var); ok {
			t = v.Type()
		}
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			t = x.p.Info.TypeOf(n)
		}
	case *ast.IndexExpr, *ast.SliceExpr, *ast.CallExpr:
		if tv := x.p.Info.Types[n.(ast.Expr)]; !tv.IsType() {
			t = tv.Type
		}
	}
	if t == nil || !tracked(t) {
		return
	}
	if e := n.(ast.Expr); x.context(e).Kind == 0 {
		x.exprs = append(x.exprs, occurrence{e, x.up.of(e)})
	}
}

// stands reports whether an identifier is an expression of its own, neither
// what a selector selects nor the key of a struct literal.
func (x *Index) stands(id *ast.Ident, v *types.Var) bool {
	switch p := x.up.of(id).(type) {
	case *ast.SelectorExpr:
		return p.Sel != id
	case *ast.KeyValueExpr:
		return p.Key != id || !v.IsField()
	}
	return true
}

func (x *Index) sign(sig *types.Signature, r role) {
	if v := sig.Recv(); v != nil {
		r.recv = true
		x.roles[v] = r
		r.recv = false
	}
	for i := range sig.Params().Len() {
		x.roles[sig.Params().At(i)] = r
	}
	r.result = true
	for i := range sig.Results().Len() {
		x.roles[sig.Results().At(i)] = r
	}
}

// ident records what one identifier does to what it names.
func (x *Index) ident(id *ast.Ident, used types.Object) {
	obj := used
	if used == nil {
		obj = x.p.Info.Defs[id]
	}
	switch obj := obj.(type) {
	case *types.Var:
		x.variable(id, obj.Origin(), used == nil)
	case *types.Func:
		if used != nil {
			x.function(id, obj.Origin())
		}
	case *types.TypeName:
		if x.p.Info.Defs[id] != nil {
			x.types = append(x.types, obj)
		}
	}
}

func (x *Index) variable(id *ast.Ident, v *types.Var, defines bool) {
	var e ast.Expr = id
	switch p := x.up.of(id).(type) {
	case *ast.SelectorExpr:
		if p.Sel == id {
			e = p
		}
	case *ast.KeyValueExpr:
		if p.Key == id && v.IsField() {
			x.write(v, Write{Kind: Init, Node: p, Value: p.Value})
			return
		}
	}
	if defines {
		if v.IsField() {
			return
		}
		if _, ok := x.up.of(id).(*ast.Field); ok {
			return // a parameter: what flows in comes from the calls
		}
	}
	x.occur(v, e)
}

// occur files one occurrence of v under its writes or its reads.
func (x *Index) occur(v *types.Var, e ast.Expr) {
	switch w := x.context(e); {
	case w.Kind != 0:
		x.write(v, w)
	case w.Node == nil:
		o := x.ofVar(v)
		o.reads = append(o.reads, e)
	}
}

// ofVar is the entry of a variable, a new one at its first occurrence.
func (x *Index) ofVar(v *types.Var) *occurrences {
	o := x.vars[v]
	if o == nil {
		o = new(occurrences)
		x.vars[v] = o
	}
	return o
}

func (x *Index) writesOf(v *types.Var) []Write {
	if o := x.vars[v]; o != nil {
		return o.writes
	}
	return nil
}

func (x *Index) readsOf(v *types.Var) []ast.Node {
	if o := x.vars[v]; o != nil {
		return o.reads
	}
	return nil
}

func (x *Index) write(v *types.Var, w Write) {
	w.Fn = x.fn(w.Node)
	o := x.ofVar(v)
	if o.writes == nil {
		x.written = append(x.written, v)
	}
	o.writes = append(o.writes, w)
}

// function files one mention of fn under its calls or its other uses.
func (x *Index) function(id *ast.Ident, fn *types.Func) {
	var n ast.Node = id
	for {
		p := x.up.of(n)
		switch p := p.(type) {
		case *ast.SelectorExpr:
			if p.Sel != n {
				break
			}
			n = p
			continue
		case *ast.ParenExpr:
			n = p
			continue
		case *ast.IndexExpr:
			if p.X == n {
				n = p
				continue
			}
		case *ast.IndexListExpr:
			if p.X == n {
				n = p
				continue
			}
		case *ast.CallExpr:
			// T.m(x) is a call too, of a method expression: its arguments
			// stand elsewhere, so it counts as a use of the value.
			if p.Fun == n && !x.methodExpr(n) {
				x.calls[fn] = append(x.calls[fn], p)
				return
			}
		}
		if x.values[fn] == nil {
			x.values[fn] = id
		}
		return
	}
}

func (x *Index) methodExpr(n ast.Node) bool {
	e, _ := n.(ast.Expr)
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := x.p.Info.Selections[sel]
	return s != nil && s.Kind() == types.MethodExpr
}

// implicit records the embedded fields that a selector passes through unseen.
func (x *Index) implicit(sel *ast.SelectorExpr) {
	s := x.p.Info.Selections[sel]
	if s == nil || len(s.Index()) < 2 {
		return
	}
	path := embedded(s)
	for i, f := range path {
		w := Write{Node: nil}
		if !indirect(path[i:]) {
			w = x.part(sel, s.Kind() == types.MethodVal)
		}
		if w.Kind != 0 {
			x.write(f, w)
		} else {
			o := x.ofVar(f)
			o.reads = append(o.reads, sel)
		}
	}
}

// positional records what an unkeyed struct literal sets.
func (x *Index) positional(lit *ast.CompositeLit) {
	if len(lit.Elts) == 0 {
		return
	}
	if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); keyed {
		return
	}
	s := structOf(x.typeOf(lit))
	if s == nil {
		return
	}
	for i, e := range lit.Elts {
		if i < s.NumFields() {
			x.write(s.Field(i).Origin(), Write{Kind: Init, Node: lit, Value: e})
		}
	}
}

// results records what a return statement assigns to named results.
func (x *Index) results(ret *ast.ReturnStmt) {
	sig := x.signature(x.fn(ret))
	if sig == nil || len(ret.Results) == 0 {
		return
	}
	for i := range sig.Results().Len() {
		v := sig.Results().At(i)
		if v.Name() == "" || v.Name() == "_" {
			continue
		}
		w := Write{Kind: Assign, Node: ret, index: i}
		if len(ret.Results) == sig.Results().Len() {
			w.Value = ret.Results[i]
		}
		x.write(v, w)
	}
}

// signature returns the signature of a FuncDecl or FuncLit.
func (x *Index) signature(fn ast.Node) *types.Signature {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		if f, ok := x.p.Info.Defs[fn.Name].(*types.Func); ok {
			return f.Signature()
		}
	case *ast.FuncLit:
		sig, _ := x.typeOf(fn).(*types.Signature)
		return sig
	}
	return nil
}

// structOf returns the struct that t is or points to, of the generic origin.
func structOf(t types.Type) *types.Struct {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		t = named.Origin()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}
