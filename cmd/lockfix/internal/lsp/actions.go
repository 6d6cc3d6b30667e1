package lsp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// codeAction lists what can be done in a range. What somebody asked for, or is to be
// done on saving, which names its kind, is worth a moment's wait; an editor that asks
// by itself gets what there is.
func (s *server) codeAction(ctx context.Context, p protocol.CodeActionParams) (any, error) {
	out := []protocol.CodeAction{}
	file := protocol.FileOf(p.TextDocument.URI)
	if file == "" {
		return out, nil
	}
	v := s.snapshot(p.TextDocument.URI)
	if v != nil && v.report.Pending && len(p.Context.Only) == 0 && !action.There(v.report, v.query(p)) {
		return out, nil // whatever fixes are found: here is nothing to mend
	}
	if p.Context.TriggerKind != protocol.TriggerAutomatic || len(p.Context.Only) > 0 {
		s.settle(ctx, filepath.Dir(file))
		v = s.snapshot(p.TextDocument.URI)
	}
	if v == nil || v.report.Pending || v.client.TextDocument.CodeAction.CodeActionLiteralSupport == nil {
		return out, nil
	}
	for _, a := range action.At(v.report, v.query(p)) {
		if c, ok := v.action(a); ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// query says what the client asks for: findings in the range, and those of which it
// sends the diagnostics. These are known by their words: Neovim 0.7 sends columns in
// bytes.
func (v *snapshot) query(p protocol.CodeActionParams) action.Query {
	return action.Query{
		File:  v.file,
		Start: v.lines.Offset(p.Range.Start),
		End:   v.lines.Offset(p.Range.End),
		Only:  p.Context.Only,
		Meant: func(f *rule.Finding) bool {
			return slices.ContainsFunc(p.Context.Diagnostics, func(d protocol.ForeignDiagnostic) bool {
				var code string
				return d.Source == "lockfix" && json.Unmarshal(d.Code, &code) == nil && code == f.Rule &&
					d.Range.Start.Line == v.describe.place(f.Pos).Line && d.Message == v.describe.message(f)
			})
		},
	}
}

// action words an action for the client. There is none where the client cannot show
// it, or a file is not what was analysed.
func (v *snapshot) action(a action.Action) (out protocol.CodeAction, ok bool) {
	out = protocol.CodeAction{Title: a.Title, Kind: a.Kind, IsPreferred: a.Preferred}
	for _, f := range a.Findings {
		if f.Pos.Filename == v.file {
			out.Diagnostics = append(out.Diagnostics, v.describe.diagnostic(f))
		}
	}
	switch {
	case a.Disabled != "":
		out.Disabled = &protocol.Disabled{Reason: a.Disabled}
		return out, v.client.TextDocument.CodeAction.DisabledSupport
	case !v.current(a.Changes):
		return out, false
	case v.lazy:
		out.Data = v.reference(a)
	default:
		out.Edit = v.edit(a.Changes)
	}
	return out, true
}

// A reference names an action of a version of a document, so that it is found
// again when it is chosen.
type reference struct {
	URI     string `json:"uri"`
	Version int32  `json:"version"`
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	At      int    `json:"at"` // byte of its first finding
}

func (v *snapshot) reference(a action.Action) json.RawMessage {
	ref := reference{URI: v.uri, Version: v.version, Kind: a.Kind, Title: a.Title}
	for _, f := range a.Findings {
		if f.Pos.Filename == v.file {
			ref.At = f.Pos.Offset
			break
		}
	}
	data, err := json.Marshal(ref)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return data
}

// resolve adds the edit to an action that was chosen. One of a text that is no more
// is refused.
func (s *server) resolve(_ context.Context, a protocol.CodeAction) (any, error) {
	if a.Edit != nil || a.Disabled != nil {
		return a, nil
	}
	ref, err := decode[reference](a.Data)
	if err != nil {
		return nil, err
	}
	stale := &jsonrpc2.Error{Code: protocol.ContentModified, Message: "the text has changed since: ask for the actions again"}
	v := s.snapshot(ref.URI)
	if v == nil || v.report.Pending || v.version != ref.Version {
		return nil, stale
	}
	for _, b := range action.At(v.report, action.Query{File: v.file, Start: ref.At, End: ref.At, Only: []string{ref.Kind}}) {
		if b.Title == ref.Title && b.Disabled == "" && v.current(b.Changes) {
			a.Edit = v.edit(b.Changes)
			return a, nil
		}
	}
	return nil, stale
}
