package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/cmd/corpus/internal/gittest"
)

// TestMain plays lockfix when it is started as such: one finding, always the same.
func TestMain(m *testing.M) {
	if os.Getenv("FAKE_LOCKFIX") != "" {
		fmt.Println(`{"version":1,"findings":[{"rule":"wakeloop","level":"hazard","message":"a flaw",` +
			`"position":{"file":"a.go","line":3}}],"errors":[]}`)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// corpus runs a command on a clone o/r with one file, and a fake lockfix. COMMIT
// in a table stands for the clone's commit.
func corpus(t *testing.T, table string, args ...string) (stdout string, err error) {
	t.Helper()
	dir := t.TempDir()
	head := gittest.Commit(t, filepath.Join(dir, "o", "r"), map[string]string{"go.mod": "module m\n\ngo 1.20\n", "a.go": "package m\n\nvar a int\n"})
	facts := filepath.Join(t.TempDir(), "facts.tsv")
	if err := os.WriteFile(facts, []byte(strings.ReplaceAll(table, "COMMIT", head)), 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAKE_LOCKFIX", "1")
	for i := range args {
		args[i] = strings.NewReplacer("DIR", dir, "FACTS", facts, "SELF", self, "WORK", t.TempDir()).Replace(args[i])
	}
	cmd := root()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs(args)
	err = cmd.Execute()
	return out.String(), err
}

const (
	fixTable = "id\trepo\tfix_commit\tparent_commit\tfile\tfunction\tline_range_in_parent\tshape\tintraprocedural\thuman_fix\tauto_rewrite\n" +
		"X-1\to/r\tCOMMIT\tCOMMIT\ta.go\tf\t3\tW1\tyes\tcopy\tsafe\n"
	negativeTable = "id\trepo\thead_commit\tfile\tline\tfunction\tkind\treason_not_a_bug\texpected_tool_behaviour\n" +
		"N-1\to/r\tCOMMIT\ta.go\t3\tf\tk\tr\tno-flag\n"
	verdictTable = "repository\tcommit\tfile\tline\trule\tverdict\treason\no/r\tCOMMIT\ta.go\t3\twakeloop\tdebatable\tmaybe\n"
)

func TestEachCommandPrintsItsMeasure(t *testing.T) {
	common := []string{"--dir", "DIR", "--lockfix", "SELF", "--work", "WORK", "--offline", "--facts", "FACTS"}
	tests := []struct {
		claim, table string
		args         []string
		want, err    string
	}{
		{"fixes prints shares", fixTable, append([]string{"fixes", "--shape", "W1,S1"}, common...), "visible in one function:    1/1 (100%)", ""},
		{"fixes of other shapes are not measured", fixTable, append([]string{"fixes", "--shape", "S1"}, common...), "loaded:                                       0/0", ""},
		{"negatives fails where too much is said", negativeTable, append([]string{"negatives"}, common...), "kept: 0/1 (0%)", "more is said than may be at 1 place"},
		{"findings fills in known verdicts", verdictTable, append([]string{"findings"}, common...), "\tdebatable\tmaybe\n", ""},
		{"repos counts and keeps still", "", append([]string{"repos"}, common[:6]...), "nothing", ""},
		{"judge sums up", verdictTable, []string{"judge", "--facts", "FACTS"}, "1/1 (100%)", ""},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			out, err := corpus(t, tt.table, tt.args...)
			if (err != nil) != (tt.err != "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error is %v, want %q", err, tt.err)
			}
			if !strings.Contains(out, tt.want) {
				t.Errorf("%q is not in what is printed:\n%s", tt.want, out)
			}
		})
	}
}

func TestATableIsSavedWhole(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out.tsv")
	if _, err := corpus(t, fixTable, "fixes", "--dir", "DIR", "--lockfix", "SELF", "--work", "WORK", "--facts", "FACTS", "-o", name); err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(saved), "X-1\to/r\ta.go\t3-3\tW1\tyes\tsafe\tyes\t0\t\twakeloop:3\tnone\tcopy") {
		t.Errorf("saved is %q (%v)", saved, err)
	}
}

func TestWhatIsMissingIsSaid(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"fixes", "--dir", "DIR"}, `"facts" not set`},
		{[]string{"fixes", "--facts", "FACTS"}, "give --dir"},
		{[]string{"repos", "--dir", "WORK", "--lockfix", "SELF"}, "no clones at"},
		{[]string{"repos", "--dir", "DIR", "--work", "WORK", "--lockfix", "SELF", "--only", "x/y"}, "find x/y: no clone"},
		{[]string{"judge", "--facts", "DIR/none.tsv"}, "read table"},
	} {
		if _, err := corpus(t, fixTable, tt.args...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: error is %v, want %q", tt.args, err, tt.want)
		}
	}
}
