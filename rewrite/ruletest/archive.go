package ruletest

import (
	"bytes"
	"fmt"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/rewrite"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A row is one archive.
type row struct {
	name    string // file name without extension
	claim   string
	version string // "go1.20"; "" the newest
	wants   []string
	file    string
	ar      *txtar.Archive
}

// readRow reads an archive and what its comment says.
func readRow(file string) (*row, error) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading archive: %w", err)
	}
	r := &row{version: "go1.26", name: strings.TrimSuffix(filepath.Base(file), ".txtar"), file: file, ar: ar}
	for line := range strings.Lines(string(ar.Comment)) {
		line = strings.TrimSpace(line)
		if r.claim == "" {
			r.claim = line
		} else if v, ok := strings.CutPrefix(line, "go 1."); ok {
			r.version = "go1." + v
		} else if w, ok := strings.CutPrefix(line, "want "); ok {
			r.wants = append(r.wants, w)
		}
	}
	if r.claim == "" {
		return nil, fmt.Errorf("reading archive %s: the comment says no claim", file)
	}
	return r, nil
}

// content returns a file of the archive.
func (r *row) content(name string) ([]byte, bool) {
	i := slices.IndexFunc(r.ar.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		return nil, false
	}
	return r.ar.Files[i].Data, true
}

// inputs returns the names of the Go files of one directory that are analysed.
func (r *row) inputs(dir string) []string {
	var names []string
	for _, f := range r.ar.Files {
		if path.Dir(f.Name) == dir && strings.HasSuffix(f.Name, ".go") && !strings.HasSuffix(f.Name, "_test.go") {
			names = append(names, f.Name)
		}
	}
	return names
}

// golden returns what a file is after -w, or after -w --unsafe-fixes.
func (r *row) golden(name string, unsafe bool) []byte {
	if unsafe {
		if c, ok := r.content(name + ".unsafe"); ok {
			return c
		}
	}
	if c, ok := r.content(name + ".fixed"); ok {
		return c
	}
	c, _ := r.content(name)
	return c
}

// setGolden replaces a golden; one that says nothing new is left out.
func (r *row) setGolden(name string, unsafe bool, text []byte) {
	golden, same := name+".fixed", r.golden(name, false)
	if unsafe {
		golden = name + ".unsafe"
	} else {
		same, _ = r.content(name)
	}
	r.ar.Files = slices.DeleteFunc(r.ar.Files, func(f txtar.File) bool { return f.Name == golden })
	if bytes.Equal(text, same) {
		return
	}
	after := name
	if _, ok := r.content(name + ".fixed"); ok {
		after = name + ".fixed"
	}
	i := slices.IndexFunc(r.ar.Files, func(f txtar.File) bool { return f.Name == after })
	r.ar.Files = slices.Insert(r.ar.Files, i+1, txtar.File{Name: golden, Data: text})
}

// A world checks the packages of archives. Everything they import is loaded once.
type world struct {
	fset *token.FileSet
	std  types.Importer
}

var newWorld = sync.OnceValue(func() *world {
	build.Default.CgoEnabled = false // the pure Go halves of net and os/user do, and need no cgo run
	fset := token.NewFileSet()
	return &world{fset: fset, std: &locked{imp: importer.ForCompiler(fset, "source", nil)}}
})

// locked makes the source importer safe for rows that run beside each other.
type locked struct {
	mu  sync.Mutex
	imp types.Importer
}

func (l *locked) Import(path string) (*types.Package, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.imp.Import(path)
}

// A module resolves the imports of one row: its own directories, then the rest.
type module struct {
	world *world
	row   *row
	root  string // import path of the row
	done  map[string]*types.Package
	funcs map[*types.Func]*summary.Func
}

// load checks the row's packages: its dependencies as they are imported, then
// the one at the root, which is returned with the facts that it may ask for.
func (w *world) load(r *row) (*source.Package, rewrite.Facts, error) {
	m := &module{world: w, row: r, root: "example.com/" + r.name,
		done: make(map[string]*types.Package), funcs: make(map[*types.Func]*summary.Func)}
	src, err := m.check(".")
	if err != nil {
		return nil, nil, err
	}
	return src, summary.FactsOf(m.facts), nil
}

func (m *module) facts(fn *types.Func) *summary.Func { return m.funcs[fn] }

// Import gives a package of the row, checked with its bodies and summarised, or
// one of the standard library or of this module's requirements.
func (m *module) Import(imp string) (*types.Package, error) {
	dir, ok := strings.CutPrefix(imp, m.root+"/")
	if !ok {
		return m.world.std.Import(imp)
	}
	if p := m.done[imp]; p != nil {
		return p, nil
	}
	src, err := m.check(dir)
	if err != nil {
		return nil, err
	}
	m.done[imp] = src.Types
	if sum := rewrite.Summarize(src, summary.FactsOf(m.facts), nil); sum != nil {
		for fn, f := range sum.Funcs {
			m.funcs[fn] = f
		}
	}
	return src.Types, nil
}

func (m *module) check(dir string) (*source.Package, error) {
	abs, err := filepath.Abs(strings.TrimSuffix(m.row.file, ".txtar"))
	if err != nil {
		return nil, fmt.Errorf("placing %s: %w", m.row.file, err)
	}
	var inputs []source.Input
	for _, name := range m.row.inputs(dir) {
		c, _ := m.row.content(name)
		inputs = append(inputs, source.Input{Name: filepath.Join(abs, name), Content: bytes.Clone(c)})
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("checking %s: no Go files in %s", m.row.file, dir)
	}
	config := source.Config{Path: path.Join(m.root, dir), GoVersion: m.row.version, Importer: m, Bodies: true}
	src := source.Check(m.world.fset, config, inputs)
	if len(src.Errors) > 0 {
		return nil, fmt.Errorf("checking %s: %w", m.row.file, src.Errors[0])
	}
	return src, nil
}
