package syncapi

import (
	"go/types"
	"slices"
	"testing"
)

const customs = `package p

import "context"

type Item struct{ N int }

type Peer interface {
	RemoteAddr() string
	GetTag(id string, n int) int
	IsClosed() bool
	Less(other Peer) bool
	ID() Item
	PeerID() string
	Get(key string) Item

	Get0() error
	GetErr(id string) (Item, error)
	GetCtx(ctx context.Context) Item
	GetFunc(f func()) int
	GetVia(p Peer) int
	GetPointer(p *Item) int
	Close() error
	Next() Item
	Set(n int) bool
	NextID() int
	Name2()
	Connected(p Peer)
	RemoveTag(id string) bool
	ViewPart(id int, f func(Peer) error) error
	SetStreamHandler(id string, f func(Peer))
	RemoveStreamHandler(id string)
	SetEach(f func(Peer))
	Release() error
	UnsafeRemove(id string)
	removeLocked(id string)
}

type Listener interface {
	OnClose(n int) error
	Progress(n int)
}

type AlarmBackend interface {
	Delete(n int) error
	Watch() error
	Close() error
}

type Queue interface{ Get() Item }

type AuditLog interface {
	Infof(format string, args ...any)
	Enabled(level int) bool
	Sync() error
}

type Catalog interface{ Info(args ...any) }

type MetricsTracer interface {
	PeerAdded(p Peer)
	Each(f func(string))
	Observe(f func())
	Flush()
	Store(n int) error
}

type Span interface{ End() }

type ResourceSpan interface{ End() }

type concrete struct{}

func (concrete) ID() int { return 0 }
`

func TestConventional(t *testing.T) {
	_, info := check(t, fromExport, customs)
	var scope *types.Scope
	for id, obj := range info.Uses {
		if id.Name == "Item" {
			scope = obj.Pkg().Scope()
		}
	}
	for _, r := range []struct {
		claim, typ, method string
		ok                 bool
	}{
		{"an address is reported", "Peer", "RemoteAddr", true},
		{"a getter of values", "Peer", "GetTag", true},
		{"a predicate", "Peer", "IsClosed", true},
		{"a comparison with its like", "Peer", "Less", true},
		{"a noun", "Peer", "ID", true},
		{"a name that ends in a noun", "Peer", "PeerID", true},
		{"get by key", "Peer", "Get", true},
		{"what only fails minds its own state", "Peer", "Get0", true},
		{"so does what can fail", "Peer", "GetErr", true},
		{"an event", "Listener", "OnClose", false},
		{"an event in the past tense", "Peer", "Connected", false},
		{"what a listener is told", "Listener", "Progress", false},
		{"a verb of effect", "Peer", "RemoveTag", false},
		{"a method for holders of a lock", "Peer", "UnsafeRemove", true},
		{"another", "Peer", "removeLocked", true},
		{"a view shows its func something", "Peer", "ViewPart", true},
		{"a handler is kept for later", "Peer", "SetStreamHandler", true},
		{"and forgotten", "Peer", "RemoveStreamHandler", true},
		{"another func may be run at once", "Peer", "SetEach", false},
		{"what is held is given back", "Peer", "Release", true},
		{"a func is a callback", "Peer", "GetFunc", false},
		{"an interface is given to be read", "Peer", "GetVia", true},
		{"so is a pointer", "Peer", "GetPointer", true},
		{"close is the hazard itself", "Peer", "Close", false},
		{"next steps", "Peer", "Next", true},
		{"set sets", "Peer", "Set", true},
		{"a verb of no effect", "Peer", "NextID", true},
		{"what gives nothing back may do anything", "Peer", "Name2", false},
		{"a bare get is a queue's", "Queue", "Get", false},
		{"a log call", "AuditLog", "Infof", true},
		{"a log level", "AuditLog", "Enabled", true},
		{"a log's file", "AuditLog", "Sync", true},
		{"a catalog is no log", "Catalog", "Info", false},
		{"a metric", "MetricsTracer", "PeerAdded", true},
		{"a walk over metrics calls back", "MetricsTracer", "Each", false},
		{"a metric with a func calls back", "MetricsTracer", "Observe", false},
		{"flushing metrics writes", "MetricsTracer", "Flush", false},
		{"storing a metric", "MetricsTracer", "Store", true},
		{"a span", "Span", "End", true},
		{"a span of something else", "ResourceSpan", "End", false},
		{"methods with a body speak for themselves", "concrete", "ID", false},
	} {
		obj, _, _ := types.LookupFieldOrMethod(scope.Lookup(r.typ).Type(), true, scope.Lookup(r.typ).Pkg(), r.method)
		e, ok := Conventional(obj.(*types.Func))
		if ok != r.ok || ok && e.Class != Plain {
			t.Errorf("%s: %s.%s: class %d, %v", r.claim, r.typ, r.method, e.Class, ok)
		}
	}
}

func TestStoresAndContextsWaitOutside(t *testing.T) {
	_, info := check(t, fromExport, customs)
	var scope *types.Scope
	for id, obj := range info.Uses {
		if id.Name == "Item" {
			scope = obj.Pkg().Scope()
		}
	}
	for _, r := range []struct {
		claim, typ, method string
		ok, bounded        bool
	}{
		{"what can be cancelled ends with its context", "Peer", "GetCtx", true, true},
		{"a store waits for its disk", "AlarmBackend", "Delete", true, false},
		{"a store that is watched calls back", "AlarmBackend", "Watch", false, false},
		{"a store that is closed waits for its users", "AlarmBackend", "Close", false, false},
	} {
		obj, _, _ := types.LookupFieldOrMethod(scope.Lookup(r.typ).Type(), true, scope.Lookup(r.typ).Pkg(), r.method)
		e, ok := Conventional(obj.(*types.Func))
		if ok != r.ok || ok && (e.Class != Outside || e.Bounded != r.bounded) {
			t.Errorf("%s: %s.%s: class %d, %v, bounded %v", r.claim, r.typ, r.method, e.Class, ok, e.Bounded)
		}
	}
}

func TestInterfacesOfExportDataHaveConventions(t *testing.T) {
	pkg, err := fromExport.Import("go/types")
	if err != nil {
		t.Fatal(err)
	}
	obj, _, _ := types.LookupFieldOrMethod(pkg.Scope().Lookup("Sizes").Type(), true, nil, "Sizeof")
	if got := interfaceOf(obj.(*types.Func)); got == nil || got.String() != "go/types.Sizes" {
		t.Errorf("Sizeof is declared by %v", got)
	}
}

func TestRemoteCallsGoBeforeGetters(t *testing.T) {
	grpcPkg := types.NewPackage(grpc, "grpc")
	option := types.NewNamed(types.NewTypeName(0, grpcPkg, "CallOption", nil), types.NewInterfaceType(nil, nil), nil)
	p := types.NewPackage("p", "p")
	params := types.NewTuple(types.NewParam(0, p, "opts", types.NewSlice(option)))
	result := types.NewTuple(types.NewParam(0, p, "", types.Typ[types.Int]))
	fn := types.NewFunc(0, p, "GetStatus", types.NewSignatureType(nil, nil, nil, params, result, true))
	types.NewInterfaceType([]*types.Func{fn}, nil).Complete()
	if e, ok := Conventional(fn); !ok || e.Class != Outside {
		t.Errorf("class %d, %v", e.Class, ok)
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string][]string{
		"RemoteAddr": {"Remote", "Addr"},
		"GetURLPath": {"Get", "URL", "Path"},
		"PeerID":     {"Peer", "ID"},
		"len":        {"len"},
		"X":          {"X"},
		"":           {""},
	} {
		if got := words(name); !slices.Equal(got, want) {
			t.Errorf("words(%q) = %q", name, got)
		}
	}
}
