package driver

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// inputs reads the files of a package, and tells whether the code in them matters.
func (r *runner) inputs(n *node) (inputs []source.Input, unread []error) {
	m := n.meta
	for i, file := range n.files() {
		in := source.Input{Name: n.path(file), ReadOnly: m.readOnly()}
		if in.ReadOnly == "" && i >= len(m.GoFiles) {
			in.ReadOnly = "cgo"
		}
		if in.ReadOnly == "" && r.leadsOut(n, in.Name) {
			in.ReadOnly = "a link that leads out of the module: name it to edit it"
		}
		var err error
		if in.Content, err = r.read(in.Name); err != nil {
			unread = append(unread, err)
			continue
		}
		inputs = append(inputs, in)
	}
	for _, file := range r.left(m) {
		if _, err := r.read(n.path(file)); err != nil {
			unread = append(unread, err)
		} else if m.Error != nil {
			unread = append(unread, errors.New(m.Error.Err))
		}
	}
	n.told = !n.root && syncapi.Describes(n.typesPath()) && !slices.ContainsFunc(inputs, func(in source.Input) bool {
		return bytes.Contains(in.Content, []byte(directive))
	})
	return inputs, unread
}

// directive is what a comment holds that says more of a function than the table.
const directive = "lockfix:"

// check checks a package. Bodies are checked in dependencies too: what their
// functions do is a fact, unless it is told.
func (r *runner) check(n *node, inputs []source.Input, unread []error) *source.Package {
	src := source.Check(r.fset, source.Config{
		Path:      n.typesPath(),
		GoVersion: n.meta.goVersion(),
		Importer:  importer{n, n.world},
		Sizes:     n.world.sizes,
		Bodies:    !n.told,
		Parsed:    n.note,
		Overlay:   r.Overlay,
	}, inputs)
	src.Errors = append(unread, src.Errors...)
	return src
}

// left lists the files that the go command could not make out and left: without
// them the package is not whole.
func (r *runner) left(m *meta) []string {
	listed := slices.Concat(m.GoFiles, m.CgoFiles, m.TestGoFiles, m.XTestGoFiles)
	return slices.DeleteFunc(slices.Clone(m.InvalidGoFiles), func(file string) bool {
		return slices.Contains(listed, file) || strings.HasSuffix(file, "_test.go") && !r.Tests
	})
}

// leadsOut reports whether a file of a main module lies elsewhere, by a link of its
// own or of a directory. Whoever names the file means it.
func (r *runner) leadsOut(n *node, name string) bool {
	real := r.links.canonical(name)
	if _, asked := r.files[real]; asked {
		return false
	}
	top := moduleRoot(n.meta.Dir) // go list gives the standard library no module
	if n.meta.Module != nil {
		top = n.meta.Module.Dir
	}
	rel, err := filepath.Rel(r.links.canonical(top), real)
	return err != nil || !filepath.IsLocal(rel)
}

// read returns a file as the visitor of another package left it, else from disk.
func (r *runner) read(name string) ([]byte, error) {
	r.mu.Lock()
	content, ok := r.overlay[name]
	r.mu.Unlock()
	if ok {
		return content, nil
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, errors.Unwrap(err))
	}
	return content, nil
}

// keep remembers the files in which a visited package differs from disk.
func (r *runner) keep(before, after *source.Package) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, f := range after.Files {
		if i < len(before.Files) && string(before.Files[i].Content) != string(f.Content) {
			r.overlay[f.Name] = f.Content
		}
	}
}
