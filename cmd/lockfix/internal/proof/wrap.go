package proof

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

// columns counts the columns that a terminal shows a text in: two for a wide letter,
// none for one that combines with the one before.
func columns(text string) int { return runewidth.StringWidth(text) }

func pad(text string, width int) string { return runewidth.FillRight(text, width) }

// wrap breaks a text into lines of a width, between words where they fit. There is at
// least one line.
func wrap(text string, width int) []string {
	width = max(width, 2) // of the widest letter
	var out []string
	line := ""
	for word := range strings.SplitSeq(text, " ") {
		if line != "" && columns(line)+1+columns(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			out = append(out, line)
		}
		parts := strings.Split(runewidth.Wrap(word, width), "\n")
		out, line = append(out, parts[:len(parts)-1]...), parts[len(parts)-1]
	}
	return append(out, line)
}

// indent puts something before the first line, and before the others.
func indent(first, rest string, lines []string) []string {
	for i := range lines {
		if i == 0 {
			lines[i] = first + lines[i]
		} else {
			lines[i] = rest + lines[i]
		}
	}
	return lines
}
