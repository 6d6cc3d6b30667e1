package picture

import (
	"context"
	_ "embed"
	"fmt"
	"html/template"
	"math"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/mattn/go-runewidth"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/locks"
	"github.com/lockfix/lockfix/rewrite/hazard"
)

// maxBoxes bounds the locks and callbacks that are drawn: to place more takes long,
// and nobody finds anything in such a picture.
const maxBoxes = 600

// Sizes, in pixels. A column is that of the widest of the common monospaced fonts.
const (
	column     = 7.25
	boxHeight  = 28
	boxPadding = 10
	lineHeight = 18
	margin     = 16
)

// maxLabels bounds the arrows that have labels: with more they hide each other, and
// the place is told by pointing at the arrow.
const maxLabels = 12

//go:embed svg.tmpl
var svgText string

var svg = sync.OnceValue(func() *template.Template { return template.Must(template.New("svg").Parse(svgText)) })

// A drawing is what the template is given.
type drawing struct {
	Width, Height float64
	Caption       []string
	Boxes         []box
	Lines         []line
}

type box struct {
	Class, Name, Tip    string
	X, Y, Width, Height float64 // the corner at the upper left
	Round               float64
	TextX, TextY        float64
}

type line struct {
	Class, Head, Tip, Path, Label string
	TextX, TextY                  float64
}

// SVG draws a graph. Names of files are relative to dir.
func SVG(ctx context.Context, g *locks.Graph, dir string) (string, error) {
	if err := TooLarge(g); err != nil {
		return "", err
	}
	calls := g.Calls()
	var d drawing
	var p plan
	at := make(map[*locks.Lock]int)
	for _, l := range g.Locks {
		at[l] = len(p.Nodes)
		d.add(&p, box{Class: "lock" + style(l.Level), Name: l.Name, Tip: lockTip(l), Round: 4})
	}
	labels := len(g.Arrows)+len(calls) <= maxLabels
	for _, a := range g.Arrows {
		d.join(&p, at[a.From], at[a.To], line{Class: "arrow" + style(a.Level), Head: head(a.Level), Tip: a.Tip(dir)}, a.Orders[0].Steps, labels)
	}
	for _, c := range calls {
		d.add(&p, box{Class: "callback", Name: c.Callee, Tip: c.Tip(dir), Round: boxHeight / 2})
		d.join(&p, at[c.Lock], len(p.Nodes)-1, line{Class: "arrow callback", Head: "callback", Tip: c.Tip(dir)}, c.Calls[0].Steps, labels)
	}
	parts := split(p, d.rank)
	if err := place(ctx, parts); err != nil {
		return "", err
	}
	d.caption(g)
	d.draw(pack(parts, p))
	var b strings.Builder
	err := svg().Execute(&b, d)
	return b.String(), err
}

// TooLarge says that a graph cannot be drawn; nil if it can.
func TooLarge(g *locks.Graph) error {
	if n := len(g.Locks) + len(g.Calls()); n > maxBoxes {
		return fmt.Errorf("%d locks and callbacks are too many for a picture: lockfix graph --focus shows those around one, -f dot writes them for Graphviz", n)
	}
	return nil
}

func lockTip(l *locks.Lock) string {
	if l.Level > hazard.Silent {
		return l.Class + "\nin a cycle"
	}
	return l.Class
}

// style names what is in a cycle, and apart what is in one that is not likely to
// close.
func style(level hazard.Level) string {
	switch {
	case level >= hazard.Hazard:
		return " cycle"
	case level > hazard.Silent:
		return " cycle maybe"
	}
	return ""
}

func head(level hazard.Level) string {
	if level > hazard.Silent {
		return "cycle"
	}
	return "plain"
}

// cells counts columns in the same way in every locale.
var cells = runewidth.Condition{StrictEmojiNeutral: true}

func width(text string) float64 { return column * float64(cells.StringWidth(text)) }

func (d *drawing) add(p *plan, b box) {
	b.Width, b.Height = width(b.Name)+2*boxPadding, boxHeight
	d.Boxes = append(d.Boxes, b)
	p.Nodes = append(p.Nodes, node{Width: b.Width, Height: b.Height})
}

// rank puts first what is to be looked at first.
func (d *drawing) rank(i int) int {
	return slices.IndexFunc([]string{"lock cycle", "lock cycle maybe", "callback", "lock"}, func(class string) bool { return class == d.Boxes[i].Class })
}

// join draws an arrow. Its label is where the way of steps ends.
func (d *drawing) join(p *plan, from, to int, l line, steps []locks.Step, labels bool) {
	e := edge{From: from, To: to}
	if end := steps[len(steps)-1].Pos; labels && end.IsValid() && from != to {
		l.Label = fmt.Sprintf("%s:%d", path.Base(strings.ReplaceAll(end.Filename, `\`, "/")), end.Line)
		e.Width, e.Height = width(l.Label), lineHeight
	}
	d.Lines = append(d.Lines, l)
	p.Edges = append(p.Edges, e)
}

// caption says above the graph how much there is, and what the colors mean as far as
// there are any.
func (d *drawing) caption(g *locks.Graph) {
	d.Caption = []string{locks.Count(g)}
	var legend []string
	for _, l := range []struct {
		class, text string
	}{{"cycle", "red: a cycle"}, {"maybe", "red, dashed: a cycle that is not likely to close"}, {"callback", "amber: code that the program does not know runs under the lock"}} {
		for _, x := range d.Lines {
			if strings.HasSuffix(x.Class, " "+l.class) {
				legend = append(legend, l.text)
				break
			}
		}
	}
	if len(legend) > 0 {
		d.Caption = append(d.Caption, strings.Join(legend, "; "))
	}
}

// draw moves what was placed below the caption.
func (d *drawing) draw(p plan) {
	top := margin + float64(len(d.Caption))*lineHeight
	d.Width, d.Height = p.Width, top+p.Height
	for _, text := range d.Caption {
		d.Width = max(d.Width, width(text)+2*margin)
	}
	if len(p.Nodes) == 0 {
		d.Height = top + margin
	}
	d.Width, d.Height = math.Ceil(d.Width), math.Ceil(d.Height)
	for i, n := range p.Nodes {
		b := &d.Boxes[i]
		b.X, b.Y = round(n.X-n.Width/2), round(n.Y-n.Height/2+top)
		b.TextX, b.TextY = round(n.X), round(n.Y+top)
	}
	for i, e := range p.Edges {
		l := &d.Lines[i]
		if e.From == e.To {
			l.Path = loop(d.Boxes[e.From])
			continue
		}
		l.Path = curve(e.Points, top)
		l.TextX, l.TextY = round(e.X), round(e.Y+top)
	}
}

// curve draws a smooth line along points: through the first, the last, and the
// middles between the others.
func curve(points []point, top float64) string {
	var b strings.Builder
	at := func(x, y float64) { fmt.Fprintf(&b, "%g,%g", round(x), round(y+top)) }
	for i, p := range points {
		last := i == len(points)-1
		switch {
		case i == 0:
			b.WriteString("M")
			at(p.X, p.Y)
		case last && len(points) == 2:
			b.WriteString("L")
			at(p.X, p.Y)
		case !last:
			b.WriteString("Q")
			at(p.X, p.Y)
			b.WriteString(" ")
			if n := points[i+1]; i == len(points)-2 {
				at(n.X, n.Y)
			} else {
				at((p.X+n.X)/2, (p.Y+n.Y)/2)
			}
		}
	}
	return b.String()
}

// loop draws an arrow from a box to itself, at its upper right corner. The layout
// library puts those beside the box.
func loop(b box) string {
	right := b.X + b.Width
	return fmt.Sprintf("M%g,%gC%g,%g %g,%g %g,%g", round(right-24), b.Y, round(right-24), round(b.Y-14), round(right-8), round(b.Y-14), round(right-8), b.Y)
}

func round(x float64) float64 { return math.Round(x*10) / 10 }

// Line returns where the n-th line of the caption stands.
func (d drawing) Line(n int) float64 { return margin + float64(n)*lineHeight + lineHeight/2 }
