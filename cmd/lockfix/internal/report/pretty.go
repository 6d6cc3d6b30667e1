package report

import (
	"bytes"
	"fmt"
	"go/token"
	"strings"
	"unicode/utf8"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// tabWidth is how far apart tab stops are in quoted lines.
const tabWidth = 4

// A printer writes findings with their source lines.
type printer struct {
	Input
	w     *strings.Builder
	width int // of the line numbers of this finding
}

func writePretty(w *strings.Builder, in Input) {
	for _, f := range in.Findings {
		p := printer{Input: in, w: w}
		p.finding(f)
		w.WriteByte('\n')
	}
}

func (p *printer) finding(f *rule.Finding) {
	quotes, rest := p.quotes(f)
	for _, q := range quotes {
		p.width = max(p.width, len(fmt.Sprint(q.pos.Line)))
	}
	head := fmt.Sprintf("%s[%s]", Severity(f.Level), f.Rule)
	fmt.Fprintf(p.w, "%s: %s\n", p.paint(head, levelColor(f.Level)), p.paint(f.Message, bold))
	fmt.Fprintf(p.w, "%s%s %s\n", p.pad(), p.paint("-->", blue), Place(p.Dir, f.Pos))
	if len(quotes) > 0 {
		p.bar("")
		for i, q := range quotes {
			if i > 0 && q.pos.Line > quotes[i-1].pos.Line+1 {
				fmt.Fprintln(p.w, p.paint(strings.Repeat(".", p.width)+" |", blue))
			}
			p.quote(q, i > 0 && q.pos.Line == quotes[i-1].pos.Line)
		}
		p.bar("")
	}
	for _, n := range rest {
		p.note(n)
	}
	p.fix(f)
}

// A quote is a source line with a mark and a label under it.
type quote struct {
	pos, end token.Position
	mark     string
	color    string
	label    string
}

// quotes returns the lines to show: where the resource was acquired and where
// the finding is, in source order when both are in one file. The notes that no
// quote shows are returned too.
func (p *printer) quotes(f *rule.Finding) (quotes []quote, rest []rule.Note) {
	main := quote{pos: f.Pos, end: f.End, mark: "^", color: levelColor(f.Level)}
	for _, n := range f.Notes {
		if n.Pos == f.Pos && main.label == "" {
			main.label = n.Text
			continue
		}
		rest = append(rest, n)
	}
	if p.line(f.Pos) == "" {
		return nil, f.Notes
	}
	quotes = []quote{main}
	if f.Acquired.IsValid() && f.Acquired.Filename == f.Pos.Filename && p.line(f.Acquired) != "" {
		held := quote{pos: f.Acquired, end: p.callEnd(f.Acquired), mark: "-", color: blue, label: f.Resource + " is held from here"}
		if f.Acquired.Offset <= f.Pos.Offset {
			quotes = []quote{held, main}
		} else { // a loop comes round, or a deferred call runs later
			quotes = []quote{main, held}
		}
	} else if f.Acquired.IsValid() {
		rest = append([]rule.Note{{Pos: f.Acquired, Text: f.Resource + " is held from here"}}, rest...)
	}
	return quotes, rest
}

// line returns the source line of a position, "" if it is not known.
func (p *printer) line(pos token.Position) string {
	if p.Source == nil {
		return ""
	}
	text := p.Source(pos.Filename)
	for range pos.Line - 1 {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return ""
		}
		text = text[i+1:]
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return string(bytes.TrimRight(line, "\r"))
}

// callEnd finds the end of the call that starts at pos by its parentheses: a
// finding says only where a resource was acquired, not how far that reaches.
func (p *printer) callEnd(pos token.Position) token.Position {
	line := p.line(pos)
	depth, end := 0, len(line)
	for i := pos.Column - 1; i < len(line); i++ {
		if line[i] == '(' {
			depth++
		}
		if line[i] == ')' {
			if depth--; depth <= 0 {
				end = i + 1
				break
			}
		}
	}
	pos.Column = end + 1
	return pos
}

func (p *printer) quote(q quote, repeated bool) {
	line := p.line(q.pos)
	from := min(q.pos.Column-1, len(line))
	to := len(line)
	if q.end.Line == q.pos.Line && q.end.Column-1 <= len(line) {
		to = q.end.Column - 1
	}
	if !repeated {
		number := fmt.Sprintf("%*d |", p.width, q.pos.Line)
		fmt.Fprintln(p.w, strings.TrimRight(p.paint(number, blue)+expand(" "+line), " "))
	}
	start := columns(" " + line[:from])
	marks := strings.Repeat(q.mark, max(1, columns(" "+line[:max(from, to)])-start))
	p.bar(strings.Repeat(" ", start) + p.paint(strings.TrimRight(marks+" "+q.label, " "), q.color))
}

// bar writes the margin and what follows it.
func (p *printer) bar(text string) {
	fmt.Fprintln(p.w, p.pad()+" "+p.paint("|", blue)+text)
}

func (p *printer) pad() string { return strings.Repeat(" ", p.width) }

// note writes one line below the quotes. A label before a colon stays in front
// of the place: "waits for: ./sub.go:77:2  ...".
func (p *printer) note(n rule.Note) {
	text := n.Text
	if n.Pos.Filename != "" {
		label, rest, ok := strings.Cut(text, ": ")
		if ok && (label == "waits for" || label == "no fix") {
			text = label + ": " + Place(p.Dir, n.Pos) + "  " + rest
		} else {
			text = Place(p.Dir, n.Pos) + "  " + text
		}
	}
	p.remark(text)
}

func (p *printer) remark(text string) {
	fmt.Fprintf(p.w, "%s %s %s\n", p.pad(), p.paint("=", blue), text)
}

func (p *printer) fix(f *rule.Finding) {
	if f.Fix == nil {
		for _, n := range f.Refusals {
			p.note(rule.Note{Pos: n.Pos, Text: "no fix: " + n.Text})
		}
		return
	}
	p.remark(fmt.Sprintf("fix (%s): %s", Applicability(f.Fix), f.Fix.Title))
	var proved []string
	for _, o := range f.Fix.Obligations {
		if o.Status == fix.Proved {
			proved = append(proved, o.Name)
		}
	}
	if len(proved) > 0 {
		p.remark("  proved: " + strings.Join(proved, " "))
	}
	for _, o := range f.Fix.Obligations {
		if o.Status == fix.Proved {
			continue
		}
		text := "  " + Status(o.Status) + ": " + o.Name
		if o.Reason != "" {
			text += ": " + o.Reason
		}
		p.remark(text)
	}
}

// expand replaces tabs by blanks up to the next stop.
func expand(line string) string {
	var b strings.Builder
	col := 0
	for _, r := range line {
		if r != '\t' {
			b.WriteRune(r)
			col++
			continue
		}
		n := tabWidth - col%tabWidth
		b.WriteString(strings.Repeat(" ", n))
		col += n
	}
	return b.String()
}

func columns(text string) int { return utf8.RuneCountInString(expand(text)) }

const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	cyan   = "1;36"
	blue   = "1;34"
)

func levelColor(l hazard.Level) string {
	switch l {
	case hazard.Deadlock:
		return red
	case hazard.Hazard:
		return yellow
	}
	return cyan
}

func (p *printer) paint(text, color string) string {
	if !p.Color {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
