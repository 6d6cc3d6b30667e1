package uses

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

func TestFuncValues(t *testing.T) {
	tests := []struct {
		claim, src, name string
		targets          string // names, "lit" for literals
		complete         bool
	}{
		{"a field set to a function", `type s struct{ f func() }; func a() {}; func g() *s { return &s{f: a} }`, "f", "a", true},
		{"a field set to a literal", `type s struct{ f func() }; func g() *s { return &s{f: func() {}} }`, "f", "lit", true},
		{"a field set to a method value", `type s struct{ f func() }; func (*s) m() {}; func g(v *s) { v.f = v.m }`, "f", "m", true},
		{"a field set to a method expression", `type s struct{ f func(*s) }; func (*s) m() {}; func g(v *s) { v.f = (*s).m }`, "f", "m", true},
		{"a field set to a generic function", `type s struct{ f func(int) }; func a[T any](T) {}; func g(v *s) { v.f = a[int] }`, "f", "a", true},
		{"a field set to a method of an interface", `type s struct{ f func() }; type i interface{ m() }; func g(v *s, x i) { v.f = x.m }`, "f", "", false},
		{"a field set to what a call returns", `type s struct{ f func() }; func g(v *s, h func() func()) { v.f = h() }`, "f", "", false},
		{"a field set to what a function of the package returns", `type s struct{ f func() }; func a() {}; func h() func() { return a }; func g(v *s) { v.f = h() }`, "f", "a", true},
		{"a field never set", `type s struct{ f func() }; func g(v *s) { v.f() }`, "f", "", false},
		{"a field set to nil as well", `type s struct{ f func() }; func a() {}; func g(v *s) { v.f = a; v.f = nil }`, "f", "a", true},
		{"an exported field", `type S struct{ F func() }; func a() {}; func g(v *S) { v.F = a }`, "F", "a", false},
		{"a field converted", `type h func(); type s struct{ f h }; func a() {}; func g(v *s) { v.f = h(a) }`, "f", "a", true},
		{"a parameter of an exported function", `func G(f func()) { f() }`, "f", "", false},
		{"a parameter of a hidden function", `func h(f func()) { f() }; func a() {}; func g() { h(a); h(func() {}) }`, "f", "a lit", true},
		{"a parameter passed on", `type s struct{ f func() }; func h(p func()) *s { return &s{p} }; func a() {}; func g() { h(a) }`, "f", "a", true},
		{"a parameter of a hidden function used as a value", `func h(f func()) { f() }; func a() {}; var x = h; func g() { h(a) }`, "f", "a", false},
		{"a variadic parameter", `func h(f ...func()) { f[0]() }; func a() {}; func g() { h(a, nil) }`, "f", "a", true},
		{"a local variable", `func a() {}; func b() {}; func g() { f := a; f(); f = b; f() }`, "f", "a b", true},
		{"elements of a slice", `type s struct{ l []func() }; func a() {}; func g(v *s) { v.l = append(v.l, a) }`, "l", "a", true},
		{"an element ranged over", `type s struct{ l []func() }; func a() {}; func g(v *s) { v.l = append(v.l, a); for _, f := range v.l { f() } }`, "f", "a", true},
		{"functions sent over a channel", `type s struct{ q chan func() }; func a() {}; func g(v *s) { v.q <- a; for f := range v.q { f() } }`, "f", "a", true},
		{"address taken", `type s struct{ f func() }; func a() {}; func g(v *s) *func() { v.f = a; return &v.f }`, "f", "a", false},
		{"no function at all", `type s struct{ f int }`, "f", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			targets, complete := p.FuncValues(p.v(tt.name))
			var names []string
			for _, target := range targets {
				if target.Lit != nil {
					names = append(names, "lit")
				} else {
					names = append(names, target.Fn.Name())
				}
			}
			if got := strings.Join(names, " "); got != tt.targets || complete != tt.complete {
				t.Errorf("FuncValues = %q, %v; want %q, %v", got, complete, tt.targets, tt.complete)
			}
		})
	}
}

func TestCalls(t *testing.T) {
	tests := []struct {
		claim, src, name string
		calls            int
		complete         bool
	}{
		{"a hidden function", `func f() {}; func g() { f(); go f(); defer (f)() }`, "f", 3, true},
		{"a generic function", `func f[T any](T) {}; func g() { f(1); f[string]("") }`, "f", 2, true},
		{"an exported function", `func F() {}; func g() { F() }`, "F", 1, false},
		{"an exported function in main", "package main\nfunc F() {}; func main() { F() }", "F", 1, true},
		{"main", "package main\nfunc main() {}", "main", 0, false},
		{"init", `func init() {}; func f() {}; func g() { f() }`, "f", 1, true},
		{"a function used as a value", `func f() {}; func g() { f(); _ = f }`, "f", 1, false},
		{"a hidden method", `type s struct{}; func (s) f() {}; func g(v s) { v.f() }`, "f", 1, true},
		{"a hidden method promoted", `type s struct{}; func (s) f() {}; type o struct{ s }; func g(v o) { v.f() }`, "f", 1, true},
		{"a method value", `type s struct{}; func (s) f() {}; func g(v s) { _ = v.f }`, "f", 0, false},
		{"a method expression", `type s struct{}; func (s) f() {}; func g(v s) { s.f(v) }`, "f", 0, false},
		{"an exported method of an exported type", `type S struct{}; func (S) F() {}; func g(v S) { v.F() }`, "F", 1, false},
		{"an exported method of a hidden type", `type s struct{}; func (s) F() {}; func g(v s) { v.F() }`, "F", 1, true},
		{"an exported method of a hidden type that others hold", `type s struct{}; func (s) F() {}; func G() s { return s{} }; func g(v s) { v.F() }`, "F", 1, false},
		{"an exported method that everyone asserts", `type s struct{}; func (s) String() string { return "" }; func g(v s) { _ = v.String() }`, "String", 1, false},
		{"an exported method of the name of a foreign interface's", "package p\nimport \"sync\"\ntype s struct{}; func (s) Lock() {}; func (s) Unlock() {}; func g(v s) { v.Lock(); sync.NewCond(v) }", "Lock", 1, false},
		{"a hidden method of the name of an interface's", `type s struct{}; func (s) f() {}; type i interface{ f() }; func g(v s) { v.f() }`, "f", 1, false},
		{"a hidden method of the name of a constraint's", `type s struct{}; func (s) f() {}; func h[T interface{ f() }](v T) { v.f() }; func g(v s) { v.f() }`, "f", 1, false},
		{"a method of a generic type", `type s[T any] struct{}; func (s[T]) f() {}; func g(v s[int]) { v.f() }`, "f", 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			calls, complete := p.Calls(p.fn(tt.name))
			if len(calls) != tt.calls || complete != tt.complete {
				t.Errorf("Calls = %d, %v; want %d, %v", len(calls), complete, tt.calls, tt.complete)
			}
			if p.FuncDecl(p.fn(tt.name)) == nil {
				t.Error("no declaration")
			}
		})
	}
}

func TestImplementations(t *testing.T) {
	tests := []struct {
		claim, src string // m or M of the interface i or I, declared first
		impls      int
		complete   bool
	}{
		{"a hidden method", `type I interface{ m() }; type a struct{}; func (a) m() {}; type b struct{}; func (*b) m() {}`, 2, true},
		{"no implementation", `type i interface{ m() }`, 0, false},
		{"a hidden interface of exported methods", `type i interface{ M() }; type a struct{}; func (a) M() {}`, 1, true},
		{"an exported interface of exported methods", `type I interface{ M() }; type a struct{}; func (a) M() {}`, 1, false},
		{"a hidden interface that others can satisfy", `type i interface{ M() }; type a struct{}; func (a) M() {}; func G(x i) {}`, 1, false},
		{"a hidden interface that is asserted", `type i interface{ M() }; type a struct{}; func (a) M() {}; func g(x any) { _, _ = x.(i) }`, 1, false},
		{"a hidden interface that is a case", `type i interface{ M() }; type a struct{}; func (a) M() {}; func g(x any) { switch x.(type) { case i: } }`, 1, false},
		{"a wider interface that fits", `type i interface{ M() }; type a struct{}; func (a) M() {}; type j interface{ M(); N() }; func g(x j) { var _ i = x }`, 1, false},
		{"a foreign type that fits", "package p\nimport \"sync\"\ntype i interface{ Unlock() }; type a struct{}; func (a) Unlock() {}; func g(mu *sync.Mutex) { var _ i = mu }", 1, false},
		{"one that lacks another method", `type i interface{ m(); n() }; type a struct{}; func (a) m() {}; type b struct{ a }; func (b) n() {}`, 1, true},
		{"promoted from an embedded interface", `type i interface{ m() }; type a struct{ i }; type b struct{}; func (b) m() {}`, 1, false},
		{"a generic implementation", `type i interface{ m() }; type a[T any] struct{}; func (a[T]) m() {}`, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.claim, func(t *testing.T) {
			p := load(t, tt.src)
			m := p.firstMethod()
			impls, complete := p.Implementations(m)
			if len(impls) != tt.impls || complete != tt.complete {
				t.Errorf("Implementations(%s) = %v, %v; want %d, %v", m, impls, complete, tt.impls, tt.complete)
			}
		})
	}
}

func TestTree(t *testing.T) {
	p := load(t, `
func g(c chan int) {
	switch {
	case true:
		c <- 1
	}
	select {
	case c <- 2:
		func() { c <- 3 }()
	}
}
`)
	p.build()
	decl := p.FuncDecl(p.fn("g"))
	body := decl.Body.List
	if got := p.StmtOf(p.sends[0]); got.Stmt != ast.Stmt(p.sends[0]) || got.Index != 0 || len(got.List) != 1 {
		t.Errorf("StmtOf(in a case) = %+v", got)
	}
	if got := p.StmtOf(body[0].(*ast.SwitchStmt).Body.List[0].(*ast.CaseClause).List[0]); got.Stmt != body[0] || got.Index != 0 {
		t.Errorf("StmtOf(case expression) = %+v, want the switch", got)
	}
	if got := p.StmtOf(p.sends[1]); got.Stmt != body[1] || got.Index != 1 || got.Owner != decl.Body {
		t.Errorf("StmtOf(communication) = %+v, want the select", got)
	}
	if _, ok := p.Enclosing(p.sends[2]).(*ast.FuncLit); !ok {
		t.Error("the third send is not in the literal")
	}
	if p.Enclosing(p.sends[1]) != decl || p.Decl(p.sends[2]) != decl || p.Enclosing(decl) != nil {
		t.Error("enclosing declaration wrong")
	}
	if p.Parent(decl) != p.src.Files[0].Syntax || p.Parent(p.src.Files[0].Syntax) != nil {
		t.Error("parent of the declaration wrong")
	}
	if got := p.StmtOf(decl); got.Stmt != nil {
		t.Errorf("StmtOf(declaration) = %+v", got)
	}
}

func TestWritesAndReads(t *testing.T) {
	p := load(t, `
type e struct{ n int }
type s struct { e; f []int }
func g(v *s, m [][]int) (r int) {
	w := s{f: nil}
	v.f = w.f
	v.f = append(v.f, 1)
	v.f[0] = 2
	v.f[0]++
	clear(v.f)
	_ = &v.f
	v.n = 3
	var a, b = h()
	for _, v.f = range m {}
	return a + b
}
func h() (int, int) { return 1, 2 }
`)
	kinds := func(name string) (ks []Kind) {
		for _, w := range p.Writes(p.v(name)) {
			ks = append(ks, w.Kind)
		}
		return ks
	}
	for name, want := range map[string][]Kind{
		"f": {Init, Assign, Mutate, Element, Element, Mutate, AddressTaken, Range},
		"e": {Part},
		"n": {Assign},
		"a": {Init},
		"r": {Assign},
		"m": nil,
	} {
		if got := kinds(name); !slices.Equal(got, want) {
			t.Errorf("writes of %s: %v, want %v", name, got, want)
		}
	}
	if n := len(p.Reads(p.v("f"))); n != 2 {
		t.Errorf("%d reads of f, want 2", n)
	}
}

// TestBrokenCode asks everything of code that does not type-check.
func TestBrokenCode(t *testing.T) {
	for _, src := range []string{
		`func g() { x.y <- 1; close(z); for a := range q { a <- 1 } ; w := undefined(); w.f = 3 }`,
		`type s struct{ ch chan missing }; func (v *s) g() { v.ch <- nope; v.nofield.x <- 2; v.g().h <- 1; delete(); append(); close() }`,
		`func g() (a int, b chan int) { return f(1)(2), ; }; var x, y = 1; func (`,
		`type s struct { s }; type i interface { i; m() }; func (s) m() {}; func g(v s) { v.m(); *v = s{1, 2, 3} }`,
		`func g(a ...) { g(b...); a[1] <- 3; s{x: 1}; &s{} ; v := 1, 2; switch z := q.(type) { case a: z <- 1 } }`,
		`func g[T any](c chan T) { g[int, int](c); c[0] <- 1; go func() }`,
	} {
		p := check(src)
		if len(p.Errors) == 0 {
			t.Errorf("no error in %q", src)
		}
		x := New(p)
		x.askAll()
	}
}

// askAll asks every question of every object and node.
func (x *Index) askAll() {
	x.build()
	for v := range x.vars {
		x.Immutable(v)
		x.FuncValues(v)
		for _, elem := range []bool{false, true} {
			c := Chan{v, elem}
			x.Makes(c)
			x.Closes(c)
			x.Sends(c)
			x.Receives(c)
		}
	}
	for fn := range x.decls {
		x.Calls(fn)
		x.Implementations(fn)
	}
	for fn := range x.calls {
		x.Calls(fn)
		x.Implementations(fn)
		x.FuncDecl(fn)
	}
	for _, s := range x.sends {
		x.SendFits(s)
	}
	for n := range x.up.all() {
		x.StmtOf(n)
		x.Decl(n)
		x.Enclosing(n)
		if e, ok := n.(ast.Expr); ok {
			x.ChanOf(e)
		}
	}
}
