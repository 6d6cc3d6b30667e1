package splice

import (
	"fmt"
	"go/ast"

	"github.com/dave/dst"

	"github.com/lockfix/lockfix/rewrite/fix"
)

// do carries out one step.
func (t *tree) do(step fix.Step) error {
	switch s := step.(type) {
	case fix.Delete:
		return t.delete(s)
	case fix.Insert:
		return t.insert(s)
	case fix.Move:
		return t.move(s)
	case fix.Replace:
		return t.replace(s)
	case fix.ReplaceStmt:
		return t.replaceStmt(s)
	case fix.Undefer:
		return t.undefer(s)
	case fix.Enclose:
		return t.enclose(s)
	}
	return fmt.Errorf("unknown step %T", step)
}

// list finds the list that holds a statement, and its line.
func (t *tree) list(s dst.Stmt) (*list, int, error) {
	var owner dst.Node
	dst.Inspect(t.dst, func(n dst.Node) bool {
		if stmts := body(n); stmts != nil {
			for _, have := range *stmts {
				if have == s {
					owner = n
				}
			}
		}
		return owner == nil
	})
	if owner == nil {
		return nil, 0, refuse("a statement to change is not in a statement list")
	}
	l := read(owner)
	return l, l.index(s), nil
}

// single finds the list and line of a statement of the plan that is still one.
func (t *tree) single(s ast.Stmt) (*list, int, error) {
	sp, err := t.span(s)
	if err != nil {
		return nil, 0, err
	}
	if sp.first != sp.last {
		return nil, 0, fmt.Errorf("the plan changes a %T that it has replaced", s)
	}
	return t.list(sp.first)
}

// place puts lines where the plan says.
func (t *tree) place(at fix.Place, lines []line) error {
	if at.End != nil {
		n, err := t.now(at.End)
		if err != nil {
			return err
		}
		block, ok := n.(*dst.BlockStmt)
		if !ok {
			return fmt.Errorf("the plan's block is a %T now", n)
		}
		l := read(block)
		l.append(lines)
		l.write()
		return nil
	}
	s := at.Before
	if s == nil {
		s = at.After
	}
	if s == nil {
		return fmt.Errorf("the plan has a place that is nowhere")
	}
	sp, err := t.span(s)
	if err != nil {
		return err
	}
	if at.Before != nil {
		l, i, err := t.list(t.labelled(sp.first))
		if err != nil {
			return err
		}
		if t.isWide(l, i) {
			t.wide[l.lines[i].stmt] = true
		}
		l.before(i, lines)
		t.part(l, lines)
		l.write()
		return nil
	}
	l, i, err := t.list(t.labelled(sp.last))
	if err != nil {
		return err
	}
	l.after(i, lines)
	t.part(l, lines)
	l.write()
	return nil
}

// isWide reports whether a blank line stands above a statement and what leads it.
func (t *tree) isWide(l *list, i int) bool {
	i = l.lead(i)
	return i > 0 && l.lines[i].gap == dst.EmptyLine
}

// part sets a block that was put above a statement apart from it with a blank
// line, if one stood above the statement before other code took that place.
func (t *tree) part(l *list, put []line) {
	last := put[len(put)-1].stmt
	if last == nil || !compound(last) {
		return
	}
	for i := l.index(last) + 1; i < len(l.lines); i++ {
		if s := l.lines[i].stmt; s != nil {
			if t.wide[s] {
				l.lines[l.lead(i)].gap = dst.EmptyLine
			}
			return
		}
	}
}

// labelled returns the statement with its labels, if it has any: a place beside
// a statement is a place beside its label.
func (t *tree) labelled(s dst.Stmt) dst.Stmt {
	dst.Inspect(t.dst, func(n dst.Node) bool {
		if l, ok := n.(*dst.LabeledStmt); ok && l.Stmt == s {
			s = t.labelled(l)
			return false
		}
		return true
	})
	return s
}

// delete leaves the comments of the statement on lines of their own.
func (t *tree) delete(step fix.Delete) error {
	l, i, err := t.single(step.Stmt)
	if err != nil {
		return err
	}
	t.touch(step.Stmt)
	from := l.lead(i)
	cut := l.remove(from, i+1)
	stay, own := cut[:i-from], cut[i-from]
	keep := append(own.pre, t.comments(own.stmt)...)
	if step.Drop {
		t.log.dropped = append(t.log.dropped, own.post...)
	} else {
		keep = append(keep, own.post...)
	}
	stay = append(stay, alone(own.gap, keep)...)
	if len(stay) > 0 {
		// They led the statement, or stood in it; they lead nothing now.
		stay[0].gap = cut[0].gap
		if from < len(l.lines) {
			l.lines[from].gap = dst.EmptyLine
		}
	}
	l.lines = append(l.lines[:from:from], append(stay, l.lines[from:]...)...)
	l.write()
	return nil
}

func (t *tree) insert(step fix.Insert) error {
	lines, err := t.statements(step.Code)
	if err != nil {
		return err
	}
	return t.place(step.At, lines)
}

// move keeps the space between statements that were neighbours.
func (t *tree) move(step fix.Move) error {
	var all []line
	var owner dst.Node
	next := -1                     // where the line below the last one is now
	var above, below dst.SpaceType // the space above the run of neighbours, and below the last one
	for _, s := range step.Stmts {
		l, i, err := t.single(s)
		if err != nil {
			return err
		}
		from := l.lead(i)
		near := l.owner == owner && from == next
		gap := dst.NewLine
		if near {
			gap, l.lines[from].gap = below, above
		} else {
			above = l.lines[from].gap
		}
		if i+1 < len(l.lines) {
			below = l.lines[i+1].gap
		}
		cut := l.remove(from, i+1)
		l.write()
		cut[0].gap = gap
		owner, next = l.owner, from
		t.log.moved = append(t.log.moved, t.lineComments(cut))
		all = append(all, cut...)
	}
	if len(all) == 0 {
		return fmt.Errorf("the plan moves nothing")
	}
	return t.place(step.At, all)
}

// undefer makes a plain call of a deferred one. The comments between defer and
// the call go in front of it.
func (t *tree) undefer(step fix.Undefer) error {
	l, i, err := t.single(step.Defer)
	if err != nil {
		return err
	}
	d, ok := l.lines[i].stmt.(*dst.DeferStmt)
	if !ok {
		return fmt.Errorf("the plan's defer is a %T now", l.lines[i].stmt)
	}
	t.touch(step.Defer)
	from := l.lead(i)
	cut := l.remove(from, i+1)
	l.write()
	t.log.moved = append(t.log.moved, t.lineComments(cut))

	call := &dst.ExprStmt{X: d.Call}
	between := append(texts(d.Decs.Defer), texts(d.Call.Decs.Start)...)
	d.Call.Decs.Before, d.Call.Decs.After, d.Call.Decs.Start = dst.None, dst.None, nil
	own := cut[len(cut)-1]
	own.stmt = call
	if anyLineComment(between) {
		above := alone(own.gap, append(own.pre, between...))
		own.pre, own.gap = nil, dst.NewLine
		cut = append(cut[:len(cut)-1], append(above, own)...)
	} else {
		own.pre = append(own.pre, between...)
		cut[len(cut)-1] = own
	}
	t.become(step.Defer, call)
	return t.place(step.At, cut)
}

// enclose puts statements of one list, and what stands between them, into the
// list of the new code that holds the statement _body_.
func (t *tree) enclose(step fix.Enclose) error {
	l, i, err := t.single(step.First)
	if err != nil {
		return err
	}
	last, err := t.span(step.Last)
	if err != nil {
		return err
	}
	from, to := l.lead(i), l.index(last.last)+1
	if to <= i {
		return refuse("the statements to enclose are not in one list")
	}
	lines, err := t.statements(step.Code)
	if err != nil {
		return err
	}
	top := l.lines[from].gap
	inner := append([]line(nil), l.lines[from:to]...)
	inner[0].gap = dst.NewLine
	if !fill(lines, inner) {
		return fmt.Errorf("the plan's enclosing code has no %s", bodyHole)
	}
	lines[0].gap = top
	l.lines = append(l.lines[:from:from], append(lines, l.lines[to:]...)...)
	l.write()
	return nil
}

// fill puts the inner lines where the statement _body_ stands in one of the
// lines.
func fill(lines []line, inner []line) bool {
	for _, ln := range lines {
		if ln.stmt == nil {
			continue
		}
		var into *list
		dst.Inspect(ln.stmt, func(n dst.Node) bool {
			if stmts := body(n); stmts != nil && into == nil {
				for _, s := range *stmts {
					if isHole(s) {
						into = read(n)
						i := into.index(s)
						inner[0].gap = into.lines[i].gap
						into.lines = append(into.lines[:i:i], append(inner, into.lines[i+1:]...)...)
					}
				}
			}
			return into == nil
		})
		if into != nil {
			into.write()
			return true
		}
	}
	return false
}

func isHole(s dst.Stmt) bool {
	e, ok := s.(*dst.ExprStmt)
	if !ok {
		return false
	}
	id, ok := e.X.(*dst.Ident)
	return ok && id.Name == bodyHole
}
