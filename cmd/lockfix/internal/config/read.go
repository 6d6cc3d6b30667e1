package config

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"io"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v4"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A reader decodes one file, and goes on after mistakes.
type reader struct {
	file     string
	rules    []string
	config   *Config
	words    syncapi.Vocabulary
	mistakes []Mistake
}

func (r *reader) at(n *yaml.Node) token.Position {
	return token.Position{Filename: r.file, Line: n.Line, Column: n.Column}
}

func (r *reader) wrong(n *yaml.Node, format string, args ...any) {
	r.mistakes = append(r.mistakes, Mistake{r.at(n), fmt.Sprintf(format, args...)})
}

// document reads the one document of a file; an empty file says nothing.
func (r *reader) document(text []byte) {
	loader, err := yaml.NewLoader(bytes.NewReader(text))
	var doc, more yaml.Node
	if err == nil {
		err = loader.Load(&doc)
	}
	if errors.Is(err, io.EOF) {
		return
	}
	if err == nil {
		if err = loader.Load(&more); errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			r.wrong(&more, "a second document: the file has one")
		}
	}
	if err != nil {
		r.syntax(err)
		return
	}
	if len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return
	}
	r.mapping("the file", doc.Content[0], []key{
		{"locks", func(n *yaml.Node) { r.words.Locks = r.pairs("locks", n) }},
		{"tokens", func(n *yaml.Node) { r.words.Tokens = r.pairs("tokens", n) }},
		{"wakers", func(n *yaml.Node) { r.words.Wakers = r.functions("wakers", n) }},
		{"blocking", func(n *yaml.Node) { r.words.Blocking = r.functions("blocking", n) }},
		{"nonblocking", func(n *yaml.Node) { r.words.NonBlocking = r.functions("nonblocking", n) }},
		{"rules", r.ruleKeys},
	})
}

// syntax gives an error of the parser its place.
func (r *reader) syntax(err error) {
	m := Mistake{token.Position{Filename: r.file, Line: 1, Column: 1}, err.Error()}
	var le *yaml.LoadError
	if errors.As(err, &le) {
		m.Message = "no YAML: " + le.Message
		if le.Mark.Line > 0 {
			m.Pos.Line, m.Pos.Column = le.Mark.Line, le.Mark.Column
		}
	}
	r.mistakes = append(r.mistakes, m)
}

// A key of a mapping, and what reads its value.
type key struct {
	name string
	read func(*yaml.Node)
}

// mapping reads the keys of a mapping, each at most once. what names it.
func (r *reader) mapping(what string, n *yaml.Node, keys []key) {
	n = behind(n)
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "%s must be a mapping, not %s", what, kind(n))
		return
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		at := slices.Index(names, k.Value)
		switch {
		case at < 0 || k.Kind != yaml.ScalarNode:
			r.wrong(k, "unknown key %q: %s", k.Value, nearest.Hint(k.Value, names, "there are "+strings.Join(names, ", ")))
		case seen[k.Value] > 0:
			r.wrong(k, "%s stands here a second time: line %d has it", k.Value, seen[k.Value])
		default:
			seen[k.Value] = k.Line
			keys[at].read(v)
		}
	}
}

// pairs reads a list of what acquires and what releases.
func (r *reader) pairs(what string, n *yaml.Node) []syncapi.Pair {
	var out []syncapi.Pair
	for _, item := range r.list(what, n) {
		var p syncapi.Pair
		keys := []key{
			{"acquire", func(n *yaml.Node) { p.Acquire = r.functions("acquire", n) }},
			{"release", func(n *yaml.Node) { p.Release = r.functions("release", n) }},
		}
		if what == "locks" {
			keys = append(keys, key{"mode", func(n *yaml.Node) { p.Read = r.choice("mode", n, "write", "read") == "read" }})
		}
		before := len(r.mistakes)
		r.mapping("an item of "+what, item, keys)
		if len(r.mistakes) == before && (len(p.Acquire) == 0 || len(p.Release) == 0) {
			r.wrong(item, "an item of %s needs both acquire and release", what)
		}
		out = append(out, p)
	}
	return out
}

// functions reads the names of functions: one, or a list of them.
func (r *reader) functions(what string, n *yaml.Node) []string {
	var out []string
	for _, item := range r.texts(what, n) {
		name := item.Value
		if err := syncapi.CheckName(name); err != nil {
			r.wrong(item, "%v", err)
			continue
		}
		if old, twice := r.config.named[name]; twice {
			r.wrong(item, "%s is named a second time: line %d has it", name, old.Line)
			continue
		}
		r.config.named[name] = r.at(item)
		out = append(out, name)
	}
	return out
}

func (r *reader) ruleKeys(n *yaml.Node) {
	if isNull(n) {
		return
	}
	r.mapping("rules", n, []key{
		{"enable", func(n *yaml.Node) { r.config.Enable = r.ruleNames("enable", n) }},
		{"disable", func(n *yaml.Node) { r.config.Disable = r.ruleNames("disable", n) }},
		{"paths", r.exceptions},
	})
}

// exceptions reads what holds by pattern.
func (r *reader) exceptions(n *yaml.Node) {
	n = behind(n)
	if n.Kind != yaml.MappingNode {
		r.wrong(n, "paths must be a mapping of patterns to rules, not %s", kind(n))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		pattern := strings.TrimSuffix(strings.TrimPrefix(k.Value, "./"), "/")
		if k.Kind != yaml.ScalarNode || pattern == "" || strings.HasPrefix(pattern, "/") || !doublestar.ValidatePattern(pattern) {
			r.wrong(k, "%q is no pattern of files below the directory of this file", k.Value)
		}
		r.config.paths = append(r.config.paths, r.exception(pattern, n.Content[i+1]))
	}
}

// exception reads what holds for one pattern: the rules that are off, or more.
func (r *reader) exception(pattern string, n *yaml.Node) exception {
	e := exception{pattern: pattern}
	if behind(n).Kind != yaml.MappingNode {
		e.off = r.ruleNames("a pattern", n, all)
		return e
	}
	r.mapping("a pattern", n, []key{
		{"disable", func(n *yaml.Node) { e.off = r.ruleNames("disable", n, all) }},
		{"select", func(n *yaml.Node) { e.selected = append([]string{}, r.ruleNames("select", n)...) }},
		{"level", func(n *yaml.Node) { e.level = levels[r.choice("level", n, "contention", "hazard", "deadlock")] }},
	})
	if e.off != nil && e.selected != nil {
		r.wrong(n, "select says which rules run here, and disable which do not: use one of them")
	}
	return e
}

var levels = map[string]hazard.Level{"contention": hazard.Contention, "hazard": hazard.Hazard, "deadlock": hazard.Deadlock}

func (r *reader) ruleNames(what string, n *yaml.Node, more ...string) []string {
	known := slices.Concat(r.rules, more)
	var out []string
	for _, item := range r.texts(what, n) {
		if !slices.Contains(known, item.Value) {
			r.wrong(item, "unknown rule %q: %s", item.Value, nearest.Hint(item.Value, known, "lockfix rules lists them"))
			continue
		}
		out = append(out, item.Value)
	}
	return out
}

// texts reads one string or a list of them.
func (r *reader) texts(what string, n *yaml.Node) []*yaml.Node {
	n = behind(n)
	items := []*yaml.Node{n}
	if n.Kind != yaml.ScalarNode || isNull(n) {
		items = r.list(what, n)
	}
	var out []*yaml.Node
	for _, item := range items {
		if item = behind(item); item.Kind != yaml.ScalarNode || item.Tag != "!!str" {
			r.wrong(item, "%s lists names, not %s", what, kind(item))
			continue
		}
		out = append(out, item)
	}
	return out
}

func (r *reader) list(what string, n *yaml.Node) []*yaml.Node {
	n = behind(n)
	switch {
	case isNull(n):
		return nil
	case n.Kind != yaml.SequenceNode:
		r.wrong(n, "%s must be a list, not %s", what, kind(n))
		return nil
	}
	return n.Content
}

func (r *reader) choice(what string, n *yaml.Node, from ...string) string {
	n = behind(n)
	if n.Kind != yaml.ScalarNode || !slices.Contains(from, n.Value) {
		r.wrong(n, "%s must be %s, not %s", what, strings.Join(from, " or "), kind(n))
	}
	return n.Value
}

// behind follows an alias.
func behind(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// kind words what a node is.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!str":
		return fmt.Sprintf("%q", n.Value)
	}
	return n.Value
}
