package source_test

import (
	"fmt"
	"go/token"
	"go/types"
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/source"
)

// BenchmarkCheck parses and type-checks a package whose imports are there
// already.
func BenchmarkCheck(b *testing.B) {
	sample := check.Sample(b, 20)
	var inputs []source.Input
	for _, f := range sample.Files {
		inputs = append(inputs, source.Input{Name: f.Name, Content: f.Content})
	}
	for _, bodies := range []bool{true, false} {
		b.Run(fmt.Sprintf("bodies=%v", bodies), func(b *testing.B) {
			config := source.Config{Path: "p", GoVersion: "go1.26", Bodies: bodies, Importer: imported(sample.Types.Imports())}
			for b.Loop() {
				source.Check(token.NewFileSet(), config, inputs)
			}
		})
	}
}

// imported are packages that are there already.
type imported []*types.Package

func (ps imported) Import(path string) (*types.Package, error) {
	for _, p := range ps {
		if p.Path() == path {
			return p, nil
		}
	}
	return nil, fmt.Errorf("nobody imports %s", path)
}
