package figures_test

import (
	"math"
	"testing"

	"github.com/lockfix/lockfix/cmd/peers/internal/figures"
)

func TestOf(t *testing.T) {
	for _, r := range []struct {
		claim string
		list  []float64
		want  figures.Spread
	}{
		{"one is all", []float64{3}, figures.Spread{Median: 3, Min: 3, Max: 3}},
		{"an odd number has a middle", []float64{9, 1, 2}, figures.Spread{Median: 2, Min: 1, Max: 9}},
		{"an even number has two", []float64{4, 1, 2, 9}, figures.Spread{Median: 3, Min: 1, Max: 9}},
	} {
		if got := figures.Of(r.list); got != r.want {
			t.Errorf("%s: %+v", r.claim, got)
		}
	}
	list := []float64{2, 1}
	if figures.Of(list); list[0] != 2 {
		t.Error("the figures were sorted where they stand")
	}
}

func TestRatios(t *testing.T) {
	got, ok := figures.Ratios([]float64{1, 10, 3}, []float64{2, 20, 3})
	if want := (figures.Spread{Median: .5, Min: .5, Max: 1}); !ok || got != want {
		t.Errorf("pair by pair: %+v, %v", got, ok)
	}
	for claim, pair := range map[string][2][]float64{
		"nothing":          {},
		"one is missing":   {{1, 2}, {1}},
		"nothing to share": {{1}, {0}},
		"not measured":     {{0}, {1}},
	} {
		if got, ok := figures.Ratios(pair[0], pair[1]); ok {
			t.Errorf("%s: %+v", claim, got)
		}
	}
}

func TestPerDoubling(t *testing.T) {
	for _, r := range []struct{ growth, size, want float64 }{
		{2.1, 2, 2.1},
		{10, 10, 2},
		{4, 4, 2},
		{100, 10, 4},
		{1, 3, 1},
	} {
		if got := figures.PerDoubling(r.growth, r.size); math.Abs(got-r.want) > 1e-9 {
			t.Errorf("%v times in %v times the size: %v, want %v", r.growth, r.size, got, r.want)
		}
	}
}

func TestSpell(t *testing.T) {
	for f, want := range map[float64]string{0: "0.00", 0.0123: "0.012", 0.123: "0.12", 1.234: "1.23", 12.34: "12.3", 123.4: "123"} {
		if got := figures.Spell(f); got != want {
			t.Errorf("%v: %s, want %s", f, got, want)
		}
	}
	if got := (figures.Spread{Median: 2, Min: 1, Max: 30}).String(); got != "2.00 [1.00 30.0]" {
		t.Error(got)
	}
}
