package lockset

import (
	"go/ast"
	"go/types"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// tiny is an environment that knows the methods Lock and Unlock, and nothing
// else: what it leaves out need not be there.
func tiny(p *source.Package) *Env {
	files := []*ast.File{p.Files[0].Syntax}
	namer := NewNamer(p.Types, p.Info, files)
	return &Env{Info: p.Info, Namer: namer, Effect: func(fun ast.Expr, _ []ast.Expr) Effect {
		sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
		if !ok {
			return Effect{}
		}
		kind, ok := map[string]syncapi.Kind{"Lock": syncapi.Acquire, "Unlock": syncapi.Release}[sel.Sel.Name]
		if !ok {
			return Effect{}
		}
		return Effect{Changes: []Change{{Kind: kind, Resource: namer.Method(sel, Lock)}}}
	}}
}

func analyze(t *testing.T, src string) []*Body {
	t.Helper()
	p := check.Package(t, src)
	var out []*Body
	for _, d := range p.Files[0].Syntax.Decls {
		bodies, excess := Analyze(tiny(p), d)
		if excess != nil {
			t.Fatal(excess.What)
		}
		out = append(out, bodies...)
	}
	return out
}

func TestAnEnvironmentMayLackMostOfItself(t *testing.T) {
	bodies := analyze(t, `
		type T struct{ mu sync.Mutex; ch chan int }
		func (x *T) f() {
			x.mu.Lock()
			x.ch <- 1
			select { case v := <-x.ch: _ = v; default: }
			for range x.ch {}
			go func() { x.ch <- 2 }()
			x.mu.Unlock()
		}`)
	if len(bodies) != 2 {
		t.Fatalf("%d bodies, want 2", len(bodies))
	}
	sections := bodies[0].Sections
	if len(sections) != 1 || len(sections[0].Ops) != 4 || len(sections[0].Releases) != 1 {
		t.Errorf("sections %+v, want one of four operations and one release", sections)
	}
	if b := bodies[1]; !b.Spawned || len(b.Ops) != 1 || len(b.Ops[0].State.Held()) != 0 {
		t.Errorf("goroutine %+v, want one operation with nothing held", b)
	}
}

func TestDeclarationsWithoutCodeHaveNoBodies(t *testing.T) {
	if bodies := analyze(t, `func f(); var v = 1; type T struct{}`); len(bodies) != 0 {
		t.Errorf("%d bodies", len(bodies))
	}
}

func TestResourcesHaveTheKeyOfTheirPath(t *testing.T) {
	p := check.Package(t, `
		type E struct{ sync.Mutex }
		type T struct{ mu sync.Mutex; next *T; in E }
		var global T
		func f(a, b *T, xs []T) {
			c := a
			d := &b.next.mu
			use(a.mu, c.mu, (*a).mu, (&a.mu), b.mu, b.next.mu, d, a.next.mu, global.mu, p(a).mu, xs[0].mu, xs[1].mu)
		}
		func p(*T) *T
		func use(...any)`)
	namer := NewNamer(p.Types, p.Info, []*ast.File{p.Files[0].Syntax})
	keys := map[string][]string{} // expressions by key
	var order []string
	ast.Inspect(p.Files[0].Syntax, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && types.ExprString(call.Fun) == "use" {
			for _, arg := range call.Args {
				k := namer.Name(arg, Lock).Key()
				if keys[k] == nil {
					order = append(order, k)
				}
				keys[k] = append(keys[k], types.ExprString(arg))
			}
		}
		return true
	})
	want := [][]string{{"a.mu", "c.mu", "(*a).mu", "(&a.mu)"}, {"b.mu"}, {"b.next.mu", "d"}, {"a.next.mu"}, {"global.mu"}, {"p(a).mu"}, {"xs[0].mu"}, {"xs[1].mu"}}
	if len(order) != len(want) {
		t.Fatalf("%d keys: %v", len(order), keys)
	}
	for i, k := range order {
		if len(keys[k]) != len(want[i]) {
			t.Errorf("%s is the key of %v, want %v", k, keys[k], want[i])
		}
	}
}
