package hazard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
)

const (
	// EnvelopeDropped is a path on which a value that came from a channel is let go
	// with the token that it carries, while other paths release it. Its spots are
	// the return or continue, or the block whose end it is, and the call that
	// releases on another path.
	EnvelopeDropped FaultSort = "token dropped with its envelope"

	// TokenOmitted is a composite literal that copies another value of its type,
	// without the token that it carries. Its spots are the literal, and the variable
	// that it copies as the literal writes it.
	TokenOmitted FaultSort = "token left out"
)

// An envelope is a struct type with a field that holds a token: what has to be
// released by whoever has the value.
type envelope struct {
	named *types.Named
	field *types.Var
	ends  []string // methods of the token that release it; none for a function
	own   []string // methods of the envelope that do
}

// tokenName is how functions are called that give something back.
var tokenName = pattern.New(`(?i)^(release|free|unlock|done|cancel|ack|putback|giveback)$|(Release|Unlock|Done)$`)

// envelopes lists the struct types of a package with a token that somebody
// releases: v.release(), v.permit.Release(), v.wg.Done(). A type with an error
// beside the token may say by it that there is none.
func envelopes(p *summary.Package) []*envelope {
	var out []*envelope
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			call, ok := op.Node.(*ast.CallExpr)
			if !ok || len(call.Args) > 0 {
				continue
			}
			named, field, method := tokenOf(p, call)
			if named == nil {
				continue
			}
			i := slices.IndexFunc(out, func(e *envelope) bool { return e.named == named && e.field == field })
			if i < 0 {
				i = len(out)
				out = append(out, &envelope{named: named, field: field})
			}
			if method != "" && !slices.Contains(out[i].ends, method) {
				out[i].ends = append(out[i].ends, method)
			}
			if b.Obj != nil && b.Obj.Signature().Recv() != nil && namedOf(b.Obj.Signature().Recv().Type()) == named && b.Obj.Signature().Params().Len() == 0 {
				out[i].own = append(out[i].own, b.Obj.Name())
			}
		}
	}
	return out
}

// tokenOf says which field of which struct type a call releases, and by what
// method of the token.
func tokenOf(p *summary.Package, call *ast.CallExpr) (named *types.Named, field *types.Var, method string) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !tokenName.MatchString(sel.Sel.Name) {
		return nil, nil, ""
	}
	if fn, ok := p.Src.Info.Uses[sel.Sel].(*types.Func); ok {
		inner, ok := ast.Unparen(sel.X).(*ast.SelectorExpr)
		if !ok || fn.Signature().Results().Len() > 0 || isLocker(p.Namer.Name(inner, lockset.Lock)) || !isReference(p.Src.Info.TypeOf(inner)) {
			return nil, nil, ""
		}
		sel, method = inner, fn.Name()
	}
	v, ok := p.Src.Info.Uses[sel.Sel].(*types.Var)
	named = namedOf(p.Src.Info.TypeOf(sel.X))
	if !ok || !v.IsField() || named == nil || named.Obj().Pkg() != p.Src.Types || hasError(named) {
		return nil, nil, ""
	}
	return named, v.Origin(), method
}

// isReference: a copy of the value leads to the same token.
func isReference(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface:
		return true
	}
	return false
}

func namedOf(t types.Type) *types.Named {
	if t == nil {
		return nil
	}
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		t = ptr.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	if n == nil {
		return nil
	}
	return n.Origin()
}

func hasError(n *types.Named) bool {
	st, ok := n.Underlying().(*types.Struct)
	if !ok {
		return true
	}
	for f := range st.Fields() {
		if types.TypeString(f.Type(), nil) == "error" {
			return true
		}
	}
	return false
}

// envelopesDropped follows each value of such a type from where it is received to
// where it is let go. It is reported where another path of the function releases
// it.
func envelopesDropped(in *view) []*Fault {
	p, all := in.Package, in.envelopes()
	if len(all) == 0 {
		return nil
	}
	var out []*Fault
	for _, x := range in.nodes() {
		b := x.body
		v, begin := receivedInto(p, x.node)
		if v == nil {
			continue
		}
		for _, e := range all {
			if namedOf(v.Type()) == e.named {
				out = append(out, e.dropped(p, b, v, begin)...)
			}
		}
	}
	return out
}

// receivedInto is the variable that a statement declares for what it receives:
// v := <-ch, for v := range ch.
func receivedInto(p *summary.Package, n ast.Node) (*types.Var, ast.Node) {
	var id *ast.Ident
	var begin ast.Node
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE || len(n.Rhs) != 1 {
			return nil, nil
		}
		u, ok := ast.Unparen(n.Rhs[0]).(*ast.UnaryExpr)
		if !ok || u.Op != token.ARROW {
			return nil, nil
		}
		id, _ = n.Lhs[0].(*ast.Ident)
		begin = u
	case *ast.RangeStmt:
		if t := p.Src.Info.TypeOf(n.X); n.Tok != token.DEFINE || t == nil || !isChan(t) {
			return nil, nil
		}
		id, _ = n.Key.(*ast.Ident)
		begin = id
	}
	if id == nil {
		return nil, nil
	}
	v, _ := p.Src.Info.Defs[id].(*types.Var)
	return v, begin
}

// dropped finds the paths of a body that let go of a variable.
func (e *envelope) dropped(p *summary.Package, b *lockset.Body, v *types.Var, begin ast.Node) []*Fault {
	block := bodyBlock(p.Uses.Enclosing(begin))
	release := e.releaseIn(p, block, v)
	if release == nil {
		return nil
	}
	d := &duty.Duty{Begin: begin, Fallible: isFallible(p, begin), Values: []*types.Var{v}, Field: e.field.Name(), Closes: func(name string) bool {
		return slices.Contains(e.ends, name) || slices.Contains(e.own, name)
	}}
	found := duty.Leaks(code(p, block), d)
	loop := loopOf(p, begin)
	if slices.ContainsFunc(found, func(l duty.Leak) bool { return l.Kind == duty.Again }) {
		found = slices.DeleteFunc(found, func(l duty.Leak) bool {
			return l.Kind != duty.Again && l.At.Pos() < begin.Pos() || l.Kind == duty.Exit && (loop == nil || l.At.Pos() < loop.Pos() || l.At.End() > loop.End())
		})
	}
	var out []*Fault
	for _, l := range found {
		if l.Kind != duty.Exit && l.Kind != duty.Again {
			continue
		}
		text := v.Name() + "." + e.field.Name()
		f := &Fault{
			Pkg: p, Body: b, Sort: EnvelopeDropped, Node: l.At, Level: Hazard, Resource: text, Must: l.Must,
			What:  fmt.Sprintf("%s is dropped here with its token: nobody releases %s", v.Name(), text),
			Peer:  []Frame{{release.Pos(), "releases it on another path"}},
			Spots: []ast.Node{l.At, release},
		}
		if l.At == begin {
			f.What = fmt.Sprintf("%s is dropped with its token on a path to the next round: nobody releases %s", v.Name(), text)
		}
		out = append(out, f)
	}
	return out
}

// isFallible: v, ok := <-ch.
func isFallible(p *summary.Package, begin ast.Node) bool {
	as, ok := p.Uses.Parent(begin).(*ast.AssignStmt)
	return ok && len(as.Lhs) == 2
}

// releaseIn is a call of a block that releases the token of a variable.
func (e *envelope) releaseIn(p *summary.Package, block *ast.BlockStmt, v *types.Var) *ast.CallExpr {
	var found *ast.CallExpr
	ast.Inspect(block, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found != nil || len(call.Args) > 0 {
			return found == nil
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if fn, ok := p.Src.Info.Uses[sel.Sel].(*types.Func); ok && isVar(p, sel.X, v) && slices.Contains(e.own, fn.Name()) {
			found = call
			return false
		}
		if named, field, _ := tokenOf(p, call); named != e.named || field != e.field {
			return true
		}
		if _, method := p.Src.Info.Uses[sel.Sel].(*types.Func); method {
			sel = ast.Unparen(sel.X).(*ast.SelectorExpr)
		}
		if isVar(p, sel.X, v) {
			found = call
		}
		return found == nil
	})
	return found
}

func isVar(p *summary.Package, e ast.Expr, v *types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	return ok && p.Src.Info.Uses[id] == types.Object(v)
}

// tokensOmitted finds composite literals of such a type that copy most of what
// they have from a variable of it, and leave the token out. The variable was
// received here, and nobody else gets it or its token.
func tokensOmitted(in *view) []*Fault {
	p, all := in.Package, in.envelopes()
	if len(all) == 0 {
		return nil
	}
	var out []*Fault
	for _, x := range in.nodes() {
		b := x.body
		lit, ok := x.node.(*ast.CompositeLit)
		if !ok {
			continue
		}
		for _, e := range all {
			if namedOf(p.Src.Info.TypeOf(lit)) != e.named {
				continue
			}
			if f := e.omitted(p, b, lit); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// omitted judges one literal.
func (e *envelope) omitted(p *summary.Package, b *lockset.Body, lit *ast.CompositeLit) *Fault {
	from := e.copied(p, lit)
	if from == nil {
		return nil
	}
	v := p.Src.Info.Uses[from].(*types.Var)
	if !isLost(p, b, e, v, lit) {
		return nil
	}
	text := v.Name() + "." + e.field.Name()
	return &Fault{
		Pkg: p, Body: b, Sort: TokenOmitted, Node: lit, Level: Hazard, Resource: text,
		What:  fmt.Sprintf("the copy of %s leaves out %s: nobody releases it", v.Name(), text),
		Spots: []ast.Node{lit, from},
	}
}

// copied is the variable that a literal copies, where most of its fields are that
// variable's, and none is the token.
func (e *envelope) copied(p *summary.Package, lit *ast.CompositeLit) *ast.Ident {
	var from *ast.Ident
	same := 0
	for _, elt := range lit.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			return nil
		}
		key, _ := kv.Key.(*ast.Ident)
		if key == nil || key.Name == e.field.Name() {
			return nil
		}
		sel, ok := ast.Unparen(kv.Value).(*ast.SelectorExpr)
		if !ok || sel.Sel.Name != key.Name {
			continue
		}
		id, ok := ast.Unparen(sel.X).(*ast.Ident)
		if !ok || namedOf(p.Src.Info.TypeOf(id)) != e.named {
			continue
		}
		if _, isVar := p.Src.Info.Uses[id].(*types.Var); !isVar || from != nil && p.Src.Info.Uses[from] != p.Src.Info.Uses[id] {
			return nil
		}
		from = id
		same++
	}
	if from == nil || 2*same < len(lit.Elts) {
		return nil
	}
	return from
}

// isLost: the variable is a local one that was received, or a parameter whose
// callers all forget what they gave for the result; and it is only read, field by
// field, and never the token.
func isLost(p *summary.Package, b *lockset.Body, e *envelope, v *types.Var, lit *ast.CompositeLit) bool {
	fn := p.Uses.Enclosing(lit)
	if v.IsField() || bodyBlock(fn) == nil {
		return false
	}
	for _, r := range p.Uses.Reads(v) {
		sel, ok := p.Uses.Parent(r).(*ast.SelectorExpr)
		if !ok || sel.X != r || p.Src.Info.Uses[sel.Sel] == types.Object(e.field) {
			return false
		}
		if _, isVar := p.Src.Info.Uses[sel.Sel].(*types.Var); !isVar {
			return false // a method may give it back
		}
	}
	for _, w := range p.Uses.Writes(v) {
		if begun := receivedHere(p, w.Node, v); begun {
			return true
		}
	}
	return b.Obj != nil && isParam(b.Obj, v) && forgotten(p, b.Obj, v)
}

// receivedHere: a statement receives into a variable.
func receivedHere(p *summary.Package, n ast.Node, v *types.Var) bool {
	got, _ := receivedInto(p, n)
	return got == v
}

// forgotten: each caller puts the result in the place of the argument.
func forgotten(p *summary.Package, fn *types.Func, v *types.Var) bool {
	i := -1
	for j := range fn.Signature().Params().Len() {
		if fn.Signature().Params().At(j) == v {
			i = j
		}
	}
	calls, complete := p.Uses.Calls(fn)
	return i >= 0 && complete && len(calls) > 0 && !slices.ContainsFunc(calls, func(call *ast.CallExpr) bool {
		as, ok := p.Uses.Parent(call).(*ast.AssignStmt)
		if !ok || as.Tok != token.ASSIGN || len(as.Lhs) != 1 || i >= len(call.Args) {
			return true
		}
		to, ok := as.Lhs[0].(*ast.Ident)
		if !ok {
			return true
		}
		arg, ok := ast.Unparen(call.Args[i]).(*ast.Ident)
		return !ok || p.Src.Info.Uses[arg] != p.Src.Info.Uses[to]
	})
}
