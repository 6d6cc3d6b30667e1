package generate

import (
	"fmt"
	"strings"
)

// ring adds a buffer that a loop drains: how much comes out cannot be told.
func (g *gen) ring() {
	g.fields = append(g.fields, "ring [8]int", "head, tail uint8", "last int", "drain chan int")
	g.inits = append(g.inits, "s.drain = make(chan int"+g.pick("", "", ", 1")+")")
	g.method("// feed puts one in.\nfunc (s *%s) feed(v int) int {\n%s.Lock()\ndefer %s.Unlock()\nif s.tail-s.head >= 8 {\nreturn -1\n}\ns.ring[s.tail%%8] = v\ns.tail++\nreturn int(s.tail)\n}", g.typ, g.lock, g.lock)
	c := &scope{calm: g.chance(.8)}
	body := []string{"x := s.ring[s.head%8]", "s.head++", "_ = x"}
	if g.chance(.5) {
		body = append(body, g.pick("s.last = x", "s.n++", "r += x"))
	}
	if g.chance(.2) {
		body = append(body, "if x == 0 {\n"+g.pick("continue", "break")+"\n}")
	}
	body = append(body, "s.drain <- "+g.pick("x", "x", "s.n", "r"))
	loop := "for s.head != s.tail {\n" + strings.Join(body, "\n") + "\n}"
	release := g.lock + ".Unlock()"
	text := g.lock + ".Lock()\n" + strings.Join(g.fills(c, 1), "\n") + "\n" + loop + "\n" + g.pick("", "", "s.last = 0\n") + release
	if g.chance(.4) {
		text = g.lock + ".Lock()\ndefer " + release + "\n" + loop
	}
	g.method("// spill passes on what has come in.\nfunc (s *%s) spill(v int) int {\nr := 0\n%s\nreturn r\n}", g.typ, text)
	look := g.pick("", "record(\"d\", s.add(1))\n")
	g.peers = append(g.peers, "go func() {\ndaemon()\nfor x := range s.drain {\nrecord(\"d\", x)\n"+look+"}\n}()")
	g.peers = append(g.peers, "go func() {\nrecord(\"f\", s.feed(1))\nrecord(\"f\", s.feed(2))\nrecord(\"f\", s.spill(0))\n}()")
	g.calls = append([]string{"s.feed(3)", "s.feed(0)", "s.spill(1)", "s.spill(2)"}, g.calls...)
}

// behind adds sections in which a deferred call that waits is registered behind
// the deferred release, and runs ahead of it.
func (g *gen) behind() {
	g.fields = append(g.fields, "told chan int")
	g.inits = append(g.inits, "s.told = make(chan int)")
	g.method("// tell says that something happened.\nfunc (s *%s) tell() {\ns.told <- %s\n}", g.typ, g.pick("1", "2", "s.max"))
	for i := range 1 + g.IntN(2) {
		c := &scope{calm: g.chance(.6), leave: []string{g.pick("return v", "return s.n")}}
		later := g.pick("defer s.tell()", "defer s.tell() // tell them", "defer func() { s.told <- v }()", "defer func() {\ns.told <- 1\n}()")
		head := []string{g.lock + ".Lock()", "defer " + g.lock + ".Unlock()"}
		if g.chance(.2) {
			head = append(head, g.fill(c))
		}
		head = append(head, later)
		if g.chance(.2) {
			head = append([]string{"defer func() { r++ }()"}, head...)
		}
		g.method("func (s *%s) after%d(v int) (r int) {\n%s\n%s\nreturn r\n}", g.typ, i, strings.Join(head, "\n"), strings.Join(g.fills(c, 3), "\n"))
		g.calls = append([]string{fmt.Sprintf("s.after%d(%d)", i, g.IntN(3)), fmt.Sprintf("s.after%d(2)", i)}, g.calls...)
	}
	look := g.pick("", "record(\"t\", s.get())\n")
	g.peers = append(g.peers, "go func() {\ndaemon()\nfor x := range s.told {\nrecord(\"t\", x)\n"+look+"}\n}()")
}

// branchy adds a method that cannot be done without its lock, and sections that
// begin or end with a call of it.
func (g *gen) branchy() {
	g.method("// settle counts what there is, in two steps.\nfunc (s *%s) settle(v int) int {\n%s.Lock()\nif s.flag {\ns.flag = false\n%s.Unlock()\nreturn v\n}\n%s.Unlock()\n%s.Lock()\ns.n += v\nr := s.n\n%s.Unlock()\nreturn r\n}", g.typ, g.lock, g.lock, g.lock, g.lock, g.lock)
	for i := range 2 {
		c := &scope{calm: true}
		call := g.pick("x := s.settle(v)", "x := s.settle(1)", "x := s.settle(r)")
		release := g.lock + ".Unlock()"
		var text string
		switch g.IntN(4) {
		case 0: // first
			text = g.lock + ".Lock()\n" + call + "\nr += x\n" + strings.Join(g.fills(c, 2), "\n") + "\n" + release
		case 1:
			text = g.lock + ".Lock()\ndefer " + release + "\n" + call + "\nr += x\n" + strings.Join(g.fills(c, 2), "\n")
		case 2: // last
			text = g.lock + ".Lock()\n" + strings.Join(append(g.fills(c, 2), "s.n++"), "\n") + "\n" + g.pick("s.settle(v)", "r = s.settle(2)") + "\n" + release
		default:
			text = g.lock + ".Lock()\ndefer " + release + "\n" + strings.Join(append(g.fills(c, 2), "s.n++"), "\n") + "\n" + g.pick("s.settle(v)", "s.settle(2)", "return s.settle(v)")
		}
		if g.chance(.3) {
			text = "if v == 0 {\nreturn 0\n}\n" + text
		}
		if !strings.HasSuffix(text, "return s.settle(v)") {
			text += "\nreturn r"
		}
		g.method("func (s *%s) hang%d(v int) (r int) {\n%s\n}", g.typ, i, text)
		g.calls = append([]string{fmt.Sprintf("s.hang%d(%d)", i, g.IntN(3)), "s.settle(1)"}, g.calls...)
	}
}

// once adds a wait that does not look again, for a value that others may take.
func (g *gen) once() {
	g.fields = append(g.fields, "room int", "spare *sync.Cond", "own sync.Mutex")
	g.inits = append(g.inits, "s.spare = sync.NewCond(&s.own)")
	wait := g.pick("if s.room == 0 {\ns.spare.Wait()\n}", "if s.room == 0 {\ns.spare.Wait() // until there is\n}", "if s.room <= 0 {\ns.spare.Wait()\n}", "if n := s.room; n == 0 {\ns.spare.Wait()\n}")
	if g.chance(.2) {
		wait = "if v > 0 {\n" + wait + "\n}"
	}
	enter, leave := "s.own.Lock()\n", "s.own.Unlock()\n"
	if g.chance(.4) {
		enter, leave = "s.own.Lock()\ndefer s.own.Unlock()\n", ""
	}
	g.method("// enter takes room.\nfunc (s *%s) enter(v int) int {\n%s%s\ns.room--\nr := s.room\n%sreturn r\n}", g.typ, enter, wait, leave)
	wake := g.pick("s.spare.Signal()", "s.spare.Broadcast()", "s.spare.Broadcast()")
	g.method("// exit gives it back.\nfunc (s *%s) exit(v int) int {\ns.own.Lock()\ns.room++\n%s\nr := s.room\ns.own.Unlock()\nreturn r\n}", g.typ, wake)
	for i := range 1 + g.IntN(2) {
		g.peers = append(g.peers, fmt.Sprintf("go func() {\nrecord(\"e%d\", s.enter(%d))\nrecord(\"e%d\", s.exit(0))\n}()", i, g.IntN(3), i))
	}
	g.peers = append(g.peers, "go func() {\nrecord(\"x\", s.exit(1))\n}()")
	g.calls = append([]string{"s.enter(1)", "s.exit(1)"}, g.calls...)
	g.finals = append(g.finals, "s.own.Lock()\nrecord(\"end\", s.room)\ns.own.Unlock()")
}

// work adds slots that bound work whose result waits for somebody.
func (g *gen) work() {
	slot, result := g.name("slot"), g.name("result")
	g.method("var %s chan struct{}", slot)
	g.inits = append(g.inits, fmt.Sprintf("%s = make(chan struct{}, %d)", slot, 1+g.IntN(2)))
	g.method("// %s passes a result on.\nfunc %s(to chan<- int, v int) int {\nr := v\n%s <- struct{}{}\n%s\nreturn r\n}", result, result, slot, g.slotBody(slot))
	g.inits = append(g.inits, "to := make(chan int)")
	before := g.pick(fmt.Sprintf("if x < 2 {\n%s <- struct{}{}\n<-%s\n}\n", slot, slot), fmt.Sprintf("%s <- struct{}{}\n<-%s\n", slot, slot), "s.get()\n")
	g.peers = append(g.peers, "go func() {\ndaemon()\nfor x := range to {\n"+before+"record(\"to\", x)\n}\n}()")
	g.finals = append(g.finals, "_ = to")
	g.calls = append([]string{result + "(to, 1)", result + "(to, 2)", result + "(to, 0)"}, g.calls...)
}

func (g *gen) slotBody(slot string) string {
	send := g.pick("to <- v", "to <- r", "to <- v * 2")
	if g.chance(.3) {
		send = "if v > 0 {\n" + send + "\n}"
	}
	head := g.pick("", "r++\n", "if v == 2 {\n<-"+slot+"\nreturn -1\n}\n")
	switch g.IntN(3) {
	case 0:
		return "defer func() { <-" + slot + " }()\n" + g.pick("", "r++\n", "if v == 2 {\nreturn -1\n}\n") + send
	case 1:
		return head + send + "\n<-" + slot + g.pick("", "\nr += v")
	}
	return head + send + "\n" + g.pick("r++\n", "") + "<-" + slot
}

// ends adds contexts that nobody else has.
func (g *gen) ends() {
	g.uses["context"] = true
	made := "ctx, cancel := context.WithCancel(parent)"
	test := g.pick("v > 1", "v == 1", "s.get() > 1")
	use := g.pick("if ctx.Err() != nil {\nv++\n}", "v += probe"+fmt.Sprint(g.id)+"(ctx)")
	var body []string
	switch g.IntN(6) {
	case 0: // thrown away
		body = []string{"ctx, _ := context.WithCancel(parent)", use, "return v"}
	case 1: // in a loop
		body = []string{"for range 2 {", "ctx, _ := context.WithCancel(parent)", use, "}", "return v"}
	case 2: // made too early
		body = []string{made, "if " + test + " {\nreturn -1\n}", use, "cancel()", "return v"}
	case 3:
		body = []string{made, "if " + test + " {\nreturn -1\n}", "defer cancel()", use, "return v"}
	case 4:
		body = []string{made, use, "if " + test + " {\nreturn -1\n}", "s.stops = append(s.stops, cancel)", "return v"}
		body = append([]string{g.lock + ".Lock()", "defer " + g.lock + ".Unlock()"}, body...)
		body[3] = "v++"
		g.fields = append(g.fields, "stops []func()")
		test = "v > 1"
		body[4] = "if " + test + " {\nreturn -1\n}"
		g.finals = append(g.finals, "for _, f := range s.stops {\nf()\n}")
		body[2] = strings.Replace(made, "ctx,", "_,", 1)
	default: // a goroutine has it
		body = []string{made, "go func() {\nif v > 1 {\nreturn\n}\n_ = ctx.Err()\ncancel()\n}()", "return v"}
	}
	g.method("// probe%d is 1 if ctx has ended.\nfunc probe%d(ctx context.Context) int {\nif ctx.Err() != nil {\nreturn 1\n}\nreturn 0\n}", g.id, g.id)
	g.method("func (s *%s) short(parent context.Context, v int) int {\n%s\n}", g.typ, strings.Join(body, "\n"))
	g.inits = append(g.inits, "parent, over := context.WithCancel(context.Background())")
	g.finals = append(g.finals, "over()", "_ = parent")
	g.calls = append([]string{"s.short(parent, 0)", "s.short(parent, 1)", "s.short(parent, 2)"}, g.calls...)
}
