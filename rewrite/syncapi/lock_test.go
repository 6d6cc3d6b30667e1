package syncapi

import (
	"go/ast"
	"go/types"
	"testing"
)

const locks = `package p

import ("sync"; "io"; "bytes"; "strings"; "hash"; "fmt"; "context")

type spin struct{ n int }

func (s *spin) Lock()         {}
func (s *spin) Unlock()       {}
func (s *spin) TryLock() bool { return false }
func (s *spin) RLock()        {} // without RUnlock

type gate interface{ Lock(); Unlock(); RLock(); RUnlock() }

type lease struct{}

func (lease) Lock() error { return nil }
func (lease) Unlock()     {}

type key struct{}

func (key) Lock(string)   {}
func (key) Unlock(string) {}

type half struct{}

func (half) Lock() {}

type field struct{ Lock, Unlock func() }

type embeds struct{ sync.RWMutex }

type number int

type generic[T any] struct{ v T }

func (*generic[T]) Lock()   {}
func (*generic[T]) Unlock() {}

func inMemory(b *bytes.Buffer, w io.Writer, h hash.Hash, s strings.Builder) {}

func cancels(c context.CancelFunc, cc context.CancelCauseFunc, f func()) {}

var _ = fmt.Sprint
`

func lockScope(t *testing.T) *types.Scope {
	t.Helper()
	_, info := check(t, fromExport, locks)
	for id, obj := range info.Uses {
		if id.Name == "spin" {
			return obj.Pkg().Scope()
		}
	}
	t.Fatal("no scope")
	return nil
}

func TestIsLock(t *testing.T) {
	scope := lockScope(t)
	for name, want := range map[string]bool{
		"spin": true, "gate": true, "embeds": true, "generic": true,
		"lease": false, "key": false, "half": false, "field": false, "number": false,
	} {
		typ := scope.Lookup(name).Type()
		if IsLock(typ) != want {
			t.Errorf("IsLock(%s) = %v", name, !want)
		}
		if !types.IsInterface(typ) && IsLock(types.NewPointer(typ)) != want {
			t.Errorf("IsLock(*%s) = %v", name, !want)
		}
	}
}

func TestLockMethod(t *testing.T) {
	scope := lockScope(t)
	for _, r := range []struct {
		claim, typ, method string
		kind               Kind
		mode               Mode
		ok                 bool
	}{
		{"locks", "spin", "Lock", Acquire, Write, true},
		{"unlocks", "spin", "Unlock", Release, Write, true},
		{"tries", "spin", "TryLock", Try, Write, true},
		{"a read lock that nothing releases is none", "spin", "RLock", None, Write, false},
		{"read-locks through an interface", "gate", "RLock", Acquire, Read, true},
		{"read-unlocks through an interface", "gate", "RUnlock", Release, Read, true},
		{"a lock that can fail is another thing", "lease", "Lock", None, Write, false},
		{"so is its unlock", "lease", "Unlock", None, Write, false},
		{"a keyed lock is another thing", "key", "Lock", None, Write, false},
		{"half a lock is none", "half", "Lock", None, Write, false},
		{"of a generic type", "generic", "Unlock", Release, Write, true},
		{"promoted from std", "embeds", "RLock", Acquire, Read, true},
	} {
		obj, _, _ := types.LookupFieldOrMethod(scope.Lookup(r.typ).Type(), true, nil, r.method)
		kind, mode, ok := LockMethod(obj.(*types.Func))
		if kind != r.kind || mode != r.mode || ok != r.ok {
			t.Errorf("%s: %s.%s: %v %v %v", r.claim, r.typ, r.method, kind, mode, ok)
		}
	}
}

func TestInMemory(t *testing.T) {
	params := lockScope(t).Lookup("inMemory").(*types.Func).Signature().Params()
	for i, want := range []bool{true, false, true, true} {
		if got := InMemory(params.At(i).Type()); got != want {
			t.Errorf("InMemory(%s) = %v", params.At(i).Type(), got)
		}
	}
}

func TestCancelFuncsAreKnownByType(t *testing.T) {
	params := lockScope(t).Lookup("cancels").(*types.Func).Signature().Params()
	for i, want := range []bool{true, true, false} {
		if got := IsCancel(params.At(i).Type()); got != want {
			t.Errorf("IsCancel(%s) = %v", params.At(i).Type(), got)
		}
	}
	if Cancel.Kind != Wake {
		t.Errorf("a cancel is %v, want a wake", Cancel)
	}
}

func TestBuiltins(t *testing.T) {
	for name, want := range map[string]Entry{"close": wake, "panic": exits, "append": plain, "len": pure} {
		if got := Builtin(types.Universe.Lookup(name).(*types.Builtin)); got.Kind != want.Kind || got.Class != want.Class || got.NoReturn != want.NoReturn {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestCallsOnMemoryOnly(t *testing.T) {
	const src = `package p

import ("bytes"; "fmt"; "io"; "os")

func yes0(b *bytes.Buffer) { fmt.Fprintf(b, "") }
func yes1(b *bytes.Buffer) { io.Copy(b, bytes.NewReader(nil)) }
func no0(w io.Writer)      { fmt.Fprintf(w, "") }
func no1(b *bytes.Buffer)  { io.Copy(b, os.Stdin) }
func no2()                 { fmt.Sprint() }
`
	f, info := check(t, fromExport, src)
	for _, d := range f.Decls {
		if fd, ok := d.(*ast.FuncDecl); ok {
			call := fd.Body.List[0].(*ast.ExprStmt).X.(*ast.CallExpr)
			if got := OnMemory(info, call); got != (fd.Name.Name[0] == 'y') {
				t.Errorf("%s: %v", fd.Name.Name, got)
			}
		}
	}
}
