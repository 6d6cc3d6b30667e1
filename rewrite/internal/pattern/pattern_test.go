package pattern

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// All patterns of the module are ones, though nobody may ever ask them.
func TestAllPatternsCompile(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "New" {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); !ok || pkg.Name != "pattern" {
				return true
			}
			found++
			lit, ok := call.Args[0].(*ast.BasicLit)
			if !ok {
				t.Errorf("%s: a pattern that is no constant", name)
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err == nil {
				_, err = regexp.Compile(text)
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return true
		})
		return nil
	})
	if err != nil || found < 30 {
		t.Errorf("%d patterns, %v", found, err)
	}
}

func TestPatterns(t *testing.T) {
	p := New(`([a-z]+)-([0-9])`)
	if !p.MatchString("x ab-1") || p.MatchString("ab1") {
		t.Error("MatchString")
	}
	if got := p.FindStringSubmatch("x ab-1"); !slices.Equal(got, []string{"ab-1", "ab", "1"}) {
		t.Errorf("FindStringSubmatch: %q", got)
	}
	if got := p.FindStringSubmatch("ab1"); got != nil {
		t.Errorf("FindStringSubmatch of none: %q", got)
	}
	if got := New(`[.;]`).Split("a.b;c"); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("Split: %q", got)
	}
}

func TestABadPatternPanicsWhenItIsAsked(t *testing.T) {
	p := New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	p.MatchString("")
}
