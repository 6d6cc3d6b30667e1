package splice

import (
	"fmt"

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
	case fix.Yield:
		return t.yield(s)
	case fix.Split:
		return t.split(s)
	}
	return fmt.Errorf("unknown step %T", step)
}

// yield gives a function results.
func (t *tree) yield(step fix.Yield) error {
	n, err := t.now(step.Fn)
	if err != nil {
		return err
	}
	fn, ok := n.(*dst.FuncDecl)
	if !ok || fn.Type.Results != nil && len(fn.Type.Results.List) > 0 {
		return fmt.Errorf("the plan's function has results already")
	}
	file, err := t.parse(fix.Code{Text: step.Text}, "func _() "+step.Text+" {}\n")
	if err != nil {
		return err
	}
	fresh, ok := file.Decls[0].(*dst.FuncDecl)
	if !ok || fresh.Type.Results == nil {
		return fmt.Errorf("the plan's results %q are none", step.Text)
	}
	fn.Type.Results = fresh.Type.Results
	return nil
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
