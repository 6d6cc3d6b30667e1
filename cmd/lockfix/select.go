package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/rule"
)

func (p program) names() []string {
	var names []string
	for _, r := range p.rules {
		names = append(names, r.Name)
	}
	return names
}

// known refuses a name that no rule has, and says which come near.
func (p program) known(names []string) error {
	for _, name := range names {
		if slices.Contains(p.names(), name) {
			continue
		}
		if near := nearest(name, p.names()); len(near) > 0 {
			return fmt.Errorf("unknown rule %q: did you mean %s?", name, strings.Join(near, " or "))
		}
		return fmt.Errorf("unknown rule %q: lockfix rules lists them", name)
	}
	return nil
}

// active returns the rules that run: those selected, or else all that are on,
// without those ignored.
func (p program) active(selected, ignored []string) ([]*rule.Rule, error) {
	if err := p.known(slices.Concat(selected, ignored)); err != nil {
		return nil, err
	}
	var on []*rule.Rule
	for _, r := range p.rules {
		chosen := slices.Contains(selected, r.Name) || len(selected) == 0 && !r.Off
		if chosen && !slices.Contains(ignored, r.Name) {
			on = append(on, r)
		}
	}
	if len(on) == 0 && len(p.rules) > 0 {
		return nil, fmt.Errorf("no rule is left to run")
	}
	return on, nil
}

// nearest returns up to two names that a typing error may have come from.
func nearest(name string, names []string) []string {
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
		if d <= max(2, len(n)/3) {
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
