// Package check type-checks the small programs of tests.
package check

import (
	"fmt"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/internal/sample"
	"github.com/lockfix/lockfix/rewrite/source"
)

// Package checks one file as package p. A source without a package clause is
// given one, and imports of what it names.
func Package(t testing.TB, src string) *source.Package {
	t.Helper()
	return Program(t, Unit{Path: "p", Src: src})[0]
}

// A Unit is a package of a program: an import path and one file.
type Unit struct{ Path, Src string }

// Program checks packages, each of which may import those before it.
func Program(t testing.TB, units ...Unit) []*source.Package {
	t.Helper()
	local := known{}
	var out []*source.Package
	for _, u := range units {
		name := "/" + u.Path + "/" + filepath.Base(u.Path) + ".go"
		p := source.Check(fset, source.Config{Path: u.Path, GoVersion: "go1.26", Bodies: true, Importer: local},
			[]source.Input{{Name: name, Content: []byte(complete(filepath.Base(u.Path), u.Src))}})
		for _, err := range p.Errors {
			t.Fatalf("source: %v", err)
		}
		local[u.Path] = p.Types
		out = append(out, p)
	}
	return out
}

// Sample checks a package of n generated files, the same ones whenever it is
// asked: what benchmarks run on.
func Sample(t testing.TB, n int) *source.Package {
	t.Helper()
	return Files(t, sample.Files("p", n)...)
}

// Files checks package p, of files /p/0.go and so on.
func Files[T string | []byte](t testing.TB, contents ...T) *source.Package {
	t.Helper()
	var inputs []source.Input
	for i, content := range contents {
		inputs = append(inputs, source.Input{Name: fmt.Sprintf("/p/%d.go", i), Content: []byte(content)})
	}
	p := source.Check(fset, source.Config{Path: "p", GoVersion: "go1.26", Bodies: true, Importer: known{}}, inputs)
	for _, err := range p.Errors {
		t.Fatalf("source: %v", err)
	}
	return p
}

// Examples checks the packages of archives, by a pattern of their names: the Go files
// at the top of each, as they are before any edit. Packages with errors are left out,
// and those that import packages of their archive.
func Examples(t testing.TB, pattern string) []*source.Package {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives at %s: %v", pattern, err)
	}
	var out []*source.Package
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var inputs []source.Input
		for _, f := range ar.Files {
			if filepath.Ext(f.Name) == ".go" && filepath.Base(f.Name) == f.Name {
				inputs = append(inputs, source.Input{Name: "/" + filepath.Base(name) + "/" + f.Name, Content: f.Data})
			}
		}
		if len(inputs) == 0 {
			continue
		}
		p := source.Check(fset, source.Config{Path: "p", GoVersion: "go1.26", Bodies: true, Importer: known{}}, inputs)
		if len(p.Errors) == 0 {
			out = append(out, p)
		}
	}
	return out
}

// Std checks a package of the standard library with its function bodies.
func Std(t testing.TB, path string) *source.Package {
	t.Helper()
	bp, err := build.Import(path, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []source.Input
	for _, name := range bp.GoFiles {
		name = filepath.Join(bp.Dir, name)
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, source.Input{Name: name, Content: content})
	}
	return source.Check(fset, source.Config{Path: path, Bodies: true, Importer: known{}}, inputs)
}

var (
	fset    = token.NewFileSet()
	library = importer.ForCompiler(fset, "source", nil).(types.ImporterFrom)
	mu      sync.Mutex // guards library, which caches what it checked
	goroot  = build.Default.GOROOT
)

// known resolves the packages of one program, then stubs, then the library.
type known map[string]*types.Package

func (k known) Import(path string) (*types.Package, error) {
	if p := k[path]; p != nil {
		return p, nil
	}
	if src, ok := stubs[path]; ok {
		p := source.Check(fset, source.Config{Path: path, Importer: k}, []source.Input{{Name: "/stub/" + path + ".go", Content: []byte(src)}})
		k[path] = p.Types
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("checking stub of %s: %w", path, p.Errors[0])
		}
		return p.Types, nil
	}
	mu.Lock()
	defer mu.Unlock()
	return library.ImportFrom(path, filepath.Join(goroot, "src"), 0)
}

// complete adds a package clause and imports.
func complete(name, src string) string {
	if strings.HasPrefix(strings.TrimSpace(src), "package ") {
		return src
	}
	var imports []string
	for _, m := range qualifier.FindAllStringSubmatch(src, -1) {
		if path, ok := paths[m[1]]; ok && !slices.Contains(imports, path) {
			imports = append(imports, path)
		}
	}
	head := "package " + name
	for _, path := range imports {
		head += fmt.Sprintf("; import %q", path)
	}
	return head + "\n" + src // the first line of a test's source is line 2
}

var qualifier = regexp.MustCompile(`\b([a-z]+)\.[A-Z]`)

var paths = map[string]string{
	"atomic": "sync/atomic", "bytes": "bytes", "context": "context", "errgroup": "golang.org/x/sync/errgroup", "errors": "errors",
	"exec": "os/exec", "fmt": "fmt", "http": "net/http", "io": "io", "log": "log", "net": "net", "os": "os",
	"semaphore": "golang.org/x/sync/semaphore", "slices": "slices", "sort": "sort", "strings": "strings", "sync": "sync", "time": "time",
}

// stubs declare as much of packages outside the library as tests use.
var stubs = map[string]string{
	"golang.org/x/sync/semaphore": `package semaphore
import "context"
type Weighted struct{ n int64 }
func NewWeighted(n int64) *Weighted
func (*Weighted) Acquire(ctx context.Context, n int64) error
func (*Weighted) TryAcquire(n int64) bool
func (*Weighted) Release(n int64)
`,
	"golang.org/x/sync/errgroup": `package errgroup
type Group struct{ n int }
func (*Group) Go(f func() error)
func (*Group) Wait() error
`,
}
