package splice

import (
	"bytes"
	"go/token"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
)

// carry takes the change from formatted to changed over to old, whose tokens
// are those of formatted but not its white space, and returns the new text.
// Only lines of old whose tokens changed are touched.
//
// A line border of formatted is one of old too if the token behind it starts a
// line there. Each hunk is widened to such borders.
func carry(old, formatted, changed []byte) ([]byte, error) {
	if bytes.Equal(old, formatted) {
		return changed, nil
	}
	borders, err := align(old, formatted)
	if err != nil {
		return nil, err
	}
	lines := splitLines(changed)
	var edits []edit.Edit
	for _, h := range widen(hunks(formatted, changed), borders) {
		edits = append(edits, edit.Edit{
			Start: borders[h.a0], End: borders[h.a1],
			New: strings.Join(lines[h.b0:h.b1], ""),
		})
	}
	return edit.Apply(old, edits)
}

// A hunk says that lines [a0, a1) of one text became [b0, b1) of another.
type hunk struct{ a0, a1, b0, b1 int }

func hunks(a, b []byte) []hunk {
	var out []hunk
	shift := 0 // how many lines more b has up to here
	for _, e := range edit.Difference(a, b) {
		a0 := countLines(a[:e.Start])
		a1 := countLines(a[:e.End])
		b0 := a0 + shift
		b1 := b0 + countLines([]byte(e.New))
		out = append(out, hunk{a0, a1, b0, b1})
		shift = b1 - a1
	}
	return out
}

// widen moves the borders of hunks outwards to lines whose border is known.
func widen(hunks []hunk, borders []int) []hunk {
	var out []hunk
	for _, h := range hunks {
		w := h
		for borders[w.a0] < 0 {
			w.a0, w.b0 = w.a0-1, w.b0-1
		}
		for borders[w.a1] < 0 {
			w.a1, w.b1 = w.a1+1, w.b1+1
		}
		if n := len(out); n > 0 && w.a0 <= out[n-1].a1 {
			out[n-1].a1, out[n-1].b1 = w.a1, w.b1
			continue
		}
		out = append(out, w)
	}
	return out
}

// align returns, for each line border of formatted, from the top to the bottom
// one, its offset in old; -1 where old has none.
func align(old, formatted []byte) ([]int, error) {
	olds, news, err := pair(old, formatted)
	if err != nil {
		return nil, err
	}
	lines := splitLines(formatted)
	borders := make([]int, len(lines)+1)
	off, k := 0, 0 // of the line, and its first token
	for i, ln := range lines {
		for k < len(news) && news[k].off < off {
			k++
		}
		borders[i] = -1
		if k < len(news) && (k == 0 || news[k-1].end <= off) {
			borders[i] = border(old, olds, k, strings.TrimSpace(ln) == "")
		}
		off += len(ln)
	}
	borders[0], borders[len(lines)] = 0, len(old)
	return borders, nil
}

// border returns the offset in old of the line border above token k, or, if
// the line is blank, of the one below the token before it.
func border(old []byte, olds []scanned, k int, blankLine bool) int {
	at := lineStart(old, olds[k].off)
	if !blank(old[at:olds[k].off]) {
		return -1
	}
	if blankLine && k > 0 {
		return lineEnd(old, olds[k-1].end)
	}
	return at
}

// pair returns the tokens that the two texts share, in parallel. Formatting
// drops semicolons and parentheses, adds commas, and touches up comments.
func pair(old, formatted []byte) (olds, news []scanned, err error) {
	a, b := scan(old), scan(formatted)
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(a) > 0 && len(b) > 0 && same(a[0], b[0]):
			olds, news = append(olds, a[0]), append(news, b[0])
			a, b = a[1:], b[1:]
		case len(a) > 0 && optional(a[0].tok):
			a = a[1:]
		case len(b) > 0 && optional(b[0].tok):
			b = b[1:]
		default:
			return nil, nil, refuse("formatting the declaration changes its tokens")
		}
	}
	return olds, news, nil
}

func optional(t token.Token) bool {
	switch t {
	case token.SEMICOLON, token.LPAREN, token.RPAREN, token.COMMA, token.COMMENT:
		return true
	}
	return false
}

func same(a, b scanned) bool {
	switch {
	case a.tok != b.tok:
		return false
	case a.tok == token.COMMENT:
		return trimLines(a.lit) == trimLines(b.lit)
	case a.tok == token.INT || a.tok == token.FLOAT || a.tok == token.IMAG:
		return true // 0X1 becomes 0x1
	}
	return a.lit == b.lit
}

// trimLines drops the white space at both ends of each line.
func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// splitLines splits a text behind each newline.
func splitLines(text []byte) []string {
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func countLines(text []byte) int { return len(splitLines(text)) }
