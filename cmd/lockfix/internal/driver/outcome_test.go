package driver

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// times are those that tests give files, each once.
var times atomic.Int64

// age makes all that is in a directory a day old, and what has changed since the last
// time another second.
func age(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil || time.Since(info.ModTime()) > time.Hour {
			return err
		}
		when := time.Now().Add(-24*time.Hour + time.Duration(times.Add(1))*time.Second)
		return os.Chtimes(name, when, when)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// quiet has a package of which there is nothing to say, but that others name.
const quiet = modules + `
-- p/names.go --
package p

import _ "example.com/m/n"
-- n/n.go --
package n

func N() {}
-- n/n_plan9.go --
package n
-- n/_ignored.go --
package n
`

// A teller writes down what runs say: of each package where two declarations are, one of
// another package, and what was noted of its types.
type teller struct {
	recorder
	said []string
}

func (r *teller) say(dir string, at ...token.Position) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.said = append(r.said, fmt.Sprint(filepath.Base(dir), " at ", at))
}

func (r *teller) config(dir string) Config {
	return Config{
		Dir: dir, Patterns: []string{"./...", "p/p_test.go"}, Store: store.Memory(), Purpose: "telling",
		Remark:    func(text string) { r.said = append(r.said, text) },
		Summarize: r.summarize,
		Loaded:    func(p *types.Package) map[string]string { return map[string]string{p.Path(): p.Name()} },
		Noted: func(notes map[string]string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.said = append(r.said, fmt.Sprint("noted ", notes))
		},
		Visit: func(u *Unit) (*summary.Package, []byte) {
			r.mu.Lock()
			r.visited[u.Src.Path] = nil
			r.mu.Unlock()
			if filepath.Base(u.Dir()) == "n" {
				return u.Package, []byte{}
			}
			own := u.Src.Position(u.Src.Files[len(u.Src.Files)-1].Syntax.Decls[0].Pos())
			own.Offset = 0
			abroad := token.Position{Filename: filepath.Join(dir, "n", "n.go"), Line: 3, Column: 1}
			r.say(u.Dir(), own, abroad)
			kept, err := encoding.Marshal([]Place{u.Place(own), u.Place(abroad)})
			if err != nil {
				panic(err)
			}
			return u.Package, kept
		},
		Recall: func(u *Unit, kept []byte) (tell func()) {
			if len(kept) == 0 {
				return func() { r.say(u.Dir()) }
			}
			var places []Place
			if err := decoding.Unmarshal(kept, &places); err != nil {
				panic(err)
			}
			own, abroad := u.Locate(places[0]), u.Locate(places[1])
			return func() { r.say(u.Dir(), own, abroad) }
		},
	}
}

func (r *teller) run(t *testing.T, c Config) *Result {
	t.Helper()
	r.visited, r.facts, r.said = make(map[string][]string), make(map[string]bool), nil
	result, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(r.said)
	return result
}

// tells reports whether a run would tell an outcome.
func (r *teller) tells(c Config) bool {
	c = c.complete()
	c.Session, c.Overlay = NewSession(), unsaved(c.Overlay)
	return newRun(c, nil).repeat()
}

// What a run came to is told again by one after which nothing has changed, and by no
// other.
func TestAnOutcomeIsToldAgain(t *testing.T) {
	write := func(name, text string) func(*testing.T, *Config) {
		return func(t *testing.T, c *Config) {
			if err := os.WriteFile(filepath.Join(c.Dir, filepath.FromSlash(name)), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, test := range []struct {
		name     string
		change   func(*testing.T, *Config)
		again    bool
		problems int
	}{
		{"nothing", func(*testing.T, *Config) {}, true, 0},
		{"more at a time", func(_ *testing.T, c *Config) { c.Jobs = 7 }, true, 0},
		{"an editor's own file", write("p/.p.go.swp", ""), true, 0},
		{"a file open as it is on disk", func(t *testing.T, c *Config) {
			name := filepath.Join(c.Dir, "p", "p.go")
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			c.Overlay = map[string][]byte{name: text}
		}, true, 0}, // newRun has it, Run leaves it out
		{"a file", write("p/p.go", "package p\n\ntype G[T any] struct{ v T }\n\nfunc (g *G[T]) Get() T { panic(1) }\n\nfunc F() {}\n"), false, 0},
		{"a file beside", write("q/q_test.go", "package q\n"), false, 0},
		{"a file comes", write("q/more.go", "package q\n\nfunc more() {}\n"), false, 0},
		{"a file goes", func(t *testing.T, c *Config) { os.Remove(filepath.Join(c.Dir, "p", "x_test.go")) }, false, 0},
		{"a package comes", func(t *testing.T, c *Config) {
			if err := os.Mkdir(filepath.Join(c.Dir, "r"), 0o777); err != nil {
				t.Fatal(err)
			}
			write("r/r.go", "package r\n\nimport _ \"example.com/m/n\"\n\nfunc R() {}\n")(t, c)
		}, false, 0},
		{"the module", write("go.mod", "module example.com/m\n\ngo 1.23\n"), false, 0},
		{"a workspace", write("go.work", "go 1.24\n\nuse .\n"), false, 0},
		{"the environment", func(t *testing.T, _ *Config) { t.Setenv("GOARCH", "arm64") }, false, 0},
		{"the purpose", func(_ *testing.T, c *Config) { c.Purpose = "another" }, false, 0},
		{"the analysis", func(_ *testing.T, c *Config) { c.Analysis = "another" }, false, 0},
		{"the patterns", func(_ *testing.T, c *Config) { c.Patterns = []string{"./p"} }, false, 0},
		{"tests", func(_ *testing.T, c *Config) { c.Tests = true }, false, 0},
		{"tags", func(_ *testing.T, c *Config) { c.Tags = "a" }, false, 0},
		{"an open file", func(_ *testing.T, c *Config) {
			c.Overlay = map[string][]byte{filepath.Join(c.Dir, "q", "q.go"): []byte("package q\n\nimport _ \"example.com/m/p\"\n\nfunc Open() {}\n")}
		}, false, 0},
		{"what was kept is not enough", func(_ *testing.T, c *Config) {
			c.Recall = func(*Unit, []byte) func() { return nil }
		}, false, 0},
		{"what was kept makes a fault", func(_ *testing.T, c *Config) {
			c.Recall = func(*Unit, []byte) func() { panic("a fault") }
		}, false, 2},
		{"nobody recalls", func(_ *testing.T, c *Config) { c.Recall = nil }, false, 0},
		{"files are completed", func(_ *testing.T, c *Config) {
			c.Listed = func([]string) bool { return true }
		}, false, 0},
		{"what was kept is gone", func(t *testing.T, c *Config) {
			kept := c.Store
			c.Store = store.Memory()
			k := newRun(Config{Dir: c.Dir, Patterns: c.Patterns, Purpose: c.Purpose, Session: NewSession()}, nil).outcomeKey()
			data, ok := kept.Get(k)
			if !ok {
				t.Fatal("the outcome is not kept")
			}
			c.Store.Put(k, data)
		}, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := unpack(t, quiet)
			age(t, dir)
			r := new(teller)
			c := r.config(dir)
			r.run(t, c)
			test.change(t, &c)
			age(t, dir)
			if again := r.tells(c); again != test.again {
				t.Errorf("told again: %v, want %v", again, test.again)
			}
			got := r.run(t, c)
			said := r.said
			c.Store = store.Memory()
			want := r.run(t, c)
			if test.again && got.Stats.Recalled != got.Packages {
				t.Errorf("%d packages, %d recalled", got.Packages, got.Stats.Recalled)
			}
			if len(got.Problems) != test.problems {
				t.Errorf("problems %+v, want %d", got.Problems, test.problems)
			}
			if test.problems == 0 && (got.Packages != want.Packages || !slices.Equal(got.Files, want.Files) || !slices.Equal(said, r.said)) {
				t.Errorf("%d packages, files %q, said %q; want %d, %q, %q", got.Packages, got.Files, said, want.Packages, want.Files, r.said)
			}
		})
	}
}

// What has to be said or done each time is no outcome; where nothing has, there is one.
func TestWhatIsNoOutcome(t *testing.T) {
	const nothing = "nothing"
	for name, change := range map[string]func(*Config){
		nothing: func(*Config) {},
		"an error": func(c *Config) {
			c.Dir = unpack(t, quiet+"-- r/r.go --\npackage r\n\nimport _ \"example.com/m/n\"\n\nfunc R() { undefined() }\n")
		},
		"a file in no package": func(c *Config) {
			c.Patterns = []string{"./n", filepath.Join("n", "_ignored.go")}
		},
		"an open file": func(c *Config) {
			c.Overlay = map[string][]byte{filepath.Join(c.Dir, "q", "q.go"): []byte("package q\n\nimport _ \"example.com/m/p\"\n\nfunc Open() {}\n")}
		},
		"a file that changes during the listing": func(c *Config) {
			name := filepath.Join(c.Dir, "p", "p.go")
			c.Listed = func([]string) bool {
				if err := os.WriteFile(name, []byte("package p\n\nfunc F() {}\n\ntype G[T any] struct{ v T }\n\nfunc (g *G[T]) Get() T { return g.v }\n"), 0o666); err != nil {
					t.Error(err)
				}
				return false
			}
		},
		"a visit that keeps nothing": func(c *Config) {
			c.Visit = func(u *Unit) (*summary.Package, []byte) { return u.Package, nil }
		},
		"a file that changes meanwhile": func(c *Config) {
			visit, dir := c.Visit, c.Dir
			c.Visit = func(u *Unit) (*summary.Package, []byte) {
				if name := filepath.Join(dir, "q", "q.go"); u.Src.Path == "example.com/m/p" {
					if err := os.WriteFile(name, []byte("package q\n\nimport \"example.com/m/p\"\n\nfunc Other() { p.F() }\n"), 0o666); err != nil {
						t.Error(err)
					}
				}
				return visit(u)
			}
		},
		"a session": func(c *Config) { c.Session = NewSession() },
	} {
		t.Run(name, func(t *testing.T) {
			r := new(teller)
			c := r.config(unpack(t, quiet))
			change(&c)
			age(t, c.Dir)
			r.visited, r.facts = make(map[string][]string), make(map[string]bool)
			if _, err := Run(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			c.Session = NewSession()
			if _, kept := c.Store.Get(newRun(c, nil).outcomeKey()); kept != (name == nothing) {
				t.Errorf("kept: %v", kept)
			}
		})
	}
}
