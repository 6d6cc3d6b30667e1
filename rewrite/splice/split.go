package splice

import (
	"fmt"

	"github.com/dave/dst"

	"github.com/lockfix/lockfix/rewrite/fix"
)

// split puts the statements behind one of a function, with all that stands between
// them, into a function of their own below it.
func (t *tree) split(step fix.Split) error {
	l, i, err := t.single(step.After)
	if err != nil {
		return err
	}
	if fn, ok := t.dst.Decls[0].(*dst.FuncDecl); !ok || l.owner != dst.Node(fn.Body) {
		return fmt.Errorf("the plan splits what is no body of a function")
	}
	to := len(l.lines)
	if step.Until != nil {
		last, j, err := t.single(step.Until)
		if err != nil {
			return err
		}
		if last.owner != l.owner || j <= i {
			return fmt.Errorf("the plan splits between statements of different lists")
		}
		to = l.lead(j)
	}
	if i+1 == to {
		return fmt.Errorf("the plan splits off nothing")
	}
	fresh, err := t.function(step.Head)
	if err != nil {
		return err
	}
	call, err := t.statements(step.Code)
	if err != nil {
		return err
	}
	inner := read(fresh.Body)
	inner.end = dst.NewLine
	inner.lines = append(inner.lines, l.lines[i+1:to]...)
	t.log.moved = append(t.log.moved, t.lineComments(inner.lines))
	inner.lines[0].gap = dst.NewLine
	call[0].gap = dst.NewLine
	l.lines = append(append(l.lines[:i+1:i+1], call...), l.lines[to:]...)
	l.end = dst.NewLine
	inner.write()
	l.write()
	t.dst.Decls = append(t.dst.Decls, fresh)
	return nil
}

// function returns the declaration of a new function without statements.
func (t *tree) function(head string) (*dst.FuncDecl, error) {
	file, err := t.parse(fix.Code{Text: head}, head+"\n")
	if err != nil {
		return nil, err
	}
	fn, ok := file.Decls[0].(*dst.FuncDecl)
	if !ok || len(file.Decls) != 1 || fn.Body == nil || len(fn.Body.List) > 0 {
		return nil, fmt.Errorf("the plan's code %q is no function without statements", head)
	}
	fn.Decs.Before, fn.Decs.After = dst.EmptyLine, dst.None
	return fn, nil
}
