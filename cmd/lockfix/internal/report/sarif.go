package report

import (
	"crypto/sha256"
	"fmt"
	"go/token"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// sourceRoot names the directory that the paths of a SARIF file are relative to.
// Where that is stays unsaid: code scanning takes the root of the repository, and
// a file with the path in it would be another one on each machine.
const sourceRoot = "%SRCROOT%"

// fingerprintKey carries a version: fingerprints that are made in another way get
// another key, so that old ones are not compared with them.
const fingerprintKey = "lockfixFinding/v1"

// A sarifWriter makes the parts of one SARIF file.
type sarifWriter struct {
	Input
	texts places
	rules []sarifRule
	index map[string]int // of a rule in rules
	seen  map[string]int // how many findings had these contents
}

func writeSARIF(w *strings.Builder, in Input) {
	s := sarifWriter{Input: in, texts: places{source: in.Source}, rules: []sarifRule{}, index: make(map[string]int), seen: make(map[string]int)}
	for _, r := range in.Rules {
		s.describe(r)
	}
	results := []sarifResult{}
	for _, f := range in.Findings {
		results = append(results, s.result(f))
	}
	writeIndented(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs: []sarifRun{{
			Tool: sarifTool{sarifDriver{
				Name:            "lockfix",
				SemanticVersion: in.Version,
				InformationURI:  homepage,
				Rules:           s.rules,
			}},
			Invocations:        []sarifInvocation{s.invocation()},
			OriginalURIBaseIDs: map[string]sarifBase{sourceRoot: {sarifText{Text: "the root of the repository, else the directory that lockfix ran in"}}},
			Results:            results,
			ColumnKind:         "utf16CodeUnits",
			Newlines:           []string{"\r\n", "\n", "\r"},
		}},
	})
}

// describe lists a rule.
func (s *sarifWriter) describe(r *rule.Rule) {
	s.index[r.Name] = len(s.rules)
	page := markup(r.Doc)
	s.rules = append(s.rules, sarifRule{
		ID:         r.Name,
		Short:      sarifText{Text: sentence(r.Title)},
		Full:       sarifText{Text: sentence(page.first(r.Title))},
		Help:       sarifText{Text: page.text(r.Title), Markdown: page.markdown(2)},
		HelpURI:    s.page(r.Name),
		Default:    sarifConfiguration{Enabled: !r.Off, Level: "warning"},
		Properties: sarifTags{[]string{"concurrency", "correctness", "deadlock"}},
	})
}

func (s *sarifWriter) result(f *rule.Finding) sarifResult {
	if _, known := s.index[f.Rule]; !known {
		s.describe(&rule.Rule{Name: f.Rule, Title: f.Rule})
	}
	message := []string{sentence(f.Message)}
	for _, text := range append(remarks(f), remedy(f)) {
		message = append(message, sentence(strings.ToUpper(text[:1])+text[1:]))
	}
	here := s.location(f.Pos, f.End, sentence(f.Message))
	r := sarifResult{
		RuleID:       f.Rule,
		RuleIndex:    s.index[f.Rule],
		Level:        Severity(f.Level),
		Message:      sarifText{Text: strings.Join(message, " ")},
		Locations:    []sarifLocation{{Physical: here.Physical, Logical: logical(f)}},
		Fingerprints: map[string]string{fingerprintKey: s.fingerprint(f)},
	}
	if flows := s.flows(f, here); len(flows) > 1 || len(flows[0].Locations) > 1 {
		r.CodeFlows = []sarifCodeFlow{{flows}}
	}
	for i, n := range located(f) {
		l := s.note(n)
		l.ID = i + 1
		r.Related = append(r.Related, l)
	}
	if f.Fix != nil && f.Fix.Safe {
		r.Fixes = []sarifFix{s.fix(f.Fix)}
	}
	return r
}

// logical names the function that a finding stands in.
func logical(f *rule.Finding) []sarifLogical {
	name := f.Package
	if f.Function != "" {
		name += "." + f.Function
	}
	return []sarifLogical{{Name: name, Kind: "function"}}
}

// flows lists the goroutines of a finding: who holds the resource, and where it is
// known, the other side.
func (s *sarifWriter) flows(f *rule.Finding, here sarifLocation) []sarifThreadFlow {
	holder := sarifThreadFlow{ID: "holder", Message: sarifText{Text: "This side."}}
	if f.Resource != "" && f.Mode != "" {
		holder.Message.Text = "The goroutine that holds " + f.Resource + "."
	}
	waiter := sarifThreadFlow{ID: "waiter", Message: sarifText{Text: "The other side."}}
	add := func(t *sarifThreadFlow, l sarifLocation) { t.Locations = append(t.Locations, sarifStep{l}) }
	if n, ok := heldFrom(f); ok {
		add(&holder, s.note(n))
	}
	add(&holder, here)
	for _, n := range f.Notes {
		switch {
		case n.Pos.Filename == "" || n.Pos == f.Pos && !n.Other:
		case n.Other:
			add(&waiter, s.note(n))
		default:
			add(&holder, s.note(n))
		}
	}
	if len(waiter.Locations) == 0 {
		return []sarifThreadFlow{holder}
	}
	return []sarifThreadFlow{holder, waiter}
}

// heldFrom is the note of where the resource was acquired.
func heldFrom(f *rule.Finding) (n rule.Note, ok bool) {
	return rule.Note{Pos: f.Acquired, Text: f.Resource + " is held from here"}, f.Acquired.IsValid()
}

// located lists the notes of a finding that have a place, the acquisition first.
func located(f *rule.Finding) []rule.Note {
	var list []rule.Note
	if n, ok := heldFrom(f); ok {
		list = append(list, n)
	}
	for _, n := range slices.Concat(f.Notes, f.Refusals) {
		if n.Pos.Filename != "" {
			list = append(list, n)
		}
	}
	return list
}

// remarks are the notes that have none.
func remarks(f *rule.Finding) []string {
	var list []string
	for _, n := range f.Notes {
		if n.Pos.Filename == "" && n.Text != "" {
			list = append(list, n.Text)
		}
	}
	return list
}

func (s *sarifWriter) note(n rule.Note) sarifLocation {
	return s.location(n.Pos, token.Position{}, sentence(n.Text))
}

func (s *sarifWriter) location(pos, end token.Position, message string) sarifLocation {
	return sarifLocation{Physical: &sarifPhysical{s.artifact(pos.Filename), s.region(pos, end)}, Message: &sarifText{Text: message}}
}

// region counts columns in UTF-16 code units. Without an end it is the rest of the
// line, and so it is where the text is not known: then columns are not, either.
func (s *sarifWriter) region(pos, end token.Position) *sarifRegion {
	if pos.Line == 0 {
		return nil
	}
	m := s.texts.of(pos.Filename)
	if m == nil {
		return &sarifRegion{StartLine: pos.Line}
	}
	if !end.IsValid() {
		_, end.Offset = m.Line(m.Position(pos.Offset).Line)
	}
	return regionOf(m.Range(pos.Offset, end.Offset))
}

func regionOf(r text.Range) *sarifRegion {
	return &sarifRegion{int(r.Start.Line) + 1, int(r.Start.Character) + 1, int(r.End.Line) + 1, int(r.End.Character) + 1}
}

// artifact names a file: by its path from the root, or if it lies elsewhere, as the
// standard library does, by where it is.
func (s *sarifWriter) artifact(file string) sarifArtifact {
	rel := Rel(s.root(), file)
	if filepath.IsLocal(filepath.FromSlash(rel)) {
		return sarifArtifact{(&url.URL{Path: rel}).String(), sourceRoot}
	}
	path := filepath.ToSlash(file)
	if !strings.HasPrefix(path, "/") { // C:/go
		path = "/" + path
	}
	return sarifArtifact{(&url.URL{Scheme: "file", Path: path}).String(), ""}
}

// fingerprint stays the same while lines move, a file is renamed and other
// findings come and go: it is made of what is reported and in which function, and
// of how many alike come before.
func (s *sarifWriter) fingerprint(f *rule.Finding) string {
	function, _, _ := strings.Cut(f.Function, " at line ") // of a literal outside of functions
	contents := strings.Join([]string{f.Rule, f.Package, function, f.Resource, f.Message}, "\x00")
	s.seen[contents]++
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", contents, s.seen[contents])))[:32]
}

// fix words the edits of a fix as the replacements of the files.
func (s *sarifWriter) fix(f *rule.Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: sentence(f.Title)}}
	for _, c := range f.Changes {
		m := s.texts.of(c.File)
		if m == nil {
			continue
		}
		change := sarifChange{Artifact: s.artifact(c.File)}
		for _, e := range c.Edits {
			r := sarifReplacement{Deleted: regionOf(m.Range(e.Start, e.End))}
			if e.New != "" {
				r.Inserted = &sarifContent{e.New}
			}
			change.Replacements = append(change.Replacements, r)
		}
		out.Changes = append(out.Changes, change)
	}
	return out
}

// invocation says how the run went: what was not analysed, and what -w has ended.
// A finding that is fixed is no result, since the code does not have it any more.
func (s *sarifWriter) invocation() sarifInvocation {
	inv := sarifInvocation{Successful: len(s.Problems) == 0, Notifications: []sarifNotification{}}
	for _, p := range s.Problems {
		n := sarifNotification{Level: "error", Message: sarifText{Text: sentence(p.unplaced())}}
		if p.Pos.Filename != "" {
			n.Locations = []sarifLocation{{Physical: &sarifPhysical{s.artifact(p.Pos.Filename), s.start(p.Pos)}}}
		}
		inv.Notifications = append(inv.Notifications, n)
	}
	for _, f := range s.Fixed {
		inv.Notifications = append(inv.Notifications, sarifNotification{
			Level:     "note",
			Message:   sarifText{Text: fmt.Sprintf("Fixed %s: %s", f.Rule, sentence(f.Message+": "+f.Fix.Title))},
			Locations: []sarifLocation{{Physical: &sarifPhysical{s.artifact(f.Pos.Filename), nil}}},
		})
	}
	return inv
}

// start is the region of a problem, which has a line and a column in bytes, but no
// offset.
func (s *sarifWriter) start(pos token.Position) *sarifRegion {
	m := s.texts.of(pos.Filename)
	if m == nil || pos.Line == 0 || pos.Column == 0 {
		return s.region(token.Position{Filename: "", Line: pos.Line}, token.Position{})
	}
	line, _ := m.Line(uint32(pos.Line - 1))
	pos.Offset = line + pos.Column - 1
	return s.region(pos, token.Position{})
}

// sentence writes a message as the readers of SARIF expect it.
func sentence(message string) string {
	message = strings.TrimSpace(message)
	if message == "" || strings.HasSuffix(message, ".") {
		return message
	}
	return message + "."
}
