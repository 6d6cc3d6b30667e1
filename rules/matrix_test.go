package rules_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/ruletest"
	"github.com/lockfix/lockfix/rules"
)

// A row says of one obligation where the test data show that it holds, and why
// there is nothing to show where it is assumed or broken; "" asks for an archive.
var matrix = []struct {
	obligation string
	holds      string // an archive with a safe edit that needs it, or why there is none
	assumed    string
	broken     string
}{
	{"region", "blockheld/explicit", proofOnly, ""},
	{"once", "wakeloop/gather-filter", proofOnly, ""},
	{"operands", "blockheld/package-variable", proofOnly, ""},
	{"results", "blockheld/receive-done", proofOnly, ""},
	{"trailing", "blockheld/recovered", proofOnly, ""},
	{"not-needed", "blockheld/call-chain", "", ""},
	{"open", "blockheld/explicit", proofOnly, ""},
	{"order", "wakeloop/take-clear", "", doubtAtWorst},
	{"liveness", "wakeloop/take-clear", "", doubtAtWorst},
	{"defer", "blockheld/deferred-wake", proofOnly, ""},
	{"outer", "blockheld/explicit", proofOnly, ""},
	{"memory", "wakeloop/gather-filter", proofOnly, ""},
	{"detach", "wakeloop/take-clear", proofOnly, ""},
	{"window", "wakeloop/take-clear", proofOnly, ""},
	{"exclusion", "blockheld/explicit", "", ""},
	{"unregister", "wakeloop/take-clear", proofOnly, "never: a collection is taken only where the section empties it anyway, so others find what they found before"},
	{"names", "wakeloop/local-constant", proofOnly, ""},
	{"prose", "blockheld/explicit", "", doubtAtWorst},
	{"bound", "tokenheld/example", "", doubtAtWorst},
	{"stale", "never: what was read before a gap may always be old behind it", "", ""},
}

const (
	proofOnly    = "never: it is proved, or there is no edit"
	doubtAtWorst = "never: what speaks against it is a doubt, which makes the edit unsafe"
)

var verdict = regexp.MustCompile(`" (refused|assumed) "([a-z -]+)"`)

// Each strategy has each of its premises made doubtful, and broken.
func TestEachPremiseCounts(t *testing.T) {
	ruletest.Matrix(t, rules.All(), fix.Strategies)
}

// Each obligation has an archive where it holds, one where it is only plausible
// and one where it is broken, or a reason why there can be none.
func TestEachObligationHasItsArchives(t *testing.T) {
	archives := readArchives(t)
	found := map[string]string{} // "refused open" to an archive
	for name, text := range archives {
		for _, m := range verdict.FindAllStringSubmatch(text, -1) {
			for _, obligation := range strings.Fields(m[2]) {
				found[m[1]+" "+obligation] = name
			}
		}
	}
	known := map[string]bool{}
	for _, row := range matrix {
		known[row.obligation] = true
		if !strings.HasPrefix(row.holds, "never: ") && !strings.Contains(archives[row.holds], `" safe`) {
			t.Errorf("%s: %s has no safe edit", row.obligation, row.holds)
		}
		for kind, reason := range map[string]string{"assumed": row.assumed, "refused": row.broken} {
			archive := found[kind+" "+row.obligation]
			switch {
			case reason == "" && archive == "":
				t.Errorf("no archive has %s %q", kind, row.obligation)
			case reason != "" && archive != "":
				t.Errorf("%s has %s %q, which the table says is %s", archive, kind, row.obligation, reason)
			}
		}
	}
	for key, archive := range found {
		if _, obligation, _ := strings.Cut(key, " "); !known[obligation] {
			t.Errorf("%s: %q is no obligation of the table", archive, obligation)
		}
	}
}

// readArchives reads the test data of all rules, by rule and name.
func readArchives(t *testing.T) map[string]string {
	files, err := filepath.Glob("*/testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rule, name := filepath.Split(filepath.ToSlash(strings.TrimSuffix(file, ".txtar")))
		out[strings.TrimSuffix(rule, "testdata/")+name] = string(text)
	}
	return out
}
