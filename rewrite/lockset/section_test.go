package lockset_test

import (
	"go/ast"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The text of a section is its acquisition, then after | its releases, returns
// and flags, then after > the other operations in it.
func TestSections(t *testing.T) {
	for _, r := range []struct {
		claim, src string
		want       []string
	}{
		{"an explicit release ends it", `
			func (s *S) g() { s.mu.Lock(); f(); s.mu.Unlock(); f() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() > f()"}},
		{"a deferred release ends it at the end", `
			func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock(); f() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | falls > f()"}},
		{"a deferred call after the deferred release is in it", `
			func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock(); defer f() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | falls > f()"}},
		{"a deferred call before the deferred release is not in it", `
			func (s *S) g() { defer f(); s.mu.Lock(); defer s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | falls"}},
		{"returns in it are listed", `
			func (s *S) g() int { s.mu.Lock(); defer s.mu.Unlock(); if cond { return 1 }; return 2 }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | return 1 | return 2"}},
		{"a return before it is not listed", `
			func (s *S) g() int { if cond { return 1 }; s.mu.Lock(); defer s.mu.Unlock(); return 2 }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | return 2"}},
		{"a return after the release is not listed", `
			func (s *S) g() int { s.mu.Lock(); s.mu.Unlock(); return 2 }`,
			[]string{"s.mu.Lock() | s.mu.Unlock()"}},
		{"each path may have its own release", `
			func (s *S) g() { s.mu.Lock(); if cond { s.mu.Unlock(); return }; f(); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() | s.mu.Unlock() > f()"}},
		{"a path that keeps it leaks", `
			func (s *S) g() int { s.mu.Lock(); if cond { return 1 }; s.mu.Unlock(); return 2 }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() | return 1 | leaks"}},
		{"an end of the body that keeps it leaks", `
			func (s *S) g() { s.mu.Lock() }`,
			[]string{"s.mu.Lock() | falls | leaks"}},
		{"a release for two acquisitions is mixed", `
			func (s *S) g() { if cond { s.mu.Lock() } else { s.mu.Lock() }; f(); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() | mixed > f()", "s.mu.Lock() | s.mu.Unlock() | mixed > f()"}},
		{"a deferred release for a lock taken again is mixed", `
			func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock(); if cond { s.mu.Unlock(); s.mu.Lock() } }`,
			[]string{
				"s.mu.Lock() | s.mu.Unlock() deferred | s.mu.Unlock() | falls | mixed",
				"s.mu.Lock() | s.mu.Unlock() deferred | falls | mixed"}},
		{"two sections of one lock are apart", `
			func (s *S) g() { s.mu.Lock(); f(); s.mu.Unlock(); s.mu.Lock(); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() > f()", "s.mu.Lock() | s.mu.Unlock()"}},
		{"an inner section is in the outer one", `
			func (s *S) g() { s.mu.Lock(); s.nu.Lock(); f(); s.nu.Unlock(); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() > s.nu.Lock() > f() > s.nu.Unlock()", "s.nu.Lock() | s.nu.Unlock() > f()"}},
		{"a return in a literal leaves the literal only", `
			func (s *S) g(xs []int) { s.mu.Lock(); sort.Slice(xs, func(i, j int) bool { return i < j }); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() > sort.Slice(xs, func(i, j int) bool { return i < j })"}},
		{"the end of a literal is not the end of the body", `
			func (s *S) g() { s.mu.Lock(); func() { f() }(); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() > f()"}},
		{"a section in a literal has the returns of the literal", `
			func (s *S) g() int { func() int { s.mu.Lock(); defer s.mu.Unlock(); return 1 }(); return 2 }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | return 1"}},
		{"a literal that locks for its caller leaves it to the body", `
			func (s *S) g() int { func() { s.mu.Lock() }(); f(); return 2 }`,
			[]string{"s.mu.Lock() | return 2 | falls | leaks > f()"}},
		{"a helper's call is the acquisition and the release", `
			func (s *S) lock() { s.mu.Lock() }
			func (s *S) unlock() { s.mu.Unlock() }
			func (s *S) g() { s.lock(); f(); s.unlock() }`,
			[]string{"s.lock() | s.unlock() > f()"}},
		{"a returned unlock function is the release", `
			func (s *S) lock() func() { s.mu.Lock(); return s.mu.Unlock }
			func (s *S) g() { defer s.lock()(); f() }`,
			[]string{"s.lock() | s.lock()() deferred | falls > f()"}},
		{"a deferred closure holds the release", `
			func (s *S) g() { s.mu.Lock(); defer func() { f(); s.mu.Unlock(); f() }() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() deferred | falls > f()"}},
		{"an attempt is an acquisition", `
			func (s *S) g() { if s.mu.TryLock() { f(); s.mu.Unlock() } }`,
			[]string{"s.mu.TryLock() | s.mu.Unlock() > f()"}},
		{"channel operations and selects are in it", `
			func (s *S) g() { s.mu.Lock(); s.ch <- 1; <-s.ch; select { case <-s.ch: default: }; for range s.ch {}; s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock() > s.ch <- 1 > <-s.ch > select of 2 > range s.ch"}},
		{"what a goroutine does is not in it", `
			func (s *S) g() { s.mu.Lock(); go func() { f() }(); go f(); s.mu.Unlock() }`,
			[]string{"s.mu.Lock() | s.mu.Unlock()"}},
		{"a slot is a section like a lock's", `
			func (s *S) g() { s.slots <- struct{}{}; f(); <-s.slots }`,
			[]string{"s.slots <- struct{}{} | <-s.slots > f()"}},
		{"a panic is no return", `
			func (s *S) g() { s.mu.Lock(); if cond { panic("x") }; s.mu.Unlock() }`,
			[]string{`s.mu.Lock() | s.mu.Unlock() > panic("x")`}},
		{"what is the caller's and taken again does not leak", `
			func (s *S) g() { s.mu.Unlock(); f(); s.mu.Lock() }`,
			[]string{"s.mu.Lock() | falls"}},
		{"what is the caller's and taken again on one path does not leak", `
			type T struct { mu sync.Mutex }
			func (s *T) gLocked() { if cond { s.mu.Unlock(); f(); s.mu.Lock() } }`,
			[]string{"s.mu.Lock() | falls"}},
		{"a read section", `
			func (s *S) g() { s.rw.RLock(); defer s.rw.RUnlock(); f() }`,
			[]string{"s.rw.RLock() | s.rw.RUnlock() deferred | falls > f()"}},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for _, s := range bodyOf(t, understand(t, r.src)).Sections {
				got = append(got, sectionText(s))
			}
			if !slices.Equal(got, r.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(r.want, "\n  "))
			}
		})
	}
}

func TestExits(t *testing.T) {
	for _, r := range []struct{ claim, src, want string }{
		{"a lock handed to the caller is held at the exit", `func (s *S) g() { s.mu.Lock() }`, "s.mu"},
		{"a lock handed over on one path is held at some exits", `func (s *S) g() bool { if cond { s.mu.Lock(); return true }; return false }`, "s.mu?"},
		{"a deferred unlock leaves nothing", `func (s *S) g() { s.mu.Lock(); defer s.mu.Unlock() }`, ""},
		{"a lock taken and deferred in a branch leaves nothing", `func (s *S) g() { if cond { s.mu.Lock(); defer s.mu.Unlock() }; f() }`, ""},
		{"the caller's lock is released", `func (s *S) g() { s.mu.Unlock() }`, "-s.mu"},
		{"a documented caller's lock is released", "type T struct { mu sync.Mutex }\n// g ends it. The caller holds s.mu.\nfunc (s *T) g() { s.mu.Unlock() }", "-s.mu"},
		{"a documented caller's lock is taken again", "type T struct { mu sync.Mutex }\n// g ends it. The caller holds s.mu.\nfunc (s *T) g() { s.mu.Unlock(); s.mu.Lock() }", "s.mu"},
	} {
		t.Run(r.claim, func(t *testing.T) {
			b := bodyOf(t, understand(t, r.src))
			if got := stateText(b.Exit); got != r.want {
				t.Errorf("exit %q, want %q", got, r.want)
			}
		})
	}
}

func TestExitsByReturn(t *testing.T) {
	p := understand(t, `func (s *S) g() { if cond { s.mu.Lock(); return }; if other { return }; s.nu.Lock() }`)
	b := bodyOf(t, p)
	var got []string
	for _, x := range b.Exits {
		at := "end"
		if ret, ok := x.At.(*ast.ReturnStmt); ok {
			at = strconv.Itoa(p.Src.Position(ret.Pos()).Column)
		}
		got = append(got, at+": "+stateText(x.State))
	}
	if want := []string{"42: s.mu", "63: ", "end: s.nu"}; !slices.Equal(got, want) {
		t.Errorf("exits %q, want %q", got, want)
	}
}

func TestBodies(t *testing.T) {
	p := understand(t, `
		var pkgLevel = func() { at("") }
		func (s *S) g(xs []int) {
			func() { f() }()
			sort.Slice(xs, func(i, j int) bool { return i < j })
			go func() { f() }()
			keep(func() { f() })
		}
		func keep(func())`)
	b := bodyOf(t, p)
	if len(b.Inner) != 2 {
		t.Errorf("%d literals run in place, want 2", len(b.Inner))
	}
	var spawned, literals int
	for _, b := range p.Bodies() {
		if _, ok := b.Fn.(*ast.FuncLit); ok {
			literals++
			if b.Spawned {
				spawned++
			}
		}
	}
	if literals != 3 || spawned != 1 {
		t.Errorf("%d literals with bodies of their own, %d of them spawned; want 3 and 1", literals, spawned)
	}
}
