package generate

import (
	"fmt"
	"strings"
)

// A scope is what a statement of a section may use: always s, v int and r int.
type scope struct {
	locals []string
	leave  []string // statements that leave the function; nil: they may not
	read   bool     // under a read lock, so that nothing is written
	calm   bool     // nothing may panic
}

func (c *scope) inner() *scope {
	d := *c
	d.locals = c.locals[:len(c.locals):len(c.locals)]
	return &d
}

// expr draws an expression of type int.
func (g *gen) expr(c *scope) string {
	switch g.IntN(10) {
	case 0:
		return fmt.Sprint(g.IntN(5))
	case 1, 2:
		return "v"
	case 3:
		return "r"
	case 4, 5:
		return "s.n"
	case 6:
		return "len(s.items)"
	case 7:
		return "s.m[v]"
	case 8:
		if len(c.locals) > 0 {
			return c.locals[g.IntN(len(c.locals))]
		}
		return "s." + g.sum + "()"
	}
	return g.pick("v", "s.n", "r") + g.pick(" + ", " * ", " - ") + fmt.Sprint(1+g.IntN(3))
}

func (g *gen) cond(c *scope) string {
	return g.pick("s.flag", "!s.flag", "len(s.items) > 1", "s.n%2 == 0", "v > 1", "v == 2", "r > 2", "s.n > "+g.expr(c), g.expr(c)+" < 2")
}

// fill draws a statement.
func (g *gen) fill(c *scope) string {
	text := g.plain(c)
	if g.chance(.15) {
		text = g.pick("// Keep count.", "// See below.", "// It is due.") + "\n" + text
	}
	if g.chance(.1) && !strings.Contains(text, "\n") {
		text += g.pick(" // once", " // so far", " /* for now */")
	}
	return text
}

// plain is fill without comments.
func (g *gen) plain(c *scope) string {
	if c.read {
		return g.reading(c)
	}
	switch g.IntN(16) {
	case 0:
		return "s.n++"
	case 1:
		return "s.n += " + g.expr(c)
	case 2:
		return "s.flag = " + g.pick("true", "false", "!s.flag", g.cond(c))
	case 3:
		return "s.m[v] = " + g.expr(c)
	case 4:
		return "s.items = append(s.items, " + g.expr(c) + ")"
	case 5:
		return "if len(s.items) > 0 {\nr += s.items[0]\ns.items = s.items[1:]\n}"
	case 6:
		return "delete(s.m, v)"
	case 7:
		if !c.calm {
			return g.pick("s."+g.check+"(v)", "r += s.items[v]", "r += 6 / v")
		}
		return "r += s." + g.next + "()"
	case 8:
		return "for range 2 {\n" + g.fill(c.inner()) + "\n}"
	case 9:
		return "switch {\ncase " + g.cond(c) + ":\n" + g.fill(c.inner()) + "\ndefault:\n" + g.fill(c.inner()) + "\n}"
	case 10:
		return g.branch(c)
	case 11:
		return "v++"
	}
	return g.reading(c)
}

// reading draws a statement that writes nothing that the lock guards.
func (g *gen) reading(c *scope) string {
	switch g.IntN(7) {
	case 0:
		x := g.local()
		text := x + " := " + g.expr(c)
		c.locals = append(c.locals, x)
		return text + "\nr += " + x
	case 1:
		return "r = " + g.expr(c)
	case 2:
		return "r += " + g.expr(c)
	case 3:
		return "for _, x := range s.items {\nr += x\n}"
	case 4:
		return g.branch(c)
	case 5:
		return "r += s." + g.sum + "()"
	}
	return "if x := " + g.expr(c) + "; x > 1 {\nr -= x\n}"
}

// branch draws an if, which may leave.
func (g *gen) branch(c *scope) string {
	in := c.inner()
	body := g.fill(in)
	if c.leave != nil && g.chance(.5) {
		body = strings.Join(c.leave, "\n")
		if g.chance(.4) {
			in = c.inner() // what was drawn first is not written
			in.leave = nil
			body = g.fill(in) + "\n" + body
		}
		return "if " + g.cond(c) + " {\n" + body + "\n}"
	}
	text := "if " + g.cond(c) + " {\n" + body + "\n}"
	if g.chance(.3) {
		text += " else {\n" + g.fill(c.inner()) + "\n}"
	}
	return text
}

// fills draws up to n statements.
func (g *gen) fills(c *scope, n int) []string {
	var out []string
	for range g.IntN(n + 1) {
		out = append(out, g.fill(c))
	}
	return out
}
