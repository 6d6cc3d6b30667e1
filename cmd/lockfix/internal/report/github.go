package report

import (
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/rule"
)

// writeGitHub writes the commands that a step of GitHub Actions turns into
// annotations. It shows ten errors, ten warnings and ten notices of a step, so
// the worst come first; all stand in the log, and in the summary of the step. What
// -w has ended is not annotated, since the code does not have it any more.
func writeGitHub(w *strings.Builder, in Input) {
	for _, f := range worstFirst(in.Findings) {
		body := f.Message
		if n, ok := heldFrom(f); ok {
			body += "\n" + in.remark(n)
		}
		for _, n := range f.Notes {
			body += "\n" + in.remark(n)
		}
		in.annotate(w, annotations[Severity(f.Level)], f.Pos, f.End, "lockfix "+f.Rule, body+"\n"+remedy(f))
	}
	for _, p := range in.Problems {
		in.annotate(w, "error", p.Pos, token.Position{}, "lockfix", p.unplaced())
	}
}

// annotations are the names of the commands.
var annotations = map[string]string{"error": "error", "warning": "warning", "note": "notice"}

// worstFirst sorts by level, and keeps the order within one.
func worstFirst(findings []*rule.Finding) []*rule.Finding {
	return slices.SortedStableFunc(slices.Values(findings), func(a, b *rule.Finding) int { return cmp.Compare(b.Level, a.Level) })
}

// remark words a note in one line.
func (in Input) remark(n rule.Note) string {
	if n.Pos.Filename == "" {
		return n.Text
	}
	return spot(in.root(), n.Pos) + ": " + n.Text
}

// annotate writes one command. Columns, which count bytes as in all messages about
// Go, are for one line only: GitHub ignores them of a range of lines.
func (in Input) annotate(w *strings.Builder, name string, pos, end token.Position, title, body string) {
	var properties []string
	add := func(key, value string) { properties = append(properties, key+"="+escapeProperty(value)) }
	if pos.Filename != "" {
		add("file", Rel(in.root(), pos.Filename))
	}
	if pos.Line > 0 {
		add("line", fmt.Sprint(pos.Line))
		add("endLine", fmt.Sprint(max(pos.Line, end.Line)))
	}
	if pos.Column > 0 && end.Line <= pos.Line {
		add("col", fmt.Sprint(pos.Column))
		if end.Column > pos.Column {
			add("endColumn", fmt.Sprint(end.Column))
		}
	}
	add("title", title)
	fmt.Fprintf(w, "::%s %s::%s\n", name, strings.Join(properties, ","), escapeData(body))
}

// A command is one line, which GitHub decodes; its properties end at a comma or at
// a colon.
var (
	dataEscapes    = []string{"%", "%25", "\r", "%0D", "\n", "%0A"}
	escapeData     = strings.NewReplacer(dataEscapes...).Replace
	escapeProperty = strings.NewReplacer(append(dataEscapes, ":", "%3A", ",", "%2C")...).Replace
)
