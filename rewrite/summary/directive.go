package summary

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// A note is a comment that says something of what it stands on:
// //lockfix:VERB ARG, or an annotation // +checklocksVERB:ARG of gvisor's.
type note struct {
	*ast.Comment
	gvisor    bool
	verb, arg string
}

// name is how messages call a note.
func (n note) name() string {
	if n.gvisor {
		return "+checklocks" + n.verb
	}
	return "lockfix:" + n.verb
}

// A Complaint is a comment that cannot mean what it says.
type Complaint struct {
	Comment *ast.Comment
	Text    string // what is wrong, and the remedy
}

// Complaints lists the directives that are malformed or misplaced, in source
// order. Nobody reads those of generated files.
func (p *Package) Complaints() []Complaint {
	slices.SortStableFunc(p.complaints, func(a, b Complaint) int { return int(a.Comment.Pos() - b.Comment.Pos()) })
	return p.complaints
}

func (p *Package) complain(n note, text string) {
	if f := p.Src.File(n.Pos()); f != nil && f.ReadOnly == "generated" {
		return
	}
	p.complaints = append(p.complaints, Complaint{n.Comment, n.name() + " " + text})
}

// Directive reports whether the declaration of a variable or field of this
// package carries a comment //lockfix:TEXT, above it or on its line.
func (p *Package) Directive(obj types.Object, text string) bool {
	verb, arg, _ := strings.Cut(text, " ")
	return slices.ContainsFunc(p.notes[obj], func(n note) bool {
		first, _, _ := strings.Cut(n.arg, " ")
		return !n.gvisor && n.verb == verb && (arg == "" || first == arg)
	})
}

var annotation = pattern.New(`^// ?\+checklocks([a-z]*)(?::(\S*))?`)

// parseNote reads a comment; as with every directive of Go there is no space
// after the slashes. Those to ignore something are package suppress's.
func parseNote(c *ast.Comment) (note, bool) {
	if m := annotation.FindStringSubmatch(c.Text); m != nil {
		return note{c, true, m[1], m[2]}, true
	}
	rest, ok := strings.CutPrefix(c.Text, "//lockfix:")
	if !ok {
		return note{}, false
	}
	verb, arg := rest, ""
	if i := strings.IndexAny(rest, " \t"); i >= 0 {
		verb, arg = rest[:i], strings.TrimSpace(rest[i:])
	}
	return note{c, false, verb, arg}, verb != "ignore"
}

// findNotes ties the notes of the package to what they stand on, and complains
// of those that stand on nothing they can speak of.
func (p *Package) findNotes() {
	p.notes = map[types.Object][]note{}
	for _, f := range p.Src.Files {
		if !hasNotes(f.Syntax) {
			continue
		}
		d := p.documented(f.Syntax)
		for _, g := range f.Syntax.Comments {
			for _, c := range g.List {
				n, ok := parseNote(c)
				if !ok {
					continue
				}
				on := d.docs[g]
				if on == nil {
					on = d.line(p.Src, g)
				}
				if why := p.misplaced(n, on); why == "" {
					for _, obj := range on {
						p.notes[obj] = append(p.notes[obj], n)
					}
				} else {
					p.complain(n, why)
				}
			}
		}
	}
}

func hasNotes(f *ast.File) bool {
	return slices.ContainsFunc(f.Comments, func(g *ast.CommentGroup) bool {
		return slices.ContainsFunc(g.List, func(c *ast.Comment) bool {
			_, ok := parseNote(c)
			return ok
		})
	})
}

// A documented file knows what its comments stand on: docs by the syntax, lines
// for local variables, which have no comments of their own.
type documented struct {
	docs  map[*ast.CommentGroup][]types.Object
	lines map[int][]types.Object
}

func (p *Package) documented(f *ast.File) documented {
	d := documented{map[*ast.CommentGroup][]types.Object{}, map[int][]types.Object{}}
	put := func(objs []types.Object, groups ...*ast.CommentGroup) {
		for _, g := range groups {
			if g != nil {
				d.docs[g] = append(d.docs[g], objs...)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			put(p.defined(n.Name), n.Doc)
		case *ast.GenDecl:
			if len(n.Specs) == 1 {
				if spec, ok := n.Specs[0].(*ast.ValueSpec); ok {
					put(p.defined(spec.Names...), n.Doc)
				}
			}
		case *ast.ValueSpec:
			put(p.defined(n.Names...), n.Doc, n.Comment)
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				put(p.defined(m.Names...), m.Doc, m.Comment)
			}
		case *ast.StructType:
			p.fields(n, put)
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && n.Tok == token.DEFINE {
					at := p.Src.Position(id.Pos()).Line
					d.lines[at] = append(d.lines[at], p.defined(id)...)
				}
			}
		}
		return true
	})
	return d
}

// fields puts the comments of a struct's fields, embedded ones included.
func (p *Package) fields(n *ast.StructType, put func([]types.Object, ...*ast.CommentGroup)) {
	st, ok := p.Src.Info.TypeOf(n).(*types.Struct)
	if !ok {
		return
	}
	at := 0
	for _, f := range n.Fields.List {
		var objs []types.Object
		for range max(1, len(f.Names)) {
			if at < st.NumFields() {
				objs = append(objs, st.Field(at).Origin())
			}
			at++
		}
		put(objs, f.Doc, f.Comment)
	}
}

func (p *Package) defined(ids ...*ast.Ident) []types.Object {
	var out []types.Object
	for _, id := range ids {
		if obj := p.Src.Info.Defs[id]; obj != nil {
			out = append(out, obj)
		}
	}
	return out
}

// line finds the local variables that a comment stands behind or above.
func (d documented) line(src *source.Package, g *ast.CommentGroup) []types.Object {
	if objs := d.lines[src.Position(g.Pos()).Line]; objs != nil {
		return objs
	}
	return d.lines[src.Position(g.End()).Line+1]
}

var verbs = []string{"blocks", "wakes", "holds", "lock", "ignore"}

// misplaced says why a note cannot speak of what it stands on, "" if it can.
func (p *Package) misplaced(n note, on []types.Object) string {
	every := func(fits func(types.Object) bool) bool {
		return len(on) > 0 && !slices.ContainsFunc(on, func(o types.Object) bool { return !fits(o) })
	}
	switch {
	case n.gvisor:
		return "" // what it stands on is checked by gvisor's own tool
	case n.verb == "blocks" || n.verb == "wakes":
		if !every(callable) {
			return "stands on nothing that can be called: it belongs above a function, a method of an interface, or a field or variable that is a function"
		}
	case n.verb == "holds":
		switch {
		case !every(func(o types.Object) bool { fn, ok := o.(*types.Func); return ok && p.Uses.FuncDecl(fn) != nil }):
			return "stands on no function: it belongs above a function that its callers call with the lock held"
		case n.arg == "":
			return "names no lock: write lockfix:holds mu"
		}
	case n.verb == "lock":
		arg, _, _ := strings.Cut(n.arg, " ")
		switch {
		case arg != "io" && arg != "leaf":
			return "must be lockfix:lock io, for a lock around I/O, or lockfix:lock leaf, for one under which no other is taken"
		case !every(p.holdable):
			return "stands on no lock: it belongs on the declaration of a lock, above it or on its line"
		}
	default:
		return "is no directive: " + nearest.Hint(n.verb, verbs, "there are lockfix:blocks, wakes, holds, lock and ignore")
	}
	return ""
}

// callable: a function, or a variable of the package that holds one.
func callable(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		return true
	case *types.Var:
		_, ok := o.Type().Underlying().(*types.Signature)
		return ok && (o.IsField() || o.Parent() == o.Pkg().Scope())
	}
	return false
}

// holdable: a variable that is, holds or leads to something that can be held.
func (p *Package) holdable(o types.Object) bool {
	v, ok := o.(*types.Var)
	if !ok {
		return false
	}
	if syncapi.IsLock(v.Type()) || p.Words.Holds(v.Type()) {
		return true
	}
	switch t := v.Type().Underlying().(type) {
	case *types.Chan, *types.Struct, *types.Interface:
		return true // a semaphore
	case *types.Pointer:
		_, ok := t.Elem().Underlying().(*types.Struct)
		return ok
	case *types.Array:
		return syncapi.IsLock(t.Elem())
	case *types.Slice:
		return syncapi.IsLock(t.Elem())
	}
	return false
}
