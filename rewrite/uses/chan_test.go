package uses

import (
	"go/ast"
	"go/token"
	"testing"

	"github.com/lockfix/lockfix/rewrite/source"

	"strings"
)

func TestChanOf(t *testing.T) {
	tests := []struct {
		claim, src string // the last send is on the channel
		name       string // "" none
		elem       bool
	}{
		{"a field", `type s struct{ ch chan int }; func g(v *s) { v.ch <- 1 }`, "ch", false},
		{"a local variable", `func g() { c := make(chan int); c <- 1 }`, "c", false},
		{"a parameter", `func g(c chan int) { c <- 1 }`, "c", false},
		{"an element of a map", `type s struct{ m map[int]chan int }; func g(v *s) { v.m[1] <- 1 }`, "m", true},
		{"an element ranged over", `type s struct{ m []chan int }; func g(v *s) { for _, c := range v.m { c <- 1 } }`, "m", true},
		{"a key ranged over", `type s struct{ m map[chan int]bool }; func g(v *s) { for c := range v.m { c <- 1 } }`, "m", true},
		{"an alias of a field", `type s struct{ ch chan int }; func g(v *s) { c := v.ch; c <- 1 }`, "ch", false},
		{"an alias of an alias", `type s struct{ ch chan int }; func g(v *s) { c := v.ch; d := c; d <- 1 }`, "ch", false},
		{"a comma-ok element", `type s struct{ m map[int]chan int }; func g(v *s) { c, ok := v.m[1]; if ok { c <- 1 } }`, "m", true},
		{"an element of an aliased container", `type s struct{ m []chan int }; func g(v *s) { l := v.m; v.m = nil; for _, c := range l { c <- 1 } }`, "m", true},
		{"a variable assigned twice is itself", `type s struct{ ch chan int }; func g(v, w *s) { c := v.ch; c = w.ch; c <- 1 }`, "c", false},
		{"a channel received from a channel", `type s struct{ q chan chan int }; func g(v *s) { c := <-v.q; c <- 1 }`, "q", true},
		{"a generic field", `type s[T any] struct{ ch chan T }; func g(v *s[int]) { v.ch <- 1 }`, "ch", false},
		{"a send-only conversion", `type s struct{ ch chan int }; func g(v *s) { c := (chan<- int)(v.ch); c <- 1 }`, "ch", false},
		{"what a foreign call returns is unknown", `type i interface{ M() chan int }; func g(v i) { v.M() <- 1 }`, "", false},
		{"an element two levels deep is unknown", `type s struct{ m [][]chan int }; func g(v *s) { v.m[0][1] <- 1 }`, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			c, ok := p.ChanOf(p.lastSend().Chan)
			if ok != (tt.name != "") {
				t.Fatalf("ChanOf = %v, %v", c, ok)
			}
			if ok && (c.Var != p.v(tt.name) || c.Elem != tt.elem) {
				t.Errorf("ChanOf = %v, elem %v; want %s, %v", c.Var, c.Elem, tt.name, tt.elem)
			}
		})
	}
}

func TestMakesAndCloses(t *testing.T) {
	tests := []struct {
		claim, src, name string
		elem             bool
		makes            int
		made             bool // complete
		closes           int
		closed           bool // complete
	}{
		{"a field made in a literal", `type s struct{ ch chan int }; func g() *s { return &s{ch: make(chan int)} }`, "ch", false, 1, true, 0, true},
		{"a field made in two places", `type s struct{ ch chan int }; func g(v *s) { v.ch = make(chan int); v.ch = make(chan int, 2); close(v.ch) }`, "ch", false, 2, true, 1, true},
		{"a field never made", `type s struct{ ch chan int }; func g(v *s) { v.ch <- 1 }`, "ch", false, 0, false, 0, true},
		{"a field set to nil", `type s struct{ ch chan int }; func g(v *s) { v.ch = make(chan int); v.ch = nil }`, "ch", false, 1, true, 0, true},
		{"a field made by way of a variable", `type s struct{ ch chan int }; func g() *s { c := make(chan int); return &s{c} }`, "ch", false, 1, true, 0, true},
		{"a field made by way of a variable that is closed", `type s struct{ ch chan int }; func g() *s { c := make(chan int); defer close(c); return &s{c} }`, "ch", false, 1, true, 1, true},
		{"a field set to a parameter of an exported function", `type s struct{ ch chan int }; func G(c chan int) *s { return &s{c} }`, "ch", false, 0, false, 0, false},
		{"a field set to a parameter of a hidden function", `type s struct{ ch chan int }; func g(c chan int) *s { return &s{c} }; func h() { g(make(chan int)) }`, "ch", false, 1, true, 0, true},
		{"a field set to a parameter of a function used as a value", `type s struct{ ch chan int }; func g(c chan int) { _ = &s{c} }; var f = g; func h() { g(make(chan int)) }`, "ch", false, 1, false, 0, false},
		{"a field set to the result of a function of the package", `type s struct{ ch chan int }; func m() chan int { return make(chan int) }; func g() *s { return &s{m()} }`, "ch", false, 1, true, 0, true},
		{"a field set to one of several results", `type s struct{ ch chan int }; func m() (chan int, error) { return make(chan int), nil }; func g(v *s) { v.ch, _ = m() }`, "ch", false, 1, true, 0, true},
		{"a field set to a result passed through", `type s struct{ ch chan int }; func m() (c chan int, e error) { c = make(chan int); return }; func n() (chan int, error) { return m() }; func g(v *s) { c, _ := n(); v.ch = c }`, "ch", false, 1, true, 0, true},
		{"a field set to an unknown result", `type s struct{ ch chan int }; func g(f func() chan int) *s { return &s{f()} }`, "ch", false, 0, false, 0, false},
		{"a field set by assertion", `type s struct{ ch chan int }; func g(x any) *s { return &s{x.(chan int)} }`, "ch", false, 0, false, 0, false},
		{"an exported field of an exported type", `type S struct{ Ch chan int }; func g() *S { return &S{make(chan int)} }`, "Ch", false, 1, false, 0, false},
		{"an exported field in main", "package main\ntype S struct{ Ch chan int }; func g() *S { return &S{make(chan int)} }", "Ch", false, 1, true, 0, true},
		{"a field whose address is taken", `type s struct{ ch chan int }; func g(v *s) *chan int { v.ch = make(chan int); return &v.ch }`, "ch", false, 1, false, 0, false},
		{"returned by an exported function", `type s struct{ ch chan int }; func New() *s { return &s{make(chan int)} }; func (v *s) C() chan int { return v.ch }`, "ch", false, 1, true, 0, false},
		{"returned by an exported method of a hidden type", `type s struct{ ch chan int }; func g() *s { return &s{make(chan int)} }; func (v *s) C() chan int { return v.ch }`, "ch", false, 1, true, 0, true},
		{"returned to send only", `type s struct{ ch chan int }; func New() *s { return &s{make(chan int)} }; func (v *s) C() chan<- int { return v.ch }`, "ch", false, 1, true, 0, false},
		{"returned to receive only", `type s struct{ ch chan int }; func New() *s { return &s{make(chan int)} }; func (v *s) C() <-chan int { return v.ch }`, "ch", false, 1, true, 0, true},
		{"returned by a hidden function", `type s struct{ ch chan int }; func g() *s { return &s{make(chan int)} }; func (v *s) c() chan int { return v.ch }; func h(v *s) { close(v.c()) }`, "ch", false, 1, true, 1, true},
		{"returned by a method behind an interface", `type i interface{ c() chan int }; type s struct{ ch chan int }; func g() *s { return &s{make(chan int)} }; func (v *s) c() chan int { return v.ch }`, "ch", false, 1, true, 0, false},
		{"stored in an interface", `type s struct{ ch chan int }; func g() any { v := &s{make(chan int)}; return v.ch }`, "ch", false, 1, true, 0, false},
		{"passed to a function value", `type s struct{ ch chan int }; func g(f func(chan int)) { v := &s{make(chan int)}; f(v.ch) }`, "ch", false, 1, true, 0, false},
		{"passed to a function value to receive", `type s struct{ ch chan int }; func g(f func(<-chan int)) { v := &s{make(chan int)}; f(v.ch) }`, "ch", false, 1, true, 0, true},
		{"passed to a function that closes", `type s struct{ ch chan int }; func c(x chan int) { close(x) }; func g() { v := &s{make(chan int)}; c(v.ch) }`, "ch", false, 1, true, 1, true},
		{"closed by a deferred literal with a parameter", `type s struct{ ch chan int }; func g() { v := &s{make(chan int)}; defer func(x chan int) { close(x) }(v.ch) }`, "ch", false, 1, true, 1, true},
		{"sent over a channel of another field", `type s struct{ ch chan int; q chan chan int }; func g(v *s) { v.ch = make(chan int); v.q <- v.ch; c := <-v.q; close(c) }`, "ch", false, 1, true, 1, true},
		{"a private operand only", `func g() { c := make(chan int); select { case c <- 1: case <-c: }; for range c { _ = len(c) + cap(c) }; if c != nil { close(c) } }`, "c", false, 1, true, 1, true},
		{"elements of a map", `type s struct{ m map[int]chan int }; func g(v *s) { v.m = map[int]chan int{}; v.m[1] = make(chan int, 1); close(v.m[1]) }`, "m", true, 1, true, 1, true},
		{"elements of a map literal", `var m = map[int]chan int{1: make(chan int)}; func g() { for _, c := range m { close(c) } }`, "m", true, 1, true, 1, true},
		{"elements appended", `type s struct{ l []chan int }; func g(v *s) { c := make(chan int); v.l = append(v.l, c) }`, "l", true, 1, true, 0, true},
		{"elements appended elsewhere first", `type s struct{ l []chan int }; func g(v *s) { var l []chan int; l = append(l, make(chan int)); v.l = l }`, "l", true, 1, true, 0, true},
		{"beside elements behind a pointer to an array", `func g(p *[2]chan int) { x := make(chan int); x = p[0]; _ = x }`, "x", false, 1, false, 0, false},
		{"beside what an iterator yields", `func g(seq func(func(chan int) bool)) { x := make(chan int); for c := range seq { x = c }; _ = x }`, "x", false, 1, false, 0, false},
		{"beside the value of a type switch", `func g(a any) { x := make(chan int); switch v := a.(type) { case chan int: x = v }; _ = x }`, "x", false, 1, false, 0, false},
		{"beside an element of a type parameter's", `func g[S ~[]chan int](s S) { x := make(chan int); x = s[0]; _ = x }`, "x", false, 1, false, 0, false},
		{"beside an element two levels deep", `func g(s [][]chan int) { x := make(chan int); x = s[0][0]; _ = x }`, "x", false, 1, false, 0, false},
		{"keys of a map", `type s struct{ m map[chan int]bool }; func g(v *s) { c := make(chan int); v.m[c] = true; delete(v.m, c); close(c) }`, "m", true, 1, true, 1, true},
		{"elements of a container passed to others", `type s struct{ l []chan int }; func g(v *s, f func([]chan int)) { v.l = append(v.l, make(chan int)); f(v.l) }`, "l", true, 1, false, 0, false},
		{"elements stored by a callee", `type s struct{ l []chan int }; func f(x []chan int) { x[0] = make(chan int) }; func g(v *s) { v.l = make([]chan int, 1); f(v.l) }`, "l", true, 1, true, 0, true},
		{"elements of a container returned by an exported function", `type S struct{ l []chan int }; func g(v *S) { v.l = append(v.l, make(chan int)) }; func (v *S) L() []chan int { return v.l }`, "l", true, 1, false, 0, false},
		{"elements of a variadic parameter", `func f(l ...chan int) { for _, c := range l { close(c) } }; func g() { f(make(chan int), make(chan int, 1)) }`, "l", true, 2, true, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			c := Chan{p.v(tt.name), tt.elem}
			makes, made := p.Makes(c)
			if len(makes) != tt.makes || made != tt.made {
				_, why := p.sources(c)
				t.Errorf("Makes = %d, %v (%s); want %d, %v", len(makes), made, why, tt.makes, tt.made)
			}
			closes, closed := p.Closes(c)
			if len(closes) != tt.closes || closed != tt.closed {
				t.Errorf("Closes = %d, %v (%s); want %d, %v", len(closes), closed, p.Escapes(c), tt.closes, tt.closed)
			}
		})
	}
}

func TestCapacityOfMakes(t *testing.T) {
	p := load(t, `const k = 3; func g(n int) { a := make(chan int); b := make(chan int, k+1); c := make(chan int, n); _, _, _ = a, b, c }`)
	for name, want := range map[string]Make{"a": {CapKnown: true}, "b": {Cap: 4, CapKnown: true}, "c": {}} {
		makes, _ := p.Makes(Chan{p.v(name), false})
		if len(makes) != 1 || makes[0].Cap != want.Cap || makes[0].CapKnown != want.CapKnown {
			t.Errorf("Makes(%s) = %+v", name, makes)
		}
		if m := makes[0]; (m.CapExpr == nil) != (name == "a") || m.Fn == nil {
			t.Errorf("Makes(%s) = %+v: expression or function wrong", name, m)
		}
	}
}

func TestOperationsAreFoundThroughAliases(t *testing.T) {
	p := load(t, `
type s struct{ ch, other chan int }
func (v *s) run() {
	v.ch, v.other = make(chan int), make(chan int)
	c := v.ch
	go pump(c)
	go pump(v.other)
	<-v.other
	select { case x := <-v.ch: _ = x; case v.ch <- 1: }
	for range v.ch {}
}
func pump(c chan int) { c <- 1; <-c }
`)
	ch := Chan{p.v("ch"), false}
	if n := len(p.Sends(ch)); n != 2 {
		t.Errorf("%d sends, want 2", n)
	}
	receives := p.Receives(ch)
	if len(receives) != 3 {
		t.Fatalf("%d receives, want 3", len(receives))
	}
	if _, ok := receives[1].(*ast.RangeStmt); !ok {
		t.Errorf("second receive is a %T, want the range", receives[1])
	}
	if n := len(p.Sends(Chan{p.v("other"), false})); n != 1 {
		t.Errorf("%d sends on the other, want 1", n)
	}
	if n := len(p.Receives(Chan{p.v("other"), false})); n != 2 {
		t.Errorf("%d receives from the other, want 2", n)
	}
}

func TestSendFits(t *testing.T) {
	const w = `type w struct{ mu locker; ch chan int; done bool; n int }; type locker struct{}; func (*locker) Lock() {}; func (*locker) Unlock() {}
type s struct { mu locker; q []*w; m map[int]*w; l []chan int }
`
	tests := []struct {
		claim, src string // about the last send
		why        string // part of the reason
		fits       bool
	}{
		{"a select with default", `func g(c chan int) { select { case c <- 1: default: } }`, "default", true},
		{"a select without default", `func g(c chan int) { select { case c <- 1: } }`, "c is never made", false},
		{"unbuffered", `func g() { c := make(chan int); go func() { <-c }(); c <- 1 }`, "unbuffered (p.go:2)", false},
		{"a parameter of unknown capacity", `func G(c chan int) { c <- 1 }`, "capacity of c is not known", false},
		{"never made", `func g() { var c chan int; c <- 1 }`, "never made", false},

		{"one send in a goroutine", `func g() int { c := make(chan int, 1); go func() { c <- 1 }(); return <-c }`, "room for every send", true},
		{"two sends, room for one", `func g() int { c := make(chan int, 1); go func() { c <- 1; c <- 2 }(); return <-c }`, "nothing shows", false},
		{"two goroutines, room for two", `func g() { c := make(chan int, 2); go func() { c <- 1 }(); go func() { c <- 2 }(); <-c }`, "room", true},
		{"two goroutines, room for one", `func g() { c := make(chan int, 1); go func() { c <- 1 }(); go func() { c <- 2 }(); <-c }`, "nothing shows", false},
		{"one of two branches", `func g(b bool) { c := make(chan int, 1); go func() { if b { c <- 1; return }; c <- 2 }(); <-c }`, "room", true},
		{"no branch leaves", `func g(b bool) { c := make(chan int, 1); go func() { if b { c <- 1 }; c <- 2 }(); <-c }`, "nothing shows", false},
		{"one of the cases", `func g(b int) { c := make(chan int, 1); go func() { switch b { case 1: c <- 1; default: c <- 2 } }(); <-c }`, "room", true},
		{"cases fall through", `func g(b int) { c := make(chan int, 1); go func() { switch b { case 1: c <- 1; fallthrough; default: c <- 2 } }(); <-c }`, "nothing shows", false},
		{"a break is not the end", `func g(b int) { c := make(chan int, 1); go func() { switch b { case 1: c <- 1; break; default: return }; c <- 2 }(); <-c }`, "nothing shows", false},
		{"in a loop", `func g() { c := make(chan int, 1); go func() { for { c <- 1 } }(); <-c }`, "nothing shows", false},
		{"in a loop that it ends", `func g(f func() bool) { c := make(chan int, 1); go func() { for { if f() { c <- 1; return } } }(); <-c }`, "room", true},
		{"in a loop that it ends by break", `func g(f func() bool) { c := make(chan int, 1); go func() { for { if f() { c <- 1; break } } }(); <-c }`, "room", true},
		{"a break in a select does not end the loop", `func g(f chan int) { c := make(chan int, 1); go func() { for { select { case <-f: c <- 1; break } } }(); <-c }`, "nothing shows", false},
		{"in a loop of constant length", `func g() { c := make(chan int, 3); for range 3 { go func() { c <- 1 }() }; <-c }`, "room", true},
		{"in a loop of more turns than room", `func g() { c := make(chan int, 2); for i := 0; i < 3; i++ { go func() { c <- i }() }; <-c }`, "nothing shows", false},
		{"in a loop over what was counted", `func g(xs []int) { c := make(chan int, len(xs)); for _, x := range xs { go func() { c <- x }() }; <-c }`, "room", true},
		{"twice in a loop over what was counted", `func g(xs []int) { c := make(chan int, len(xs)); for _, x := range xs { go func() { c <- x; c <- x }() }; <-c }`, "nothing shows", false},
		{"in two loops over what was counted", `func g(xs []int) { c := make(chan int, len(xs)); for range xs { c <- 1 }; for range xs { c <- 1 } }`, "nothing shows", false},
		{"in a loop over something longer", `func g(xs, ys []int) { c := make(chan int, len(xs)); for range ys { c <- 1 } }`, "nothing shows", false},
		{"in a loop over what has grown", `func g(xs []int) { c := make(chan int, len(xs)); xs = append(xs, 1); for range xs { c <- 1 } }`, "nothing shows", false},
		{"in a loop up to a variable", `func g(n int) { c := make(chan int, n); for i := 0; i < n; i++ { go func() { c <- i }() }; <-c }`, "room", true},
		{"in a loop that turns its counter back", `func g(n int) { c := make(chan int, n); for i := 0; i < n; i++ { c <- i; i-- } }`, "nothing shows", false},
		{"a jump back", `func g(b func() bool) { c := make(chan int, 1); l: c <- 1; if b() { goto l } }`, "nothing shows", false},
		{"made anew in each turn", `func g() { for { c := make(chan int, 1); go func() { c <- 1 }(); <-c } }`, "room", true},
		{"made once for all turns", `func g() { c := make(chan int, 1); for { go func() { c <- 1 }(); <-c } }`, "nothing shows", false},
		{"in a literal that is kept", `func g() func() { c := make(chan int, 1); return func() { c <- 1 } }`, "nothing shows", false},
		{"in a literal run by WaitGroup.Go", "package p\nimport \"sync\"\nfunc g() { var wg sync.WaitGroup; c := make(chan int, 1); wg.Go(func() { c <- 1 }); wg.Wait() }", "room", true},
		{"in a function that is given the channel", `func g() { c := make(chan int, 1); go h(c); <-c }; func h(c chan<- int) { c <- 1 }`, "room", true},
		{"in a function that is given the channel twice", `func g() { c := make(chan int, 1); go h(c); go h(c); <-c }; func h(c chan<- int) { c <- 1 }`, "nothing shows", false},
		{"passed to someone who may send", `func g(f func(chan int)) { c := make(chan int, 1); f(c); c <- 1 }`, "others may send", false},
		{"passed to someone who receives", `func g(f func(<-chan int)) { c := make(chan int, 1); go f(c); go func() { c <- 1 }() }`, "room", true},

		{"the first send on a new channel", `func G() chan int { c := make(chan int, 1); c <- 1; return c }`, "nobody else knows", true},
		{"the first send on a channel shown before", `func G(f func(chan int)) { c := make(chan int, 1); f(c); c <- 1 }`, "others may send", false},
		{"one send too many on a new channel", `func G() chan int { c := make(chan int, 1); c <- 1; c <- 2; return c }`, "others may send", false},
		{"a loop of sends on a new channel", `func G() chan int { c := make(chan int, 1); for { c <- 1 }; return c }`, "others may send", false},
		{"the first send on a field of a new object", w + `func g(s *s, b bool) *w { w := &w{ch: make(chan int, 100)}; w.n = 1; if b { w.ch <- 1; return w }; s.q = append(s.q, w); return w }`, "nobody else knows", true},
		{"the first send on a field of an object stored before", w + `func g(s *s) { w := &w{ch: make(chan int, 100)}; s.q = append(s.q, w); w.ch <- 1 }`, "nothing shows", false},
		{"the first send on a field of an object a method saw", w + `func (w *w) m() {}; func g(s *s) { w := &w{ch: make(chan int, 100)}; w.m(); w.ch <- 1 }`, "nothing shows", false},
		{"a field whose channel was shown before", w + `func g(f func(<-chan int)) { w := &w{ch: make(chan int, 1)}; f(w.ch); w.ch <- 1 }`, "nothing shows", false},

		{"drained right before", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); select { case <-w.ch: default: }; w.ch <- 1; w.mu.Unlock() }`, "drained", true},
		{"drained without a lock", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { select { case <-w.ch: default: }; w.ch <- 1 }`, "nothing shows", false},
		{"drained under a lock given up", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); w.mu.Unlock(); select { case <-w.ch: default: }; w.ch <- 1 }`, "nothing shows", false},
		{"drained, another send is not", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) i() { w.mu.Lock(); w.ch <- 1; w.mu.Unlock() }; func (w *w) h() { w.mu.Lock(); select { case <-w.ch: default: }; w.ch <- 1; w.mu.Unlock() }`, "nothing shows", false},
		{"drained another channel", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(o *w) { w.mu.Lock(); select { case <-o.ch: default: }; w.ch <- 1; w.mu.Unlock() }`, "", false},

		{"a flag admits one", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.done = true; w.ch <- 1 }`, "w.done guards it", true},
		{"a flag around it admits one", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); if !w.done { w.ch <- 1; w.done = true } }`, "w.done guards it", true},
		{"a flag set ahead of a test around it", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(c bool) { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.done = true; if c { w.ch <- 1 } }`, "w.done guards it", true},
		{"a flag set behind a test around it, which may be left", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(c bool) { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; if c { w.ch <- 1; return }; w.done = true }`, "nothing shows", false},
		{"a flag, a panic before", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(x int) { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; if x > 1 { panic(x) }; w.done = true; w.ch <- 1 }`, "w.done guards it", true},
		{"a flag, a way out between send and flag", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(x int) { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.ch <- 1; if x > 1 { return }; w.done = true }`, "nothing shows", false},
		{"a flag, a gap in the lock", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(x int) { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.mu.Unlock(); w.mu.Lock(); w.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"a lock given up later in a loop", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); for { select { case <-w.ch: default: }; w.ch <- 1; w.mu.Unlock() } }`, "nothing shows", false},
		{"a flag without a lock", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { if w.done { return }; w.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"a flag taken back", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) r() { w.done = false }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"a flag never tested", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); w.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"a flag of another object", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h(o *w) { w.mu.Lock(); defer w.mu.Unlock(); if o.done { return }; o.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"a flag, and a second send", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) i() { w.ch <- 1 }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"one channel in two objects", w + `func g() (*w, *w) { c := make(chan int, 1); return &w{ch: c}, &w{ch: c} }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); if w.done { return }; w.done = true; w.ch <- 1 }`, "nothing shows", false},
		{"nil afterwards", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); if w.ch != nil { w.ch <- 1; w.ch = nil } }`, "it is nil afterwards", true},
		{"nil afterwards, not tested", w + `func g() *w { return &w{ch: make(chan int, 1)} }; func (w *w) h() { w.mu.Lock(); defer w.mu.Unlock(); w.ch <- 1; w.ch = nil }`, "nothing shows", false},

		{"deleted after the send", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.mu.Lock(); s.m[k] = w; s.mu.Unlock(); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for k, w := range s.m { w.ch <- 1; delete(s.m, k) } }`, "leaves m in the same section", true},
		{"deleted by its key", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.mu.Lock(); s.m[k] = w; s.mu.Unlock(); return w }
func (s *s) wake(k int) { s.mu.Lock(); defer s.mu.Unlock(); w, ok := s.m[k]; if !ok { return }; delete(s.m, k); w.ch <- 1 }`, "leaves m", true},
		{"another key deleted", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.mu.Lock(); s.m[k] = w; s.mu.Unlock(); return w }
func (s *s) wake(k, j int) { s.mu.Lock(); defer s.mu.Unlock(); w := s.m[k]; delete(s.m, j); w.ch <- 1 }`, "nothing shows", false},
		{"not deleted", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.mu.Lock(); s.m[k] = w; s.mu.Unlock(); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, w := range s.m { w.ch <- 1 } }`, "nothing shows", false},
		{"deleted without a lock", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.mu.Lock(); s.m[k] = w; s.mu.Unlock(); return w }
func (s *s) wake() { for k, w := range s.m { w.ch <- 1; delete(s.m, k) } }`, "nothing shows", false},
		{"put in twice", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.mu.Lock(); s.m[k] = w; s.m[k+1] = w; s.mu.Unlock(); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for k, w := range s.m { w.ch <- 1; delete(s.m, k) } }`, "nothing shows", false},
		{"put in by others", w + `func (s *s) add(k int, w *w) { w.ch = make(chan int, 1); s.m[k] = w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for k, w := range s.m { w.ch <- 1; delete(s.m, k) } }`, "nothing shows", false},
		{"the collection is known to others", w + `func (s *s) add(k int) *w { w := &w{ch: make(chan int, 1)}; s.m[k] = w; return w }; func (s *s) all() map[int]*w { return s.m }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for k, w := range s.m { w.ch <- 1; delete(s.m, k) } }`, "nothing shows", false},
		{"emptied after the loop", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, w := range s.q { w.ch <- 1 }; s.q = nil }`, "leaves q", true},
		{"emptied after a loop that may end early", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, w := range s.q { w.ch <- 1; if w.n > 0 { return } }; s.q = nil }`, "nothing shows", false},
		{"emptied under another lock", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); for _, w := range s.q { w.ch <- 1 }; s.mu.Unlock(); s.mu.Lock(); s.q = nil; s.mu.Unlock() }`, "nothing shows", false},
		{"sent to twice in a turn", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, w := range s.q { for range 2 { w.ch <- 1 } }; s.q = nil }`, "nothing shows", false},
		{"detached before the loop", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); q := s.q; s.q = nil; s.mu.Unlock(); for _, w := range q { w.ch <- 1 } }`, "leaves q", true},
		{"detached but the array kept", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); q := s.q; s.q = s.q[:0]; s.mu.Unlock(); for _, w := range q { w.ch <- 1 } }`, "nothing shows", false},
		{"popped", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); if len(s.q) == 0 { return }; w := s.q[0]; s.q = s.q[1:]; w.ch <- 1 }`, "leaves q", true},
		{"the wrong one popped", w + `func (s *s) add() *w { w := &w{ch: make(chan int, 1)}; s.q = append(s.q, w); return w }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); w := s.q[1]; s.q = s.q[1:]; w.ch <- 1 }`, "nothing shows", false},
		{"channels themselves emptied after the loop", w + `func (s *s) add() <-chan int { c := make(chan int, 1); s.l = append(s.l, c); return c }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, c := range s.l { c <- 1 }; s.l = nil }`, "leaves l", true},
		{"channels themselves kept", w + `func (s *s) add() <-chan int { c := make(chan int, 1); s.l = append(s.l, c); return c }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, c := range s.l { c <- 1 } }`, "nothing shows", false},
		{"one send for each element", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { go func() { v[i] <- x }() }; for _, c := range v { <-c } }`, "one turn sends", true},
		{"one send for each element, by a copy", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { i := i; j := i; go func() { v[j] <- x }() }; for _, c := range v { <-c } }`, "one turn sends", true},
		{"one send for each element, by an argument", `func g(n int) { v := make([]chan int, n); for i := 0; i < n; i++ { v[i] = make(chan int, 1) }
for i := 0; i < n; i++ { go func(at, x int) { v[at] <- x }(i, 7) }; for _, c := range v { <-c } }`, "one turn sends", true},
		{"one send for each element, by its value", `func g(n int) { v := []chan int{make(chan int, 1)}; for range n { v = append(v, make(chan int, 1)) }
for i, c := range v { go func() { c <- i }() }; for _, c := range v { <-c } }`, "one turn sends", true},
		{"one send for each element, from a goroutine that runs the loop", `func g(xs []int, f func(int) bool) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
go func() { for i, x := range xs { if f(x) { return }; go func() { if f(i) { v[i] <- x; return }; v[i] <- -x }() } }(); for _, c := range v { <-c } }`, "one turn sends", true},
		{"two sends a turn, room for two", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 2) }
for i, x := range xs { go func() { v[i] <- x; v[i] <- x }() } }`, "one turn sends", true},
		{"two sends a turn, room for one", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { go func() { v[i] <- x; v[i] <- x }() } }`, "nothing shows", false},
		{"room for one in some elements", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 2) }; v[0] = make(chan int, 1)
for i, x := range xs { go func() { v[i] <- x; v[i] <- x }() } }`, "nothing shows", false},
		{"elements without room", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 0) }
for i, x := range xs { go func() { v[i] <- x }() } }`, "unbuffered", false},
		{"the loop over the elements runs twice", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for range 2 { for i, x := range xs { go func() { v[i] <- x }() } } }`, "nothing shows", false},
		{"the loop runs as often as its literal is called", `func g(xs []int, f func(func())) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
f(func() { for i, x := range xs { v[i] <- x } }) }`, "nothing shows", false},
		{"the loop is jumped back to", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
again: for i, x := range xs { v[i] <- x }; goto again }`, "nothing shows", false},
		{"two loops over the elements", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { v[i] <- x }; for i, x := range xs { v[i] <- x } }`, "nothing shows", false},
		{"an index that is computed", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { j := i % 2; go func() { v[j] <- x }() } }`, "nothing shows", false},
		{"an index that is a value", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for _, x := range xs { go func() { v[x] <- x }() } }`, "nothing shows", false},
		{"an index that the body changes", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { i = x; go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"an argument that the literal changes", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { go func(i int) { i = x; v[i] <- x }(i) } }`, "nothing shows", false},
		{"a copy from around the loop", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
j := 0; for range xs { go func() { v[j] <- 1 }() } }`, "nothing shows", false},
		{"the keys of a map", `func g(xs map[int]int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"one channel in all elements", `func g(xs []int) { v := make([]chan int, len(xs)); c := make(chan int, 1); for i := range v { v[i] = c }
for i, x := range xs { go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"an element that is copied", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }; v[0] = v[1]
for i, x := range xs { go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"a slice that is another's too", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }; u := v; u[0] = u[1]
for i, x := range xs { go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"a slice that is set again", `func g(xs []int) { v := make([]chan int, len(xs)); u := v; for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { v = u; go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"a slice that is cut and grows again", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { v = v[:i+1]; go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"a slice that is passed on", `func g(xs []int, f func([]chan int)) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }; f(v)
for i, x := range xs { go func() { v[i] <- x }() } }`, "passed on", false},
		{"another send on an element", `func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }; go func() { v[0] <- 1 }()
for i, x := range xs { go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"a helper sends on an element", `func h(c chan int) { c <- 1 }; func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }; h(v[0])
for i, x := range xs { go func() { v[i] <- x }() } }`, "nothing shows", false},
		{"a value that the body changes", `func g(n int) { v := []chan int{make(chan int, 1), make(chan int, 1)}
for i, c := range v { c = v[0]; go func() { c <- i }() } }`, "nothing shows", false},
		{"channels themselves unbuffered", w + `func (s *s) add() <-chan int { c := make(chan int); s.l = append(s.l, c); return c }
func (s *s) wake() { s.mu.Lock(); defer s.mu.Unlock(); for _, c := range s.l { c <- 1 }; s.l = nil }`, "unbuffered", false},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			fits, why := p.SendFits(p.lastSend())
			if fits != tt.fits || !strings.Contains(why, tt.why) {
				t.Errorf("SendFits = %v, %q; want %v, %q", fits, why, tt.fits, tt.why)
			}
		})
	}
}

// Before go1.22 the goroutines of all turns share the variable of the loop.
func TestSendFitsInOldVersions(t *testing.T) {
	const head = `package p; func g(xs []int) { v := make([]chan int, len(xs)); for i := range v { v[i] = make(chan int, 1) }
for i, x := range xs { `
	tests := []struct {
		claim, body string
		fits        bool
	}{
		{"the variable itself", `go func() { v[i] <- x }()`, false},
		{"a copy in the turn", `i := i; go func() { v[i] <- x }()`, true},
		{"a copy in the goroutine", `go func() { i := i; v[i] <- x }()`, false},
		{"an argument", `go func(i int) { v[i] <- x }(i)`, true},
		{"no goroutine", `v[i] <- x`, true},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			src := source.Check(token.NewFileSet(), source.Config{
				Path: "p", GoVersion: "go1.21", Bodies: true, Importer: syncImporter,
			}, []source.Input{{Name: "/p/p.go", Content: []byte(head + tt.body + ` } }`)}})
			p := program{New(src), t, src}
			if fits, why := p.SendFits(p.lastSend()); fits != tt.fits {
				t.Errorf("SendFits = %v, %q; want %v", fits, why, tt.fits)
			}
		})
	}
}
