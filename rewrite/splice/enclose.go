package splice

import (
	"fmt"

	"github.com/dave/dst"

	"github.com/lockfix/lockfix/rewrite/fix"
)

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
