package report

import (
	"cmp"
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
var Formats = []string{"pretty", "short", "json", "sarif", "github", "rdjson", "html"}

// ForPeople reports whether a format is read by people, who are told besides what
// -w did: a document for programs stands alone.
func ForPeople(format string) bool { return format == "pretty" || format == "short" }

// homepage is where lockfix lives.
const homepage = "https://github.com/lockfix/lockfix"

// An Input is what there is to report.
type Input struct {
	Dir      string // that paths are relative to
	Root     string // of the repository, for what is read there; "": Dir
	Findings []*rule.Finding
	Fixed    []*rule.Finding // what -w ended
	Problems []Problem
	Source   func(file string) []byte // content as it was analysed; nil if unknown
	Color    bool
	Version  string                   // of lockfix, as semantic versions are written
	Rules    []*rule.Rule             // that can have findings
	Page     func(rule string) string // the address of a rule's page; nil or "": none
}

// root is what the paths are relative to in formats that are read where the
// repository is, whatever directory lockfix ran in.
func (in Input) root() string { return cmp.Or(in.Root, in.Dir) }

// page is the address of a rule's page, "" if it has none.
func (in Input) page(name string) string {
	if in.Page == nil {
		return ""
	}
	return in.Page(name)
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
	case "sarif":
		writeSARIF(w, in)
	case "github":
		writeGitHub(w, in)
	case "rdjson":
		writeRDJSON(w, in)
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
	if p.Pos.Filename != "" {
		return Place(dir, p.Pos) + ": " + p.Message
	}
	return p.unplaced()
}

// unplaced words a problem without its place.
func (p Problem) unplaced() string {
	if p.Pos.Filename == "" && p.Package != "" && !strings.Contains(p.Message, p.Package) {
		return p.Package + ": " + p.Message
	}
	return p.Message
}

// Severity is what a level is called for people: error, warning or note.
func Severity(l hazard.Level) string {
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

// Applicability is safe or unsafe.
func Applicability(f *rule.Fix) string {
	if f.Safe {
		return "safe"
	}
	return "unsafe"
}

// Status words what is known of an obligation.
func Status(s fix.Status) string {
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
	return "unsafe fix" + assumes(f.Fix) + ": see --unsafe-fixes"
}

// assumes lists what a fix assumes, after a comma.
func assumes(f *rule.Fix) string {
	var assumed []string
	for _, o := range f.Obligations {
		if o.Status != fix.Proved {
			assumed = append(assumed, o.Name)
		}
	}
	if len(assumed) == 0 {
		return ""
	}
	return ", assumes " + strings.Join(assumed, ", ")
}

// remedy says in one line how a finding is mended, or why not.
func remedy(f *rule.Finding) string {
	switch {
	case f.Fix == nil:
		return Why(f)
	case f.Fix.Safe:
		return "fix (safe): " + f.Fix.Title
	}
	return "fix (unsafe" + assumes(f.Fix) + "): " + f.Fix.Title
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
			fmt.Fprintf(w, "\tfix (%s): %s\n", Applicability(f.Fix), f.Fix.Title)
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
