package syncapi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
)

// Each row names a function that exists and hands out what the row says: a
// function, or something that has the methods which end it.
func TestGuardsExist(t *testing.T) {
	for name, g := range guards {
		if strings.HasPrefix(name, "golang.org/") {
			continue // TestContextsOfOldCodeAreGuarded
		}
		i := strings.LastIndexByte(name, '/') + 1
		dot := i + strings.IndexByte(name[i:], '.')
		pkg, err := fromExport.Import(name[:dot])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		fn := function(pkg, name[dot+1:])
		if fn == nil {
			t.Errorf("%s does not exist", name)
			continue
		}
		if got, ok := Guarded(fn); !ok || got.Kept != g.Kept {
			t.Errorf("%s is not found by its object", name)
		}
		typ := fn.Signature().Results().At(g.Result).Type()
		if _, isFunc := typ.Underlying().(*types.Signature); isFunc != (len(g.Ends) == 0) {
			t.Errorf("%s: result %d is a %s", name, g.Result, typ)
		}
		for _, end := range g.Ends {
			if obj, _, _ := types.LookupFieldOrMethod(typ, true, pkg, end); obj == nil {
				t.Errorf("%s: %s has no %s", name, typ, end)
			}
		}
		if g.With >= 0 && !isNamed(fn.Signature().Results().At(g.With).Type(), "context", "Context") {
			t.Errorf("%s: result %d is no context", name, g.With)
		}
	}
}

// The context of before Go 1.7 is found wherever a copy of it lies.
func TestContextsOfOldCodeAreGuarded(t *testing.T) {
	const src = `package context
type Context any
type CancelFunc func()
func WithCancel(parent Context) (ctx Context, cancel CancelFunc) { return parent, nil }
func WithValue(parent Context, key, value any) Context { return parent }`
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "context.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"golang.org/x/net/context", "example.org/x/Godeps/_workspace/src/golang.org/x/net/context"} {
		pkg, err := new(types.Config).Check(path, fset, []*ast.File{f}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if g, ok := Guarded(function(pkg, "WithCancel")); !ok || g.Result != 1 {
			t.Errorf("WithCancel of %s is not found", path)
		}
		if _, ok := Guarded(function(pkg, "WithValue")); ok {
			t.Errorf("WithValue of %s hands out nothing to end", path)
		}
	}
}

// function finds F or T.M in a package.
func function(pkg *types.Package, name string) *types.Func {
	typ, method, ok := strings.Cut(name, ".")
	obj := pkg.Scope().Lookup(typ)
	if obj == nil || !ok {
		fn, _ := obj.(*types.Func)
		return fn
	}
	m, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, method)
	fn, _ := m.(*types.Func)
	return fn
}

func TestResponsesAreGuardedByType(t *testing.T) {
	pkg, err := fromExport.Import("net/http")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"Get": true, "Client.Do": true, "RoundTripper.RoundTrip": true, "ReadResponse": false, "NewRequest": false} {
		fn := function(pkg, name)
		if fn == nil {
			t.Fatalf("%s does not exist", name)
		}
		if g, ok := Guarded(fn); ok != want || ok && g.Field != "Body" {
			t.Errorf("%s: guarded %t, field %q", name, ok, g.Field)
		}
	}
}

func TestTimersAreKnownByWhatTheyCanDo(t *testing.T) {
	pkg, err := fromExport.Import("time")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"Timer": true, "Ticker": false, "Time": false} {
		if got := IsTimer(types.NewPointer(pkg.Scope().Lookup(name).Type())); got != want {
			t.Errorf("time.%s: %t", name, got)
		}
	}
}
