package summary_test

import (
	"go/ast"
	"go/types"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const directed = `package p
import "sync"
var global sync.Mutex
type T struct { mu, nu sync.Mutex; rw sync.RWMutex; sync.Locker; ch chan int; n int; next *T }
type W struct { inner sync.Mutex }
func (w *W) Lock() { w.inner.Lock() }
func (w *W) Unlock() { w.inner.Unlock() }
type V struct { w W; n int }
func use(...any) {}
`

// direct analyses code with directives, "\n" written as "|".
func direct(t *testing.T, src string) *summary.Package {
	t.Helper()
	return summary.Analyze(check.Package(t, directed+strings.ReplaceAll(src, "|", "\n")), nil)
}

func TestDirectivesThatCannotMeanWhatTheySay(t *testing.T) {
	for _, test := range []struct{ claim, src, want string }{
		{"an unknown verb", `//lockfix:hold mu|func f() {}`, "lockfix:hold is no directive: did you mean holds?"},
		{"an unknown verb that is near none", `//lockfix:zzzzzzz|func f() {}`, "lockfix:zzzzzzz is no directive: there are lockfix:blocks, wakes, holds, lock and ignore"},
		{"ignore is another's", `//lockfix:ignore|func f() {}`, ""},
		{"prose about directives", `// lockfix:hold is written so.|func f() {}`, ""},
		{"blocks on a type", `//lockfix:blocks|type u int`, "lockfix:blocks stands on nothing that can be called"},
		{"blocks in a body", `func f() {|//lockfix:blocks|use()|}`, "lockfix:blocks stands on nothing that can be called"},
		{"blocks on a value", `type u struct {|n int //lockfix:blocks|}`, "lockfix:blocks stands on nothing that can be called"},
		{"blocks on a function", `//lockfix:blocks|func f() {}`, ""},
		{"blocks within a comment", `// f does.|//|//lockfix:blocks until the peer answers|func f() {}`, ""},
		{"blocks on a method of an interface", `type u interface {|//lockfix:blocks|m()|}`, ""},
		{"wakes on a field", `type u struct {|f func() //lockfix:wakes|}`, ""},
		{"wakes on a variable of the package", `var hook func() //lockfix:wakes|`, ""},
		{"wakes on a local variable", `func f() {|g := use //lockfix:wakes|g()|}`, "lockfix:wakes stands on nothing that can be called"},
		{"holds without a name", `//lockfix:holds|func f() {}`, "lockfix:holds names no lock: write lockfix:holds mu"},
		{"holds on an interface", `type u interface {|m() //lockfix:holds mu|}`, "lockfix:holds stands on no function"},
		{"holds of nothing", `//lockfix:holds mx|func (t *T) f() {}`, "lockfix:holds names no lock of (*T).f: mx is no field of its receiver, no parameter and no variable of the package; did you mean mu"},
		{"holds of a field that is none", `//lockfix:holds t.next.mx|func (t *T) f() {}`, "lockfix:holds names no lock of (*T).f: t has no field next.mx"},
		{"holds of what is no lock", `//lockfix:holds n|func (t *T) f() {}`, "lockfix:holds names no lock: n is of type int"},
		{"holds of a field", `//lockfix:holds mu that is it|func (t *T) f() {}`, ""},
		{"holds of a field of a parameter", `//lockfix:holds t.next.mu|func f(t *T) {}`, ""},
		{"holds of a parameter", `//lockfix:holds l|func f(l sync.Locker) {}`, ""},
		{"holds of a variable", `//lockfix:holds global|func f() {}`, ""},
		{"lock of neither sort", `var g sync.Mutex //lockfix:lock root|`, "lockfix:lock must be lockfix:lock io"},
		{"lock on a function", `//lockfix:lock io|func f() {}`, "lockfix:lock stands on no lock"},
		{"lock on a number", `type u struct {|n int //lockfix:lock io|}`, "lockfix:lock stands on no lock"},
		{"lock on a field", `type u struct {|// guards the file|//lockfix:lock io|mu sync.Mutex|}`, ""},
		{"lock on an embedded field", `type u struct {|sync.Mutex //lockfix:lock leaf|}`, ""},
		{"lock on a local variable", `func f() {|var mu sync.Mutex //lockfix:lock io|nu := new(sync.Mutex) //lockfix:lock leaf|use(&mu, nu)|}`, ""},
		{"an annotation that names nothing", `// +checklocks:t.mx|func (t *T) f() {}`, "+checklocks names no lock of (*T).f: t has no field mx"},
		{"an annotation of a field that names nothing", `type u struct {|mu sync.Mutex|// +checklocks:mx|n int|}`, "+checklocks names no lock beside n: mx is neither a field nor a variable of the package"},
		{"an annotation through an interface", `type i interface { m() }|// +checklocks:x.mu|func f(x i) {}`, ""},
		{"an annotation of a result", `// +checklocksacquire:r.mu|func f() (r *T) { r = new(T); r.mu.Lock(); return r }`, ""},
	} {
		t.Run(test.claim, func(t *testing.T) {
			var got []string
			for _, c := range direct(t, test.src).Complaints() {
				got = append(got, c.Text)
			}
			text := strings.Join(got, "\n")
			if test.want == "" && text != "" || !strings.HasPrefix(text, test.want) || len(got) > 1 {
				t.Errorf("complaints: %q, want %q", got, test.want)
			}
		})
	}
}

func TestADirectiveOfALock(t *testing.T) {
	p := direct(t, `type u struct {|a, b sync.Mutex //lockfix:lock io for the file|sync.RWMutex //lockfix:lock leaf|c sync.Mutex|}`)
	st := p.Src.Types.Scope().Lookup("u").Type().Underlying().(*types.Struct)
	for i, want := range []string{"io", "io", "leaf", ""} {
		for _, arg := range []string{"io", "leaf"} {
			if got := p.Directive(st.Field(i), "lock "+arg); got != (arg == want) {
				t.Errorf("lock %s of %s: %t", arg, st.Field(i).Name(), got)
			}
		}
	}
}

func TestWhatAFunctionIsAnnotatedToStartWith(t *testing.T) {
	for _, test := range []struct{ claim, src, want string }{
		{"a lock of the receiver", `//lockfix:holds mu|func (t *T) f() { use(t) }`, "t.mu"},
		{"two", `//lockfix:holds mu|//lockfix:holds nu|func (t *T) f() { use(t) }`, "t.mu t.nu"},
		{"a parameter's", `//lockfix:holds t.next.mu|func f(t *T) { use(t) }`, "t.next.mu"},
		{"a parameter", `//lockfix:holds l|func f(l sync.Locker) { use(l) }`, "l"},
		{"a variable", `//lockfix:holds global|func f() { use() }`, "global"},
		{"in spite of what it does", `//lockfix:holds mu|func (t *T) f() { t.mu.Unlock(); t.mu.Lock() }`, "t.mu"},
		{"gvisor's spelling", `// +checklocks:t.mu|func (t *T) f() { use(t) }`, "t.mu"},
		{"gvisor's old spelling", `// f does.|//+checklocks:t.mu|func (t *T) f() { use(t) }`, "t.mu"},
		{"for reading", `// +checklocksread:t.rw|func (t *T) f() { use(t) }`, "t.rw/r"},
		{"what it releases", `// +checklocksrelease:t.mu|func (t *T) f() { t.mu.Unlock() }`, "t.mu"},
		{"what it acquires is not held", `// +checklocksacquire:t.mu|func (t *T) f() { t.mu.Lock() }`, ""},
		{"the one behind a wrapper", `// +checklocks:v.w|func (v *V) f() { v.n++ }`, "v.w.inner"},
		{"not what is excluded", `// +checklocksexclude:t.mu|func (t *T) fLocked() { t.nu.Lock(); t.nu.Unlock() }`, ""},
		{"nor what all callers hold then", `// +checklocksexclude:t.mu|func (t *T) f() { t.n++ }|func (t *T) g() { t.mu.Lock(); t.f(); t.mu.Unlock() }|func init() { new(T).g() }`, ""},
	} {
		t.Run(test.claim, func(t *testing.T) {
			p := direct(t, test.src)
			fn := funcNamed(t, p, "f", "fLocked")
			var got []string
			for _, h := range p.Entry(fn) {
				name := h.Expr
				if h.Mode == syncapi.Read {
					name += "/r"
				}
				got = append(got, name)
			}
			if text := strings.Join(got, " "); text != test.want {
				t.Errorf("entry: %q, want %q", text, test.want)
			}
			for _, b := range p.Bodies() {
				if b.Obj == fn && len(b.Entry) != len(got) {
					t.Errorf("the body starts with %d", len(b.Entry))
				}
			}
		})
	}
}

func funcNamed(t *testing.T, p *summary.Package, names ...string) *types.Func {
	t.Helper()
	for fn := range p.Funcs {
		for _, name := range names {
			if fn.Name() == name {
				return fn
			}
		}
	}
	t.Fatal("no such function")
	return nil
}

func TestWhatAFunctionIsAnnotatedToLeaveHeld(t *testing.T) {
	for _, test := range []struct {
		claim, src string
		want       []string
	}{
		{"as its code says", `// +checklocksacquire:t.mu|func (t *T) f() { t.mu.Lock() }`, []string{"+recv.mu"}},
		{"where its code does not", `// +checklocksacquire:t.mu|func (t *T) f() { use(t) }`, []string{"+recv.mu"}},
		{"for reading", `// +checklocksacquireread:t.rw|func (t *T) f() { use(t) }`, []string{"+recv.rw/r"}},
		{"it releases", `// +checklocksrelease:t.mu|func (t *T) f() { use(t) }`, []string{"-recv.mu"}},
		{"it holds and keeps", `// +checklocks:t.mu|func (t *T) f() { use(t) }`, nil},
	} {
		t.Run(test.claim, func(t *testing.T) {
			p := direct(t, test.src)
			compare(t, changeTexts(p.Funcs[funcNamed(t, p, "f")].Changes), test.want)
		})
	}
}

func TestWhatGuardsAField(t *testing.T) {
	p := direct(t, `type u struct {|a, b sync.Mutex|// +checklocks:b|n, m int|// +checklocks:global|g int|// +checklocks:in.mu|d int|in T|e int|}`)
	st := p.Src.Types.Scope().Lookup("u").Type().Underlying().(*types.Struct)
	want := map[string]string{"n": "b", "m": "b", "g": "global", "d": "mu"}
	for f := range st.Fields() {
		got := ""
		for _, l := range p.Guards(f) {
			got += l.Name()
		}
		if got != want[f.Name()] {
			t.Errorf("%s is guarded by %q, want %q", f.Name(), got, want[f.Name()])
		}
	}
}

// actsUnder lists what the operations of function f do, with who says so.
func actsUnder(p *summary.Package) string {
	var got []string
	for _, b := range p.Bodies() {
		if b.Obj == nil || b.Obj.Name() != "f" {
			continue
		}
		for _, op := range b.Ops {
			for _, a := range p.Acts(b, op) {
				got = append(got, a.What)
			}
		}
	}
	return strings.Join(got, "; ")
}

func TestWhatDirectivesSayOfACall(t *testing.T) {
	for _, test := range []struct{ claim, src, want string }{
		{"a function blocks", `//lockfix:blocks|func g() {}|func f() { g() }`, "calls g, which blocks by lockfix:blocks"},
		{"a function wakes", `//lockfix:wakes|func g() {}|func f() { g() }`, "calls g, which wakes others by lockfix:wakes"},
		{"a method of an interface", `type i interface {|Len() int //lockfix:blocks|}|func f(x i) { x.Len() }`, "calls x.Len, which blocks by lockfix:blocks"},
		{"a field", `type u struct {|now func() int //lockfix:wakes|}|func f(x *u) { x.now() }`, "calls x.now, which wakes others by lockfix:wakes"},
		{"a variable", `var hook func() //lockfix:blocks||func f() { hook() }`, "calls hook, which blocks by lockfix:blocks"},
		{"a callee of the callee", `//lockfix:blocks|func g() {}|func h() { g() }|func f() { h() }`, "calls g, which blocks by lockfix:blocks"},
		{"the code behind an interface", `type i interface { g() }|type u struct{}|//lockfix:blocks|func (u) g() {}|func f(x i) { x.g() }`, "blocks by lockfix:blocks"},
		{"nothing", `func g() {}|func f() { g() }`, ""},
	} {
		if got := actsUnder(direct(t, test.src)); got != test.want {
			t.Errorf("%s: %q, want %q", test.claim, got, test.want)
		}
	}
}

func TestDirectivesTravelBetweenPackages(t *testing.T) {
	pkgs := check.Program(t,
		check.Unit{Path: "m/q", Src: "package q\n//lockfix:blocks\nfunc G() {}\ntype I interface {\n//lockfix:wakes\nLen() int\n}\n"},
		check.Unit{Path: "m/p", Src: `package p; import "m/q"; func f(x q.I) { q.G(); x.Len() }`})
	facts := map[*types.Func]*summary.Func{}
	for fn, f := range summary.Analyze(pkgs[0], nil).Funcs {
		facts[fn] = f
	}
	got := actsUnder(summary.Analyze(pkgs[1], summary.FactsOf(func(fn *types.Func) *summary.Func { return facts[fn] })))
	if want := "calls q.G, which blocks by lockfix:blocks; calls x.Len, which wakes others by lockfix:wakes"; got != want {
		t.Errorf("acts: %q, want %q", got, want)
	}
}

func TestAVocabularyGoesBeforeCode(t *testing.T) {
	src := check.Package(t, directed+`
		func (t *T) get() { <-t.ch }
		func (t *T) tell() {}
		func (t *T) take(n int) bool { return true }
		func (t *T) give() {}
		func f(t *T) { t.get(); t.tell(); if t.take(1) { t.ch <- 1; t.give() } }`)
	words, err := syncapi.Vocabulary{
		NonBlocking: []string{"p.T.get"},
		Wakers:      []string{"p.T.tell"},
		Tokens:      []syncapi.Pair{{Acquire: []string{"p.T.take"}, Release: []string{"p.T.give"}}},
	}.Words()
	if err != nil {
		t.Fatal(err)
	}
	p := summary.AnalyzeWith(src, nil, words)
	if got, want := actsUnder(p), "calls t.tell, which wakes others by .lockfix.yaml; calls t.take, which waits for the token; sends on t.ch"; got != want {
		t.Errorf("acts: %q, want %q", got, want)
	}
	if held := heldAtSend(p); held != "t token must" {
		t.Errorf("held at the send: %q", held)
	}
	if p := summary.Analyze(src, nil); actsUnder(p) == "" || heldAtSend(p) != "" {
		t.Error("the same without a vocabulary")
	}
}

// What is said to stir is neither plain nor known, though its name and code are.
func TestProofsBelieveWhatStirs(t *testing.T) {
	for _, test := range []struct{ claim, src, want string }{
		{"a getter", `type i interface {|Len() int|}|func f(x i) { x.Len() }`, "plain"},
		{"a getter that wakes", `type i interface {|Len() int //lockfix:wakes|}|func f(x i) { x.Len() }`, "foreign"},
		{"own code", `func g() {}|func f() { g() }`, "known"},
		{"own code that blocks", `//lockfix:blocks|func g() {}|func f() { g() }`, "foreign"},
	} {
		p := direct(t, test.src)
		for _, b := range p.Bodies() {
			for _, op := range b.Ops {
				call, ok := op.Node.(*ast.CallExpr)
				if !ok || b.Obj.Name() != "f" {
					continue
				}
				if got := p.Reach(call); got != test.want {
					t.Errorf("%s: %s", test.claim, got)
				}
				if _, plain := p.Plain(call); plain != (test.want == "plain") {
					t.Errorf("%s: plain %t", test.claim, plain)
				}
			}
		}
	}
}

func TestWhatTriesDoesNotWait(t *testing.T) {
	src := check.Package(t, directed+`
		func (t *T) TryTake() bool { return true }
		func (t *T) give() {}
		func f(t *T) { if t.TryTake() { t.ch <- 1; t.give() } }`)
	words, err := syncapi.Vocabulary{Tokens: []syncapi.Pair{{Acquire: []string{"p.T.TryTake"}, Release: []string{"p.T.give"}}}}.Words()
	if err != nil {
		t.Fatal(err)
	}
	p := summary.AnalyzeWith(src, nil, words)
	if got := actsUnder(p); got != "sends on t.ch" {
		t.Errorf("acts: %q", got)
	}
	if held := heldAtSend(p); held != "t token must" {
		t.Errorf("held at the send: %q", held)
	}
}

func heldAtSend(p *summary.Package) string {
	for _, b := range p.Bodies() {
		for _, op := range b.Ops {
			for _, a := range p.Acts(b, op) {
				if a.Kind != summary.Send {
					continue
				}
				for _, h := range op.State.Held() {
					sort := map[bool]string{true: " token", false: " lock"}[h.Sort == lockset.Semaphore]
					return h.Expr + sort + map[bool]string{true: " must"}[h.Must]
				}
			}
		}
	}
	return ""
}

func TestNobodyReadsDirectivesOfGeneratedFiles(t *testing.T) {
	src := check.Package(t, "package p\n//lockfix:hold\nfunc f() {}\n")
	src.Files[0].ReadOnly = "generated"
	if c := summary.Analyze(src, nil).Complaints(); len(c) > 0 {
		t.Errorf("complaint: %s", c[0].Text)
	}
}
