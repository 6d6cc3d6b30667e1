package splice

import (
	"fmt"
	"slices"

	"github.com/dave/dst"
	"github.com/dave/dst/dstutil"

	"github.com/lockfix/lockfix/rewrite/fix"
)

// replace puts a new expression in the place of an old one; the comments beside
// and in the old one stay, in front of the new one if they were in it.
func (t *tree) replace(step fix.Replace) error {
	n, err := t.now(step.Old)
	if err != nil {
		return err
	}
	old, ok := n.(dst.Expr)
	if !ok {
		return fmt.Errorf("the plan's expression is a %T now", n)
	}
	t.touch(step.Old)
	fresh, err := t.expression(step.Code)
	if err != nil {
		return err
	}
	inside := t.comments(old)
	if anyLineComment(inside) {
		return refuse("a // comment stands in an expression to replace")
	}
	was, is := old.Decorations(), fresh.Decorations()
	found := false
	dstutil.Apply(t.dst, func(c *dstutil.Cursor) bool {
		if c.Node() == old {
			found = true
			fresh = protect(c.Parent(), c.Name(), fresh)
			is = fresh.Decorations()
			c.Replace(fresh)
			return false
		}
		return !found
	}, nil)
	if !found {
		return fmt.Errorf("the plan replaces an expression that is gone")
	}
	is.Before, is.After = was.Before, was.After
	is.Start = slices.Concat(was.Start, inside, is.Start)
	is.End = slices.Concat(is.End, was.End)
	t.become(step.Old, fresh)
	return nil
}

// replaceStmt puts new statements in the place of an old one. Comments that
// lead the old one lead the first, those behind it trail the last, and those in
// a simple statement go above; in a compound one there is no telling what they
// are about.
func (t *tree) replaceStmt(step fix.ReplaceStmt) error {
	l, i, err := t.single(step.Old)
	if err != nil {
		return err
	}
	t.touch(step.Old)
	lines, err := t.statements(step.Code)
	if err != nil {
		return err
	}
	old := l.lines[i]
	inside := t.comments(old.stmt)
	if len(inside) > 0 && compound(old.stmt) {
		return refuse("a comment stands in a statement to replace")
	}
	sp := spanOf(lines)
	if above := alone(old.gap, inside); len(above) > 0 {
		above[0].pre = append(old.pre, above[0].pre...)
		lines[0].gap = dst.NewLine
		lines = append(above, lines...)
	} else {
		lines[0].pre = append(old.pre, lines[0].pre...)
	}
	lines[0].gap = old.gap
	last := &lines[len(lines)-1]
	if anyLineComment(last.post) || last.stmt == nil {
		lines = append(lines, alone(dst.NewLine, old.post)...)
	} else {
		last.post = append(last.post, old.post...)
	}
	l.lines = slices.Replace(l.lines, i, i+1, lines...)
	l.write()
	t.spans[step.Old] = sp
	t.become(step.Old, sp.first)
	return nil
}

// spanOf returns the first and the last statement on lines that have one.
func spanOf(lines []line) span {
	var sp span
	for _, ln := range lines {
		if ln.stmt == nil {
			continue
		}
		if sp.first == nil {
			sp.first = ln.stmt
		}
		sp.last = ln.stmt
	}
	return sp
}

// compound reports whether statements stand in s.
func compound(s dst.Stmt) bool {
	found := false
	dst.Inspect(s, func(n dst.Node) bool {
		found = found || body(n) != nil
		return !found
	})
	return found
}
