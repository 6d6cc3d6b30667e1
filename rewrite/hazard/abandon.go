package hazard

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/uses"
)

// AbandonedSend is a send of a goroutine on an unbuffered channel whose only
// receiver can leave before it: the goroutine then waits for ever. Its spots are
// the call of make and the send.
const AbandonedSend FaultSort = "abandoned send"

// abandonedSends looks at each local channel that is made unbuffered:
//
//   - it is used for nothing but channel operations, and as an argument of
//     functions of the package;
//   - goroutines that its function starts send on it, and have no other way;
//   - that function alone receives, and some path from the start of a goroutine
//     leaves it with fewer receives than there can be sends.
func abandonedSends(in *view) []*Fault {
	p := in.Package
	var out []*Fault
	for _, x := range in.nodes() {
		for _, id := range defined(x.node) {
			v, ok := p.Src.Info.Defs[id].(*types.Var)
			if !ok || !isChan(v.Type()) || p.Uses.Enclosing(id) != x.body.Fn {
				continue
			}
			if f := abandoned(p, v); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}

// defined lists the names that an assignment or a specification defines. What a
// range statement defines is no channel that is made: unbuffered wants its one write
// to be of the call of make.
func defined(n ast.Node) []*ast.Ident {
	switch n := n.(type) {
	case *ast.ValueSpec:
		return n.Names
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return nil
		}
		var out []*ast.Ident
		for _, e := range n.Lhs {
			if id, ok := e.(*ast.Ident); ok {
				out = append(out, id)
			}
		}
		return out
	}
	return nil
}

func isChan(t types.Type) bool {
	_, ok := t.Underlying().(*types.Chan)
	return ok
}

// abandoned judges one local channel.
func abandoned(p *summary.Package, v *types.Var) *Fault {
	c := uses.Chan{Var: v}
	made := unbuffered(p, c)
	if made == nil || p.Uses.Escapes(c) != "" || !staysHere(p, v, 3) {
		return nil
	}
	maker := p.Uses.Enclosing(made)
	receives := p.Uses.Receives(c)
	if len(receives) == 0 || isMain(p, maker) || slices.ContainsFunc(receives, func(r ast.Node) bool { return p.Uses.Enclosing(r) != maker }) {
		return nil
	}
	var sends []*ast.SendStmt
	var starts []ast.Node
	for _, send := range p.Uses.Sends(c) {
		start := startOf(p, send, v, maker)
		if start == nil || hasOtherWay(p, send) {
			continue
		}
		sends = append(sends, send)
		if !slices.Contains(starts, start) {
			starts = append(starts, start)
		}
	}
	if len(sends) == 0 {
		return nil
	}
	l := &leaving{p: p, chans: c, receives: receives, answers: answers(p, sends), starts: starts, sends: sendCount(p, c)}
	exit := l.find(bodyBlock(maker))
	if exit == nil {
		return nil
	}
	return &Fault{
		Pkg: p, Body: bodyOf(p, sends[0]), Sort: AbandonedSend, Node: sends[0], Level: Hazard,
		What:     "send on " + v.Name() + " waits for ever when its receiver has left",
		Resource: v.Name(),
		Why:      v.Name() + " is unbuffered, and nobody else receives",
		Chain:    []Frame{{made.Pos(), "it is made without a buffer here"}},
		Peer:     []Frame{{exit.Pos(), "leaves here without receiving"}},
		Spots:    []ast.Node{made, sends[0]},
	}
}

// unbuffered returns the make of a local variable's only channel, if it has no
// buffer.
func unbuffered(p *summary.Package, c uses.Chan) *ast.CallExpr {
	makes, complete := p.Uses.Makes(c)
	if ws := p.Uses.Writes(c.Var); !complete || len(makes) != 1 || len(ws) != 1 || ast.Unparen(ws[0].Value) != makes[0].Node {
		return nil
	}
	if makes[0].HasRoom() {
		return nil
	}
	return makes[0].Node
}

// staysHere: a channel is used for channel operations only, or as an argument of
// a function of the package that does likewise.
func staysHere(p *summary.Package, v *types.Var, depth int) bool {
	return depth > 0 && !slices.ContainsFunc(p.Uses.Reads(v), func(r ast.Node) bool {
		switch up := p.Uses.Parent(r).(type) {
		case *ast.SendStmt:
			return up.Chan != r
		case *ast.UnaryExpr, *ast.RangeStmt:
			return false
		case *ast.CallExpr:
			if id, ok := ast.Unparen(up.Fun).(*ast.Ident); ok && p.Src.Info.Uses[id].Parent() == types.Universe {
				return id.Name != "close" && id.Name != "len" && id.Name != "cap"
			}
			return !staysIn(p, up, r, depth-1)
		}
		return true
	})
}

// staysIn follows a channel into a call.
func staysIn(p *summary.Package, call *ast.CallExpr, arg ast.Node, depth int) bool {
	sig, _ := p.Src.Info.TypeOf(call.Fun).(*types.Signature)
	i := slices.IndexFunc(call.Args, func(e ast.Expr) bool { return e == arg })
	if sig == nil || sig.Variadic() || i < 0 {
		return false
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		sig, _ = p.Src.Info.TypeOf(lit).(*types.Signature)
		return staysHere(p, sig.Params().At(i), depth)
	}
	fns := p.Callees(call)
	if len(fns) != 1 {
		return false
	}
	fd := p.Uses.FuncDecl(fns[0])
	return fd != nil && fd.Body != nil && staysHere(p, fns[0].Signature().Params().At(i), depth)
}

func isMain(p *summary.Package, fn ast.Node) bool {
	fd, ok := fn.(*ast.FuncDecl)
	return ok && fd.Recv == nil && fd.Name.Name == "main" && p.Src.Types.Name() == "main"
}

func bodyBlock(fn ast.Node) *ast.BlockStmt {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Body
	case *ast.FuncLit:
		return fn.Body
	}
	return nil
}

// hasOtherWay: a send in a select with another case or a default ends without a
// receiver.
func hasOtherWay(p *summary.Package, send *ast.SendStmt) bool {
	clause, ok := p.Uses.Parent(send).(*ast.CommClause)
	return ok && len(p.Uses.Parent(clause).(*ast.BlockStmt).List) > 1
}

// startOf returns the statement of the maker that starts the goroutine which
// runs a send; nil if none does. Where a function of the package sends, it is
// the go statement that gives it the channel.
func startOf(p *summary.Package, send *ast.SendStmt, v *types.Var, maker ast.Node) ast.Node {
	fn := p.Uses.Enclosing(send)
	if fd, ok := fn.(*ast.FuncDecl); ok && fd != maker {
		for _, r := range p.Uses.Reads(v) {
			call, ok := p.Uses.Parent(r).(*ast.CallExpr)
			if !ok || p.Uses.Enclosing(call) != maker {
				continue
			}
			if g, ok := p.Uses.Parent(call).(*ast.GoStmt); ok && slices.Contains(p.Callees(call), p.Src.Info.Defs[fd.Name].(*types.Func)) {
				return g
			}
		}
		return nil
	}
	var start ast.Node
	for fn != nil && fn != maker {
		lit, ok := fn.(*ast.FuncLit)
		if !ok {
			return nil
		}
		start = startsLit(p, lit)
		if start == nil {
			return nil
		}
		fn = p.Uses.Enclosing(lit)
	}
	return start
}

// startsLit returns the statement that starts a literal as a goroutine: go, or
// the Go of a group.
func startsLit(p *summary.Package, lit *ast.FuncLit) ast.Node {
	call, ok := p.Uses.Parent(lit).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if g, ok := p.Uses.Parent(call).(*ast.GoStmt); ok && call.Fun == lit {
		return g
	}
	if sel, ok := call.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Go" && len(call.Args) == 1 {
		return call
	}
	return nil
}

// many stands for sends that nobody counted.
const many = 4

// sendCount returns how many sends there are at most, up to many.
func sendCount(p *summary.Package, c uses.Chan) int {
	if n, size, ok := p.Uses.Room(c); ok && size == nil {
		return int(min(n, many))
	}
	return many
}

// answers lists the receives from all channels that the functions of some sends
// serve. A goroutine that sends its result on one channel and its error on
// another has answered on either.
func answers(p *summary.Package, sends []*ast.SendStmt) []ast.Node {
	var out []ast.Node
	add := func(ch ast.Expr) {
		if c, ok := p.Uses.ChanOf(ch); ok {
			out = append(out, p.Uses.Receives(c)...)
		}
	}
	for _, send := range sends {
		fn := p.Uses.Enclosing(send)
		ast.Inspect(fn, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SendStmt:
				add(n.Chan)
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "close" && len(n.Args) == 1 {
					add(n.Args[0])
				}
			}
			return true
		})
	}
	slices.SortFunc(out, func(a, b ast.Node) int { return int(a.Pos() - b.Pos()) })
	return slices.Compact(out)
}

// A leaving finds out where a receiver can leave.
type leaving struct {
	p        *summary.Package
	chans    uses.Chan
	receives []ast.Node
	answers  []ast.Node // receives of what the goroutines send or close, this and other channels
	starts   []ast.Node
	sends    int
}

// The state on a route: how many receives there were, and whether a select
// chose another case than a receive.
const another = many + 1

// find returns a place where the receiver leaves with fewer receives than there
// can be sends; nil if it never does. It leaves where a select chooses another
// case, or by a return ahead of a receive. When it received something before,
// that may have told it that this was the last; unless several goroutines send.
func (l *leaving) find(body *ast.BlockStmt) ast.Node {
	var exit ast.Node
	r := newRoute(l.p, body)
	r.step = func(n ast.Node, state int) (int, bool) {
		if exit != nil {
			return state, false
		}
		taken := l.receivesIn(n)
		if taken > 0 || l.decides(n) {
			state &^= 1 << another
		}
		if r.comms[n] && l.passesOver(n) {
			state |= 1 << another
		}
		count := min(state&(1<<another-1)+taken, many)
		state = state&(1<<another) | count
		if ret, ok := n.(*ast.ReturnStmt); ok {
			if state&(1<<another) != 0 || l.early(ret) && (count == 0 || l.several()) {
				exit = ret
			}
			return state, false
		}
		return state, count < l.sends
	}
	for _, s := range l.starts {
		if at, ok := r.after(s); ok {
			r.from(at, 0)
		}
	}
	return exit
}

// receivesIn counts the receives in a node, those in literals left out. Ranging
// over the channel takes everything.
func (l *leaving) receivesIn(n ast.Node) int {
	count := 0
	for _, r := range l.answers {
		switch r := r.(type) {
		case *ast.RangeStmt:
			if r.X == n {
				count += many
			}
		default:
			if n.Pos() <= r.Pos() && r.End() <= n.End() {
				count++
			}
		}
	}
	return count
}

// passesOver: the communication of a select clause is chosen instead of a
// receive from the channel.
func (l *leaving) passesOver(comm ast.Node) bool {
	if l.receivesIn(comm) > 0 {
		return false
	}
	sel := l.p.Uses.Parent(l.p.Uses.Parent(comm))
	return slices.ContainsFunc(sel.(*ast.BlockStmt).List, func(c ast.Stmt) bool {
		comm := c.(*ast.CommClause).Comm
		return comm != nil && l.receivesIn(comm) > 0
	})
}

// decides: the condition of a loop says when all is received; that another case
// was chosen before is forgotten there.
func (l *leaving) decides(n ast.Node) bool {
	loop, ok := l.p.Uses.Parent(n).(*ast.ForStmt)
	return ok && loop.Cond == n
}

// early: a return that stands ahead of a receive, or in a loop that receives and
// could end otherwise.
func (l *leaving) early(ret *ast.ReturnStmt) bool {
	for _, r := range l.receives {
		if ret.Pos() < r.Pos() {
			return true
		}
		for n := l.p.Uses.Parent(ret); n != nil; n = l.p.Uses.Parent(n) {
			switch loop := n.(type) {
			case *ast.ForStmt, *ast.RangeStmt:
				if f, ok := loop.(*ast.ForStmt); ok && f.Cond == nil {
					continue // to return is its only end
				}
				if n.Pos() <= r.Pos() && r.End() <= n.End() {
					return true
				}
			}
		}
	}
	return false
}

// several reports whether more than one goroutine sends.
func (l *leaving) several() bool {
	if len(l.starts) > 1 {
		return true
	}
	makes, _ := l.p.Uses.Makes(l.chans)
	for n := l.p.Uses.Parent(l.starts[0]); n != nil; n = l.p.Uses.Parent(n) {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return makes[0].Node.Pos() < n.Pos()
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
	}
	return false
}
