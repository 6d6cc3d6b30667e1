// Package instrument makes a program run under package simulate: sync is replaced
// by it, and so is each operation on a channel.
//
// Both variants of a program are instrumented in the same way, after the rewriting
// and by types, so that nothing of it can be seen by lockfix.
package instrument

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"

	"github.com/lockfix/lockfix/rewrite/source"
)

// name is what package simulate is called in instrumented files.
const name = "simulate"

// File instruments one file of a checked package. shim is the import path of
// package simulate there. The package's syntax is changed.
func File(pkg *source.Package, file *source.File, packageName, shim string) ([]byte, error) {
	in := &instrumenter{info: pkg.Info}
	f := file.Syntax
	f.Name = ast.NewIdent(packageName)
	astutil.Apply(f, in.before, in.after)
	for _, spec := range f.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil && path == "sync" {
			if spec.Name == nil {
				spec.Name = ast.NewIdent("sync")
			}
			spec.Path.Value = strconv.Quote(shim)
		}
	}
	f.Comments = nil // places no longer hold
	var buf bytes.Buffer
	if err := format.Node(&buf, token.NewFileSet(), f); err != nil {
		return nil, fmt.Errorf("print the instrumented file: %w", err)
	}
	text := buf.Bytes()
	// The import goes behind the package clause, on its line.
	end := bytes.IndexByte(text, '\n')
	use := fmt.Sprintf("; import %s %q; var _ = %s.Yield", name, shim, name)
	if i := bytes.LastIndex(text, []byte("\nimport ")); i >= 0 {
		use = fmt.Sprintf("; import %s %q", name, shim)
		text = append(text, fmt.Sprintf("\nvar _ = %s.Yield\n", name)...)
	}
	return append(text[:end:end], append([]byte(use), text[end:]...)...), nil
}

type instrumenter struct {
	info  *types.Info
	comms map[ast.Stmt]bool // the communications of selects, which stay
}

// before instruments what must be seen ahead of what it consists of.
func (in *instrumenter) before(c *astutil.Cursor) bool {
	if s, ok := c.Node().(*ast.CommClause); ok && s.Comm != nil {
		if in.comms == nil {
			in.comms = map[ast.Stmt]bool{}
		}
		in.comms[s.Comm] = true
	}
	return true
}

func (in *instrumenter) after(c *astutil.Cursor) bool {
	switch n := c.Node().(type) {
	case *ast.SendStmt:
		if !in.comms[n] {
			c.Replace(&ast.ExprStmt{X: &ast.CallExpr{Fun: call("Send", n.Chan), Args: []ast.Expr{n.Value}}})
		}
	case *ast.UnaryExpr:
		if n.Op == token.ARROW && !in.inComm(c.Parent(), n) {
			c.Replace(call(received(c), n.X))
		}
	case *ast.RangeStmt:
		if t := in.info.TypeOf(n.X); t != nil {
			if _, ok := t.Underlying().(*types.Chan); ok {
				n.X = call("Range", n.X)
			}
		}
	case *ast.CallExpr:
		if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "close" {
			if _, builtin := in.info.Uses[id].(*types.Builtin); builtin {
				n.Fun = sel("Close")
			}
		}
	case *ast.SelectStmt:
		in.selects(n)
	case *ast.GoStmt:
		in.starts(c, n)
	}
	return true
}

// inComm reports whether a receive is the communication of a select, which only
// the select can carry out.
func (in *instrumenter) inComm(parent ast.Node, recv *ast.UnaryExpr) bool {
	switch p := parent.(type) {
	case *ast.ExprStmt:
		return in.comms[p]
	case *ast.AssignStmt:
		return in.comms[p] && len(p.Rhs) == 1 && p.Rhs[0] == recv
	}
	return false
}

// received chooses between one result and two.
func received(c *astutil.Cursor) string {
	switch p := c.Parent().(type) {
	case *ast.AssignStmt:
		if len(p.Lhs) == 2 && len(p.Rhs) == 1 {
			return "Recv2"
		}
	case *ast.ValueSpec:
		if len(p.Names) == 2 && len(p.Values) == 1 {
			return "Recv2"
		}
	}
	return "Recv"
}

// selects lets a select end with the run, and yields behind each communication.
func (in *instrumenter) selects(s *ast.SelectStmt) {
	waits := true
	for _, c := range s.Body.List {
		clause := c.(*ast.CommClause)
		if clause.Comm == nil {
			waits = false
		}
		clause.Body = append([]ast.Stmt{&ast.ExprStmt{X: call("Yield")}}, clause.Body...)
	}
	if waits {
		s.Body.List = append(s.Body.List, &ast.CommClause{
			Comm: &ast.ExprStmt{X: &ast.UnaryExpr{Op: token.ARROW, X: call("Dead")}},
			Body: []ast.Stmt{
				&ast.ExprStmt{X: call("Die")},
				&ast.ExprStmt{X: &ast.CallExpr{Fun: ast.NewIdent("panic"), Args: []ast.Expr{&ast.BasicLit{Kind: token.STRING, Value: `"over"`}}}},
			},
		})
	}
}

// starts counts a goroutine in and out. One that calls daemon first may be left
// waiting.
func (in *instrumenter) starts(c *astutil.Cursor, g *ast.GoStmt) {
	exit := &ast.DeferStmt{Call: call("Exit")}
	lit, ok := g.Call.Fun.(*ast.FuncLit)
	if !ok { // go s.run(): receiver and arguments are taken now
		f := g.Call.Fun
		args := g.Call.Args
		var names, values []ast.Expr
		for i, a := range append([]ast.Expr{f}, args...) {
			names = append(names, ast.NewIdent("go"+strconv.Itoa(i)+"_"))
			values = append(values, a)
		}
		inner := &ast.CallExpr{Fun: names[0], Args: names[1:], Ellipsis: g.Call.Ellipsis}
		g.Call = &ast.CallExpr{Fun: &ast.FuncLit{Type: &ast.FuncType{Params: &ast.FieldList{}}, Body: &ast.BlockStmt{List: []ast.Stmt{exit, &ast.ExprStmt{X: inner}}}}}
		c.Replace(&ast.BlockStmt{List: []ast.Stmt{
			&ast.AssignStmt{Lhs: names, Tok: token.DEFINE, Rhs: values},
			&ast.ExprStmt{X: call("Start")}, g,
		}})
		return
	}
	if len(lit.Body.List) > 0 {
		if e, ok := lit.Body.List[0].(*ast.ExprStmt); ok {
			if k, ok := e.X.(*ast.CallExpr); ok && types.ExprString(k.Fun) == "daemon" {
				exit = &ast.DeferStmt{Call: call("ExitDaemon")}
			}
		}
	}
	lit.Body.List = append([]ast.Stmt{exit}, lit.Body.List...)
	c.Replace(&ast.BlockStmt{List: []ast.Stmt{&ast.ExprStmt{X: call("Start")}, g}})
}

func sel(f string) ast.Expr {
	return &ast.SelectorExpr{X: ast.NewIdent(name), Sel: ast.NewIdent(f)}
}

func call(f string, args ...ast.Expr) *ast.CallExpr { return &ast.CallExpr{Fun: sel(f), Args: args} }
