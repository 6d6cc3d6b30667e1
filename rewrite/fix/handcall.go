package fix

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
)

// callers lets everyone who calls a function take what it hands up. lock is the
// key of the lock in the function's own terms; empty: the function does nothing
// else.
func (h *hander) callers(fn *types.Func, lock string, empty bool) *Obligation {
	fd := h.u.FuncDecl(fn)
	no := func(name, why string, at ast.Node) *Obligation {
		o := refuted(name, why, at)
		return &o
	}
	if fn.Signature().Results().Len() > 0 {
		return no("results", fn.Name()+" has results already", fd.Name)
	}
	if why := h.u.Hidden(fn); why != "" {
		return no("region", why, fd.Name)
	}
	if file := h.pkg.Src.Beside(fn.Name()); file != "" {
		return no("region", fn.Name()+" may be called in "+file+", which was not looked at", fd.Name)
	}
	calls, _ := h.u.Calls(fn)
	if len(calls) == 0 {
		return no("region", "nobody calls "+fn.Name(), fd.Name)
	}
	for _, call := range calls {
		c, o := h.newSite(fn, call, lock)
		if o == nil {
			c.empty = empty
			o = c.take()
		}
		if o != nil {
			if fd, ok := h.u.Decl(call).(*ast.FuncDecl); ok {
				o.Reason = "in " + h.pkg.DeclName(fd) + ": " + o.Reason
			}
			return o
		}
	}
	return nil
}

// A site is one call of a function that hands something up.
type site struct {
	*hander
	fn    *types.Func // what is called
	call  *ast.CallExpr
	stmt  ast.Stmt
	c     *section    // the caller's
	link  *types.Func // the caller, where it hands on; nil where it has the section
	out   *region     // the call, as what leaves
	empty bool
	free  bool     // nothing is held there
	owner ast.Node // the block that alone sees the new names; nil if more does
}

// newSite looks at what is held at a call.
func (h *hander) newSite(fn *types.Func, call *ast.CallExpr, lock string) (*site, *Obligation) {
	no := func(name, why string) (*site, *Obligation) {
		o := refuted(name, why, call)
		return nil, &o
	}
	st, ok := h.u.Parent(call).(*ast.ExprStmt)
	if !ok {
		return no("region", "the call of "+fn.Name()+" is no statement of its own")
	}
	if file := h.pkg.Src.File(call.Pos()); file == nil || file.ReadOnly != "" {
		return no("region", "the file is not edited")
	}
	if h.u.StmtOf(call).Stmt != ast.Stmt(st) {
		return no("region", "the call of "+fn.Name()+" is no statement of a list")
	}
	body, op, o := h.opOf(call)
	if o != nil {
		return nil, o
	}
	held, others := h.heldAs(fn, call, op, lock)
	switch {
	case held == nil && len(others) == 0:
		return h.unheld(fn, call, body), nil
	case held == nil:
		return no("region", "the lock is not seen to be held at the call of "+fn.Name())
	case len(others) > 0:
		return no("outer", others[0].Expr+" would still be held")
	case !held.Must:
		return no("region", held.Expr+" is held on some paths only")
	}
	last := h.obs[len(h.obs)-1]
	fake := &hazard.Observation{Pkg: h.pkg, Body: body, Op: op, Act: last.Act, Held: *held, Kind: hazard.Call, Ends: last.Ends, Class: last.Class}
	x := &site{hander: h, fn: fn, call: call, stmt: st}
	for _, sec := range body.Sections {
		if slices.Contains(held.From, sec.Acquire) {
			fake.Section = sec
		}
	}
	if isLent(fake) {
		x.link = body.Obj
		x.c, o = lent([]*hazard.Observation{fake})
	} else {
		var refusal *Refusal
		if x.c, refusal = newCase([]*hazard.Observation{fake}); refusal != nil {
			o = &refusal.Obligation
		}
	}
	if o != nil {
		return nil, o
	}
	x.share()
	return x, nil
}

// unheld is a call where nothing is held: while the object is made, say.
func (h *hander) unheld(fn *types.Func, call *ast.CallExpr, body *lockset.Body) *site {
	x := &site{hander: h, fn: fn, call: call, stmt: h.u.StmtOf(call).Stmt, free: true}
	x.c = &section{
		Section: &lockset.Section{Body: body, Acquire: &lockset.Acquisition{Node: call}},
		pkg:     h.pkg, u: h.u, info: h.info, fn: h.u.Enclosing(call), block: body.Block, file: h.pkg.Src.File(call.Pos()),
	}
	x.share()
	return x
}

// share lets all sections of a declaration know the names that the plan gives
// out in it.
func (x *site) share() {
	decl := x.u.Decl(x.call)
	if x.hander.taken[decl] == nil {
		x.hander.taken[decl], x.wide[decl] = map[string]bool{}, map[string]bool{}
	}
	x.c.taken = maps.Clone(x.hander.taken[decl])
	x.out = &region{s: x.c, stmts: []ast.Stmt{x.stmt}, own: map[types.Object]bool{}}
}

// inBlock lets names that only a block will see be those of other blocks.
func (x *site) inBlock(owner ast.Node) {
	x.c.taken = maps.Clone(x.wide[x.u.Decl(x.call)])
	maps.Copy(x.c.taken, x.blocks[owner])
	x.owner = owner
}

// remember notes the names that were given out.
func (x *site) remember() {
	decl := x.u.Decl(x.call)
	maps.Copy(x.hander.taken[decl], x.c.taken)
	if x.owner == nil {
		maps.Copy(x.wide[decl], x.c.taken)
		return
	}
	x.blocks[x.owner] = x.c.taken
}

// opOf finds the one body and operation of a call.
func (h *hander) opOf(call *ast.CallExpr) (body *lockset.Body, op *lockset.Op, o *Obligation) {
	for _, b := range h.pkg.Bodies() {
		for _, candidate := range b.Ops {
			if candidate.Node != ast.Node(call) {
				continue
			}
			if op != nil || len(candidate.Lits) > 0 {
				o := refuted("region", "the call stands in a function literal that runs in place", call)
				return nil, nil, &o
			}
			body, op = b, candidate
		}
	}
	if op == nil {
		o := refuted("region", "what is held at the call is not known", call)
		return nil, nil, &o
	}
	return body, op, nil
}

// heldAs tells the lock that a function is called with from what else is held.
func (h *hander) heldAs(fn *types.Func, call *ast.CallExpr, op *lockset.Op, lock string) (held *lockset.Held, others []lockset.Held) {
	for _, x := range op.State.Held() {
		if r, ok := h.pkg.InCallee(fn, call, x.Resource); ok && r.Key() == lock && held == nil {
			held = &x
		} else {
			others = append(others, x)
		}
	}
	return held, others
}
