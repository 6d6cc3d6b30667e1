package config

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A Config is what a file says. The zero Config says nothing.
type Config struct {
	Words           *syncapi.Words // nil: none
	Enable, Disable []string       // rules
	Digest          string         // of the file, its name included: the same says the same

	dir   string
	paths []exception
	named map[string]token.Position // where a function is named

	mu    sync.Mutex
	found map[string]string // of functions whose package was seen: what is wrong, "" if nothing is
}

// An exception is where other rules run than elsewhere.
type exception struct {
	pattern  string
	off      []string
	selected []string     // nil: all
	level    hazard.Level // the least to report
}

// leavesOut reports whether findings are left out where the exception holds.
func (e *exception) leavesOut(rule string, level hazard.Level) bool {
	return level < e.level || slices.Contains(e.off, rule) || slices.Contains(e.off, all) ||
		e.selected != nil && !slices.Contains(e.selected, rule)
}

// all stands for every rule.
const all = "all"

// A Mistake is what is wrong with a file, and where.
type Mistake struct {
	Pos     token.Position
	Message string
}

func (m Mistake) Error() string { return m.Pos.String() + ": " + m.Message }

// Read reads a file. rules are the names that rules have. If there are mistakes,
// there is no config.
func Read(file string, rules []string) (*Config, []Mistake, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the configuration: %w", err)
	}
	r := reader{file: file, rules: rules, config: &Config{dir: filepath.Dir(file), named: map[string]token.Position{}, found: map[string]string{}}}
	r.document(text)
	if len(r.mistakes) > 0 {
		slices.SortStableFunc(r.mistakes, func(a, b Mistake) int {
			return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
		})
		return nil, r.mistakes, nil
	}
	if r.config.Words, err = r.words.Words(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	r.config.Digest = fmt.Sprintf("%s %x", file, sha256.Sum256(text))
	return r.config, nil, nil
}

// Runs reports whether a rule runs unless the command line says otherwise.
func (c *Config) Runs(r *rule.Rule) bool {
	return (!r.Off || slices.Contains(c.Enable, r.Name)) && !slices.Contains(c.Disable, r.Name)
}

// Except reports whether findings of a rule and a level are left out in a file: each
// pattern that it matches must let them pass.
func (c *Config) Except(file, rule string, level hazard.Level) bool {
	for _, e := range c.paths {
		if !e.leavesOut(rule, level) {
			continue
		}
		rel := c.rel(file)
		// Patterns were checked when the file was read.
		if doublestar.MatchUnvalidated(e.pattern, rel) || doublestar.MatchUnvalidated(e.pattern+"/**", rel) {
			return true
		}
	}
	return false
}

// rel is the path of a file from the directory of the configuration, with slashes;
// links are resolved where it seems to lead out.
func (c *Config) rel(file string) string {
	rel, err := filepath.Rel(c.dir, file)
	if err != nil || strings.HasPrefix(rel, "..") {
		dir, err1 := filepath.EvalSymlinks(c.dir)
		real, err2 := filepath.EvalSymlinks(file)
		if err1 == nil && err2 == nil {
			if r, err := filepath.Rel(dir, real); err == nil {
				rel = r
			}
		}
	}
	return filepath.ToSlash(rel)
}

// See looks for the functions of the vocabulary in a package: of those that are
// named as in it, what is wrong, "" if nothing is.
func (c *Config) See(pkg *types.Package) map[string]string {
	var found map[string]string
	for name := range c.named {
		if pkg == nil {
			break
		}
		if mine, why := c.Words.Find(name, pkg); mine {
			if found == nil {
				found = map[string]string{}
			}
			found[name] = why
		}
	}
	return found
}

// Seer is [Config.See], nil where it would look for nothing.
func (c *Config) Seer() func(*types.Package) map[string]string {
	if len(c.named) == 0 {
		return nil
	}
	return c.See
}

// Note takes down what was seen. It may be called from several goroutines.
func (c *Config) Note(found map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, why := range found {
		// A package is seen with and without its tests: one is enough.
		if old, seen := c.found[name]; !seen || old != "" {
			c.found[name] = why
		}
	}
}

// Missing lists the functions that the packages which were seen do not have.
func (c *Config) Missing() []Mistake {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Mistake
	for name, why := range c.found {
		if why != "" {
			out = append(out, Mistake{c.named[name], why})
		}
	}
	slices.SortFunc(out, func(a, b Mistake) int { return strings.Compare(a.Error(), b.Error()) })
	return out
}
