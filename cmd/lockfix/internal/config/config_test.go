package config

import (
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lockfix/lockfix/rewrite/hazard"
)

// tree writes files, empty ones, and returns their directory.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		claim string
		files string
		from  string
		gowrk string
		want  string
	}{
		{"in the directory", "go.mod a/.lockfix.yaml .lockfix.yaml", "a", "", "a/.lockfix.yaml"},
		{"above it", "go.mod a/b/x .lockfix.yaml", "a/b", "", ".lockfix.yaml"},
		{"not above the module", ".lockfix.yaml m/go.mod m/a/x", "m/a", "", ""},
		{"above the module in a workspace", ".lockfix.yaml go.work m/go.mod m/a/x", "m/a", "", ".lockfix.yaml"},
		{"but not without the workspace", ".lockfix.yaml go.work m/go.mod m/a/x", "m/a", "off", ""},
		{"the module's before the workspace's", ".lockfix.yaml go.work m/.lockfix.yaml m/go.mod", "m", "", "m/.lockfix.yaml"},
		{"nowhere", "go.mod", ".", "", ""},
		{"outside of modules the directory only", ".lockfix.yaml a/x", "a", "", ""},
		{"a directory of that name is none", "go.mod .lockfix.yaml/x", ".", "", ""},
	} {
		t.Run(test.claim, func(t *testing.T) {
			t.Setenv("GOWORK", test.gowrk)
			dir := tree(t, strings.Fields(test.files)...)
			want := ""
			if test.want != "" {
				want = filepath.Join(dir, filepath.FromSlash(test.want))
			}
			if got := Find(filepath.Join(dir, filepath.FromSlash(test.from))); got != want {
				t.Errorf("Find = %q, want %q", got, want)
			}
		})
	}
}

func read(t *testing.T, dir, text string) *Config {
	t.Helper()
	file := filepath.Join(dir, Name)
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	c, mistakes, err := Read(file, []string{"one", "two"})
	if err != nil || len(mistakes) > 0 {
		t.Fatalf("Read: %v %v", mistakes, err)
	}
	return c
}

func TestAround(t *testing.T) {
	dir := tree(t, strings.Fields(".lockfix.yaml m/go.mod m/a/b/.lockfix.yaml m/.lockfix.yaml m/vendor/x/.lockfix.yaml m/.git/.lockfix.yaml m/testdata/.lockfix.yaml m/c/.lockfix.yaml/x")...)
	top, files := Around(filepath.Join(dir, "m", "a"))
	if want := filepath.Join(dir, "m"); top != want {
		t.Errorf("from %s, want %s", top, want)
	}
	if got, want := strings.Join(files, " "), ".lockfix.yaml a/b/.lockfix.yaml"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPatterns(t *testing.T) {
	dir := tree(t, "a/b/x.go")
	c := read(t, dir, `
rules:
  paths:
    a/b: one
    ./c/: [one, two]
    "**/gen_*.go": all
    "*.go": two
`)
	for _, test := range []struct {
		file, rule string
		want       bool
	}{
		{"a/b/x.go", "one", true},
		{"a/b/c/x.go", "one", true},
		{"a/b/x.go", "two", false},
		{"a/bc/x.go", "one", false},
		{"a/x.go", "one", false},
		{"c/x.go", "two", true},
		{"gen_x.go", "one", true},
		{"d/e/gen_x.go", "two", true},
		{"x.go", "two", true},
		{"x.go", "one", false},
		{"d/x.go", "two", false},
		{"../a/b/x.go", "one", false},
	} {
		if got := c.Except(filepath.Join(dir, filepath.FromSlash(test.file)), test.rule, hazard.Hazard); got != test.want {
			t.Errorf("%s in %s: %t", test.rule, test.file, got)
		}
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip("no links here")
	}
	if !c.Except(filepath.Join(link, "a", "b", "x.go"), "one", hazard.Hazard) {
		t.Error("a file behind a link is another")
	}
	if new(Config).Except("x.go", "one", hazard.Hazard) {
		t.Error("no configuration leaves a file out")
	}
}

func TestPathsSelectAndRaiseTheLevel(t *testing.T) {
	dir := tree(t)
	c := read(t, dir, `
rules:
  paths:
    a: {select: one}
    a/b: {level: deadlock}
    a/b/c: {disable: all}
    d: {select: [one, two], level: hazard}
    e: {select: []}
    f: {}
`)
	for _, test := range []struct {
		file, rule string
		level      hazard.Level
		want       bool
	}{
		{"a/x.go", "one", hazard.Hazard, false},
		{"a/x.go", "two", hazard.Deadlock, true},
		{"a/b/x.go", "one", hazard.Hazard, true},
		{"a/b/x.go", "one", hazard.Deadlock, false},
		{"a/b/x.go", "two", hazard.Deadlock, true},
		{"a/b/c/x.go", "one", hazard.Deadlock, true},
		{"d/x.go", "two", hazard.Hazard, false},
		{"d/x.go", "two", hazard.Contention, true},
		{"e/x.go", "one", hazard.Deadlock, true},
		{"f/x.go", "one", hazard.Contention, false},
	} {
		if got := c.Except(filepath.Join(dir, filepath.FromSlash(test.file)), test.rule, test.level); got != test.want {
			t.Errorf("%s of level %d in %s: %t", test.rule, test.level, test.file, got)
		}
	}
}

// A package is seen several times, with and without its tests: a function that
// one of them has is there.
func TestAFunctionOfSomeVariantIsThere(t *testing.T) {
	c := read(t, t.TempDir(), "wakers: [m/p.F, m/p.G, m/q.H]")
	plain := types.NewPackage("m/p", "p")
	tests := types.NewPackage("m/p", "p")
	tests.Scope().Insert(types.NewFunc(token.NoPos, tests, "F", types.NewSignatureType(nil, nil, nil, nil, nil, false)))
	var wait sync.WaitGroup
	for _, pkg := range []*types.Package{plain, tests, plain, nil} {
		wait.Go(func() { c.Note(c.See(pkg)) })
	}
	wait.Wait()
	missing := c.Missing()
	if len(missing) != 1 || missing[0].Message != "package m/p has no function G" || missing[0].Pos.Line != 1 || missing[0].Pos.Column != 17 {
		t.Errorf("missing: %v", missing)
	}
}

func TestAnAliasIsWhatItStandsFor(t *testing.T) {
	c := read(t, t.TempDir(), "rules:\n  disable: &off [one]\n  paths: {a: *off}\n")
	if len(c.Disable) != 1 || !c.Except(filepath.Join(c.dir, "a", "x.go"), "one", hazard.Hazard) {
		t.Errorf("%+v", c.Disable)
	}
}

// A list of lists of lists, by aliases, would be larger than any memory; a list
// in itself would have no end.
func TestBombsAreMistakes(t *testing.T) {
	var laughs strings.Builder
	laughs.WriteString("wakers:\n- &a0 [x, x]\n")
	for i := range 40 {
		fmt.Fprintf(&laughs, "- &a%d [%s]\n", i+1, strings.Repeat(fmt.Sprintf("*a%d, ", i), 9))
	}
	for name, text := range map[string]string{
		"laughs":  laughs.String(),
		"itself":  "wakers: &a [*a]\n",
		"deep":    "locks: " + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + "\n",
		"merging": "rules: &r {<<: *r}\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), Name)
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			c, mistakes, err := Read(file, []string{"one"})
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
			if c != nil || err != nil || len(mistakes) == 0 || len(mistakes) > 1000 || mistakes[0].Pos.Line == 0 {
				t.Errorf("config %v, %d mistakes, error %v", c, len(mistakes), err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("locks:\n  - acquire: a.F\n    release: [a.G]\nrules: {paths: {x: all}}\n")
	f.Add("a: &a [*a]\nwakers: *a\n")
	f.Add("? [a]\n: b\n<<: {locks: 1}\n")
	f.Add("--- !x\nrules: !!binary x\n---\n")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text string) {
		file := filepath.Join(dir, Name)
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		c, mistakes, err := Read(file, []string{"one"})
		if err == nil && (c == nil) != (len(mistakes) > 0) {
			t.Errorf("config %v, mistakes %v", c, mistakes)
		}
		if err != nil {
			t.Errorf("Read: %v", err)
		}
		for _, m := range mistakes {
			if m.Pos.Line < 1 || m.Pos.Column < 1 {
				t.Errorf("%v has no place", m)
			}
		}
	})
}
