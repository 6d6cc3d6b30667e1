//go:build unix

package contest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/peers/internal/meter"
)

// The test binary stands in for the tools: it says which caches it finds filled,
// fills them, and says which of the files have been touched.
func TestMain(m *testing.M) {
	name := os.Getenv("LOCKFIX_FAKE_LOG")
	if name == "" {
		os.Exit(m.Run())
	}
	line := os.Args[1]
	for _, variable := range []string{"GOCACHE", "OWN_CACHE"} {
		if dir := os.Getenv(variable); dir != "" {
			line += " " + variable + "=" + visit(dir, os.Args[1])
		}
	}
	for _, file := range []string{"leaf/leaf.go", "deep/deep.go"} {
		if text, err := os.ReadFile(file); err != nil {
			line += " " + err.Error()
		} else if bytes.Contains(text, []byte("lockfixPeers")) || bytes.Contains(text, []byte("was here")) {
			line += " " + file
		}
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(f, line)
	f.Close()
	os.Exit(len(os.Args) - 3) // a further argument makes it fail
}

// visit leaves a name in a cache and says whose it found there.
func visit(dir, who string) string {
	name := filepath.Join(dir, "visited-d")
	before, _ := os.ReadFile(name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(name+".new", append(before, who...), 0o644); err != nil {
		panic(err)
	}
	if err := os.Rename(name+".new", name); err != nil { // links are not written through
		panic(err)
	}
	if len(before) == 0 {
		return "empty"
	}
	return string(before)
}

// program writes a module of which leaf imports deep.
func program(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module m\n\ngo 1.26\n",
		"deep/deep.go": "package deep\n",
		"leaf/leaf.go": "package leaf\n\nimport _ \"m/deep\"\n",
	} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// fakes holds a contest of two tools, a with a cache of its own, and returns
// what they said of their runs.
func fakes(t *testing.T, o Options, more ...string) (*Result, []string, error) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "log")
	t.Setenv("LOCKFIX_FAKE_LOG", log)
	o.Dir, o.Work, o.Log = program(t), t.TempDir(), io.Discard
	r, err := hold(t.Context(), o, []tool{
		{name: "a", args: append([]string{exe, "a"}, more...), own: "OWN_CACHE", cold: true},
		{name: "b", args: []string{exe, "b"}, clean: true},
	})
	text, _ := os.ReadFile(log)
	return r, strings.Split(strings.TrimSpace(string(text)), "\n"), err
}

func TestEachToolFindsItsOwnCachesOnly(t *testing.T) {
	r, lines, err := fakes(t, Options{Rounds: 1, States: States})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		// filling
		"a GOCACHE=empty OWN_CACHE=empty",
		"b GOCACHE=a",
		// empty
		"b GOCACHE=empty",
		"a GOCACHE=empty OWN_CACHE=empty",
		// cold
		"b GOCACHE=ab",
		"a GOCACHE=ab OWN_CACHE=empty",
		// warm
		"b GOCACHE=abb",
		"a GOCACHE=aba OWN_CACHE=a",
		// leaf
		"b GOCACHE=abbb leaf/leaf.go",
		"a GOCACHE=abaa OWN_CACHE=aa leaf/leaf.go",
		// deep
		"b GOCACHE=abbbb leaf/leaf.go deep/deep.go",
		"a GOCACHE=abaaa OWN_CACHE=aaa leaf/leaf.go deep/deep.go",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	var runs []string
	for _, run := range r.Runs {
		runs = append(runs, run.State+" "+run.Tool)
	}
	if got := strings.Join(runs, ", "); got != "empty b, empty a, cold a, warm b, warm a, leaf b, leaf a, deep b, deep a" {
		t.Errorf("runs %s", got)
	}
}

func TestARoundLeavesNothingToTheNext(t *testing.T) {
	_, lines, err := fakes(t, Options{Rounds: 2, States: []string{Leaf}})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a GOCACHE=empty OWN_CACHE=empty",
		"b GOCACHE=a",
		"b GOCACHE=ab",
		"a GOCACHE=ab OWN_CACHE=empty",
		"b GOCACHE=abb leaf/leaf.go",
		"a GOCACHE=aba OWN_CACHE=a leaf/leaf.go",
		"a GOCACHE=ab OWN_CACHE=empty", // the other way round
		"b GOCACHE=ab",
		"a GOCACHE=aba OWN_CACHE=a leaf/leaf.go",
		"b GOCACHE=abb leaf/leaf.go",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestWhatCannotBeMeasuredIsNamed(t *testing.T) {
	for _, r := range []struct {
		claim string
		o     Options
		more  []string
		want  string
	}{
		{"a tool that fails", Options{Rounds: 1, States: States}, []string{"x", "y"}, "ends with status 2"},
		{"a file that is not there", Options{Rounds: 1, States: States, Leaf: "no.go"}, nil, "no.go"},
	} {
		t.Run(r.claim, func(t *testing.T) {
			if _, _, err := fakes(t, r.o, r.more...); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("error %v, want one with %q", err, r.want)
			}
		})
	}
	if err := (Options{Rounds: 1, States: []string{"tepid"}}).Check(); err == nil || !strings.Contains(err.Error(), "there are empty, cold") {
		t.Error(err)
	}
	if err := (Options{States: States}).Check(); err == nil {
		t.Error("no rounds are enough")
	}
}

func TestTables(t *testing.T) {
	cost := func(s float64, mb int64) meter.Cost {
		return meter.Cost{Wall: time.Duration(s * 1e9), CPU: time.Duration(2 * s * 1e9), Peak: mb << 20}
	}
	r := &Result{Head: []string{"m"}, Runs: []Run{
		{1, Warm, "go vet", cost(4, 100)}, {1, Warm, Lockfix, cost(1, 0)},
		{2, Warm, "go vet", cost(2, 300)}, {2, Warm, Lockfix, cost(1, 0)},
	}}
	var text, tsv bytes.Buffer
	if err := r.Print(&text); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(text.String()) {
		rows = append(rows, strings.Join(strings.Fields(line), " "))
	}
	for _, want := range []string{"m", "warm lockfix 1.00 2.00 - - - -", "warm go vet 3.00 6.00 200 0.38 [0.25 0.50] 0.38 [0.25 0.50] -"} {
		if !slices.Contains(rows, want) {
			t.Errorf("no line %q in\n%s", want, text.String())
		}
	}
	if err := r.Save(&tsv); err != nil {
		t.Fatal(err)
	}
	if want := "state\ttool\tround\twall_s\tcpu_s\tpeak_mb\nwarm\tgo vet\t1\t4.000\t8.000\t100.000\n"; !strings.HasPrefix(tsv.String(), want) {
		t.Errorf("saved\n%s", tsv.String())
	}
}
