package holding

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// Markdown words a place. link words a position, as a link where there can be one.
func (l Place) Markdown(link func(token.Position) string) string {
	return l.words("`%s`%s\n", "\n**%s**\n\n", func(n rule.Note) string {
		if n.Pos.Filename != "" {
			return "- " + link(n.Pos) + " " + report.Escape(n.Text)
		}
		return "- " + report.Escape(n.Text)
	})
}

// Plain words a place for who shows no Markdown; files are relative to dir.
func (l Place) Plain(dir string) string {
	return l.words("%s%s\n", "%s:\n", func(n rule.Note) string {
		if n.Pos.Filename != "" {
			return "\t" + report.Place(dir, n.Pos) + ": " + n.Text
		}
		return "\t" + n.Text
	})
}

// words writes a title, and under a head for each part its items.
func (l Place) words(title, head string, item func(rule.Note) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, title, l.Lock, l.what())
	for _, part := range l.parts() {
		fmt.Fprintf(&b, head, part.head)
		for _, n := range part.notes {
			b.WriteString(item(n) + "\n")
		}
	}
	return b.String()
}

type part struct {
	head  string
	notes []rule.Note
}

// parts are what there is to say, without what there is nothing of.
func (l Place) parts() []part {
	all := []part{
		{"held before it", l.Held},
		{"while it is held", l.Runs},
		{"until", l.Released},
		{"lock order: what is held when it is taken", l.Under},
		{"lock order: what is taken while it is held", l.Over},
	}
	return slices.DeleteFunc(all, func(p part) bool { return len(p.notes) == 0 })
}

// what says what the place is.
func (l Place) what() string {
	switch {
	case l.Uses == 1:
		return " is acquired once in this package"
	case l.Uses > 1:
		return fmt.Sprintf(" is acquired at %d places in this package", l.Uses)
	case l.Read:
		return " is acquired here, for reading"
	}
	return " is acquired here"
}
