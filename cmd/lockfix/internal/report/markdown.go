package report

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// Markdown writes the proof of a finding: its frames, who waits for whom, and the
// conditions of the fix. place words a position, as a link where there can be one.
func Markdown(f *rule.Finding, place func(token.Position) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** `%s`: %s\n\n", LevelName(f.Level), f.Rule, Escape(f.Message))
	if f.Function != "" {
		fmt.Fprintf(&b, "in `%s`\n\n", f.Function)
	}
	m := marker{&b, place}
	if f.Acquired.IsValid() {
		m.item(rule.Note{Pos: f.Acquired, Text: f.Resource + " is held from here"})
	}
	for _, n := range f.Notes {
		m.item(n)
	}
	if f.Fix == nil {
		b.WriteString("\n**no fix**\n\n")
		for _, n := range f.Refusals {
			m.item(n)
		}
		return b.String()
	}
	fmt.Fprintf(&b, "\n**fix** (%s): %s\n\n", Applicability(f.Fix), Escape(f.Fix.Title))
	m.obligations(f.Fix)
	return b.String()
}

type marker struct {
	*strings.Builder
	place func(token.Position) string
}

func (m marker) item(n rule.Note) {
	m.WriteString("- ")
	if n.Pos.Filename != "" {
		m.WriteString(m.place(n.Pos) + " ")
	}
	m.WriteString(Escape(n.Text) + "\n")
}

func (m marker) obligations(f *rule.Fix) {
	var proved []string
	for _, o := range f.Obligations {
		if o.Status == fix.Proved {
			proved = append(proved, o.Name)
		}
	}
	if len(proved) > 0 {
		m.item(rule.Note{Text: "proved: " + strings.Join(proved, " ")})
	}
	for _, o := range f.Obligations {
		if o.Status != fix.Proved {
			text := Status(o.Status) + ": " + o.Name
			if o.Reason != "" {
				text += ": " + o.Reason
			}
			m.item(rule.Note{Text: text})
		}
	}
}

// Escape keeps Go code from being read as markup: (*T).f is no emphasis.
func Escape(text string) string { return escaper.Replace(text) }

var escaper = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "#", `\#`, "|", `\|`, "~", `\~`)
