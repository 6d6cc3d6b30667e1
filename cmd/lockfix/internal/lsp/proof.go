package lsp

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/holding"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// hover shows the proof of the findings of a line, and what there is to say of a
// lock.
func (s *server) hover(_ context.Context, p protocol.HoverParams) (any, error) {
	v := s.snapshot(p.TextDocument.URI)
	if v == nil {
		return nil, nil
	}
	found, lock := v.onLine(p.Position.Line), v.lockAt(v.lines.Offset(p.Position))
	var at text.Range
	var pages []string
	if lock != nil {
		at = text.Range{Start: v.describe.place(lock.Pos), End: v.describe.place(lock.End)}
		pages = append(pages, lock.Markdown(v.describe.link))
	}
	if len(found) > 0 {
		at = v.describe.spanOf(found[0])
		pages = append([]string{v.proofs(found)}, pages...)
	}
	if len(pages) == 0 {
		return nil, nil
	}
	content := protocol.MarkupContent{Kind: "markdown", Value: strings.Join(pages, "\n---\n\n")}
	if formats := v.client.TextDocument.Hover.ContentFormat; len(formats) > 0 && !slices.Contains(formats, content.Kind) {
		content = protocol.MarkupContent{Kind: "plaintext", Value: v.plain(found)}
		if lock != nil {
			content.Value += lock.Plain(v.describe.dir)
		}
	}
	return protocol.Hover{Contents: content, Range: &at}, nil
}

// lockAt returns the lock that is declared or acquired at a byte, the innermost one;
// nil if none is.
func (v *snapshot) lockAt(at int) (lock *holding.Place) {
	for i := range v.report.Locks {
		l := &v.report.Locks[i]
		if l.Pos.Filename == v.file && l.Pos.Offset <= at && at <= l.End.Offset && (lock == nil || l.End.Offset-l.Pos.Offset < lock.End.Offset-lock.Pos.Offset) {
			lock = l
		}
	}
	return lock
}

// onLine returns the findings of a line of the document.
func (v *snapshot) onLine(line uint32) []*rule.Finding {
	return slices.DeleteFunc(slices.Clone(v.report.Findings), func(f *rule.Finding) bool {
		if f.Pos.Filename != v.file {
			return true
		}
		span := v.describe.spanOf(f)
		return line < span.Start.Line || span.End.Line < line
	})
}

// proofs words the proofs of findings.
func (v *snapshot) proofs(found []*rule.Finding) string {
	var pages []string
	for _, f := range found {
		pages = append(pages, report.Markdown(f, v.describe.link))
	}
	return strings.Join(pages, "\n---\n\n")
}

// plain words them for who shows no Markdown, as a terminal does.
func (v *snapshot) plain(found []*rule.Finding) string {
	var b strings.Builder
	report.Write(&b, "pretty", report.Input{
		Dir: v.describe.dir, Findings: found,
		Source: func(file string) []byte { return v.describe.mapOf(file).Text() },
	})
	return b.String()
}

// An explainArgument names a line of a document.
type explainArgument struct {
	URI      string        `json:"uri"`
	Position text.Position `json:"position"`
}

// execute runs a command: there is one, which shows the proof of the findings of a
// line and returns it too.
func (s *server) execute(ctx context.Context, p protocol.ExecuteCommandParams) (any, error) {
	if p.Command != explainCommand {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: fmt.Sprintf("unknown command %q", p.Command)}
	}
	if len(p.Arguments) != 1 {
		return nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: explainCommand + ` takes one argument: {"uri": …, "position": {"line": …, "character": …}}`}
	}
	arg, err := decode[explainArgument](p.Arguments[0])
	if err != nil {
		return nil, err
	}
	if file := protocol.FileOf(arg.URI); file != "" {
		s.settle(ctx, filepath.Dir(file))
	}
	v := s.snapshot(arg.URI)
	if v == nil {
		return nil, errors.New("nothing is known of this text yet: ask again in a moment")
	}
	found := v.onLine(arg.Position.Line)
	if len(found) == 0 {
		return nil, fmt.Errorf("nothing was found on line %d", arg.Position.Line+1)
	}
	page := v.proofs(found)
	if err := s.show(ctx, page, v.plain(found)); err != nil {
		s.log(protocol.MessageLog, fmt.Sprintf("showing a proof: %v", err))
	}
	return page, nil
}

// show shows a page, as a document where the client can, else, in plain words, as a
// message.
func (s *server) show(ctx context.Context, page, plain string) error {
	s.mu.Lock()
	able := s.client.Window.ShowDocument.Support
	s.mu.Unlock()
	if able {
		file, err := s.proofFile(page)
		if err != nil {
			return err
		}
		var shown struct {
			Success bool `json:"success"`
		}
		err = s.conn.Call(ctx, "window/showDocument", protocol.ShowDocumentParams{URI: protocol.URIOf(file), TakeFocus: true}, &shown)
		if err == nil && shown.Success {
			return nil
		}
	}
	s.notify("window/showMessage", protocol.MessageParams{Type: protocol.MessageInfo, Message: plain})
	return nil
}

// proofFile writes a page where the client can open it. It goes when the session
// ends.
func (s *server) proofFile(page string) (name string, err error) {
	s.mu.Lock()
	dir := s.proofs
	s.mu.Unlock()
	if dir == "" {
		if dir, err = os.MkdirTemp("", "lockfix-proof-"); err != nil {
			return "", err
		}
		dir = s.keepProofs(dir)
	}
	f, err := os.CreateTemp(dir, "proof-*.md")
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(page)
	return f.Name(), errors.Join(err, f.Close())
}

// keepProofs takes a new directory, unless there is one by now.
func (s *server) keepProofs(dir string) string {
	s.mu.Lock()
	if s.proofs == "" {
		s.proofs = dir
	}
	kept := s.proofs
	s.mu.Unlock()
	if kept != dir {
		_ = os.Remove(dir) // it is empty, and the system cleans up too
	}
	return kept
}
