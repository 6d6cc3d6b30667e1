package generate

import (
	"fmt"
	"strings"
)

// token adds a pipeline whose items come with a token that the source waits for.
func (g *gen) token() {
	tok, item := fmt.Sprintf("b%dToken", g.id), g.name("item")
	g.method("// A %s says that its item is not consumed yet.\ntype %s struct{ back chan struct{} }\n\n// Release gives the token back.\nfunc (t *%s) Release() { <-t.back }", tok, tok, tok)
	g.method("// An %s comes with a token.\ntype %s struct {\nvalue int\ntoken *%s\n}\n\nfunc (i *%s) takeToken() *%s {\nt := i.token\ni.token = nil\nreturn t\n}", item, item, tok, item, tok)
	value := g.pick("item.value", "item.value * item.value", "item.value + n", "n", "1")
	send := "out <- " + value
	if g.chance(.15) {
		send = "select {\ncase out <- " + value + ":\ncase <-quit:\n}"
	}
	var loop []string
	held := "token"
	if g.chance(.3) {
		held = "item.token"
	} else {
		loop = append(loop, g.pick("token := item.takeToken()", "token := item.takeToken()", "token := item.token"))
	}
	if g.chance(.3) {
		loop = append(loop, "n += item.value")
	}
	if g.chance(.3) {
		release := g.pick(held+".Release()\n", held+".Release()\n", "")
		loop = append(loop, "if item.value == 1 {\n"+g.pick("", "n++\n", send+"\n")+release+"continue\n}")
	}
	if g.chance(.2) {
		send = "if n < 3 {\n" + send + "\n}"
	}
	loop = append(loop, send)
	if g.chance(.2) {
		loop = append(loop, g.pick("n++", "item.value = 0", "out <- 7"))
	}
	loop = append(loop, held+".Release()"+g.pick("", " // consumed"))
	if g.chance(.3) {
		loop = append(loop, g.pick("n++", "n += item.value", "out <- 8"))
	}
	body := strings.Join(loop, "\n")
	if g.chance(.25) {
		g.method("func one%d(item *%s, out chan<- int, quit <-chan struct{}, n int) int {\ntoken := item.takeToken()\ndefer token.Release()\n%s\n%sreturn n\n}", g.id, item, g.pick("n++", "if item.value > 1 {\nreturn n\n}", "", "n = 12 / item.value"), send+"\n")
		body = fmt.Sprintf("n = one%d(item, out, quit, n)", g.id)
	}
	g.method("// Stage%d is a stage of a pipeline.\nfunc Stage%d(in <-chan *%s, out chan<- int, quit <-chan struct{}) {\nn := 0\nfor item := range in {\n%s\n}\n_ = n\n%s}", g.id, g.id, item, body, g.pick("close(out)\n", "close(out)\n", ""))
	late := g.pick("", "<-sent\n")
	g.inits = append(g.inits,
		fmt.Sprintf("in, out, quit, sent := make(chan *%s, %d), make(chan int), make(chan struct{}), make(chan struct{})", item, g.IntN(2)),
		fmt.Sprintf("go Stage%d(in, out, quit)", g.id),
		fmt.Sprintf("go func() {\nback := make(chan struct{})\nfor i := range 3 {\nin <- &%s{value: i, token: &%s{back: back}}\nback <- struct{}{}\nrecord(\"source\", i)\n}\nclose(in)\nclose(sent)\n}()", item, tok),
		"go func() {\ndaemon()\n"+late+"for x := range out {\nrecord(\"sink\", x)\n}\nrecord(\"sink\", -1)\n}()")
	if !strings.Contains(late, "sent") {
		g.inits = append(g.inits, "_ = sent")
	}
	if g.chance(.2) {
		g.inits = append(g.inits, "close(quit)")
	}
}

// slots adds a channel that is used as a semaphore.
func (g *gen) slots() {
	g.fields = append(g.fields, "slots chan struct{}", "res chan int")
	g.inits = append(g.inits, fmt.Sprintf("s.slots, s.res = make(chan struct{}, %d), make(chan int)", 1+g.IntN(2)))
	g.peers = append(g.peers, "go func() {\ndaemon()\nfor x := range s.res {\nrecord(\"~res\", x)\n"+g.pick("", "s.add(1)\n")+"}\n}()")
	early := g.pick("<-s.slots\n", "", "")
	work := g.pick("s.res <- v", "s.add(v)", "r += s.get()")
	release := "<-s.slots"
	if g.chance(.4) && early != "" {
		g.method("func (s *%s) use(v int) int {\nr := 1\ns.slots <- struct{}{}\ndefer func() { <-s.slots }()\nif v == 0 {\nreturn r\n}\n%s\nreturn r\n}", g.typ, work)
	} else {
		g.method("func (s *%s) use(v int) int {\nr := 1\ns.slots <- struct{}{}\nif v == %d {\n%sreturn r\n}\n%s\n%s\n%s\nreturn r\n}", g.typ, g.IntN(3), early, work, release, g.pick("", "r++", "r += s.get()"))
	}
	g.calls = append([]string{"s.use(0)", "s.use(1)", "s.use(2)"}, g.calls...)
}

// late adds a promise that is kept too late for who was woken, or just in time.
func (g *gen) late() {
	g.fields = append(g.fields, "kept chan struct{}", "value int", "other int")
	g.inits = append(g.inits, "s.kept = make(chan struct{})")
	var body []string
	write := "s.value = " + g.pick("v", "5", "v + s.other")
	switch g.IntN(4) {
	case 0:
		body = []string{write, "close(s.kept)"}
	case 1:
		body = []string{"close(s.kept)", g.pick("v++", "s.other = v"), write}
	default:
		body = []string{"close(s.kept)" + g.pick("", " // wake them"), write + g.pick("", " // for them")}
	}
	guard := g.chance(.5)
	text := strings.Join(body, "\n")
	if guard {
		text = g.lock + ".Lock()\ndefer " + g.lock + ".Unlock()\nif s.other > 0 {\nreturn 0\n}\ns.other = 1\n" + text
	} else {
		text = "if v == 0 {\nreturn 0\n}\n" + text
	}
	g.method("// keep keeps the promise.\nfunc (s *%s) keep(v int) int {\n%s\nreturn v\n}", g.typ, text)
	read := "return s.value"
	if guard && g.chance(.4) {
		read = g.lock + ".Lock()\ndefer " + g.lock + ".Unlock()\n" + read
	}
	g.method("func (s *%s) promised() int {\n<-s.kept\n%s\n}", g.typ, read)
	g.peers = append(g.peers, "go func() {\nrecord(\"k\", s.keep(1))\n}()")
	for i := range 1 + g.IntN(2) {
		g.peers = append(g.peers, fmt.Sprintf("go func() {\nrecord(\"p%d\", s.promised())\n}()", i))
	}
	if guard {
		g.calls = append([]string{"s.keep(2)"}, g.calls...)
	}
}
