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
		{"what only fails is no getter", "Peer", "Get0", false},
		{"what can fail asks someone", "Peer", "GetErr", false},
		{"what can be cancelled waits", "Peer", "GetCtx", false},
		{"a func is a callback", "Peer", "GetFunc", false},
		{"an interface can be called", "Peer", "GetVia", false},
		{"so can a pointer", "Peer", "GetPointer", false},
		{"close is the hazard itself", "Peer", "Close", false},
		{"next waits", "Peer", "Next", false},
		{"setters run observers", "Peer", "Set", false},
		{"a verb before the noun does something", "Peer", "NextID", false},
		{"no result, no getter", "Peer", "Name2", false},
		{"a bare get is a queue's", "Queue", "Get", false},
		{"a log call", "AuditLog", "Infof", true},
		{"a log level", "AuditLog", "Enabled", true},
		{"a log's flush", "AuditLog", "Sync", false},
		{"a catalog is no log", "Catalog", "Info", false},
		{"a metric", "MetricsTracer", "PeerAdded", true},
		{"a walk over metrics calls back", "MetricsTracer", "Each", false},
		{"a metric with a func calls back", "MetricsTracer", "Observe", false},
		{"flushing metrics writes", "MetricsTracer", "Flush", false},
		{"storing metrics can fail", "MetricsTracer", "Store", false},
		{"a span", "Span", "End", true},
		{"a span of something else", "ResourceSpan", "End", false},
		{"methods with a body speak for themselves", "concrete", "ID", false},
	} {
		obj, _, _ := types.LookupFieldOrMethod(scope.Lookup(r.typ).Type(), true, nil, r.method)
		entry, ok := Conventional(obj.(*types.Func))
		if ok != r.ok || ok && entry.Class != Plain {
			t.Errorf("%s: %s.%s: class %d, %v", r.claim, r.typ, r.method, entry.Class, ok)
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
	if entry, ok := Conventional(fn); !ok || entry.Class != Outside {
		t.Errorf("class %d, %v", entry.Class, ok)
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
