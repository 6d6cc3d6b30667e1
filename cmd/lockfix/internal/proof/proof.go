package proof

import (
	"bytes"
	"cmp"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A Writer says how to show findings.
type Writer struct {
	Dir    string                   // that paths are relative to
	Source func(file string) []byte // content as it was analysed
	Width  int                      // of the terminal, in columns
}

// minSide is the least width of a column: what is narrower is shown one under the
// other.
const minSide = 36

// Write words one finding.
func (w Writer) Write(f *rule.Finding) string {
	var b strings.Builder
	head := fmt.Sprintf("%s[%s]: %s", report.Severity(f.Level), f.Rule, f.Message)
	w.lines(&b, "", "", head)
	place := report.Place(w.Dir, f.Pos)
	if f.Function != "" {
		place += " in " + f.Function
	}
	w.lines(&b, "", "", place)
	b.WriteByte('\n')
	holder, waiter, why := w.sides(f)
	w.sideBySide(&b, holder, waiter)
	for _, n := range why {
		w.lines(&b, "", "  ", "note: "+n.Text)
	}
	if len(waiter.steps) > 0 {
		w.lines(&b, "", "  ", "wait chain: "+chain(f, holder, waiter))
		b.WriteByte('\n')
	}
	w.fix(&b, f)
	return b.String()
}

// A side is what one goroutine does.
type side struct {
	title string
	steps []rule.Note
}

// sides tells the steps of who holds the resource from those of the other side; what
// remains says why it is not worse.
func (w Writer) sides(f *rule.Finding) (holder, waiter side, why []rule.Note) {
	held := cmp.Or(f.Resource, "it")
	holder.title = "one goroutine holds " + held
	if f.Resource == "" {
		holder.title = "one goroutine"
	}
	waiter.title = "another one waits"
	if f.Acquired.IsValid() {
		holder.steps = append(holder.steps, rule.Note{Pos: f.Acquired, Text: held + " is held from here"})
	}
	here := rule.Note{Pos: f.Pos}
	here.Text, _, _ = strings.Cut(f.Message, " while ")
	at := len(holder.steps)
	for _, n := range f.Notes {
		switch {
		case n.Other:
			n.Text = strings.TrimPrefix(n.Text, "the other side ")
			waiter.steps = append(waiter.steps, n)
		case n.Pos == f.Pos && len(waiter.steps) > 0:
			why = append(why, n)
		case n.Pos.Filename == "" || strings.HasPrefix(n.Text, "called by "):
			holder.steps = slices.Insert(holder.steps, at, n) // how it comes to hold it
			at++
		case n.Pos == f.Pos:
			here.Text = n.Text // it says more than that it is there
		default:
			holder.steps = append(holder.steps, n)
		}
	}
	holder.steps = slices.Insert(holder.steps, at, here)
	return holder, waiter, why
}

// chain says in one line why neither goes on: each waits for what the other has.
func chain(f *rule.Finding, holder, waiter side) string {
	last := func(s side) string { return s.steps[len(s.steps)-1].Text }
	links := []string{last(holder), waiter.steps[0].Text}
	if len(waiter.steps) > 1 {
		links = append(links, last(waiter))
	}
	if f.Resource != "" {
		links = append([]string{f.Resource + " is held"}, append(links, f.Resource+" is held")...)
	}
	return strings.Join(links, " -> ")
}

// step words one step in a column: the place, the line of code, what it does there.
func (w Writer) step(n rule.Note, width int) []string {
	var out []string
	if n.Pos.Filename != "" {
		out = wrap(report.Place(w.Dir, n.Pos), width)
		if code := w.code(n.Pos); code != "" {
			out = append(out, indent("  ", "    ", wrap(code, width-4))...)
		}
	}
	return append(out, indent("  ", "  ", wrap(n.Text, width-2))...)
}

// code is the line of a place, without what it is indented by.
func (w Writer) code(pos token.Position) string {
	if w.Source == nil {
		return ""
	}
	lines := bytes.Split(w.Source(pos.Filename), []byte("\n"))
	if pos.Line < 1 || pos.Line > len(lines) {
		return ""
	}
	return fmt.Sprintf("%d | %s", pos.Line, strings.ReplaceAll(strings.TrimSpace(string(lines[pos.Line-1])), "\t", " "))
}

func (w Writer) column(s side, width int) []string {
	out := wrap(s.title, width)
	out = append(out, strings.Repeat("-", min(width, columns(s.title))))
	for _, n := range s.steps {
		out = append(out, w.step(n, width)...)
	}
	return out
}

// gap stands between two columns.
const gap = " | "

// sideBySide shows both sides, each step in the order of its goroutine.
func (w Writer) sideBySide(b *strings.Builder, left, right side) {
	width := (w.Width - len(gap)) / 2
	if len(right.steps) == 0 || width < minSide {
		for _, s := range []side{left, right} {
			if len(s.steps) > 0 {
				for _, line := range w.column(s, w.Width) {
					b.WriteString(line + "\n")
				}
				b.WriteByte('\n')
			}
		}
		return
	}
	a, z := w.column(left, width), w.column(right, width)
	for i := range max(len(a), len(z)) {
		var l, r string
		if i < len(a) {
			l = a[i]
		}
		if i < len(z) {
			r = z[i]
		}
		b.WriteString(strings.TrimRight(pad(l, width)+gap+r, " ") + "\n")
	}
	b.WriteByte('\n')
}

// fix lists what the fix rests on, or why there is none.
func (w Writer) fix(b *strings.Builder, f *rule.Finding) {
	if f.Fix == nil {
		w.lines(b, "", "", "no fix:")
		for _, n := range f.Refusals {
			text := n.Text
			if n.Pos.Filename != "" {
				text = report.Place(w.Dir, n.Pos) + ": " + text
			}
			w.lines(b, "  ", "    ", text)
		}
		return
	}
	w.lines(b, "", "  ", fmt.Sprintf("fix (%s): %s", report.Applicability(f.Fix), f.Fix.Title))
	name := 0
	for _, o := range f.Fix.Obligations {
		name = max(name, columns(o.Name))
	}
	for _, status := range []string{"refuted", "assumed", "proved"} {
		for _, o := range f.Fix.Obligations {
			if report.Status(o.Status) == status {
				head := fmt.Sprintf("  %-8s %s  ", status, pad(o.Name, name))
				w.lines(b, head, strings.Repeat(" ", columns(head)), o.Reason)
			}
		}
	}
}

// lines writes a text, wrapped, with what goes before its first line and the others.
func (w Writer) lines(b *strings.Builder, first, rest, text string) {
	for _, line := range indent(first, rest, wrap(text, w.Width-max(columns(first), columns(rest)))) {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
