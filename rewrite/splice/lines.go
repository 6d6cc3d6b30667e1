package splice

import (
	"slices"

	"github.com/dave/dst"
)

// index returns the line of a statement, -1 if it is not in the list.
func (l *list) index(s dst.Stmt) int {
	return slices.IndexFunc(l.lines, func(ln line) bool { return ln.stmt == s })
}

// lead returns the first line of the comments that lead the statement on line
// i: those right above it, up to a blank line.
func (l *list) lead(i int) int {
	for i > 0 && l.lines[i-1].stmt == nil && l.lines[i].gap != dst.EmptyLine {
		i--
	}
	return i
}

// remove takes lines out. The space above what follows is the wider of the two
// that meet; at the top of the list the space at the top stays.
func (l *list) remove(from, to int) []line {
	cut := slices.Clone(l.lines[from:to])
	l.lines = slices.Delete(l.lines, from, to)
	if from < len(l.lines) {
		next := &l.lines[from]
		if from == 0 {
			next.gap = cut[0].gap
		} else {
			next.gap = max(next.gap, cut[0].gap)
		}
	}
	return cut
}

// before puts lines above line i and the comments that lead it, into the place
// that these had.
func (l *list) before(i int, lines []line) {
	i = l.lead(i)
	lines[0].gap = l.lines[i].gap
	l.lines[i].gap = dst.NewLine
	l.lines = slices.Insert(l.lines, i, lines...)
}

// after puts lines right below line i; comments below it stay below.
func (l *list) after(i int, lines []line) {
	lines[0].gap = dst.NewLine
	l.lines = slices.Insert(l.lines, i+1, lines...)
}

// append puts lines at the end. Comments that stood there led nothing, and a
// blank line keeps it so.
func (l *list) append(lines []line) {
	lines[0].gap = dst.NewLine
	if n := len(l.lines); n > 0 && l.lines[n-1].stmt == nil {
		lines[0].gap = dst.EmptyLine
	}
	l.lines = append(l.lines, lines...)
	l.end = dst.NewLine
}

// comments returns lines that hold the comments alone, one each.
func alone(gap dst.SpaceType, comments []string) []line {
	var lines []line
	for _, c := range comments {
		lines = append(lines, line{gap: gap, pre: []string{c}})
		gap = dst.NewLine
	}
	return lines
}
