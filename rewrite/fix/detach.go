package fix

import (
	"go/ast"
	"go/types"
	"go/version"
	"strings"

	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// A detach says how the collection of a loop that leaves the section becomes
// the loop's own.
//
//	take   the section empties the collection anyway, and nobody else holds it
//	clone  the collection stays, or others may hold it: it gets a copy
//	local  the collection is the function's own already
//	fixed  nobody ever changes the collection
type detach struct {
	how     string
	x       ast.Expr // the collection
	rng     *ast.RangeStmt
	reset   ast.Stmt // take: the statement that empties it, kept in the section
	fresh   string   // take: what to write instead of emptying it in place, "" if the statement is right
	imports []string
	code    string          // clone: the expression, _1_ stands for the collection
	values  bool            // clone: only the values of a map are collected
	loop    string          // clone of a map without maps.Clone: its type, to be made and filled by a loop
	def     *ast.AssignStmt // clone of an alias: the statement that defines it
	name    string
	from    ast.Expr // what the section empties, so that nobody else finds the elements; nil if it does not
	refusal *Obligation
}

// asIs reports whether the loop can range over the collection as it is.
func (d *detach) asIs() bool { return d.how == "local" || d.how == "fixed" }

// detachment decides how the collection of a loop is detached.
func (s *section) detachment(r *region, n *ast.RangeStmt) *detach {
	d := &detach{x: n.X, rng: n}
	if id, ok := ast.Unparen(n.X).(*ast.Ident); ok {
		if v, ok := s.info.Uses[id].(*types.Var); ok && v.Parent() != v.Pkg().Scope() {
			return s.detachLocal(d, v)
		}
	}
	if !isPathExpr(n.X) {
		d.refusal = &Obligation{Name: "detach", Status: Refuted, Reason: types.ExprString(n.X) + " is no variable or field", At: n.X}
		return d
	}
	if r.fixed(n.X) && s.neverChanged(n.X) {
		d.how = "fixed"
		return d
	}
	reset, fresh := s.resetOf(n)
	if reset != nil {
		d.from = n.X
	}
	if reset != nil && s.unshared(n.X) {
		d.how, d.reset, d.fresh = "take", reset, fresh
		return d
	}
	return s.clone(d)
}

// neverChanged: nobody writes the elements of a field that is never written.
func (s *section) neverChanged(x ast.Expr) bool {
	sel, ok := ast.Unparen(x).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	f, ok := s.info.Uses[sel.Sel].(*types.Var)
	if !ok {
		return false
	}
	for _, w := range s.u.Writes(f.Origin()) {
		if w.Kind != uses.Init {
			return false
		}
	}
	return true
}

// detachLocal: a local list that was built here is the function's own; one that
// was set to a field is the field's until the field gets another value.
func (s *section) detachLocal(d *detach, v *types.Var) *detach {
	var alias *ast.AssignStmt
	var of ast.Expr
	for _, w := range s.u.Writes(v) {
		switch {
		case w.Kind == uses.Mutate || w.Kind == uses.Element:
		case w.Value == nil || s.ownValue(w.Value, v):
		default:
			def, ok := w.Node.(*ast.AssignStmt)
			if !ok || alias != nil || !isPathExpr(w.Value) || len(def.Rhs) != 1 {
				d.refusal = &Obligation{Name: "detach", Status: Refuted, Reason: v.Name() + " may share its elements with what the lock guards", At: d.x}
				return d
			}
			alias, of = def, w.Value
		}
	}
	if s.isParam(v) {
		d.refusal = &Obligation{Name: "detach", Status: Refuted, Reason: v.Name() + " is the caller's", At: d.x}
		return d
	}
	if alias == nil {
		if s.onlyLookedInto(v) {
			d.how = "local"
			return d
		}
		return s.clone(d)
	}
	if s.resetBetween(of, alias) {
		d.from = of
	}
	if d.from != nil && s.unshared(of) && s.onlyLookedInto(v) {
		d.how = "local"
		return d
	}
	d.def, d.x = alias, of
	return s.clone(d)
}

// aliasOfField reports whether a local collection was set to a field that still
// holds it when the section ends.
func (s *section) aliasOfField(v *types.Var) bool {
	if v.Pkg() == nil || v.IsField() || v.Parent() == v.Pkg().Scope() {
		return false
	}
	for _, w := range s.u.Writes(v) {
		if w.Value == nil || !isField(s.info, w.Value) {
			continue
		}
		if st, ok := w.Node.(ast.Stmt); !ok || !s.resetBetween(w.Value, st) {
			return true
		}
	}
	return false
}

// isField reports whether an expression is a path that ends in a field.
func isField(info *types.Info, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	return ok && info.Selections[sel] != nil && info.Selections[sel].Kind() == types.FieldVal
}

func (s *section) isParam(v *types.Var) bool {
	var params *ast.FieldList
	switch fn := s.fn.(type) {
	case *ast.FuncDecl:
		params = fn.Type.Params
	case *ast.FuncLit:
		params = fn.Type.Params
	}
	return params != nil && params.Pos() <= v.Pos() && v.Pos() < params.End()
}

// ownValue reports whether a value shares nothing: nil, a literal, make, an
// append to the variable itself, a clone.
func (s *section) ownValue(e ast.Expr, v *types.Var) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.Ident:
		return s.info.Types[e].IsNil()
	case *ast.CallExpr:
		if b, ok := s.builtin(e.Fun); ok && b == "make" {
			return true
		} else if ok && b == "append" {
			if id, ok := ast.Unparen(e.Args[0]).(*ast.Ident); ok && s.info.Uses[id] == v {
				return true
			}
			return s.ownValue(e.Args[0], v)
		}
		if tv, ok := s.info.Types[e.Fun]; ok && tv.IsType() {
			return s.info.Types[e.Args[0]].IsNil()
		}
		if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok {
			if fn, ok := s.info.Uses[sel.Sel].(*types.Func); ok && fn.Pkg() != nil {
				switch fn.Pkg().Path() + "." + fn.Name() {
				case "slices.Clone", "maps.Clone", "slices.Collect", "slices.Sorted":
					return true
				}
			}
		}
	}
	return false
}

func mentions(n ast.Node, text string) bool {
	found := false
	ast.Inspect(n, func(m ast.Node) bool {
		if e, ok := m.(ast.Expr); ok && types.ExprString(e) == text {
			found = true
		}
		return !found
	})
	return found
}

// clone words the copy of a collection.
func (s *section) clone(d *detach) *detach {
	d.how = "clone"
	t := s.typeOf(d.x)
	if _, ok := t.Underlying().(*types.Map); ok {
		if d.def == nil && isBlank(d.rng.Key) && d.rng.Value != nil && s.atLeast("go1.23") {
			d.values, d.code = true, s.qualify("slices")+".Collect("+s.qualify("maps")+".Values(_1_))"
			d.imports = []string{"maps", "slices"}
			return d
		}
		if !s.atLeast("go1.21") {
			name, ok := s.spell(t)
			if !ok || d.def != nil {
				d.refusal = &Obligation{Name: "detach", Status: Refuted, Reason: "there is no maps.Clone in " + s.file.GoVersion, At: d.x}
			}
			d.loop = name
			return d
		}
		d.code, d.imports = s.qualify("maps")+".Clone(_1_)", []string{"maps"}
		return d
	}
	if s.atLeast("go1.21") {
		d.code, d.imports = s.qualify("slices")+".Clone(_1_)", []string{"slices"}
		return d
	}
	name, ok := s.spell(t)
	if !ok {
		d.refusal = &Obligation{Name: "names", Status: Refuted, Reason: "the type of " + types.ExprString(d.x) + " cannot be spelled here", At: d.x}
		return d
	}
	if strings.Contains(name, "func(") {
		name = "(" + name + ")" // func(int)(nil) would be read as a result
	}
	d.code = "append(" + name + "(nil), _1_...)"
	return d
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return e == nil || ok && id.Name == "_"
}

func (s *section) atLeast(v string) bool {
	return s.file.GoVersion != "" && version.Compare(s.file.GoVersion, v) >= 0
}

func (s *section) qualify(path string) string {
	name, _ := source.ImportName(s.pkg.Src, s.file, path, s.Acquire.Node.Pos())
	return name
}

// isDetached: a collection that is a variable of the region or its copy.
func (r *region) isDetached(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := r.s.info.Uses[id].(*types.Var)
	return ok && r.own[v] && r.s.allOwn(v)
}

// allOwn: all values of a local variable share nothing, and nobody gets them. A
// parameter has those of its callers.
func (s *section) allOwn(v *types.Var) bool {
	writes := s.u.Writes(v)
	if !s.onlyLookedInto(v) || len(writes) == 0 {
		return false
	}
	for _, w := range writes {
		if w.Value == nil || !s.ownValue(w.Value, v) {
			return false
		}
	}
	return true
}

func isPathExpr(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return isPathExpr(e.X)
	}
	return false
}

// steps detaches the collection before a place and lets the loop range over it.
func (d *detach) steps(s *section, at Place) []Step {
	switch d.how {
	case "take":
		d.name = s.fresh(baseName(d.x))
		// The loop's operand is renamed last: until then it is copied.
		steps := []Step{Insert{At: at, Code: Code{Text: d.name + " := _1_", Args: []ast.Expr{d.x}}}}
		steps = append(steps, d.replaced()...)
		return append(steps, Replace{Old: d.rng.X, Code: Code{Text: d.name}})
	case "clone":
		if d.def != nil {
			return []Step{Replace{Old: d.def.Rhs[0], Code: Code{Text: d.code, Args: []ast.Expr{d.x}}}}
		}
		d.name = s.fresh(baseName(d.x))
		text := d.name + " := " + d.code
		if d.loop != "" {
			text = d.fill(s)
		}
		return append([]Step{Insert{At: at, Code: Code{Text: text, Args: []ast.Expr{d.x}}}}, d.renamed()...)
	}
	return nil
}

// fill is the loop that copies a map, _1_ stands for it.
func (d *detach) fill(s *section) string {
	k, v := s.fresh("k"), s.fresh("v")
	return d.name + " := make(" + d.loop + ", len(_1_))\nfor " + k + ", " + v + " := range _1_ {\n" + d.name + "[" + k + "] = " + v + "\n}"
}

// renamed lets the loop range over the copy.
func (d *detach) renamed() []Step {
	if d.how != "clone" || d.def != nil {
		return nil
	}
	return []Step{Replace{Old: d.rng.X, Code: Code{Text: d.name}}}
}

// replaced replaces emptying in place by a new value: the old one is taken.
func (d *detach) replaced() []Step {
	if d.fresh == "" {
		return nil
	}
	switch st := d.reset.(type) {
	case *ast.AssignStmt:
		return []Step{Replace{Old: st.Rhs[0], Code: Code{Text: d.fresh}}}
	case *ast.ExprStmt:
		return []Step{ReplaceStmt{Old: st, Code: Code{Text: "_1_ = " + d.fresh, Args: []ast.Expr{d.x}}}}
	}
	return nil
}
