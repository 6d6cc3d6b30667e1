package lsp

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
)

// A doc is a document that is open. It is replaced, not changed, by each change.
type doc struct {
	uri     string // as the client spells it
	file    string
	version int32
	content []byte
	edited  bool // since it was opened or saved
	lost    bool // a change did not fit: what the client has is not known
}

// didOpen takes a document, and looks at its package at once.
func (s *server) didOpen(p protocol.DidOpenParams) error {
	d := &doc{uri: p.TextDocument.URI, file: protocol.FileOf(p.TextDocument.URI), version: p.TextDocument.Version, content: []byte(p.TextDocument.Text)}
	if d.file == "" {
		return nil // no file: no package
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.docs[d.file] = d
	if isGo(d.file) {
		s.schedule(s.packageOf(filepath.Dir(d.file)), 0)
	}
	return nil
}

func isGo(file string) bool { return strings.HasSuffix(file, ".go") }

// didChange takes changes, each of the text that the one before it made.
func (s *server) didChange(p protocol.DidChangeParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.docs[protocol.FileOf(p.TextDocument.URI)]
	if old == nil {
		if protocol.FileOf(p.TextDocument.URI) == "" {
			return nil
		}
		return fmt.Errorf("%s is not open", p.TextDocument.URI)
	}
	d := *old
	d.version, d.edited = p.TextDocument.Version, true
	err := d.change(p.ContentChanges)
	s.docs[d.file] = &d
	if p := s.packages[filepath.Dir(d.file)]; p != nil && isGo(d.file) {
		s.schedule(p, rest)
	} else {
		s.scheduleAll()
	}
	return err
}

// change applies changes. One that does not fit leaves a text that is not what the
// client has, until a change brings all of it.
func (d *doc) change(changes []protocol.ContentChange) error {
	for _, c := range changes {
		if c.Range == nil {
			d.content, d.lost = []byte(c.Text), false
			continue
		}
		content, err := text.Replace(d.content, *c.Range, c.Text)
		if err != nil {
			d.lost = true
			return fmt.Errorf("%s: %w: no fix is offered there until it is opened again", d.uri, err)
		}
		d.content = content
	}
	return nil
}

// didSave looks at the package at once, and then at those that may import it.
func (s *server) didSave(p protocol.DidSaveParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.docs[protocol.FileOf(p.TextDocument.URI)]
	if old == nil {
		return nil
	}
	d := *old
	edited := d.edited
	d.edited = false
	s.docs[d.file] = &d
	own := s.packages[filepath.Dir(d.file)]
	if edited {
		for _, p := range s.packages {
			if p != own {
				s.schedule(p, rest)
			}
		}
	}
	if own != nil && isGo(d.file) {
		s.schedule(own, 0)
	}
	return nil
}

// didClose forgets a document. What was found in the directory goes with the last
// one.
func (s *server) didClose(p protocol.DidCloseParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.docs[protocol.FileOf(p.TextDocument.URI)]
	if d == nil {
		return nil
	}
	delete(s.docs, d.file)
	own := s.packages[filepath.Dir(d.file)]
	switch {
	case own == nil || !isGo(d.file):
		s.scheduleAll()
	case len(s.docsIn(own.dir)) > 0:
		s.schedule(own, rest) // what was not saved is gone
	default:
		own.halt()
		delete(s.packages, own.dir)
		for _, uri := range sorted(own.shown) {
			s.notify("textDocument/publishDiagnostics", protocol.PublishDiagnosticsParams{URI: uri, Diagnostics: []protocol.Diagnostic{}})
		}
	}
	return nil
}

// sorted returns the values of a map in the order of its keys.
func sorted(m map[string]string) []string {
	var values []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		values = append(values, m[key])
	}
	return values
}

// docsIn returns the open Go files of a directory, by name. The mutex is held.
func (s *server) docsIn(dir string) map[string]*doc {
	in := make(map[string]*doc)
	for file, d := range s.docs {
		if isGo(file) && filepath.Dir(file) == dir {
			in[file] = d
		}
	}
	return in
}

// overlay returns the texts of the open documents that say what a program is. The
// mutex is held.
func (s *server) overlay() map[string][]byte {
	texts := make(map[string][]byte)
	for file, d := range s.docs {
		if isGo(file) || decides(file) {
			texts[file] = d.content
		}
	}
	return texts
}

// decides reports whether a file says which packages there are.
func decides(file string) bool {
	return slices.Contains([]string{"go.mod", "go.sum", "go.work"}, filepath.Base(file))
}

// didChangeWatchedFiles looks at everything again when something else than the
// editor has changed files. Of a document that is open the client speaks itself.
func (s *server) didChangeWatchedFiles(p protocol.DidChangeWatchedFilesParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range p.Changes {
		file := protocol.FileOf(c.URI)
		if s.docs[file] == nil && (isGo(file) || decides(file) || filepath.Base(file) == ".lockfix.yaml") {
			s.scheduleAll()
			break
		}
	}
	return nil
}
