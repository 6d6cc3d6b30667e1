package clone

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// A Module is the module that a file of a materialised tree is in.
type Module struct {
	Dir string   // below the tree, slash-separated; "." is the tree itself
	Env []string // what the go command needs to load it alone
	Old bool     // from before modules: its go.mod was made here
}

// vendored are the places, other than vendor itself, where imports were kept
// before modules.
var vendored = []string{"Godeps/_workspace/src", "cmd/vendor"}

// ModuleOf finds the module of a file, and makes one where the tree is from
// before modules. What such a tree imports and did not keep is looked up as of a
// day; a zero one looks nothing up.
func ModuleOf(tree, file, repo string, asOf time.Time) (Module, error) {
	dir, found := ModuleDir(tree, file)
	if !found {
		if err := makeModule(tree, repo, asOf); err != nil {
			return Module{}, fmt.Errorf("make a module: %w", err)
		}
		dir = "."
	}
	gomod, err := os.ReadFile(filepath.Join(tree, dir, "go.mod"))
	if err != nil {
		return Module{}, fmt.Errorf("read go.mod: %w", err)
	}
	m := Module{Dir: dir, Old: strings.HasPrefix(string(gomod), madeHere)}
	mode := "mod" // completes a go.sum that lacks what only newer go commands ask for
	switch {
	case m.Old && !exists(tree, "vendor"):
		mode = "readonly" // looks for no newer versions of what was never pinned
	case m.Old || consistent(filepath.Join(tree, dir, "vendor", "modules.txt")):
		mode = "vendor"
	}
	m.Env = []string{"GOWORK=off", "GOFLAGS=-buildvcs=false -mod=" + mode}
	return m, nil
}

// ModuleDir is the nearest directory with a go.mod, from the file's upwards.
func ModuleDir(tree, file string) (string, bool) {
	for dir := path.Dir(file); ; dir = path.Dir(dir) {
		if exists(tree, dir, "go.mod") {
			return dir, true
		}
		if dir == "." {
			return "", false
		}
	}
}

// madeHere starts a go.mod that the commit does not have.
const madeHere = "// not part of the commit\n"

// makeModule gives a tree from before modules a go.mod, with the path under which
// its packages import each other, and a vendor directory where it kept one.
// Without one its imports come from the module proxy, as of the commit's day.
//
// A go.mod of Go 1.13 is what makes such a vendor directory work: from 1.14 on
// the go command wants it to be consistent with requirements, and there are none.
func makeModule(tree, repo string, asOf time.Time) error {
	modpath, err := importPath(tree, repo)
	if err != nil {
		return fmt.Errorf("derive its path: %w", err)
	}
	for _, dir := range vendored {
		if exists(tree, "vendor") || !exists(tree, dir) {
			continue
		}
		// A link, because some imports may name the place itself.
		if err := os.Symlink(filepath.FromSlash(dir), filepath.Join(tree, "vendor")); err != nil {
			return fmt.Errorf("link %s: %w", dir, err)
		}
	}
	// Some linked the tree into its own vendor directory, to be found there twice.
	if err := os.RemoveAll(filepath.Join(tree, "vendor", filepath.FromSlash(modpath))); err != nil {
		return fmt.Errorf("remove the module from its vendor directory: %w", err)
	}
	gomod := fmt.Sprintf("%smodule %s\n\ngo 1.13\n", madeHere, modpath)
	if err := os.WriteFile(filepath.Join(tree, "go.mod"), []byte(gomod), 0o644); err != nil {
		return err
	}
	if exists(tree, "vendor") || asOf.IsZero() {
		return nil
	}
	if err := require(tree, asOf); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(tree, "go.mod"))) // to be made again
	}
	return nil
}

// consistent reports whether a vendor directory says which of its modules are
// required. Before Go 1.14 none did, and go commands from then on refuse those.
func consistent(modulesTxt string) bool {
	data, err := os.ReadFile(modulesTxt)
	return err == nil && strings.Contains(string(data), "## explicit")
}

func exists(elem ...string) bool {
	_, err := os.Stat(filepath.Join(elem...))
	return err == nil
}
