package summary_test

import (
	"go/types"
	"maps"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// edgeText spells an edge: "mu -> nu".
func edgeText(e *summary.Edge) string {
	text := e.Held.Class + " -> " + e.Taken.Class
	if !e.Must {
		text += " maybe"
	}
	for _, g := range e.Gates {
		text += " in " + g
	}
	for _, f := range e.Via {
		text += " via " + f.Func
	}
	return text
}

func TestWhichOrdersAFunctionMakes(t *testing.T) {
	const g = `func (s *S) g() { s.nu.Lock(); s.nu.Unlock() };`
	for _, r := range []row{
		{"one lock under another", `func (s *S) f() { s.mu.Lock(); s.nu.Lock(); s.nu.Unlock(); s.mu.Unlock() }`, []string{"p.S.mu -> p.S.nu"}},
		{"one after the other", `func (s *S) f() { s.mu.Lock(); s.mu.Unlock(); s.nu.Lock(); s.nu.Unlock() }`, nil},
		{"down a call", g + `func (s *S) f() { s.mu.Lock(); s.g(); s.mu.Unlock() }`, []string{"p.S.mu -> p.S.nu via (*p.S).g"}},
		{"down a call that may", `func (s *S) g() { if cond { s.nu.Lock(); s.nu.Unlock() } }; func (s *S) f() { s.mu.Lock(); s.g(); s.mu.Unlock() }`, []string{"p.S.mu -> p.S.nu maybe via (*p.S).g"}},
		{"down a call that is told to", `func (s *S) g(lock bool) { if lock { s.nu.Lock(); s.nu.Unlock() } }; func (s *S) f() { s.mu.Lock(); s.g(false); s.mu.Unlock() }`, nil},
		{"with a third one held", `func (s *S) f() { s.mu.Lock(); s.nu.Lock(); s.rw.Lock(); s.rw.Unlock(); s.nu.Unlock(); s.mu.Unlock() }`, []string{"p.S.mu -> p.S.nu", "p.S.mu -> p.S.rw in p.S.nu", "p.S.nu -> p.S.rw in p.S.mu"}},
		{"of a parent and its child", `func (s *S) f() { s.mu.Lock(); s.next.mu.Lock(); s.next.mu.Unlock(); s.mu.Unlock() }`, []string{"p.S.mu -> p.S.mu"}},
		{"of two anonymous structs", `type A struct { x struct { sync.Mutex }; y struct { sync.Mutex } }; func (a *A) f() { a.x.Lock(); a.y.Lock(); a.y.Unlock(); a.x.Unlock() }`, []string{"p.A.x.Mutex -> p.A.y.Mutex"}},
		{"of two variables of anonymous types", `var x, y struct { sync.Mutex }; func f() { x.Lock(); y.Lock(); y.Unlock(); x.Unlock() }`, []string{"p.x.Mutex -> p.y.Mutex"}},
		{"none when what a helper returns may release it", `func (s *S) begin() *S { s.mu.Lock(); return s }; func (s *S) f() { t := s.begin(); t.mu.Unlock(); s.nu.Lock(); s.nu.Unlock() }`, nil},
		{"none by trying", `func (s *S) f() { s.mu.Lock(); if s.nu.TryLock() { s.nu.Unlock() }; s.mu.Unlock() }`, nil},
		{"none when held on some paths", `func (s *S) f() { if cond { s.mu.Lock() }; s.nu.Lock(); s.nu.Unlock(); if cond { s.mu.Unlock() } }`, nil},
		{"none when the callee gives it back first", `func (s *S) g() { s.mu.Unlock(); s.nu.Lock(); s.nu.Unlock(); s.mu.Lock() }; func (s *S) f() { s.mu.Lock(); s.g(); s.mu.Unlock() }`, nil},
		{"none of a goroutine", g + `func (s *S) f() { s.mu.Lock(); go s.g(); s.mu.Unlock() }`, nil},
		{"none by the same lock", `func (s *S) g() { s.mu.Lock(); s.mu.Unlock() }; func (s *S) f() { s.mu.Lock(); s.g(); s.mu.Unlock() }`, nil},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for _, c := range understand(t, r.src).Crossings() {
				got = append(got, edgeText(&c.Edge))
			}
			compare(t, got, r.want)
		})
	}
}

// Edges of functions that importers cannot name travel with one that they can;
// those of other projects and of local variables stay where they are.
func TestWhichOrdersTravel(t *testing.T) {
	dep := check.Unit{Path: "example.com/x/dep", Src: `package dep
import "sync"
var A, B, C sync.Mutex
type hidden struct{}
func (hidden) Method() { A.Lock(); C.Lock(); C.Unlock(); A.Unlock() }
func inner() { A.Lock(); B.Lock(); B.Unlock(); A.Unlock() }
func Local() { var m sync.Mutex; m.Lock(); A.Lock(); A.Unlock(); m.Unlock() }
func Outer() { B.Lock(); C.Lock(); C.Unlock(); B.Unlock() }`}
	other := check.Unit{Path: "other.org/lib/y", Src: `package y
import "sync"
var A, B sync.Mutex
func F() { A.Lock(); B.Lock(); B.Unlock(); A.Unlock() }`}
	own := check.Unit{Path: "example.com/x", Src: `package x
import ("example.com/x/dep"; "other.org/lib/y")
func f() { dep.Local(); y.F() }`}
	var got []string
	for _, e := range program(t, dep, other, own).ImportedEdges() {
		got = append(got, strings.ReplaceAll(edgeText(e.Edge), "example.com/x/dep.", ""))
	}
	compare(t, got, []string{"A -> C", "A -> B", "B -> C"})
}

// What was found of the imports is kept over an edit that leaves them as they are, and
// found anew where one comes or goes.
func TestEditsOfImportsBringTheirEdges(t *testing.T) {
	const locks = `import "sync"
var A, B sync.Mutex
func F() { A.Lock(); B.Lock(); B.Unlock(); A.Unlock() }`
	const one = `package x
import "example.com/x/one"
func f() { one.F() }`
	units := []check.Unit{{Path: "example.com/x/one", Src: "package one\n" + locks}, {Path: "example.com/x/two", Src: "package two\n" + locks}, {Path: "example.com/x", Src: one}}
	facts := map[*types.Func]*summary.Func{}
	known := summary.FactsOf(func(fn *types.Func) *summary.Func { return facts[fn] })
	var p *summary.Package
	for _, src := range check.Program(t, units...) {
		p = summary.Analyze(src, known)
		maps.Copy(facts, p.Funcs)
	}
	for _, r := range []struct {
		src  string
		want []string
	}{
		{one, []string{"example.com/x/one"}},
		{one + "\nvar more int", []string{"example.com/x/one"}},
		{strings.ReplaceAll(one, "one", "two"), []string{"example.com/x/two"}},
		{`package x
import ("example.com/x/one"; "example.com/x/two")
func f() { one.F(); two.F() }`, []string{"example.com/x/one", "example.com/x/two"}},
		{"package x", nil},
	} {
		p.ImportedEdges() // it is asked before the edit, as where findings are looked for
		src := p.Src.With(map[string][]byte{p.Src.Files[0].Name: []byte(r.src)})
		if len(src.Errors) > 0 {
			t.Fatal(src.Errors)
		}
		var got []string
		for _, e := range p.Edited(src, known).ImportedEdges() {
			got = append(got, e.From)
		}
		compare(t, got, r.want)
	}
}

func TestEmbeddedLocksOfTwoTypes(t *testing.T) {
	side := func(owner string) summary.Side { return summary.Side{Class: "p.scope.Mutex", Owner: owner} }
	for _, r := range []struct {
		claim string
		a, b  summary.Side
		may   bool
	}{
		{"objects of two types", side("p.conn"), side("p.service"), false},
		{"objects of one type", side("p.conn"), side("p.conn"), true},
		{"an object and one of unknown type", side("p.conn"), side(""), true},
		{"an object and the embedded one by itself", side("p.conn"), side("p.scope"), true},
	} {
		if got := r.a.May(r.b); got != r.may {
			t.Errorf("%s: May = %v, want %v", r.claim, got, r.may)
		}
	}
}
