package clone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	if p.url, err = proxies(); err != nil {
		return err
	}
	modules := make(map[string]string)
	for _, path := range imports {
		module, version, err := p.provider(path)
		if err != nil {
			return err
		}
		if version != "" {
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
	_, err = p.run("mod", "download", "all")
	return err
}

// proxies is GOPROXY without direct, which would ask hosts that are long gone.
func proxies() (string, error) {
	out, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		return "", fmt.Errorf("ask for GOPROXY: %w", err)
	}
	return strings.TrimSuffix(strings.TrimSpace(string(out)), ",direct"), nil
}

// outsideImports are the paths that the files of a module import, its tests too, of
// neither the module itself nor the standard library.
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
	url   string // GOPROXY without the places that modules come from directly
	asOf  time.Time
	asked map[string]string // versions by module, "" for none
}

// provider is the module with a package, in the version of the day; none where the
// proxy has none.
func (p proxy) provider(path string) (module, version string, err error) {
	parts := strings.Split(path, "/")
	for n := min(len(parts), 4); n >= 2; n-- {
		if parts[0] == "github.com" && n != 3 {
			continue // as deep as its repositories are
		}
		module = strings.Join(parts[:n], "/")
		version, ok := p.asked[module]
		if !ok {
			if version, err = p.version(module); err != nil {
				return "", "", fmt.Errorf("look up %s: %w", module, err)
			}
			p.asked[module] = version
		}
		if version != "" {
			return module, version, nil
		}
	}
	return "", "", nil
}

// A release is what the go command says of a version of a module.
type release struct {
	Path           string
	Version, GoMod string
	Versions       []string // in the answer about all
	Time           time.Time
}

// version is the version of a module that is nearest to the day, where none has a
// tag the latest; "" where there is no such module. The one before may be much
// older than what the commit had: most had no tag then, and proxies drop some.
func (p proxy) version(module string) (string, error) {
	all, err := p.release("-versions", module)
	if err != nil || all.Path == "" {
		return "", err
	}
	if len(all.Versions) == 0 {
		all.Versions = []string{"latest"}
	}
	// Versions are in the order of their names, which is near that of their days.
	after, _ := slices.BinarySearchFunc(all.Versions, p.asOf, func(v string, day time.Time) int {
		r, e := p.release(module + "@" + v)
		err = errors.Join(err, e)
		return r.Time.Compare(day)
	})
	var best release
	for _, v := range all.Versions[max(after-1, 0):min(after+1, len(all.Versions))] {
		r, e := p.release(module + "@" + v)
		err = errors.Join(err, e)
		if declares(r.GoMod, module) && (best.Version == "" || r.Time.Sub(p.asOf).Abs() < best.Time.Sub(p.asOf).Abs()) {
			best = r
		}
	}
	return best.Version, err
}

// declares reports whether a module calls itself by the path that it is asked
// for by; old imports name it as it was called before it moved.
func declares(gomod, module string) bool {
	text, err := os.ReadFile(gomod)
	return err == nil && modfile.ModulePath(text) == module
}

// release asks about a module; the answer is empty where the proxy has no such
// module or version.
func (p proxy) release(args ...string) (r release, err error) {
	out, err := p.run(append([]string{"list", "-m", "-json"}, args...)...)
	if err != nil || out == nil {
		return r, err
	}
	return r, json.Unmarshal(out, &r)
}

// refused is how the go command says that a proxy does not have something, rather
// than that it could not be asked.
var refused = regexp.MustCompile(`: 4\d\d [A-Z]|no matching versions|malformed module path|declares its path as`)

// run runs a go command that asks the module proxy alone; nil output means that
// it does not have what is asked for.
func (p proxy) run(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod", "GOPROXY="+p.url)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case err != nil && refused.Match(stderr.Bytes()):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("run go %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
