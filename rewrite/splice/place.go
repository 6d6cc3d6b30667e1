package splice

import (
	"fmt"
	"go/ast"

	"github.com/dave/dst"

	"github.com/lockfix/lockfix/rewrite/fix"
)

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
	switch {
	case at.Before != nil:
		l, i, err := t.beside(at.Before, false)
		if err != nil {
			return err
		}
		if t.isWide(l, i) {
			t.wide[l.lines[i].stmt] = true
		}
		l.before(i, lines)
		t.part(l, lines)
		l.write()
	case at.After != nil:
		l, i, err := t.beside(at.After, true)
		if err != nil {
			return err
		}
		l.after(i, lines)
		t.part(l, lines)
		l.write()
	case at.End != nil:
		n, err := t.now(at.End)
		if err != nil {
			return err
		}
		l := read(n)
		l.append(lines)
		l.write()
	default:
		return fmt.Errorf("the plan has a place that is nowhere")
	}
	return nil
}

// beside finds the list and line of the first or last statement that a
// statement of the plan is now.
func (t *tree) beside(s ast.Stmt, last bool) (*list, int, error) {
	sp, err := t.span(s)
	if err != nil {
		return nil, 0, err
	}
	if last {
		return t.list(t.labelled(sp.last))
	}
	return t.list(t.labelled(sp.first))
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
