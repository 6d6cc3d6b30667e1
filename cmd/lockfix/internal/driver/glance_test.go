package driver

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// glance runs Glance as run does Run.
func (r *recorder) glance(t *testing.T, c Config) (first int, err error) {
	t.Helper()
	r.summarized, r.visited = nil, make(map[string][]string)
	c.Summarize = r.summarize
	c.Visit = func(u *Unit) (*summary.Package, []byte) {
		r.visited[u.Src.Path] = append(r.visited[u.Src.Path], filepath.Base(u.Src.Files[0].Name))
		return u.Package, []byte("seen")
	}
	_, err = Glance(t.Context(), c, func(*Unit) { first++ })
	return first, err
}

func TestGlance(t *testing.T) {
	dir := unpack(t, modules+"-- q/r.go --\npackage q\n")
	q, rest, p, test := filepath.Join(dir, "q", "q.go"), filepath.Join(dir, "q", "r.go"), filepath.Join(dir, "p", "p.go"), filepath.Join(dir, "p", "p_test.go")
	const text = "package q\n\nimport \"example.com/m/p\"\n\nfunc Q() { p.F() }\n"
	with := func(pairs ...string) map[string][]byte {
		m := make(map[string][]byte)
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = []byte(pairs[i+1])
		}
		return m
	}
	for _, tt := range []struct {
		claim       string
		before, now map[string][]byte
		want        string // package that is looked at; "" if there is no glance
	}{
		{"a changed body", nil, with(q, text), "example.com/m/q"},
		{"a body that was open", with(q, text), with(q, text+"\nvar x int\n"), "example.com/m/q"},
		{"a package that is imported by others", nil, with(p, "package p\n\nfunc F() {}\n\nvar x int\n"), "example.com/m/p"},
		{"a test file", nil, with(test, "package p\n\nfunc inside() {}\n"), "example.com/m/p"},
		{"an error in a body", nil, with(q, text+"\nvar x undefined\n"), "example.com/m/q"},
		{"two files of one package", nil, with(q, text, rest, "package q\n\nvar y int\n"), "example.com/m/q"},
		{"nothing has changed", with(q, text), with(q, text), ""},
		{"an import less", nil, with(q, "package q\n"), ""},
		{"another package clause", nil, with(q, "package other\n"), ""},
		{"two packages", nil, with(q, text, p, "package p\n\nfunc F() {}\n\nvar x int\n"), ""},
		{"a package and its test", nil, with(p, "package p\n\nfunc F() {}\n\nvar x int\n", test, "package p\n\nfunc inside() {}\n"), ""},
		{"a file that is closed", with(q, text), nil, ""},
		{"a file that nobody knows", nil, with(filepath.Join(dir, "q", "new.go"), "package q\n"), ""},
		{"a package below it that is broken", with(p, "package p\n\nvar x undefined\n\nfunc F() {}\n"), with(p, "package p\n\nvar x undefined\n\nfunc F() {}\n", q, text), ""},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			r := &recorder{}
			c := Config{Dir: dir, Tests: true, Store: store.Memory(), Session: NewSession(), Overlay: tt.before, Recall: recalls}
			if _, err := r.glance(t, c); !errors.Is(err, ErrNoGlance) {
				t.Fatalf("a glance before any run: %v", err)
			}
			r.run(t, c)
			c.Overlay = tt.now
			first, err := r.glance(t, c)
			if tt.want == "" {
				if !errors.Is(err, ErrNoGlance) || len(r.summarized) > 0 {
					t.Errorf("%v, %v was looked at", err, r.summarized)
				}
				return
			}
			if err != nil || first != 1 || !slices.Equal(r.summarized, []string{tt.want}) || len(r.visited) != 1 {
				t.Fatalf("%v, %v was looked at, %v visited", err, r.summarized, r.visited)
			}
		})
	}
}

// The run after a glance knows what the glance has found out, and every other
// package that the change matters to is looked at; nothing piles up.
func TestARunAfterAGlance(t *testing.T) {
	dir, session := unpack(t, modules), NewSession()
	p := filepath.Join(dir, "p", "p.go")
	text, err := os.ReadFile(p)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	c := Config{Dir: dir, Tests: true, Store: store.Memory(), Session: session, Overlay: map[string][]byte{p: text}, Recall: recalls}
	r.run(t, c)
	files := 0
	for i := range 3 {
		c.Overlay = maps.Clone(c.Overlay)
		c.Overlay[p] = append(text[:len(text):len(text)], fmt.Sprintf("\nvar X%d int\n", i)...)
		if _, err := r.glance(t, c); err != nil {
			t.Fatal(err)
		}
		r.summarized = nil
		r.run(t, c)
		slices.Sort(r.summarized)
		if got, want := fmt.Sprint(r.summarized), "[example.com/m/p example.com/m/p_test example.com/m/q example.com/m/q]"; got != want {
			t.Errorf("summarized %s, want %s: p is known, its variant and all that import it are not", got, want)
		}
		n := count(session.fset)
		if i > 0 && n != files {
			t.Errorf("%d files after run %d, %d before", n, i, files)
		}
		files = n
	}
}

// What a glance needs can be had ready.
func TestPrepare(t *testing.T) {
	dir, kept := unpack(t, modules), store.Memory()
	r := &recorder{}
	c := Config{Dir: dir, Store: kept, Recall: recalls}
	r.run(t, c)
	c.Session, c.Summarize = NewSession(), r.summarize
	Prepare(t.Context(), c) // of nothing
	r.run(t, c)
	if len(c.Session.loaded) > 0 {
		t.Fatal("a run that recalls everything loads something")
	}
	Prepare(t.Context(), c)
	if len(c.Session.loaded) == 0 {
		t.Error("nothing is loaded")
	}
}
