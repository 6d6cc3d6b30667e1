package syncapi

import (
	"go/importer"
	"go/token"
	"go/types"
	"testing"
)

func TestDescribes(t *testing.T) {
	for path, want := range map[string]bool{
		"fmt": true, "net/http": true, "crypto/sha256": true, "runtime": true,
		"internal/poll": true, "net/http/internal": true, "net/http/internal/ascii": true, "net/rpc/internals": false, "crypto/internal/fips140/nistec": true, "vendor/golang.org/x/net/dns/dnsmessage": true,
		"go.uber.org/zap": true, "go.uber.org/zap/internal/pool": true, "k8s.io/klog/v2": true,
		"sync": false, "net/rpc": false, "example.com/internal/x": false, "app/internal/x": false, "internalx": false,
		"google.golang.org/grpc/internal/transport": false, "": false,
	} {
		if got := Describes(path); got != want {
			t.Errorf("Describes(%q) = %v", path, got)
		}
	}
}

// TestWhatIsDescribedHasEntries: each function and method of a described package has
// an entry, those of interfaces aside.
func TestWhatIsDescribedHasEntries(t *testing.T) {
	imp := importer.ForCompiler(token.NewFileSet(), "source", nil)
	asked := 0
	for _, path := range []string{"bytes", "database/sql", "expvar", "flag", "io/ioutil", "iter", "log/slog", "net/http", "os/exec", "runtime/debug", "time"} {
		pkg, err := imp.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		if !Describes(path) {
			t.Errorf("%s is not described", path)
		}
		ask := func(fn *types.Func) {
			asked++
			if _, ok := Lookup(fn); !ok {
				t.Errorf("nothing is said of %s", fn.FullName())
			}
		}
		for _, name := range pkg.Scope().Names() {
			switch obj := pkg.Scope().Lookup(name).(type) {
			case *types.Func:
				ask(obj)
			case *types.TypeName:
				if n, ok := obj.Type().(*types.Named); ok && !types.IsInterface(n) {
					for m := range n.Methods() {
						ask(m)
					}
				}
			}
		}
	}
	if asked < 1000 {
		t.Errorf("only %d functions", asked)
	}
}
