package measure

import (
	"fmt"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A NegativeRow is what lockfix says at one place that only looks like a defect.
type NegativeRow struct {
	facts.Negative
	Unloaded string
	Fault    string
	Findings []tool.Finding // of level hazard or above, at the line or next to it
}

// Kept reports whether nothing more is said than may be.
func (r NegativeRow) Kept() bool {
	if r.Fault != "" {
		return false
	}
	for _, f := range r.Findings {
		if r.Expect == facts.NoFlag || f.Grade() == "safe" {
			return false
		}
	}
	return true
}

// Negatives runs lockfix on places that must not be flagged, or not be edited.
// Only a finding's own place counts: a related place there, the receiver of some
// other send say, accuses nobody.
func (b *Bench) Negatives(rows []facts.Negative) ([]NegativeRow, error) {
	var results []NegativeRow
	for i, row := range rows {
		b.log("[%d/%d] %s %s %s", i+1, len(rows), row.ID, row.Repo, row.File)
		r := NegativeRow{Negative: row}
		if err := b.negative(&r); err != nil {
			return nil, fmt.Errorf("measure %s: %w", row.ID, err)
		}
		results = append(results, r)
	}
	return results, nil
}

func (b *Bench) negative(r *NegativeRow) error {
	p, err := b.place(r.Repo, r.Commit, r.File)
	if err == nil {
		_, err = p.check()
	}
	if err != nil {
		r.Unloaded = err.Error()
		return nil
	}
	run, err := b.run(p)
	if err != nil {
		return err
	}
	r.Fault = run.Fault
	lines := facts.Range{From: r.Line, To: r.Line}
	for _, f := range run.Report.Findings {
		if f.Flags() && f.Position.File == r.File && lines.Near(f.Position.Line) {
			r.Findings = append(r.Findings, f)
		}
	}
	return nil
}

// NegativeTable makes a table of the rows.
func NegativeTable(rows []NegativeRow) facts.Table {
	t := facts.Table{Columns: []string{"id", "repo", "place", "kind", "expected", "kept", "remark"}}
	for _, r := range rows {
		row := facts.Row{
			"id": r.ID, "repo": r.Repo, "place": fmt.Sprintf("%s:%d", r.File, r.Line), "kind": r.Kind, "expected": r.Expect,
			"kept": yesNo(r.Kept()), "remark": r.Fault,
		}
		if r.Unloaded != "" {
			row["kept"], row["remark"] = "not loaded", r.Unloaded
		}
		for i := range r.Findings {
			f := &r.Findings[i]
			row["remark"] += fmt.Sprintf("%s %s, fix %s: %s ", at(f), f.Level, f.Grade(), f.Message)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// KeptNegatives is the share of places where nothing more is said than may be.
func KeptNegatives(rows []NegativeRow) Share {
	var s Share
	for _, r := range rows {
		if r.Unloaded == "" {
			s.count(r.Kept())
		}
	}
	return s
}
