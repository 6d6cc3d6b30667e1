package rewrite

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A package that is made of findings costs a bounded time: what is beyond it is
// reported without an edit, and says why.
func TestCheckingEditsIsBounded(t *testing.T) {
	src := check.Package(t, `package p

import "sync"

type t struct{ mu sync.Mutex }

func (x *t) f(n int) {
	x.mu.Lock()
	if n > 0 {
		return
	}
	x.mu.Unlock()
}
`)
	for _, test := range []struct {
		read int
		want string
	}{
		{0, "a fix"},
		{maxRead, "the edit is not offered: the package has too many findings for each edit to be checked"},
	} {
		pkg := Summarize(src, nil, nil)
		f := finder{pkg: pkg, now: diagnose(pkg), read: test.read, opts: Options{Rules: []*rule.Rule{{Name: "leak", Faults: []hazard.FaultSort{hazard.LeakPath}}}}}
		f.faults()
		f.repair()
		if len(f.found) != 1 {
			t.Fatalf("%d findings, want 1", len(f.found))
		}
		got := "a fix"
		if x := f.found[0].finding; x.Fix == nil {
			got = x.Refusals[0].Text
		}
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("after %d bytes: %s, want %s", test.read, got, test.want)
		}
	}
}

// What an edit makes of a package is understood as if it had been loaded so, and what
// is wrong with it is found all the same.
func TestAnEditedPackageIsUnderstoodAsALoadedOne(t *testing.T) {
	all := &rule.Rule{Name: "all", Match: func(*hazard.Observation) (string, bool) { return "it", true }, Faults: hazard.FaultSorts()}
	edits := 0
	for _, src := range check.Examples(t, "../rules/*/testdata/*.txtar") {
		pkg := Summarize(src, nil, nil)
		was := describer{pkg: pkg}.wrongs(diagnose(pkg))
		for _, f := range Find(pkg, nil, Options{Rules: []*rule.Rule{all}, Fixes: true, Level: hazard.Contention}) {
			if f.Fix == nil {
				continue
			}
			edits++
			next, _, err := with(src, f.Fix)
			if err != nil {
				t.Fatal(err)
			}
			edited, loaded := pkg.Edited(next, nil), Summarize(next, nil, nil)
			if got, want := (describer{pkg: edited}).wrongs(diagnose(edited)), (describer{pkg: loaded}).wrongs(diagnose(loaded)); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", src.Files[0].Name, got, want)
			}
		}
		if now := (describer{pkg: pkg}).wrongs(diagnose(pkg)); !slices.Equal(was, now) {
			t.Errorf("%s: after its edits were checked the package has %v, had %v", src.Files[0].Name, now, was)
		}
	}
	if edits < 300 {
		t.Errorf("%d edits, want hundreds", edits)
	}
}

// What walks have found in files that an edit leaves alone is told again, unless the edit
// changes which calls return, or what a name stands for.
func TestWhatWalksHaveFoundHoldsAfterAnEdit(t *testing.T) {
	const edited = `package p

import "sync"

const yes = true

type t struct{ mu sync.Mutex }

func stop() { panic("stop") }
`
	const other = `package p

func (x *t) f(n int) {
	x.mu.Lock()
	if n > 0 {
		stop()
		return
	}
	x.mu.Unlock()
}

func (x *t) g(n int) {
	held := yes
	x.mu.Lock()
	if n > 0 {
		held = false
		x.mu.Unlock()
	}
	if held {
		x.mu.Unlock()
	}
}
`
	for _, test := range []struct {
		claim, old, new, want string
		keeps                 bool
	}{
		{"nothing that matters there", `"stop"`, `"end"`, "", true},
		{"a call returns", `panic("stop")`, ``, "(*t).f: held at exit of x.mu", true},
		{"a name stands for something else", `yes = true`, `yes = false`, "(*t).g: held at exit of x.mu", false},
		{"a declaration is added", `func stop`, "func (*t) more() {}\n\nfunc stop", "", false},
		{"an import is added", `import "sync"`, `import ("sync"; _ "time")`, "", true},
	} {
		t.Run(test.claim, func(t *testing.T) {
			src := check.Files(t, edited, other)
			pkg := Summarize(src, nil, nil)
			if got := wrongWith(pkg); got != "" {
				t.Fatalf("before the edit: %s", got)
			}
			next := src.With(map[string][]byte{src.Files[0].Name: []byte(strings.Replace(edited, test.old, test.new, 1))})
			if len(next.Errors) > 0 {
				t.Fatal(next.Errors[0])
			}
			if keeps := src.OnlyBodies(next); keeps != test.keeps {
				t.Errorf("only bodies are changed: %t, want %t", keeps, test.keeps)
			}
			after := pkg.Edited(next, nil)
			if got := wrongWith(after); got != test.want {
				t.Errorf("after the edit: %q, want %q", got, test.want)
			}
		})
	}
}

// wrongWith words what is wrong with a package.
func wrongWith(p *summary.Package) string {
	var out []string
	for _, w := range (describer{pkg: p}).wrongs(troubles{faults: hazard.Faults(p)}) {
		if strings.Contains(w.words, ": ") {
			out = append(out, w.words)
		}
	}
	return strings.Join(out, "\n")
}

// Edits that are checked side by side are those that are checked one after the other.
func TestChecksSideBySide(t *testing.T) {
	all := &rule.Rule{Name: "all", Match: func(*hazard.Observation) (string, bool) { return "it", true }, Faults: hazard.FaultSorts()}
	opts := Options{Rules: []*rule.Rule{all}, Fixes: true, Level: hazard.Contention}
	several, fixes := 0, 0
	for _, src := range check.Examples(t, "../rules/[m-z]*/testdata/*.txtar") {
		find := func(spread func(n, most int, do func(int))) string {
			opts := opts
			opts.Spread = spread
			found := Find(Summarize(src, nil, nil), nil, opts)
			for _, f := range found {
				if f.Fix != nil {
					fixes++
				}
			}
			text, err := json.Marshal(found)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		want := find(nil)
		got := find(func(n, most int, do func(int)) {
			if most < 2 {
				t.Errorf("%s: at most %d at a time", src.Files[0].Name, most)
			}
			if n > 1 {
				several++
			}
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() { do(n - 1 - i) })
			}
			all.Wait()
		})
		if got != want {
			t.Errorf("%s:\n%s\nwant\n%s", src.Files[0].Name, got, want)
		}
	}
	if several < 20 || fixes < 300 {
		t.Errorf("%d times several edits, %d fixes; want more", several, fixes)
	}
}

// Of a large package fewer are understood at a time.
func TestChecksSideBySideAreBounded(t *testing.T) {
	for _, test := range []struct{ size, want int }{{100 << 10, 21}, {1 << 20, 3}, {3 << 20, 1}} {
		comment := "//" + strings.Repeat("x", test.size-20)
		f := finder{pkg: Summarize(check.Package(t, "package p\n\n"+comment+"\n"), nil, nil)}
		got := 0
		f.opts.Spread = func(n, most int, do func(int)) { got = most }
		f.spread(2, nil)
		if got != test.want {
			t.Errorf("%d bytes: at most %d at a time, want %d", test.size, got, test.want)
		}
	}
}

// Who stops does not wait for the edits that are planned and not yet checked: their
// findings have no fix, and no reason.
func TestStoppingBetweenChecks(t *testing.T) {
	src := check.Package(t, `package p

import "sync"

type t struct{ mu sync.Mutex }

func (x *t) f(n int) {
	x.mu.Lock()
	if n > 0 {
		return
	}
	x.mu.Unlock()
}

func (x *t) g(n int) {
	x.mu.Lock()
	if n > 0 {
		return
	}
	x.mu.Unlock()
}
`)
	leak := &rule.Rule{Name: "leak", Faults: []hazard.FaultSort{hazard.LeakPath}}
	for _, test := range []struct{ after, want int }{{0, 0}, {1, 1}, {2, 2}} {
		checks := 0
		found := Find(Summarize(src, nil, nil), nil, Options{
			Rules: []*rule.Rule{leak}, Fixes: true,
			Stop: func() bool { return checks >= test.after },
			Spread: func(n, most int, do func(int)) {
				for i := range n {
					do(i)
					checks++
				}
			},
		})
		fixes := 0
		for _, f := range found {
			if f.Fix != nil {
				fixes++
			} else if len(f.Refusals) > 0 {
				t.Errorf("stopped after %d checks: %s", test.after, f.Refusals[0].Text)
			}
		}
		if len(found) != 2 || fixes != test.want {
			t.Errorf("stopped after %d checks: %d findings with %d fixes, want 2 with %d", test.after, len(found), fixes, test.want)
		}
	}
}
