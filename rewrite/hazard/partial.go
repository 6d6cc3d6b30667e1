package hazard

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// PartialWait is a select that waits for one of the answers that a goroutine may
// give, and not for another, where a select beside it waits for both. Its spot is
// the select.
const PartialWait FaultSort = "partial wait"

// partialWaits compares the selects of the methods of a type. The answers are
// fields that one function sends on, each on a path of its own: directly, or
// through a method that sends on that field only.
func partialWaits(p *summary.Package) []*Fault {
	pairs := alternatives(p)
	if len(pairs) == 0 {
		return nil
	}
	waits := fieldWaits(p)
	var out []*Fault
	for _, w := range waits {
		for _, pair := range pairs {
			if !slices.Contains(w.fields, pair.one) || slices.Contains(w.fields, pair.other) {
				continue
			}
			i := slices.IndexFunc(waits, func(o fieldWait) bool {
				return o.body != w.body && slices.Contains(o.fields, pair.one) && slices.Contains(o.fields, pair.other) && len(o.fields) == len(w.fields)+1
			})
			if i < 0 || w.body == pair.body || slices.ContainsFunc(out, func(f *Fault) bool { return f.Node == w.op.Node }) {
				continue
			}
			out = append(out, &Fault{
				Pkg: p, Body: w.body, Sort: PartialWait, Node: w.op.Node, Level: Hazard, Resource: pair.one.Name(), Spots: []ast.Node{w.op.Node},
				What:  "select waits for " + pair.one.Name() + " and not for " + pair.other.Name() + ", which may come in its place",
				Chain: []Frame{{w.nodes[slices.Index(w.fields, pair.one)].Pos(), "takes the one"}},
				Peer:  []Frame{{pair.at.Pos(), "sends on " + pair.other.Name() + " instead"}, {waits[i].op.Node.Pos(), "waits for both"}},
			})
		}
	}
	return out
}

// A fieldWait is a select without default that receives from fields of an object.
type fieldWait struct {
	body   *lockset.Body
	op     *lockset.Op
	fields []*types.Var
	nodes  []ast.Node // the receive or send on each field
}

func fieldWaits(p *summary.Package) []fieldWait {
	var out []fieldWait
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			sel, ok := op.Node.(*ast.SelectStmt)
			if !ok || op.Defer != nil || slices.ContainsFunc(sel.Body.List, func(c ast.Stmt) bool { return c.(*ast.CommClause).Comm == nil }) {
				continue
			}
			w := fieldWait{body: b, op: op}
			for _, n := range comms(sel) {
				if v, ok := p.Namer.Name(channel(n), lockset.ChanSem).Field().(*types.Var); ok && v.IsField() {
					w.fields, w.nodes = append(w.fields, v.Origin()), append(w.nodes, n)
				}
			}
			if len(w.fields) == len(sel.Body.List) {
				out = append(out, w)
			}
		}
	}
	return out
}

// An alternative is two fields of which a function sends on one or the other.
type alternative struct {
	body       *lockset.Body
	one, other *types.Var
	at         ast.Node // where it sends on the other
}

func alternatives(p *summary.Package) []alternative {
	setters := soleSends(p)
	var out []alternative
	for _, b := range p.Bodies() {
		var found []answer
		for _, op := range b.Ops {
			if op.Defer != nil || len(op.Lits) > 0 {
				continue
			}
			found = append(found, answersOf(p, setters, op)...)
		}
		for _, x := range found {
			for _, y := range found {
				if x.field != y.field && x.root == y.root && !follows(p, b, x.node, y.field, found) && !follows(p, b, y.node, x.field, found) {
					out = append(out, alternative{b, x.field, y.field, y.node})
				}
			}
		}
	}
	return out
}

// An answer is a send on a field of an object.
type answer struct {
	node  ast.Node
	field *types.Var
	root  types.Object
}

// soleSends maps the methods that send on one field of their receiver, and do
// that alone, to the field.
func soleSends(p *summary.Package) map[*types.Func]*types.Var {
	out := map[*types.Func]*types.Var{}
	for _, b := range p.Bodies() {
		recv := receiverVar(p, b)
		if b.Obj == nil || recv == nil || len(b.Ops) != 1 {
			continue
		}
		for _, n := range comms(b.Ops[0].Node) {
			send, ok := n.(*ast.SendStmt)
			if !ok {
				continue
			}
			r := p.Namer.Name(send.Chan, lockset.ChanSem)
			if v, ok := r.Field().(*types.Var); ok && v.IsField() && r.Root == types.Object(recv) {
				out[b.Obj] = v.Origin()
			}
		}
	}
	return out
}

func answersOf(p *summary.Package, setters map[*types.Func]*types.Var, op *lockset.Op) []answer {
	if call, ok := op.Node.(*ast.CallExpr); ok {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		fn, _ := p.Src.Info.Uses[sel.Sel].(*types.Func)
		field := setters[fn]
		if field == nil {
			return nil
		}
		root := p.Namer.Name(sel.X, lockset.Lock).Root
		if root == nil {
			return nil
		}
		return []answer{{call, field, root}}
	}
	send, ok := op.Node.(*ast.SendStmt)
	if !ok {
		return nil
	}
	r := p.Namer.Name(send.Chan, lockset.ChanSem)
	v, ok := r.Field().(*types.Var)
	if !ok || !v.IsField() || r.Root == nil {
		return nil
	}
	return []answer{{send, v.Origin(), r.Root}}
}

// follows: a path leads from a node to an answer on a field.
func follows(p *summary.Package, b *lockset.Body, from ast.Node, field *types.Var, all []answer) bool {
	found := false
	r := newRoute(p, bodyBlock(p.Uses.Enclosing(from)))
	r.step = func(n ast.Node, state int) (int, bool) {
		found = found || slices.ContainsFunc(all, func(a answer) bool { return a.field == field && n.Pos() <= a.node.Pos() && a.node.End() <= n.End() })
		return state, !found
	}
	if at, ok := r.after(from); ok {
		r.from(at, 0)
	}
	return found
}
