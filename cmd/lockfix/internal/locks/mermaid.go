package locks

import (
	"fmt"
	"strings"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// Mermaid writes the graph for Mermaid, as Markdown pages show it.
func Mermaid(g *Graph) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := map[*Lock]string{}
	classes := map[string][]string{}
	for i, l := range g.Locks {
		id := fmt.Sprintf("n%d", i)
		ids[l] = id
		fmt.Fprintf(&b, "\t%s[\"%s\"]\n", id, entities(l.Name))
		if l.Level > hazard.Silent {
			classes[style(l.Level)] = append(classes[style(l.Level)], id)
		}
	}
	links := map[string][]string{} // by style, numbers of links
	link := 0
	for _, a := range g.Arrows {
		fmt.Fprintf(&b, "\t%s --> %s\n", ids[a.From], ids[a.To])
		if a.Level > hazard.Silent {
			links[style(a.Level)] = append(links[style(a.Level)], fmt.Sprint(link))
		}
		link++
	}
	for i, c := range g.Calls() {
		id := fmt.Sprintf("c%d", i)
		fmt.Fprintf(&b, "\t%s([\"%s\"])\n\t%s -.-> %s\n", id, entities(c.Callee), ids[c.Lock], id)
		classes["callback"] = append(classes["callback"], id)
		links["callback"] = append(links["callback"], fmt.Sprint(link))
		link++
	}
	for _, s := range []struct{ name, css string }{
		{"cycle", "stroke:" + red + ",stroke-width:2px"},
		{"maybe", "stroke:" + red + ",stroke-dasharray:4"},
		{"callback", "stroke:" + amber},
	} {
		if ids := classes[s.name]; len(ids) > 0 {
			fmt.Fprintf(&b, "\tclassDef %s %s\n\tclass %s %s\n", s.name, s.css, strings.Join(ids, ","), s.name)
		}
		if n := links[s.name]; len(n) > 0 {
			fmt.Fprintf(&b, "\tlinkStyle %s %s\n", strings.Join(n, ","), s.css)
		}
	}
	return b.String()
}

// style names how what is in a cycle is drawn.
func style(level hazard.Level) string {
	switch {
	case level >= hazard.Hazard:
		return "cycle"
	case level > hazard.Silent:
		return "maybe"
	}
	return ""
}

// entities writes what would end a string, or begin markup in it, as an entity.
func entities(text string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "`", "#96;", "*", "#42;", "_", "#95;", "\\", "#92;").Replace(text)
}
