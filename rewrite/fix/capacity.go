package fix

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// addCapacity gives a channel room for every send, so that none waits.
//
//	ch := make(chan T)  =>  ch := make(chan T, 1)
//
// so long as
//
//   - no more is sent on one such channel than the capacity (once);
//   - each send would have waited, none has another way (trailing);
//   - nothing that a sender does after its send tells anybody that the value was
//     received (trailing), or only that the goroutine is through (order, assumed);
//   - nobody asks for the length or the capacity (trailing);
//   - no comment says that the channel has no buffer on purpose (prose).
func addCapacity(f *hazard.Fault) (*Plan, *Refusal) {
	made := f.Spots[0].(*ast.CallExpr)
	a := &added{pkg: f.Pkg, u: f.Pkg.Uses, file: f.Pkg.Src.File(made.Pos()), made: made, name: f.Resource}
	var ok bool
	if a.c, ok = channelOf(f.Pkg, f.Spots[1].(*ast.SendStmt)); !ok {
		return nil, nil
	}
	n, size, enough := a.u.Room(a.c)
	if !enough || n > 16 {
		return nil, &Refusal{Strategy: "add capacity", Obligation: refuted("once", "how often is sent on "+a.name+" is not known", f.Node)}
	}
	room := Code{Text: "make(_1_, " + strconv.FormatInt(n, 10) + ")", Args: made.Args[:1]}
	title, why := fmt.Sprintf("make %s with room for %d", a.name, n), fmt.Sprintf("no path sends more than %d times", n)
	if size != nil {
		count, ok := a.count(size)
		if !ok {
			return nil, &Refusal{Strategy: "add capacity", Obligation: refuted("once", "how often is sent on "+a.name+" cannot be written here", size)}
		}
		room = Code{Text: "make(_1_, " + count + ")", Args: []ast.Expr{made.Args[0], size}}
		title, why = fmt.Sprintf("make %s with room for every send", a.name), "one send for each turn of the loop"
	}
	obligations := []Obligation{proved("once", why), a.otherWays()}
	if f.Sort == hazard.AbandonedSend {
		obligations = merge(obligations, a.trailing(), a.order())
	}
	obligations = append(obligations, a.prose())
	if b := blocked(obligations); b != nil {
		return nil, &Refusal{Strategy: "add capacity", Obligation: *b}
	}
	return &Plan{
		Strategy: "add capacity", Title: title, Obligations: obligations,
		Decl: a.u.Decl(made), Steps: []Step{Replace{Old: made, Code: room}},
	}, nil
}

// channelOf returns the local channel that a send is on, which may be given to
// the sender as an argument.
func channelOf(pkg *summary.Package, send *ast.SendStmt) (uses.Chan, bool) {
	c, ok := pkg.Uses.ChanOf(send.Chan)
	if !ok {
		return c, false
	}
	makes, complete := pkg.Uses.Makes(c)
	if !complete || len(makes) != 1 {
		return c, false
	}
	id, ok := nameOf(pkg.Uses, makes[0].Node)
	if !ok {
		return c, false
	}
	v, ok := pkg.Src.Info.Defs[id].(*types.Var)
	return uses.Chan{Var: v}, ok
}

// nameOf returns the name that a declaration gives a value.
func nameOf(u *uses.Index, value ast.Expr) (*ast.Ident, bool) {
	switch d := u.Parent(value).(type) {
	case *ast.AssignStmt:
		for i, r := range d.Rhs {
			if r == value && len(d.Lhs) == len(d.Rhs) {
				id, ok := d.Lhs[i].(*ast.Ident)
				return id, ok
			}
		}
	case *ast.ValueSpec:
		for i, r := range d.Values {
			if r == value && len(d.Values) == len(d.Names) {
				return d.Names[i], true
			}
		}
	}
	return nil, false
}

// An added is a channel on its way to a capacity.
type added struct {
	pkg  *summary.Package
	u    *uses.Index
	file *source.File
	c    uses.Chan
	made *ast.CallExpr
	name string
}

// count writes the number of turns of a loop over size, so that it is never
// negative.
func (a *added) count(size ast.Expr) (text string, ok bool) {
	id, ok := ast.Unparen(size).(*ast.Ident)
	if !ok {
		call, isLen := ast.Unparen(size).(*ast.CallExpr)
		return "_2_", isLen && len(call.Args) == 1
	}
	v, ok := a.pkg.Src.Info.Uses[id].(*types.Var)
	if !ok || v.Pos() > a.made.Pos() {
		return "", false
	}
	if _, ok := v.Type().Underlying().(*types.Basic); ok {
		return "", false // a number may be negative, and then make panics
	}
	scope := a.pkg.Src.Types.Scope().Innermost(a.made.Pos())
	if scope == nil {
		return "", false
	}
	_, lens := scope.LookupParent("len", a.made.Pos())
	return "len(_2_)", lens == types.Universe.Lookup("len")
}

// trailing: nothing that follows a send tells that it no longer waits. It does
// not matter where the send has always waited for ever.
func (a *added) trailing() Obligation {
	for _, send := range a.u.Sends(a.c) {
		for _, st := range a.after(send) {
			if o := a.afterSend(st); o != nil {
				return *o
			}
		}
	}
	return proved("trailing", "nothing follows the send that tells of it")
}

// otherWays: no send takes another case for want of a receiver, and nobody asks
// for the length or the capacity.
func (a *added) otherWays() Obligation {
	for _, send := range a.u.Sends(a.c) {
		if clause, ok := a.u.Parent(send).(*ast.CommClause); ok && len(a.u.Parent(clause).(*ast.BlockStmt).List) > 1 {
			return refuted("trailing", "a send that nobody receives now takes another case", send)
		}
	}
	for _, r := range a.u.Reads(a.c.Var) {
		if call, ok := a.u.Parent(r).(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && (id.Name == "len" || id.Name == "cap") {
				return refuted("trailing", "its "+id.Name+" is asked for", call)
			}
		}
	}
	return proved("trailing", "each send would have waited")
}

// after lists what can run behind a send in its function: the rest of each list
// around it, a whole loop around it, and the deferred calls.
func (a *added) after(send *ast.SendStmt) []ast.Node {
	var out []ast.Node
	fn := a.u.Enclosing(send)
	for n := ast.Node(send); n != nil && n != fn; n = a.u.Parent(n) {
		if st, ok := n.(ast.Stmt); ok && a.u.StmtOf(st).Stmt == st {
			for _, r := range a.u.StmtOf(st).Rest() {
				out = append(out, r)
				if _, ok := r.(*ast.ReturnStmt); ok {
					return append(out, defers(fn)...)
				}
			}
		}
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			out = append(out, n)
		}
	}
	return append(out, defers(fn)...)
}

// defers lists the defer statements of a function, its literals left out.
func defers(fn ast.Node) []ast.Node {
	var out []ast.Node
	ast.Inspect(fn, func(n ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok {
			out = append(out, d)
		}
		_, lit := n.(*ast.FuncLit)
		return !lit || n == fn
	})
	return out
}

// afterSend judges what runs behind a send. To return, to send again and to
// close the channel tell nothing; a call that wakes is judged by [added.order].
func (a *added) afterSend(n ast.Node) *Obligation {
	switch st := n.(type) {
	case *ast.ReturnStmt:
		if len(st.Results) == 0 {
			return nil
		}
	case *ast.BranchStmt:
		return nil
	case *ast.SendStmt:
		if c, ok := a.u.ChanOf(st.Chan); ok && (c == a.c || a.through(c)) && !hasCall(st.Value) {
			return nil
		}
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(st.X).(*ast.CallExpr); ok && (a.closes(call) || a.wakes(call)) {
			return nil
		}
	case *ast.DeferStmt:
		if a.closes(st.Call) || a.wakes(st.Call) {
			return nil
		}
	}
	o := refuted("trailing", "what follows the send would no longer wait for the receiver", n)
	return &o
}

// through: a parameter that holds the channel.
func (a *added) through(c uses.Chan) bool {
	makes, complete := a.u.Makes(c)
	return complete && len(makes) == 1 && makes[0].Node == a.made
}

func (a *added) closes(call *ast.CallExpr) bool {
	id, ok := ast.Unparen(call.Fun).(*ast.Ident)
	if !ok || id.Name != "close" || len(call.Args) != 1 || a.pkg.Src.Info.Uses[id] != types.Universe.Lookup("close") {
		return false
	}
	c, ok := a.u.ChanOf(call.Args[0])
	return ok && (c == a.c || a.through(c))
}

// wakes: Done of a group and its like say that the goroutine is through.
func (a *added) wakes(call *ast.CallExpr) bool {
	kind, ok := a.pkg.Plain(call)
	return ok && kind == syncapi.Wake
}

// order: who waits for the goroutine itself may now go on before the value was
// received.
func (a *added) order() Obligation {
	for _, send := range a.u.Sends(a.c) {
		for _, n := range a.after(send) {
			var call *ast.CallExpr
			switch st := n.(type) {
			case *ast.DeferStmt:
				call = st.Call
			case *ast.ExprStmt:
				call, _ = st.X.(*ast.CallExpr)
			}
			if call != nil && !a.closes(call) {
				return assumed("order", "who waits for the goroutine may go on before "+a.name+" is received from", call)
			}
		}
		if lit, ok := a.u.Enclosing(send).(*ast.FuncLit); ok {
			if call, ok := a.u.Parent(lit).(*ast.CallExpr); ok && call.Fun != lit {
				return assumed("order", "who waits for the group may go on before "+a.name+" is received from", call)
			}
		}
	}
	return proved("order", "nobody waits for the goroutine in another way")
}

var noBuffer = pattern.New(`(?i)\bunbuffered\b|\brendez-?vous\b|\bhand-?(over|off)\b|\bsynchron|\bno buffer`)

// prose: a comment beside the channel says that it has no buffer on purpose.
func (a *added) prose() Obligation {
	line := func(pos token.Pos) int { return a.pkg.Src.Position(pos).Line }
	for _, g := range a.file.Syntax.Comments {
		if line(g.End()) >= line(a.made.Pos())-1 && line(g.Pos()) <= line(a.made.End()) && noBuffer.MatchString(g.Text()) {
			return assumed("prose", "a comment speaks of the missing buffer", g)
		}
	}
	return proved("prose", "no comment speaks of the missing buffer")
}
