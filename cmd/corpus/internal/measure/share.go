package measure

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// A Share is a part of a whole.
type Share struct{ Part, Whole int }

// count adds one to the whole, and to the part if it belongs there.
func (s *Share) count(in bool) {
	s.Whole++
	if in {
		s.Part++
	}
}

func (s Share) String() string {
	if s.Whole == 0 {
		return "0/0"
	}
	return fmt.Sprintf("%d/%d (%d%%)", s.Part, s.Whole, 100*s.Part/s.Whole)
}

// FixShares are the shares of human fixes that are asked for.
type FixShares struct {
	Loaded                    Share // of all rows
	FlaggedIntra, FlaggedRest Share // of the loaded rows, by where the hazard is visible
	Flagged                   Share // of the loaded rows
	Offered                   Share // edits, of the loaded rows
	OfferedFixable            Share // of the loaded rows from which a tool is expected to make an edit
	GoodFixable               Share // of the same, as the human did or better by the judgements
	GoodChecked               Share // of those of them whose package has no type errors, so that an edit can be checked
	Unjudged                  int   // edits offered for those, not judged yet
}

// Shares sums up.
func Shares(rows []FixRow) FixShares {
	var s FixShares
	for _, r := range rows {
		s.Loaded.count(r.Unloaded == "")
		if r.Unloaded != "" {
			continue
		}
		flagged := &s.FlaggedRest
		if r.Intra {
			flagged = &s.FlaggedIntra
		}
		flagged.count(r.Hit != nil)
		s.Flagged.count(r.Hit != nil)
		s.Offered.count(r.Offered())
		if !r.Fixable() {
			continue
		}
		s.OfferedFixable.count(r.Offered())
		// A verdict on an edit that is no longer offered does not count.
		good := r.Offered() && r.Verdict.Verdict == "yes"
		s.GoodFixable.count(good)
		if r.Load.Errors == 0 {
			s.GoodChecked.count(good)
		}
		if r.Offered() && r.Verdict.Verdict == "" {
			s.Unjudged++
		}
	}
	return s
}

// fixColumns are the columns of the table that Fixes makes.
var fixColumns = []string{"id", "repo", "file", "lines", "shape", "intraprocedural", "auto_rewrite", "loaded", "type_errors", "first_error",
	"flagged", "fix", "human_fix", "verdict", "remark"}

// FixTable makes a table of the rows, one a human fix.
func FixTable(rows []FixRow) facts.Table {
	t := facts.Table{Columns: fixColumns}
	for _, r := range rows {
		row := facts.Row{
			"id": r.ID, "repo": r.Repo, "file": r.File, "lines": fmt.Sprintf("%d-%d", r.Lines.From, r.Lines.To), "shape": r.Shape,
			"intraprocedural": yesNo(r.Intra), "auto_rewrite": r.Auto, "loaded": yesNo(r.Unloaded == ""),
			"type_errors": strconv.Itoa(r.Load.Errors), "first_error": clip(r.Load.First), "flagged": "no", "fix": "none", "human_fix": r.HumanFix,
			"verdict": r.Verdict.Verdict, "remark": r.remark(),
		}
		if r.Hit != nil {
			row["flagged"] = at(r.Hit)
			row["fix"] = r.Hit.Grade()
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// remark says what stood in the way, or what kind of edit is offered.
func (r FixRow) remark() string {
	switch {
	case r.Unloaded != "":
		return clip(r.Unloaded)
	case r.Fault != "":
		return "fault: " + clip(r.Fault)
	case r.Offered() && r.Verdict.Reason != "":
		return r.Hit.Fix.Strategy + "; judged: " + r.Verdict.Reason
	case r.Offered():
		return r.Hit.Fix.Strategy
	case r.Hit != nil:
		var texts []string
		for _, t := range r.Hit.Refusals {
			text := t.Message
			if t.Position.Line > 0 {
				text += fmt.Sprintf(" (line %d)", t.Position.Line)
			}
			texts = append(texts, text)
		}
		return "no fix: " + strings.Join(texts, "; ")
	case r.Nearest != nil:
		return "nearest is " + at(r.Nearest)
	}
	return "nothing found in the file"
}

// clip keeps a remark to a readable length.
func clip(s string) string {
	const most = 160
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

func at(f *tool.Finding) string { return fmt.Sprintf("%s:%d", f.Rule, f.Position.Line) }

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// Print writes a table for reading, columns aligned.
func Print(w io.Writer, t facts.Table, columns ...string) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, strings.Join(columns, "\t"))
	for _, row := range t.Rows {
		cells := make([]string, len(columns))
		for i, c := range columns {
			cells[i] = strings.NewReplacer("\t", " ", "\n", " ").Replace(row[c])
		}
		fmt.Fprintln(out, strings.Join(cells, "\t"))
	}
	return out.Flush()
}

// Print writes the shares, one a line.
func (s FixShares) Print(w io.Writer) {
	fmt.Fprintf(w, "loaded:                                       %s\n", s.Loaded)
	fmt.Fprintf(w, "flagged, of the loaded:                       %s\n", s.Flagged)
	fmt.Fprintf(w, "flagged, of those visible in one function:    %s\n", s.FlaggedIntra)
	fmt.Fprintf(w, "flagged, of the rest:                         %s\n", s.FlaggedRest)
	fmt.Fprintf(w, "edit offered, of the loaded:                  %s\n", s.Offered)
	fmt.Fprintf(w, "edit offered, of those safe or suggested:     %s\n", s.OfferedFixable)
	fmt.Fprintf(w, "as the human or better, of the same:          %s; %d offered and not judged\n", s.GoodFixable, s.Unjudged)
	fmt.Fprintf(w, "  of those without type errors:               %s\n", s.GoodChecked)
}
