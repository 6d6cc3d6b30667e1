package driver

import (
	"context"
	"fmt"
	"go/token"
	"go/types"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// unpack writes an archive into a new directory.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A recorder writes down what a run does.
type recorder struct {
	mu         sync.Mutex
	summarized []string
	visited    map[string][]string // package to files that it owns
	facts      map[string]bool     // functions of which a fact was known
	visit      func(*Unit) *summary.Package
}

func (r *recorder) run(t *testing.T, c Config) *Result {
	t.Helper()
	r.visited, r.facts = make(map[string][]string), make(map[string]bool)
	c.Summarize = r.summarize
	c.Remark = func(s string) { t.Log(s) }
	c.Visit = func(u *Unit) (*summary.Package, []byte) {
		var owned []string
		for _, f := range u.Src.Files {
			if u.Owns(f.Name) {
				owned = append(owned, filepath.Base(f.Name))
			}
		}
		r.mu.Lock()
		r.visited[u.Src.Path] = append(r.visited[u.Src.Path], owned...)
		r.mu.Unlock()
		if r.visit != nil {
			return r.visit(u), nil
		}
		return u.Package, []byte("seen")
	}
	result, err := Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// summarize has a fact for every function, and asks for those of others.
func (r *recorder) summarize(src *source.Package, facts rewrite.Facts) *summary.Package {
	pkg := &summary.Package{Src: src, Funcs: make(map[*types.Func]*summary.Func)}
	for _, obj := range src.Info.Defs {
		if fn, ok := obj.(*types.Func); ok {
			pkg.Funcs[fn] = new(summary.Func)
		}
	}
	known := make(map[string]bool)
	for _, obj := range src.Info.Uses {
		if fn, ok := obj.(*types.Func); ok && fn.Pkg() != src.Types && facts.Func(fn) != nil {
			known[fn.FullName()] = true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summarized = append(r.summarized, src.Path)
	maps.Copy(r.facts, known)
	return pkg
}

const modules = `
-- go.mod --
module example.com/m

go 1.24
-- p/p.go --
package p

type G[T any] struct{ v T }

func (g *G[T]) Get() T { return g.v }

func F() {}
-- p/p_test.go --
package p

func inside() { F() }
-- p/x_test.go --
package p_test

import (
	"example.com/m/p"
	"example.com/m/q"
)

func outside() { p.F(); q.Q() }
-- q/q.go --
package q

import "example.com/m/p"

func Q() { p.F(); _ = new(p.G[int]).Get() }
`

func TestFactsOfImportsAreKnown(t *testing.T) {
	r := &recorder{}
	r.run(t, Config{Dir: unpack(t, modules)})
	want := []string{"(*example.com/m/p.G[T]).Get", "example.com/m/p.F"}
	got := slices.Sorted(maps.Keys(r.facts))
	got = slices.DeleteFunc(got, func(s string) bool { return !strings.Contains(s, "example.com") })
	for i := range got {
		got[i] = strings.ReplaceAll(got[i], "[int]", "[T]")
	}
	if !slices.Equal(got, want) {
		t.Errorf("facts of %v, want %v", got, want)
	}
}

func TestEachFileIsOwnedOnce(t *testing.T) {
	r := &recorder{}
	r.run(t, Config{Dir: unpack(t, modules), Tests: true})
	want := map[string][]string{
		"example.com/m/p":      {"p.go", "p_test.go"},
		"example.com/m/p_test": {"x_test.go"},
		"example.com/m/q":      {"q.go"},
	}
	if fmt.Sprint(r.visited) != fmt.Sprint(want) {
		t.Errorf("owned %v, want %v", r.visited, want)
	}
}

// With tests q is loaded a second time, against the p of p's tests, and seen as
// a dependency only.
func TestDependenciesComeFirst(t *testing.T) {
	for _, jobs := range []int{1, 8} {
		r := &recorder{}
		r.run(t, Config{Dir: unpack(t, modules), Tests: true, Jobs: jobs})
		if p, q := slices.Index(r.summarized, "example.com/m/p"), slices.Index(r.summarized, "example.com/m/q"); p < 0 || q < p {
			t.Errorf("-j %d: order %v", jobs, r.summarized)
		}
	}
}

func TestWhatTheVisitorReturnsStandsForThePackage(t *testing.T) {
	r := &recorder{}
	dir := unpack(t, modules)
	r.visit = func(u *Unit) *summary.Package {
		if u.Src.Path != "example.com/m/p" || len(u.Src.Files) > 1 {
			return u.Package
		}
		src := u.Src.With(map[string][]byte{u.Src.Files[0].Name: []byte("package p\n\ntype G[T any] struct{ v T }\n")})
		return &summary.Package{Src: src}
	}
	result := r.run(t, Config{Dir: dir, Tests: true})
	var got []string
	for _, p := range result.Problems {
		got = append(got, filepath.Base(p.Pos.Filename)+": "+p.Message)
	}
	want := []string{"p_test.go: undefined: F", "x_test.go: undefined: p.F", "q.go: undefined: p.F",
		"q.go: new(p.G[int]).Get undefined (type *p.G[int] has no field or method Get)"}
	if !slices.Equal(got, want) {
		t.Errorf("problems\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const described = `
-- app/go.mod --
module example.com/app

go 1.24

require github.com/sirupsen/logrus v1.0.0

replace github.com/sirupsen/logrus => ../logrus
-- app/app.go --
package app

import "github.com/sirupsen/logrus"

func F() { logrus.Info() }
-- logrus/go.mod --
module github.com/sirupsen/logrus

go 1.24
-- logrus/logrus.go --
package logrus

func Info() { undefined() }
`

// TestTheCodeBehindTheTableIsNotLookedAt: of a package that the table describes
// only the declarations are checked, unless somebody asked to see it, or its author
// says more of it than the table.
func TestTheCodeBehindTheTableIsNotLookedAt(t *testing.T) {
	dir := unpack(t, described)
	app, logrus := filepath.Join(dir, "app"), filepath.Join(dir, "logrus")
	kept := store.Memory()
	looks := func(where string) bool {
		t.Helper()
		r := &recorder{}
		r.run(t, Config{Dir: where, Store: kept})
		return slices.Contains(r.summarized, "github.com/sirupsen/logrus")
	}
	if looks(app) {
		t.Error("it was looked at as a dependency")
	}
	if !looks(logrus) {
		t.Error("it was not looked at by who works on it: what was kept of its declarations stood for it")
	}
	if looks(app) {
		t.Error("it was looked at again")
	}
	said := "package logrus\n\n//lockfix:blocks\nfunc Wait() {}\n"
	if err := os.WriteFile(filepath.Join(logrus, "said.go"), []byte(said), 0o644); err != nil {
		t.Fatal(err)
	}
	if !looks(app) {
		t.Error("a directive in it was not heeded")
	}
}

// Modules of one run share the standard library and nothing else: each sees its
// own version of what both require.
func TestModulesDoNotMix(t *testing.T) {
	dir := unpack(t, `
-- a/go.mod --
module example.com/a

go 1.24

require example.com/d v1.0.0

replace example.com/d => ../d1
-- a/a.go --
package a

import ("example.com/d"; _ "sync")

var _ = d.One
-- b/go.mod --
module example.com/b

go 1.24

require example.com/d v1.0.0

replace example.com/d => ../d2
-- b/b.go --
package b

import ("example.com/d"; _ "sync")

var _ = d.Two
-- d1/go.mod --
module example.com/d
-- d1/d.go --
package d

const One = 1
-- d2/go.mod --
module example.com/d
-- d2/d.go --
package d

const Two = 2
`)
	r := &recorder{}
	result := r.run(t, Config{Dir: dir, Patterns: []string{"./a/...", "b/b.go"}})
	if len(result.Problems) > 0 || result.Packages != 2 {
		t.Errorf("%d packages, problems %v", result.Packages, result.Problems)
	}
	count := make(map[string]int)
	for _, path := range r.summarized {
		count[path]++
	}
	if count["sync"] != 1 || count["example.com/d"] != 2 {
		t.Errorf("sync was loaded %d times, d %d times; want 1, 2", count["sync"], count["example.com/d"])
	}
}

func TestInterruptionEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, Config{
		Dir: unpack(t, modules),
		Summarize: func(src *source.Package, _ rewrite.Facts) *summary.Package {
			cancel()
			return &summary.Package{Src: src}
		},
		Visit:  func(u *Unit) (*summary.Package, []byte) { return u.Package, nil },
		Remark: func(string) {},
	})
	if err != context.Canceled {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
}

func TestParsePattern(t *testing.T) {
	for _, test := range []struct{ arg, dir, rest string }{
		{".", "/w", ""},
		{"./...", "/w", "/..."},
		{"./a", "/w/a", ""},
		{"./a/...", "/w/a", "/..."},
		{"./a/x...", "/w/a", "/x..."},
		{"../b/...", "/b", "/..."},
		{"/abs/...", "/abs", "/..."},
		{"...", "", ""},
		{"work", "", ""},
		{"example.com/m/...", "", ""},
	} {
		if p := parsePattern("/w", test.arg); p.dir != test.dir || p.rest != test.rest {
			t.Errorf("parsePattern(%s) = %q, %q; want %q, %q", test.arg, p.dir, p.rest, test.dir, test.rest)
		}
	}
}

func TestSortNodesCutsCircles(t *testing.T) {
	a, b, c := &node{meta: &meta{ImportPath: "a"}}, &node{meta: &meta{ImportPath: "b"}}, &node{meta: &meta{ImportPath: "c"}}
	a.root = true
	a.waits, b.waits, c.waits = []*node{b}, []*node{c}, []*node{a}
	placed := make(map[*node]bool)
	for _, n := range sortNodes([]*node{a, b, c}) {
		for _, dep := range n.waits {
			if !placed[dep] {
				t.Errorf("%s waits for %s, which comes later", n.meta.ImportPath, dep.meta.ImportPath)
			}
		}
		placed[n] = true
	}
	if len(placed) != 3 {
		t.Errorf("%d packages placed, want 3", len(placed))
	}
}

// Who works on the standard library runs lockfix in its module, to which go list
// gives no name.
func TestStandardLibraryIsEditedFromWithin(t *testing.T) {
	dir := unpack(t, "-- src/go.mod --\nmodule std\n-- src/fmt/p.go --\npackage fmt\n-- src/cmd/go.mod --\nmodule cmd\n-- src/cmd/go/p.go --\npackage main\n-- src/vendor/v/p.go --\npackage v\n")
	root := filepath.Join(dir, "src")
	for _, test := range []struct{ dir, root, want string }{
		{"fmt", root, ""},
		{"fmt", dir, "not of a main module"},
		{"cmd/go", root, "not of a main module"},
		{"cmd/go", filepath.Join(root, "cmd"), ""},
		{"vendor/v", root, "vendored"},
		{"fmt", "", "not of a main module"},
	} {
		m := &meta{Dir: filepath.Join(root, test.dir), Standard: true}
		m.OwnStandard = ofModule(m.Dir, test.root)
		if got := m.readOnly(); got != test.want {
			t.Errorf("%s from %q: got %q, want %q", test.dir, test.root, got, test.want)
		}
	}
}

// The order in which packages are started, and how many at a time, decides nothing.
func TestOrderDecidesNothing(t *testing.T) {
	dir := unpack(t, modules)
	run := func(jobs int, shuffle func([]*task)) string {
		r := &recorder{}
		result := r.run(t, Config{Dir: dir, Tests: true, Jobs: jobs, shuffle: shuffle})
		slices.Sort(r.summarized)
		return fmt.Sprint(r.visited, r.facts, r.summarized, result.Problems)
	}
	want := run(1, nil)
	for seed := range uint64(10) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		got := run(1+rnd.IntN(8), func(tasks []*task) {
			rnd.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] })
		})
		if got != want {
			t.Fatalf("seed %d: %s, want %s", seed, got, want)
		}
	}
}

// What visits for several purposes have kept lies side by side: who comes back to one
// finds it, on disk and with a listing that is remembered or not.
func TestPurposesDoNotCrowdEachOtherOut(t *testing.T) {
	kept, err := store.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var recalled []string
	c := Config{Dir: unpack(t, modules), Store: kept}
	c.Recall = func(u *Unit, data []byte) (tell func()) {
		return func() {
			mu.Lock()
			defer mu.Unlock()
			recalled = append(recalled, string(data))
		}
	}
	for i, purpose := range []string{"one", "two", "one", "two", "one"} {
		for _, patterns := range [][]string{{"./p", "./q"}, {"./q", "./p"}} {
			r := &recorder{}
			c.Purpose, c.Patterns, recalled = purpose, patterns, nil
			r.run(t, c)
			if first := i < 2 && patterns[0] == "./p"; first != (len(r.visited) == 2) || first != (len(recalled) == 0) {
				t.Errorf("run %d, %v: visited %v, recalled %q", i, patterns, r.visited, recalled)
			}
		}
	}
}

// What an editor has open stands for what is on disk: new imports, new files and
// changed bodies, with and without a remembered listing; and it is not kept.
func TestOpenFiles(t *testing.T) {
	dir, kept := unpack(t, modules), store.Memory()
	r := &recorder{}
	c := Config{Dir: dir, Store: kept, Recall: recalls}
	r.run(t, c)
	q := filepath.Join(dir, "q", "q.go")
	for _, tt := range []struct {
		claim   string
		overlay map[string][]byte
		want    []string
	}{
		{"a changed body", map[string][]byte{q: []byte("package q\n\nimport \"example.com/m/p\"\n\nfunc Q() { p.F(); p.F() }\n")}, []string{"example.com/m/q"}},
		{"an import less", map[string][]byte{q: []byte("package q\n\nfunc Q() {}\n")}, []string{"example.com/m/q"}},
		{"a new file", map[string][]byte{filepath.Join(dir, "p", "new.go"): []byte("package p\n\nfunc New() {}\n")}, []string{"example.com/m/p", "example.com/m/q"}},
		{"nothing", nil, nil},
	} {
		r.summarized = nil
		c.Overlay = tt.overlay
		if result := r.run(t, c); len(result.Problems) > 0 {
			t.Errorf("%s: problems %v", tt.claim, result.Problems)
		}
		if slices.Sort(r.summarized); !slices.Equal(r.summarized, tt.want) {
			t.Errorf("%s: summarized %v, want %v", tt.claim, r.summarized, tt.want)
		}
	}
}

// A session loads a package once, and what is found out of an open file holds until
// it is edited again.
func TestSession(t *testing.T) {
	dir, session := unpack(t, modules), NewSession()
	r := &recorder{}
	c := Config{Dir: dir, Store: store.Memory(), Session: session, Recall: recalls}
	r.run(t, c)
	q := filepath.Join(dir, "q", "q.go")
	edit := func(i int) {
		c.Overlay = map[string][]byte{q: fmt.Appendf(nil, "package q\n\nimport \"example.com/m/p\"\n\nfunc Q%d() { p.F(); _ = new(p.G[int]).Get() }\n", i)}
	}
	var first *loaded
	for i := range 3 {
		edit(i)
		for again := range 2 {
			r.summarized = nil
			r.run(t, c)
			want := []string{"example.com/m/q"}
			if again > 0 {
				want = nil
			}
			if !slices.Equal(r.summarized, want) {
				t.Errorf("edit %d.%d: summarized %v, want %v", i, again, r.summarized, want)
			}
			if again == 0 && (!r.facts["example.com/m/p.F"] || len(r.facts) != 2) {
				t.Errorf("edit %d: facts %v", i, r.facts)
			}
		}
		var loads int
		for key, l := range session.loaded {
			if key.pkg == "example.com/m/p" {
				loads++
				if first == nil {
					first = l
				}
				if l != first {
					t.Errorf("edit %d: p was loaded again", i)
				}
			}
		}
		if loads != 1 {
			t.Errorf("edit %d: p is loaded %d times", i, loads)
		}
	}
}

// What piles up is forgotten, all of it together.
func TestSessionForgets(t *testing.T) {
	s := NewSession()
	for i := range spare + 3 {
		s.loaded[loadedKey{fmt.Sprint(i), store.KeyOf("a")}] = new(loaded)
	}
	if s.tidy(3); len(s.loaded) != spare+3 {
		t.Errorf("%d are left of what may be spare", len(s.loaded))
	}
	if s.tidy(2); len(s.loaded) != 0 {
		t.Errorf("%d are left", len(s.loaded))
	}
}

func count(fset *token.FileSet) (n int) {
	fset.Iterate(func(*token.File) bool { n++; return true })
	return n
}

// The file set of a session does not grow with its runs: neither by packages that
// are edited nor by those that are broken.
func TestASessionStaysSmall(t *testing.T) {
	dir, session := unpack(t, modules), NewSession()
	r := &recorder{}
	c := Config{Dir: dir, Store: store.Memory(), Session: session}
	q := filepath.Join(dir, "q", "q.go")
	before := 0
	for i := range 20 {
		text := fmt.Appendf(nil, "package q\n\nimport \"example.com/m/p\"\n\nfunc Q%d() { p.F() }\n", i)
		if i%2 == 1 {
			text = append(text, "func broken( {\n"...)
		}
		c.Overlay = map[string][]byte{q: text}
		r.run(t, c)
		switch n := count(session.fset); {
		case i == 1:
			before = n
		case i > 1 && n > before:
			t.Fatalf("%d files after run %d, %d before", n, i, before)
		}
	}
}

// A package may be there in several test variants at once, with the same files: none
// takes them from another.
func TestVariantsOfOnePackage(t *testing.T) {
	dir := unpack(t, `
-- go.mod --
module example.com/m

go 1.24
-- a/a.go --
package a

func A() {}
-- a/a_test.go --
package a

func helper() {}
-- a/x_test.go --
package a_test

import "example.com/m/q"

func outside() { q.Q() }
-- b/b.go --
package b

func B() {}
-- b/b_test.go --
package b

func helper() {}
-- b/x_test.go --
package b_test

import "example.com/m/q"

func outside() { q.Q() }
-- q/q.go --
package q

import (
	"example.com/m/a"
	"example.com/m/b"
)

func Q() { a.A(); b.B() }
`)
	for seed := range uint64(20) {
		r := &recorder{}
		rnd := rand.New(rand.NewPCG(seed, 2))
		result := r.run(t, Config{Dir: dir, Tests: true, Jobs: 8, shuffle: func(tasks []*task) {
			rnd.Shuffle(len(tasks), func(i, j int) { tasks[i], tasks[j] = tasks[j], tasks[i] })
		}})
		if len(result.Problems) > 0 {
			t.Fatalf("seed %d: %v", seed, result.Problems)
		}
		variants := 0
		for _, path := range r.summarized {
			if path == "example.com/m/q" {
				variants++
			}
		}
		if variants != 3 {
			t.Fatalf("q was analysed %d times, want as it is and for two tests", variants)
		}
	}
}

// The standard library is a module that go list does not call one.
func TestTheStandardLibraryItself(t *testing.T) {
	here, err := goEnv(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{}
	result := r.run(t, Config{Dir: filepath.Join(here.GOROOT, "src"), Patterns: []string{"./errors"}})
	if len(result.Problems) > 0 || fmt.Sprint(r.visited["errors"]) != "[errors.go join.go wrap.go]" {
		t.Errorf("visited %v, problems %v", r.visited, result.Problems)
	}
}

// A package that comes is seen by the next run, wherever the go command looks for
// packages.
func TestAPackageThatComesIsSeen(t *testing.T) {
	for _, below := range []string{"deep/er", "node_modules/deep", "p/internal"} {
		dir := unpack(t, modules+"-- "+below+"/first/x.go --\npackage first\n")
		r := &recorder{}
		c := Config{Dir: dir, Store: store.Memory(), Recall: recalls}
		before := r.run(t, c).Packages
		second := filepath.Join(dir, filepath.FromSlash(below), "second")
		if err := os.Mkdir(second, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(second, "x.go"), []byte("package second\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		if after := r.run(t, c).Packages; after != before+1 {
			t.Errorf("below %s: %d packages, %d before another one came", below, after, before)
		}
	}
}
