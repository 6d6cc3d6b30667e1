package edit

import "strings"

// slide moves hunks that only insert or only delete to where a reader expects
// them. Such a block can stand at several places with the same result:
//
//	 }            }
//	+a()         +a()
//	+if b {      +if b {
//	+}           +}          rather than "+}", "+a()", "+if b {"
//
// The best place is the one whose borders are least indented and follow blank
// lines; of equals, the last.
func slide(a, b []string, hunks []hunk) []hunk {
	for i := range hunks {
		h := &hunks[i]
		lo, hi := 0, len(a) // bounds in a, so that hunks do not meet
		if i > 0 {
			lo = hunks[i-1].a1 + 1
		}
		if i+1 < len(hunks) {
			hi = hunks[i+1].a0 - 1
		}
		switch {
		case h.a0 == h.a1:
			d := shift(b, h.b0, h.b1, lo-h.a0, hi-h.a1)
			*h = hunk{h.a0 + d, h.a1 + d, h.b0 + d, h.b1 + d}
		case h.b0 == h.b1:
			d := shift(a, h.a0, h.a1, lo-h.a0, hi-h.a1)
			*h = hunk{h.a0 + d, h.a1 + d, h.b0 + d, h.b1 + d}
		}
	}
	return hunks
}

// shift returns by how many lines, between lo and hi, the block [from, to) of
// text is best moved.
func shift(text []string, from, to, lo, hi int) int {
	best, cost := 0, border(text, from)+border(text, to)
	try := func(d int) {
		if c := border(text, from+d) + border(text, to+d); c < cost || c == cost && d > best {
			best, cost = d, c
		}
	}
	for d := 0; d > lo && from+d > 0 && text[from+d-1] == text[to+d-1]; {
		d--
		try(d)
	}
	for d := 0; d < hi && to+d < len(text) && text[from+d] == text[to+d]; {
		d++
		try(d)
	}
	return best
}

// border is what it costs to cut a text above line i.
func border(text []string, i int) int {
	if i == 0 || i == len(text) {
		return 0
	}
	cost := 2*indent(text[i]) + 1
	if blank(text[i-1]) {
		cost--
	}
	return cost
}

func blank(line string) bool { return strings.TrimSpace(line) == "" }

// indent counts the white space that a line starts with; a tab is as good as
// eight spaces.
func indent(line string) int {
	n := 0
	for _, c := range line {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 8
		default:
			return n
		}
	}
	return n
}
