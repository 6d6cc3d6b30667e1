package driver

import (
	"bytes"
	"context"
	"fmt"
	"go/token"
	"sync"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/shallow"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/summary"
)

// work finds out what importers see of a package, after all that it needs: it is in
// the store, or the package is analysed. A fault costs this package only.
func (r *runner) work(ctx context.Context, n *node) {
	defer close(n.done)
	defer r.progress()
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
		}
	}()
	if n.meta.ImportPath == "unsafe" {
		n.deep = store.KeyOf("unsafe")
		return
	}
	if ctx.Err() != nil {
		return
	}
	end := r.clock.start(stageRead, n.meta.ImportPath)
	if r.unchanged(n) && r.recall(n) {
		end()
		r.clock.recall()
		return
	}
	inputs, unread := r.inputs(n)
	n.key, n.state = r.key(n, inputs, unread), nodeState{}
	known := r.recall(n)
	end()
	if known {
		r.clock.recall()
		return
	}
	r.compute(n, inputs, unread, true)
	if !n.needed && n.key != (store.Key{}) {
		n.entry = nil // whoever asks all the same reads it again
	}
}

// unchanged reports whether all that an earlier run knew of a package still holds,
// without reading its files: its key is what it was.
func (r *runner) unchanged(n *node) bool {
	if n.state.Deep == (store.Key{}) {
		return false
	}
	for _, dep := range n.direct {
		if dep.deep == (store.Key{}) || dep.deep != dep.state.Deep {
			return false
		}
	}
	if !r.calm() {
		for _, file := range n.files() {
			if path := n.path(file); r.memory.changed[path] || r.overlaid(path) {
				return false
			}
		}
	}
	n.key = n.state.Key
	return true
}

// calm reports whether no file at all has changed so far.
func (r *runner) calm() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.memory.changed)+len(r.overlay) == 0
}

func (r *runner) overlaid(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.overlay[path]
	return ok
}

// recall takes a package from the store. It reports whether that was enough.
func (r *runner) recall(n *node) bool {
	if n.key == (store.Key{}) {
		return false
	}
	defer func() { n.entry = nil }() // whoever needs it reads it again
	sum, notes := n.state.Sum, map[string]string(nil)
	if sum == (store.Key{}) || r.Loaded != nil {
		e := n.fetch(r)
		if e == nil || e.Alone && n.needed {
			return false
		}
		sum, notes = e.Sum, e.Notes
	}
	n.see(sum)
	if len(n.owns) > 0 {
		key := r.visitKey(n)
		n.nothing = n.state.Visit == key && n.state.Nothing // the state may be of another purpose
		if !n.nothing && !r.recallVisit(n, key) {
			return false
		}
		n.visited = key
		r.count()
	}
	r.noted(notes)
	return true
}

// recallVisit recalls what an earlier visit has kept.
func (r *runner) recallVisit(n *node, key store.Key) bool {
	kept, ok := r.get(key)
	if !ok || r.Recall == nil {
		return false
	}
	if len(kept) == 0 {
		n.nothing = true
		return true
	}
	tell := r.Recall(r.unit(n, nil, nil), kept)
	if tell != nil {
		tell()
	}
	return tell != nil
}

// see sets what importers see of a package.
func (n *node) see(sum store.Key) {
	n.sum = sum
	parts := []string{"deep", string(sum[:])}
	for _, dep := range n.direct {
		if dep.deep == (store.Key{}) {
			return
		}
		parts = append(parts, string(dep.deep[:]))
	}
	n.deep = store.KeyOf(parts...)
}

func (r *runner) unit(n *node, pkg *summary.Package, own *layout) *Unit {
	return &Unit{Package: pkg, Facts: view{n}, files: n.owns, node: n, world: n.world, own: own}
}

// compute checks and analyses a package, and lets go of all but what its importers
// see of it.
func (r *runner) compute(n *node, inputs []source.Input, unread []error, visit bool) {
	if r.Computes != nil {
		r.Computes(r.total)
	}
	end := r.clock.start(stageCheck, n.meta.ImportPath)
	src := r.check(n, inputs, unread)
	end()
	visit = visit && len(n.owns) > 0
	if !visit { // nothing in it is edited
		clear(inputs)
		for _, f := range src.Files {
			f.Content = nil
		}
	}
	before, after := src, src
	var facts []byte
	var kept []byte
	own := layoutOf(n.meta.Dir, src)
	if n.told {
		// no facts: nobody asks for them
	} else if pkg := r.summarize(n, src); pkg != nil {
		final := pkg
		if visit {
			final, kept = r.visit(n, pkg, own)
		}
		if after = final.Src; after != before {
			r.keep(before, after)
			own = layoutOf(n.meta.Dir, after)
			inputs, unread = r.inputs(n)
			n.key, kept = r.key(n, inputs, unread), nil
		}
		if n.needed {
			facts = r.facts(n, final, func(pos token.Pos) Place { return n.world.place(n, own, after.Position(pos)) })
		}
	} else {
		n.faulty = true
	}
	var notes map[string]string
	if r.Loaded != nil {
		notes = r.Loaded(after.Types)
		r.noted(notes)
	}
	defer r.clock.start(stageKeep, n.meta.ImportPath)()
	e := &entry{Facts: facts, Notes: notes}
	if text, err := encoding.Marshal(own); err == nil {
		e.Layout = text
	} else {
		n.faulty = true
	}
	if r.conclude(n, after, e) && n.key != (store.Key{}) {
		r.save(n, e, kept)
	}
	e.ready(r.session.aside.put(e.Facts))
	n.entry = e
	if n.types == nil {
		r.forget(n)
	}
}

// buffers are for what is written piece by piece.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// conclude completes the entry of a package, and reports whether it may be stored. Of a
// package with errors there may be no export data: its types stay as they are, and
// nothing that depends on it is stored. Where nothing depends on it, nobody asks for
// what importers see of it.
func (r *runner) conclude(n *node, src *source.Package, e *entry) bool {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	var err error
	e.Alone = !n.needed
	var refs []string
	if len(src.Errors) == 0 && !e.Alone {
		refs, err = shallow.Write(buf, src.Types)
	}
	if err != nil || len(src.Errors) > 0 {
		n.key, n.deep, n.sum = store.Key{}, store.Key{}, store.Key{}
		n.types = src.Declarations().Types
		return false
	}
	if !e.Alone {
		e.Types = bytes.Clone(buf.Bytes())
		if !noRefs {
			e.Refs = refs
		}
	}
	if n.faulty {
		n.key, n.deep, n.sum = store.Key{}, store.Key{}, store.Key{}
		return false
	}
	e.Sum = n.key
	if !e.Alone {
		e.Sum = store.KeyOf(e.Types, e.Facts)
	}
	n.see(e.Sum)
	return true
}

// save keeps the entry of a package and what its visit has kept, nil for no visit.
func (r *runner) save(n *node, e *entry, kept []byte) {
	if kept != nil {
		n.visited, n.nothing = r.visitKey(n), len(kept) == 0
		r.put(n, n.visited, kept)
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if encoding.MarshalToBuffer(e, buf) == nil {
		r.put(n, n.key, buf.Bytes())
	}
}

// forget takes the files of a package, and the texts that edits of them were tried
// on, out of the file set: nothing that is left of the package has positions there.
// A test variant has files of the same names, which may be in use.
func (r *runner) forget(n *node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, f := range n.parsed {
		r.fset.RemoveFile(f)
	}
	n.parsed = nil
}

// summarize understands a package; it is nil after a fault.
func (r *runner) summarize(n *node, src *source.Package) (pkg *summary.Package) {
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
			pkg = nil
		}
	}()
	defer r.clock.start(stageSummarize, n.meta.ImportPath)()
	return r.Summarize(src, view{n})
}

// facts encodes the facts of a package.
func (r *runner) facts(n *node, pkg *summary.Package, place func(token.Pos) Place) []byte {
	list, err := listFacts(pkg, place)
	if err == nil {
		var data []byte
		if data, err = encoding.Marshal(list); err == nil {
			return data
		}
	}
	n.faulty = true
	r.problem(Problem{Package: n.meta.ImportPath, Message: fmt.Sprintf("fault of lockfix: writing its facts: %v", err), Fault: true})
	return nil
}

// visit shows a package to the visitor. After a fault it stays as it is.
func (r *runner) visit(n *node, pkg *summary.Package, own *layout) (after *summary.Package, kept []byte) {
	defer func() {
		if v := recover(); v != nil {
			r.problem(fault(n.meta.ImportPath, v))
			after, kept = pkg, nil
		}
	}()
	r.count()
	defer r.clock.start(stageVisit, n.meta.ImportPath)()
	src := pkg.Src
	for _, err := range src.Errors {
		r.problem(sourceProblem(src, err))
	}
	for _, large := range pkg.TooLarge() {
		r.problem(Problem{Pos: src.Position(large.Decl.Pos()), Package: src.Path,
			Message: "too large to analyse (" + large.What + "): nothing is known of it, and nothing in the package is edited"})
	}
	after, kept = r.Visit(r.unit(n, pkg, own))
	if len(pkg.TooLarge()) > 0 {
		kept = nil // it is said each time
	}
	return after, kept
}
