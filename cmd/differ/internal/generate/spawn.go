package generate

import (
	"strings"
)

// ask adds a method that starts a goroutine for its answer and may not wait for
// it.
func (g *gen) ask() {
	answer := g.pick("v", "v * 2", "s.get()", "s.add(v)")
	var text string
	switch g.IntN(5) {
	case 0:
		g.uses["time"] = true
		text = "go func() {\nanswer <- " + answer + "\n}()\nselect {\ncase x := <-answer:\nreturn x\ncase <-time.After(" + g.pick("time.Millisecond", "time.Hour") + "):\nreturn -3\n}"
	case 1:
		g.done()
		text = "go func() {\nanswer <- " + answer + "\n}()\nselect {\ncase x := <-answer:\nreturn x\ncase <-s.done:\nreturn -3\n}"
		g.peers = append(g.peers, "go func() {\ns.get()\nclose(s.done)\n}()")
	case 2:
		text = "go func() {\nanswer <- " + answer + "\n}()\nif v > 1 {\nreturn -3\n}\nreturn <-answer"
	case 3:
		text = "for i := range 2 {\ngo func() {\nanswer <- i\n}()\n}\nfor range 2 {\nif x := <-answer; x > 0 {\nreturn -3\n}\n}\nreturn v"
	default:
		text = "go func() {\nif v > 1 {\nanswer <- 1\nreturn\n}\nanswer <- " + answer + "\n}()\nif v == 2 {\nreturn -3\n}\nreturn <-answer"
	}
	g.method("// ask asks beside.\nfunc (s *%s) ask(v int) int {\nanswer := make(chan int)\n%s\n}", g.typ, text)
	g.calls = append([]string{"s.ask(1)", "s.ask(2)"}, g.calls...)
}

// self adds functions that wait for themselves.
func (g *gen) self() {
	var text string
	switch g.IntN(5) {
	case 0:
		text = "var own sync.WaitGroup\nown.Add(2)\nfor i := range 2 {\n_ = i\ngo func() {\ndefer own.Done()\n" + g.pick("s.add(i)", "s.get()", "record(\"~self\", i)") + "\n}()\n" + g.pick("own.Wait()", "own.Wait() // for all", "v++\nown.Wait()", "if v > 1 {\nown.Wait()\n}") + "\n}\n" + g.pick("", "own.Wait()\n") + "return v"
	case 1:
		text = "ch := make(chan int)\nch <- v\n" + g.pick("", "s.add(1)\n") + "return <-ch"
	case 2:
		text = "ch := make(chan int" + g.pick("", ", 1") + ")\nfor _, x := range []int{1, 2, v} {\nch <- x\n}\nclose(ch)\nr := 0\nfor x := range ch {\nr += x\n}\nreturn r"
	case 3:
		g.uses["time"] = true
		g.done()
		text = "t := time.NewTimer(time.Second)\nr := 0\nselect {\ncase <-s.done:\ncase <-t.C:\nr = 1\n}\nif !t.Stop() {\n<-t.C\n}\nreturn r + v"
		if g.chance(.5) {
			g.inits = append(g.inits, "close(s.done)")
		}
	default:
		text = "ch := make(chan int)\nif v > 1 {\nch <- v\n}\nselect {\ncase x := <-ch:\nreturn x\ndefault:\n}\nreturn -1"
	}
	g.method("func (s *%s) alone(v int) int {\n%s\n}", g.typ, text)
	g.calls = append([]string{"s.alone(1)", "s.alone(2)"}, g.calls...)
}

// cancel adds a method that makes a context and may forget its end.
func (g *gen) cancel() {
	g.uses["context"] = true
	make := "ctx, cancel := context.WithCancel(context.Background())"
	watch := "go func() {\n<-ctx.Done()\nrecord(\"~ctx\", v)\n}()"
	test := g.pick("v > 1", "v == 1", "s.get() > 1")
	var body []string
	switch g.IntN(6) {
	case 0:
		body = []string{make, watch, "if " + test + " {\nreturn -1\n}", g.pick("s.add(1)", "v++"), "cancel()", "return v"}
	case 1:
		body = []string{make, "if " + test + " {\nreturn -1\n}", watch, "cancel()", "return v"}
	case 2:
		body = []string{"ctx, _ := context.WithCancel(context.Background())", watch, "s.add(v)", "return v"}
	case 3:
		body = []string{"for range 2 {", make, watch, "if " + test + " {\n" + g.pick("continue", "break") + "\n}", "cancel()", "}", "return v"}
	case 4: // handed on
		g.fields = append(g.fields, "stop []func()")
		body = []string{make, watch, "if " + test + " {\nreturn -1\n}", g.lock + ".Lock()", "s.stop = append(s.stop, cancel)", g.lock + ".Unlock()", "return v"}
		g.finals = append(g.finals, "for _, f := range s.stop {\nf()\n}")
	default: // made before what fails
		body = []string{make, g.pick("", "v++"), "if " + test + " {\nreturn -1\n}", "defer cancel()", watch, "return v"}
	}

	g.method("func (s *%s) begin(v int) int {\n%s\n}", g.typ, strings.Join(body, "\n"))
	g.calls = append([]string{"s.begin(0)", "s.begin(1)", "s.begin(2)"}, g.calls...)
}

// ctx adds waits of a method with a context that may not look at it.
func (g *gen) ctx() {
	g.uses["context"] = true
	g.fields = append(g.fields, "give chan int")
	g.inits = append(g.inits, "s.give = make(chan int)", "ctx, cancel := context.WithCancel(context.Background())")
	op := g.pick("r = <-s.give", "<-s.give", "s.give <- v", "select {\ncase r = <-s.give:\n}", "select {\ncase r = <-s.give:\ncase <-ctx.Done():\nreturn -1, ctx.Err()\n}")
	held := g.chance(.4)
	text := op
	if held {
		text = g.lock + ".Lock()\ndefer " + g.lock + ".Unlock()\n" + g.fill(&scope{calm: true}) + "\n" + op
	}
	g.method("// Take waits for a value, or for ctx.\nfunc (s *%s) Take(ctx context.Context, v int) (r int, err error) {\n%s\nreturn r, nil\n}", g.typ, text)
	g.method("func (s *%s) take(ctx context.Context, v int) int {\nr, err := s.Take(ctx, v)\nif err != nil {\nreturn -9\n}\nreturn r\n}", g.typ)
	if strings.Contains(op, "<- v") {
		g.peers = append(g.peers, "go func() {\ndaemon()\nfor range 2 {\nrecord(\"give\", <-s.give)\n}\n}()")
	} else {
		g.peers = append(g.peers, "go func() {\ndaemon()\nfor i := range 2 {\ns.give <- i\nrecord(\"give\", i)\n}\n}()")
	}
	g.peers = append(g.peers, "go func() {\ns.get()\ncancel()\n}()")
	g.calls = append([]string{"s.take(ctx, 1)", "s.take(ctx, 2)"}, g.calls...)
	g.finals = append(g.finals, "_ = ctx")
}
