package edit

import (
	"fmt"
	"strconv"
	"strings"
)

// context is how many unchanged lines stand around a change.
const context = 3

// Unified returns the difference of two texts as a unified diff that patch and
// git apply take, "" if there is none. The names go in as they are: git wants
// "a/x.go" and "b/x.go".
func Unified(oldName, newName string, old, new []byte) string {
	a, b := lines(old), lines(new)
	hunks := difference(a, b)
	if len(hunks) == 0 {
		return ""
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", quote(oldName), quote(newName))
	for len(hunks) > 0 {
		n := 1
		for n < len(hunks) && hunks[n].a0-hunks[n-1].a1 <= 2*context {
			n++
		}
		write(&out, a, b, hunks[:n])
		hunks = hunks[n:]
	}
	return out.String()
}

// write writes hunks that share their context as one.
func write(out *strings.Builder, a, b []string, hunks []hunk) {
	first, last := hunks[0], hunks[len(hunks)-1]
	above := min(context, first.a0)
	below := min(context, len(a)-last.a1)
	fmt.Fprintf(out, "@@ -%s +%s @@\n",
		span(first.a0-above, last.a1+below), span(first.b0-above, last.b1+below))
	at := first.a0 - above
	for _, h := range hunks {
		put(out, " ", a[at:h.a0])
		put(out, "-", a[h.a0:h.a1])
		put(out, "+", b[h.b0:h.b1])
		at = h.a1
	}
	put(out, " ", a[at:last.a1+below])
}

func put(out *strings.Builder, mark string, lines []string) {
	for _, line := range lines {
		out.WriteString(mark)
		out.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// span writes a range of lines as a hunk header does: an empty one is named by
// the line above it, and a count of one is left out.
func span(from, to int) string {
	switch to - from {
	case 0:
		return fmt.Sprintf("%d,0", from)
	case 1:
		return strconv.Itoa(from + 1)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

// quote writes a file name so that its end is found: as a C string if it holds
// what would end it, before a tab if it holds a space.
func quote(name string) string {
	var c strings.Builder
	plain := true
	for i := 0; i < len(name); i++ {
		switch ch := name[i]; {
		case ch == '"' || ch == '\\':
			plain = false
			c.WriteByte('\\')
			c.WriteByte(ch)
		case ch < ' ' || ch == 0x7f:
			plain = false
			fmt.Fprintf(&c, "\\%03o", ch)
		default:
			c.WriteByte(ch)
		}
	}
	switch {
	case !plain:
		return `"` + c.String() + `"`
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}
