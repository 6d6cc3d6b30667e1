package splice

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"reflect"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
)

// A tree is one declaration under change.
type tree struct {
	fset *token.FileSet
	ast  *ast.File // the formatted declaration as a file of its own
	dst  *dst.File // the same, to be changed

	twin  map[ast.Node]ast.Node // the plan's node => the one in ast
	node  map[ast.Node]dst.Node // the one in ast => what it is now in dst
	spans map[ast.Node]span     // statements that became several

	wide map[dst.Stmt]bool // statements whose blank line above new code has taken

	log log
}

// A span is the statements from first to last of a list.
type span struct{ first, last dst.Stmt }

// A log says what happened to comments, for the audit.
type log struct {
	added   []string   // came in with new code
	dropped []string   // went, because the plan says so
	moved   [][]string // runs that went to another place, each in order
	touched []ast.Node // nodes of tree.ast beside which a comment may stand otherwise
	code    []string   // the new code
}

// add appends what another log says.
func (l *log) add(o *log) {
	l.added = append(l.added, o.added...)
	l.dropped = append(l.dropped, o.dropped...)
	l.moved = append(l.moved, o.moved...)
}

// newTree parses a formatted declaration and pairs its nodes with those of
// decl, the declaration that the plan speaks of.
func newTree(decl ast.Decl, formatted []byte) (*tree, error) {
	src := append([]byte(header), formatted...)
	parsed := token.NewFileSet()
	file, err := parser.ParseFile(parsed, "decl.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, refuse("the declaration does not parse: %v", err)
	}
	if len(file.Decls) != 1 {
		return nil, refuse("the text of the declaration is not one declaration")
	}
	t := &tree{ast: file, fset: clean(parsed, file), node: map[ast.Node]dst.Node{}, spans: map[ast.Node]span{}, wide: map[dst.Stmt]bool{}}
	if t.twin, err = zip(decl, file.Decls[0]); err != nil {
		return nil, err
	}
	d := decorator.NewDecorator(t.fset)
	if t.dst, err = d.DecorateFile(file); err != nil {
		return nil, refuse("the declaration cannot be taken apart: %v", err)
	}
	for a, b := range d.Dst.Nodes {
		t.node[a] = b
	}
	return t, nil
}

// clean returns a file set in which file has the same geometry and no line
// directives: dst finds line breaks by positions, which honour them.
func clean(parsed *token.FileSet, file *ast.File) *token.FileSet {
	from := parsed.File(file.FileStart)
	fset := token.NewFileSet()
	fset.AddFile("decl.go", from.Base(), from.Size()).SetLines(from.Lines())
	return fset
}

// print returns the changed declaration, formatted. It is formatted twice:
// comments that moved can align anew.
func (t *tree) print() ([]byte, error) {
	var buf bytes.Buffer
	if err := decorator.Fprint(&buf, t.dst); err != nil {
		return nil, refuse("the changed declaration cannot be printed: %v", err)
	}
	out, err := format.Source(buf.Bytes())
	if err != nil {
		return nil, refuse("the changed declaration does not parse: %v", err)
	}
	return cutHeader(out)
}

// now returns what a node of the plan is in the changed tree.
func (t *tree) now(n ast.Node) (dst.Node, error) {
	for {
		p, ok := n.(*ast.ParenExpr)
		if !ok {
			break
		}
		n = p.X // gofmt drops some
	}
	if d := t.node[t.twin[n]]; d != nil {
		return d, nil
	}
	return nil, fmt.Errorf("the plan's %T is not in its declaration", n)
}

// become notes that a node of the plan is another one from now on.
func (t *tree) become(n ast.Node, d dst.Node) {
	for {
		p, ok := n.(*ast.ParenExpr)
		if !ok {
			break
		}
		n = p.X
	}
	t.node[t.twin[n]] = d
}

// span returns the statements that a statement of the plan is now.
func (t *tree) span(s ast.Stmt) (span, error) {
	if sp, ok := t.spans[s]; ok {
		return sp, nil
	}
	n, err := t.now(s)
	if err != nil {
		return span{}, err
	}
	d, ok := n.(dst.Stmt)
	if !ok {
		return span{}, fmt.Errorf("the plan's %T is no statement now", s)
	}
	return span{d, d}, nil
}

// touch notes that the comments at a node of the plan may come to stand
// otherwise.
func (t *tree) touch(n ast.Node) {
	if m := t.twin[n]; m != nil {
		t.log.touched = append(t.log.touched, m)
	}
}

// zip pairs the nodes of two parses of one declaration, one of them formatted.
// gofmt may drop parentheses and empty statements, so those are left out.
func zip(a, b ast.Node) (map[ast.Node]ast.Node, error) {
	as, bs := preorder(a), preorder(b)
	if len(as) != len(bs) {
		return nil, refuse("formatting the declaration changes its syntax")
	}
	pairs := make(map[ast.Node]ast.Node, len(as))
	for i := range as {
		if reflect.TypeOf(as[i]) != reflect.TypeOf(bs[i]) {
			return nil, refuse("formatting the declaration changes its syntax")
		}
		pairs[as[i]] = bs[i]
	}
	return pairs, nil
}

func preorder(root ast.Node) []ast.Node {
	var nodes []ast.Node
	ast.Inspect(root, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.CommentGroup, *ast.Comment, *ast.ParenExpr, *ast.EmptyStmt:
		default:
			nodes = append(nodes, n)
		}
		return true
	})
	return nodes
}
