package syncapi_test

import (
	"go/types"
	"strings"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

const vocabularyProgram = `package q
type Queue[T any] struct{ n int }
func (*Queue[T]) Get() T { var t T; return t }
type Outer struct { *Queue[int] }
type I interface { Get() int }
type Pool struct{ n int }
func (*Pool) Lease() (*Lease, error) { return nil, nil }
func (*Pool) Take() {}
func (*Pool) Put() {}
type Lease struct{ n int }
func (*Lease) Drop() {}
func Enter() {}
func Leave(p *Pool) {}
`

func TestNamesOfAVocabulary(t *testing.T) {
	for _, test := range []struct {
		name string
		ok   bool
	}{
		{"sync.Mutex.Lock", true},
		{"example.com/m/q.Get", true},
		{"example.com/m/q.Queue.Get", true},
		{"gopkg.in/yaml.v3.Node.Decode", true},
		{"(*example.com/m/q.Queue).Get", false},
		{"example.com/m/q.Queue[int].Get", false},
		{"Get", false},
		{"example.com/m", false},
		{"example.com/m/q.", false},
		{"/q.Get", false},
		{"", false},
	} {
		if err := syncapi.CheckName(test.name); (err == nil) != test.ok {
			t.Errorf("CheckName(%q) = %v", test.name, err)
		}
	}
}

func TestAVocabularySaysOneThingOfAName(t *testing.T) {
	_, err := syncapi.Vocabulary{Wakers: []string{"q.F"}, NonBlocking: []string{"q.F", "F"}}.Words()
	if err == nil || !strings.Contains(err.Error(), "q.F is said to be two things") || !strings.Contains(err.Error(), `"F" is no name`) {
		t.Errorf("Words: %v", err)
	}
}

// method finds a method of a type of a package.
func method(t *testing.T, pkg *types.Package, typ, name string) (*types.Func, types.Type) {
	t.Helper()
	recv := pkg.Scope().Lookup(typ).Type()
	obj, _, _ := types.LookupFieldOrMethod(recv, true, pkg, name)
	fn, ok := obj.(*types.Func)
	if !ok {
		t.Fatalf("%s has no method %s", typ, name)
	}
	return fn, recv
}

func TestWordsFindMethods(t *testing.T) {
	pkg := check.Program(t, check.Unit{Path: "m/q", Src: vocabularyProgram})[0].Types
	words := func(name string) *syncapi.Words {
		w, err := syncapi.Vocabulary{Blocking: []string{name}}.Words()
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	for _, test := range []struct {
		claim, name, typ, method string
		want                     bool
	}{
		{"of a generic type", "m/q.Queue.Get", "Queue", "Get", true},
		{"promoted, by the type that declares it", "m/q.Queue.Get", "Outer", "Get", true},
		{"promoted, by the type that it is called on", "m/q.Outer.Get", "Outer", "Get", true},
		{"of an interface", "m/q.I.Get", "I", "Get", true},
		{"not of another type", "m/q.I.Get", "Queue", "Get", false},
		{"not of another package", "q.Queue.Get", "Queue", "Get", false},
	} {
		fn, recv := method(t, pkg, test.typ, test.method)
		if _, got := words(test.name).LookupOn(recv, fn); got != test.want {
			t.Errorf("%s: found = %t", test.claim, got)
		}
	}
	if _, ok := (*syncapi.Words)(nil).LookupOn(nil, pkg.Scope().Lookup("Enter").(*types.Func)); ok {
		t.Error("no words say something")
	}
}

func TestNamesThatAPackageDoesNotHave(t *testing.T) {
	pkg := check.Program(t, check.Unit{Path: "m/q", Src: vocabularyProgram})[0].Types
	for _, test := range []struct {
		name string
		mine bool
		why  string
	}{
		{"m/q.Queue.Get", true, ""},
		{"m/q.Outer.Get", true, ""},
		{"m/q.I.Get", true, ""},
		{"m/q.Leave", true, ""},
		{"m/q.Enter", true, "m/q.Enter has no argument that could be held"},
		{"m/q.Quit", true, "package m/q has no function Quit"},
		{"m/q.Queue", true, "package m/q has no function Queue"},
		{"m/q.Deque.Get", true, "package m/q has no type Deque"},
		{"m/q.Queue.Put", true, "type m/q.Queue has no method Put: did you mean Get?"},
		{"m/q/sub.F", false, ""},
		{"m/qq.F", false, ""},
	} {
		w, err := syncapi.Vocabulary{Tokens: []syncapi.Pair{{Acquire: []string{test.name}}}}.Words()
		if err != nil {
			t.Fatal(err)
		}
		if mine, why := w.Find(test.name, pkg); mine != test.mine || why != test.why {
			t.Errorf("%s: %t %q", test.name, mine, why)
		}
	}
}

func TestWhatIsHeldIsTheResultThatHasTheRelease(t *testing.T) {
	pkg := check.Program(t, check.Unit{Path: "m/q", Src: vocabularyProgram})[0].Types
	w, err := syncapi.Vocabulary{Tokens: []syncapi.Pair{
		{Acquire: []string{"m/q.Pool.Lease"}, Release: []string{"m/q.Lease.Drop"}},
		{Acquire: []string{"m/q.Pool.Take"}, Release: []string{"m/q.Pool.Put"}, Read: true},
	}}.Words()
	if err != nil {
		t.Fatal(err)
	}
	lease, _ := method(t, pkg, "Pool", "Lease")
	if s, _ := w.LookupOn(nil, lease); s.Is != syncapi.Takes || !s.Token || s.Handle(lease) != 0 {
		t.Errorf("Lease: %+v", s)
	}
	take, _ := method(t, pkg, "Pool", "Take")
	if s, _ := w.LookupOn(nil, take); s.Is != syncapi.Takes || s.Mode != syncapi.Read || s.Handle(take) != -1 {
		t.Errorf("Take: %+v", s)
	}
	if got := strings.Join(w.Names(), " "); got != "m/q.Lease.Drop m/q.Pool.Lease m/q.Pool.Put m/q.Pool.Take" {
		t.Errorf("Names: %s", got)
	}
}
