package generate

import (
	"fmt"
	"slices"
	"strings"
)

// A method is a method with one critical section around an operation.
type method struct {
	name string
	doc  string
	op   func(c *scope) []string // the operation of interest; it may draw more
	tail []string                // statements that belong behind it, in the section
	read bool                    // a read lock suffices
	last bool                    // nothing stands behind it
}

// section adds a method func (s *box) name(v int) int and a call of it.
func (g *gen) section(m method) {
	lock, unlock := g.lock+".Lock()", g.lock+".Unlock()"
	c := &scope{calm: g.chance(.7)}
	if m.read && g.rw && g.chance(.6) {
		lock, unlock = g.lock+".RLock()", g.lock+".RUnlock()"
		c.read = true
	}
	named := g.chance(.4)
	result := "int"
	var head []string
	if named {
		result = "(r int)"
	} else {
		head = append(head, "r := 0")
	}
	if g.chance(.15) {
		head = append(head, g.otherDefer(named))
	}
	body := g.style(m, c, lock, unlock, named)
	text := fmt.Sprintf("func (s *%s) %s(v int) %s {\n%s\n%s\n}", g.typ, m.name, result, strings.Join(head, "\n"), strings.Join(body, "\n"))
	if m.doc != "" {
		text = "// " + m.name + " " + m.doc + "\n" + text
	}
	g.decls = append(g.decls, text)
	for v := range 1 + g.IntN(3) {
		g.calls = slices.Insert(g.calls, 0, fmt.Sprintf("s.%s(%d)", m.name, v+g.IntN(2)))
	}
}

// otherDefer draws a deferred call that has nothing to do with the lock.
func (g *gen) otherDefer(named bool) string {
	if named {
		return g.pick("defer func() { r++ }()", "defer func() {\nif e := recover(); e != nil {\nr = -2\n}\n}()", "defer func() { r *= 2 }()")
	}
	return g.pick("defer func() { v = 0 }()", "defer func() {\n_ = v\n}()")
}

// style draws how the section begins and ends.
func (g *gen) style(m method, c *scope, lock, unlock string, named bool) []string {
	ret := "return r"
	if named && g.chance(.3) {
		ret = "return"
	}
	switch g.IntN(10) {
	case 0, 1, 2, 3: // explicit
		c.leave = []string{unlock, g.pick(ret, "return v", "return 0")}
		body := g.around(m, c)
		if !m.last && !c.calm && g.chance(.5) {
			c.leave = nil
		}
		end := []string{unlock}
		if g.chance(.2) {
			end = append(end, "r += v")
		}
		return slices.Concat([]string{lock}, body, end, []string{ret})
	case 4, 5, 6: // deferred
		c.leave = []string{g.pick(ret, "return v", "return s.n")}
		body := g.around(m, c)
		if g.chance(.2) {
			ret = g.pick("return s.n - r", "return r + s.n", "return len(s.items) + r")
		}
		head := []string{lock, "defer " + unlock}
		if g.chance(.15) {
			head = append(head, g.otherDefer(named))
		}
		return slices.Concat(head, body, []string{ret})
	case 7: // a literal that runs in place
		c.leave = []string{"return"}
		body := g.around(m, c)
		return slices.Concat([]string{"func() {", lock, "defer " + unlock}, body, []string{"}()", ret})
	case 8: // each turn of a loop
		c.leave = []string{unlock, g.pick("continue", "break", ret)}
		body := g.around(m, c)
		return slices.Concat([]string{"for range 2 {", lock}, body, []string{unlock, "}", ret})
	}
	// a branch
	c.leave = []string{unlock, ret}
	body := g.around(m, c)
	return slices.Concat([]string{"if v > 0 {", lock}, body, []string{unlock, "}", ret})
}

// around draws what stands before and behind the operation.
func (g *gen) around(m method, c *scope) []string {
	before := g.fills(c, 2)
	op := m.op(c)
	in := c.inner()
	if g.chance(.8) {
		in.calm = true
	}
	if g.chance(.6) {
		in.leave = nil
	}
	var behind []string
	if !m.last {
		behind = g.fills(in, 2)
	}
	if len(m.tail) > 0 && g.chance(.7) {
		return slices.Concat(before, op, m.tail, behind)
	}
	return slices.Concat(before, op, behind, m.tail)
}
