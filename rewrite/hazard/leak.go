package hazard

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/duty"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const (
	// LeakPath: a path leaves with a resource held that others release. Its Spots
	// are the statement that leaves: a return, a panic, a continue, or the body's
	// block for its end. Must says that all paths that come by leave it held.
	LeakPath FaultSort = "held at exit"
	// LeakDropped: a variable that can release a resource is dropped on a path.
	// Its Spots are the statement by which the variable took it over.
	LeakDropped FaultSort = "dropped while held"
	// LeakLoop: a deferred release in a loop that acquires again. No Spots.
	LeakLoop FaultSort = "deferred in a loop"
	// LeakMode: a read lock is ended by Unlock, a write lock by RUnlock. Its Spots
	// are the calls that end it.
	LeakMode FaultSort = "released in another mode"
	// LeakRelock: a lock is deferred where its release was meant. Its Spots are the
	// deferred call.
	LeakRelock FaultSort = "lock deferred"
	// LeakTwice: a lock is released that was released before. Its Spots are the
	// second release.
	LeakTwice FaultSort = "released twice"
)

// leakSorts are the sorts that leaks finds.
var leakSorts = []FaultSort{LeakPath, LeakDropped, LeakLoop, LeakMode, LeakRelock, LeakTwice}

// leaks finds what is wrong with how the sections of a package end.
func leaks(p *summary.Package) []*Fault {
	var out []*Fault
	for _, b := range p.Bodies {
		for _, s := range b.Sections {
			l := &leaking{p, b, s}
			switch {
			case s.Acquire.Resource.Sort == lockset.OnceLock || len(s.Lits) > 0:
			case l.deferred():
				out = append(out, l.lockDeferred()...)
			default:
				out = append(out, l.paths()...)
				out = append(out, l.modes()...)
				out = append(out, l.twice()...)
			}
		}
	}
	return out
}

// leaking is the work on one section.
type leaking struct {
	p *summary.Package
	b *lockset.Body
	s *lockset.Section
}

// code is the body, ready for a walk.
func (l *leaking) code() *duty.Code { return code(l.p, l.b.Block) }

func code(p *summary.Package, block *ast.BlockStmt) *duty.Code {
	return &duty.Code{Info: p.Src.Info, Block: block, Parent: p.Uses.Parent, MayReturn: p.MayReturn, Recovers: p.Recovers(block)}
}

// deferred: the acquisition itself is deferred, or started.
func (l *leaking) deferred() bool {
	for n := ast.Node(l.s.Acquire.Node); n != nil && n != l.b.Fn; n = l.p.Uses.Parent(n) {
		switch n.(type) {
		case *ast.DeferStmt, *ast.GoStmt:
			return true
		}
	}
	return false
}

func (l *leaking) key() string { return l.s.Acquire.Resource.Key() }

// paths finds the paths that leave with the resource held.
func (l *leaking) paths() []*Fault {
	if !l.s.Leaks && !l.loops() && !l.p.Recovers(l.b.Block) || l.fills() || l.isOwn() {
		return nil
	}
	d := l.duty()
	if len(l.s.Releases) == 0 && len(d.Gives) == 0 {
		return nil
	}
	found := slices.DeleteFunc(duty.Leaks(l.code(), d), func(x duty.Leak) bool {
		return !l.held(x) || len(l.s.Releases) == 0 && x.Took == nil // another goroutine releases it
	})
	found = l.once(found)
	switch {
	case len(found) > 0 && !l.isMeantToEnd() && !l.inconsistent(found):
		found = l.failing(found)
	case len(found) > 0 && l.handsOver(found):
		return nil
	}
	var out []*Fault
	for _, x := range found {
		f := l.fault(x)
		i := slices.IndexFunc(out, func(o *Fault) bool { return o.Node == f.Node && o.Sort == f.Sort })
		switch {
		case i < 0:
			out = append(out, f)
		case f.Sort == LeakDropped && len(out[i].Chain) < maxExits:
			out[i].Chain = append(out[i].Chain, f.Chain...)
		}
	}
	return out
}

// loops reports whether the acquisition may be repeated.
func (l *leaking) loops() bool { return loopOf(l.p, l.b, l.s.Acquire.Node) != nil }

// once drops the exits that are reached with it only because a loop goes on with
// it: that is reported there.
func (l *leaking) once(found []duty.Leak) []duty.Leak {
	loop := loopOf(l.p, l.b, l.s.Acquire.Node)
	again := func(x duty.Leak) bool { return x.Kind == duty.Again || x.Kind == duty.Nested }
	if loop == nil || !slices.ContainsFunc(found, again) {
		return found
	}
	return slices.DeleteFunc(found, func(x duty.Leak) bool {
		return !again(x) && (x.At.Pos() < l.s.Acquire.Node.Pos() || x.At.Pos() > loop.End())
	})
}

// fills: a loop that does nothing else puts the tokens in, or takes all of them.
func (l *leaking) fills() bool {
	st := l.p.Uses.StmtOf(l.s.Acquire.Node)
	if !l.s.Acquire.Resource.Sort.IsToken() || len(st.List) != 1 {
		return false
	}
	switch l.p.Uses.Parent(st.Owner).(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

// isOwn: a channel that the function made is gone with it.
func (l *leaking) isOwn() bool {
	v, ok := l.s.Acquire.Resource.Root.(*types.Var)
	return ok && l.s.Acquire.Resource.Sort == lockset.ChanSem && len(l.s.Acquire.Resource.Fields) == 0 && l.b.Block.Pos() <= v.Pos() && v.Pos() < l.b.Block.End()
}

// loopOf is the innermost loop of a body around a node.
func loopOf(p *summary.Package, b *lockset.Body, n ast.Node) ast.Stmt {
	for n = p.Uses.Parent(n); n != nil && n != b.Fn; n = p.Uses.Parent(n) {
		switch n := n.(type) {
		case *ast.ForStmt:
			return n
		case *ast.RangeStmt:
			return n
		case *ast.FuncLit:
			return nil
		}
	}
	return nil
}

// duty is what the section has to do.
func (l *leaking) duty() *duty.Duty {
	d := &duty.Duty{Begin: l.s.Acquire.Node, Fallible: l.s.Acquire.Fallible}
	for _, r := range l.s.Releases {
		if r.Defer != nil && l.p.Uses.Enclosing(r.Defer) == l.b.Fn {
			d.Defers = append(d.Defers, r.Defer)
		} else {
			d.Ends = append(d.Ends, r.Node)
		}
	}
	for _, b := range l.p.Bodies {
		if lit, ok := b.Fn.(*ast.FuncLit); ok && b != l.b && b.Decl == l.b.Decl && givesBack(b, l.key()) {
			d.Gives = append(d.Gives, lit)
		}
	}
	return d
}

// givesBack reports whether a body releases what it did not acquire.
func givesBack(b *lockset.Body, key string) bool {
	dropped := func(s lockset.State) bool {
		return slices.ContainsFunc(s.Dropped(), func(r lockset.Resource) bool { return r.Key() == key })
	}
	return dropped(b.Exit) || slices.ContainsFunc(b.Ops, func(o *lockset.Op) bool { return dropped(o.State) }) ||
		slices.ContainsFunc(b.Entry, func(h lockset.Held) bool { return h.Key() == key })
}

// held checks a path against the lock sets, which know of more that releases.
func (l *leaking) held(x duty.Leak) bool {
	switch x.Kind {
	case duty.Exit:
		h, ok := l.b.Exits[x.At].Find(l.key())
		return ok && h.Caller == "" && slices.Contains(h.From, l.s.Acquire)
	case duty.Again, duty.Nested:
		v, ok := l.s.Acquire.Resource.Root.(*types.Var)
		if !ok || !l.s.Acquire.Resource.Stable {
			return false
		}
		loop := loopOf(l.p, l.b, l.s.Acquire.Node)
		inside := loop != nil && loop.Pos() <= v.Pos() && v.Pos() < loop.End()
		_, isContinue := x.At.(*ast.BranchStmt)
		if l.s.Acquire.Resource.Sort.IsToken() && !isContinue {
			return false // it may want several
		}
		return x.Kind == duty.Again && loop != nil || loop != nil && !inside
	case duty.Panic:
		return true
	}
	return false
}

// fault words a leak.
func (l *leaking) fault(x duty.Leak) *Fault {
	r := l.s.Acquire.Resource
	f := &Fault{Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakPath, Node: x.At, Resource: r.Expr, Spots: []ast.Node{x.At}, Level: Deadlock, Must: x.Must}
	if r.Sort.IsToken() {
		f.Level = Hazard
	}
	switch {
	case x.Kind == duty.Nested:
		f.Sort, f.Spots, f.Node = LeakLoop, nil, l.s.Releases[len(l.s.Releases)-1].Defer
		f.What = fmt.Sprintf("deferred release of %s runs when the function returns, and the loop %s again before", r.Expr, l.verb())
	case x.Kind == duty.Exit && x.Took != nil:
		f.Sort, f.Node, f.Spots = LeakDropped, x.Took, []ast.Node{x.Took}
		f.What = fmt.Sprintf("what releases %s is dropped on a path that returns", r.Expr)
		f.Chain = []Frame{{Pos: end(x.At), Text: "the path leaves here, and nobody has it"}}
		return f
	case x.Kind == duty.Again:
		f.What = fmt.Sprintf("the loop goes on with %s held, and %s again", r.Expr, l.verb())
	case x.Kind == duty.Panic:
		f.Level = Hazard
		f.What = fmt.Sprintf("panics with %s held, and the function recovers", r.Expr)
	case x.At == ast.Node(l.b.Block):
		f.Node = l.s.Acquire.Node
		f.What = fmt.Sprintf("%s is still held where the function ends", r.Expr)
		f.Chain = []Frame{{Pos: end(x.At), Text: "the function ends here"}}
	default:
		f.What = fmt.Sprintf("returns with %s held", r.Expr)
	}
	for _, rel := range l.s.Releases {
		f.Chain = append(f.Chain, Frame{Pos: rel.Node.Pos(), Text: "another path releases it"})
		break
	}
	return f
}

func (l *leaking) verb() string {
	if l.s.Acquire.Resource.Sort.IsToken() {
		return "acquires it"
	}
	return "locks it"
}

func end(n ast.Node) token.Pos {
	if b, ok := n.(*ast.BlockStmt); ok {
		return b.Rbrace
	}
	return n.Pos()
}

// isMeantToEnd: nothing says that the function leaves the resource to its caller.
func (l *leaking) isMeantToEnd() bool {
	fd, ok := l.b.Fn.(*ast.FuncDecl)
	if !ok {
		return true
	}
	if takesName.MatchString(fd.Name.Name) || handsDoc.MatchString(fd.Doc.Text()) {
		return false
	}
	for _, b := range l.p.Bodies {
		for _, s := range b.Sections {
			if s.Acquire.Via != nil && s.Acquire.Via == l.b.Obj && len(s.Releases) > 0 {
				return false // a caller releases it
			}
		}
		if b.Obj != nil && b != l.b && !l.releasesVia(b.Obj) && l.givesSame(b) {
			return false // another function ends what this one begins
		}
	}
	return true
}

var (
	takesName = regexp.MustCompile(`(?i)(^|_)(try|r?lock|acquire|enter|begin|reserve)|[a-z](Lock|RLock|Acquire)([A-Z]|$)|Locked$`)
	handsDoc  = regexp.MustCompile(`(?i)\b(returns?|leaves|exits?|still)\b[^.]{0,40}\b(locked|held|holding|lock|acquired)\b|\b(caller|callers|must|should)\b[^.]{0,60}\b(unlock|release|runlock)`)
)

// releasesVia: the section itself releases through this helper.
func (l *leaking) releasesVia(fn *types.Func) bool {
	return slices.ContainsFunc(l.s.Releases, func(r *lockset.Release) bool { return r.Via == fn })
}

// givesSame: a function releases a resource of the same class that it did not
// acquire, always or where a flag says so.
func (l *leaking) givesSame(b *lockset.Body) bool {
	class := l.p.Class(l.s.Acquire.Resource)
	return class != "" && slices.ContainsFunc(b.Ops, func(o *lockset.Op) bool {
		call, ok := o.Node.(*ast.CallExpr)
		return ok && slices.ContainsFunc(l.p.Changes(call), func(c lockset.Change) bool {
			_, held := o.State.Find(c.Resource.Key())
			return c.Kind == syncapi.Release && !held && l.p.Class(c.Resource) == class
		})
	})
}

// handsOver: the paths that leave with it all tell of success, or return what it
// belongs to, while all others tell of failure.
func (l *leaking) handsOver(found []duty.Leak) bool {
	for _, x := range found {
		ret, ok := x.At.(*ast.ReturnStmt)
		if !ok || x.Took != nil || !l.succeeds(ret) && !l.returnsOwner(ret) {
			return false
		}
	}
	others := l.others(found)
	return len(others) > 0 && !slices.ContainsFunc(others, l.succeeds)
}

// inconsistent: of two returns that tell of success one has it held and the other
// released it: no caller could know.
func (l *leaking) inconsistent(found []duty.Leak) bool {
	held := slices.ContainsFunc(found, func(x duty.Leak) bool {
		ret, ok := x.At.(*ast.ReturnStmt)
		return ok && l.succeeds(ret)
	})
	return held && slices.ContainsFunc(l.others(found), func(r *ast.ReturnStmt) bool { return l.succeeds(r) && r.Pos() > l.s.Acquire.Node.End() })
}

// failing picks, in a function that hands the resource to its caller, the paths
// that fail with it held, where others that fail release it first.
func (l *leaking) failing(found []duty.Leak) []duty.Leak {
	if !slices.ContainsFunc(l.others(found), func(r *ast.ReturnStmt) bool { return !l.succeeds(r) }) {
		return nil
	}
	fails := func(x duty.Leak) bool {
		ret, ok := x.At.(*ast.ReturnStmt)
		return ok && x.Took == nil && l.fails(ret)
	}
	if !slices.ContainsFunc(found, func(x duty.Leak) bool { return !fails(x) }) {
		return nil
	}
	return slices.DeleteFunc(found, func(x duty.Leak) bool { return !fails(x) })
}

// others lists the returns that a section can meet and that do not leak it.
func (l *leaking) others(found []duty.Leak) []*ast.ReturnStmt {
	var out []*ast.ReturnStmt
	ast.Inspect(l.b.Block, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if ret, ok := n.(*ast.ReturnStmt); ok && !slices.ContainsFunc(found, func(x duty.Leak) bool { return x.At == ast.Node(ret) }) {
			out = append(out, ret)
		}
		return true
	})
	return out
}

// fails: the last result is an error that is made there or has a name of its own,
// or false.
func (l *leaking) fails(ret *ast.ReturnStmt) bool {
	if len(ret.Results) == 0 {
		return false
	}
	e := ast.Unparen(ret.Results[len(ret.Results)-1])
	if tv := l.p.Src.Info.Types[e]; tv.Value != nil {
		return tv.Value.String() == "false"
	}
	if !l.lastIsError() {
		return false
	}
	switch e := e.(type) {
	case *ast.CallExpr:
		fn := called(l.p.Src.Info, e)
		return fn != nil && (fn.FullName() == "errors.New" || fn.FullName() == "fmt.Errorf")
	case *ast.Ident:
		return isGlobal(l.p.Src.Info.Uses[e])
	case *ast.SelectorExpr:
		return isGlobal(l.p.Src.Info.Uses[e.Sel])
	}
	return false
}

func isGlobal(obj types.Object) bool {
	v, ok := obj.(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// succeeds: the last result says that all went well.
func (l *leaking) succeeds(ret *ast.ReturnStmt) bool {
	if len(ret.Results) == 0 {
		return false
	}
	tv := l.p.Src.Info.Types[ret.Results[len(ret.Results)-1]]
	return tv.IsNil() && types.TypeString(tv.Type, nil) != "" && len(ret.Results) > 0 && l.lastIsError() || tv.Value != nil && tv.Value.String() == "true"
}

func (l *leaking) lastIsError() bool {
	t, ok := l.p.Src.Info.TypeOf(funcType(l.b.Fn)).(*types.Signature)
	return ok && t.Results().Len() > 0 && types.TypeString(t.Results().At(t.Results().Len()-1).Type(), nil) == "error"
}

func funcType(fn ast.Node) ast.Expr {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Name
	case *ast.FuncLit:
		return fn
	}
	return nil
}

// returnsOwner: what the lock belongs to is returned, for its holder to unlock.
func (l *leaking) returnsOwner(ret *ast.ReturnStmt) bool {
	root := l.s.Acquire.Resource.Root
	return slices.ContainsFunc(ret.Results, func(e ast.Expr) bool {
		found := false
		ast.Inspect(e, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && root != nil && l.p.Src.Info.Uses[id] == root && !isReceiverOf(l.b, root)
			return !found
		})
		return found
	})
}

func isReceiverOf(b *lockset.Body, root types.Object) bool {
	return b.Obj != nil && b.Obj.Signature().Recv() == root
}

// modes finds releases in another mode than the acquisition.
func (l *leaking) modes() []*Fault {
	if !l.isRW(l.s.Acquire.Node) || l.s.Mixed || len(l.s.Releases) == 0 {
		return nil
	}
	var spots []ast.Node
	for _, r := range l.s.Releases {
		if !l.isRW(r.Node) {
			return nil
		}
		if r.Mode != l.s.Acquire.Mode {
			spots = append(spots, r.Node)
		}
	}
	if len(spots) == 0 {
		return nil
	}
	r := l.s.Acquire.Resource
	held, ended := "locked for writing", "RUnlock"
	if l.s.Acquire.Mode == syncapi.Read {
		held, ended = "locked for reading", "Unlock"
	}
	return []*Fault{{
		Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakMode, Node: spots[0], Resource: r.Expr, Spots: spots, Level: Hazard,
		What: fmt.Sprintf("%s of %s, which is %s", ended, r.Expr, held),
		Why:  "the program ends with a fatal error here",
	}}
}

// isRW: a node calls a method of sync.RWMutex itself.
func (l *leaking) isRW(n ast.Node) bool { return strings.HasPrefix(l.method(n), "(*sync.RWMutex).") }

func (l *leaking) isSync(n ast.Node) bool {
	return l.isRW(n) || strings.HasPrefix(l.method(n), "(*sync.Mutex).")
}

func (l *leaking) method(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	fn, ok := l.p.Src.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return ""
	}
	return fn.FullName()
}

// lockDeferred: a deferred Lock runs while the lock is held.
func (l *leaking) lockDeferred() []*Fault {
	r := l.s.Acquire.Resource
	call, ok := l.s.Acquire.Node.(*ast.CallExpr)
	if !ok || !l.isSync(call) || !strings.HasSuffix(l.method(call), "Lock") || strings.Contains(l.method(call), "Try") {
		return nil
	}
	i := slices.IndexFunc(l.b.Ops, func(o *lockset.Op) bool { return o.Node == ast.Node(call) && o.Defer != nil })
	if i < 0 {
		return nil
	}
	op := l.b.Ops[i]
	h, ok := op.State.Find(l.key())
	if !ok || !h.Must || h.Caller != "" || len(h.From) != 1 || h.From[0] == l.s.Acquire || h.From[0].Mode != l.s.Acquire.Mode {
		return nil
	}
	j := slices.IndexFunc(l.b.Sections, func(s *lockset.Section) bool { return s.Acquire == h.From[0] })
	if j < 0 {
		return nil
	}
	return []*Fault{{
		Pkg: l.p, Body: l.b, Section: l.b.Sections[j], Sort: LeakRelock, Node: op.Defer, Resource: r.Expr, Spots: []ast.Node{call, h.From[0].Node}, Level: Deadlock,
		What: fmt.Sprintf("deferred lock of %s, which is held when the function returns", r.Expr),
	}}
}

// twice finds releases of what this body has released before.
func (l *leaking) twice() []*Fault {
	if l.s.Acquire.Mode == syncapi.Read || !l.isSync(l.s.Acquire.Node) || len(l.b.Entry) > 0 {
		return nil
	}
	d := &duty.Duty{Inverse: true}
	var releases []*lockset.Release
	for _, s := range l.b.Sections {
		if s.Acquire.Resource.Key() != l.key() {
			continue
		}
		if s.Acquire.Node.Pos() < l.s.Acquire.Node.Pos() {
			return nil // looked at from there
		}
		if len(s.Lits) > 0 {
			return nil
		}
		d.Ends = append(d.Ends, s.Acquire.Node)
		for _, r := range s.Releases {
			if len(r.Lits) > 0 && r.Defer == nil || r.Via != nil {
				return nil
			}
			if !slices.ContainsFunc(releases, func(o *lockset.Release) bool { return o.Node == r.Node }) {
				releases = append(releases, r)
			}
		}
	}
	return l.met(d, releases)
}

// met follows each explicit release to the next one of the same lock.
func (l *leaking) met(d *duty.Duty, releases []*lockset.Release) []*Fault {
	for _, r := range releases {
		if r.Defer == nil {
			continue
		}
		if r.Node != ast.Node(r.Defer.Call) {
			return nil // a literal, which may look first
		}
		d.Defers = append(d.Defers, r.Defer)
	}
	var out []*Fault
	for _, first := range releases {
		if first.Defer != nil {
			continue
		}
		d.Begin, d.Hits = first.Node, nil
		for _, r := range l.b.Ops {
			if call, ok := r.Node.(*ast.CallExpr); ok && r.Node != first.Node && r.Defer == nil && len(r.Lits) == 0 && l.unlocks(call) {
				d.Hits = append(d.Hits, r.Node)
			}
		}
		for _, x := range duty.Leaks(l.code(), d) {
			if x.Kind == duty.Exit && len(d.Defers) == 0 || x.Kind == duty.Nested || x.Kind == duty.Panic {
				continue
			}
			node := x.At
			if x.Kind == duty.Exit {
				node = d.Defers[len(d.Defers)-1]
			}
			r := l.s.Acquire.Resource
			f := &Fault{
				Pkg: l.p, Body: l.b, Section: l.s, Sort: LeakTwice, Node: node, Resource: r.Expr, Spots: []ast.Node{node}, Level: Hazard,
				What:  fmt.Sprintf("%s is released, which is released already", r.Expr),
				Why:   "the program ends with a fatal error here",
				Chain: []Frame{{Pos: first.Node.Pos(), Text: "it is released here"}},
			}
			if !slices.ContainsFunc(out, func(o *Fault) bool { return o.Node == node }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// unlocks: a call is the same Unlock that ends the section.
func (l *leaking) unlocks(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	return ok && l.isSync(call) && sel.Sel.Name == "Unlock" && l.p.Namer.Method(sel, lockset.Lock).Key() == l.key()
}
