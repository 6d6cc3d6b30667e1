// Package nearest finds the names that a typing error may have come from.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// Names returns up to two of names that come near a name, the nearest first.
func Names(name string, names []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	for _, n := range names {
		d := distance(name, n)
		if len(name) > 2 && strings.HasPrefix(n, name) {
			d = 0
		}
		if d <= max(2, len(n)/3) && d < len(n) {
			near = append(near, candidate{n, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, c := range near[:min(2, len(near))] {
		out = append(out, c.name)
	}
	return out
}

// Hint words the names that come near one: "did you mean a or b?", else the
// given sentence.
func Hint(name string, names []string, otherwise string) string {
	near := Names(name, names)
	if len(near) == 0 {
		return otherwise
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// distance counts the insertions, removals and replacements between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
