package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/config"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite"
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

// configure reads the configuration: the file that --config names, else the one
// that holds for the directory.
func (p program) configure(o options) (*config.Config, error) {
	conf, mistakes, err := p.readConfig(o)
	if err != nil {
		return nil, err
	}
	for _, m := range mistakes {
		problem := report.Problem{Pos: m.Pos, Message: m.Message}
		fmt.Fprintln(p.stderr, problem.String(o.dir))
	}
	if len(mistakes) > 0 {
		return nil, errFailed
	}
	return conf, nil
}

// readConfig reads it, or says what is wrong with it.
func (p program) readConfig(o options) (*config.Config, []config.Mistake, error) {
	file := o.config
	switch {
	case file == "":
		if file = config.Find(o.dir); file == "" {
			return new(config.Config), nil, nil
		}
	case !filepath.IsAbs(file):
		file = filepath.Join(o.dir, file)
	}
	return config.Read(file, p.names())
}

// active returns the rules that run: those selected, or else all that are on
// without those ignored. What the command line says of a rule goes before what
// the configuration says.
func (p program) active(selected, ignored []string, conf *config.Config) ([]*rule.Rule, error) {
	return rewrite.Choose(p.byDefault(conf), selected, ignored)
}
