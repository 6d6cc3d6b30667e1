package report

import (
	"encoding/json"
	"go/token"
	"strings"

	"github.com/lockfix/lockfix/rewrite/rule"
)

// document is what -f json writes: one document, versioned. schema.json says what
// the fields mean, and a test that it has them all. Fields are added
// without a new version; none is renamed or dropped without one. Paths are
// relative to the working directory, with slashes; offsets and columns count
// bytes, columns and lines from one.
type document struct {
	Version  int           `json:"version"`
	Findings []jsonFinding `json:"findings"`
	Fixed    []jsonFinding `json:"fixed,omitempty"` // by -w, in source order; each edit was planned on what the ones before it left, not on the file
	Errors   []jsonError   `json:"errors"`
}

type jsonFinding struct {
	Rule     string        `json:"rule"`
	Level    string        `json:"level"` // deadlock, hazard or contention
	Message  string        `json:"message"`
	Package  string        `json:"package"`
	Function string        `json:"function,omitempty"`
	Position jsonPosition  `json:"position"`
	Resource *jsonResource `json:"resource,omitempty"`
	Related  []jsonNote    `json:"related,omitempty"`
	Fix      *jsonFix      `json:"fix,omitempty"`
	Refusals []jsonNote    `json:"refusals,omitempty"`
}

type jsonPosition struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
}

type jsonResource struct {
	Expr     string        `json:"expr"`
	Mode     string        `json:"mode,omitempty"` // read or write
	Acquired *jsonPosition `json:"acquired,omitempty"`
}

type jsonNote struct {
	Position *jsonPosition `json:"position,omitempty"`
	Message  string        `json:"message"`
	Peer     bool          `json:"peer,omitempty"` // it is of the other side
}

type jsonFix struct {
	Title         string           `json:"title"`
	Strategy      string           `json:"strategy"`
	Applicability string           `json:"applicability"` // safe or unsafe
	Obligations   []jsonObligation `json:"obligations"`
	Edits         []jsonEdit       `json:"edits"`
}

type jsonObligation struct {
	Name   string `json:"name"`
	Status string `json:"status"` // proved, assumed or refuted
	Reason string `json:"reason,omitempty"`
}

type jsonEdit struct {
	File    string `json:"file"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	NewText string `json:"newText"`
}

type jsonError struct {
	Position *jsonPosition `json:"position,omitempty"`
	Package  string        `json:"package,omitempty"`
	Message  string        `json:"message"`
}

func writeJSON(w *strings.Builder, in Input) {
	doc := document{Version: 1, Findings: []jsonFinding{}, Errors: []jsonError{}}
	for _, f := range in.Findings {
		doc.Findings = append(doc.Findings, in.finding(f))
	}
	for _, f := range in.Fixed {
		doc.Fixed = append(doc.Fixed, in.finding(f))
	}
	for _, p := range in.Problems {
		doc.Errors = append(doc.Errors, jsonError{in.position(p.Pos), p.Package, p.Message})
	}
	writeIndented(w, doc)
}

// writeIndented writes a document. Strings, numbers and slices of them always
// encode, and a builder takes everything.
func writeIndented(w *strings.Builder, doc any) {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(doc)
}

func (in Input) finding(f *rule.Finding) jsonFinding {
	j := jsonFinding{
		Rule:     f.Rule,
		Level:    LevelName(f.Level),
		Message:  f.Message,
		Package:  f.Package,
		Function: f.Function,
		Position: *in.position(f.Pos),
		Related:  in.notes(f.Notes),
		Refusals: in.notes(f.Refusals),
	}
	j.Position.EndLine, j.Position.EndColumn = f.End.Line, f.End.Column
	if f.Resource != "" {
		j.Resource = &jsonResource{f.Resource, f.Mode, in.position(f.Acquired)}
	}
	if f.Fix == nil {
		return j
	}
	j.Fix = &jsonFix{Title: f.Fix.Title, Strategy: f.Fix.Strategy, Applicability: Applicability(f.Fix), Obligations: []jsonObligation{}, Edits: []jsonEdit{}}
	for _, o := range f.Fix.Obligations {
		j.Fix.Obligations = append(j.Fix.Obligations, jsonObligation{o.Name, Status(o.Status), o.Reason})
	}
	for _, c := range f.Fix.Changes {
		for _, e := range c.Edits {
			j.Fix.Edits = append(j.Fix.Edits, jsonEdit{Rel(in.Dir, c.File), e.Start, e.End, e.New})
		}
	}
	return j
}

func (in Input) position(pos token.Position) *jsonPosition {
	if pos.Filename == "" {
		return nil
	}
	return &jsonPosition{File: Rel(in.Dir, pos.Filename), Line: pos.Line, Column: pos.Column}
}

func (in Input) notes(list []rule.Note) []jsonNote {
	var out []jsonNote
	for _, n := range list {
		out = append(out, jsonNote{in.position(n.Pos), n.Text, n.Other})
	}
	return out
}
