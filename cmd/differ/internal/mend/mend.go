// Package mend rewrites one small program with the library, in process.
package mend

import (
	"fmt"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
	"github.com/lockfix/lockfix/rules"
)

// A Mender rewrites programs, one at a time. It keeps what it knows of the
// standard library.
type Mender struct {
	fset    *token.FileSet
	library types.Importer
	facts   map[string]map[string]*summary.Func // by package and name
	unsafe  bool
}

// New returns a mender; with unsafe it also applies fixes with assumptions.
func New(unsafe bool) *Mender {
	fset := token.NewFileSet()
	return &Mender{
		fset: fset, library: importer.ForCompiler(fset, "source", nil),
		facts: map[string]map[string]*summary.Func{}, unsafe: unsafe,
	}
}

// An Applied is one fix.
type Applied struct {
	Rule, Strategy string
	Safe           bool
	Assumed        string // obligations, with spaces between
}

// A Mended is a program before and after.
type Mended struct {
	Before, After *source.Package
	Applied       []Applied
	Left          []*rule.Finding
}

// File returns the rewritten text of a file.
func File(pkg *source.Package, base string) *source.File {
	for _, f := range pkg.Files {
		if filepath.Base(f.Name) == base {
			return f
		}
	}
	return nil
}

// Check type-checks a program: files by base name. [Mender.Forget] it when done.
func (m *Mender) Check(path string, files map[string]string) (*source.Package, error) {
	var inputs []source.Input
	for _, name := range slices.Sorted(maps.Keys(files)) {
		inputs = append(inputs, source.Input{Name: "/" + path + "/" + name, Content: []byte(files[name])})
	}
	pkg := source.Check(m.fset, source.Config{Path: path, GoVersion: "go1.26", Bodies: true, Importer: m.library}, inputs)
	for _, err := range pkg.Errors {
		return nil, fmt.Errorf("check the program: %w", err)
	}
	return pkg, nil
}

// A BrokenError says that it is lockfix that is to blame.
type BrokenError struct{ Reason string }

func (e *BrokenError) Error() string { return e.Reason }

// Program rewrites a program.
func (m *Mender) Program(path string, files map[string]string) (out *Mended, err error) {
	before, err := m.Check(path, files)
	if err != nil {
		return nil, err
	}
	defer func() {
		if v := recover(); v != nil {
			out, err = nil, &BrokenError{fmt.Sprintf("lockfix panics: %v\n%s", v, debug.Stack())}
		}
	}()
	contents, applied, left, err := rewrite.Apply(before, summary.FactsOf(m.fact), rewrite.ApplyOptions{Rules: rules.All(), Unsafe: m.unsafe})
	if err != nil {
		return nil, &BrokenError{"rewrite the program: " + err.Error()}
	}
	out = &Mended{Before: before, After: before.With(contents), Left: left}
	for _, err := range out.After.Errors {
		return nil, &BrokenError{"check the rewritten program: " + err.Error()}
	}
	for _, f := range applied {
		a := Applied{Rule: f.Rule, Strategy: f.Fix.Strategy, Safe: f.Fix.Safe}
		for _, o := range f.Fix.Obligations {
			if o.Status == fix.Assumed {
				a.Assumed = strings.TrimSpace(a.Assumed + " " + o.Name)
			}
		}
		out.Applied = append(out.Applied, a)
	}
	return out, nil
}

// Forget drops the files of a package from the memory of places.
func (m *Mender) Forget(pkgs ...*source.Package) {
	for _, p := range pkgs {
		for _, f := range p.Files {
			if tf := m.fset.File(f.Syntax.FileStart); tf != nil {
				m.fset.RemoveFile(tf)
			}
		}
	}
}

// fact says what a function of the library does, as the driver would know it.
func (m *Mender) fact(fn *types.Func) *summary.Func {
	if fn.Pkg() == nil {
		return nil
	}
	path := fn.Pkg().Path()
	known, ok := m.facts[path]
	if !ok {
		m.facts[path] = nil // a cycle ends here
		known = m.summarize(path)
		m.facts[path] = known
	}
	return known[fn.Origin().FullName()]
}

// summarize understands a package of the standard library.
func (m *Mender) summarize(path string) map[string]*summary.Func {
	bp, err := build.Import(path, "", 0)
	if err != nil || !bp.Goroot {
		return nil
	}
	var inputs []source.Input
	for _, name := range bp.GoFiles {
		name = filepath.Join(bp.Dir, name)
		content, err := os.ReadFile(name)
		if err != nil {
			return nil
		}
		inputs = append(inputs, source.Input{Name: name, Content: content})
	}
	src := source.Check(m.fset, source.Config{Path: path, Bodies: true, Importer: m.library}, inputs)
	known := map[string]*summary.Func{}
	for fn, f := range rewrite.Summarize(src, summary.FactsOf(m.fact), nil).Funcs {
		known[fn.Origin().FullName()] = f
	}
	return known
}
