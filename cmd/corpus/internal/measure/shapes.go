package measure

import (
	"slices"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// released are the rules for waking, calling back and waiting in a critical
// section. Where a person saw a wake a rule may see a wait: a finding by any of
// them names the defect.
var released = []string{"wakeloop", "wakebatch", "wakeheld", "blockheld", "tokenheld"}

// fits says which rules name a shape of defect.
var fits = map[string][]string{
	"W1": released,
	"W2": released,
	"S1": released,
	"T1": append([]string{"cancelguard", "lockleak"}, released...), // a token that leaks is a T1 too
	"R1": append([]string{"relock"}, released...),
	"O1": {"lockorder", "relock"},
	"U1": {"lockleak", "relock"}, // relock where Lock was typed for Unlock
	"C1": {"cancelguard", "leaksend", "dropctx"},
	"P1": append([]string{"dropctx", "lostwake", "leaksend", "selfblock"}, released...),
}

// hit picks the finding that names the defect of a row: one of a fitting rule
// whose place, or else one of whose related places, is at the row's lines. Of
// several, one at the place itself wins, then one with the better edit.
func hit(row facts.Fix, findings []tool.Finding) *tool.Finding {
	var best *tool.Finding
	bestScore := 0
	for i := range findings {
		f := &findings[i]
		if !f.Flags() || !slices.Contains(fits[row.Shape], f.Rule) {
			continue
		}
		if score := closeness(row, f); score > 0 {
			score += map[string]int{"safe": 2, "unsafe": 1}[f.Grade()]
			if score > bestScore {
				best, bestScore = f, score
			}
		}
	}
	return best
}

func closeness(row facts.Fix, f *tool.Finding) int {
	at := func(p tool.Position) bool { return p.File == row.File && row.Lines.Near(p.Line) }
	if at(f.Position) {
		return 20
	}
	if slices.ContainsFunc(f.Related, func(n tool.Note) bool { return at(n.Position) }) {
		return 10
	}
	return 0
}

// nearest is the finding of the row's file that is least far from its lines: the
// first thing to look at where nothing was hit.
func nearest(row facts.Fix, findings []tool.Finding) *tool.Finding {
	var best *tool.Finding
	for i := range findings {
		f := &findings[i]
		if f.Position.File == row.File && (best == nil || row.Lines.Distance(f.Position.Line) < row.Lines.Distance(best.Position.Line)) {
			best = f
		}
	}
	return best
}
