// Scaffold starts a new rule: its page, its match, its test and its example, to
// be filled in. It is run by make rule NAME=x.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

func main() {
	if len(os.Args) != 2 || !regexp.MustCompile(`^[a-z]+$`).MatchString(os.Args[1]) {
		fmt.Fprintln(os.Stderr, "usage: make rule NAME=x, where x is one lower-case word")
		os.Exit(2)
	}
	if err := scaffold("rules", os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "scaffold: %v\n", err)
		os.Exit(1)
	}
	fmt.Printf("rules/%[1]s is there. Next:\n  write its page in doc.go and its match in %[1]s.go\n"+
		"  write the example, and an archive for each reason not to report or not to edit\n"+
		"  add %[1]s.Rule to rules/rules.go\n  go test ./rules/%[1]s -update, and read what it wrote\n  make docs\n", os.Args[1])
}

// scaffold writes the files of a rule into a new directory.
func scaffold(root, name string) error {
	dir := filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("starting rule: %w", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "testdata"), 0o755); err != nil {
		return fmt.Errorf("starting rule: %w", err)
	}
	for file, text := range files(name) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing rule: %w", err)
		}
	}
	return nil
}

// files returns the texts of a rule that matches nothing yet.
func files(name string) map[string]string {
	expand := func(text string) string { return strings.ReplaceAll(text, "NAME", name) }
	return map[string]string{
		"doc.go":          expand(doc),
		name + ".go":      expand(code),
		name + "_test.go": expand(test),
		filepath.Join("testdata", "example.txtar"): expand(example),
	}
}

const doc = `// Package NAME reports ...
//
// # What it reports
//
// ...
//
// # Why it is bad
//
// ...
//
// # Why the edit keeps the meaning
//
// ...
//
// # When there is no edit
//
// ...
package NAME
`

const code = `package NAME

import (
	_ "embed"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

//go:embed doc.go
var page string

// Rule is the rule of this package.
var Rule = &rule.Rule{
	Name:  "NAME",
	Title: "...",
	Doc:   rule.Page(page),
	Match: match,
}

// match takes ...
func match(o *hazard.Observation) (string, bool) {
	return rule.Message(o), false
}
`

const test = `package NAME_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules/NAME"
)

func TestRule(t *testing.T) { ruletest.Run(t, NAME.Rule) }
`

const example = `...

-- x.go --
package x
`
