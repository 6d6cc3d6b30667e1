package rewrite

import (
	"errors"
	"fmt"
	"slices"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// Choose returns the rules that run: those selected, or else all that are on,
// without those ignored. A name that no rule has is refused.
func Choose(rules []*rule.Rule, selected, ignored []string) ([]*rule.Rule, error) {
	known := names(rules)
	for _, name := range slices.Concat(selected, ignored) {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("unknown rule %q: %s", name, nearest.Hint(name, known, "lockfix rules lists them"))
		}
	}
	var on []*rule.Rule
	for _, r := range rules {
		chosen := slices.Contains(selected, r.Name) || len(selected) == 0 && !r.Off
		if chosen && !slices.Contains(ignored, r.Name) {
			on = append(on, r)
		}
	}
	if len(on) == 0 && len(rules) > 0 {
		return nil, errors.New("no rule is left to run")
	}
	return on, nil
}

// LevelNamed returns the level that flags and settings call so.
func LevelNamed(name string) (hazard.Level, error) {
	switch name {
	case "contention":
		return hazard.Contention, nil
	case "hazard":
		return hazard.Hazard, nil
	case "deadlock":
		return hazard.Deadlock, nil
	}
	return hazard.Silent, fmt.Errorf("unknown level %q: use contention, hazard or deadlock", name)
}
