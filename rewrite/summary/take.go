package summary

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"iter"
	"slices"
	"sync"

	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Take is a lock that an operation takes.
type Take struct {
	Lock                          // Must and Asked as its callees have them
	Resource lockset.Resource     // in the terms of the body at hand; its Root is nil where nothing here can name it
	Acquire  *lockset.Acquisition // nil when a callee takes it and gives it back
}

// Takes lists the locks that an operation of a body takes, each sync.Once that
// it runs included: what it acquires itself first.
func (p *Package) Takes(b *lockset.Body, op *lockset.Op) []Take {
	p.focus(b)
	return p.takes(b, op)
}

func (p *Package) takes(b *lockset.Body, op *lockset.Op) []Take {
	var out []Take
	p.eachTake(b, op, func(t *taking) { out = append(out, t.whole(p)) })
	return out
}

// A taking is a Take, its chain of calls left out: most are only compared.
type taking struct {
	Take
	calls int // length of the chain

	lock   *Lock // of the callee; nil if the operation takes it itself
	target target
	frame  Frame // its call
}

// whole is the Take with its chain of calls.
func (t *taking) whole(p *Package) Take {
	if t.calls > 0 {
		t.Via = p.behindFrame(t.frame, t.lock.Via, t.target.fn)
		if t.lock.Behind != "" {
			t.Via[0] = Frame{Func: t.lock.Behind, Local: true, pos: t.frame.pos}
			p.abroad(t.Via[:1], t.target.fn)
		}
	}
	return t.Take
}

// eachTake calls yield with what takes lists. What yield gets is good until it
// returns.
func (p *Package) eachTake(b *lockset.Body, op *lockset.Op, yield func(*taking)) {
	call, ok := op.Node.(*ast.CallExpr)
	if !ok {
		return
	}
	var own []lockset.Resource
	for _, s := range b.Sections {
		r := s.Acquire.Resource
		if s.Acquire.Node == op.Node && !r.Sort.IsToken() {
			own = append(own, r)
			yield(&taking{Take: Take{p.own(b, op, s.Acquire), r, s.Acquire}})
		}
	}
	if once := p.effect(call.Fun, call.Args).Once; once != nil && len(own) == 0 {
		a := &lockset.Acquisition{Change: lockset.Change{Kind: syncapi.Acquire, Resource: *once}, Node: op.Node}
		yield(&taking{Take: Take{p.own(b, op, a), *once, nil}})
	}
	p.inCallees(op, call, func(t *taking) {
		if t.Resource.Root == nil || !slices.ContainsFunc(own, func(r lockset.Resource) bool { return r.Key() == t.Resource.Key() }) {
			yield(t)
		}
	})
}

// own describes an acquisition of a body.
func (p *Package) own(b *lockset.Body, op *lockset.Op, a *lockset.Acquisition) Lock {
	l := Lock{Ref: p.ref(p.current, a.Resource), Class: p.Class(a.Resource), Mode: a.Mode, Expr: a.Resource.Expr, Try: a.Kind == syncapi.Try || a.Fallible, pos: a.Node.Pos()}
	l.Must = true
	l.Dropped = p.addRefs(nil, op.State.Dropped())
	return l
}

// inCallees calls yield with the locks that the callees of an operation take.
func (p *Package) inCallees(op *lockset.Op, call *ast.CallExpr, yield func(*taking)) {
	var next *taking
	for _, t := range p.reached(call) {
		f := p.summary(t.fn)
		if f == nil || len(f.Locks)+len(f.Onces) == 0 {
			continue
		}
		if next == nil {
			next = new(taking)
		}
		frame := p.frame(t.fn, t.call)
		for l := range f.taken() {
			r, ok := p.resource(l.Ref, t.call.Fun, t.call.Args)
			if !ok && t.dynamic {
				r, ok = p.behindCall(l.Ref, t)
			}
			if !ok || t.stored && l.Ref.Param == Receiver {
				r = lockset.Resource{}
			}
			*next = taking{Take: Take{p.raise(l, t, r, op), r, nil}, lock: l, target: t, frame: frame}
			if !next.Deep {
				next.calls = 1 + len(l.Via)
			}
			yield(next)
		}
	}
}

// taken lists the locks of a summary and each sync.Once.
func (f *Func) taken() iter.Seq[*Lock] {
	return func(yield func(*Lock) bool) {
		for _, list := range [...][]Lock{f.Locks, f.Onces} {
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

// raise renames what a lock of a callee refers to, its chain of calls left out. Of
// what happens deep in a library only the class is kept.
func (p *Package) raise(l *Lock, t target, r lockset.Resource, op *lockset.Op) Lock {
	out := Lock{Ref: p.ref(p.current, r), Class: l.Class, Mode: l.Mode, Expr: l.Expr, Try: l.Try}
	if l.Deep || len(l.Via) > 0 && !near(t.fn.Pkg(), p.Src.Types) {
		out.Deep = true
		return out
	}
	out.Must, out.Asked, out.pos = l.Must && t.only, l.Asked, l.pos
	out.Dropped = p.addRefs(p.renameAll(l.Dropped, t.call), op.State.Dropped())
	return out
}

// A target is a declared function that an operation runs.
type target struct {
	fn     *types.Func
	call   *ast.CallExpr // that runs it, made up for a function that is passed
	only   bool          // it runs whenever the operation does
	stored bool          // it was bound to its receiver, which is not known, before
	// dynamic: it stands behind an interface
	dynamic bool
}

// behindCall names a lock of the receiver that an interface hides.
func (p *Package) behindCall(ref Ref, t target) (r lockset.Resource, ok bool) {
	sel, isSel := ast.Unparen(t.call.Fun).(*ast.SelectorExpr)
	if ref.Param != Receiver || !isSel {
		return r, false
	}
	return p.extend(p.Namer.Method(sel, ref.Sort), ref, t.fn.Signature().Recv().Type())
}

// reached lists the declared functions that a call runs: its callee, those that
// may stand behind it, and those that it is given and runs before it returns.
func (p *Package) reached(call *ast.CallExpr) []target {
	var out []target
	s := p.look(call.Fun)
	c, entry := s.callee, s.entry
	switch {
	case s.known:
		out = p.byTheBackDoor(call)
		for _, i := range entry.Sync {
			if i >= len(call.Args) {
				continue
			}
			arg := ast.Unparen(call.Args[i])
			if f := p.callee(arg); f.fn != nil && !f.iface {
				made := &ast.CallExpr{Fun: arg, Lparen: call.Lparen, Rparen: call.Rparen}
				out = append(out, target{fn: f.fn, call: made, only: entry.Kind == syncapi.Once})
			}
		}
	case c.fn != nil && !c.iface:
		out = append(out, target{fn: c.fn, call: call, only: true})
	case c.iface && c.fn.Pkg() != p.Src.Types && near(c.fn.Pkg(), p.Src.Types):
		out = append(out, target{fn: c.fn, call: call, dynamic: true})
	default:
		fns, _, complete := p.targets(c)
		for _, fn := range fns {
			out = append(out, target{fn: fn, call: call, only: complete && len(fns) == 1 && p.closed(c), stored: c.value != nil, dynamic: c.iface})
		}
	}
	return out
}

// maxLocks bounds how many locks a summary lists.
const maxLocks = 24

// fewLocks is how many nearly all functions take at most.
const fewLocks = 4

// locksOf lists the locks that the operations of a body take, their callees'
// included, and each sync.Once that they run. Of several ways to one lock the one
// that says most is kept.
func (p *Package) locksOf(b *lockset.Body, ops []*lockset.Op) (locks, onces []Lock) {
	for _, op := range ops {
		certain := sync.OnceValue(func() bool { return p.certain(b, op) })
		asked := sync.OnceValue(func() bool { return p.asked(b, op) })
		p.eachTake(b, op, func(t *taking) {
			if sort := t.Ref.Sort; sort != lockset.Lock && sort != lockset.OnceLock {
				return
			}
			t.Must, t.Asked = t.Must && certain(), t.Asked || asked()
			if t.Ref.Sort == lockset.Lock {
				locks = p.keep(locks, t)
			} else {
				onces = p.keep(onces, t)
			}
		})
	}
	return locks, onces
}

// keep adds a lock to a bounded list.
func (p *Package) keep(list []Lock, t *taking) []Lock {
	for i := range list {
		if o := &list[i]; o.Class == t.Class && o.Mode == t.Mode && sameRef(o.Ref, t.Ref) {
			if t.tells(o) {
				list[i] = t.whole(p).Lock
			}
			return list
		}
	}
	if len(list) < maxLocks {
		if len(list) == fewLocks {
			list = slices.Grow(list, maxLocks-fewLocks)
		}
		list = append(list, t.whole(p).Lock)
	}
	return list
}

// tells reports whether one way to a lock says more of whoever calls than another.
func (t *taking) tells(o *Lock) bool {
	no := func(x bool) int {
		if x {
			return 0
		}
		return 1
	}
	return cmp.Or(no(!t.Deep)-no(!o.Deep), no(!t.Try)-no(!o.Try), len(t.Dropped)-len(o.Dropped), no(t.Must)-no(o.Must), no(!t.Asked)-no(!o.Asked), t.calls-len(o.Via)) < 0
}

// LocksTaken lists the locks that the callees of an operation take, in the
// terms of the declaration that it stands in.
func (p *Package) LocksTaken(op *lockset.Op) []Lock {
	call, ok := op.Node.(*ast.CallExpr)
	if !ok {
		return nil
	}
	c := p.at(call.Fun).callee
	if p.look(call.Fun).known {
		return nil
	}
	fns := []*types.Func{c.fn}
	if c.fn == nil || c.iface {
		fns, _, _ = p.targets(c)
	}
	var out []Lock
	for _, fn := range fns {
		if f := p.summary(fn); f != nil {
			for _, l := range f.Locks {
				l.Ref = p.rename(l.Ref, call)
				out = append(out, l)
			}
		}
	}
	return out
}

// certain reports whether each run of a body that comes to an end comes to an
// operation: it stands outside of branches, loops and literals, and nothing
// returns ahead of it. It must say no when in doubt.
func (p *Package) certain(b *lockset.Body, op *lockset.Op) bool {
	return len(op.Lits) == 0 && remember(p.certains, spot{b.Block, op.Node}, func() bool { return p.isCertain(b, op) })
}

// A spot is where an operation stands in a body. What is asked of its syntax is asked in
// each round of a cycle, and for each lock.
type spot struct {
	block *ast.BlockStmt
	node  ast.Node
}

func remember(known map[spot]bool, at spot, ask func() bool) bool {
	yes, ok := known[at]
	if !ok {
		yes = ask()
		known[at] = yes
	}
	return yes
}

func (p *Package) isCertain(b *lockset.Body, op *lockset.Op) bool {
	at := p.Uses.StmtOf(op.Node)
	if at.Owner != b.Block || p.firstExit(b.Block) < at.Stmt.Pos() {
		return false
	}
	for n := op.Node; n != at.Stmt; n = p.Uses.Parent(n) {
		switch parent := p.Uses.Parent(n).(type) {
		case *ast.BinaryExpr:
			if (parent.Op == token.LAND || parent.Op == token.LOR) && n == parent.Y {
				return false
			}
		case *ast.ForStmt:
			if n == parent.Post {
				return false
			}
		case *ast.IfStmt:
			if n == parent.Else {
				return false
			}
		case *ast.CaseClause, *ast.CommClause, *ast.FuncLit:
			return false
		}
	}
	return true
}

// firstExit is where a body may first return or jump; past its end if it only
// falls off it.
func (p *Package) firstExit(block *ast.BlockStmt) token.Pos {
	if pos, ok := p.exits[block]; ok {
		return pos
	}
	first := block.End()
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			first = min(first, n.Pos())
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				first = min(first, n.Pos())
			}
		}
		return true
	})
	p.exits[block] = first
	return first
}

// asked reports whether it depends on a parameter if a body comes to an
// operation: a condition around it, or ahead of a return before it, reads one.
// What a call does is then not known without its arguments.
func (p *Package) asked(b *lockset.Body, op *lockset.Op) bool {
	if b.Obj == nil || b.Obj.Signature().Params().Len() == 0 {
		return false
	}
	return remember(p.askeds, spot{b.Block, op.Node}, func() bool { return p.isAsked(b, op) })
}

func (p *Package) isAsked(b *lockset.Body, op *lockset.Op) bool {
	for n := op.Node; n != nil && n != ast.Node(b.Block); n = p.Uses.Parent(n) {
		switch parent := p.Uses.Parent(n).(type) {
		case *ast.IfStmt:
			if n != parent.Cond && p.readsParam(b, parent.Cond) {
				return true
			}
		case *ast.CaseClause:
			if sw, ok := p.Uses.Parent(p.Uses.Parent(parent)).(*ast.SwitchStmt); ok && (sw.Tag != nil && p.readsParam(b, sw.Tag) || p.readsParam(b, parent)) {
				return true
			}
		case *ast.BlockStmt:
			for _, st := range parent.List {
				if st.Pos() >= op.Node.Pos() {
					break
				}
				if s, ok := st.(*ast.IfStmt); ok && returns(s) && p.readsParam(b, s.Cond) {
					return true
				}
			}
		}
	}
	return false
}

// returns reports whether a statement may leave its function.
func returns(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			found = true
		}
		return !found
	})
	return found
}

// readsParam reports whether an expression reads a parameter of a body.
func (p *Package) readsParam(b *lockset.Body, e ast.Node) bool {
	params := b.Obj.Signature().Params()
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			for i := range params.Len() {
				found = found || p.Src.Info.Uses[id] == params.At(i)
			}
		}
		return !found
	})
	return found
}
