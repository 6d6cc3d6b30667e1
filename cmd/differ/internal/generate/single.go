package generate

import "fmt"

// send adds a channel with a receiver, and methods that send to it.
func (g *gen) send() {
	elem, zero := "int", false
	if g.chance(.4) {
		elem, zero = "struct{}", true
	}
	g.fields = append(g.fields, "out chan "+elem)
	g.inits = append(g.inits, "s.out = make(chan "+elem+g.pick("", "", "", ", 1")+")")
	l := list{ch: "s.out", zero: zero}
	for i := range 1 + g.IntN(2) {
		g.section(method{name: fmt.Sprintf("put%d", i), read: true, last: g.chance(.5), op: func(c *scope) []string {
			text := g.wake(l, c)
			if g.chance(.25) {
				text = "if " + g.cond(c) + " {\n" + text + "\n}"
			}
			return []string{text}
		}})
	}
	look := ""
	if g.chance(.4) {
		look = "record(\"c\", s.get())\n"
	}
	before := ""
	if g.chance(.3) {
		before = "record(\"c\", s.get())\n"
	}
	if zero {
		g.peers = append(g.peers, "go func() {\ndaemon()\n"+before+"for range s.out {\nrecord(\"c\", 1)\n"+look+"}\n}()")
	} else {
		g.peers = append(g.peers, "go func() {\ndaemon()\n"+before+"for x := range s.out {\nrecord(\"c\", x)\n"+look+"}\n}()")
	}
}

// callback adds a function that the object calls.
func (g *gen) callback() {
	g.fields = append(g.fields, "cb func(int)")
	look := ""
	if g.chance(.3) {
		look = "\nrecord(\"~cb\", s.get())"
	}
	g.inits = append(g.inits, "s.cb = func(x int) {\nrecord(\"~cb\", x)"+look+"\n}")
	for i := range 1 + g.IntN(2) {
		g.section(method{name: fmt.Sprintf("tell%d", i), op: func(c *scope) []string {
			text := "s.cb(" + g.expr(c) + ")"
			if g.chance(.3) {
				text = "if s.cb != nil {\n" + text + "\n}"
			}
			return []string{text}
		}})
	}
}
