package page

import (
	"context"
	"html/template"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/locks"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/picture"
	"github.com/lockfix/lockfix/rewrite/hazard"
)

// order is the lock order, as both pages show it.
type order struct {
	Count   string
	Picture template.HTML
	Missing string // why there is no picture; "" if there is one
}

// way is something that has a head and the steps of some places.
type way struct {
	Head   string
	Level  string // "cycle", "maybe", "callback" or ""
	Places [][]string
	Open   bool // it is shown without being asked for
}

type graphPage struct {
	Order                     order
	Cycles, Callbacks, Orders []way
}

// Graph writes the page of a graph. Names of files are relative to dir.
func Graph(ctx context.Context, g *locks.Graph, dir string) (string, error) {
	o, err := orderOf(ctx, g, dir)
	if err != nil {
		return "", err
	}
	p := graphPage{Order: o}
	for _, c := range g.Cycles {
		w := way{Head: c.String(), Level: level(c.Level), Open: c.Level >= hazard.Hazard}
		for _, o := range c.Orders {
			w.Places = append(w.Places, lines(o.Steps, dir))
		}
		p.Cycles = append(p.Cycles, w)
	}
	for _, c := range g.Calls() {
		w := way{Head: c.Callee + " runs under " + c.Lock.Name, Level: "callback", Open: true}
		for _, x := range c.Calls {
			w.Places = append(w.Places, lines(x.Steps, dir))
		}
		p.Callbacks = append(p.Callbacks, w)
	}
	for _, a := range g.Arrows {
		w := way{Head: a.String(), Level: level(a.Level)}
		for _, o := range a.Orders {
			w.Places = append(w.Places, lines(o.Steps, dir))
		}
		p.Orders = append(p.Orders, w)
	}
	return execute("graph.tmpl", p)
}

// orderOf draws the graph. One that is too large is no error of a page: the rest of
// it says as much.
func orderOf(ctx context.Context, g *locks.Graph, dir string) (order, error) {
	o := order{Count: locks.Count(g)}
	if len(g.Locks) == 0 {
		o.Missing = "There is no cycle, and no callback runs under a lock; lockfix graph --all shows the other orders."
		return o, nil
	}
	if err := picture.TooLarge(g); err != nil {
		o.Missing = err.Error()
		return o, nil
	}
	svg, err := picture.SVG(ctx, g, dir)
	o.Picture = template.HTML(svg) // of a template that escapes
	return o, err
}

func level(l hazard.Level) string {
	switch {
	case l >= hazard.Hazard:
		return "cycle"
	case l > hazard.Silent:
		return "maybe"
	}
	return ""
}

func lines(steps []locks.Step, dir string) []string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Line(dir))
	}
	return out
}
