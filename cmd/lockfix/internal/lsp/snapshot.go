package lsp

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// A snapshot is a document and what was found in its package, all of it as it is:
// there is none of what is stale.
type snapshot struct {
	*doc
	docs     map[string]*doc // the open Go files of the directory, by name
	report   *action.Report
	describe *describer
	client   protocol.ClientCapabilities
	lazy     bool
	lines    *text.Map // of the document
}

// snapshot returns nil where nothing can be said: the document is not open, its
// package was not analysed yet, or is not what was analysed any more.
func (s *server) snapshot(uri string) *snapshot {
	s.mu.Lock()
	d := s.docs[protocol.FileOf(uri)]
	if d == nil || d.lost || !isGo(d.file) {
		s.mu.Unlock()
		return nil
	}
	dir := filepath.Dir(d.file)
	p := s.packages[dir]
	if p == nil || p.report == nil {
		s.mu.Unlock()
		return nil
	}
	v := &snapshot{doc: d, docs: s.docsIn(dir), report: p.report, client: s.client, lazy: s.lazy()}
	overlay := s.overlay()
	s.mu.Unlock()
	if !v.fresh() {
		return nil
	}
	v.describe, v.lines = s.describer(dir, v.report, overlay), text.NewMap(d.content)
	return v
}

// fresh reports whether the open files are what was analysed. Those that no package
// has, because of build constraints, do not matter, unless it is the document.
func (v *snapshot) fresh() bool {
	for file, d := range v.docs {
		if _, analysed := v.report.Texts[file]; (analysed || file == v.file) && (d.lost || !v.report.Has(file, d.content)) {
			return false
		}
	}
	return true
}

// current reports whether the files that are not open are on disk what was
// analysed, as far as changes touch them.
func (v *snapshot) current(changes []rule.Change) bool {
	for _, c := range changes {
		if v.docs[c.File] != nil {
			continue
		}
		now, err := os.ReadFile(c.File)
		if err != nil || !bytes.Equal(now, v.report.Texts[c.File]) {
			return false
		}
	}
	return true
}

// edit words changes for the client.
func (v *snapshot) edit(changes []rule.Change) *protocol.WorkspaceEdit {
	out := new(protocol.WorkspaceEdit)
	versioned := v.client.Workspace.WorkspaceEdit.DocumentChanges
	for _, c := range changes {
		m := v.describe.mapOf(c.File)
		edits := []protocol.TextEdit{}
		for _, e := range c.Edits {
			edits = append(edits, protocol.TextEdit{Range: m.Range(e.Start, e.End), NewText: e.New})
		}
		id := protocol.OptionalVersionedID{URI: v.describe.uri(c.File)}
		if d := v.docs[c.File]; d != nil {
			id.Version = &d.version
		}
		if versioned {
			out.DocumentChanges = append(out.DocumentChanges, protocol.TextDocumentEdit{TextDocument: id, Edits: edits})
			continue
		}
		if out.Changes == nil {
			out.Changes = make(map[string][]protocol.TextEdit)
		}
		out.Changes[id.URI] = edits
	}
	return out
}
