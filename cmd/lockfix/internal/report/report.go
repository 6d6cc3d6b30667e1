package report

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"github.com/lockfix/lockfix/rewrite/fix"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// Formats are the names of the formats. HTML shows more than there is in an Input:
// package page writes it.
var Formats = []string{"pretty", "short", "json", "html"}

// An Input is what there is to report.
type Input struct {
	Dir      string // that paths are relative to
	Findings []*rule.Finding
	Fixed    []*rule.Finding // what -w ended
	Problems []Problem
	Source   func(file string) []byte // content as it was analysed; nil if unknown
	Color    bool
}

// A Problem is why something was not analysed.
type Problem struct {
	Pos     token.Position
	Package string
	Message string
}

// Write writes the report in one of the formats.
func Write(w *strings.Builder, format string, in Input) {
	switch format {
	case "json":
		writeJSON(w, in)
	case "short":
		writeShort(w, in)
	default:
		writePretty(w, in)
	}
}

// Rel returns a file's name relative to dir, with slashes.
func Rel(dir, file string) string {
	if rel, err := filepath.Rel(dir, file); err == nil {
		file = rel
	}
	return filepath.ToSlash(file)
}

// Place words a position so that terminals and problem matchers make a link of
// it, which they do when the path starts with a dot.
func Place(dir string, pos token.Position) string {
	name := Rel(dir, pos.Filename)
	if !filepath.IsAbs(name) && !strings.HasPrefix(name, "../") {
		name = "./" + name
	}
	switch {
	case pos.Line == 0:
		return name
	case pos.Column == 0:
		return fmt.Sprintf("%s:%d", name, pos.Line)
	}
	return fmt.Sprintf("%s:%d:%d", name, pos.Line, pos.Column)
}

// String words a problem in one line or, where the go command did, in several.
func (p Problem) String(dir string) string {
	switch {
	case p.Pos.Filename != "":
		return Place(dir, p.Pos) + ": " + p.Message
	case p.Package != "" && !strings.Contains(p.Message, p.Package):
		return p.Package + ": " + p.Message
	}
	return p.Message
}

func severity(l hazard.Level) string {
	switch l {
	case hazard.Deadlock:
		return "error"
	case hazard.Hazard:
		return "warning"
	}
	return "note"
}

// LevelName is the name of a level in flags and in JSON.
func LevelName(l hazard.Level) string {
	switch l {
	case hazard.Deadlock:
		return "deadlock"
	case hazard.Hazard:
		return "hazard"
	case hazard.Contention:
		return "contention"
	}
	return "silent"
}

func applicability(f *rule.Fix) string {
	if f.Safe {
		return "safe"
	}
	return "unsafe"
}

func status(s fix.Status) string {
	switch s {
	case fix.Proved:
		return "proved"
	case fix.Assumed:
		return "assumed"
	}
	return "refuted"
}

// Why says in one line why a finding's fix is not applied.
func Why(f *rule.Finding) string {
	if f.Fix == nil {
		if len(f.Refusals) == 0 {
			return "no fix"
		}
		return "no fix: " + f.Refusals[0].Text
	}
	var assumed []string
	for _, o := range f.Fix.Obligations {
		if o.Status != fix.Proved {
			assumed = append(assumed, o.Name)
		}
	}
	if len(assumed) == 0 {
		return "unsafe fix: see --unsafe-fixes"
	}
	return "unsafe fix, assumes " + strings.Join(assumed, ", ") + ": see --unsafe-fixes"
}

// Line words a finding in one line, without its notes.
func Line(dir string, f *rule.Finding) string {
	return fmt.Sprintf("%s: %s [%s]", Place(dir, f.Pos), f.Message, f.Rule)
}

func writeShort(w *strings.Builder, in Input) {
	for _, f := range in.Findings {
		fmt.Fprintln(w, Line(in.Dir, f))
		if f.Acquired.IsValid() {
			fmt.Fprintf(w, "\t%s: %s is held from here\n", Place(in.Dir, f.Acquired), f.Resource)
		}
		for _, n := range f.Notes {
			writeNote(w, in.Dir, n)
		}
		if f.Fix != nil {
			fmt.Fprintf(w, "\tfix (%s): %s\n", applicability(f.Fix), f.Fix.Title)
			continue
		}
		for _, n := range f.Refusals {
			n.Text = "no fix: " + n.Text
			writeNote(w, in.Dir, n)
		}
	}
}

func writeNote(w *strings.Builder, dir string, n rule.Note) {
	if n.Pos.Filename != "" {
		fmt.Fprintf(w, "\t%s: %s\n", Place(dir, n.Pos), n.Text)
		return
	}
	fmt.Fprintf(w, "\t%s\n", n.Text)
}
