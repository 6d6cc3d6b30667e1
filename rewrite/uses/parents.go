package uses

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"sync"
)

// A lineage knows the parent of each node of a package. While the package is
// walked the nodes around the current one are at hand; afterwards a map is made for
// one top-level declaration when somebody asks about a node in it. Few are asked
// about, and a map of all nodes of a package costs more than the rest of the walk.
type lineage struct {
	path []ast.Node // around the node being walked, itself last; nil after the walk

	mu    sync.Mutex
	tops  []*top // by position
	files []*ast.File
	whole map[ast.Node]ast.Node // of all nodes; made when the place of a node does not tell where it stands
}

// A top is a top-level declaration.
type top struct {
	at     token.Pos // where it starts, its comment included
	decl   ast.Decl
	file   *ast.File
	parent map[ast.Node]ast.Node
}

// add notes the declarations of a file.
func (l *lineage) add(f *ast.File) {
	l.files = append(l.files, f)
	for _, d := range f.Decls {
		t := &top{at: d.Pos(), decl: d, file: f}
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

// walked ends the walk.
func (l *lineage) walked() {
	l.path = nil
	slices.SortStableFunc(l.tops, func(a, b *top) int { return cmp.Compare(a.at, b.at) })
}

// of returns the parent of a node, nil for a file and for nodes of other packages.
func (l *lineage) of(n ast.Node) ast.Node {
	if n == nil {
		return nil
	}
	if l.path != nil {
		if i := l.depth(n); i > 0 {
			return l.path[i-1]
		}
		return nil
	}
	return l.around(n)[n]
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

// around returns a map that has the parents of a node and of all nodes around it.
// Where the position of the node leads to a declaration that it is not in, that is
// the map of the whole package.
func (l *lineage) around(n ast.Node) map[ast.Node]ast.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.whole != nil {
		return l.whole
	}
	pos := n.Pos()
	i, found := slices.BinarySearchFunc(l.tops, pos, func(t *top, pos token.Pos) int { return cmp.Compare(t.at, pos) })
	if !found {
		i--
	}
	if i >= 0 {
		if m := l.tops[i].parents(); m[n] != nil {
			return m
		}
	}
	return l.all()
}

// all returns the map of the whole package. It is locked already.
func (l *lineage) all() map[ast.Node]ast.Node {
	if l.whole == nil {
		l.whole = make(map[ast.Node]ast.Node)
		for _, f := range l.files {
			parents(l.whole, f)
		}
	}
	return l.whole
}

func (t *top) parents() map[ast.Node]ast.Node {
	if t.parent == nil {
		t.parent = make(map[ast.Node]ast.Node, (t.decl.End()-t.decl.Pos())/8)
		parents(t.parent, t.decl)
		t.parent[t.decl] = t.file
	}
	return t.parent
}

// parents notes the parent of each node below a root.
func parents(m map[ast.Node]ast.Node, root ast.Node) {
	var stack []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		if len(stack) > 0 {
			m[n] = stack[len(stack)-1]
		}
		stack = append(stack, n)
		return true
	})
}
