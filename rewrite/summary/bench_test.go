package summary_test

import (
	"testing"

	"github.com/lockfix/lockfix/rewrite/internal/check"
	"github.com/lockfix/lockfix/rewrite/summary"
)

func BenchmarkAnalyze(b *testing.B) {
	src := check.Sample(b, 20)
	for b.Loop() {
		if p := summary.Analyze(src, nil); len(p.Bodies()) == 0 {
			b.Fatal("no bodies")
		}
	}
}
