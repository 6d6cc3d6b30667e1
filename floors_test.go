// Package lockfix_test holds the tests of the module as a whole.
package lockfix_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/lockfix/lockfix"

// floors are the packages, lowest first. A pattern ending in /* means everything
// below. A package imports lower floors only, and none beside it.
var floors = [][]string{
	{"internal/nearest", "internal/sample", "rewrite/internal/pattern"},
	{"rewrite/edit", "rewrite/flow", "rewrite/syncapi", "rewrite/source"},
	{"rewrite/uses", "rewrite/internal/check"},
	{"rewrite/lockset", "rewrite/duty"},
	{"rewrite/summary"},
	{"rewrite/hazard"},
	{"rewrite/fix"},
	{"rewrite/splice", "rewrite/rule"},
	{"rewrite/suppress"},
	{"rewrite"},
	{"rewrite/ruletest"},
	{"rules/*"},
	{"rules"},
	{"cmd/*", "internal/*"},
}

// reserved are the imports that only some packages may have, tests aside.
var reserved = []struct {
	prefix string
	denied bool // denied to the packages, not reserved for them
	who    []string
	why    string
}{
	{"github.com/dave/dst", false, []string{"rewrite/splice"}, "syntax is changed in one place"},
	{"github.com/spf13/cobra", false, []string{"cmd/*"}, "only the command has a command line"},
	{"go.yaml.in/yaml", false, []string{"cmd/*"}, "only the command reads files"},
	{"go/ast", true, []string{"rules/*", "rules"}, "a rule reads observations"},
}

func TestPackagesImportLowerFloorsOnly(t *testing.T) {
	imports := importsOfModule(t)
	for pkg, paths := range imports {
		own := floor(pkg)
		if own < 0 {
			t.Errorf("%s stands on no floor: add it to the list", pkg)
		}
		for _, p := range paths {
			rel, ok := strings.CutPrefix(p, module+"/")
			if !ok || own < 0 {
				continue
			}
			// What is internal to a command imports what is beside it.
			beside := own == len(floors)-1 && strings.HasPrefix(rel, topOf(pkg))
			if at := floor(rel); at >= own && !beside {
				t.Errorf("%s (floor %d) imports %s (floor %d)", pkg, own, rel, at)
			}
		}
	}
	if len(imports) < len(floors) {
		t.Errorf("only %d packages seen", len(imports))
	}
}

func TestReservedImportsStayWhereTheyBelong(t *testing.T) {
	for pkg, paths := range importsOfModule(t) {
		for _, p := range paths {
			for _, r := range reserved {
				if p != r.prefix && !strings.HasPrefix(p, r.prefix+"/") {
					continue
				}
				if slices.ContainsFunc(r.who, func(w string) bool { return within(pkg, w) }) == r.denied {
					t.Errorf("%s imports %s: %s", pkg, p, r.why)
				}
			}
		}
	}
}

// floor returns the number of a package's floor, -1 if it has none. A package
// that is named stands above what a pattern says.
func floor(pkg string) int {
	at := slices.IndexFunc(floors, func(names []string) bool { return slices.Contains(names, pkg) })
	if at < 0 {
		at = slices.IndexFunc(floors, func(names []string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return within(pkg, n) })
		})
	}
	return at
}

func within(pkg, pattern string) bool {
	dir, wild := strings.CutSuffix(pattern, "/*")
	return pkg == pattern || wild && strings.HasPrefix(pkg, dir+"/")
}

// topOf returns "cmd/lockfix" for "cmd/lockfix/internal/driver".
func topOf(pkg string) string {
	parts := strings.Split(pkg, "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// importsOfModule returns what each package of the module imports, tests aside,
// by its directory.
func importsOfModule(t *testing.T) map[string][]string {
	t.Helper()
	imports := make(map[string][]string)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if base := d.Name(); name != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(filepath.ToSlash(name))
		paths := imports[pkg]
		for _, spec := range f.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
		imports[pkg] = paths
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}
