package ruletest

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A want is one expectation.
type want struct {
	file    string
	line    int
	rule    string
	level   string // "" any
	re      *regexp.Regexp
	safe    bool
	refused string   // obligation; "" not asked
	assumed []string // obligations, sorted; nil not asked
	met     bool
}

// wantForm is one expectation in a comment: name, level, message, verdict.
var wantForm = regexp.MustCompile(`^\s*([a-z]+)(?: (contention|hazard|deadlock))? ("(?:[^"\\]|\\.)*")(?: (safe)| (refused|assumed) ("(?:[^"\\]|\\.)*"))?`)

// wants reads the expectations of a package, and those that the comment of its
// archive has: "x.go:12 NAME ...".
func wants(src *source.Package, more ...string) ([]*want, error) {
	var all []*want
	for _, text := range more {
		place, text, _ := strings.Cut(text, " ")
		file, number, _ := strings.Cut(place, ":")
		line, err := strconv.Atoi(number)
		i := slices.IndexFunc(src.Files, func(f *source.File) bool { return filepath.Base(f.Name) == file })
		if err != nil || i < 0 {
			return nil, fmt.Errorf("reading expectation: no such place: %s", place)
		}
		ws, err := parseWants(text)
		if err != nil {
			return nil, fmt.Errorf("reading expectation at %s: %w", place, err)
		}
		for _, w := range ws {
			w.file, w.line = src.Files[i].Name, line
		}
		all = append(all, ws...)
	}
	for _, f := range src.Files {
		for _, group := range f.Syntax.Comments {
			for _, c := range group.List {
				_, text, ok := strings.Cut(c.Text, "// want ")
				if !ok {
					continue
				}
				pos := src.Position(c.Pos())
				ws, err := parseWants(strings.TrimSuffix(text, "*/"))
				if err != nil {
					return nil, fmt.Errorf("reading expectation at %s:%d: %w", filepath.Base(pos.Filename), pos.Line, err)
				}
				for _, w := range ws {
					w.file, w.line = pos.Filename, pos.Line
				}
				all = append(all, ws...)
			}
		}
	}
	return all, nil
}

func parseWants(text string) ([]*want, error) {
	var ws []*want
	for strings.TrimSpace(text) != "" {
		m := wantForm.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("not an expectation: %s", text)
		}
		text = text[len(m[0]):]
		message, err := strconv.Unquote(m[3])
		if err != nil {
			return nil, fmt.Errorf("unquoting %s: %w", m[3], err)
		}
		re, err := regexp.Compile(message)
		if err != nil {
			return nil, fmt.Errorf("compiling %s: %w", m[3], err)
		}
		w := &want{rule: m[1], level: m[2], re: re, safe: m[4] != ""}
		switch names := strings.Trim(m[6], `"`); m[5] {
		case "refused":
			w.refused = names
		case "assumed":
			w.assumed = strings.Fields(names)
			slices.Sort(w.assumed)
		}
		ws = append(ws, w)
	}
	return ws, nil
}

// match compares findings with expectations and says what is amiss, in order.
func match(findings []*rule.Finding, wants []*want) []string {
	var amiss []string
	for _, f := range findings {
		i := slices.IndexFunc(wants, func(w *want) bool { return !w.met && w.fits(f) })
		if i >= 0 {
			wants[i].met = true
			if s := wants[i].verdict(f); s != "" {
				amiss = append(amiss, at(f.Pos.Filename, f.Pos.Line)+s)
			}
		} else if f.Level > hazard.Contention {
			amiss = append(amiss, fmt.Sprintf("%snot wanted: %s [%s, %s]", at(f.Pos.Filename, f.Pos.Line), f.Message, f.Rule, levels[f.Level]))
		}
	}
	for _, w := range wants {
		if !w.met {
			amiss = append(amiss, fmt.Sprintf("%swanted, not found: %s %s %q", at(w.file, w.line), w.rule, w.level, w.re))
		}
	}
	return amiss
}

func at(file string, line int) string { return fmt.Sprintf("%s:%d: ", filepath.Base(file), line) }

var levels = [...]string{hazard.Silent: "silent", hazard.Contention: "contention", hazard.Hazard: "hazard", hazard.Deadlock: "deadlock"}

func (w *want) fits(f *rule.Finding) bool {
	return w.file == f.Pos.Filename && w.line == f.Pos.Line && w.rule == f.Rule && w.re.MatchString(f.Message) &&
		(w.level == "" || w.level == levels[f.Level])
}

// verdict compares the finding's fix with what is expected of it.
func (w *want) verdict(f *rule.Finding) string {
	switch {
	case w.refused != "":
		if f.Fix != nil {
			return fmt.Sprintf("a fix is offered (%s), wanted refused by %s", f.Fix.Title, w.refused)
		}
		word := regexp.MustCompile(`\b` + regexp.QuoteMeta(w.refused) + `\b`)
		if !slices.ContainsFunc(f.Refusals, func(n rule.Note) bool { return word.MatchString(n.Text) }) {
			return fmt.Sprintf("refused by %s, wanted by %s", texts(f.Refusals), w.refused)
		}
	case w.safe || w.assumed != nil:
		if f.Fix == nil {
			return fmt.Sprintf("no fix is offered: %s", texts(f.Refusals))
		}
		if got := assumed(f.Fix); !slices.Equal(got, w.assumed) {
			return fmt.Sprintf("the fix assumes %q, wanted %q", got, w.assumed)
		}
	}
	return ""
}

func texts(notes []rule.Note) string {
	var ts []string
	for _, n := range notes {
		ts = append(ts, n.Text)
	}
	return fmt.Sprintf("%q", ts)
}

// assumed names the obligations that a fix takes for granted, sorted; nil if none.
func assumed(f *rule.Fix) []string {
	var names []string
	for _, o := range f.Obligations {
		if o.Status == fix.Assumed {
			names = append(names, o.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
