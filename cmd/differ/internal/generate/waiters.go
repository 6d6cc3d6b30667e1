package generate

import (
	"fmt"
	"strings"
)

// A list is a collection of those who wait.
type list struct {
	kind string // slice, map, list, heap
	elem string // type of an element
	ch   string // the channel or function of element w
	zero bool   // it carries nothing
	fn   bool   // it is called
}

// waiters adds a collection of waiters, a way in, and methods that wake them.
func (g *gen) waiters() {
	l := list{kind: g.pick("slice", "slice", "slice", "map", "list")}
	switch g.IntN(7) {
	case 0, 1:
		l.elem, l.ch = "chan int", "w"
	case 2, 3:
		l.elem, l.ch, l.zero = "chan struct{}", "w", true
	case 4:
		l.elem, l.ch, l.fn = "func(int)", "w", true
	default:
		l.elem, l.ch = "*"+g.name("waiter"), "w.ch"
		g.method("type %s struct {\nch chan int\nk int\n}", g.name("waiter"))
	}
	g.register(l)
	for i := range 1 + g.IntN(2) {
		name := fmt.Sprintf("wake%d", i)
		switch {
		case g.chance(.25):
			g.wakeHelper(l, name)
		default:
			g.section(method{name: name, op: func(c *scope) []string { return g.wakeLoop(l, c) }, tail: g.emptied(l)})
		}
	}
	g.waiting(l)
}

// wakeHelper adds a helper that wakes with the lock of its callers.
func (g *gen) wakeHelper(l list, name string) {
	c := &scope{calm: true}
	body := append(g.wakeLoop(l, c), g.emptied(l)...)
	g.method("// %sLocked is called with the lock held.\nfunc (s *%s) %sLocked(v int) {\nr := 0\n%s\n_ = r\n}", name, g.typ, name, strings.Join(append(body, g.fills(c, 1)...), "\n"))
	for i := range 1 + g.IntN(2) {
		g.section(method{name: fmt.Sprintf("%s%c", name, 'a'+i), op: func(c *scope) []string {
			call := "s." + name + "Locked(" + g.pick("v", "s.n", "1") + ")"
			if g.chance(.2) {
				call = "if " + g.cond(c) + " {\n" + call + "\n}"
			}
			return []string{call}
		}})
	}
}

// register adds the field and the method by which one gets into it.
func (g *gen) register(l list) {
	insert := "s.ws = append(s.ws, w)"
	switch l.kind {
	case "slice":
		g.fields = append(g.fields, "ws []"+l.elem)
	case "map":
		g.fields = append(g.fields, "ws map[int]"+l.elem)
		g.inits = append(g.inits, "s.ws = map[int]"+l.elem+"{}")
		insert = "s.ws[k] = w"
	case "list":
		g.uses["container/list"] = true
		g.fields = append(g.fields, "ws list.List")
		insert = "s.ws.PushBack(w)"
	}
	room := g.pick("", "", "", ", 1")
	made := "w := make(" + l.elem + room + ")"
	switch {
	case l.fn:
		g.method("func (s *%s) register(k int, w %s) {\n%s.Lock()\n%s\n%s.Unlock()\n}", g.typ, l.elem, g.lock, insert, g.lock)
		return
	case l.ch == "w.ch":
		made = fmt.Sprintf("w := &%s{ch: make(chan int%s), k: k}", g.name("waiter"), room)
	}
	g.method("// register returns what to wait on.\nfunc (s *%s) register(k int) %s {\n%s\n%s.Lock()\ndefer %s.Unlock()\n%s\nreturn w\n}", g.typ, l.elem, made, g.lock, g.lock, insert)
}

// waiting adds the goroutines that wait. Some look at the object before they do,
// or behind it.
func (g *gen) waiting(l list) {
	for i := range 1 + g.IntN(3) {
		label := fmt.Sprintf("w%d", i)
		if l.fn {
			look := ""
			if g.chance(.3) {
				look = fmt.Sprintf("\nrecord(\"~%s\", s.get())", label)
			}
			g.inits = append(g.inits, fmt.Sprintf("s.register(%d, func(x int) {\nrecord(\"~%s\", x)%s\n})", i, label, look))
			continue
		}
		var b strings.Builder
		early := g.chance(.5) // in the list before anything begins
		ch := fmt.Sprintf("ch%d", i)
		if early {
			g.inits = append(g.inits, fmt.Sprintf("%s := s.register(%d)", ch, i))
		}
		b.WriteString("go func() {\ndaemon()\n")
		if !early {
			fmt.Fprintf(&b, "%s := s.register(%d)\n", ch, i)
		}
		if g.chance(.3) {
			fmt.Fprintf(&b, "record(%q, s.add(0))\n", label)
		}
		of := strings.Replace(l.ch, "w", ch, 1)
		if l.zero {
			fmt.Fprintf(&b, "for range %s {\nrecord(%q, 7)\n", of, label)
		} else {
			fmt.Fprintf(&b, "for x := range %s {\nrecord(%q, x)\n", of, label)
		}
		if g.chance(.4) {
			fmt.Fprintf(&b, "record(%q, s.%s)\n", label, g.pick("get()", "add(1)"))
		}
		b.WriteString("}\n}()")
		g.peers = append(g.peers, b.String())
	}
}

// wake draws the wake of w.
func (g *gen) wake(l list, c *scope) string {
	switch {
	case l.fn:
		return "w(" + g.payload(l, c) + ")"
	case g.chance(.05):
		g.done()
		return "select {\ncase " + l.ch + " <- " + g.payload(l, c) + ":\ncase <-s.done:\n}"
	case g.chance(.05):
		return "select {\ncase " + l.ch + " <- " + g.payload(l, c) + ":\ndefault:\ns.n++\n}"
	}
	return l.ch + " <- " + g.payload(l, c)
}

// done adds a channel that nobody closes, or the first script does.
func (g *gen) done() {
	if g.uses["done"] {
		return
	}
	g.uses["done"] = true
	g.fields = append(g.fields, "done chan struct{}")
	g.inits = append(g.inits, "s.done = make(chan struct{})")
}

func (g *gen) payload(l list, c *scope) string {
	if l.zero {
		return "struct{}{}"
	}
	if l.ch == "w.ch" && g.chance(.3) {
		return g.pick("w.k", "w.k + v")
	}
	if g.chance(.15) {
		return "s." + g.next + "()"
	}
	if g.chance(.2) {
		return "1"
	}
	return g.expr(c)
}

// wakeLoop draws a loop that wakes.
func (g *gen) wakeLoop(l list, c *scope) []string {
	in := c.inner()
	in.leave, in.calm = nil, true
	if g.chance(.15) {
		in.calm = false
	}
	var body []string
	if g.chance(.2) {
		body = append(body, "if "+g.cond(in)+" {\n"+g.pick("continue", "continue", "break")+"\n}")
	}
	body = append(body, g.fills(in, 1)...)
	wake := g.wake(l, in)
	if g.chance(.15) {
		wake = "if " + g.cond(in) + " {\n" + wake + "\n}"
	}
	body = append(body, wake)
	if g.chance(.3) {
		body = append(body, g.fill(in))
	}
	if g.chance(.05) {
		body = append(body, "if "+g.cond(in)+" {\nbreak\n}")
	}
	text := strings.Join(body, "\n") + "\n}"
	switch l.kind {
	case "slice":
		switch g.IntN(6) {
		case 0:
			return []string{"for i := range s.ws {\nw := s.ws[i]\n" + text}
		case 1:
			return []string{"for len(s.ws) > 0 {\nw := s.ws[0]\ns.ws = s.ws[1:]\n" + text}
		case 2:
			return []string{"for i := 0; i < len(s.ws); i++ {\nw := s.ws[i]\n" + text}
		}
		return []string{"for _, w := range s.ws {\n" + text}
	case "map":
		switch g.IntN(4) {
		case 0:
			return []string{"for k, w := range s.ws {\ndelete(s.ws, k)\n" + text}
		case 1:
			return []string{"for k := range s.ws {\nw := s.ws[k]\n" + text}
		}
		return []string{"for _, w := range s.ws {\n" + text}
	}
	if g.chance(.6) {
		return []string{"for s.ws.Len() > 0 {\ne := s.ws.Front()\nw := s.ws.Remove(e).(" + l.elem + ")\n" + text}
	}
	return []string{"for e := s.ws.Front(); e != nil; e = e.Next() {\nw := e.Value.(" + l.elem + ")\n" + text}
}

// emptied draws how the collection is emptied, if it is.
func (g *gen) emptied(l list) []string {
	if g.chance(.2) {
		return nil
	}
	switch l.kind {
	case "slice":
		return []string{g.pick("s.ws = nil", "s.ws = nil", "s.ws = s.ws[:0]", "s.ws = []"+l.elem+"{}")}
	case "map":
		return []string{g.pick("clear(s.ws)", "s.ws = make(map[int]"+l.elem+")")}
	}
	return []string{"s.ws.Init()"}
}
