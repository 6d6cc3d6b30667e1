package lockfix_test

import (
	"fmt"
	"go/doc/comment"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rules"
)

const doNotEdit = "<!-- Generated: make docs writes it. -->\n\n"

// rules/README.md has the page of each rule, with the example that its test runs.
func TestCatalogueIsFresh(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The rules of lockfix\n\n" + doNotEdit)
	b.WriteString("`lockfix explain RULE` prints the same. What *safe* means, and how it is proved, stands in the [README](../README.md#how-a-fix-is-proved).\n\n")
	b.WriteString(ruleTable(func(r *rule.Rule) string { return "#" + r.Name }))
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n### Example\n\n%s", r.Name, markdown(r.Doc, 3), example(t, r.Name))
	}
	fresh(t, filepath.Join("rules", "README.md"), b.String())
}

// cmd/lockfix/README.md is what the command says of itself.
func TestReferenceIsFresh(t *testing.T) {
	lockfix := buildCommand(t)
	help := func(topic string) string {
		out, status := run(t, ".", lockfix, "help", topic)
		if status != 0 {
			t.Fatalf("lockfix help %s: status %d", topic, status)
		}
		return out
	}
	var b strings.Builder
	b.WriteString("# The command\n\n" + doNotEdit + "```\n" + help("") + "```\n")
	for _, name := range commandsOf(t, lockfix) {
		fmt.Fprintf(&b, "\n## lockfix %s\n\n```\n%s```\n", name, help(name))
	}
	_, page, _ := strings.Cut(help("configuration"), "\n\n")
	b.WriteString("\n## Configuration\n\n" + markdown(page, 3))
	fresh(t, filepath.Join("cmd", "lockfix", "README.md"), b.String())
}

// fresh holds a generated file against what it should be.
func fresh(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is stale, run make docs; the difference is\n%s", name, edit.Unified(name, "what it should be", got, []byte(want)))
	}
}

// markdown renders the documentation of a package.
func markdown(doc string, level int) string {
	printer := comment.Printer{HeadingLevel: level, HeadingID: func(*comment.Heading) string { return "" }}
	return string(printer.Markdown(new(comment.Parser).Parse(doc)))
}

// wanted are the expectations of a test in the code of an example.
var wanted = regexp.MustCompile(`(?m) *// want .*$`)

// example shows what a rule makes of its example.
func example(t *testing.T, name string) string {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("rules", name, "testdata", "example.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	for _, f := range archive.Files {
		files[f.Name] = wanted.ReplaceAll(f.Data, nil)
	}
	kind := "safe"
	after := files["x.go.fixed"]
	if after == nil {
		kind, after = "unsafe", files["x.go.unsafe"]
	}
	diff := edit.Unified("x.go", "x.go", files["x.go"], after)
	if diff == "" {
		t.Fatalf("the example of %s has no fix", name)
	}
	title, _, _ := strings.Cut(string(archive.Comment), "\n")
	return fmt.Sprintf("%s (%s):\n\n```diff\n%s```\n", strings.ToUpper(title[:1])+title[1:], kind, diff)
}

// CHANGELOG.md has the form of Keep a Changelog, and tells of every rule and every
// command that there is.
func TestChangelogIsComplete(t *testing.T) {
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "# Changelog\n") || !strings.Contains(string(text), "\n## [Unreleased]\n") {
		t.Error("no section Unreleased below the title")
	}
	for _, m := range regexp.MustCompile(`(?m)^### (.*)$`).FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains([]string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, m[1]) {
			t.Errorf("%q is no kind of change", m[1])
		}
	}
	for _, r := range rules.All() {
		if !strings.Contains(string(text), "`"+r.Name+"`") {
			t.Errorf("nothing of the rule %s", r.Name)
		}
	}
	for _, name := range commandsOf(t, buildCommand(t)) {
		if !strings.Contains(string(text), "lockfix "+name) {
			t.Errorf("nothing of lockfix %s", name)
		}
	}
}

// commandsOf lists the commands, but for those that do what another does and those
// of the library.
func commandsOf(t *testing.T, lockfix string) []string {
	t.Helper()
	help, _ := run(t, ".", lockfix, "help")
	_, list, _ := strings.Cut(help, "Available Commands:\n")
	list, _, _ = strings.Cut(list, "\nFlags:")
	var names []string
	for line := range strings.Lines(list) {
		if f := strings.Fields(line); len(f) > 0 && !slices.Contains([]string{"check", "completion", "help", "version"}, f[0]) {
			names = append(names, f[0])
		}
	}
	return names
}
