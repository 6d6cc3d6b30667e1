package uses

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Numbers of sends. A capacity that is no constant is symbolic: a loop that
// repeats as often counts as symbolic sends, and so does the room.
const (
	symbolic = int64(1) << 30
	endless  = int64(1) << 40
)

// paths holds the most sends on any path through some statements, by the way
// the path ends; -1 says that none ends so.
type paths [4]int64

const (
	fall  = iota // goes on behind them
	ret          // returns
	brk          // breaks out of a statement around them
	again        // continues a loop around them
)

// ends returns the paths of a statement that is left in one way only.
func ends(way int, n int64) paths {
	p := paths{-1, -1, -1, -1}
	p[way] = n
	return p
}

func (p paths) most() int64 { return max(p[fall], p[ret], p[brk], p[again], 0) }

// then returns the paths through p and, where they go on, through q.
func (p paths) then(q paths) paths {
	if p[fall] < 0 {
		return p
	}
	r := p
	r[fall] = -1
	for way, n := range q {
		if n >= 0 {
			r[way] = max(r[way], min(p[fall]+n, endless))
		}
	}
	return r
}

func (p paths) or(q paths) paths {
	for way, n := range q {
		p[way] = max(p[way], n)
	}
	return p
}

// caught lets the paths that break also go on. They stay: the break may have a
// label, and counting a path that does not exist is safe.
func (p paths) caught() paths {
	p[fall] = max(p[fall], p[brk])
	return p
}

// A counter counts, for a piece of code, the most sends on any path that may
// run it once.
type counter struct {
	x    *Index
	is   func(*ast.SendStmt) bool
	room ast.Expr // the capacity of the channel, when it is no constant
	made ast.Node // where it is made
	each ast.Stmt // the loop each turn of which has a channel of its own
	seen map[*ast.SendStmt]bool

	arg   *types.Var // the channel, to follow it into calls; nil: it is not
	depth int
}

func (x *Index) counter(is func(*ast.SendStmt) bool) *counter {
	return &counter{x: x, is: is, seen: make(map[*ast.SendStmt]bool)}
}

func (k *counter) list(stmts []ast.Stmt) paths {
	p := ends(fall, 0)
	for _, s := range stmts {
		if p[fall] < 0 {
			break
		}
		p = p.then(k.stmt(s))
	}
	return p
}

func (k *counter) stmt(s ast.Stmt) paths {
	switch s := s.(type) {
	case nil:
		return ends(fall, 0)
	case *ast.BlockStmt:
		return k.list(s.List)
	case *ast.LabeledStmt:
		return k.stmt(s.Stmt).caught()
	case *ast.IfStmt:
		return k.stmt(s.Init).then(k.expr(s.Cond)).then(k.list(s.Body.List).or(k.stmt(s.Else)))
	case *ast.SwitchStmt:
		return k.stmt(s.Init).then(k.expr(s.Tag)).then(k.clauses(s.Body))
	case *ast.TypeSwitchStmt:
		return k.stmt(s.Init).then(k.stmt(s.Assign)).then(k.clauses(s.Body))
	case *ast.SelectStmt:
		return k.clauses(s.Body)
	case *ast.ForStmt:
		body := k.expr(s.Cond).then(k.list(s.Body.List)).then(k.stmt(s.Post))
		return k.stmt(s.Init).then(k.repeat(s, body))
	case *ast.RangeStmt:
		return k.expr(s.X).then(k.repeat(s, k.list(s.Body.List)))
	case *ast.ReturnStmt:
		return ends(ret, k.node(s))
	case *ast.BranchStmt:
		switch s.Tok {
		case token.GOTO:
			return paths{endless, endless, endless, endless}
		case token.BREAK:
			return ends(brk, 0)
		case token.CONTINUE:
			return ends(again, 0)
		}
		return ends(fall, 0)
	}
	return ends(fall, k.node(s))
}

func (k *counter) expr(e ast.Expr) paths {
	if e == nil {
		return ends(fall, 0)
	}
	return ends(fall, k.node(e))
}

// clauses takes the worst clause; with a fallthrough all of them together.
func (k *counter) clauses(body *ast.BlockStmt) paths {
	var all int64
	worst := ends(fall, 0)
	through := false
	for _, c := range body.List {
		p := ends(fall, 0)
		var stmts []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			for _, e := range c.List {
				p = p.then(k.expr(e))
			}
			stmts = c.Body
		case *ast.CommClause:
			p, stmts = k.stmt(c.Comm), c.Body
		}
		if n := len(stmts); n > 0 {
			b, ok := stmts[n-1].(*ast.BranchStmt)
			through = through || ok && b.Tok == token.FALLTHROUGH
		}
		p = p.then(k.list(stmts))
		worst = worst.or(p)
		all = min(all+p.most(), endless)
	}
	if through {
		return paths{all, all, all, all}
	}
	return worst.caught()
}

// repeat multiplies what a loop's body sends on the paths that go round. One
// path more may leave.
func (k *counter) repeat(loop ast.Stmt, body paths) paths {
	n := max(body[fall], body[again], 0)
	if loop == k.each {
		return ends(fall, n).or(body.only(ret, brk, again)).caught()
	}
	if n > 0 {
		t := k.trips(loop)
		if t >= symbolic && n > 1 {
			t = endless
		}
		n *= min(t, endless/n)
	}
	return ends(fall, n).or(ends(fall, n).then(body.only(ret, brk, again))).caught()
}

// only keeps some of the ways.
func (p paths) only(ways ...int) paths {
	q := paths{-1, -1, -1, -1}
	for _, w := range ways {
		q[w] = p[w]
	}
	return q
}

// node counts in a statement or expression without control flow of its own. A
// function literal counts where it is called; one that is kept may run any
// number of times.
func (k *counter) node(n ast.Node) int64 {
	var sum int64
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			if k.is(n) {
				k.seen[n] = true
				sum++
			}
		case *ast.CallExpr:
			sum += k.call(n)
		case *ast.FuncLit:
			c := k.list(n.Body.List).most()
			if c > 0 && !k.x.runsOnce(n) {
				c = endless
			}
			sum += c
			return false
		}
		return true
	})
	return min(sum, endless)
}

// call counts the sends of a function of the package that is given the channel.
func (k *counter) call(call *ast.CallExpr) int64 {
	if k.arg == nil {
		return 0
	}
	fn := k.x.callee(call)
	if fn == nil || k.x.decls[fn] == nil || k.x.decls[fn].Body == nil {
		return 0 // whoever else gets it cannot send: that was asked before
	}
	var sum int64
	for i, a := range call.Args {
		if k.x.varOf(a) != k.arg || i >= fn.Signature().Params().Len() {
			continue
		}
		if k.depth > 3 {
			return endless
		}
		p := fn.Signature().Params().At(i)
		inner := k.x.counter(k.x.on(p))
		inner.arg, inner.depth, inner.seen = p, k.depth+1, k.seen
		if len(k.x.writesOf(p)) > 0 {
			return endless
		}
		sum += inner.list(k.x.decls[fn].Body.List).most()
	}
	return sum
}

// on accepts the sends on the channel in a variable.
func (x *Index) on(v *types.Var) func(*ast.SendStmt) bool {
	return func(s *ast.SendStmt) bool {
		c, ok := x.at(s.Chan)
		return ok && c == Chan{v, false}
	}
}

// runsOnce reports whether a literal is called once where it stands: on the
// spot, by go, by defer, or by a function known to run it once.
func (x *Index) runsOnce(lit *ast.FuncLit) bool {
	call, ok := x.above(lit).(*ast.CallExpr)
	if !ok {
		return false
	}
	if ast.Unparen(call.Fun) == lit {
		return true
	}
	fn := x.callee(call)
	return fn != nil && runners[fn.FullName()]
}

// runners are functions that run their argument at most once a call.
var runners = map[string]bool{
	"(*sync.WaitGroup).Go":                      true,
	"(*sync.Once).Do":                           true,
	"(*golang.org/x/sync/errgroup.Group).Go":    true,
	"(*golang.org/x/sync/errgroup.Group).TryGo": true,
}

// counted proves a send into a channel that is made for one run of a function:
//
//   - the channel is a local variable, made where it is declared, or comes from
//     such variables only;
//   - all sends on it stand in the rest of its block, in literals called once
//     from there, or in functions of the package that it is given to there;
//   - no path has more of them than there is room.
func (x *Index) counted(s sending) string {
	var made ast.Node
	for _, from := range reach(x.flow.back, s.c) {
		if len(x.flow.leaves[from]) == 0 {
			continue
		}
		if made = x.suffices(from); made == nil {
			return ""
		}
	}
	if made == nil {
		return ""
	}
	return s.name + " has room for every send of the call that made it" + x.where(made)
}

// suffices returns the make of a local variable that has room for all sends.
func (x *Index) suffices(c Chan) ast.Node {
	decl, call := x.declaration(c)
	if call == nil {
		return nil
	}
	m := x.makeOf(call)
	room, per := m.Cap, ast.Expr(nil)
	if !m.CapKnown {
		room, per = symbolic, m.CapExpr
	}
	if n := x.mostSends(c, decl, call, per); n < 0 || n > room {
		return nil
	}
	return call
}

// declares reports whether the statement is the declaration itself, not one
// that only begins with it.
func declares(s ast.Stmt, decl ast.Node) bool {
	if s == decl {
		return true
	}
	_, ok := s.(*ast.DeclStmt)
	return ok
}
