package rewrite

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/lockfix/lockfix/rewrite/rule"
	"github.com/lockfix/lockfix/rewrite/source"
)

// A writer words the findings of one package for another driver.
type writer struct {
	pass    *analysis.Pass
	src     *source.Package
	fold    bool
	carried map[*rule.Fix]bool
}

// diagnostic words a finding: ok is false if its place is in no file of the pass.
func (w writer) diagnostic(f *rule.Finding) (d analysis.Diagnostic, ok bool) {
	d = analysis.Diagnostic{
		Pos:      w.position(f.Pos),
		End:      w.position(f.End),
		Category: f.Rule,
		Message:  f.Message + " [" + f.Rule + "]",
	}
	notes := w.notes(f)
	if w.fold {
		d.Message += w.folded(f, notes)
	} else {
		for _, n := range notes {
			if pos := w.position(n.Pos); pos.IsValid() {
				d.Related = append(d.Related, analysis.RelatedInformation{Pos: pos, Message: n.Text})
			}
		}
	}
	if w.carried[f.Fix] {
		d.SuggestedFixes = []analysis.SuggestedFix{w.suggestion(f.Fix)}
	}
	return d, d.Pos.IsValid()
}

// notes lists what there is to say beside the message. What has no place is said
// at that of the finding.
func (w writer) notes(f *rule.Finding) []rule.Note {
	var out []rule.Note
	if f.Acquired.IsValid() {
		out = append(out, rule.Note{Pos: f.Acquired, Text: f.Resource + " is held from here"})
	}
	out = append(out, f.Notes...)
	switch {
	case f.Fix == nil || w.carried[f.Fix]:
	case f.Fix.Safe:
		out = append(out, rule.Note{Text: "fix (safe), by lockfix -w: " + f.Fix.Title})
	default:
		out = append(out, rule.Note{Text: "fix (unsafe), by lockfix -w --unsafe-fixes: " + f.Fix.Title})
	}
	for i := range out {
		if !out[i].Pos.IsValid() {
			out[i].Pos = f.Pos
		}
	}
	return out
}

// folded is the notes in one line, with their places where these are not that of
// the finding.
func (w writer) folded(f *rule.Finding, notes []rule.Note) string {
	var parts []string
	for _, n := range notes {
		switch {
		case n.Pos == f.Pos:
			parts = append(parts, n.Text)
		case n.Pos.Filename == f.Pos.Filename:
			parts = append(parts, fmt.Sprintf("line %d: %s", n.Pos.Line, n.Text))
		default:
			parts = append(parts, fmt.Sprintf("%s:%d: %s", filepath.Base(n.Pos.Filename), n.Pos.Line, n.Text))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// suggestion puts a fix that is carried in the terms of the framework.
func (w writer) suggestion(fix *rule.Fix) analysis.SuggestedFix {
	s := analysis.SuggestedFix{Message: fix.Title}
	for _, c := range fix.Changes {
		tf := w.pass.Fset.File(fileNamed(w.src, c.File).Syntax.FileStart)
		for _, e := range c.Edits {
			s.TextEdits = append(s.TextEdits, analysis.TextEdit{Pos: tf.Pos(e.Start), End: tf.Pos(e.End), NewText: []byte(e.New)})
		}
	}
	return s
}

// position finds a resolved position again, NoPos if it is in another package.
func (w writer) position(p rule.Position) token.Pos {
	file := fileNamed(w.src, p.Filename)
	if file == nil {
		return token.NoPos
	}
	tf := w.pass.Fset.File(file.Syntax.FileStart)
	if p.Offset > tf.Size() {
		return token.NoPos
	}
	return tf.Pos(p.Offset)
}
