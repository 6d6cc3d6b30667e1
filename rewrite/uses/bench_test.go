package uses

import (
	"go/ast"
	"go/build"
	"go/importer"
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"github.com/lockfix/lockfix/rewrite/source"
)

// netHTTP loads a large package that uses everything.
func netHTTP(tb testing.TB) *source.Package {
	tb.Helper()
	fset := token.NewFileSet()
	dir, err := build.Import("net/http", "", 0)
	if err != nil {
		tb.Fatal(err)
	}
	var inputs []source.Input
	for _, name := range dir.GoFiles {
		name = filepath.Join(dir.Dir, name)
		content, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		inputs = append(inputs, source.Input{Name: name, Content: content})
	}
	return source.Check(fset, source.Config{
		Path: "net/http", GoVersion: "go1.26", Bodies: true, Importer: importer.ForCompiler(fset, "source", nil),
	}, inputs)
}

func BenchmarkIndex(b *testing.B) {
	p := netHTTP(b)
	lines := 0
	for _, f := range p.Files {
		lines += p.Fset.File(f.Syntax.Pos()).LineCount()
	}
	b.Run("inspect", func(b *testing.B) {
		for b.Loop() {
			for _, f := range p.Files {
				ast.Inspect(f.Syntax, func(ast.Node) bool { return true })
			}
		}
	})
	b.Run("walk", func(b *testing.B) {
		b.ReportMetric(float64(lines), "lines")
		for b.Loop() {
			New(p).build()
		}
	})
	b.Run("walk and flow", func(b *testing.B) {
		for b.Loop() {
			New(p).drawn()
		}
	})
	b.Run("all sends", func(b *testing.B) {
		x := New(p)
		x.build()
		b.ReportMetric(float64(len(x.sends)), "sends")
		for b.Loop() {
			for _, s := range x.sends {
				x.SendFits(s)
			}
		}
	})
}
