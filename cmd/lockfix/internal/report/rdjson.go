package report

import (
	"go/token"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/rewrite/edit"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// The types below are the Diagnostic Format of reviewdog. Columns count the bytes
// of UTF-8, from one, as those of Go do.

type rdResult struct {
	Source      rdSource       `json:"source"`
	Diagnostics []rdDiagnostic `json:"diagnostics"`
}

type rdSource struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type rdDiagnostic struct {
	Message     string         `json:"message"`
	Location    rdLocation     `json:"location"`
	Severity    string         `json:"severity"`
	Code        *rdCode        `json:"code,omitempty"`
	Suggestions []rdSuggestion `json:"suggestions,omitempty"`
	Related     []rdRelated    `json:"related_locations,omitempty"`
}

type rdLocation struct {
	Path  string   `json:"path"`
	Range *rdRange `json:"range,omitempty"`
}

type rdRange struct {
	Start rdPosition  `json:"start"`
	End   *rdPosition `json:"end,omitempty"`
}

type rdPosition struct {
	Line   int `json:"line"`
	Column int `json:"column,omitempty"`
}

type rdCode struct {
	Value string `json:"value"`
	URL   string `json:"url,omitempty"`
}

type rdSuggestion struct {
	Range rdRange `json:"range"`
	Text  string  `json:"text"`
}

type rdRelated struct {
	Message  string     `json:"message"`
	Location rdLocation `json:"location"`
}

// writeRDJSON writes what reviewdog reads. A problem without a place is none of a
// review: it stands on standard error, and in the status.
func writeRDJSON(w *strings.Builder, in Input) {
	texts := places{source: in.Source}
	result := rdResult{Source: rdSource{"lockfix", homepage}, Diagnostics: []rdDiagnostic{}}
	for _, f := range in.Findings {
		d := rdDiagnostic{
			Message:     strings.Join(slices.Concat([]string{f.Message}, remarks(f), []string{remedy(f)}), "\n"),
			Location:    in.rdLocation(f.Pos, f.End),
			Severity:    rdSeverities[Severity(f.Level)],
			Code:        &rdCode{f.Rule, in.page(f.Rule)},
			Suggestions: suggestions(f.Fix, &texts),
		}
		for _, n := range located(f) {
			d.Related = append(d.Related, rdRelated{n.Text, in.rdLocation(n.Pos, token.Position{})})
		}
		result.Diagnostics = append(result.Diagnostics, d)
	}
	for _, p := range in.Problems {
		if p.Pos.Filename != "" {
			result.Diagnostics = append(result.Diagnostics, rdDiagnostic{Message: p.Message, Location: in.rdLocation(p.Pos, token.Position{}), Severity: "ERROR"})
		}
	}
	writeIndented(w, result)
}

var rdSeverities = map[string]string{"error": "ERROR", "warning": "WARNING", "note": "INFO"}

func (in Input) rdLocation(pos, end token.Position) rdLocation {
	l := rdLocation{Path: Rel(in.root(), pos.Filename)}
	if pos.Line > 0 {
		l.Range = &rdRange{Start: rdPosition{pos.Line, pos.Column}}
	}
	if pos.Line > 0 && end.IsValid() {
		l.Range.End = &rdPosition{end.Line, end.Column}
	}
	return l
}

// suggestions offers a safe fix as one suggestion: whoever accepts suggestions does
// so one by one, and a fix is made whole or not at all. So one of several files
// is not offered.
func suggestions(f *rule.Fix, texts *places) []rdSuggestion {
	if f == nil || !f.Safe || len(f.Changes) != 1 {
		return nil
	}
	m := texts.of(f.Changes[0].File)
	if m == nil {
		return nil
	}
	content := m.Text()
	whole, ok := joined(content, f.Changes[0].Edits)
	if !ok {
		return nil
	}
	end := lineColumn(content, whole.End)
	return []rdSuggestion{{rdRange{lineColumn(content, whole.Start), &end}, whole.New}}
}

// joined makes one edit of several: what lies between them is written as it is.
func joined(content []byte, edits []edit.Edit) (whole edit.Edit, ok bool) {
	if len(edits) == 0 {
		return whole, false
	}
	byStart := func(a, b edit.Edit) int { return a.Start - b.Start }
	start := slices.MinFunc(edits, byStart).Start
	end := slices.MaxFunc(edits, func(a, b edit.Edit) int { return a.End - b.End }).End
	after, err := edit.Apply(content, edits)
	if err != nil {
		return whole, false // the file is not what was analysed
	}
	return trimmed(content, edit.Edit{Start: start, End: end, New: string(after[start : len(after)-(len(content)-end)])}), true
}

// trimmed leaves the end of the last line out, where it stays: reviewdog shows the
// line that a range ends in, and behind the last line of a file there is none.
func trimmed(content []byte, e edit.Edit) edit.Edit {
	for _, eol := range []string{"\r\n", "\n"} {
		if strings.HasSuffix(e.New, eol) && strings.HasSuffix(string(content[e.Start:e.End]), eol) {
			e.End -= len(eol)
			e.New = strings.TrimSuffix(e.New, eol)
			break
		}
	}
	return e
}

// lineColumn counts lines and bytes, from one.
func lineColumn(content []byte, offset int) rdPosition {
	head := string(content[:offset])
	return rdPosition{1 + strings.Count(head, "\n"), offset - strings.LastIndexByte(head, '\n')}
}
