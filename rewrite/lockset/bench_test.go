package lockset_test

import (
	"go/ast"
	"go/types"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/lockset"
	"github.com/lockfix/lockfix/rewrite/source"
	"github.com/lockfix/lockfix/rewrite/syncapi"
)

// BenchmarkAnalyze measures this package without summary: what calls do is looked
// up beforehand.
func BenchmarkAnalyze(b *testing.B) {
	src := check.Sample(b, 20)
	env := directEnv(src)
	for b.Loop() {
		sections := 0
		for _, f := range src.Files {
			for _, d := range f.Syntax.Decls {
				bodies, _ := lockset.Analyze(env, d)
				for _, body := range bodies {
					sections += len(body.Sections)
				}
			}
		}
		if sections < 5*len(src.Files) {
			b.Fatalf("%d sections", sections)
		}
	}
}

// directEnv knows methods that lock and unlock, and nothing of what calls them.
func directEnv(src *source.Package) *lockset.Env {
	var files []*ast.File
	for _, f := range src.Files {
		files = append(files, f.Syntax)
	}
	env := &lockset.Env{Info: src.Info, Namer: lockset.NewNamer(src.Types, src.Info, files)}
	effects := make(map[ast.Expr]lockset.Effect)
	for sel, of := range src.Info.Selections {
		fn, ok := of.Obj().(*types.Func)
		if !ok {
			continue
		}
		if kind, mode, ok := syncapi.LockMethod(fn); ok {
			effects[sel] = lockset.Effect{Changes: []lockset.Change{{Kind: kind, Mode: mode, Resource: env.Namer.Method(sel, lockset.Lock)}}}
		}
	}
	env.Effect = func(fun ast.Expr, _ []ast.Expr) lockset.Effect { return effects[ast.Unparen(fun)] }
	env.ChanSem = func(ast.Expr, bool) (c lockset.Change, ok bool) { return c, false }
	env.Entry = func(*types.Func) []lockset.Held { return nil }
	env.Births = func(ast.Node) []lockset.Change { return nil }
	return env
}
