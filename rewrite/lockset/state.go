package lockset

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A State is what is held at a point. It is immutable: the methods that change
// it return another. The zero State holds nothing.
type State struct {
	held    []Held     // sorted by key
	dropped []Resource // released here without having been acquired, on every path: the caller's; sorted by key
	defers  []deferred // registered so far on some path, in source order
	dead    bool       // no path leads here: the least state, which every other one covers
}

// A deferred is one registered defer statement. It runs on every exit that
// follows on the paths that registered it.
type deferred struct {
	stmt *ast.DeferStmt
	lits []*ast.FuncLit // the literals run in place that it stands in
	must bool           // registered on every path
	// what was the caller's and had been released where it was registered
	dropped []Resource
}

// Held returns what is held, sorted by key. The slice must not be changed.
func (s State) Held() []Held { return s.held }

// Dropped returns the resources that were released without having been
// acquired: they were the caller's.
func (s State) Dropped() []Resource { return s.dropped }

// Find returns the entry of a resource.
func (s State) Find(key string) (Held, bool) {
	i, ok := search(s.held, key)
	if !ok {
		return Held{}, false
	}
	return s.held[i], true
}

func search(held []Held, key string) (int, bool) {
	return slices.BinarySearchFunc(held, key, func(h Held, key string) int { return strings.Compare(h.key, key) })
}

// restored is why the caller holds what was released and is taken again: it
// finds it as it left it.
const restored = "it is the caller's, released and taken again here"

// acquire adds an acquisition. One of a resource that is held already adds a
// site to it. One that gives back what was dropped cancels out.
func (s State) acquire(a *Acquisition, must bool, guard *types.Var) State {
	h := Held{Resource: a.Resource, Mode: a.Mode, Must: must, From: []*Acquisition{a}, ends: s.certain(a), guard: guard}
	if i := slices.IndexFunc(s.dropped, func(r Resource) bool { return r.key == a.Resource.key }); i >= 0 && must {
		s.dropped = slices.Delete(slices.Clone(s.dropped), i, i+1)
		h.Caller = restored
	}
	i, ok := search(s.held, h.key)
	if !ok {
		s.held = slices.Insert(slices.Clone(s.held), i, h)
		return s
	}
	old := s.held[i]
	h.ends = joinEnds(old, h)
	h.From = sites(old.From, h.From)
	h.Caller = max(h.Caller, old.Caller)
	h.Must = h.Must || old.Must
	s.held = slices.Clone(s.held)
	s.held[i] = h
	return s
}

// release removes a resource, and notes when it was the caller's. Only what is so
// on every path is noted. A lock that a branch acquired, at
//
//	if c { mu.Lock() }; …; if c { mu.Unlock() }
//
// is held on some paths, and the release that the second branch makes is of the
// acquisition that the first one made: there is nothing of the caller's in it. It
// is the same with a release deferred in the branch, and in a loop. A release,
// deferred or not, in a function that never locks finds nothing held, or what its
// caller is known to hold, and is noted. In a loop that unlocks, waits and locks
// again, the second round finds what the first one restored.
func (s State) release(r Resource) State {
	i, ok := search(s.held, r.key)
	if !ok {
		return s.drop(r)
	}
	callers := s.held[i].Caller != ""
	s = s.without(r.key)
	if callers {
		return s.drop(r)
	}
	return s
}

// without removes a resource.
func (s State) without(key string) State {
	if i, ok := search(s.held, key); ok {
		s.held = slices.Delete(slices.Clone(s.held), i, i+1)
	}
	return s
}

func (s State) drop(r Resource) State {
	i, ok := slices.BinarySearchFunc(s.dropped, r.key, func(r Resource, key string) int { return strings.Compare(r.key, key) })
	if !ok {
		s.dropped = slices.Insert(slices.Clone(s.dropped), i, r)
	}
	return s
}

// settle decides a fallible acquisition whose result was tested.
func (s State) settle(guard *types.Var, held bool) State {
	for i := len(s.held) - 1; i >= 0; i-- {
		if guard == nil || s.held[i].guard != guard {
			continue
		}
		s.held = slices.Clone(s.held)
		if held {
			s.held[i].Must, s.held[i].guard = true, nil
		} else {
			s.held = slices.Delete(s.held, i, i+1)
		}
	}
	return s
}

// sure says that an attempt at a resource has succeeded.
func (s State) sure(key string) State {
	if i, ok := search(s.held, key); ok {
		s.held = slices.Clone(s.held)
		s.held[i].Must, s.held[i].guard = true, nil
	}
	return s
}

// forget unties acquisitions from a variable that is assigned anew.
func (s State) forget(guard *types.Var) State {
	for i, h := range s.held {
		if h.guard == guard && guard != nil {
			s.held = slices.Clone(s.held)
			s.held[i].guard = nil
		}
	}
	return s
}

// join is the least state that covers both.
func join(a, b State) State {
	switch {
	case b.dead || same(a, b):
		return a
	case a.dead:
		return b
	}
	return State{held: joinHeld(a.held, b.held), dropped: common(a.dropped, b.dropped), defers: joinDefers(a.defers, b.defers)}
}

func joinHeld(a, b []Held) []Held {
	out := make([]Held, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].key < b[0].key:
			h := a[0]
			h.Must = false
			out, a = append(out, h), a[1:]
		case len(a) == 0 || b[0].key < a[0].key:
			h := b[0]
			h.Must = false
			out, b = append(out, h), b[1:]
		default:
			h := a[0]
			h.Must = a[0].Must && b[0].Must
			h.From = sites(a[0].From, b[0].From)
			h.ends = joinEnds(a[0], b[0])
			if b[0].Mode == syncapi.Write {
				h.Mode = syncapi.Write
			}
			if h.guard != b[0].guard {
				h.guard = nil
			}
			h.Caller = max(a[0].Caller, b[0].Caller)
			out, a, b = append(out, h), a[1:], b[1:]
		}
	}
	return out
}

func common(a, b []Resource) []Resource {
	var out []Resource
	for _, r := range a {
		if slices.ContainsFunc(b, func(o Resource) bool { return o.key == r.key }) {
			out = append(out, r)
		}
	}
	return out
}

// sites is the union of two site lists in source order.
func sites(a, b []*Acquisition) []*Acquisition {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(x, y *Acquisition) int { return int(x.Node.Pos() - y.Node.Pos()) })
	return out
}

// same reports whether two states say the same.
func same(a, b State) bool {
	return a.dead == b.dead && slices.EqualFunc(a.held, b.held, func(x, y Held) bool {
		return x.key == y.key && x.Must == y.Must && x.Mode == y.Mode && x.guard == y.guard && x.Caller == y.Caller && slices.Equal(x.From, y.From) && maps.EqualFunc(x.ends, y.ends, slices.Equal)
	}) && slices.EqualFunc(a.dropped, b.dropped, func(x, y Resource) bool { return x.key == y.key }) &&
		slices.EqualFunc(a.defers, b.defers, func(x, y deferred) bool {
			return x.stmt == y.stmt && x.must == y.must && len(x.dropped) == len(y.dropped)
		})
}
