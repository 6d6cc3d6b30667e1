package hunt

import (
	"io"
	"testing"

	"github.com/lockfix/lockfix/cmd/differ/internal/generate"
)

// A few programs in each run of the tests; the long run is make differ.
func TestSmoke(t *testing.T) {
	figures, err := Run(Options{Programs: 150, Schedules: 15, Seed: 7, Jobs: 2, Batch: 75, Stages: 4, Work: t.TempDir()}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if figures.Edited < 40 || figures.Lost < 10 || len(figures.Failed) > 0 {
		t.Errorf("too little was seen:\n%s", figures)
	}
	for _, f := range figures.Findings {
		t.Errorf("program %d of seed 7: %s: %v\n%s\n%s", f.ID, f.Kind, f.Applied, f.Source, f.After)
	}
}

// The same seed gives the same programs, and each number another one.
func TestProgramsAreDetermined(t *testing.T) {
	source := func(seed uint64, id int) string {
		p, err := generate.New(seed, id)
		if err != nil {
			t.Fatal(err)
		}
		return p.Source
	}
	for id := range 20 {
		if first := source(1, id); first != source(1, id) {
			t.Errorf("program %d is not the same twice", id)
		}
		if source(1, id) == source(2, id) {
			t.Errorf("program %d is the same with another seed", id)
		}
	}
}
