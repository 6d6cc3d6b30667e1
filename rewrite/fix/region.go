package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A region is a run of statements that leaves the critical section, with what
// must be captured for it. Everything in it was looked at: what it reads either
// cannot change, is its own, or is captured before the release; it writes
// nothing but its own variables.
type region struct {
	s        *section
	stmts    []ast.Stmt
	returns  bool // return statements may stand in it: it is the rest of the function
	results  bool // variables that it defines may be used behind it
	captures []*capture
	detached []*detach
	judged   []Obligation // what was found on the way: assumed or refuted
	refusal  *Obligation

	own   map[types.Object]bool // variables declared inside
	inner []ast.Stmt            // loops and switches around the node being looked at
	maybe int                   // above 0: the node being looked at may not be evaluated, or not at once
}

// leave looks at statements that are to leave the section.
func (s *section) leave(stmts []ast.Stmt, returns bool) *region {
	r := &region{s: s, stmts: stmts, returns: returns, own: map[types.Object]bool{}}
	for _, st := range stmts {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := s.info.Defs[id].(*types.Var); ok {
					r.own[v] = true
				}
			}
			if c, ok := n.(*ast.CaseClause); ok {
				if v := s.info.Implicits[c]; v != nil {
					r.own[v] = true
				}
			}
			return true
		})
	}
	for i, st := range stmts {
		if i == 1 {
			r.maybe++ // what stands ahead of it may not come to an end
		}
		r.stmt(st)
	}
	r.rewritten()
	return r
}

// perhaps looks at what is evaluated on some paths only.
func (r *region) perhaps(look func()) {
	r.maybe++
	look()
	r.maybe--
}

func (r *region) refuse(name, why string, at ast.Node) {
	if r.refusal == nil {
		r.refusal = &Obligation{Name: name, Status: Refuted, Reason: why, At: at}
	}
}

// stmt looks at one statement.
func (r *region) stmt(n ast.Stmt) {
	switch n := n.(type) {
	case nil, *ast.EmptyStmt:
	case *ast.ExprStmt:
		r.expr(n.X)
	case *ast.SendStmt:
		r.expr(n.Chan)
		r.expr(n.Value)
		r.sends(n.Chan)
	case *ast.AssignStmt:
		r.assign(n)
	case *ast.IncDecStmt:
		r.write(n.X)
	case *ast.DeclStmt:
		r.declare(n)
	case *ast.BlockStmt:
		r.list(n.List)
	case *ast.LabeledStmt:
		r.stmt(n.Stmt)
	case *ast.IfStmt:
		r.stmt(n.Init)
		r.expr(n.Cond)
		before := r.refusal
		r.perhaps(func() {
			r.stmt(n.Body)
			r.stmt(n.Else)
		})
		if before == nil && r.refusal != nil && r.holdsOp(n.Cond) {
			r.refusal = &Obligation{Name: "results", Status: Refuted, Reason: "what it yields decides what happens in the section", At: n}
		}
	case *ast.ForStmt:
		r.stmt(n.Init)
		if n.Cond != nil {
			before := len(r.captures)
			r.expr(n.Cond)
			if len(r.captures) > before {
				r.refuse("trailing", "the loop looks at "+r.captures[before].text+" each time", n.Cond)
			}
		}
		r.perhaps(func() { r.stmt(n.Post) })
		r.nested(n, n.Body.List)
	case *ast.RangeStmt:
		r.rangeOver(n)
	case *ast.SwitchStmt:
		r.stmt(n.Init)
		if n.Tag != nil {
			r.expr(n.Tag)
		}
		r.nested(n, n.Body.List)
	case *ast.TypeSwitchStmt:
		r.stmt(n.Init)
		r.stmt(n.Assign)
		r.nested(n, n.Body.List)
	case *ast.SelectStmt:
		r.nested(n, n.Body.List)
	case *ast.CaseClause:
		for _, e := range n.List {
			r.expr(e)
		}
		r.list(n.Body)
	case *ast.CommClause:
		r.stmt(n.Comm)
		r.list(n.Body)
	case *ast.BranchStmt:
		r.branch(n)
	case *ast.ReturnStmt:
		if !r.returns {
			r.refuse("region", "it may return from the section", n)
		}
		for _, e := range n.Results {
			r.expr(e)
		}
	case *ast.GoStmt:
		r.expr(n.Call)
	default: // defer and what else there is
		r.refuse("region", "a deferred call is registered there", n)
	}
}

// sends: a send that is no operation of the section, because it does not wait,
// must not meet a close either.
func (r *region) sends(ch ast.Expr) {
	if r.s.Acquire.Resource.Sort.IsToken() {
		return // it keeps nobody from closing: nothing changes
	}
	if o := r.s.closable(ch); o != nil {
		r.refuse(o.Name, o.Reason, o.At)
	}
}

func (r *region) list(list []ast.Stmt) {
	for _, st := range list {
		r.stmt(st)
	}
}

func (r *region) nested(n ast.Stmt, list []ast.Stmt) {
	r.inner = append(r.inner, n)
	r.perhaps(func() { r.list(list) })
	r.inner = r.inner[:len(r.inner)-1]
}

// branch: break and continue must stay inside.
func (r *region) branch(n *ast.BranchStmt) {
	if n.Label != nil {
		target, ok := r.s.info.Uses[n.Label].(*types.Label)
		for _, st := range r.stmts {
			if ok && st.Pos() <= target.Pos() && target.Pos() < st.End() {
				return
			}
		}
		r.refuse("region", n.Tok.String()+" leaves it", n)
		return
	}
	for _, in := range r.inner {
		_, isFor := in.(*ast.ForStmt)
		_, isRange := in.(*ast.RangeStmt)
		if n.Tok == token.BREAK || n.Tok == token.FALLTHROUGH || isFor || isRange {
			return
		}
	}
	r.refuse("region", n.Tok.String()+" leaves it", n)
}

// assign: only the region's own variables are written, and variables of the
// function that nothing in the section reads after it.
func (r *region) assign(n *ast.AssignStmt) {
	for _, e := range n.Rhs {
		r.expr(e)
	}
	if r.holdsOp(n) && n.Tok != token.DEFINE && r.refusal == nil {
		for _, e := range n.Lhs {
			if _, ok := ast.Unparen(e).(*ast.Ident); !ok {
				r.refuse("results", "the section uses what it yields", n)
			}
		}
	}
	for _, e := range n.Lhs {
		if n.Tok != token.DEFINE {
			r.write(e)
		}
	}
}

// holdsOp reports whether an operation of the section stands in a node.
func (r *region) holdsOp(n ast.Node) bool {
	for _, o := range r.s.obs {
		if contains(n, o.Op.Node) {
			return true
		}
	}
	return false
}

func (r *region) declare(n *ast.DeclStmt) {
	for _, spec := range n.Decl.(*ast.GenDecl).Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			for _, e := range v.Values {
				r.expr(e)
			}
		}
	}
}

func (r *region) write(e ast.Expr) {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		r.refuse("window", "it writes "+types.ExprString(e), e)
		return
	}
	if id.Name == "_" {
		return
	}
	v, ok := r.s.info.ObjectOf(id).(*types.Var)
	if !ok || r.own[v] {
		return
	}
	if v.Parent() != nil && v.Parent() == v.Pkg().Scope() {
		r.refuse("window", "it writes "+id.Name, e)
		return
	}
	if r.s.shared(v) {
		r.refuse("window", "it writes "+id.Name+", which another function uses", e)
		return
	}
	r.results = true // a variable of the function: whoever reads it must stand behind it
}

// rangeOver looks at a loop: its collection is detached.
func (r *region) rangeOver(n *ast.RangeStmt) {
	if n.Tok == token.ASSIGN {
		r.write(n.Key)
		if n.Value != nil {
			r.write(n.Value)
		}
	}
	switch t := r.s.typeOf(n.X); u := t.Underlying().(type) {
	case *types.Slice, *types.Map:
		if slices.ContainsFunc(r.stmts, func(st ast.Stmt) bool { return unlabel(st) == ast.Stmt(n) }) {
			d := r.s.detachment(r, n)
			if why, at := r.s.mayFault(n.X); why != "" && r.maybe > 0 {
				r.refuse("operands", types.ExprString(n.X)+" would be evaluated where it may not be: "+why, at)
			}
			r.detached = append(r.detached, d)
			if d.refusal != nil && r.refusal == nil {
				r.refusal = d.refusal
			}
		} else if !r.isDetached(n.X) {
			r.refuse("detach", types.ExprString(n.X)+" would be ranged over without the lock", n.X)
		}
	case *types.Basic:
		r.expr(n.X)
	case *types.Chan:
		r.expr(n.X)
		if r.s.ops[n] == nil {
			r.refuse("results", "it receives in a loop", n)
		}
	default:
		r.refuse("detach", fmt.Sprintf("it ranges over a %s", types.TypeString(u, nil)), n.X)
	}
	r.nested(n, n.Body.List)
}
