package lockset

import (
	"cmp"
	"go/ast"
	"slices"
)

// A recorder collects what the last run through a body sees.
type recorder struct {
	body     *Body
	sites    map[site]*Acquisition
	sections map[*Acquisition]*Section
	ops      map[ast.Node]*Op // nil where no node is seen twice
}

// A site is one acquisition: a node and the resource, since a helper may
// acquire several.
type site struct {
	node ast.Node
	key  string
}

func newRecorder(b *Body) *recorder { return &recorder{body: b} }

func (r *recorder) inner(lit *ast.FuncLit) {
	if r.body.Inner == nil {
		r.body.Inner = map[*ast.FuncLit]bool{}
	}
	r.body.Inner[lit] = true
}

// acquisition returns the one Acquisition of a node and resource.
func (r *recorder) acquisition(n ast.Node, c Change, lits []*ast.FuncLit) *Acquisition {
	k := site{n, c.Resource.key}
	a := r.sites[k]
	if a == nil {
		if r.sites == nil {
			r.sites, r.sections = map[site]*Acquisition{}, map[*Acquisition]*Section{}
		}
		a = &Acquisition{Change: c, Node: n}
		r.sites[k] = a
		r.sections[a] = &Section{Body: r.body, Acquire: a, Lits: lits}
	}
	return a
}

// section returns the section of an acquisition of this body; nil for one that
// was handed over by another body.
func (r *recorder) section(a *Acquisition) *Section { return r.sections[a] }

func (r *recorder) op(n ast.Node, s State, d *ast.DeferStmt, lits []*ast.FuncLit) {
	if o := r.ops[n]; o != nil {
		defers := o.State.defers
		o.State = join(o.State, s)
		o.State.defers = defers
		return
	}
	o := &Op{Node: n, State: s, Defer: d, Lits: lits}
	r.body.Ops = append(r.body.Ops, o)
	if r.ops != nil {
		r.ops[n] = o
	}
}

// write notes the state before an assignment. Where nothing is held, and no node
// seen twice, a list of them is enough.
func (r *recorder) write(n ast.Node, s State) {
	if r.ops == nil && len(s.held)+len(s.dropped) == 0 {
		r.body.bare = append(r.body.bare, n)
		return
	}
	if old, ok := r.body.writes[n]; ok {
		s = join(old, s)
	}
	if r.body.writes == nil {
		r.body.writes = map[ast.Node]State{}
	}
	r.body.writes[n] = s
}

func (r *recorder) release(n ast.Node, c Change, s State, d *ast.DeferStmt, lits []*ast.FuncLit) {
	h, ok := s.Find(c.Resource.key)
	if !ok {
		return
	}
	from := h.From
	if rest := h.uncovered(d); d != nil && len(rest) < len(from) {
		from = slices.DeleteFunc(slices.Clone(from), func(a *Acquisition) bool { return slices.Contains(rest, a) })
	}
	for _, a := range from {
		sec := r.section(a)
		if sec == nil {
			continue
		}
		sec.Mixed = sec.Mixed || len(from) > 1
		if !slices.ContainsFunc(sec.Releases, func(x *Release) bool { return x.Node == n }) {
			sec.Releases = append(sec.Releases, &Release{Change: c, Node: n, Defer: d, Lits: lits})
		}
	}
}

// leaving notes a return statement before deferred calls run. The implicit
// return at the end of a body is one that go/cfg made up: it has no results and
// lies at the closing brace. A return from a literal inside the section leaves
// the literal only.
func (r *recorder) leaving(n *ast.ReturnStmt, s State, lits []*ast.FuncLit) {
	for _, h := range s.held {
		for _, a := range h.From {
			sec := r.section(a)
			if sec == nil || !within(sec.Lits, lits) {
				continue
			}
			if implicitReturn(n, r.block(lits)) {
				sec.Falls = true
			} else if !slices.Contains(sec.Returns, n) {
				sec.Returns = append(sec.Returns, n)
			}
		}
	}
}

// within reports whether lits are the outermost of all.
func within(all, lits []*ast.FuncLit) bool {
	return len(lits) <= len(all) && slices.Equal(all[:len(lits)], lits)
}

// block is the block of the innermost function around a point.
func (r *recorder) block(lits []*ast.FuncLit) *ast.BlockStmt {
	if len(lits) > 0 {
		return lits[len(lits)-1].Body
	}
	return r.body.Block
}

func implicitReturn(n *ast.ReturnStmt, block *ast.BlockStmt) bool {
	return n.Return == block.End()-1
}

// left notes the state after the deferred calls.
func (r *recorder) left(n *ast.ReturnStmt, s State, lits []*ast.FuncLit) {
	if len(lits) > 0 {
		return // a literal run in place: its caller goes on
	}
	var key ast.Node = n
	if implicitReturn(n, r.body.Block) {
		key = r.body.Block
	}
	exits := r.body.Exits
	if i := slices.IndexFunc(exits, func(x Exit) bool { return x.At == key }); i >= 0 {
		exits[i].State = s
	} else {
		r.body.Exits = append(exits, Exit{key, s})
	}
	for _, h := range s.held {
		if h.Caller != "" {
			continue // it is the caller's again
		}
		for _, a := range h.From {
			if sec := r.section(a); sec != nil {
				sec.Leaks = true
			}
		}
	}
}

// finish sorts what was collected into the body.
func (r *recorder) finish() {
	b := r.body
	slices.SortFunc(b.Ops, func(x, y *Op) int { return byPos(x.Node, y.Node) })
	slices.SortFunc(b.Exits, func(x, y Exit) int { return cmp.Compare(x.At.End(), y.At.End()) })
	for _, sec := range r.sections {
		b.Sections = append(b.Sections, sec)
	}
	slices.SortFunc(b.Sections, func(x, y *Section) int {
		return cmp.Or(byPos(x.Acquire.Node, y.Acquire.Node), cmp.Compare(x.Acquire.Resource.key, y.Acquire.Resource.key))
	})
	for _, sec := range b.Sections {
		slices.SortFunc(sec.Releases, func(x, y *Release) int { return byPos(x.Node, y.Node) })
		slices.SortFunc(sec.Returns, func(x, y *ast.ReturnStmt) int { return byPos(x, y) })
	}
	for _, o := range b.Ops {
		for _, h := range o.State.held {
			for _, a := range h.From {
				if sec := r.section(a); sec != nil {
					sec.Ops = append(sec.Ops, o)
				}
			}
		}
	}
}

func byPos(x, y ast.Node) int {
	return cmp.Or(cmp.Compare(x.Pos(), y.Pos()), cmp.Compare(x.End(), y.End()))
}
