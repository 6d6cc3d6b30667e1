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
		want               Class // Foreign where custom has nothing to say
	}{
		{"an address is reported", "Peer", "RemoteAddr", Plain},
		{"a getter of values", "Peer", "GetTag", Plain},
		{"a predicate", "Peer", "IsClosed", Plain},
		{"a comparison with its like", "Peer", "Less", Plain},
		{"a noun", "Peer", "ID", Plain},
		{"a name that ends in a noun", "Peer", "PeerID", Plain},
		{"get by key", "Peer", "Get", Plain},
		{"what answers minds its own state", "Peer", "Get0", Plain},
		{"so does what can fail", "Peer", "GetErr", Plain},
		{"what can be cancelled asks outside", "Peer", "GetCtx", Outside},
		{"a func is a callback", "Peer", "GetFunc", Foreign},
		{"an interface that goes in is not called by custom", "Peer", "GetVia", Plain},
		{"nor is a pointer", "Peer", "GetPointer", Plain},
		{"close is the hazard itself", "Peer", "Close", Foreign},
		{"an iterator moves on", "Peer", "Next", Plain},
		{"a setter sets", "Peer", "Set", Plain},
		{"a verb that is none of effect", "Peer", "NextID", Plain},
		{"what gives nothing back does something", "Peer", "Name2", Foreign},
		{"a bare get answers", "Queue", "Get", Plain},
		{"a log call", "AuditLog", "Infof", Plain},
		{"a log level", "AuditLog", "Enabled", Plain},
		{"a log's flush", "AuditLog", "Sync", Plain},
		{"a catalog is no log", "Catalog", "Info", Foreign},
		{"a metric", "MetricsTracer", "PeerAdded", Plain},
		{"a walk over metrics calls back", "MetricsTracer", "Each", Foreign},
		{"a metric with a func calls back", "MetricsTracer", "Observe", Foreign},
		{"flushing metrics writes", "MetricsTracer", "Flush", Foreign},
		{"storing metrics answers", "MetricsTracer", "Store", Plain},
		{"a span", "Span", "End", Plain},
		{"a span of something else", "ResourceSpan", "End", Foreign},
		{"methods with a body speak for themselves", "concrete", "ID", Foreign},
	} {
		obj, _, _ := types.LookupFieldOrMethod(scope.Lookup(r.typ).Type(), true, nil, r.method)
		entry, ok := Conventional(obj.(*types.Func))
		if ok != (r.want != Foreign) || ok && entry.Class != r.want {
			t.Errorf("%s: %s.%s: class %d, %v; want %d", r.claim, r.typ, r.method, entry.Class, ok, r.want)
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
