// Package figures sums up what several rounds gave.
package figures

import (
	"fmt"
	"math"
	"slices"
)

// A Spread is the middle of some figures and how far they are apart.
type Spread struct{ Median, Min, Max float64 }

// Of sums up figures, of which there is at least one.
func Of(list []float64) Spread {
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted)
	return Spread{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Min: sorted[0], Max: sorted[n-1]}
}

// Ratios divides figures pair by pair: what a round does to both falls out of
// it. Without a figure to divide by, or one to divide, there is no ratio, and ok
// is false.
func Ratios(over, under []float64) (s Spread, ok bool) {
	if len(over) == 0 || len(over) != len(under) {
		return Spread{}, false
	}
	list := make([]float64, len(over))
	for i := range over {
		if over[i] <= 0 || under[i] <= 0 {
			return Spread{}, false
		}
		list[i] = over[i] / under[i]
	}
	return Of(list), true
}

// PerDoubling says by which factor a figure grows each time that the size
// doubles, when it grew by a factor while the size did.
func PerDoubling(growth, size float64) float64 {
	return math.Pow(growth, 1/math.Log2(size))
}

// String spells a spread with three digits that count.
func (s Spread) String() string {
	if s.Min == s.Max {
		return Spell(s.Median)
	}
	return fmt.Sprintf("%s [%s %s]", Spell(s.Median), Spell(s.Min), Spell(s.Max))
}

// Spell spells a figure with as many digits as measuring can give.
func Spell(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	case f >= 0.1 || f == 0:
		return fmt.Sprintf("%.2f", f)
	default:
		return fmt.Sprintf("%.3f", f)
	}
}
