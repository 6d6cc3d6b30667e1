package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// Names lists the obligations in the order of the catalogue. Those in Assumable
// may be assumed; for the others there is a proof or no edit.
var (
	Names     = []string{"region", "once", "operands", "results", "trailing", "not-needed", "open", "order", "liveness", "defer", "outer", "memory", "detach", "window", "exclusion", "unregister", "names", "prose", "bound", "stale"}
	Assumable = []string{"order", "liveness", "not-needed", "exclusion", "bound", "stale", "prose"}
)

func rankOf(name string) int { return slices.Index(Names, name) }

func proved(name, why string) Obligation { return Obligation{Name: name, Status: Proved, Reason: why} }

func assumed(name, why string, at ast.Node) Obligation {
	return Obligation{Name: name, Status: Assumed, Reason: why, At: at}
}

func refuted(name, why string, at ast.Node) Obligation {
	return Obligation{Name: name, Status: Refuted, Reason: why, At: at}
}

// A moved is one operation on its way out of the section.
type moved struct {
	*hazard.Observation
	from   ast.Expr // the collection that what it wakes was removed from in this section; nil if none
	copied bool     // what it wakes comes from a copy: it stays registered
}

// judge evaluates the obligations that depend on what the operations are.
func (s *section) judge(ops []moved) []Obligation {
	var out []Obligation
	for _, op := range ops {
		out = merge(out, s.open(op), s.order(op), s.liveness(op), s.notNeeded(op), s.window(op), s.exclusion(op))
	}
	return merge(out, s.prose())
}

// merge keeps the worst judgement of each obligation.
func merge(list []Obligation, more ...Obligation) []Obligation {
	for _, o := range more {
		i := slices.IndexFunc(list, func(x Obligation) bool { return x.Name == o.Name })
		if i < 0 {
			list = append(list, o)
		} else if o.Status > list[i].Status {
			list[i] = o
		}
	}
	return list
}

// blocked returns the first obligation that rules an edit out.
func blocked(list []Obligation) *Obligation {
	for i, o := range list {
		if o.Status == Refuted || o.Status == Assumed && !slices.Contains(Assumable, o.Name) {
			return &list[i]
		}
	}
	return nil
}

// open: nobody can close the channel between the release and the send.
func (s *section) open(op moved) Obligation {
	var sends []ast.Expr
	switch n := op.Op.Node.(type) {
	case *ast.SendStmt:
		sends = append(sends, n.Chan)
	case *ast.SelectStmt:
		for _, c := range n.Body.List {
			if send, ok := c.(*ast.CommClause).Comm.(*ast.SendStmt); ok {
				sends = append(sends, send.Chan)
			}
		}
	}
	if call, ok := op.Op.Node.(*ast.CallExpr); ok && op.Kind == hazard.Call {
		for _, send := range s.callee(call).sends {
			sends = append(sends, send.Chan)
		}
	}
	for _, ch := range sends {
		if s.Acquire.Resource.Sort.IsToken() {
			continue // a token keeps nobody from closing a channel: nothing changes
		}
		if o := s.closable(ch); o != nil {
			return *o
		}
	}
	return proved("open", "no one closes it")
}

// closable says who may close a channel; nil if provably nobody does.
func (s *section) closable(ch ast.Expr) *Obligation {
	text := types.ExprString(ch)
	no := func(why string, at ast.Node) *Obligation {
		o := refuted("open", why, at)
		return &o
	}
	c, ok := s.u.ChanOf(ch)
	if !ok {
		return no("it is not known who may close "+text, ch)
	}
	closes, complete := s.u.Closes(c)
	if len(closes) > 0 {
		return no(text+" is closed: a send after the release may meet the close", closes[0])
	}
	if !complete {
		return no(text+" may be closed where it cannot be seen: "+s.u.Escapes(c), ch)
	}
	return nil
}

// order: two holders can no longer deliver in another order than they locked.
func (s *section) order(op moved) Obligation {
	switch n := op.Op.Node.(type) {
	case *ast.SendStmt:
		switch {
		case s.payloadFree(n):
			return proved("order", "the signals carry nothing")
		case s.u.SentOnce(n), op.from != nil && s.onlyRemoved(n, op.from) && s.ownChannel(n, op.from):
			return proved("order", "each waiter is woken once")
		case s.Acquire.Resource.Sort.IsToken():
			return proved("order", "a token orders no senders")
		}
	case *ast.UnaryExpr, *ast.RangeStmt:
		return proved("order", "it delivers nothing")
	case *ast.CallExpr:
		if op.Kind == hazard.Wait || op.Kind == hazard.Sleep || op.Kind == hazard.Acquire {
			return proved("order", "it delivers nothing")
		}
		if c := s.callee(n); op.Kind == hazard.Call && c.onlySends && !slices.ContainsFunc(c.sends, func(n *ast.SendStmt) bool { return !s.payloadFree(n) }) {
			return proved("order", "its signals carry nothing")
		}
		if s.Acquire.Resource.Sort.IsToken() {
			return proved("order", "a token orders no callers")
		}
	case *ast.SelectStmt:
		if !selectSends(n) {
			return proved("order", "it delivers nothing")
		}
	}
	return assumed("order", "two holders of "+s.Acquire.Resource.Expr+" may now deliver in another order than they locked", op.Op.Node)
}

func selectSends(n *ast.SelectStmt) bool {
	for _, c := range n.Body.List {
		if _, ok := c.(*ast.CommClause).Comm.(*ast.SendStmt); ok {
			return true
		}
	}
	return false
}

// payloadFree: struct{}{} is the same whoever sends it, and so is a constant that
// everyone sends.
func (s *section) payloadFree(n *ast.SendStmt) bool {
	if ch, ok := s.typeOf(n.Chan).Underlying().(*types.Chan); ok {
		if st, ok := ch.Elem().Underlying().(*types.Struct); ok && st.NumFields() == 0 {
			return true
		}
	}
	c, known := s.u.ChanOf(n.Chan)
	text, ok := s.constant(n.Value)
	if !known || !ok || s.u.Escapes(c) != "" {
		return false
	}
	for _, send := range s.u.Sends(c) {
		if value, ok := s.constant(send.Value); !ok || value != text {
			return false
		}
	}
	return true
}

// constant spells the value and the type of a constant or nil.
func (s *section) constant(e ast.Expr) (text string, ok bool) {
	tv := s.info.Types[e]
	switch {
	case tv.IsNil():
		return "nil", true
	case tv.Value != nil:
		return tv.Type.String() + " " + tv.Value.ExactString(), true
	}
	return "", false
}

// ownChannel: each element of the collection has a channel of its own, and is put
// in once.
func (s *section) ownChannel(send *ast.SendStmt, from ast.Expr) bool {
	v, ok := s.endsIn(from).(*types.Var)
	return ok && s.u.OneEach(send, v.Origin())
}

// liveness: an element unregistered after the release may still be woken.
func (s *section) liveness(op moved) Obligation {
	if send, ok := op.Op.Node.(*ast.SendStmt); ok && s.u.SentOnce(send) {
		return proved("liveness", "who is woken was removed here")
	}
	if op.copied {
		return assumed("liveness", "an element removed after the release may still be called", op.Op.Node)
	}
	if e := s.mayHaveGone(op); e != nil {
		return assumed("liveness", types.ExprString(e)+" may be removed after the release, and still be woken", e)
	}
	if f := s.decides(op); f != nil {
		return assumed("liveness", types.ExprString(f)+" may change after the release, and with it who still listens", f)
	}
	return proved("liveness", "what is woken was removed here, or is no element")
}

// notNeeded: what the operation calls neither needs the resource nor touches
// the state that it guards.
func (s *section) notNeeded(op moved) Obligation {
	call, ok := op.Op.Node.(*ast.CallExpr)
	if !ok {
		return proved("not-needed", "a channel operation runs no code")
	}
	if s.Acquire.Resource.Sort.IsToken() {
		return proved("not-needed", "a token guards no state")
	}
	switch op.Kind {
	case hazard.Wait, hazard.Sleep, hazard.IO, hazard.Acquire:
		return proved("not-needed", "the callee knows nothing of the lock")
	case hazard.Callback:
		return assumed("not-needed", "foreign code may rely on "+s.Acquire.Resource.Expr, call)
	}
	if s.retakes == call && s.pkg.Reach(call) == "foreign" {
		return assumed("not-needed", "it takes the lock itself, unless what stands behind the interface is another", call)
	}
	if why := s.needsLock(call); why != "" {
		return refuted("not-needed", why, call)
	}
	if op.Ends == hazard.Callback {
		return assumed("not-needed", "it ends in foreign code, which may rely on "+s.Acquire.Resource.Expr, call)
	}
	if why := s.mayNeedLock(call); why != "" {
		return assumed("not-needed", why, call)
	}
	return proved("not-needed", "its code uses nothing that the lock guards")
}

var (
	underLock = pattern.New(`(?i)\b(under|with|holding|inside|within)\b([^.]|\.\S){0,40}\b(lock|mutex|mu|mtx|held)\b|\bwhile (we |still )?(holding|hold|locked)\b|\bmust (not )?be (called|run|invoked|done)\b([^.]|\.\S){0,40}\b(lock|mutex|held)\b|\batomic(ally)?\b|\bon purpose\b|\bback-?pressure\b|\bdeliberate(ly)?\b`)
	orderly   = pattern.New(`(?i)\b(in (the )?(same |exact )?order|order (matters|is important|of)|must (happen|come|run|be \w+) (before|after)|before (we |the )?unlock|serial(ly|i[sz]ed?))\b`)
)

// prose: words near the section that say why the lock is held, or that the
// order matters, lower the grade.
func (s *section) prose() Obligation {
	from, to := s.Acquire.Node.Pos(), s.block.End()
	var doc *ast.CommentGroup
	if fd, ok := s.fn.(*ast.FuncDecl); ok {
		doc = fd.Doc
	}
	for _, g := range s.file.Syntax.Comments {
		near := g == doc || s.lineOf(g.End())+1 >= s.lineOf(from) && g.Pos() <= to && g.Pos() >= s.block.Pos()
		if !near {
			continue
		}
		// A helper's own comment says that its caller holds the lock, which stays so.
		if text := g.Text(); underLock.MatchString(text) && !(s.borrowed && g == doc) || orderly.MatchString(text) {
			return assumed("prose", "a comment speaks of the lock or of the order", g)
		}
	}
	return proved("prose", "no comment speaks of the lock or of the order")
}

func (s *section) lineOf(pos token.Pos) int { return s.pkg.Src.Position(pos).Line }
