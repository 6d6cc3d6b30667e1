package uses

import (
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/source"
)

// program is a small package under test, with lookups by name.
type program struct {
	*Index
	t   *testing.T
	src *source.Package
}

// load checks src. A source without a package clause is given one.
func load(t *testing.T, src string) program {
	t.Helper()
	p := check(src)
	for _, err := range p.Errors {
		t.Fatalf("source: %v", err)
	}
	return program{New(p), t, p}
}

func check(src string) *source.Package {
	if !strings.HasPrefix(src, "package ") {
		src = "package p\n" + src
	}
	fset := token.NewFileSet()
	return source.Check(fset, source.Config{
		Path: "p", GoVersion: "go1.26", Bodies: true, Importer: syncImporter,
	}, []source.Input{{Name: "/p/p.go", Content: []byte(src)}})
}

var syncImporter = importer.ForCompiler(token.NewFileSet(), "source", nil)

// v returns the first variable or field of the name.
func (p program) v(name string) *types.Var {
	p.t.Helper()
	var found *types.Var
	for id, obj := range p.src.Info.Defs {
		if v, ok := obj.(*types.Var); ok && id.Name == name && (found == nil || v.Pos() < found.Pos()) {
			found = v
		}
	}
	if found == nil {
		p.t.Fatalf("no variable %s", name)
	}
	return found
}

func (p program) fn(name string) *types.Func {
	p.t.Helper()
	var found *types.Func
	for id, obj := range p.src.Info.Defs {
		if f, ok := obj.(*types.Func); ok && id.Name == name && (found == nil || f.Pos() < found.Pos()) {
			found = f
		}
	}
	if found == nil {
		p.t.Fatalf("no function %s", name)
	}
	return found
}

// firstMethod returns the first method of the first interface.
func (p program) firstMethod() *types.Func {
	p.t.Helper()
	p.build()
	for _, tn := range p.types {
		if i, ok := tn.Type().Underlying().(*types.Interface); ok {
			return i.Method(0)
		}
	}
	p.t.Fatal("no interface")
	return nil
}

// lastSend returns the last send of the source.
func (p program) lastSend() *ast.SendStmt {
	p.t.Helper()
	p.build()
	if len(p.sends) == 0 {
		p.t.Fatal("no send")
	}
	return p.sends[len(p.sends)-1]
}

func TestImmutable(t *testing.T) {
	tests := []struct {
		claim, src, name string
		why              string // part of the reason; "" immutable
	}{
		{"a field set by literals only", `type s struct{ f *int }; func g() *s { return &s{f: nil} }`, "f", ""},
		{"a field set by an unkeyed literal", `type s struct{ f *int }; func g() *s { return &s{nil} }`, "f", ""},
		{"a field set before the object is shown", `type s struct{ f *int }; func g(x *int) *s { v := &s{}; v.f = x; return v }`, "f", ""},
		{"a field set in new object", `type s struct{ f *int }; func g(x *int) *s { v := new(s); v.f = x; return v }`, "f", ""},
		{"a field set after the object is shown", `type s struct{ f *int }; func h(*s); func g(x *int) { v := &s{}; h(v); v.f = x }`, "f", "f is assigned (p.go:2)"},
		{"a field set after a method ran", `type s struct{ f *int }; func (*s) h() {}; func g(x *int) { v := &s{}; v.h(); v.f = x }`, "f", "is assigned"},
		{"a field set after a closure took the object", `type s struct{ f *int }; func g(x *int) { v := &s{}; go func() { _ = v.f }(); v.f = x }`, "f", "is assigned"},
		{"a field set in a loop behind its object", `type s struct{ f *int }; func h(*s); func g(x *int) { v := &s{}; for { v.f = x; h(v) } }`, "f", "is assigned"},
		{"a field set in the loop that makes its object", `type s struct{ f *int }; func h(*s); func g(x *int) { for { v := &s{}; v.f = x; h(v) } }`, "f", ""},
		{"a field set in a closure", `type s struct{ f *int }; func g(x *int) { v := &s{}; go func() { v.f = x }() }`, "f", "is assigned"},
		{"a field of a parameter set", `type s struct{ f *int }; func g(v *s, x *int) { v.f = x }`, "f", "is assigned"},
		{"a promoted field set in a new object", `type e struct{ f *int }; type s struct{ *e }; func g(y *e, x *int) { v := &s{e: y}; v.f = x }`, "f", "is assigned"},
		{"address taken", `type s struct{ f *int }; func g(v *s) **int { return &v.f }`, "f", "the address of f is taken"},
		{"address of a part taken", `type i struct{ a int }; type s struct{ f i }; func g(v *s) *int { return &v.f.a }`, "f", "the address of f is taken"},
		{"a part written", `type i struct{ a int }; type s struct{ f i }; func g(v *s) { v.f.a = 1 }`, "f", "a part of f is written"},
		{"what a pointer leads to written", `type i struct{ a int }; type s struct{ f *i }; func g(v *s) { v.f.a = 1 }`, "f", ""},
		{"pointer method called on a value", `type i struct{}; func (*i) m() {}; type s struct{ f i }; func g(v *s) { v.f.m() }`, "f", "a method may change f"},
		{"value method called on a value", `type i struct{}; func (i) m() {}; type s struct{ f i }; func g(v *s) { v.f.m() }`, "f", ""},
		{"pointer method promoted through a value", `type i struct{}; func (*i) m() {}; type s struct{ i }; func g(v *s) { v.m() }`, "i", "a method may change i"},
		{"pointer method promoted through a pointer", `type i struct{}; func (*i) m() {}; type s struct{ *i }; func g(v *s) { v.m() }`, "i", ""},
		{"elements of a map written", `type s struct{ f map[int]int }; func g(v *s) { v.f[1] = 2; delete(v.f, 1) }`, "f", ""},
		{"elements of an array written", `type s struct{ f [2]int }; func g(v *s) { v.f[1] = 2 }`, "f", "is assigned"},
		{"appended to", `type s struct{ f []int }; func g(v *s) { v.f = append(v.f, 1) }`, "f", "is assigned"},
		{"incremented", `type s struct{ f int }; func g(v *s) { v.f++ }`, "f", "is assigned"},
		{"set by range", `type s struct{ f int }; func g(v *s) { for v.f = range 3 {} }`, "f", "is assigned"},
		{"overwritten with its struct", `type s struct{ f *int }; func g(v *s) { *v = s{} }`, "f", "the struct that holds f is overwritten"},
		{"overwritten with the struct around", `type s struct{ f *int }; type o struct{ s s }; func g(v []o) { v[0] = o{} }`, "f", "the struct that holds f is overwritten"},
		{"a private copy overwritten", `type s struct{ f *int }; func g(v, w s) *int { v = w; return v.f }`, "f", ""},
		{"an exported field of an exported type", `type S struct{ F *int }`, "F", "others can hold"},
		{"an exported field of a hidden type", `type s struct{ F *int }`, "F", ""},
		{"an exported field of a hidden type that a function returns", `type s struct{ F *int }; func New() *s { return nil }`, "F", "others can hold"},
		{"an exported field embedded in an exported type", `type s struct{ F *int }; type T struct{ s }`, "F", "others can hold"},
		{"an exported field of a type with a hidden field of it", `type s struct{ F *int }; type T struct{ x s }`, "F", ""},
		{"an exported field in main", "package main\ntype S struct{ F *int }", "F", ""},
		{"a generic field assigned through an instance", `type s[T any] struct{ f T }; func g(v *s[int]) { v.f = 1 }`, "f", "is assigned"},
		{"a local variable", `func g() { v := 1; _ = v }`, "v", ""},
		{"a local variable reassigned", `func g() { v := 1; v = 2; _ = v }`, "v", "v is assigned"},
		{"a local variable redeclared beside another", `func g() { v := 1; v, w := 2, 3; _, _ = v, w }`, "v", "v is assigned"},
		{"a local variable read by a closure", `func g() { v := 1; go func() { _ = v }() }`, "v", ""},
		{"a local variable written by a closure", `func g() { v := 1; go func() { v = 2 }(); _ = v }`, "v", "v is assigned"},
		{"a local variable without a value", `func g() { var v int; v = 2; _ = v }`, "v", "v is assigned"},
		{"a range variable", `func g() { for _, v := range []int{1} { _ = v } }`, "v", ""},
		{"a parameter", `func g(v int) { _ = v }`, "v", ""},
		{"a parameter assigned", `func g(v int) { v = 1; _ = v }`, "v", "v is assigned"},
		{"a named result returned", `func g() (v int) { return 1 }`, "v", "v is assigned"},
		{"a hidden package variable", `var v = 1`, "v", ""},
		{"an exported package variable", `var V = 1`, "V", "V is exported"},
		{"a package variable set by a function", `var v = 1; func g() { v = 2 }`, "v", "v is assigned"},
		{"the variable of a type switch", `func g(x any) { switch v := x.(type) { case int: _ = v } }`, "x", ""},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			ok, why := p.Immutable(p.v(tt.name))
			if ok != (tt.why == "") || !strings.Contains(why, tt.why) {
				t.Errorf("Immutable(%s) = %v, %q; want %q", tt.name, ok, why, tt.why)
			}
		})
	}
}

func TestFixed(t *testing.T) {
	p := load(t, `
type lock struct{ n int }
func (l *lock) Lock() { l.n++ }
type s struct { mu lock; to, from *lock; two [2]lock }
func g(v *s) { v.mu.Lock(); v.to.Lock(); v.from = nil; v.two[0].Lock() }
`)
	for name, want := range map[string]bool{"mu": true, "to": true, "from": false, "two": true, "v": true} {
		if ok, why := p.Fixed(p.v(name)); ok != want || ok != (why == "") {
			t.Errorf("Fixed(%s) = %v, %q", name, ok, why)
		}
	}
	if ok, _ := p.Immutable(p.v("mu")); ok {
		t.Error("a struct that its method may change is immutable")
	}
}

func TestTakenListsWhatElementsAreTakenOutOf(t *testing.T) {
	for _, r := range []struct{ claim, body, want string }{
		{"a slice that gets shorter", "s.q = s.q[1:]", "s.q"},
		{"the head of a list", "n = n.next", "n"},
		{"a map", "delete(s.m, 1)", "s.m"},
		{"a method", "s.h.Pop()", "s.h"},
		{"a function of a package", "heap.Pop(&s.h)", "s.h"},
		{"a slice of another", "s.q = s.p[1:]", ""},
		{"a function named delete", "delete := func(m map[int]int, k int) {}; delete(s.m, 1)", ""},
		{"in a literal that runs later", "go func() { s.q = s.q[1:] }()", ""},
	} {
		t.Run(r.claim, func(t *testing.T) {
			p := load(t, `package p
import "container/heap"
type node struct{ next *node }
type h []int
func (h) Len() int { return 0 }
func (h) Less(i, j int) bool { return false }
func (h) Swap(i, j int) {}
func (*h) Push(any) {}
func (*h) Pop() any { return nil }
type S struct { q, p []int; m map[int]int; h h }
var _ = heap.Pop
func f(s *S, n *node) { `+r.body+` }`)
			decls := p.src.Files[0].Syntax.Decls
			fd := decls[len(decls)-1].(*ast.FuncDecl)
			got := ""
			for _, e := range p.Taken(fd.Body) {
				got += types.ExprString(e)
			}
			if got != r.want {
				t.Errorf("got %q, want %q", got, r.want)
			}
		})
	}
}

// TestChangesUnder holds that a struct which is overwritten by a new one takes its
// lock along, so that nobody holds that, and that it counts in any other case.
func TestChangesUnder(t *testing.T) {
	const decl = `import "sync"; type s struct { mu sync.Mutex; f int; in part }; type part struct { g int }; type p struct { mu *sync.Mutex; f int }; type o struct { s }; type spin struct{ n int }; func (*spin) Lock() {}; func (*spin) Unlock() {}; type q struct { mu spin; f int }
func newS() *s { v := &s{f: 1}; v.in = part{}; return v }
func shown() *s { v := &s{}; v.mu.Lock(); return v }
func kept() *s { v := &s{}; all = v; return v }
func lent() *s { v := &s{}; lend(&v.mu); return v }
func lend(*sync.Mutex)
func got() *s { return all }
var all *s
`
	tests := []struct {
		claim, src, name, lock string
		ok                     bool
	}{
		{"nothing is overwritten", "", "f", "mu", true},
		{"by what a function makes", "func g(x *o) { x.s = *newS() }", "f", "mu", true},
		{"by a literal", "func g(x *s) { *x = s{f: 2} }", "f", "mu", true},
		{"by a literal with one in it", "func g(x *s) { *x = s{in: part{g: 1}} }", "f", "mu", true},
		{"by a copy", "func g(x, y *s) { *x = *y }", "f", "mu", false},
		{"by a literal that copies a lock", "func g(x *s, m sync.Mutex) { *x = s{mu: m} }", "f", "mu", false},
		{"by what is locked already", "func g(x *s) { *x = *shown() }", "f", "mu", false},
		{"by what others know", "func g(x *s) { *x = *kept() }", "f", "mu", false},
		{"by what others may lock", "func g(x *s) { *x = *lent() }", "f", "mu", false},
		{"by what others have", "func g(x *s) { *x = *got() }", "f", "mu", false},
		{"by a new one and by a copy", "func g(x, y *s) { *x = s{}; *x = *y }", "f", "mu", false},
		{"by a copy and by a new one", "func g(x, y *s) { *x = *y; *x = s{} }", "f", "mu", false},
		{"one of a list by another", "func g(x []s) { copy(x, x[1:]) }", "f", "mu", false},
		{"only the part", "func g(x *s) { x.in = part{} }", "g", "mu", false},
		{"the lock is one that may be released twice", "func g(x *q) { *x = q{} }", "q.f", "q.mu", false},
		{"the lock is elsewhere", "func g(x *p) { *x = p{} }", "p.f", "p.mu", false},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, decl+tt.src)
			find := func(name string) *types.Var {
				owner, name, ok := strings.Cut(name, ".")
				if !ok {
					owner, name = "s", owner
				}
				if name == "g" {
					owner = "part"
				}
				obj, _, _ := types.LookupFieldOrMethod(p.src.Types.Scope().Lookup(owner).Type(), true, p.src.Types, name)
				return obj.(*types.Var)
			}
			if _, ok := p.ChangesUnder(find(tt.lock), find(tt.name)); ok != tt.ok {
				t.Errorf("complete: %v", ok)
			}
		})
	}
}
