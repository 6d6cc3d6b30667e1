package uses

import (
	"cmp"
	"go/ast"
	"go/token"
	"iter"
	"slices"
	"sort"
	"sync"
)

// A lineage knows the parent of each node of a package. While the package is
// walked the nodes around the current one are at hand. Afterwards a list is made for
// one top-level declaration when somebody asks about a node in it: few are asked
// about, and a map of all nodes of a package costs more than the rest of the walk.
type lineage struct {
	path []ast.Node // around the node being walked, itself last; nil after the walk
	in   int        // of tops: how many the walk has come to

	families map[*ast.File][]*family // by declaration
	before   map[*ast.File][]*family // of an index of the package before an edit

	mu    sync.Mutex
	tops  []*top // by position
	files []*ast.File
	rest  map[ast.Node]ast.Node // of all nodes; made when the place of a node does not tell where it stands
}

// A top is a top-level declaration.
type top struct {
	at   token.Pos // where it starts, its comment included
	decl ast.Decl
	file *ast.File
	lits []*ast.FuncLit // in it, by position; one around another comes first
	*family
}

// A family is the nodes of a declaration. It is made of syntax alone, so that the
// indexes before and after an edit share those of the files that kept theirs.
type family struct {
	once  sync.Once
	base  token.Pos    // of the declaration
	nodes []descendant // in the order of the walk
	order []int32      // of nodes by position; nil where that is the order of the walk
}

// A descendant is a node of a declaration. There are as many as nodes, so they are
// small.
type descendant struct {
	ast.Node
	at int32 // where it starts, from base
	up int32 // its parent, by its place in nodes; -1 for the declaration
}

// add notes the declarations of a file.
func (l *lineage) add(f *ast.File) {
	l.files = append(l.files, f)
	families := l.before[f]
	if families == nil {
		families = make([]*family, len(f.Decls))
		for i := range families {
			families[i] = new(family)
		}
	}
	if l.families == nil {
		l.families = make(map[*ast.File][]*family)
	}
	l.families[f] = families
	for i, d := range f.Decls {
		t := &top{at: d.Pos(), decl: d, file: f, family: families[i]}
		var doc *ast.CommentGroup
		switch d := d.(type) {
		case *ast.FuncDecl:
			doc = d.Doc
		case *ast.GenDecl:
			doc = d.Doc
		}
		if doc != nil {
			t.at = min(t.at, doc.Pos())
		}
		l.tops = append(l.tops, t)
	}
}

// enter follows the walk to a node.
func (l *lineage) enter(n ast.Node) {
	l.path = append(l.path, n)
	switch n := n.(type) {
	case ast.Decl:
		if len(l.path) == 2 {
			l.in++
		}
	case *ast.FuncLit:
		t := l.tops[l.in-1]
		t.lits = append(t.lits, n)
	}
}

// leave follows the walk out of a node.
func (l *lineage) leave() { l.path = l.path[:len(l.path)-1] }

// walked ends the walk.
func (l *lineage) walked() {
	l.path, l.before = nil, nil
	slices.SortStableFunc(l.tops, func(a, b *top) int { return cmp.Compare(a.at, b.at) })
}

// of returns the parent of a node, nil for a file and for nodes of other packages.
func (l *lineage) of(n ast.Node) ast.Node {
	if _, file := n.(*ast.File); file || n == nil {
		return nil
	}
	if l.path != nil {
		if i := l.depth(n); i > 0 {
			return l.path[i-1]
		}
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rest == nil {
		if t := l.top(n.Pos()); t != nil {
			if up := t.parent(n); up != nil || t.at <= n.Pos() && n.Pos() < t.decl.End() {
				return up // no other node begins there: who asks for one has made it up
			}
		}
	}
	return l.all()[n]
}

// around lists the nodes around a node, the nearest first.
func (l *lineage) around(n ast.Node) iter.Seq[ast.Node] {
	return func(yield func(ast.Node) bool) {
		for n = l.of(n); n != nil && yield(n); n = l.of(n) {
		}
	}
}

// fn finds the function around a node by where the two stand. It does not know
// whether there is one, nil, for nodes that it is not sure to be below the
// declaration there.
func (l *lineage) fn(n ast.Node) (fn ast.Node, known bool) {
	from, to := n.Pos(), n.End()
	t := l.top(from)
	if t == nil {
		return nil, false
	}
	if from < t.decl.Pos() || t.decl.End() < to || n == ast.Node(t.decl) {
		return nil, false
	}
	i, _ := slices.BinarySearchFunc(t.lits, from+1, func(lit *ast.FuncLit, pos token.Pos) int { return cmp.Compare(lit.Pos(), pos) })
	for _, lit := range slices.Backward(t.lits[:i]) { // a literal is as long as no other node in the same place
		if to <= lit.End() && (from != lit.Pos() || to != lit.End()) {
			return lit, true
		}
	}
	if d, ok := t.decl.(*ast.FuncDecl); ok {
		return d, true
	}
	return nil, true
}

// depth is the place of a node in the path, -1 if it is not in it.
func (l *lineage) depth(n ast.Node) int {
	for i := len(l.path) - 1; i >= 0; i-- {
		if l.path[i] == n {
			return i
		}
	}
	return -1
}

// top is the declaration that a position belongs to, if it belongs to one.
func (l *lineage) top(pos token.Pos) *top {
	i, found := slices.BinarySearchFunc(l.tops, pos, func(t *top, pos token.Pos) int { return cmp.Compare(t.at, pos) })
	if !found {
		i--
	}
	if i < 0 {
		return nil
	}
	return l.tops[i]
}

// all returns the parents of all nodes of the package.
func (l *lineage) all() map[ast.Node]ast.Node {
	if l.rest == nil {
		l.rest = make(map[ast.Node]ast.Node)
		for _, f := range l.files {
			descend(f, new(desk), func(n step, up *step) {
				if up != nil {
					l.rest[n.Node] = up.Node
				}
			})
		}
	}
	return l.rest
}

// parent returns the parent of a node of the declaration, nil for another node.
func (t *top) parent(n ast.Node) ast.Node {
	if n == ast.Node(t.decl) {
		return t.file
	}
	t.once.Do(func() { t.list(t.decl) })
	at := int32(n.Pos() - t.base)
	for i := sort.Search(len(t.nodes), func(i int) bool { return t.nth(i).at >= at }); i < len(t.nodes); i++ {
		switch d := t.nth(i); {
		case d.at != at:
			return nil
		case d.Node == n && d.up >= 0:
			return t.nodes[d.up].Node
		}
	}
	return nil
}

// nth is the i-th node by position.
func (f *family) nth(i int) *descendant {
	if f.order != nil {
		i = int(f.order[i])
	}
	return &f.nodes[i]
}

// A desk is where lists are made before it is known how long they are.
type desk struct {
	nodes []descendant
	path  []step
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// A step is a node on the way from a declaration down to another one.
type step struct {
	ast.Node
	at    token.Pos
	index int // of the walk
}

// list lists the nodes of a declaration.
func (f *family) list(decl ast.Decl) {
	work := desks.Get().(*desk)
	defer func() {
		clear(work.nodes) // which would keep the syntax
		clear(work.path[:cap(work.path)])
		desks.Put(work)
	}()
	work.nodes, f.base = work.nodes[:0], decl.Pos()
	sorted := true
	descend(decl, work, func(n step, up *step) {
		d := descendant{Node: n.Node, at: int32(n.at - f.base), up: -1}
		if up != nil {
			d.up = int32(up.index)
		}
		sorted = sorted && (n.index == 0 || work.nodes[n.index-1].at <= d.at)
		work.nodes = append(work.nodes, d)
	})
	f.nodes = slices.Clone(work.nodes)
	if !sorted { // comments stand before what they are walked after
		f.order = make([]int32, len(f.nodes))
		for i := range f.order {
			f.order[i] = int32(i)
		}
		slices.SortStableFunc(f.order, func(a, b int32) int { return cmp.Compare(f.nodes[a].at, f.nodes[b].at) })
	}
}

// descend lists a node and all below it in the order of [ast.Inspect], each with its
// parent, nil for the first. What add gets is good until it returns.
func descend(root ast.Node, work *desk, add func(n step, up *step)) {
	path, index := work.path[:0], 0
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return true
		}
		s := step{Node: n, index: index}
		var up *step
		if len(path) > 0 {
			up = &path[len(path)-1]
		}
		s.at = startOf(n, up)
		add(s, up)
		path = append(path, s)
		index++
		return true
	})
	work.path = path
}

// startOf is the position of a node below another. An operand on the left starts
// where the whole does: to ask a chain of them for it takes time by its length, and
// all of them together by its square.
func startOf(n ast.Node, above *step) token.Pos {
	if above != nil {
		if b, ok := above.Node.(*ast.BinaryExpr); ok && ast.Node(b.X) == n {
			return above.at
		}
	}
	return n.Pos()
}
