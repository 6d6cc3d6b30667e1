package syncapi

import (
	"go/types"
	"strings"
	"testing"
)

// Each row names a function that exists and hands out what the row says: a
// function, or something that has the methods which end it.
func TestGuardsExist(t *testing.T) {
	for name, g := range guards {
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
