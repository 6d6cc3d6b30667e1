package generate

import "fmt"

// wait adds something to wait for under the lock, and who ends the wait.
func (g *gen) wait() {
	var op string
	work := g.pick("", "s.add(1)\n", "s.get()\n")
	switch g.IntN(6) {
	case 0: // closed when a goroutine has ended
		g.fields = append(g.fields, "ended chan struct{}")
		g.inits = append(g.inits, "s.ended = make(chan struct{})")
		g.peers = append(g.peers, "go func() {\ndefer close(s.ended)\n"+work+"record(\"p\", 1)\n}()")
		op = "<-s.ended"
	case 1: // answers, one for each
		g.fields = append(g.fields, "ack chan int")
		g.inits = append(g.inits, "s.ack = make(chan int)")
		g.peers = append(g.peers, "go func() {\ndaemon()\n"+work+g.pick("for i := range 9 {\ns.ack <- i", "for range 9 {\ns.ack <- 1")+"\n}\n}()")
		op = g.pick("<-s.ack", "r += <-s.ack", "x := <-s.ack\nr = x")
	case 2: // a group
		g.fields = append(g.fields, "workers sync.WaitGroup")
		g.inits = append(g.inits, "s.workers.Add(2)")
		for i := range 2 {
			g.peers = append(g.peers, fmt.Sprintf("go func() {\ndefer s.workers.Done()\n%srecord(\"p%d\", 1)\n}()", work, i))
		}
		op = "s.workers.Wait()"
	case 3: // whichever comes first
		g.done()
		g.fields = append(g.fields, "ack chan int")
		g.inits = append(g.inits, "s.ack = make(chan int)")
		g.peers = append(g.peers, "go func() {\ndaemon()\n"+work+"for range 9 {\ns.ack <- 1\n}\n}()")
		op = "select {\ncase " + g.pick("<-s.ack:\nr++", "x := <-s.ack:\nr += x", "r = <-s.ack:") + "\ncase <-s.done:\n}"
		if g.chance(.5) {
			g.inits = append(g.inits, "close(s.done)")
		}
	case 4:
		g.uses["time"] = true
		op = "time.Sleep(time.Hour)"
	default: // workers of its own
		op = "var own sync.WaitGroup\nown.Add(1)\ngo func() {\ndefer own.Done()\n" + work + "}()\nown.Wait()"
	}
	if len(op) > 14 && op[:1] == "x" {
		op = "{\n" + op + "\n}"
	}
	for i := range 1 + g.IntN(2) {
		g.section(method{name: fmt.Sprintf("await%d", i), read: true, last: g.chance(.5), op: func(c *scope) []string {
			if g.chance(.2) {
				return []string{"if " + g.cond(c) + " {\n" + op + "\n}"}
			}
			return []string{op}
		}})
	}
}

// cond2 adds a queue with a condition, some of whose changes may forget to wake
// and some of whose waits may not look again.
func (g *gen) cond2() {
	g.fields = append(g.fields, "queue []int", "closed bool", "more *sync.Cond")
	var lock string
	switch {
	case g.lock == "s" && g.rw:
		lock = "&s.RWMutex"
	case g.lock == "s":
		lock = "&s.Mutex"
	case g.lock != "s.mu":
		lock = "&" + g.lock
	case g.pointer:
		lock = "s.mu"
	default:
		lock = "&s.mu"
	}
	g.inits = append(g.inits, "s.more = sync.NewCond("+lock+")")
	wake := "s.more." + g.pick("Signal()", "Broadcast()", "Broadcast()")
	test := "len(s.queue) == 0"
	if g.chance(.5) {
		test += " && !s.closed"
	}
	loop := g.pick("for", "for", "if")
	g.method("// pull waits for a value.\nfunc (s *%s) pull(v int) int {\n%s.Lock()\ndefer %s.Unlock()\n%s %s {\ns.more.Wait()\n}\nif len(s.queue) == 0 {\nreturn -1\n}\nr := s.queue[0]\ns.queue = s.queue[1:]\nreturn r\n}", g.typ, g.lock, g.lock, loop, test)
	g.section(method{name: "push", last: true, op: func(c *scope) []string {
		return []string{"s.queue = append(s.queue, " + g.pick("v", "v + 10", "s.n") + ")"}
	}, tail: []string{wake}})
	if g.chance(.5) {
		early := ""
		if g.chance(.5) {
			early = "if v > 1 {\nreturn 0\n}\n"
		}
		g.method("// pushAll adds two.\nfunc (s *%s) pushAll(v int) int {\n%s.Lock()\ndefer %s.Unlock()\ns.queue = append(s.queue, v, v)\n%sn := len(s.queue)\n%s\nreturn n\n}", g.typ, g.lock, g.lock, early, wake)
		g.calls = append([]string{"s.pushAll(1)", "s.pushAll(2)"}, g.calls...)
	}
	woken := g.pick("", "s.more.Broadcast()\n")
	g.method("// shut ends all waits.\nfunc (s *%s) shut() {\n%s.Lock()\ns.closed = true\n%s%s.Unlock()\n}", g.typ, g.lock, woken, g.lock)
	for i := range 1 + g.IntN(2) {
		g.peers = append(g.peers, fmt.Sprintf("go func() {\nfor range %d {\nrecord(\"q%d\", s.pull(0))\n}\n}()", 1+g.IntN(2), i))
	}
	if g.chance(.5) {
		g.peers = append(g.peers, "go func() {\ns.shut()\nrecord(\"shut\", 1)\n}()")
	}
	g.finals = append(g.finals, `record("end", len(s.queue))`)
}
