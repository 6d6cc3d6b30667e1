package splice

import (
	"bytes"
	"go/token"
	"slices"
)

// sameComments holds that each comment is there as often as it was, but for
// those that came with new code or were to go, and that those which did not
// move, and those which moved together, are in their old order.
func sameComments(before, after []string, l *log) error {
	want := count(before)
	for _, c := range l.added {
		want[trimLines(c)]++
	}
	for _, c := range l.dropped {
		want[trimLines(c)]--
	}
	have := count(after)
	for _, c := range before {
		if have[c] < want[c] {
			return refuse("the comment %s would be lost", c)
		}
	}
	for _, c := range after {
		if have[c] > want[c] {
			return refuse("the comment %s would stand there twice", c)
		}
	}
	gone := count(nil)
	for _, c := range slices.Concat(append(slices.Clone(l.moved), l.dropped)...) {
		gone[trimLines(c)]++
	}
	stayed := slices.DeleteFunc(slices.Clone(before), func(c string) bool { return gone[c] > 0 })
	if !subsequence(stayed, after) {
		return refuse("comments would change their order")
	}
	for _, run := range l.moved {
		for i := range run {
			run[i] = trimLines(run[i])
		}
		if !subsequence(run, after) {
			return refuse("comments that move would change their order")
		}
	}
	return nil
}

func count(list []string) map[string]int {
	n := make(map[string]int, len(list))
	for _, s := range list {
		n[s]++
	}
	return n
}

// subsequence reports whether part can be had from whole by leaving things out.
func subsequence(part, whole []string) bool {
	for _, s := range whole {
		if len(part) > 0 && part[0] == s {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// An anchor is a comment and what it stands behind on its line, "" if nothing.
type anchor struct{ comment, behind string }

// sameAnchors holds that a comment alone on its line stays alone, and that one
// behind something stays behind the same thing. Else it would change its owner,
// which neither its being there nor its order would tell.
func sameAnchors(d *declaration) error {
	have := map[anchor]int{}
	for _, a := range anchors(d.changed, nil) {
		have[a]++
	}
	for _, a := range anchors(d.formatted, d.tree.exempt()) {
		if have[a]--; have[a] < 0 {
			return refuse("the comment %s would come to stand beside something else", a.comment)
		}
	}
	return nil
}

// anchors returns the comments of a text; those that a range of exempt holds,
// or the token before them, are left out.
func anchors(text []byte, exempt []region) []anchor {
	var out []anchor
	toks := scan(text)
	within := func(t scanned) bool {
		return slices.ContainsFunc(exempt, func(r region) bool { return r.lo <= t.off && t.off < r.hi })
	}
	for i, t := range toks {
		if t.tok != token.COMMENT || within(t) {
			continue
		}
		a := anchor{comment: trimLines(t.lit)}
		if !blank(text[lineStart(text, t.off):t.off]) {
			before := toks[i-1]
			for j := i - 1; j >= 0 && before.tok == token.COMMENT; j-- {
				before = toks[j]
			}
			// A list on one line may have been broken at its semicolons.
			if within(before) || before.tok == token.SEMICOLON {
				continue
			}
			if !bytes.Contains(text[before.end:t.off], []byte("\n")) {
				a.behind = before.lit
			}
		}
		out = append(out, a)
	}
	return out
}

// exempt returns where in the formatted declaration statements and expressions
// stood that the plan removes or replaces.
func (t *tree) exempt() []region {
	file := t.fset.File(t.ast.FileStart)
	var out []region
	for _, n := range t.log.touched {
		out = append(out, region{file.Offset(n.Pos()) - len(header), file.Offset(n.End()) - len(header)})
	}
	return out
}
