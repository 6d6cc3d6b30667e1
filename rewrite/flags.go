package rewrite

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// flags are those of the analyzer. There is none for unsafe fixes: whoever runs
// the analyzer applies fixes without asking. Nor is there one for a file: a driver
// keeps results by the flag, and not by what is in the file.
type flags struct{ selected, ignored, level string }

func (f *flags) register(set *flag.FlagSet) {
	set.StringVar(&f.selected, "select", f.selected, "run these `rules` only, separated by commas")
	set.StringVar(&f.ignored, "ignore", f.ignored, "do not run these `rules`")
	set.StringVar(&f.level, "level", f.level, "lowest `level` to report: contention, hazard or deadlock")
}

// options says which rules run, and from which level on they report. What is wrong
// is said when a package is checked, not when flags are parsed: unitchecker would
// say it of each dependency, and print its usage beside it.
func (f *flags) options(rules []*rule.Rule) (Options, error) {
	opts := Options{Level: map[string]hazard.Level{"contention": hazard.Contention, "hazard": hazard.Hazard, "deadlock": hazard.Deadlock}[f.level]}
	if opts.Level == hazard.Silent {
		return opts, fmt.Errorf("unknown level %q: use contention, hazard or deadlock", f.level)
	}
	selected, ignored := list(f.selected), list(f.ignored)
	known := names(rules)
	for _, name := range slices.Concat(selected, ignored) {
		if !slices.Contains(known, name) {
			return opts, fmt.Errorf("unknown rule %q: %s", name, nearest.Hint(name, known, "there are "+strings.Join(known, ", ")))
		}
	}
	for _, r := range rules {
		chosen := slices.Contains(selected, r.Name) || len(selected) == 0 && !r.Off
		if chosen && !slices.Contains(ignored, r.Name) {
			opts.Rules = append(opts.Rules, r)
		}
	}
	if len(opts.Rules) == 0 {
		return opts, errors.New("no rule is left to run")
	}
	return opts, nil
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}
