package picture

import (
	"context"
	"crypto/sha256"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/locks"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// graphOf makes a graph of pairs of classes.
func graphOf(calls []locks.Call, pairs ...[2]string) *locks.Graph {
	side := func(class string) summary.Side {
		return summary.Side{Class: class, Mode: syncapi.Write, Expr: class, Root: summary.Unique, Path: class}
	}
	p := locks.Piece{Package: "m", Calls: calls}
	for i, x := range pairs {
		o := locks.Order{Package: "m", Edge: summary.Edge{Held: side(x[0]), Taken: side(x[1]), Must: true}, Steps: []locks.Step{{Text: "holds"}, {Text: "locks"}}}
		o.Steps[1].Pos.Filename, o.Steps[1].Pos.Line = "/w/p.go", i+1
		p.Orders = append(p.Orders, o)
	}
	return locks.Build([]locks.Piece{p}, nil)
}

func draw(t *testing.T, g *locks.Graph) string {
	t.Helper()
	text, err := SVG(t.Context(), g, "/w")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const odd = `m.Cache[K, *"V"<&>].mu`

func small() *locks.Graph {
	calls := []locks.Call{{Class: "m.a", Callee: "t.done", Steps: []locks.Step{{Text: "holds"}, {Text: "calls"}}}}
	return graphOf(calls, [2]string{"m.a", "m.b"}, [2]string{"m.b", "m.a"}, [2]string{"m.b", odd}, [2]string{odd, "m.漢字"}, [2]string{"m.a", "m.a"})
}

// An element is what the tests look at of an XML document.
type element struct {
	name, class, text string
	attr              map[string]string
	within            []string // classes of the elements around it
}

// elements reads a document, which fails if it is not well-formed.
func elements(t *testing.T, text string) (out []element) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	var open []int
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatalf("not well-formed: %v in\n%s", err, text)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{name: x.Name.Local, attr: map[string]string{}}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			e.class = e.attr["class"]
			for _, i := range open {
				e.within = append(e.within, out[i].class)
			}
			open = append(open, len(out))
			out = append(out, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				out[open[len(open)-1]].text += string(x)
			}
		}
	}
}

func TestPicture(t *testing.T) {
	text := draw(t, small())
	count := map[string]int{}
	var shown []string
	for _, e := range elements(t, text) {
		switch {
		case e.name == "g":
			count[e.class]++
		case e.name == "text" && strings.HasPrefix(strings.Join(e.within, " "), "lock-order box"):
			shown = append(shown, e.text)
		}
	}
	for class, want := range map[string]int{"arrow cycle": 2, "arrow": 3, "box lock cycle": 2, "box lock": 2, "box callback": 1, "arrow callback": 1} {
		if count[class] != want {
			t.Errorf("%d of class %q, want %d", count[class], class, want)
		}
	}
	slices.Sort(shown)
	if want := []string{"m." + odd[2:], "m.a", "m.b", "m.漢字", "t.done"}; !slices.Equal(shown, want) {
		t.Errorf("shown are %q, want %q", shown, want)
	}
	for _, want := range []string{".cycle path { stroke: #c62828", "p.go:1<", "4 locks, 5 orders, 1 cycle, 1 callback<", "prefers-color-scheme: dark"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if again := draw(t, small()); again != text {
		t.Error("the same graph is drawn in two ways")
	}
}

// Boxes do not overlap, lie in the picture, and are as wide as their text.
func TestBoxesAreApart(t *testing.T) {
	var pairs [][2]string
	for i := range 60 {
		pairs = append(pairs, [2]string{fmt.Sprintf("m.T%d.mu", i), fmt.Sprintf("m.T%d.%s", (i*7+3)%60, strings.Repeat("mu", 1+i%3))})
	}
	type rect struct{ x, y, w, h float64 }
	var rects []rect
	var whole rect
	number := func(text string) (x float64) {
		if _, err := fmt.Sscan(text, &x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	all := elements(t, draw(t, graphOf(nil, pairs...)))
	for i, e := range all {
		switch e.name {
		case "svg":
			whole = rect{0, 0, number(e.attr["width"]), number(e.attr["height"])}
		case "rect":
			r := rect{number(e.attr["x"]), number(e.attr["y"]), number(e.attr["width"]), number(e.attr["height"])}
			if label := all[i+1].text; r.w < column*float64(len(label)) {
				t.Errorf("a box %g wide for %s", r.w, label)
			}
			rects = append(rects, r)
		}
	}
	for i, a := range rects {
		if a.x < 0 || a.y < 2*lineHeight || a.x+a.w > whole.w || a.y+a.h > whole.h {
			t.Errorf("%v is not in the picture, %v", a, whole)
		}
		for _, b := range rects[i+1:] {
			if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
				t.Errorf("%v and %v overlap", a, b)
			}
		}
	}
	if len(rects) < 60 {
		t.Errorf("%d boxes", len(rects))
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	var pairs [][2]string
	for i := range maxBoxes {
		pairs = append(pairs, [2]string{fmt.Sprintf("m.T%d", i), fmt.Sprintf("m.T%d", i+1)})
	}
	if _, err := SVG(t.Context(), graphOf(nil, pairs...), "/w"); err == nil || !strings.Contains(err.Error(), "601 locks and callbacks are too many for a picture: lockfix graph --focus") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := SVG(ctx, small(), "/w"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v after an interruption", err)
	}
	if text := draw(t, graphOf(nil)); !strings.Contains(text, "0 locks") {
		t.Errorf("nothing is drawn as\n%s", text)
	}
}

// The layout library is the one that the documentation names, byte for byte.
func TestTheLibraryIsAsPublished(t *testing.T) {
	const published = "54a503e346f93ca0bb10abe7999587e037262935687aca45eb4e4b0f64bbb578" // of 3.1.3, as npm has it
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(dagre))); sum != published {
		t.Errorf("dagre.min.js has the sum %s, want %s", sum, published)
	}
}

func TestCurve(t *testing.T) {
	for _, r := range []struct {
		points []point
		want   string
	}{
		{[]point{{0, 0}, {10, 0}}, "M0,5L10,5"},
		{[]point{{0, 0}, {10, 0}, {20, 10}}, "M0,5Q10,5 20,15"},
		{[]point{{0, 0}, {10, 0}, {20, 10}, {30, 10}}, "M0,5Q10,5 15,10Q20,15 30,15"},
	} {
		if got := curve(r.points, 5); got != r.want {
			t.Errorf("got %s, want %s", got, r.want)
		}
	}
	if broken := regexp.MustCompile(`NaN|Inf|e\+`).FindString(draw(t, small())); broken != "" {
		t.Errorf("%s in the picture", broken)
	}
}
