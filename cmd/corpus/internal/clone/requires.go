package clone

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
)

// require writes into the go.mod of a tree from before modules what its packages
// import from elsewhere, each module in the version nearest to the commit, so that
// every year gives the same ones. What the module proxy does not have stays missing.
func require(tree string, asOf time.Time) error {
	name := filepath.Join(tree, "go.mod")
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	imports, err := outsideImports(tree, modfile.ModulePath(text))
	if err != nil {
		return err
	}
	p := proxy{dir: tree, asOf: asOf, asked: make(map[string]string)}
	modules := make(map[string]string)
	for _, path := range imports {
		if module, version := p.provider(path); version != "" {
			modules[module] = version
		}
	}
	for _, m := range slices.Sorted(maps.Keys(modules)) {
		text = fmt.Appendf(text, "\nrequire %[1]s %[2]s\n\nreplace %[1]s => %[1]s %[2]s // whatever others require\n", m, modules[m])
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return err
	}
	// Fills go.sum. To list the packages would do so too, but not where one import
	// cannot be had; and where that is so the others still load.
	_, _ = p.run("mod", "download", "all")
	return nil
}

// outsideImports are the paths that the packages of a module import, without
// their tests, of neither the module itself nor the standard library.
func outsideImports(tree, module string) ([]string, error) {
	_, imports, err := scan(tree)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(imports, func(path string, _ int) bool {
		first, _, _ := strings.Cut(path, "/")
		return !strings.Contains(first, ".") || path == module || strings.HasPrefix(path, module+"/")
	})
	return slices.Sorted(maps.Keys(imports)), nil
}

// A proxy answers questions about modules as of a day.
type proxy struct {
	dir   string
	asOf  time.Time
	asked map[string]string // versions by module, "" for none
}

// provider is the module with a package, in the version of the day.
func (p proxy) provider(path string) (module, version string) {
	parts := strings.Split(path, "/")
	for n := min(len(parts), 4); n >= 2; n-- {
		if parts[0] == "github.com" && n != 3 {
			continue // as deep as its repositories are
		}
		module = strings.Join(parts[:n], "/")
		version, ok := p.asked[module]
		if !ok {
			version = p.version(module)
			p.asked[module] = version
		}
		if version != "" {
			return module, version
		}
	}
	return "", ""
}

// A release is what the go command says of a version of a module.
type release struct {
	Version, GoMod string
	Versions       []string // in the answer about all
	Time           time.Time
}

// version is the version of a module that is nearest to the day, where none has a
// tag the latest; "" where there is no such module. The one before may be much
// older than what the commit had: most had no tag then, and proxies drop some.
func (p proxy) version(module string) string {
	all, ok := p.release("-versions", module)
	if !ok {
		return ""
	}
	if len(all.Versions) == 0 {
		all.Versions = []string{"latest"}
	}
	// Versions are in the order of their names, which is near that of their days.
	after, _ := slices.BinarySearchFunc(all.Versions, p.asOf, func(v string, day time.Time) int {
		r, ok := p.release(module + "@" + v)
		if !ok || r.Time.Before(day) {
			return -1
		}
		return 1
	})
	var best release
	for _, v := range all.Versions[max(after-1, 0):min(after+1, len(all.Versions))] {
		r, ok := p.release(module + "@" + v)
		if ok && declares(r.GoMod, module) && (best.Version == "" || r.Time.Sub(p.asOf).Abs() < best.Time.Sub(p.asOf).Abs()) {
			best = r
		}
	}
	return best.Version
}

// declares reports whether a module calls itself by the path that it is asked
// for by; old imports name it as it was called before it moved.
func declares(gomod, module string) bool {
	text, err := os.ReadFile(gomod)
	return err == nil && modfile.ModulePath(text) == module
}

func (p proxy) release(args ...string) (r release, ok bool) {
	out, err := p.run(append([]string{"list", "-m", "-json"}, args...)...)
	return r, err == nil && json.Unmarshal(out, &r) == nil
}

func (p proxy) run(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	return cmd.Output()
}
