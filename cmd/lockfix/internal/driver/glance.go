package driver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"maps"
	"slices"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// A scene is what a run in a session leaves for glances: the packages as it found
// them, and the texts that were open.
type scene struct {
	world   *world
	memory  *memory
	overlay map[string][]byte
}

// maxScenes bounds the scenes of a session: one for each directory that is open.
const maxScenes = 50

// ErrNoGlance says that a glance would not tell enough: Run does.
var ErrNoGlance = errors.New("more has changed than the text of one package")

// Glance visits the one package whose open files have other texts than in the last
// run of the session with the same arguments, in a tenth of its time: nothing on
// disk is looked at but what stands beside these files. All else is taken to be as
// that run found it, also the packages that import this one, its test variant among
// them. So a Run has to follow, which recalls what the visit has kept; and the error
// is [ErrNoGlance] where a glance is no use: there was no such run, several packages
// changed, one was closed, imports changed.
//
// First is called before Visit, for who wants to say something at once.
func Glance(ctx context.Context, c Config, first func(*Unit)) (*Result, error) {
	r, sc, done, err := c.scene()
	if err != nil {
		return nil, err
	}
	defer done()
	old := sc.edited(c.Overlay)
	if old == nil || slices.ContainsFunc(old.direct, broken) {
		return nil, ErrNoGlance
	}
	r.glance(ctx, sc.world.as(r), old, first)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &Result{Packages: r.packages, Problems: r.sorted(), Stats: r.clock.stats()}, nil
}

// Prepare loads what a glance will need, so that the first one is as fast as those
// after it. Without a run to begin with there is nothing to do.
func Prepare(ctx context.Context, c Config) {
	r, sc, done, err := c.scene()
	if err != nil {
		return
	}
	defer done()
	w := sc.world.as(r)
	for _, n := range w.nodes {
		if !n.root {
			continue
		}
		for _, dep := range n.direct {
			if ctx.Err() == nil {
				w.load(dep)
			}
		}
		for dep := range n.behind() {
			if ctx.Err() == nil && summary.SameProject(dep.typesPath(), n.typesPath()) {
				w.edges(dep)
			}
		}
	}
}

// scene takes the session for a runner that goes on from its last run; done gives it
// back.
func (c Config) scene() (r *runner, sc *scene, done func(), err error) {
	if !c.Session.busy.CompareAndSwap(false, true) {
		return nil, nil, nil, errBusy
	}
	done = func() { c.Session.busy.Store(false) }
	r = newRun(c.complete(), nil)
	r.shared = true
	sc = c.Session.scenes[r.listingKey()]
	if sc == nil {
		done()
		return nil, nil, nil, ErrNoGlance
	}
	r.memory = sc.memory
	return r, sc, done, nil
}

// edited finds the package that the editor has changed, nil if it is not one alone.
func (s *scene) edited(overlay map[string][]byte) *node {
	for name := range s.overlay {
		if _, open := overlay[name]; !open {
			return nil // what is on disk now, nobody has looked at
		}
	}
	var found *node
	for name, text := range overlay {
		if same, listed := s.compare(name, text); same {
			continue
		} else if !listed {
			return nil
		}
		n := s.owner(name)
		if n == nil || found != nil && n != found {
			return nil
		}
		found = n
	}
	return found
}

// compare tells whether a text is what it was in the run, or else says the same to
// the go command.
func (s *scene) compare(name string, text []byte) (same, listed bool) {
	if was, open := s.overlay[name]; open {
		return bytes.Equal(was, text), headOf(name, was) == headOf(name, text)
	}
	was, known := s.memory.state.Files[name]
	return known && was.Sum == sha256.Sum256(text), known && was.Head == headOf(name, text)
}

// owner returns the package that reports a file, nil if none does.
func (s *scene) owner(name string) *node {
	for _, n := range s.world.nodes {
		if n.owns[name] {
			return n
		}
	}
	return nil
}

// broken reports whether a package has errors, or one that it imports: of what comes
// from source then the places are gone.
func broken(n *node) bool { return n.deep == (store.Key{}) }

// as returns the world for another run. What is loaded they share.
func (w *world) as(r *runner) *world {
	return &world{run: r, nodes: w.nodes, arch: w.arch, sizes: w.sizes, atlas: w.atlas, pool: w.pool, files: w.files}
}

// glance computes a package as work does, once more.
func (r *runner) glance(ctx context.Context, w *world, old *node, first func(*Unit)) {
	n := &node{
		meta: old.meta, imports: old.imports, waits: old.waits, direct: old.direct, variant: old.variant, needed: old.needed,
		root: true, owns: old.owns, world: w, loaded: new(loaded),
	}
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
		}
		r.forget(n)
	}()
	visit := r.Visit
	r.Visit = func(u *Unit) (*summary.Package, []byte) {
		first(u)
		if ctx.Err() != nil {
			return u.Package, nil
		}
		return visit(u)
	}
	r.busy <- struct{}{}
	defer r.vacate()
	inputs, unread := r.inputs(n)
	n.key = r.key(n, inputs, unread)
	r.compute(n, inputs, unread, true)
}

// leave keeps the scene of a run that saw everything.
func (s *Session) leave(r *runner, worlds []*world, overlay map[string][]byte) {
	if len(s.scenes) >= maxScenes {
		clear(s.scenes)
	}
	if len(worlds) == 1 {
		s.scenes[r.memory.key] = &scene{worlds[0], r.memory, maps.Clone(overlay)}
	}
}
