package splice

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"strconv"

	"github.com/dave/dst"
	"github.com/dave/dst/decorator"
	"github.com/dave/dst/dstutil"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/internal/pattern"
)

// bodyHole is the statement that stands for what is enclosed.
const bodyHole = "_body_"

var argHole = pattern.New(`^_([1-9][0-9]*)_$`)

// statements returns the statements of new code, their holes filled.
func (t *tree) statements(code fix.Code) ([]line, error) {
	file, err := t.parse(code, "func _() {\n"+code.Text+"\n}\n")
	if err != nil {
		return nil, err
	}
	fn, ok := file.Decls[0].(*dst.FuncDecl)
	if !ok || len(file.Decls) != 1 {
		return nil, fmt.Errorf("the plan's code %q is not a list of statements", code.Text)
	}
	if err := t.fill(fn.Body, code.Args); err != nil {
		return nil, err
	}
	lines := read(fn.Body).lines
	if spanOf(lines).first == nil {
		return nil, fmt.Errorf("the plan's code %q has no statement", code.Text)
	}
	return lines, nil
}

// expression returns the expression of new code, its holes filled.
func (t *tree) expression(code fix.Code) (dst.Expr, error) {
	file, err := t.parse(code, "var _ = "+code.Text+"\n")
	if err != nil {
		return nil, err
	}
	decl, ok := file.Decls[0].(*dst.GenDecl)
	if !ok || len(file.Decls) != 1 || len(decl.Specs) != 1 {
		return nil, fmt.Errorf("the plan's code %q is not one expression", code.Text)
	}
	spec := decl.Specs[0].(*dst.ValueSpec)
	if len(spec.Values) != 1 {
		return nil, fmt.Errorf("the plan's code %q is not one expression", code.Text)
	}
	if err := t.fill(spec, code.Args); err != nil {
		return nil, err
	}
	e := spec.Values[0]
	e.Decorations().Before, e.Decorations().After = dst.None, dst.None
	return e, nil
}

// parse parses new code within a file and logs it for the audit.
func (t *tree) parse(code fix.Code, decl string) (*dst.File, error) {
	src, err := format.Source([]byte(header + decl))
	if err != nil {
		return nil, fmt.Errorf("parsing the plan's code %q: %w", code.Text, err)
	}
	file, err := decorator.NewDecorator(token.NewFileSet()).ParseFile("code.go", src, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parsing the plan's code %q: %w", code.Text, err)
	}
	t.log.code = append(t.log.code, code.Text)
	for _, tok := range scan([]byte(code.Text)) {
		if tok.tok == token.COMMENT {
			t.log.added = append(t.log.added, tok.lit)
		}
	}
	return file, nil
}

// fill puts copies of the arguments into the holes below root.
func (t *tree) fill(root dst.Node, args []ast.Expr) error {
	var failed error
	dstutil.Apply(root, func(c *dstutil.Cursor) bool {
		id, ok := c.Node().(*dst.Ident)
		if !ok {
			return true
		}
		m := argHole.FindStringSubmatch(id.Name)
		if m == nil {
			return true
		}
		i, err := strconv.Atoi(m[1])
		if err != nil || i > len(args) {
			failed = fmt.Errorf("the plan's code has no argument for %s", id.Name)
			return false
		}
		e, err := t.copy(args[i-1])
		if err != nil {
			failed = err
			return false
		}
		d, hole := e.Decorations(), id.Decorations()
		d.Before, d.After, d.Start, d.End = hole.Before, hole.After, hole.Start, hole.End
		c.Replace(protect(c.Parent(), c.Name(), e))
		return false
	}, nil)
	return failed
}

// copy returns a copy of an expression of the file, without comments. What the
// steps have changed is copied as it is now.
func (t *tree) copy(arg ast.Expr) (dst.Expr, error) {
	n, err := t.now(arg)
	if err == nil {
		e, ok := n.(dst.Expr)
		if !ok {
			return nil, fmt.Errorf("the plan's argument is a %T now", n)
		}
		return bare(e), nil
	}
	// Of another declaration.
	var text bytes.Buffer
	if err := format.Node(&text, token.NewFileSet(), arg); err != nil {
		return nil, fmt.Errorf("printing an argument of the plan: %w", err)
	}
	return t.expression(fix.Code{Text: text.String()})
}

// A scanned is a token or comment of a text.
type scanned struct {
	tok      token.Token
	lit      string
	off, end int
}

// scan returns the tokens of a text, comments included, semicolons that are
// only line ends not.
func scan(text []byte) []scanned {
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(text))
	var s scanner.Scanner
	s.Init(file, text, func(token.Position, string) {}, scanner.ScanComments)
	var out []scanned
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return out
		}
		if tok == token.SEMICOLON && lit != ";" {
			continue
		}
		if lit == "" {
			lit = tok.String()
		}
		off := file.Offset(pos)
		out = append(out, scanned{tok, lit, off, off + len(lit)})
	}
}
