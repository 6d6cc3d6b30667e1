package generate

import (
	"fmt"
	"strings"
)

// again adds methods that lock what is locked already.
func (g *gen) again() {
	kind := g.IntN(4)
	switch kind {
	case 0: // a method with a twin
		g.method("// flush empties it.\nfunc (s *%s) flush() int {\n%s.Lock()\ndefer %s.Unlock()\nreturn s.flushLocked()\n}\n\nfunc (s *%s) flushLocked() int {\nt := len(s.items)\ns.items = nil\n%s\nreturn t\n}", g.typ, g.lock, g.lock, g.typ, g.pick("", "s.n++", "s.flag = false"))
	case 1: // the twin has another name and is code of its own
		g.method("func (s *%s) flush() int {\n%s.Lock()\nt := len(s.items)\ns.items = nil\n%s.Unlock()\nreturn t\n}\n\n// drop needs the lock.\nfunc (s *%s) drop() int {\nt := len(s.items)\ns.items = nil\nreturn t\n}", g.typ, g.lock, g.lock, g.typ)
	case 2: // a getter
		g.method("// size returns how many there are.\nfunc (s *%s) size() int {\n%s.Lock()\ndefer %s.Unlock()\nreturn %s\n}", g.typ, g.lock, g.lock, g.pick("len(s.items)", "s.n", "s.max - len(s.items)"))
	default: // a method that cannot be done without
		g.method("func (s *%s) count() int {\n%s.Lock()\ndefer %s.Unlock()\ns.n = 0\nfor _, x := range s.items {\ns.n += x\n}\nreturn s.n\n}", g.typ, g.lock, g.lock)
	}
	name := []string{"flush", "flush", "size", "count"}[kind]
	for i := range 1 + g.IntN(2) {
		g.section(method{name: fmt.Sprintf("again%d", i), read: kind == 2, last: g.chance(.4), op: func(c *scope) []string {
			x := g.pick(name, name, name, "get")
			call := g.pick("s."+x+"()", "r += s."+x+"()", "r = s."+x+"()", "if s."+x+"() > 1 {\n"+g.fill(c.inner())+"\n}", "v = s."+x+"()")
			if g.chance(.5) {
				call = "if " + g.cond(c) + " {\n" + call + "\n}" // else it never ends well
			}
			return []string{call}
		}})
	}
	g.calls = append(g.calls, "s."+name+"()")
}

// order adds a second lock and methods that take both.
func (g *gen) order() {
	g.fields = append(g.fields, "second sync.Mutex", "k int // guarded by second")
	names := []string{g.lock, "s.second"}
	for i := range 2 {
		first, second := names[i], names[1-i]
		if g.chance(.2) {
			first, second = second, first
		}
		between := g.pick("", "", "", "r += 1", "v++")
		if g.chance(.2) {
			between = "s.n++"
			if first == "s.second" {
				between = "s.k++"
			}
		}
		c := &scope{calm: g.chance(.8)}
		body := append(g.fills(c, 2), g.pick("s.k += v", "s.k = s.n", "s.n = s.k", "r = s.k - s.n"))
		body = append(body, g.fills(c, 1)...)
		var text string
		switch g.IntN(3) {
		case 0:
			text = first + ".Lock()\ndefer " + first + ".Unlock()\n" + between + "\n" + second + ".Lock()\ndefer " + second + ".Unlock()\n" + strings.Join(body, "\n")
		case 1:
			text = first + ".Lock()\n" + between + "\n" + second + ".Lock()\n" + strings.Join(body, "\n") + "\n" + second + ".Unlock()\n" + g.pick("", "r++\n") + first + ".Unlock()"
		default:
			text = first + ".Lock()\n" + second + ".Lock()\n" + strings.Join(body, "\n") + "\n" + first + ".Unlock()\n" + second + ".Unlock()"
		}
		g.method("func (s *%s) both%d(v int) int {\nr := 0\n%s\nreturn r\n}", g.typ, i, text)
		g.calls = append([]string{fmt.Sprintf("s.both%d(1)", i), fmt.Sprintf("s.both%d(2)", i)}, g.calls...)
	}
	g.method("func (s *%s) look() int {\ns.second.Lock()\ndefer s.second.Unlock()\nreturn s.k\n}", g.typ)
	g.calls = append([]string{"s.look()"}, g.calls...)
	g.finals = append(g.finals, "s.second.Lock()\nrecord(\"end\", s.k)\ns.second.Unlock()")
}

// leak adds methods some of whose paths keep the lock.
func (g *gen) leak() {
	lock, unlock := g.lock+".Lock()", g.lock+".Unlock()"
	for i := range 1 + g.IntN(2) {
		c := &scope{calm: g.chance(.8)}
		a := strings.Join(g.fills(c, 2), "\n")
		exit := g.pick("return r", "return v", "return s.n", "return s."+g.sum+"()", "return s."+g.next+"()")
		test := g.cond(c)
		early := func() string { return g.cond(&scope{calm: c.calm}) } // where nothing of a is declared
		b := strings.Join(g.fills(c, 2), "\n")
		var text string
		switch g.IntN(7) {
		case 0, 1:
			text = lock + "\n" + a + "\nif " + test + " {\n" + exit + "\n}\n" + b + "\n" + unlock + "\nreturn r"
		case 2:
			text = lock + "\nif " + early() + " {\n" + exit + "\n}\ndefer " + unlock + "\n" + a + "\nreturn r"
		case 3:
			text = "for range 2 {\n" + lock + "\n" + a + "\nif " + test + " {\n" + g.pick("continue", "break", exit) + "\n}\n" + b + "\n" + unlock + "\n}\nreturn r"
		case 4:
			text = lock + "\n" + g.pick("defer "+lock, a+"\n"+lock) + "\nreturn r + v"
		case 5:
			text = lock + "\nswitch {\ncase " + early() + ":\n" + a + "\n" + unlock + "\ncase v > 1:\n" + exit + "\ndefault:\n" + unlock + "\n}\nreturn r"
		default:
			if g.rw {
				text = g.pick(g.lock+".RLock()\nr += s.n\n"+unlock, lock+"\ns.n++\n"+g.lock+".RUnlock()") + "\nreturn r"
			} else {
				text = "if v > 0 {\n" + lock + "\n" + g.pick("defer "+unlock+"\n", "") + "}\nr++\nreturn r"
			}
		}
		g.method("func (s *%s) leak%d(v int) int {\nr := 0\n%s\n}", g.typ, i, text)
		g.calls = append([]string{fmt.Sprintf("s.leak%d(%d)", i, g.IntN(3))}, g.calls...)
	}
}
