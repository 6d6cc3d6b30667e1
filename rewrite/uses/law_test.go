package uses

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"sync"
	"testing"

	sample "github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/source"
)

const busy = `
type hub struct { subs map[int]chan int; q []*sub; on []func(int); mu lock }
type sub struct { ch chan int; done bool }
type lock struct{}
func (*lock) Lock() {}
func (*lock) Unlock() {}
func (h *hub) add(k int, f func(int)) *sub {
	s := &sub{ch: make(chan int, 1)}
	h.q = append(h.q, s)
	h.subs[k] = s.ch
	h.on = append(h.on, f, func(x int) { s.ch <- x })
	return s
}
func (h *hub) run() {
	h.add(1, func(int) {})
	for _, c := range h.subs { c <- 1 }
	for _, s := range h.q { select { case s.ch <- 2: default: } }
	for _, f := range h.on { f(3) }
	a, b := two()
	a <- <-b
	close(a)
}
func two() (chan int, chan int) { return make(chan int, 2), make(chan int) }
`

// TestAnswersAreTheSameEachTime builds the index afresh and compares all that
// can be asked of it.
func TestAnswersAreTheSameEachTime(t *testing.T) {
	p := load(t, busy)
	want := p.transcript()
	for range 20 {
		q := program{New(p.src), t, p.src}
		if got := q.transcript(); got != want {
			t.Fatalf("answers differ:\n%s\n%s", got, want)
		}
	}
}

// TestIndexIsSharedSafely asks one index from several sides; the race detector
// judges.
func TestIndexIsSharedSafely(t *testing.T) {
	p := load(t, busy)
	var wg sync.WaitGroup
	answers := make([]string, 4)
	for i := range answers {
		wg.Go(func() { answers[i] = p.transcript() })
	}
	wg.Wait()
	if len(slices.Compact(answers)) != 1 {
		t.Error("answers differ")
	}
}

// TestAnswersAreInOrder holds the promise of position order.
func TestAnswersAreInOrder(t *testing.T) {
	p := load(t, busy)
	inOrder := func(what string, nodes ...ast.Node) {
		if !slices.IsSortedFunc(nodes, p.order) {
			t.Errorf("%s is not in order", what)
		}
	}
	for _, v := range p.named() {
		for _, elem := range []bool{false, true} {
			c := Chan{p.v(v), elem}
			var nodes []ast.Node
			for _, s := range p.Sends(c) {
				nodes = append(nodes, s)
			}
			inOrder("sends of "+v, nodes...)
			inOrder("receives of "+v, p.Receives(c)...)
		}
		var nodes []ast.Node
		for _, w := range p.Writes(p.v(v)) {
			nodes = append(nodes, w.Node)
		}
		inOrder("writes of "+v, nodes...)
		inOrder("reads of "+v, p.Reads(p.v(v))...)
	}
}

// TestOperationsBelongToTheirChannel holds that what ChanOf names has the
// operation among its own.
func TestOperationsBelongToTheirChannel(t *testing.T) {
	p := load(t, busy)
	p.build()
	for _, s := range p.sends {
		c, ok := p.ChanOf(s.Chan)
		if !ok || !slices.Contains(p.Sends(c), s) {
			t.Errorf("the send on line %d is not among those of its channel", p.src.Position(s.Pos()).Line)
		}
	}
	for _, r := range p.receives {
		if c, ok := p.ChanOf(r.(*ast.UnaryExpr).X); ok && !slices.Contains(p.Receives(c), r) {
			t.Errorf("the receive on line %d is not among those of its channel", p.src.Position(r.Pos()).Line)
		}
	}
}

func (p program) named() []string {
	return []string{"subs", "q", "on", "ch", "done", "h", "k", "f", "s", "c", "a", "b"}
}

// transcript writes down the answers to everything.
func (p program) transcript() string {
	var b strings.Builder
	for _, name := range p.named() {
		v := p.v(name)
		ok, why := p.Immutable(v)
		targets, all := p.FuncValues(v)
		fmt.Fprintln(&b, name, ok, why, len(targets), all, len(p.Writes(v)), len(p.Reads(v)))
		for _, target := range targets {
			if target.Lit != nil {
				fmt.Fprint(&b, " ", p.src.Position(target.Lit.Pos()))
			}
		}
		for _, elem := range []bool{false, true} {
			c := Chan{v, elem}
			makes, made := p.Makes(c)
			closes, closed := p.Closes(c)
			fmt.Fprintln(&b, elem, len(makes), made, len(closes), closed, p.Escapes(c), len(p.Sends(c)), len(p.Receives(c)))
		}
	}
	p.build()
	for _, s := range p.sends {
		ok, why := p.SendFits(s)
		fmt.Fprintln(&b, ok, why)
	}
	return b.String()
}

// nested has functions around and in each other, in the places that a range may
// get wrong: where a literal is called, where two begin at one position or end at
// one, and outside of functions.
const nested = `
// outer is documented.
func outer(f func(func()) func()) (g func()) {
	func() { _ = func(x int) int { return x }(1) }()
	defer f(func() { go func() {}() })()
	x := []func(){func() {}, func() { _ = func() func() { return func() {} } }}
	return x[len(func() string { return "" }())]
}
type T struct { /* of T */ f func(a int) (b int) }
var (
	v = func() func() { return func() { outer(nil) } }
	w, z = 1, T{f: func(a int) int { return a + func() int { return w }() }}
)
func (t *T) m() { ((func() { t.f(1) }))() }
`

// TestEnclosingIsTheNearestAbove compares what is found by positions with the way
// up from parent to parent.
func TestEnclosingIsTheNearestAbove(t *testing.T) {
	for _, src := range []string{nested, busy} {
		p := load(t, src)
		n := 0
		for _, f := range p.src.Files {
			descend(f.Syntax, new(desk), func(d step, _ *step) {
				n++
				var want ast.Node
				for up := range p.up.around(d.Node) {
					switch up.(type) {
					case *ast.FuncDecl, *ast.FuncLit:
						if want == nil {
							want = up
						}
					}
				}
				if got := p.Enclosing(d.Node); got != want {
					t.Errorf("%T at %s: %T, not %T", d.Node, p.src.Position(d.Pos()), got, want)
				}
			})
		}
		if n < 150 {
			t.Errorf("only %d nodes", n)
		}
	}
}

// TestParentsAreFoundOneDeclarationAtATime: the map of all nodes is for those of a
// file that stand in no declaration, not for nodes that somebody made up.
func TestParentsAreFoundOneDeclarationAtATime(t *testing.T) {
	p := load(t, "// A comment of a.\nvar a = func() {} // behind a\n"+nested)
	for _, f := range p.src.Files {
		descend(f.Syntax, new(desk), func(d step, want *step) {
			if want == nil {
				return
			}
			if _, ok := want.Node.(*ast.File); ok {
				return
			}
			if up := p.Parent(d.Node); up != want.Node {
				t.Errorf("%T at %s stands in %T, not %T", d.Node, p.src.Position(d.Pos()), up, want.Node)
			}
			switch d.Node.(type) {
			case *ast.Comment, *ast.CommentGroup: // may stand behind its declaration
				return
			}
			made := &ast.ParenExpr{Lparen: d.Pos(), X: &ast.Ident{NamePos: d.Pos(), Name: "x"}}
			if up := p.Parent(made); up != nil {
				t.Errorf("what was made up at %s stands in %T", p.src.Position(d.Pos()), up)
			}
		})
		if p.up.rest != nil {
			t.Error("the map of all nodes was made")
		}
		if p.Parent(f.Syntax.Name) != f.Syntax {
			t.Error("the name of a file does not stand in it")
		}
	}
}

// An index that was renewed after an edit answers as a new one, and has made nothing
// anew for the files that kept their syntax.
func TestARenewedIndexAnswersAsANewOne(t *testing.T) {
	p := sample.Sample(t, 3)
	x := New(p)
	ask := func(files []*source.File, each func(n ast.Node)) {
		for _, f := range files {
			ast.Inspect(f.Syntax, func(n ast.Node) bool {
				if n != nil {
					each(n)
				}
				return true
			})
		}
	}
	ask(p.Files[:2], func(n ast.Node) { x.Parent(n) })
	q := p.With(map[string][]byte{p.Files[0].Name: append(slices.Clone(p.Files[0].Content), "\nfunc added() { _ = func() int { return 1 } }\n"...)})
	if len(q.Errors) > 0 {
		t.Fatal(q.Errors[0])
	}
	renewed, fresh := x.Renew(q), New(q)
	ask(q.Files, func(n ast.Node) {
		if got, want := renewed.Parent(n), fresh.Parent(n); got != want {
			t.Fatalf("the parent of %T at %v is %T, want %T", n, q.Position(n.Pos()), got, want)
		}
		if got, want := renewed.Enclosing(n), fresh.Enclosing(n); got != want {
			t.Fatalf("the function around %T at %v is %v, want %v", n, q.Position(n.Pos()), got, want)
		}
	})
	for i, f := range q.Files {
		kept := f.Syntax == p.Files[i].Syntax
		if shared := renewed.up.families[f.Syntax][0] == x.up.families[p.Files[i].Syntax][0]; shared != kept {
			t.Errorf("file %d: shared %v, want %v", i, shared, kept)
		}
	}
}
