package lockfix_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Every line of the snippets in README.md's section on hooks is in a script that
// `make e2e-hooks` runs, except where to get it from.
func TestReadmeHooksAreThoseThatRun(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "\n## Hooks\n")
	section, _, _ = strings.Cut(section, "\n## ")
	names, err := filepath.Glob("cmd/lockfix/testdata/hooks/*.sh")
	if err != nil || len(names) < 5 {
		t.Fatalf("scripts: %v %v", names, err)
	}
	var scripts [][]string
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, strings.Split(strings.ReplaceAll(string(text), "$1", "lockfix"), "\n"))
	}
	blocks := regexp.MustCompile("(?s)```[a-z]+\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) < 5 {
		t.Errorf("only %d snippets", len(blocks))
	}
	for _, block := range blocks {
		lines := slices.DeleteFunc(strings.Split(strings.TrimRight(block[1], "\n"), "\n"), func(line string) bool {
			return strings.Contains(line, "repo: ") || strings.Contains(line, "rev: ")
		})
		if !slices.ContainsFunc(scripts, func(script []string) bool {
			return !slices.ContainsFunc(lines, func(line string) bool { return !slices.Contains(script, line) })
		}) {
			t.Errorf("no script runs this:\n%s", block[1])
		}
	}
}
