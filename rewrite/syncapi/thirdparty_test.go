package syncapi_test

import (
	"go/types"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// What modules that cannot be loaded here declare, as far as the rows below ask.
var thirdParties = []check.Unit{
	{Path: "github.com/sasha-s/go-deadlock", Src: `package deadlock
import "sync"
type Mutex struct{ mu sync.Mutex }
func (*Mutex) Lock() {}
func (*Mutex) Unlock() {}
type RWMutex struct{ mu sync.RWMutex }
func (*RWMutex) RLock() {}
func (*RWMutex) RUnlock() {}
type Cond struct{ sync.Cond }
type WaitGroup struct{ sync.WaitGroup }
type Once struct{ sync.Once }
`},
	{Path: "golang.org/x/sync/errgroup", Src: `package errgroup
type Group struct{ n int }
func (*Group) Go(f func() error) {}
func (*Group) TryGo(f func() error) bool { return true }
func (*Group) Wait() error { return nil }
`},
	{Path: "golang.org/x/sync/semaphore", Src: `package semaphore
import "context"
type Weighted struct{ n int }
func (*Weighted) Acquire(ctx context.Context, n int64) error { return nil }
func (*Weighted) TryAcquire(n int64) bool { return true }
func (*Weighted) Release(n int64) {}
`},
	{Path: "golang.org/x/sync/singleflight", Src: `package singleflight
type Group struct{ n int }
func (*Group) Do(key string, fn func() (any, error)) (v any, err error, shared bool) { return }
func (*Group) DoChan(key string, fn func() (any, error)) <-chan int { return nil }
func (*Group) Forget(key string) {}
`},
	{Path: "k8s.io/client-go/util/workqueue", Src: `package workqueue
type TypedInterface[T comparable] interface {
	Add(item T)
	Get() (item T, shutdown bool)
	Done(item T)
	ShutDown()
	ShutDownWithDrain()
}
type Typed[T comparable] struct{ n int }
func (*Typed[T]) Add(item T) {}
func (*Typed[T]) Get() (item T, shutdown bool) { return }
func (*Typed[T]) ShutDownWithDrain() {}
`},
	{Path: "sync2/p", Src: `package p
// Tasks is shaped like a work queue.
type Tasks interface {
	Add(item string)
	AddAfter(item string, n int)
	Get() (string, bool)
	Done(item string)
	ShutDown()
	ShutDownWithDrain()
}
// Store has a Get too.
type Cellar interface {
	Get() (string, bool)
	Done(item string)
}
`},
}

func TestWhatThirdPartiesDo(t *testing.T) {
	pkgs := map[string]*types.Package{}
	for _, p := range check.Program(t, thirdParties...) {
		pkgs[p.Types.Name()] = p.Types
	}
	for _, test := range []struct {
		pkg, typ, method string
		kind             syncapi.Kind
		class            syncapi.Class
	}{
		{"deadlock", "Mutex", "Lock", syncapi.Acquire, syncapi.Locks},
		{"deadlock", "Mutex", "Unlock", syncapi.Release, syncapi.Plain},
		{"deadlock", "RWMutex", "RLock", syncapi.Acquire, syncapi.Locks},
		{"deadlock", "RWMutex", "RUnlock", syncapi.Release, syncapi.Plain},
		{"deadlock", "Cond", "Wait", syncapi.CondWait, syncapi.Waits},
		{"deadlock", "Cond", "Signal", syncapi.Wake, syncapi.Plain},
		{"deadlock", "WaitGroup", "Wait", syncapi.Wait, syncapi.Waits},
		{"deadlock", "Once", "Do", syncapi.Once, syncapi.Locks},
		{"errgroup", "Group", "Go", syncapi.None, syncapi.Plain},
		{"errgroup", "Group", "TryGo", syncapi.None, syncapi.Plain},
		{"errgroup", "Group", "Wait", syncapi.Wait, syncapi.Waits},
		{"semaphore", "Weighted", "Acquire", syncapi.Acquire, syncapi.Waits},
		{"semaphore", "Weighted", "TryAcquire", syncapi.Try, syncapi.Plain},
		{"semaphore", "Weighted", "Release", syncapi.Release, syncapi.Plain},
		{"singleflight", "Group", "Do", syncapi.Wait, syncapi.Waits},
		{"singleflight", "Group", "DoChan", syncapi.None, syncapi.Plain},
		{"singleflight", "Group", "Forget", syncapi.None, syncapi.Plain},
		{"workqueue", "TypedInterface", "Get", syncapi.Wait, syncapi.Waits},
		{"workqueue", "TypedInterface", "Add", syncapi.None, syncapi.Plain},
		{"workqueue", "TypedInterface", "Done", syncapi.None, syncapi.Plain},
		{"workqueue", "TypedInterface", "ShutDown", syncapi.None, syncapi.Plain},
		{"workqueue", "TypedInterface", "ShutDownWithDrain", syncapi.Wait, syncapi.Waits},
		{"workqueue", "Typed", "Get", syncapi.Wait, syncapi.Waits},
		{"workqueue", "Typed", "Add", syncapi.None, syncapi.Plain},
		{"p", "Tasks", "Get", syncapi.Wait, syncapi.Waits},
		{"p", "Tasks", "ShutDownWithDrain", syncapi.Wait, syncapi.Waits},
		{"p", "Tasks", "Add", syncapi.None, syncapi.Plain},
		{"p", "Tasks", "AddAfter", syncapi.None, syncapi.Plain},
		{"p", "Tasks", "Done", syncapi.None, syncapi.Plain},
	} {
		fn, recv := method(t, pkgs[test.pkg], test.typ, test.method)
		e, ok := syncapi.LookupOn(recv, fn)
		if !ok {
			e, ok = syncapi.Conventional(fn)
		}
		if !ok || e.Kind != test.kind || e.Class != test.class {
			t.Errorf("%s.%s.%s: %+v, %t", test.pkg, test.typ, test.method, e, ok)
		}
	}
	fn, _ := method(t, pkgs["p"], "Cellar", "Get")
	if e, ok := syncapi.Conventional(fn); ok {
		t.Errorf("what is not shut down is no work queue: %+v", e)
	}
}
