package main

import (
	"fmt"
	"slices"

	"github.com/lockfix/lockfix/internal/nearest"
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
		return fmt.Errorf("unknown rule %q: %s", name, nearest.Hint(name, p.names(), "lockfix rules lists them"))
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
