package lockset

import (
	"go/ast"
	"maps"
	"slices"
)

// register notes a defer statement, which covers whatever is held here.
func (s State) register(d deferred) State {
	i, ok := slices.BinarySearchFunc(s.defers, d.stmt, func(d deferred, stmt *ast.DeferStmt) int { return int(d.stmt.Pos() - stmt.Pos()) })
	s.defers = slices.Clone(s.defers)
	d.dropped = s.dropped
	if ok {
		s.defers[i] = d
	} else {
		s.defers = slices.Insert(s.defers, i, d)
	}
	s.held = slices.Clone(s.held)
	for i, h := range s.held {
		ends := maps.Clone(h.ends)
		if ends == nil {
			ends = map[*Acquisition][]*ast.DeferStmt{}
		}
		for _, a := range h.From {
			if !slices.Contains(ends[a], d.stmt) {
				ends[a] = append(slices.Clone(ends[a]), d.stmt)
			}
		}
		s.held[i].ends = ends
	}
	return s
}

// certain is what covers an acquisition from its start: the defer statements that
// every path has registered.
func (s State) certain(a *Acquisition) map[*Acquisition][]*ast.DeferStmt {
	var stmts []*ast.DeferStmt
	for _, d := range s.defers {
		if d.must {
			stmts = append(stmts, d.stmt)
		}
	}
	if stmts == nil {
		return nil
	}
	return map[*Acquisition][]*ast.DeferStmt{a: stmts}
}

// joinEnds keeps, for each acquisition, the defer statements that are registered
// wherever it is held.
func joinEnds(a, b Held) map[*Acquisition][]*ast.DeferStmt {
	if len(a.ends) == 0 && len(b.ends) == 0 {
		return nil
	}
	out := map[*Acquisition][]*ast.DeferStmt{}
	for _, h := range []Held{a, b} {
		for _, x := range h.From {
			ends := h.ends[x]
			if slices.Contains(a.From, x) && slices.Contains(b.From, x) {
				ends = slices.DeleteFunc(slices.Clone(a.ends[x]), func(d *ast.DeferStmt) bool { return !slices.Contains(b.ends[x], d) })
			}
			if len(ends) > 0 {
				out[x] = ends
			}
		}
	}
	return out
}

// joinDefers lists what either of two states has registered.
func joinDefers(a, b []deferred) []deferred {
	out := make([]deferred, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].stmt.Pos() < b[0].stmt.Pos():
			d := a[0]
			d.must = false
			out, a = append(out, d), a[1:]
		case len(a) == 0 || b[0].stmt.Pos() < a[0].stmt.Pos():
			d := b[0]
			d.must = false
			out, b = append(out, d), b[1:]
		default:
			d := a[0]
			d.must = d.must && b[0].must
			d.dropped = common(d.dropped, b[0].dropped)
			out, a, b = append(out, d), a[1:], b[1:]
		}
	}
	return out
}

// uncovered lists where a resource was acquired without a defer statement being
// registered since.
func (h Held) uncovered(d *ast.DeferStmt) []*Acquisition {
	return slices.DeleteFunc(slices.Clone(h.From), func(a *Acquisition) bool { return slices.Contains(h.ends[a], d) })
}

// on is the state of the paths that registered a deferred call, where only some
// did: what they had released there is not held unless it is on every path.
func (s State) on(d deferred) State {
	for _, r := range d.dropped {
		if h, ok := s.Find(r.key); !ok || !h.Must {
			s = s.without(r.key).drop(r)
		}
	}
	return s
}

// ran is the state after a deferred call that some paths have not registered:
// what they hold they keep. before is the state ahead of the call, s the one after
// it.
func (s State) ran(d *ast.DeferStmt, before State) State {
	var kept []Held
	for _, h := range before.held {
		after, still := s.Find(h.key)
		rest := h.uncovered(d)
		switch {
		case still && len(rest) == 0 && len(h.From) > 0:
			kept = append(kept, after)
		case still:
			kept = append(kept, h)
		case len(rest) > 0 || len(h.From) == 0:
			h.From = rest
			kept = append(kept, h)
		}
	}
	before.held = kept
	return join(s, before)
}
