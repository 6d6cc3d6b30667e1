package driver

import (
	"crypto/sha256"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A listing is what the go command has said of a program, and what that depends
// on. It is remembered, so that a run after which nothing has changed asks nothing.
//
// What a listing depends on: the arguments, the variables of the environment that
// the go command reads, its own file, go.mod, go.work and their like, and of each
// package outside of the module cache and the standard library the directory and
// its Go files, as far as listing reads them. On any doubt it is made again.
type listing struct {
	Number  uint64 // drawn at random: two runs at once may list the same program
	Groups  []*listedGroup
	Remarks []string
	Dirs    map[string]dirStamp
}

type listedGroup struct {
	_ struct{} `cbor:",toarray"`

	Dir      string
	Patterns []string
	Whole    []string
	Env      environ
	Packages []*meta
}

// A state is what a run has found out of the packages of a listing. It is kept
// apart, as it changes more often.
type state struct {
	Listing uint64 // its number
	Files   map[string]stamp
	Purpose string                 // of the visits
	Nodes   []map[string]nodeState // by group and import path
}

type nodeState struct {
	_ struct{} `cbor:",toarray"`

	Key, Sum, Deep store.Key
	Visit          store.Key // of what the visit has kept; zero: nothing
	Nothing        bool      // it kept an empty list
}

// A memory is the listing of one run, old or new.
type memory struct {
	key     store.Key
	listing *listing
	state   *state
	purpose string          // of the visits that are remembered
	changed map[string]bool // files that are not as they were in the state
	touched map[string]bool // their directories
	again   bool            // files were looked at again
	fresh   bool            // it was listed by this run
	started time.Time
	doubt   bool // it must not be kept
}

// variables are those of the environment that the go command reads, besides all
// that begin with GO and CGO_.
var variables = []string{"PATH", "HOME", "XDG_CONFIG_HOME", "AppData", "USERPROFILE", "CC", "CXX", "FC", "AR", "PKG_CONFIG"}

// listingKey hashes what a listing depends on that is known before it.
func (r *runner) listingKey() store.Key {
	parts := []string{"listing", r.Analysis, r.Dir, r.Tags}
	if r.Tests {
		parts = append(parts, "tests")
	}
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "GO") || strings.HasPrefix(name, "CGO_") || slices.Contains(variables, name) {
			parts = append(parts, v)
		}
	}
	slices.Sort(parts[3:])
	return store.KeyOf(append(append(parts, "patterns"), r.Patterns...)...)
}

// recollect returns the listing of an earlier run that still holds, or a new one
// that is empty.
func (r *runner) recollect() *memory {
	m := &memory{key: r.listingKey(), fresh: true, started: time.Now()}
	l, s := r.remembered(m.key)
	if l == nil || len(failing(l.Dirs, dirStamp.holds)) > 0 {
		return m
	}
	changed, touched := make(map[string]bool), make(map[string]bool)
	for name := range r.Overlay {
		if _, ok := s.Files[name]; !ok {
			return m // a file that is not on disk, or of no package that was listed
		}
	}
	for _, name := range failing(s.Files, func(was stamp, name string) bool {
		_, open := r.Overlay[name]
		return !open && was.holds(name)
	}) {
		was, is := s.Files[name], look(name)
		content, open := r.Overlay[name]
		if open {
			is = lookAt(name, content)
		}
		if is.Size < 0 != (was.Size < 0) || is.Head != was.Head {
			return m
		}
		if is.Sum != was.Sum {
			changed[name], touched[filepath.Dir(name)] = true, true
		}
		if open {
			continue // the stamp stays that of the disk
		}
		s.Files[name], m.again = is, true
	}
	m.purpose = s.Purpose
	m.listing, m.state, m.changed, m.touched, m.fresh = l, s, changed, touched, false
	return m
}

// remembered returns a listing and the state of its packages, nil if there are none that
// belong together. Each is large, so that they are decoded side by side.
func (r *runner) remembered(key store.Key) (*listing, *state) {
	l, s := new(listing), new(state)
	var listed bool
	var wait sync.WaitGroup
	wait.Go(func() { listed = r.getMemory("listing", key, l) })
	known := r.getMemory("state", key, s)
	wait.Wait()
	if !listed || !known || s.Listing != l.Number || len(l.Groups) == 0 || len(s.Nodes) != len(l.Groups) {
		return nil, nil
	}
	return l, s
}

// failing lists the names whose stamp does not hold, in any order. To look at some
// thousand files takes a good part of a run in which nothing has changed, so all
// processors do.
func failing[S any](stamps map[string]S, holds func(S, string) bool) []string {
	names := slices.Collect(maps.Keys(stamps))
	var out []string
	var mu sync.Mutex
	var wait sync.WaitGroup
	for part := range slices.Chunk(names, len(names)/runtime.GOMAXPROCS(0)+1) {
		wait.Go(func() {
			for _, name := range part {
				if !holds(stamps[name], name) {
					mu.Lock()
					out = append(out, name)
					mu.Unlock()
				}
			}
		})
	}
	wait.Wait()
	return out
}

func (r *runner) getMemory(kind string, key store.Key, into any) bool {
	data, ok := r.Store.Get(store.KeyOf(kind, string(key[:])))
	return ok && decoding.Unmarshal(data, into) == nil
}

func (r *runner) putMemory(kind string, key store.Key, value any) {
	if data, err := encoding.Marshal(value); err == nil {
		r.Store.Put(store.KeyOf(kind, string(key[:])), data)
	}
}

// note stamps all that a new listing depends on. It is called right after the go
// command was asked, and before any file is read.
func (m *memory) note(groups []*group, remarks []string) {
	l := &listing{Number: rand.Uint64(), Remarks: remarks, Dirs: make(map[string]dirStamp)}
	s := &state{Listing: l.Number, Files: make(map[string]stamp)}
	m.listing, m.state = l, s
	k := stamper{m}
	for _, g := range groups {
		lg := &listedGroup{Dir: g.dir, Patterns: g.patterns, Env: g.env, Packages: g.listed}
		for text := range g.whole {
			lg.Whole = append(lg.Whole, text)
		}
		slices.Sort(lg.Whole)
		l.Groups = append(l.Groups, lg)
		s.Nodes = append(s.Nodes, nil)
		k.group(g)
	}
}

// A stamper stamps what a listing depends on.
type stamper struct{ *memory }

func (k stamper) file(name string) {
	if _, ok := k.state.Files[name]; !ok {
		s := look(name)
		k.state.Files[name] = s
		k.late(s.Time)
	}
}

func (k stamper) dir(name string) {
	if _, ok := k.listing.Dirs[name]; !ok {
		s := lookDir(name)
		k.listing.Dirs[name] = s
		k.late(s.Time)
	}
}

// late doubts a listing during which something has changed.
func (k stamper) late(t int64) { k.doubt = k.doubt || t >= k.started.UnixNano() }

// above stamps the files of modules and workspaces in a directory and above it,
// which may be there or not.
func (k stamper) above(dir string) {
	for {
		for _, name := range []string{"go.mod", "go.work"} {
			k.file(filepath.Join(dir, name))
		}
		up := filepath.Dir(dir)
		if up == dir {
			return
		}
		dir = up
	}
}

func (k stamper) group(g *group) {
	k.command(g.env)
	k.above(g.dir)
	if work := g.env.workspace(); work != "" {
		k.file(g.env.GOWORK)
		k.file(g.env.GOWORK + ".sum")
		k.module(work)
	}
	for _, m := range g.listed {
		if m.Error != nil && !strings.HasPrefix(m.Error.Err, "build constraints exclude all Go files") {
			k.doubt = true
		}
		if isTestMain(m) || m.Dir == "" || within(m.Dir, g.env.GOMODCACHE) || !m.OwnStandard && within(m.Dir, g.env.GOROOT) {
			continue
		}
		if m.Module != nil && m.Module.Dir != "" {
			k.module(m.Module.Dir)
		}
		k.dir(m.Dir)
		for _, file := range source.GoFiles(m.Dir, nil) {
			k.file(file)
		}
	}
	for _, top := range k.tops(g) {
		for _, dir := range tree(top) {
			k.dir(dir)
		}
	}
}

// tops are the directories below which packages may appear that a pattern matches.
func (k stamper) tops(g *group) []string {
	var tops []string
	for _, p := range g.patterns {
		before, _, wild := strings.Cut(filepath.ToSlash(p), "...")
		if wild && (strings.HasPrefix(p, ".") || filepath.IsAbs(p)) {
			tops = append(tops, absolute(g.dir, filepath.FromSlash(before)))
			continue
		}
		if wild || !strings.HasPrefix(p, ".") && !filepath.IsAbs(p) { // an import path, "work", "all"
			for _, m := range g.listed {
				if m.Module != nil && m.Module.Main && !slices.Contains(tops, m.Module.Dir) {
					tops = append(tops, m.Module.Dir)
				}
			}
		}
	}
	return tops
}

func (k stamper) module(dir string) {
	for _, name := range []string{"go.mod", "go.sum", "vendor/modules.txt"} {
		k.file(filepath.Join(dir, filepath.FromSlash(name)))
	}
}

// command stamps the go command and its settings. A standard library without a
// version is one that somebody works on.
func (k stamper) command(e environ) {
	exe, err := exec.LookPath("go")
	if err != nil || e.GOROOT == "" || e.GOMODCACHE == "" || strings.Contains(e.GOFLAGS, "overlay") || strings.Contains(e.GOFLAGS, "modfile") || runtime.GOOS == "windows" && e.GOENV == "" {
		k.doubt = true
		return
	}
	for _, name := range []string{exe, filepath.Join(e.GOROOT, "VERSION"), filepath.Join(e.GOROOT, "go.env")} {
		k.file(name)
	}
	if k.state.Files[filepath.Join(e.GOROOT, "VERSION")].Size < 0 {
		k.doubt = true
	}
	if e.GOENV != "" && e.GOENV != "off" {
		k.file(e.GOENV)
	}
}

func within(dir, top string) bool {
	return top != "" && strings.HasPrefix(dir, top+string(filepath.Separator))
}

// sum hashes what was read of a file for a package. If it is not what was stamped,
// because it was fixed or edited meanwhile, nothing is remembered of the package.
func (m *memory) sum(n *node, name string, content []byte) store.Key {
	sum := store.Key(sha256.Sum256(content))
	if s, ok := m.state.Files[name]; ok && s.Sum != sum {
		n.moved = true
	}
	return sum
}

// groups returns the groups of a listing that holds.
func (m *memory) groups() []*group {
	var groups []*group
	for i, lg := range m.listing.Groups {
		g := &group{dir: lg.Dir, patterns: lg.Patterns, env: lg.Env, listed: lg.Packages, whole: make(map[string]bool), states: m.state.Nodes[i]}
		for _, text := range lg.Whole {
			g.whole[text] = true
		}
		groups = append(groups, g)
	}
	return groups
}

// keep stores the listing, if it is new, and what is known of its packages now.
func (r *runner) keepMemory(m *memory, worlds []*world) {
	if m.doubt || len(r.Overlay) > 0 || len(worlds) != len(m.listing.Groups) {
		return
	}
	dirty := m.fresh || m.again || m.state.Purpose != r.Purpose
	m.state.Purpose = r.Purpose
	for i, w := range worlds {
		states := make(map[string]nodeState, len(w.nodes))
		for path, n := range w.nodes {
			if n.moved || n.deep == (store.Key{}) || n.key == (store.Key{}) && path != "unsafe" {
				continue
			}
			s := nodeState{Key: n.key, Sum: n.sum, Deep: n.deep, Visit: n.visited, Nothing: n.nothing}
			dirty = dirty || m.state.Nodes[i][path] != s
			states[path] = s
		}
		m.state.Nodes[i] = states
	}
	if !dirty {
		return
	}
	if m.fresh {
		r.putMemory("listing", m.key, m.listing)
	}
	r.putMemory("state", m.key, m.state)
}
