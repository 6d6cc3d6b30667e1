package driver

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/source"
)

// edited reports whether an editor has a file of the package open, or one beside it,
// with other contents than on disk.
func (r *runner) edited(n *node) bool {
	for name := range r.Overlay {
		if filepath.Dir(name) == n.meta.Dir {
			return true
		}
	}
	return false
}

// key hashes what the entry of a package depends on: the zero key where that is
// not known for sure.
func (r *runner) key(n *node, inputs []source.Input, unread []error) (none store.Key) {
	m := n.meta
	if m.Error != nil || len(unread) > 0 {
		return none
	}
	parts := []string{"package", r.Analysis, n.world.arch, m.ImportPath, m.goVersion()}
	if n.told {
		parts = append(parts, "told")
	}
	for _, in := range inputs {
		name, err := filepath.Rel(m.Dir, in.Name)
		if err != nil {
			return none
		}
		sum := r.memory.sum(n, in.Name, in.Content)
		parts = append(parts, name, in.ReadOnly, string(sum[:]))
	}
	for _, written := range slices.Sorted(maps.Keys(n.imports)) {
		dep := n.imports[written]
		if dep.deep == none {
			return none
		}
		parts = append(parts, "import", written, dep.meta.ImportPath, string(dep.deep[:]))
	}
	return store.KeyOf(parts...)
}

// visitKey is the key of what a visit of a package has kept: places in it name
// files by their paths, and a proof may rest on what stands in no file beside it.
func (r *runner) visitKey(n *node) store.Key {
	if s := n.state; s.Visit != (store.Key{}) && r.memory.purpose == r.Purpose && !r.memory.touched[n.meta.Dir] {
		return s.Visit
	}
	parts := []string{"visit", string(n.key[:]), r.Purpose, n.meta.Dir}
	for _, path := range slices.Sorted(maps.Keys(n.owns)) {
		parts = append(parts, "owns", path)
	}
	for _, path := range r.beside(n) {
		content, err := r.read(path)
		sum := r.memory.sum(n, path, content)
		parts = append(parts, "beside", path, string(sum[:]), fmt.Sprint(err))
	}
	return store.KeyOf(parts...)
}

// beside lists the Go files in the directory of the package that it does not have:
// tests, files for other platforms, those that are only in an editor.
func (r *runner) beside(n *node) []string {
	return slices.DeleteFunc(source.GoFiles(n.meta.Dir, r.Overlay), func(path string) bool {
		return slices.Contains(n.files(), filepath.Base(path))
	})
}

// get looks into the store, and into what the session knows of open files.
func (r *runner) get(key store.Key) ([]byte, bool) {
	if data, ok := r.session.edits.Get(key); ok {
		return data, true
	}
	return r.Store.Get(key)
}

// put keeps something of a package: in the session only, when a file is open that
// is not saved.
func (r *runner) put(n *node, key store.Key, data []byte) {
	if r.edited(n) {
		r.session.edits.Put(key, data)
		return
	}
	r.Store.Put(key, data)
}
