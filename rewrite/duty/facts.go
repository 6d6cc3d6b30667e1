package duty

import (
	"go/ast"
	"go/types"
	"slices"
)

// facts are the conditions that are worth remembering: those that are tested more
// than once, or tell whether the duty was begun.
type facts struct {
	keys []string // by number
	vars [][]types.Object
}

// maxFacts is how many a state has room for.
const maxFacts = 64

// collect finds the facts of a body.
func collect(c *Code, d *Duty) *facts {
	f := &facts{}
	count := map[string]int{}
	note := func(e ast.Expr) {
		for _, a := range c.atoms(e) {
			if count[a.key]++; count[a.key] == 2 {
				f.add(a)
			}
		}
	}
	w := &walk{Code: c, Duty: d}
	for _, v := range d.Values {
		f.add(nilAtom(v))
		f.add(fieldAtom(v, d.Field))
	}
	ast.Inspect(c.Block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.IfStmt:
			note(n.Cond)
		case *ast.CaseClause:
			for _, e := range n.List {
				if cond := c.caseCond(n, e); cond != nil {
					note(cond)
				}
			}
		case *ast.AssignStmt:
			if contains(n, d.Begin) && d.Fallible {
				if v, isErr := w.guard(n); v != nil && isErr {
					f.add(nilAtom(v))
				} else if v != nil {
					f.add(trueAtom(v))
				}
			}
			if v := asksDeadline(c.Info, n, d.Deadline); v != nil {
				f.add(trueAtom(v))
			}
			for _, a := range c.reading(n).settles {
				count[a.key]++
				if count[a.key] == 2 {
					f.add(a.atom)
				}
			}
		case *ast.ValueSpec:
			for _, a := range c.reading(n).settles {
				count[a.key]++
				if count[a.key] == 2 {
					f.add(a.atom)
				}
			}
		}
		return true
	})
	return f
}

func (f *facts) add(a atom) {
	if len(f.keys) < maxFacts && !slices.Contains(f.keys, a.key) {
		f.keys, f.vars = append(f.keys, a.key), append(f.vars, a.vars)
	}
}

func (f *facts) nilness(v *types.Var) int { return slices.Index(f.keys, nilAtom(v).key) }

func (f *facts) fieldness(v *types.Var, field string) int {
	return slices.Index(f.keys, fieldAtom(v, field).key)
}

func (f *facts) truth(v *types.Var) int { return slices.Index(f.keys, trueAtom(v).key) }

// set makes a fact known.
func (f *facts) set(s state, i int, value bool) state {
	if i < 0 {
		return s
	}
	s.known |= 1 << i
	s.value &^= 1 << i
	if value {
		s.value |= 1 << i
	}
	return s
}

// get looks a fact up.
func (s state) get(i int) (value, known bool) {
	if i < 0 || s.known&(1<<i) == 0 {
		return false, false
	}
	return s.value&(1<<i) != 0, true
}
