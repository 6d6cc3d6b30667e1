package splice

import (
	"os"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lockfix/lockfix/internal/sample"
)

// BenchmarkDo carries out one plan: in a small file, and in one of usual size.
func BenchmarkDo(b *testing.B) {
	archive, err := os.ReadFile("testdata/04_returns.txtar")
	if err != nil {
		b.Fatal(err)
	}
	for _, in := range []struct {
		name    string
		content []byte
	}{
		{"returns", txtar.Parse(archive).Files[0].Data},
		{"sample", sample.Files("p", 16)[15]}, // it wakes under a lock
	} {
		b.Run(in.name, func(b *testing.B) {
			p, f := load("in.go", in.content)
			plan := toyPlan(p, f)
			if plan == nil {
				b.Fatal("nothing to do")
			}
			for b.Loop() {
				if _, err := Do(p, f, plan); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
