package lockfix_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// The workflow in README.md is one, and its commands do what they are there for.
func TestReadmeWorkflowRuns(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```yaml\n(name: lockfix\n.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("no workflow")
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Uses, Run string }
		}
	}
	if err := yaml.Unmarshal(block[1], &workflow); err != nil {
		t.Fatal(err)
	}
	lockfix, dir := buildCommand(t), copyDemo(t)
	summary := filepath.Join(t.TempDir(), "summary.md")
	t.Setenv("GITHUB_STEP_SUMMARY", summary)
	t.Setenv("GITHUB_WORKSPACE", dir)
	var statuses []int
	for _, step := range workflow.Jobs["lockfix"].Steps {
		if args, ok := strings.CutPrefix(step.Run, "lockfix "); ok {
			out, status := run(t, dir, "sh", "-c", "'"+lockfix+"' "+args)
			statuses = append(statuses, status)
			if status == 1 && strings.Count(out, "::warning file=") != 6 {
				t.Errorf("%s:\n%s", step.Run, out)
			}
		}
	}
	if len(statuses) != 2 || statuses[0] != 0 || statuses[1] != 1 {
		t.Errorf("statuses %v, want 0 of the report and 1 of the annotations", statuses)
	}
	for name, want := range map[string]string{filepath.Join(dir, "lockfix.sarif"): `"uri": "gate/gate.go"`, summary: "### lockfix: 7 findings"} {
		text, err := os.ReadFile(name)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("no %s in %s: %v", want, filepath.Base(name), err)
		}
	}
}
