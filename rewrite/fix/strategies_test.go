package fix

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The list of strategies holds what the sources name in a plan, and nothing else.
func TestStrategiesAreListed(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			for _, e := range strategiesIn(n) {
				named[e] = true
			}
			return true
		})
	}
	for _, how := range []string{"local", "fixed"} { // a detachment that is none: see words
		delete(named, how)
	}
	for _, name := range Strategies {
		if !named[name] {
			t.Errorf("no plan has the strategy %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(Strategies, name) {
			t.Errorf("the strategy %q is not listed", name)
		}
	}
}

// strategiesIn lists the strategies that a node gives to a plan.
func strategiesIn(n ast.Node) (names []string) {
	note := func(e ast.Expr) {
		switch e := e.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
				names = append(names, s)
			}
		case *ast.Ident:
			switch e.Name {
			case "handUpName":
				names = append(names, handUpName)
			case "splitName":
				names = append(names, splitName)
			}
		}
	}
	switch n := n.(type) {
	case *ast.CallExpr: // s.plan("move", ...)
		if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "plan" && len(n.Args) > 0 {
			note(n.Args[0])
		}
	case *ast.CompositeLit: // &Plan{Strategy: "move"}
		if id, ok := n.Type.(*ast.Ident); !ok || id.Name != "Plan" {
			return nil
		}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "Strategy" {
				note(kv.Value)
			}
		}
	case *ast.AssignStmt: // plan.Strategy = "move", d.how = "take"
		for i, l := range n.Lhs {
			if text := types.ExprString(l); (text == "d.how" || text == "plan.Strategy") && len(n.Lhs) == len(n.Rhs) {
				note(n.Rhs[i])
			}
		}
	case *ast.FuncDecl: // what words returns
		if n.Name.Name != "words" {
			return nil
		}
		ast.Inspect(n, func(m ast.Node) bool {
			if ret, ok := m.(*ast.ReturnStmt); ok {
				note(ret.Results[0])
			}
			return true
		})
	}
	return names
}
