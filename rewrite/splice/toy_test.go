package splice

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/source"
)

// The toy finder stands in for the packages that find and plan: a range loop
// between a Lock and an Unlock is moved behind the Unlock and goes over a copy.
// It decides nothing about meaning beyond making a program that compiles.
//
//	mu.Lock(); defer mu.Unlock(); for range x {}; rest
//	=> mu.Lock(); c := slices.Clone(x); rest; mu.Unlock(); for range c {}
type toy struct {
	p    *source.Package
	f    *source.File
	decl ast.Decl
}

// toyPlan returns the plan for the first loop of the file, nil if there is none.
func toyPlan(p *source.Package, f *source.File) *fix.Plan {
	for _, d := range f.Syntax.Decls {
		t := &toy{p, f, d}
		var plan *fix.Plan
		ast.Inspect(d, func(n ast.Node) bool {
			var block *ast.BlockStmt
			switch n := n.(type) {
			case *ast.FuncDecl:
				block = n.Body
			case *ast.FuncLit:
				block = n.Body
			}
			if block != nil && plan == nil {
				plan = t.body(block)
			}
			return plan == nil
		})
		if plan != nil {
			return plan
		}
	}
	return nil
}

// body plans for the lists of one function.
func (t *toy) body(block *ast.BlockStmt) (plan *fix.Plan) {
	ast.Inspect(block, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		}
		if plan == nil {
			plan = t.list(block, list)
		}
		return plan == nil
	})
	return plan
}

func (t *toy) list(block *ast.BlockStmt, list []ast.Stmt) *fix.Plan {
	locked, deferred := false, (*ast.DeferStmt)(nil)
	var top, loop ast.Stmt
	for i, s := range list {
		switch {
		case isCall(s, "Lock"):
			locked, top, loop = true, nil, nil
		case locked && isDefer(s):
			deferred = s.(*ast.DeferStmt)
		case locked && loop != nil && deferred == nil && isCall(s, "Unlock"):
			steps, imp := t.capture(block, top, loop)
			steps = append(steps, fix.Move{Stmts: []ast.Stmt{loop}, At: fix.Place{After: s}})
			return &fix.Plan{Decl: t.decl, Steps: steps, Imports: imp}
		case locked && isCall(s, "Unlock"):
			locked = false
		case locked && loop == nil:
			if loop = findLoop(s); loop != nil {
				top = s
			}
		}
		if i == len(list)-1 && deferred != nil && loop != nil {
			return t.deferred(block, list, deferred, top, loop)
		}
	}
	return nil
}

// deferred plans for a section that ends with the function.
func (t *toy) deferred(block *ast.BlockStmt, list []ast.Stmt, d *ast.DeferStmt, top, loop ast.Stmt) *fix.Plan {
	steps, imp := t.capture(block, top, loop)
	unlock := fix.Code{Text: "_1_", Args: []ast.Expr{d.Call}}
	tail, _ := list[len(list)-1].(*ast.ReturnStmt)
	ast.Inspect(block, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if n != tail && n.Pos() > d.Pos() {
				steps = append(steps, fix.Insert{At: fix.Place{Before: n}, Code: unlock})
			}
		}
		return true
	})
	at := fix.Place{End: block}
	if tail != nil {
		at = fix.Place{Before: tail}
		for i, r := range tail.Results {
			if id, ok := r.(*ast.Ident); ok && (id.Name == "nil" || id.Name == "true" || id.Name == "false") {
				continue
			}
			name := source.FreshName(t.p, t.f, block, fmt.Sprintf("result%.*s", i, "234"), nil)
			steps = append(steps,
				fix.Insert{At: at, Code: fix.Code{Text: name + " := _1_", Args: []ast.Expr{r}}},
				fix.Replace{Old: r, Code: fix.Code{Text: name}})
		}
	}
	steps = append(steps,
		fix.Undefer{Defer: d, At: at},
		fix.Move{Stmts: []ast.Stmt{loop}, At: fix.Place{After: d}})
	return &fix.Plan{Decl: t.decl, Steps: steps, Imports: imp}
}

// capture copies the operand of the loop where the loop is.
func (t *toy) capture(block *ast.BlockStmt, top, loop ast.Stmt) ([]fix.Step, []string) {
	rng := unlabel(loop).(*ast.RangeStmt)
	typ := t.p.Info.TypeOf(rng.X)
	path := "slices"
	if typ != nil {
		if _, ok := typ.Underlying().(*types.Map); ok {
			path = "maps"
		}
	}
	pkg, _ := source.ImportName(t.p, t.f, path, rng.Pos())
	base := "copied"
	if sel, ok := rng.X.(*ast.SelectorExpr); ok {
		base = sel.Sel.Name
	}
	name := source.FreshName(t.p, t.f, block, base, map[string]bool{pkg: true})
	var steps []fix.Step
	tok := ":="
	if top != loop {
		tok = "="
		decl := "var " + name + " " + types.TypeString(typ, types.RelativeTo(t.p.Types))
		steps = append(steps, fix.Insert{At: fix.Place{Before: top}, Code: fix.Code{Text: decl}})
	}
	return append(steps,
		fix.Insert{At: fix.Place{Before: loop}, Code: fix.Code{
			Text: fmt.Sprintf("%s %s %s.Clone(_1_)", name, tok, pkg), Args: []ast.Expr{rng.X}}},
		fix.Replace{Old: rng.X, Code: fix.Code{Text: name}},
	), []string{path}
}

// findLoop returns the first range loop in or below a statement, with its label.
func findLoop(s ast.Stmt) (loop ast.Stmt) {
	ast.Inspect(s, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.LabeledStmt:
			if _, ok := n.Stmt.(*ast.RangeStmt); ok && loop == nil {
				loop = n
			}
		case *ast.RangeStmt:
			if _, ok := n.X.(*ast.SelectorExpr); ok && loop == nil {
				loop = n
			}
		}
		return loop == nil
	})
	return loop
}

func unlabel(s ast.Stmt) ast.Stmt {
	if l, ok := s.(*ast.LabeledStmt); ok {
		return unlabel(l.Stmt)
	}
	return s
}

func isCall(s ast.Stmt, name string) bool {
	e, ok := s.(*ast.ExprStmt)
	return ok && calls(e.X, name)
}

func isDefer(s ast.Stmt) bool {
	d, ok := s.(*ast.DeferStmt)
	return ok && calls(d.Call, "Unlock")
}

func calls(e ast.Expr, name string) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == name
}

// load makes a package of one file; what cannot be imported is an error of the
// package only.
func load(name string, content []byte) (*source.Package, *source.File) {
	p := source.Check(token.NewFileSet(), source.Config{Path: "p", Bodies: true, Importer: testImporter},
		[]source.Input{{Name: name, Content: content}})
	if len(p.Files) == 0 {
		return p, nil
	}
	return p, p.Files[0]
}
