package lockfix_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rules"
)

var update = flag.Bool("update", false, "write README.md and the other generated pages")

// generated is a part of README.md that is written by a program: what stands
// between a comment that says how and the comment that ends it.
var generated = regexp.MustCompile(`(?s)<!-- (run|rules|judge)(?:: ([^\n]*))? -->\n.*?<!-- end -->`)

// The output in README.md is what the command prints, and the table of rules is
// the table of rules.
func TestReadmeIsFresh(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	lockfix := buildCommand(t)
	fresh := generated.ReplaceAllFunc(readme, func(part []byte) []byte {
		m := generated.FindSubmatch(part)
		head, _, _ := bytes.Cut(part, []byte("\n"))
		var text string
		switch string(m[1]) {
		case "rules":
			text = ruleTable(func(r *rule.Rule) string { return "rules/README.md#" + r.Name })
		case "judge":
			out, status := run(t, ".", "go", "run", "./cmd/corpus", "judge")
			if status != 0 {
				t.Fatalf("summing up the judgements: status %d", status)
			}
			text = "```\n" + out + "```\n"
		default:
			text = transcript(t, lockfix, string(m[2]))
		}
		return fmt.Appendf(nil, "%s\n%s<!-- end -->", head, text)
	})
	if *update {
		if err := os.WriteFile("README.md", fresh, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(readme, fresh) {
		t.Errorf("README.md is stale, run make docs; it should be\n%s", fresh)
	}
}

// The extension for VS Code that README.md shows is the one that make e2e-vscode
// runs.
func TestReadmeHasTheExtension(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for lang, name := range map[string]string{"json": "package.json", "js": "main.js"} {
		text, err := os.ReadFile(filepath.Join("cmd", "lockfix", "testdata", "e2e", "extension", name))
		if err != nil {
			t.Fatal(err)
		}
		if want := "```" + lang + "\n" + string(text) + "```\n"; !strings.Contains(string(readme), want) {
			t.Errorf("README.md does not show %s:\n%s", name, want)
		}
	}
}

// elapsed is the one part of the output that is not always the same.
var elapsed = regexp.MustCompile(`\[[0-9.]+m?s\]`)

// transcript runs the command in the demo and shows what it prints. Flags that
// the terminal of a reader makes unnecessary are not shown.
func transcript(t *testing.T, lockfix, args string) string {
	t.Helper()
	out, status := run(t, filepath.Join("testdata", "demo"), lockfix, strings.Fields(args)...)
	if status > 1 {
		t.Fatalf("lockfix %s: status %d", args, status)
	}
	shown := strings.Replace(args, "-f pretty ", "", 1)
	return "```console\n$ lockfix " + shown + "\n" + elapsed.ReplaceAllString(strings.TrimSpace(out), "[0.2s]") + "\n```\n"
}

// ruleTable lists the rules with links to their pages.
func ruleTable(page func(*rule.Rule) string) string {
	var b strings.Builder
	b.WriteString("| rule | reports |\n|---|---|\n")
	for _, r := range rules.All() {
		fmt.Fprintf(&b, "| [`%s`](%s) | %s |\n", r.Name, page(r), r.Title)
	}
	return b.String()
}

// published are commands that need what only a release has.
var published = regexp.MustCompile(`^(go install|git clone|cd) `)

// Every command that README.md tells to run does run: those of lockfix in the
// demo, without an error; those of make are targets that it lists.
func TestReadmeCommandsWork(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	targets, status := run(t, ".", "make", "help")
	if status != 0 {
		t.Fatalf("make help: status %d", status)
	}
	lockfix, dir := buildCommand(t), copyDemo(t)
	if out, status := run(t, dir, "sh", "-c", "git init -q -b main && git add . && git -c user.name=A -c user.email=a@example.com commit -qm first"); status != 0 {
		t.Fatalf("making a repository of the demo: %s", out)
	}
	count := 0
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllSubmatch(readme, -1) {
		for line := range strings.Lines(string(block[1])) {
			line, _, _ = strings.Cut(line, " #")
			line = strings.TrimSpace(line)
			count++
			switch name, args, _ := strings.Cut(line, " "); {
			case published.MatchString(line):
			case name == "make":
				target, _, _ := strings.Cut(args, " ")
				if !strings.Contains(targets, "  "+target+" ") {
					t.Errorf("%s: make help does not list %s", line, target)
				}
			default:
				line = strings.ReplaceAll(line, "$(which lockfix)", lockfix)
				sh := "lockfix() { '" + lockfix + "' \"$@\"; }\n" + line
				if _, status := run(t, dir, "sh", "-c", sh); status > 1 {
					t.Errorf("%s: status %d", line, status)
				}
			}
		}
	}
	if count < 8 {
		t.Errorf("only %d commands found", count)
	}
}
