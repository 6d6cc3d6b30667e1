// Package tool runs lockfix as its users do, as a program, and reads its report.
//
// Calling the façade instead lost: what is measured is what is shipped, a crash
// must not end the measurement, and a released binary can be measured too.
package tool

import (
	"fmt"
	"path"
	"path/filepath"
	"sort"
)

// A Report is the JSON document, version 1, as far as it is needed here.
type Report struct {
	Version  int       `json:"version"`
	Findings []Finding `json:"findings"`
	Fixed    []Finding `json:"fixed"` // by -w
	Errors   []Note    `json:"errors"`
}

// A Finding is one report of one rule.
type Finding struct {
	Rule     string   `json:"rule"`
	Level    string   `json:"level"` // "deadlock", "hazard" or "contention"
	Message  string   `json:"message"`
	Package  string   `json:"package"`
	Function string   `json:"function"`
	Position Position `json:"position"`
	Related  []Note   `json:"related"`
	Fix      *Fix     `json:"fix"`
	Refusals []Note   `json:"refusals"`
}

// A Position is a place in a file; the file's name is relative to the module.
type Position struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	EndLine int    `json:"endLine"`
}

// A Note is a remark, with a place if it has one: a related place, a refusal, an
// error.
type Note struct {
	Position Position `json:"position"`
	Message  string   `json:"message"`
}

// A Fix is an edit that is offered.
type Fix struct {
	Title         string       `json:"title"`
	Strategy      string       `json:"strategy"`
	Applicability string       `json:"applicability"` // "safe" or "unsafe"
	Obligations   []Obligation `json:"obligations"`
	Edits         []Edit       `json:"edits"`
}

// An Obligation is one condition of a fix, and how it was judged.
type Obligation struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Reason string `json:"reason"`
}

// An Edit replaces the bytes from Start to End.
type Edit struct {
	File    string `json:"file"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	NewText string `json:"newText"`
}

// Flags reports whether a finding's level is hazard or above.
func (f Finding) Flags() bool { return f.Level != "contention" }

// Grade is "safe", "unsafe", or "none" where no edit is offered.
func (f Finding) Grade() string {
	if f.Fix == nil {
		return "none"
	}
	return f.Fix.Applicability
}

// rebase puts the names of files below dir, slash-separated.
func (r *Report) rebase(dir string) {
	name := func(s *string) {
		if *s != "" {
			*s = path.Join(dir, filepath.ToSlash(*s))
		}
	}
	for i := range r.Errors {
		name(&r.Errors[i].Position.File)
	}
	for i := range r.Findings {
		r.Findings[i].rename(name)
	}
	for i := range r.Fixed {
		r.Fixed[i].rename(name)
	}
}

func (f *Finding) rename(name func(*string)) {
	name(&f.Position.File)
	for _, notes := range [][]Note{f.Related, f.Refusals} {
		for j := range notes {
			name(&notes[j].Position.File)
		}
	}
	if f.Fix != nil {
		for j := range f.Fix.Edits {
			name(&f.Fix.Edits[j].File)
		}
	}
}

// Apply makes the edits of one file. They must not overlap.
func Apply(src []byte, edits []Edit) ([]byte, error) {
	edits = append([]Edit(nil), edits...)
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].Start < edits[j].Start })
	var out []byte
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(src) {
			return nil, fmt.Errorf("edit [%d,%d) of %s overlaps another or leaves the file", e.Start, e.End, e.File)
		}
		out = append(append(out, src[at:e.Start]...), e.NewText...)
		at = e.End
	}
	return append(out, src[at:]...), nil
}
