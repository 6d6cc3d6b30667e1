package lsp

import (
	"bytes"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/hazard"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A describer words findings for the client.
type describer struct {
	report  *action.Report
	overlay map[string][]byte
	maps    map[string]*text.Map
	uris    map[string]string // of what is open, as the client spells them
	dir     string            // that places are relative to
	related bool              // the client shows related places
	page    func(string) string
}

// describer takes from the session what it needs.
func (s *server) describer(dir string, r *action.Report, overlay map[string][]byte) *describer {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &describer{report: r, overlay: overlay, maps: make(map[string]*text.Map), uris: make(map[string]string), dir: dir, page: s.Page}
	d.related = s.client.TextDocument.PublishDiagnostics.RelatedInformation
	for file, open := range s.docs {
		d.uris[file] = open.uri
	}
	return d
}

// diagnostics returns those of each file that has findings and was analysed as it
// is.
func (d *describer) diagnostics() map[string][]protocol.Diagnostic {
	lists := make(map[string][]protocol.Diagnostic)
	for _, f := range d.report.Findings {
		file := f.Pos.Filename
		if now, open := d.overlay[file]; d.report.Texts[file] == nil || open && !d.report.Has(file, now) {
			continue
		}
		lists[file] = append(lists[file], d.diagnostic(f))
	}
	return lists
}

func (d *describer) diagnostic(f *rule.Finding) protocol.Diagnostic {
	out := protocol.Diagnostic{
		Range:    d.spanOf(f),
		Severity: severity(f.Level),
		Code:     f.Rule,
		Source:   "lockfix",
		Message:  d.message(f),
	}
	if d.page != nil {
		if href := d.page(f.Rule); href != "" {
			out.CodeDescription = &protocol.CodeDescription{Href: href}
		}
	}
	if d.related {
		out.RelatedInformation = d.frames(f)
	}
	return out
}

func severity(l hazard.Level) int {
	switch l {
	case hazard.Deadlock:
		return protocol.SeverityError
	case hazard.Hazard:
		return protocol.SeverityWarning
	}
	return protocol.SeverityInformation
}

// message has the first frame's place too: some clients show no related places.
func (d *describer) message(f *rule.Finding) string {
	for _, n := range notes(f) {
		if n.Pos.Line == f.Pos.Line && n.Pos.Filename == f.Pos.Filename {
			continue
		}
		return fmt.Sprintf("%s (%s: %s)", f.Message, strings.TrimPrefix(report.Place(d.dir, n.Pos), "./"), n.Text)
	}
	return f.Message
}

// notes returns the frames that have a place: where the lock was taken comes last
// for the message, which names the line of it anyway.
func notes(f *rule.Finding) []rule.Note {
	var out []rule.Note
	for _, n := range f.Notes {
		if n.Pos.IsValid() && n.Pos.Filename != "" {
			out = append(out, n)
		}
	}
	if f.Acquired.IsValid() && f.Acquired.Filename != "" {
		out = append(out, rule.Note{Pos: f.Acquired, Text: f.Resource + " is held from here"})
	}
	return out
}

// frames are the related places of a finding.
func (d *describer) frames(f *rule.Finding) []protocol.RelatedInformation {
	var out []protocol.RelatedInformation
	for _, n := range notes(f) {
		at := d.place(n.Pos)
		out = append(out, protocol.RelatedInformation{
			Location: protocol.Location{URI: d.uri(n.Pos.Filename), Range: text.Range{Start: at, End: at}},
			Message:  n.Text,
		})
	}
	return out
}

func (d *describer) uri(file string) string {
	if uri := d.uris[file]; uri != "" {
		return uri
	}
	return protocol.URIOf(file)
}

func (d *describer) spanOf(f *rule.Finding) text.Range {
	r := text.Range{Start: d.place(f.Pos)}
	if r.End = r.Start; f.End.Filename == f.Pos.Filename && f.End.Offset > f.Pos.Offset {
		r.End = d.place(f.End)
	}
	return r
}

// place converts a position of the analysis.
func (d *describer) place(pos token.Position) text.Position {
	m := d.mapOf(pos.Filename)
	content, analysed := d.report.Texts[pos.Filename]
	if known := pos.Offset > 0 && pos.Offset <= len(content); analysed && known {
		return m.Position(pos.Offset)
	}
	return m.Position(offset(m.Text(), pos))
}

// mapOf finds the text that a position is in: what was analysed, what is open, and
// only then what is on disk.
func (d *describer) mapOf(file string) *text.Map {
	content, ok := d.report.Texts[file]
	if !ok {
		content, ok = d.overlay[file]
	}
	m := d.maps[file]
	if m == nil {
		if !ok {
			content, _ = os.ReadFile(file) // of what is not there any place is the start
		}
		m = text.NewMap(content)
		d.maps[file] = m
	}
	return m
}

// offset finds the byte of a position by line and column: of a place in another
// package that is all there is.
func offset(content []byte, pos token.Position) int {
	at := 0
	for range pos.Line - 1 {
		i := bytes.IndexByte(content[at:], '\n')
		if i < 0 {
			return len(content)
		}
		at += i + 1
	}
	end := len(content)
	if i := bytes.IndexByte(content[at:], '\n'); i >= 0 {
		end = at + i
	}
	return min(at+max(0, pos.Column-1), end)
}

// link words a position as a link of Markdown.
func (d *describer) link(pos token.Position) string {
	name := filepath.Base(pos.Filename)
	if rel, err := filepath.Rel(d.dir, pos.Filename); err == nil && !strings.HasPrefix(rel, "..") {
		name = filepath.ToSlash(rel)
	}
	return fmt.Sprintf("[%s:%d:%d](%s#L%d)", name, pos.Line, pos.Column, d.uri(pos.Filename), pos.Line)
}
