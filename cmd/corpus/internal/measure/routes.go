package measure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A Route is one way to the findings of a module, compared with the way through an
// empty cache.
type Route struct {
	Target   Target
	Name     string
	Findings int
	Same     bool
	Differs  string // the first line that differs
}

// cacheDir is the variable that names lockfix's cache.
const cacheDir = "LOCKFIX_CACHE"

// Routes runs lockfix on targets in all ways: with an empty cache, with a full one,
// one and eight packages at a time, and without a cache. The reports must be the
// same byte for byte.
//
// The last way is go vet, which has places and messages to compare. It looks at a
// package together with its tests only, where lockfix tells what it finds without
// them from what tests add: the two are compared in a tree without tests.
func (b *Bench) Routes(targets []Target) ([]Route, error) {
	var routes []Route
	for _, t := range targets {
		b.log("%s", t.Name())
		r := router{Bench: b, target: t, dir: filepath.Join(b.Work, "routes")}
		some, err := r.all()
		if err != nil {
			return nil, fmt.Errorf("measure %s: %w", t.Name(), err)
		}
		routes = append(routes, some...)
	}
	return routes, nil
}

type router struct {
	*Bench
	target Target
	dir    string // for caches
}

func (r *router) all() ([]Route, error) {
	defer os.RemoveAll(r.dir)
	cold, err := r.run("cold", "--tests")
	if err != nil {
		return nil, err
	}
	routes := []Route{{Target: r.target, Name: "cold", Findings: len(cold.Report.Findings), Same: true}}
	for _, way := range []struct {
		name, cache string
		flags       []string
	}{
		{"warm", "cold", nil},
		{"one at a time", "one", []string{"-j", "1"}},
		{"eight at a time", "eight", []string{"-j", "8"}},
		{"no cache", "none", []string{"--no-cache"}},
	} {
		b, err := r.run(way.cache, append(way.flags, "--tests")...)
		if err != nil {
			return nil, err
		}
		route := Route{Target: r.target, Name: way.name, Findings: len(b.Report.Findings)}
		route.Same, route.Differs = sameLines(string(cold.Raw), string(b.Raw))
		routes = append(routes, route)
	}
	route, err := r.untested()
	return append(routes, route), err
}

// untested takes the tests out of the tree and compares with go vet.
func (r *router) untested() (Route, error) {
	route := Route{Target: r.target, Name: "go vet"}
	err := filepath.WalkDir(r.target.Tree, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, "_test.go") {
			return os.Remove(name)
		}
		return err
	})
	if err != nil {
		return route, fmt.Errorf("take out the tests: %w", err)
	}
	own, err := r.run("untested")
	if err != nil {
		return route, err
	}
	vet, err := r.vet()
	if err != nil {
		return route, err
	}
	route.Findings = len(vet)
	route.Same, route.Differs = sameLines(strings.Join(vetLines(own.Report), "\n"), strings.Join(vet, "\n"))
	return route, nil
}

// run runs lockfix with a cache of a name.
func (r *router) run(cache string, flags ...string) (tool.Run, error) {
	at := r.target.where()
	at.Env = append(at.Env, cacheDir+"="+filepath.Join(r.dir, cache))
	run, err := r.Tool.Run(at, append(flags, r.target.Pattern)...)
	if err == nil && run.Fault != "" {
		err = errors.New(run.Fault)
	}
	return run, err
}

// sameLines compares texts line by line, and returns the first line of one that is
// not in the other.
func sameLines(want, got string) (same bool, differs string) {
	if want == got {
		return true, ""
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			return false, "more: " + b[i]
		case i >= len(b):
			return false, "less: " + a[i]
		case a[i] != b[i] && slices.Contains(b, a[i]):
			return false, "more: " + b[i]
		case a[i] != b[i]:
			return false, "less: " + a[i]
		}
	}
	return false, ""
}

// vetLines words a report as [router.vet] does.
func vetLines(r tool.Report) []string {
	var lines []string
	for _, f := range r.Findings {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s [%s]", f.Position.File, f.Position.Line, f.Position.Column, f.Message, f.Rule))
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// vet runs lockfix through go vet and words the diagnostics.
func (r *router) vet() ([]string, error) {
	at := r.target.where()
	cmd := exec.Command("go", "vet", "-vettool="+r.Tool.Binary, "-json", r.target.Pattern)
	cmd.Dir = filepath.Join(at.Tree, filepath.FromSlash(at.Dir))
	cmd.Env = append(os.Environ(), at.Env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run go vet: %w: %s", err, tool.FirstLine(stderr.String()))
	}
	var lines []string
	for dec := json.NewDecoder(&stdout); ; {
		var tree map[string]map[string]json.RawMessage
		if err := dec.Decode(&tree); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read what go vet says: %w", err)
		}
		for pkg, byAnalyzer := range tree {
			var list []struct{ Posn, Message string }
			if err := json.Unmarshal(byAnalyzer["lockfix"], &list); byAnalyzer["lockfix"] != nil && err != nil {
				return nil, fmt.Errorf("go vet of %s: %s", pkg, byAnalyzer["lockfix"])
			}
			for _, d := range list {
				name, place := cutPlace(d.Posn)
				if rel, err := filepath.Rel(at.Tree, name); err == nil {
					name = filepath.ToSlash(rel)
				}
				lines = append(lines, name+place+": "+d.Message)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), nil
}

// cutPlace cuts "file:1:2" before the first of the two colons.
func cutPlace(posn string) (file, place string) {
	i := strings.LastIndexByte(posn, ':')
	if i > 0 {
		if j := strings.LastIndexByte(posn[:i], ':'); j > 0 {
			return posn[:j], posn[j:]
		}
	}
	return posn, ""
}

// RouteTable is a row a route.
func RouteTable(routes []Route) facts.Table {
	t := facts.Table{Columns: []string{"repository", "route", "findings", "same", "differs"}}
	for _, r := range routes {
		same := "yes"
		if !r.Same {
			same = "NO"
		}
		t.Rows = append(t.Rows, facts.Row{"repository": r.Target.Name(), "route": r.Name, "findings": strconv.Itoa(r.Findings), "same": same, "differs": r.Differs})
	}
	return t
}

// Differing counts the routes that lead elsewhere.
func Differing(routes []Route) int {
	n := 0
	for _, r := range routes {
		if !r.Same {
			n++
		}
	}
	return n
}
