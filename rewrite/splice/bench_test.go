package splice

import (
	"os"
	"testing"

	"golang.org/x/tools/txtar"
)

func BenchmarkDo(b *testing.B) {
	data, err := os.ReadFile("testdata/04_returns.txtar")
	if err != nil {
		b.Fatal(err)
	}
	p, f := load("in.go", txtar.Parse(data).Files[0].Data)
	plan := toyPlan(p, f)
	for b.Loop() {
		if _, err := Do(p, f, plan); err != nil {
			b.Fatal(err)
		}
	}
}
