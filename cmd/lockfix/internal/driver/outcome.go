package driver

import (
	"maps"
	"slices"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// An outcome is what a whole run came to, if nothing stood in its way. A run after which
// nothing at all has changed tells it again, and asks no package: of these there may be
// thousands, and few in which something was found.
//
// It depends on what the listing depends on, and on the purpose of the visits. It has
// stamps of its own, so that the listing and the state need not be decoded, which are
// three to six times as large.
type outcome struct {
	_ struct{} `cbor:",toarray"`

	Files map[string]mark
	Dirs  map[string]dirStamp

	Packages int // that were asked for
	Recalled int // all
	Owned    []string
	Remarks  []string
	Notes    []map[string]string
	Groups   []groupOutcome
}

type groupOutcome struct {
	_ struct{} `cbor:",toarray"`

	Asked    []string // directories of the packages that the patterns match
	Packages []packageOutcome
}

// A packageOutcome is what is needed of a package that a visit has kept something of, or
// that this names a place in.
type packageOutcome struct {
	_ struct{} `cbor:",toarray"`

	Path, Dir string
	Owns      []string
	Key       store.Key
	Visit     store.Key // zero: its visit has kept nothing
}

// A mark is as much of a stamp as tells whether a file still looks the same.
type mark struct {
	_ struct{} `cbor:",toarray"`

	Size, Time, Taken int64
}

func (m mark) holds(name string) bool {
	return stamp{Size: m.Size, Time: m.Time, Taken: m.Taken}.holds(name)
}

// outcomeKey is where the outcome of a run is kept.
func (r *runner) outcomeKey() store.Key {
	listing := r.listingKey()
	return store.KeyOf("outcome", string(listing[:]), r.Purpose)
}

// repeat tells the outcome of an earlier run. It reports whether that was all there is to
// do: if not, nothing was told.
func (r *runner) repeat() (done bool) {
	if r.shared || len(r.Overlay) > 0 || r.Recall == nil {
		return false
	}
	o := new(outcome)
	if data, ok := r.Store.Get(r.outcomeKey()); !ok || decoding.Unmarshal(data, o) != nil {
		return false
	}
	if len(failing(o.Files, mark.holds)) > 0 || len(failing(o.Dirs, dirStamp.holds)) > 0 {
		return false
	}
	r.hasOutcome = true
	tell, ok := r.recallAll(o)
	if !ok || r.Listed != nil && slices.ContainsFunc(o.Groups, func(g groupOutcome) bool { return r.Listed(g.Asked) }) {
		return false
	}
	for _, text := range o.Remarks {
		r.Remark(text)
	}
	for _, notes := range o.Notes {
		r.noted(notes)
	}
	for _, f := range tell {
		f()
	}
	for _, file := range o.Owned {
		r.owned[file] = true
	}
	r.packages, r.clock.recalled = o.Packages, o.Recalled
	return true
}

// recallAll asks for all that visits have kept. A fault in one is met again, and told
// of, by the run that has the packages.
func (r *runner) recallAll(o *outcome) (tell []func(), ok bool) {
	defer func() {
		if recover() != nil {
			tell, ok = nil, false
		}
	}()
	for _, g := range o.Groups {
		u := make(universe)
		for _, p := range g.Packages {
			n := &node{meta: &meta{ImportPath: p.Path, Dir: p.Dir}, loaded: new(loaded), key: p.Key, visited: p.Visit, owns: make(map[string]bool)}
			for _, file := range p.Owns {
				n.owns[file] = true
			}
			u[p.Path] = n
		}
		w := newWorld(r, u, nil, "") // for places: of no architecture
		for _, p := range g.Packages {
			n := u[p.Path]
			if n.world = w; n.visited == (store.Key{}) {
				continue
			}
			kept, ok := r.Store.Get(n.visited)
			if !ok {
				return nil, false
			}
			f := r.Recall(r.unit(n, nil, nil), kept)
			if f == nil {
				return nil, false
			}
			tell = append(tell, f)
		}
	}
	return tell, true
}

// keepOutcome keeps what the run came to, unless an earlier one has, or something is to
// be said again.
func (r *runner) keepOutcome(worlds []*world) {
	m := r.memory
	if r.hasOutcome || r.shared || m.doubt || len(r.Overlay)+len(r.problems) > 0 || len(worlds) != len(m.listing.Groups) {
		return
	}
	o := &outcome{
		Files: make(map[string]mark), Dirs: m.listing.Dirs,
		Packages: r.packages, Owned: slices.Sorted(maps.Keys(r.owned)),
		Remarks: r.remarks, Notes: r.notes,
	}
	for name, s := range m.state.Files {
		o.Files[name] = mark{Size: s.Size, Time: s.Time, Taken: s.Taken}
	}
	for i, w := range worlds {
		g := groupOutcome{Asked: directories(m.listing.Groups[i].Packages)}
		for _, path := range slices.Sorted(maps.Keys(w.nodes)) {
			n := w.nodes[path]
			if n.moved || len(n.owns) > 0 && n.visited == (store.Key{}) {
				return
			}
			if n.deep != (store.Key{}) && path != "unsafe" {
				o.Recalled++
			}
			p := packageOutcome{Path: path, Dir: n.meta.Dir, Key: n.key}
			if n.visited != (store.Key{}) && !n.nothing {
				p.Owns, p.Visit = slices.Sorted(maps.Keys(n.owns)), n.visited
			}
			if _, named := w.named.Load(path); named || p.Visit != (store.Key{}) {
				g.Packages = append(g.Packages, p)
			}
		}
		o.Groups = append(o.Groups, g)
	}
	if data, err := encoding.Marshal(o); err == nil {
		r.Store.Put(r.outcomeKey(), data)
	}
}
