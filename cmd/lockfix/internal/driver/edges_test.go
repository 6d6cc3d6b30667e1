package driver

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// ordered is a project whose packages take locks in some order, seen from package top.
const ordered = `
-- go.mod --
module example.com/m

go 1.24

require other.org/lib v0.0.0

replace other.org/lib => ./lib
-- lib/go.mod --
module other.org/lib

go 1.24
-- lib/lib.go --
package lib

import "sync"

var A, B sync.Mutex

func F() { A.Lock(); B.Lock(); B.Unlock(); A.Unlock() }
-- locks/locks.go --
package locks

import "sync"

var A, B, C, D sync.Mutex
-- low/low.go --
package low

import . "example.com/m/locks"

func Z() { A.Lock(); B.Lock(); B.Unlock(); A.Unlock() }

type T struct{}

func (T) M2() { B.Lock(); C.Lock(); C.Unlock(); B.Unlock() }
func (T) M1() { C.Lock(); D.Lock(); D.Unlock(); C.Unlock() }

func inner() { A.Lock(); C.Lock(); C.Unlock(); A.Unlock() }
-- low/low_test.go --
package low

import . "example.com/m/locks"

func InTest() { D.Lock(); A.Lock(); A.Unlock(); D.Unlock() }
-- seen/seen.go --
// Package seen has no function that others can name but by its variable.
package seen

import . "example.com/m/locks"

type impl struct{}

func (impl) Run() { B.Lock(); D.Lock(); D.Unlock(); B.Unlock() }

var Default impl
-- unseen/unseen.go --
// Package unseen has none that others can name at all.
package unseen

import . "example.com/m/locks"

type impl struct{}

func (impl) Run() { D.Lock(); B.Lock(); B.Unlock(); D.Unlock() }

var _ impl
-- mid/mid.go --
package mid

import (
	"example.com/m/low"
	_ "example.com/m/seen"
	_ "example.com/m/unseen"
	"other.org/lib"
)

func Mid() { low.Z(); lib.F() }
-- top/top.go --
package top

import "example.com/m/mid"

func Top() { mid.Mid() }
-- top/top_test.go --
package top

import "example.com/m/low"

func use() { low.Z() }
`

// The edges of a project are those that its types would lead to, in that order: cold,
// warm, in a session, and where an entry is in the store no more.
func TestEdgesOfAProject(t *testing.T) {
	const (
		low  = "low.T.M1: C D, low.T.M2: B C, low.Z: A B, low.inner: A C"
		seen = "seen.impl.Run: B D"
	)
	want := map[string]string{"low": "", "seen": "", "unseen": "", "mid": low + ", " + seen, "top": low + ", " + seen}
	dir := unpack(t, ordered)
	var mu sync.Mutex
	got := make(map[string]string)
	c := Config{
		Dir: dir, Store: store.Memory(), Recall: recalls, Remark: func(string) {},
		Summarize: func(src *source.Package, facts rewrite.Facts) *summary.Package {
			return rewrite.Summarize(src, facts, nil)
		},
		Visit: func(u *Unit) (*summary.Package, []byte) {
			mu.Lock()
			defer mu.Unlock()
			got[u.Src.Types.Name()] = edgeText(u.ImportedEdges())
			return u.Package, nil // it is asked each time
		},
	}
	run := func(how string, c Config) {
		t.Helper()
		clear(got)
		result, err := Run(t.Context(), c)
		if err != nil || len(result.Problems) > 0 {
			t.Fatal(how, err, result)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if text, ok := got[name]; !ok || text != want[name] {
				t.Errorf("%s: %s sees %q, want %q", how, name, text, want[name])
			}
		}
	}
	run("cold", c)
	run("again", c)
	tests := c
	tests.Tests, tests.Store = true, store.Memory()
	run("with tests", tests)
	run("with tests again", tests)
	session := c
	session.Session = NewSession()
	run("in a session", session)
	run("in a session again", session)

	// What is kept of one package is gone.
	c.Patterns, want = []string{"./top"}, map[string]string{"top": want["top"]}
	run("of one package", c)
	kept := c.Store
	c.Store = store.Memory()
	copyMemory(t, c, kept, c.Store, "listing", "state")
	c.Session = NewSession()
	for path, s := range newRun(c, nil).recollect().state.Nodes[0] {
		if data, ok := kept.Get(s.Key); ok && path != "example.com/m/low" {
			c.Store.Put(s.Key, data)
		}
	}
	c.Session = nil
	run("gone", c)
}

func edgeText(edges []summary.ImportedEdge) string {
	var out []string
	for _, e := range edges {
		out = append(out, strings.ReplaceAll(fmt.Sprintf("%s: %s %s", e.Func, e.Held.Class, e.Taken.Class), "example.com/m/locks.", ""))
	}
	return strings.Join(out, ", ")
}

// An import that an edit adds is not among those of the node; one of a test variant is
// that of the node, not the package of that path.
func TestImportsOfAnEdit(t *testing.T) {
	at := func(path string) *node { return &node{meta: &meta{ImportPath: path}} }
	a, variant, b := at("m/a"), at("m/b [m/b.test]"), at("m/b")
	n := at("m/b_test [m/b.test]")
	n.direct = []*node{variant}
	n.world = &world{nodes: universe{"m/a": a, "m/b": b, "m/b [m/b.test]": variant}}
	pkg := types.NewPackage("m/b_test", "b_test")
	pkg.SetImports([]*types.Package{types.NewPackage("m/b", "b"), types.NewPackage("m/a", "a"), types.NewPackage("m/unknown", "unknown")})
	if got := (view{n}).imported(pkg); !slices.Equal(got, []*node{a, variant}) {
		t.Errorf("imports %v", got)
	}
}

// Packages that import each other are errors, and each is analysed once all the same.
func TestEdgesInACircle(t *testing.T) {
	c := Config{
		Dir: unpack(t, `
-- go.mod --
module example.com/m

go 1.24
-- a/a.go --
package a

import (
	_ "example.com/m/b"
	_ "example.com/m/c"
)
-- b/b.go --
package b

import _ "example.com/m/c"
-- c/c.go --
package c

import _ "example.com/m/a"
`),
		Remark: func(string) {},
		Summarize: func(src *source.Package, facts rewrite.Facts) *summary.Package {
			return rewrite.Summarize(src, facts, nil)
		},
	}
	var mu sync.Mutex
	visits := make(map[string]int)
	c.Visit = func(u *Unit) (*summary.Package, []byte) {
		u.ImportedEdges()
		mu.Lock()
		defer mu.Unlock()
		visits[u.Src.Path]++
		return u.Package, nil
	}
	var summarized []string
	summarize := c.Summarize
	c.Summarize = func(src *source.Package, facts rewrite.Facts) *summary.Package {
		mu.Lock()
		summarized = append(summarized, src.Path)
		mu.Unlock()
		return summarize(src, facts)
	}
	for range 10 {
		clear(visits)
		summarized = nil
		result, err := Run(t.Context(), c)
		if err != nil || len(result.Problems) == 0 {
			t.Fatal(err, result)
		}
		if len(summarized) != 3 || fmt.Sprint(visits) != "map[example.com/m/a:1 example.com/m/b:1 example.com/m/c:1]" {
			t.Errorf("summarized %v, visited %v", summarized, visits)
		}
	}
}
