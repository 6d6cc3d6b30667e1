package locks

import (
	"fmt"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// Colors of what is wrong, for both a light and a dark background.
const (
	red   = "#d32f2f"
	amber = "#b26a00"
)

// Dot writes the graph for Graphviz.
func Dot(g *Graph, dir string) string {
	var b strings.Builder
	b.WriteString("digraph \"lock order\" {\n\trankdir=LR\n\tnode [shape=box fontname=\"monospace\"]\n\tedge [fontname=\"monospace\"]\n")
	for _, l := range g.Locks {
		fmt.Fprintf(&b, "\t%s [label=%s%s]\n", quote(l.Class), quote(l.Name), dotStyle(l.Level))
	}
	for _, a := range g.Arrows {
		fmt.Fprintf(&b, "\t%s -> %s [tooltip=%s%s]\n", quote(a.From.Class), quote(a.To.Class), quote(a.Tip(dir)), dotStyle(a.Level))
	}
	for _, c := range g.Calls() {
		id := quote(c.Lock.Class + " runs " + c.Callee)
		fmt.Fprintf(&b, "\t%s [label=%s shape=ellipse color=\"%s\"]\n", id, quote(c.Callee), amber)
		fmt.Fprintf(&b, "\t%s -> %s [tooltip=%s color=\"%s\" style=dashed]\n", quote(c.Lock.Class), id, quote(c.Tip(dir)), amber)
	}
	b.WriteString("}\n")
	return b.String()
}

// dotStyle draws what is in a cycle red, with dashes where the cycle is not likely to
// close.
func dotStyle(level hazard.Level) string {
	switch {
	case level >= hazard.Hazard:
		return fmt.Sprintf(" color=\"%s\" penwidth=2", red)
	case level > hazard.Silent:
		return fmt.Sprintf(" color=\"%s\" style=dashed", red)
	}
	return ""
}

// quote makes a string of the language, in which only quotes are special, and
// backslashes where they begin an escape of labels.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

// Tip words an arrow for who points at it.
func (a *Arrow) Tip(dir string) string {
	return tip(a.String(), a.Orders[0].Steps, len(a.Orders), dir)
}

// Tip words a callback likewise.
func (c *Callback) Tip(dir string) string {
	return tip(c.Callee+" runs under "+c.Lock.Name, c.Calls[0].Steps, len(c.Calls), dir)
}

func tip(head string, steps []Step, places int, dir string) string {
	lines := []string{head}
	for _, s := range steps {
		lines = append(lines, s.Line(dir))
	}
	if places > 1 {
		lines = append(lines, fmt.Sprintf("and %d more", places-1))
	}
	return strings.Join(lines, "\n")
}
