package rewrite

import (
	"flag"
	"strings"

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
func (f *flags) options(rules []*rule.Rule) (opts Options, err error) {
	if opts.Level, err = LevelNamed(f.level); err != nil {
		return opts, err
	}
	opts.Rules, err = Choose(rules, list(f.selected), list(f.ignored))
	return opts, err
}

func list(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })
}
