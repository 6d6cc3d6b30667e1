package locks

import (
	"fmt"
	"go/token"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/graph/formats/dot"
	"gonum.org/v1/gonum/graph/formats/dot/ast"

	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// at is line n of a file.
func at(n int) token.Position {
	return token.Position{Filename: "/w/p.go", Line: n, Column: 2}
}

// side is a lock in a package-level variable: there is only one of it.
func side(class string) summary.Side {
	return summary.Side{Class: class, Mode: syncapi.Write, Expr: class[strings.LastIndex(class, ".")+1:], Root: summary.Unique, Path: class}
}

// order is one that is made at line n.
func order(pkg, held, taken string, n int) Order {
	return Order{Package: pkg, Edge: summary.Edge{Held: side(held), Taken: side(taken), Must: true},
		Steps: []Step{{at(n), "holds " + held}, {at(n + 1), "locks " + taken}}}
}

func callback(class, callee string, n int) Call {
	return Call{Class: class, Callee: callee, Steps: []Step{{at(n), "holds it"}, {at(n + 1), "calls " + callee}}}
}

const odd = `m/q.Cache[K, "V"].mu` // what no type is called, and each language has its own trouble with

func pieces() []Piece {
	return []Piece{
		{Package: "m/q", Orders: []Order{order("m/q", "m/q.b", "m/q.a", 10), order("m/q", "m/q.b", odd, 20)}},
		{Package: "m/p", Orders: []Order{order("m/p", "m/q.a", "m/q.b", 30), order("m/p", odd, "m/p.far", 40), order("m/p", "m/p.x", "m/p.y", 50)},
			Calls: []Call{callback("m/q.a", "t.done", 60), callback("m/q.a", "t.done", 70), callback("m/p.lone", "f", 80)}},
	}
}

func names(g *Graph) (out []string) {
	for _, l := range g.Locks {
		out = append(out, l.Name)
	}
	return out
}

func TestWhatIsShown(t *testing.T) {
	whole := Build(pieces(), nil)
	focus := func(name string) *Graph {
		g, err := whole.Focus(name)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	const cache = `q.Cache[K, "V"].mu`
	for _, r := range []struct {
		claim string
		g     *Graph
		want  []string
		count string
	}{
		{"all", whole, []string{"p.far", "p.lone", "p.x", "p.y", cache, "q.a", "q.b"}, "7 locks, 5 orders, 1 cycle, 2 callbacks"},
		{"the cycle, one hop around it, and the lock with a callback", whole.Wrong(), []string{"p.lone", cache, "q.a", "q.b"}, "4 of 7 locks, 3 of 5 orders, 1 cycle, 2 callbacks"},
		{"a lock and one hop around it, both ways", focus(`Cache[K, "V"].mu`), []string{"p.far", cache, "q.b"}, "3 of 7 locks, 2 of 5 orders, 0 of 1 cycle, 0 of 2 callbacks"},
		{"a lock by its class", focus("m/p.lone"), []string{"p.lone"}, "1 of 7 locks, 0 of 5 orders, 0 of 1 cycle, 1 of 2 callbacks"},
		{"the end of a name, but no part of a word", focus("a"), []string{"q.a", "q.b"}, "2 of 7 locks, 2 of 5 orders, 1 cycle, 1 of 2 callbacks"},
	} {
		if got := names(r.g); !slices.Equal(got, r.want) {
			t.Errorf("%s: got %q, want %q", r.claim, got, r.want)
		}
		if got := Count(r.g); got != r.count {
			t.Errorf("%s: got %s, want %s", r.claim, got, r.count)
		}
	}
	if _, err := whole.Focus("p.lome"); err == nil || err.Error() != "no lock p.lome in the graph: did you mean p.lone?" {
		t.Errorf("got %v", err)
	}
}

func TestText(t *testing.T) {
	want := `4 of 7 locks, 3 of 5 orders, 1 cycle, 2 callbacks

cycle (deadlock): q.a -> q.b -> q.a
	./p.go:30:2: holds m/q.a
	./p.go:31:2: locks m/q.b
	./p.go:10:2: holds m/q.b
	./p.go:11:2: locks m/q.a

callback: f runs under p.lone
	./p.go:80:2: holds it
	./p.go:81:2: calls f

callback: t.done runs under q.a
	./p.go:60:2: holds it
	./p.go:61:2: calls t.done
	./p.go:70:2: holds it
	./p.go:71:2: calls t.done

order: q.b -> q.Cache[K, "V"].mu
	./p.go:20:2: holds m/q.b
	./p.go:21:2: locks m/q.Cache[K, "V"].mu
`
	if got := Text(Build(pieces(), nil).Wrong(), "/w"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Packages are looked at in any order, and the graph is the same.
func TestTheOrderOfPackagesDoesNotMatter(t *testing.T) {
	reversed := pieces()
	slices.Reverse(reversed)
	a, b := Build(pieces(), nil), Build(reversed, nil)
	for name, write := range map[string]func(*Graph) string{
		"text": func(g *Graph) string { return Text(g, "/w") }, "dot": func(g *Graph) string { return Dot(g, "/w") }, "mermaid": Mermaid,
	} {
		if write(a) != write(b) {
			t.Errorf("%s differs:\n%s\n%s", name, write(a), write(b))
		}
	}
}

func TestWhatIsLearned(t *testing.T) {
	ask := pieces()[1:] // of p only
	var learned []Order
	for _, o := range append(pieces()[0].Orders, pieces()[1].Orders...) {
		o.Learned = true
		learned = append(learned, o)
	}
	text := Text(Build(ask, learned), "/w")
	for _, want := range []string{"7 locks, 5 orders, 1 cycle", `order: q.b -> q.Cache[K, "V"].mu (learned from m/q)`, "order: p.x -> p.y\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing in\n%s", want, text)
		}
	}
}

func TestDotParses(t *testing.T) {
	g := Build(pieces(), nil)
	text := Dot(g, "/w")
	file, err := dot.ParseString(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	nodes, red, amber := 0, 0, 0
	for _, s := range file.Graphs[0].Stmts {
		var attrs []*ast.Attr
		switch s := s.(type) {
		case *ast.NodeStmt:
			nodes++
		case *ast.EdgeStmt:
			attrs = s.Attrs
		}
		for _, a := range attrs {
			switch {
			case a.Key == "color" && a.Val == `"#d32f2f"`:
				red++
			case a.Key == "color":
				amber++
			}
		}
	}
	if nodes != 9 || red != 2 || amber != 2 {
		t.Errorf("%d nodes, %d red arrows, %d amber ones in\n%s", nodes, red, amber, text)
	}
	if want := `label="q.Cache[K, \"V\"].mu"`; !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
}

func TestMermaid(t *testing.T) {
	want := `flowchart LR
	n0["p.lone"]
	n1["q.Cache[K, #quot;V#quot;].mu"]
	n2["q.a"]
	n3["q.b"]
	n2 --> n3
	n3 --> n1
	n3 --> n2
	c0(["f"])
	n0 -.-> c0
	c1(["t.done"])
	n2 -.-> c1
	classDef cycle stroke:#d32f2f,stroke-width:2px
	class n2,n3 cycle
	linkStyle 0,2 stroke:#d32f2f,stroke-width:2px
	classDef callback stroke:#b26a00
	class c0,c1 callback
	linkStyle 3,4 stroke:#b26a00
`
	if got := Mermaid(Build(pieces(), nil).Wrong()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestManyPlaces(t *testing.T) {
	var orders []Order
	for i := range 7 {
		orders = append(orders, order("m/p", "m/p.x", "m/p.y", 10*i+1))
	}
	g := Build([]Piece{{Package: "m/p", Orders: orders}, {Package: "m/p [m/p.test]", Orders: orders[:2]}}, nil)
	if text := Text(g, "/w"); strings.Count(text, "locks m/p.y") != maxPlaces || !strings.Contains(text, "\tand 4 more places\n") {
		t.Errorf("got\n%s", text)
	}
	if got, want := g.Arrows[0].Tip("/w"), "p.x -> p.y\n./p.go:1:2: holds m/p.x\n./p.go:2:2: locks m/p.y\nand 6 more"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNames(t *testing.T) {
	for class, want := range map[string]string{
		"example.com/m/hub.Broker.mu":      "hub.Broker.mu",
		"example.com/m/x.C[other.org/y.T]": "x.C[other.org/y.T]",
		"main.mu":                          "main.mu",
	} {
		if got := short(class); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	g := Build([]Piece{{Orders: []Order{order("", "a/p.mu", "b/p.mu", 1)}}}, nil)
	if got, want := fmt.Sprint(names(g)), "[a/p.mu b/p.mu]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
