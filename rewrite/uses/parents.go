package uses

import (
	"cmp"
	"go/ast"
	"go/token"
	"slices"
	"sync"

	"github.com/lockfix/lockfix/rewrite/source"
)

// parents knows which node directly holds another one. It looks at a declaration
// when it is first asked for a node there: of most declarations of most packages
// nobody ever asks, and a map of all nodes is as large as the syntax.
type parents struct {
	mu    sync.Mutex
	decls []*family // by position
}

// A family is the nodes of one declaration.
type family struct {
	file     *ast.File
	decl     ast.Decl
	from, to token.Pos // with its doc comment
	parent   map[ast.Node]ast.Node
}

func newParents(p *source.Package) *parents {
	var ps parents
	for _, f := range p.Files {
		for _, d := range f.Syntax.Decls {
			fam := &family{file: f.Syntax, decl: d, from: d.Pos(), to: d.End()}
			if doc := docOf(d); doc != nil {
				fam.from = min(fam.from, doc.Pos())
			}
			ps.decls = append(ps.decls, fam)
		}
	}
	slices.SortStableFunc(ps.decls, func(a, b *family) int { return cmp.Compare(a.from, b.from) })
	return &ps
}

func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// family returns the family that a position lies in, nil if it lies in none.
func (ps *parents) family(pos token.Pos) *family {
	i, found := slices.BinarySearchFunc(ps.decls, pos, func(fam *family, pos token.Pos) int { return cmp.Compare(fam.from, pos) })
	if !found {
		i--
	}
	if i < 0 || pos > ps.decls[i].to {
		return nil
	}
	return ps.decls[i]
}

// of returns the node that directly holds n, nil if it is not below a declaration.
func (ps *parents) of(n ast.Node) ast.Node {
	fam := ps.family(n.Pos())
	switch {
	case fam == nil:
		return nil
	case n == ast.Node(fam.decl):
		return fam.file
	}
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if fam.parent == nil {
		fam.fill()
	}
	return fam.parent[n]
}

func (fam *family) fill() {
	fam.parent = make(map[ast.Node]ast.Node, int(fam.to-fam.from)/6)
	var above []ast.Node
	ast.Inspect(fam.decl, func(n ast.Node) bool {
		if n == nil {
			above = above[:len(above)-1]
			return true
		}
		if len(above) > 0 {
			fam.parent[n] = above[len(above)-1]
		}
		above = append(above, n)
		return true
	})
}

// up returns the node that directly holds n, nil for a file and for nodes of other
// packages. During the walk the nodes around the one that is visited are at hand.
func (x *Index) up(n ast.Node) ast.Node {
	for i := len(x.stack) - 1; i > 0; i-- {
		if x.stack[i] == n {
			return x.stack[i-1]
		}
	}
	if n == nil {
		return nil
	}
	return x.parents.of(n)
}
