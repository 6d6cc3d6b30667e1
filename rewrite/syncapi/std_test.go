package syncapi

import (
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// fromSource type-checks std from its source, as linux has it: some rows name
// functions of one system, and tests run on all.
var fromSource types.Importer

// fromExport reads what the compiler exported, as most drivers do.
var fromExport = importer.ForCompiler(token.NewFileSet(), "gc", nil)

func TestMain(m *testing.M) {
	build.Default.GOOS, build.Default.GOARCH, build.Default.CgoEnabled = "linux", "amd64", false
	fromSource = importer.ForCompiler(token.NewFileSet(), "source", nil)
	os.Exit(m.Run())
}

var stdTables = []table{stdSync, std, stdIO}

func load(t *testing.T, path string) *types.Package {
	t.Helper()
	if path == "" {
		return nil
	}
	if path == "unsafe" {
		return types.Unsafe
	}
	pkg, err := fromSource.Import(path)
	if err != nil {
		t.Fatalf("load %s: %v", path, err)
	}
	return pkg
}

// A row that names nothing is a spelling mistake, and silence about it would
// be a false negative for ever.
func TestEveryStdNameExists(t *testing.T) {
	for _, tab := range stdTables {
		for _, path := range slices.Sorted(maps.Keys(tab)) {
			root, tree := strings.CutSuffix(path, "/...")
			if tree && !loads(root) {
				continue // a directory without a package of its own
			}
			pkg := load(t, root)
			for _, r := range tab[path] {
				for name := range strings.FieldsSeq(r.names) {
					checkName(t, pkg, path, name)
				}
			}
		}
	}
}

func loads(path string) bool {
	_, err := fromSource.Import(path)
	return err == nil
}

// checkName: the name is declared, and a lookup of it ends at its own row.
func checkName(t *testing.T, pkg *types.Package, path, name string) {
	t.Helper()
	if name == "*" || name == "*.*" {
		return
	}
	scope := types.Universe
	if pkg != nil {
		scope = pkg.Scope()
	}
	typ, method, isMethod := strings.Cut(name, ".")
	obj := scope.Lookup(typ)
	if obj == nil {
		t.Errorf("%s.%s: no such name", path, typ)
		return
	}
	if !isMethod {
		if _, ok := obj.(*types.Func); !ok {
			t.Errorf("%s.%s is not a function", path, name)
		}
		return
	}
	if method == "*" {
		if types.NewMethodSet(types.NewPointer(obj.Type())).Len() == 0 && types.NewMethodSet(obj.Type()).Len() == 0 {
			t.Errorf("%s.%s has no methods", path, typ)
		}
		return
	}
	m, _, _ := types.LookupFieldOrMethod(obj.Type(), true, pkg, method)
	fn, ok := m.(*types.Func)
	if !ok {
		t.Errorf("%s.%s: no such method", path, name)
		return
	}
	if n := named(fn.Signature().Recv().Type()); n != nil && n.Obj() != obj {
		t.Errorf("%s.%s is declared by %s: the row belongs there", path, name, n.Obj().Name())
	}
}
