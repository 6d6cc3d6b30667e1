package summary_test

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

func TestWhatAFunctionLeavesHeld(t *testing.T) {
	for _, r := range []row{
		{"nothing", `func (s *S) f() { s.mu.Lock(); s.mu.Unlock() }`, nil},
		{"a lock of the receiver", `func (s *S) f() { s.mu.Lock() }`, []string{"+recv.mu"}},
		{"a lock of a parameter", `func f(n int, s *S) { s.next.mu.Lock() }`, []string{"+arg1.next.mu"}},
		{"a lock that is the parameter", `func f(mu *sync.Mutex) { mu.Lock() }`, []string{"+arg0"}},
		{"a package-level lock", `var mu sync.Mutex; func f() { mu.Lock() }`, []string{"+p.mu"}},
		{"a lock for reading", `func (s *S) f() { s.rw.RLock() }`, []string{"+recv.rw/r"}},
		{"a local lock is nobody's", `func f() { var mu sync.Mutex; mu.Lock() }`, nil},
		{"it releases the caller's", `func (s *S) f() { s.mu.Unlock() }`, []string{"-recv.mu"}},
		{"it releases the caller's by convention", `type t struct { mu sync.Mutex }; func (x *t) f() { x.gLocked() }; func (x *t) gLocked() { x.mu.Unlock() }`, []string{"-recv.mu"}},
		{"it releases and takes the caller's again", `func (s *S) f() { s.mu.Unlock(); s.mu.Lock() }`, nil},
		{"it locks to the end in a branch", `func (s *S) f() { if cond { s.mu.Lock(); defer s.mu.Unlock() }; s.ch <- 1 }`, nil},
		{"it unlocks, waits and locks again in a loop", `func (s *S) f() { for cond { s.mu.Unlock(); <-s.ch; s.mu.Lock() } }`, nil},
		{"it releases the caller's in the end", `func (s *S) f() { println(); defer s.mu.Unlock(); println() }`, []string{"-recv.mu"}},
		{"it releases what it took by the same condition", `func (s *S) f() { if cond { s.mu.Lock() }; println(); if cond { s.mu.Unlock() } }`, nil},
		{"it releases what it took by a condition and otherwise leaves", `func (s *S) f() { if cond { s.mu.Lock() }; if !cond { return }; s.mu.Unlock() }`, nil},
		{"it releases what a loop took in the end", `func (s *S) f() { for cond { s.mu.Lock(); defer s.mu.Unlock() } }`, nil},
		{"it swaps one lock for another", `func (s *S) f() { s.mu.Unlock(); s.nu.Lock() }`, []string{"+recv.nu", "-recv.mu"}},
		{"its bool says whether it holds", `func (s *S) f() bool { return s.mu.TryLock() }`, []string{"?recv.mu!"}},
		{"its error says whether it holds", `func (s *S) f() error { if cond { return errors.New("x") }; s.mu.Lock(); return nil }`, []string{"+recv.mu!"}},
		{"on some paths, untold", `func (s *S) f() { if cond { s.mu.Lock() } }`, nil},
		{"a slot", `func (s *S) f() { s.slots <- struct{}{} }`, []string{"+recv.slots"}},
		{"it gives a slot back", `func (s *S) f() { <-s.slots }`, []string{"-recv.slots"}},
		{"it gives a slot back where there is a semaphore", `func f(sem *semaphore.Weighted) { if sem != nil { sem.Release(1) } }`, []string{"-arg0"}},
		{"it returns where there is none", `func f(sem *semaphore.Weighted) { if sem == nil { return }; sem.Release(1) }`, []string{"-arg0"}},
		{"it takes and releases a lock where there is one", `func f(l sync.Locker) { if l != nil { l.Lock() }; println(); if l != nil { l.Unlock() } }`, nil},
		{"through a helper", `func (s *S) g() { s.mu.Lock() }; func f(s *S) { s.g() }`, []string{"+arg0.mu"}},
		{"through a promoted helper", `type t struct { *S }; func (s *S) g() { s.mu.Lock() }; func (x *t) f() { x.g() }`, []string{"+recv.S.mu"}},
		{"a lock of an element is nobody's", `func f(s []*S) { s[0].mu.Lock() }`, nil},
	} {
		t.Run(r.claim, func(t *testing.T) {
			compare(t, changeTexts(summaryOf(t, understand(t, r.src), "f").Changes), r.want)
		})
	}
}

func TestWhatAReturnedFunctionReleases(t *testing.T) {
	for _, r := range []row{
		{"a literal", `func (s *S) f() func() { s.mu.Lock(); return func() { s.mu.Unlock() } }`, []string{"0: -recv.mu"}},
		{"a method value", `func (s *S) f() func() { s.mu.Lock(); return s.mu.Unlock }`, []string{"0: -recv.mu"}},
		{"a variable", `func (s *S) f() func() { s.mu.Lock(); u := func() { s.mu.Unlock() }; return u }`, []string{"0: -recv.mu"}},
		{"of two results", `func (s *S) f() (int, func()) { s.mu.Lock(); return 1, s.mu.Unlock }`, []string{"1: -recv.mu"}},
		{"on one return", `func (s *S) f() (func(), error) { if cond { return nil, errors.New("x") }; s.mu.Lock(); return s.mu.Unlock, nil }`, []string{"0: -recv.mu"}},
		{"read locks", `func (s *S) f() func() { s.rw.RLock(); return s.rw.RUnlock }`, []string{"0: -recv.rw/r"}},
		{"two locks", `func (s *S) f() func() { s.mu.Lock(); s.nu.Lock(); return func() { s.nu.Unlock(); s.mu.Unlock() } }`, []string{"0: -recv.mu", "0: -recv.nu"}},
		{"a function that does something else", `func f(ch chan int) func() { return func() { ch <- 1 } }`, nil},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for i, changes := range summaryOf(t, understand(t, r.src), "f").Results {
				for _, c := range changeTexts(changes) {
					got = append(got, fmt.Sprintf("%d: %s", i, c))
				}
			}
			slices.Sort(got)
			compare(t, got, r.want)
		})
	}
}

func TestWhichParametersAreRun(t *testing.T) {
	for _, r := range []struct {
		claim, src string
		want       []int
	}{
		{"one that is called", `func f(n int, g func()) { g() }`, []int{1}},
		{"one that is deferred", `func f(g func()) { defer g() }`, []int{0}},
		{"one that is passed to one that calls it", `func h(g func()) { g() }; func f(n int, g func()) { h(g) }`, []int{1}},
		{"one that is passed to a synchronous function", `func f(xs []int, less func(i, j int) bool) { sort.Slice(xs, less) }`, []int{1}},
		{"one that is called in a literal that runs here", `func f(g func()) { func() { g() }() }`, []int{0}},
		{"none that is started", `func f(g func()) { go g() }`, nil},
		{"none that is stored", `var kept func(); func f(g func()) { kept = g }`, nil},
		{"none that a literal calls that is stored", `var kept func(); func f(g func()) { kept = func() { g() } }`, nil},
	} {
		t.Run(r.claim, func(t *testing.T) {
			if got := summaryOf(t, understand(t, r.src), "f").Runs; !slices.Equal(got, r.want) {
				t.Errorf("runs %v, want %v", got, r.want)
			}
		})
	}
}

func TestWhichFunctionsNeverReturn(t *testing.T) {
	for _, r := range []struct {
		claim, src string
		never      bool
	}{
		{"panic", `func f() { panic("x") }`, true},
		{"os.Exit", `func f() { os.Exit(1) }`, true},
		{"log.Fatal", `func f() { log.Fatal("x") }`, true},
		{"a loop for ever", `func f() { for {} }`, true},
		{"an empty select", `func f() { select {} }`, true},
		{"a callee that never returns", `func g() { panic("x") }; func f() { g() }`, true},
		{"a panic on one path", `func f() { if cond { panic("x") } }`, false},
		{"a recovered panic", `func f() { defer func() { recover() }(); panic("x") }`, false},
		{"a panic recovered by a named function", `func g() { recover() }; func f() { defer g(); panic("x") }`, false},
		{"a loop that is left", `func f() { for { if cond { break } } }`, false},
	} {
		t.Run(r.claim, func(t *testing.T) {
			if got := summaryOf(t, understand(t, r.src), "f").NoReturn; got != r.never {
				t.Errorf("NoReturn = %v, want %v", got, r.never)
			}
		})
	}
}

func TestWhichLocksAFunctionTakes(t *testing.T) {
	for _, r := range []row{
		{"its own", `func (s *S) f() { s.mu.Lock(); s.mu.Unlock() }`, []string{"recv.mu p.S.mu"}},
		{"its callees'", `func (s *S) g() { s.mu.Lock(); s.mu.Unlock() }; func f(s *S) { s.next.g() }`, []string{"arg0.next.mu p.S.mu"}},
		{"those of chains", `func (s *S) h() { s.mu.Lock(); s.mu.Unlock() }; func (s *S) g() { s.h() }; func f(s *S) { s.g() }`, []string{"arg0.mu p.S.mu"}},
		{"a package-level one", `var mu sync.Mutex; func f() { mu.Lock(); mu.Unlock() }`, []string{"p.mu p.mu"}},
		{"an embedded one", `type t struct { sync.Mutex }; func f(x *t) { x.Lock(); x.Unlock() }`, []string{"arg0.Mutex p.t.Mutex"}},
		{"one of an element", `func f(s []*S) { s[0].mu.Lock(); s[0].mu.Unlock() }`, []string{"nowhere p.S.mu"}},
		{"one of an instance", `type t[T any] struct { mu sync.Mutex }; func f(x *t[int]) { x.mu.Lock(); x.mu.Unlock() }`, []string{"arg0.mu p.t.mu"}},
		{"none that a goroutine takes", `func (s *S) f() { go func() { s.mu.Lock(); s.mu.Unlock() }() }`, nil},
		{"not a slot", `func (s *S) f() { s.slots <- struct{}{}; <-s.slots }`, nil},
	} {
		t.Run(r.claim, func(t *testing.T) {
			var got []string
			for _, l := range summaryOf(t, understand(t, r.src), "f").Locks {
				got = append(got, refText(l.Ref)+" "+l.Class)
			}
			compare(t, got, r.want)
		})
	}
}

func TestEmpty(t *testing.T) {
	p := understand(t, `func f() {}; func g(ch chan int) { ch <- 1 }`)
	if f := summaryOf(t, p, "f"); !f.Empty() {
		t.Errorf("a function that does nothing: %+v", f)
	}
	if summaryOf(t, p, "g").Empty() {
		t.Error("a function that sends is empty")
	}
}

// decoded is a summary after it was written as a fact and read again.
func decoded(t *testing.T, f *summary.Func) *summary.Func {
	t.Helper()
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(f); err != nil {
		t.Fatalf("encoding: %v", err)
	}
	out := &summary.Func{}
	if err := gob.NewDecoder(&buf).Decode(out); err != nil {
		t.Fatalf("decoding: %v", err)
	}
	return out
}

func TestFactsSurviveEncoding(t *testing.T) {
	for _, path := range []string{"database/sql", "os/exec", "testing", "log/slog"} {
		for fn, f := range summary.Analyze(check.Std(t, path), nil).Funcs {
			got, want := fmt.Sprintf("%+v", exported(f)), fmt.Sprintf("%+v", exported(decoded(t, f)))
			if got != want {
				t.Errorf("%s.%s: wrote %s, read %s", path, fn.Name(), got, want)
			}
		}
	}
}

// exported copies a summary without what stays in the process; an empty list
// and none are the same.
func exported(f *summary.Func) *summary.Func {
	out := reflect.New(reflect.TypeOf(*f)).Elem()
	copyExported(out, reflect.ValueOf(*f))
	v := out.Interface().(summary.Func)
	return &v
}

func copyExported(to, from reflect.Value) {
	switch from.Kind() {
	case reflect.Struct:
		for i := range from.NumField() {
			if from.Type().Field(i).IsExported() {
				copyExported(to.Field(i), from.Field(i))
			}
		}
	case reflect.Slice:
		for i := range from.Len() {
			to.Set(reflect.Append(to, reflect.New(to.Type().Elem()).Elem()))
			copyExported(to.Index(i), from.Index(i))
		}
	case reflect.Map:
		for _, k := range from.MapKeys() {
			if to.IsNil() {
				to.Set(reflect.MakeMap(to.Type()))
			}
			v := reflect.New(to.Type().Elem()).Elem()
			copyExported(v, from.MapIndex(k))
			to.SetMapIndex(k, v)
		}
	default:
		to.Set(from)
	}
}

func TestSummariesAreDeterministic(t *testing.T) {
	src := check.Std(t, "testing")
	first := summary.Analyze(src, nil)
	for range 3 {
		again := summary.Analyze(src, nil)
		for fn, f := range first.Funcs {
			if a, b := fmt.Sprintf("%+v", f), fmt.Sprintf("%+v", again.Funcs[fn]); a != b {
				t.Fatalf("%s: %s, then %s", fn.Name(), a, b)
			}
		}
	}
}
