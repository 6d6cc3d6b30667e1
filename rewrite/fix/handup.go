package fix

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// handUpName is the name of the strategy.
const handUpName = "return the waiters"

// isLent reports whether an operation runs under a lock that the caller took and
// will release.
func isLent(o *hazard.Observation) bool {
	return o.Section == nil && o.Held.Caller != "" && o.Held.Sort == lockset.Lock && inherit(o) == nil
}

// handUp lets a helper that is called with the lock held return what it would
// do, and each caller do it after its unlock.
//
//	func (s *S) notifyLocked() { A; O(w); T }  =>  func (s *S) notifyLocked() (wake []W) { A; wake = append(wake, w); T; return wake }
//	Lock; B; s.notifyLocked(); C; Unlock       =>  Lock; B; wake := s.notifyLocked(); C; Unlock; for _, w := range wake { O(w) }
//
// A caller that is itself called with the lock held hands it on to its own.
//
// So long as
//   - the helper has no results, and all calls of it are seen and are statements
//     (region),
//   - O can leave the helper as it could leave a section that lasts to its end,
//   - every caller holds this lock, and nothing else, and gives it back itself
//     (region, outer), behind the call only does what cannot depend on O
//     (trailing), and passes the place of the wake as often as the call (once).
func handUp(obs []*hazard.Observation) (*Plan, []Refusal) {
	s, o := lent(obs)
	if o != nil {
		return nil, []Refusal{{Strategy: handUpName, Obligation: *o}}
	}
	offers, o := s.offers()
	var refusals []Refusal
	if o != nil {
		refusals = append(refusals, Refusal{Strategy: handUpName, Obligation: *o})
	}
	for _, offer := range offers {
		plan, o := s.hand(offer)
		if o == nil {
			return plan, nil
		}
		// The last one is a function, which nothing speaks against but what does so
		// against all.
		refusals = []Refusal{{Strategy: handUpName, Obligation: *o}}
	}
	return nil, refusals
}

// lent makes the section of a lock that the caller holds: it lasts from the start
// of the function to its returns.
func lent(obs []*hazard.Observation) (*section, *Obligation) {
	o := obs[0]
	no := func(name, why string, at ast.Node) (*section, *Obligation) {
		o := refuted(name, why, at)
		return nil, &o
	}
	fd, ok := o.Body.Fn.(*ast.FuncDecl)
	if !ok || o.Body.Obj == nil {
		return no("region", o.Held.Expr+" is held by the caller of a function literal", o.Op.Node)
	}
	if len(o.Others) > 0 {
		return no("outer", o.Others[0].Expr+" would still be held", o.Op.Node)
	}
	change := lockset.Change{Resource: o.Held.Resource, Mode: o.Held.Mode}
	s := &section{
		Section: &lockset.Section{Body: o.Body, Acquire: &lockset.Acquisition{Change: change, Node: fd.Name}, Returns: returnsOf(fd.Body), Falls: true, Ops: o.Body.Ops},
		pkg:     o.Pkg, u: o.Pkg.Uses, info: o.Pkg.Src.Info, obs: obs, ops: map[ast.Node]*hazard.Observation{}, taken: map[string]bool{},
		borrowed: true, fn: fd, block: fd.Body, file: o.Pkg.Src.File(fd.Pos()),
	}
	s.acquire = uses.Place{List: fd.Body.List, Owner: fd.Body, Index: -1}
	for _, o := range obs {
		s.ops[o.Op.Node] = o
	}
	switch {
	case !o.Held.Must || !o.Held.Stable:
		return no("region", o.Held.Expr+" is held on some paths only", o.Op.Node)
	case hasGoto(s.block):
		return no("region", "a goto jumps in the function", s.block)
	}
	if d := deferIn(s.block); d != nil {
		return no("defer", "a call is deferred in "+o.Body.Obj.Name()+", which would come before it", d)
	}
	if at := s.letsGo(); at != nil {
		return no("region", o.Held.Expr+" is released in between", at)
	}
	return s, nil
}

// deferIn returns a deferred call of a function.
func deferIn(block *ast.BlockStmt) (found ast.Node) {
	ast.Inspect(block, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			found = d
		}
		_, lit := n.(*ast.FuncLit)
		return found == nil && !lit
	})
	return found
}

// letsGo returns where a helper opens the section of its caller: by a release of
// its own, or by a wait on a condition.
func (s *section) letsGo() ast.Node {
	key := s.Acquire.Resource.Key()
	for _, x := range s.Body.Exits {
		if h, ok := x.State.Find(key); !ok || !h.Must || len(h.From) > 0 {
			return x.At
		}
	}
	for _, op := range s.Ops {
		if h, ok := op.State.Find(key); !ok || !h.Must || len(h.From) > 0 {
			return op.Node
		}
		for _, a := range s.pkg.Acts(s.Body, op) {
			if a.Kind == summary.CondWait {
				return op.Node
			}
		}
	}
	return nil
}

// A hander carries an offer up the callers of a helper.
type hander struct {
	*section // the helper's
	offer    *offer
	parts    []*Part                      // in the order in which they were met
	taken    map[ast.Decl]map[string]bool // names given out in a declaration
	wide     map[ast.Decl]map[string]bool // of these, those that more than one block sees
	blocks   map[ast.Node]map[string]bool // those that one block sees
	links    map[*types.Func]string       // how the result is called in the functions that hand it on
	deferred map[*ast.DeferStmt]string
	self     map[*types.Func]*types.Var // what a function on the way has for the receiver of the helper
	list     []Obligation
	goesOn   bool // something runs between the old place and the new one
}

// hand plans the edit of the helper and of all its callers.
func (s *section) hand(offer *offer) (*Plan, *Obligation) {
	h := &hander{section: s, offer: offer, taken: map[ast.Decl]map[string]bool{}, wide: map[ast.Decl]map[string]bool{}, blocks: map[ast.Node]map[string]bool{}, links: map[*types.Func]string{}, deferred: map[*ast.DeferStmt]string{}, self: map[*types.Func]*types.Var{s.Body.Obj: s.Body.Obj.Signature().Recv()}, goesOn: offer.goesOn}
	decl := s.u.Decl(s.Acquire.Node)
	h.taken[decl], h.wide[decl] = s.taken, map[string]bool{offer.wake: true}
	h.links[s.Body.Obj] = offer.wake
	part := h.part(decl)
	typ, ok := s.spellResult(offer.typ)
	if !ok {
		o := refuted("names", "the type of what it hands up cannot be spelled here", s.Acquire.Node)
		return nil, &o
	}
	part.Steps = append(offer.steps, h.yields(s.fn.(*ast.FuncDecl), typ, offer.wake, offer.returned)...)
	part.Imports = offer.imports
	if o := h.callers(s.Body.Obj, s.Acquire.Resource.Key(), offer.empties); o != nil {
		return nil, o
	}
	if h.goesOn {
		s.mayBreakOff(offer.out)
	}
	obligations := merge(s.judge(offer.moved), settled(offer.out)...)
	obligations = merge(obligations, proved("detach", "what is handed up is taken or copied"), proved("memory", "it is no more than what the section held"))
	obligations = merge(obligations, h.list...)
	if b := blocked(obligations); b != nil {
		return nil, b
	}
	plan := s.plan(handUpName, fmt.Sprintf("return what to %s from %s, which each caller does after its unlock", s.verb(), s.Body.Obj.Name()), obligations)
	plan.Decl, plan.Steps, plan.Imports = part.Decl, part.Steps, part.Imports
	for _, p := range h.parts[1:] {
		plan.Also = append(plan.Also, *p)
	}
	return plan, nil
}

// part is what the plan does in a declaration.
func (h *hander) part(decl ast.Decl) *Part {
	i := slices.IndexFunc(h.parts, func(p *Part) bool { return p.Decl == decl })
	if i < 0 {
		i = len(h.parts)
		h.parts = append(h.parts, &Part{Decl: decl})
	}
	return h.parts[i]
}

// yields gives a function its result, and returns it at the end. Its other returns
// return it by its name; a function without any need not give it one.
func (h *hander) yields(fd *ast.FuncDecl, typ, name string, returned bool) []Step {
	if returned && len(returnsOf(fd.Body)) == 0 {
		return []Step{Yield{Fn: fd, Text: "(" + typ + ")"}}
	}
	steps := []Step{Yield{Fn: fd, Text: "(" + name + " " + typ + ")"}}
	if !returned && !isReturn(fd.Body.List[len(fd.Body.List)-1]) {
		steps = append(steps, Insert{At: Place{End: fd.Body}, Code: Code{Text: "return " + name}})
	}
	return steps
}

// spellResult spells the type of a result; a func() has no names in it.
func (s *section) spellResult(t types.Type) (string, bool) {
	if hasTypeParam(t) {
		return "", false // each method names the parameters of its type itself
	}
	return s.spell(t)
}

func hasTypeParam(t types.Type) bool {
	switch t := t.(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return hasTypeParam(t.Elem())
	case *types.Slice:
		return hasTypeParam(t.Elem())
	case *types.Array:
		return hasTypeParam(t.Elem())
	case *types.Chan:
		return hasTypeParam(t.Elem())
	case *types.Map:
		return hasTypeParam(t.Key()) || hasTypeParam(t.Elem())
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			if hasTypeParam(t.TypeArgs().At(i)) {
				return true
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for i := range tuple.Len() {
				if hasTypeParam(tuple.At(i).Type()) {
					return true
				}
			}
		}
	}
	return false
}
