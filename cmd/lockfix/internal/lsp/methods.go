package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/protocol"
)

// An answerer answers a request.
type answerer func(*server, context.Context, json.RawMessage) (any, error)

// requests are those that are known. Those in order are answered before the next
// message is looked at.
var (
	requests = map[string]answerer{
		"initialize":               answering((*server).initialize),
		"shutdown":                 answering((*server).shutdown),
		"textDocument/codeAction":  answering((*server).codeAction),
		"codeAction/resolve":       answering((*server).resolve),
		"textDocument/hover":       answering((*server).hover),
		"workspace/executeCommand": answering((*server).execute),
	}
	inOrder = map[string]bool{"initialize": true, "shutdown": true}
)

// notifications are those that something is done about.
var notifications = map[string]func(*server, json.RawMessage) error{
	"initialized":                         taking((*server).initialized),
	"textDocument/didOpen":                taking((*server).didOpen),
	"textDocument/didChange":              taking((*server).didChange),
	"textDocument/didSave":                taking((*server).didSave),
	"textDocument/didClose":               taking((*server).didClose),
	"workspace/didChangeWatchedFiles":     taking((*server).didChangeWatchedFiles),
	"workspace/didChangeWorkspaceFolders": taking((*server).didChangeWorkspaceFolders),
	"$/cancelRequest":                     taking((*server).cancelRequest),
}

func answering[P any](f func(*server, context.Context, P) (any, error)) answerer {
	return func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		p, err := decode[P](raw)
		if err != nil {
			return nil, err
		}
		return f(s, ctx, p)
	}
}

func taking[P any](f func(*server, P) error) func(*server, json.RawMessage) error {
	return func(s *server, raw json.RawMessage) error {
		p, err := decode[P](raw)
		if err != nil {
			return err
		}
		return f(s, p)
	}
}

// decode reads the parameters of a message; without any they are zero.
func decode[P any](raw json.RawMessage) (p P, err error) {
	if len(raw) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(raw, &p); err != nil {
		return p, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	}
	return p, nil
}

// explainCommand shows the proof of a finding.
const explainCommand = "lockfix.explain"

func (s *server) initialize(_ context.Context, p protocol.InitializeParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase, s.client = running, p.Capabilities
	for _, f := range p.WorkspaceFolders {
		s.addFolder(protocol.FileOf(f.URI))
	}
	if len(p.WorkspaceFolders) == 0 {
		s.addFolder(protocol.FileOf(p.RootURI))
	}
	if len(s.folders) == 0 {
		s.addFolder(p.RootPath)
	}
	return protocol.InitializeResult{
		ServerInfo: protocol.ServerInfo{Name: "lockfix", Version: s.Version},
		Capabilities: protocol.ServerCapabilities{
			PositionEncoding:       "utf-16",
			TextDocumentSync:       protocol.SyncOptions{OpenClose: true, Change: protocol.Incremental},
			CodeActionProvider:     protocol.CodeActionOptions{CodeActionKinds: action.Kinds, ResolveProvider: s.lazy()},
			HoverProvider:          true,
			ExecuteCommandProvider: protocol.ExecuteCommandOptions{Commands: []string{explainCommand}},
			Workspace:              protocol.WorkspaceOptions{WorkspaceFolders: protocol.FolderOptions{Supported: true, ChangeNotifications: true}},
		},
	}, nil
}

// lazy reports whether the client fetches the edit of an action when it is chosen.
// The mutex is held.
func (s *server) lazy() bool {
	c := s.client.TextDocument.CodeAction
	return c.DataSupport && slices.Contains(c.ResolveSupport.Properties, "edit")
}

func (s *server) addFolder(dir string) {
	if dir != "" && !slices.Contains(s.folders, dir) {
		s.folders = append(s.folders, dir)
	}
}

// watched are the files that decide what is found beside those that are open.
var watched = []string{"**/*.go", "**/go.mod", "**/go.sum", "**/go.work", "**/.lockfix.yaml"}

// initialized asks to be told of changes on disk.
func (s *server) initialized(struct{}) error {
	s.mu.Lock()
	able := s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.mu.Unlock()
	if !able {
		return nil
	}
	var watchers []protocol.FileWatcher
	for _, glob := range watched {
		watchers = append(watchers, protocol.FileWatcher{GlobPattern: glob})
	}
	s.crew.start(func() {
		err := s.conn.Call(s.ctx, "client/registerCapability", protocol.RegistrationParams{Registrations: []protocol.Registration{{
			ID: "watch", Method: "workspace/didChangeWatchedFiles", RegisterOptions: protocol.WatchedFilesOptions{Watchers: watchers},
		}}}, nil)
		if err != nil && s.ctx.Err() == nil {
			s.log(protocol.MessageLog, fmt.Sprintf("no word of changes on disk: %v", err))
		}
	})
	return nil
}

// shutdown ends all work: what comes now is exit.
func (s *server) shutdown(context.Context, struct{}) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = shut
	for _, p := range s.packages {
		p.halt()
	}
	clear(s.packages)
	clear(s.docs)
	for _, cancel := range s.requests {
		cancel()
	}
	return nil, nil
}

func (s *server) cancelRequest(p protocol.CancelParams) error {
	var id jsonrpc2.ID
	if err := json.Unmarshal(p.ID, &id); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.requests[id]; cancel != nil { // else it is answered
		cancel()
	}
	return nil
}

func (s *server) didChangeWorkspaceFolders(p protocol.DidChangeWorkspaceFoldersParams) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range p.Event.Removed {
		dir := protocol.FileOf(f.URI)
		s.folders = slices.DeleteFunc(s.folders, func(d string) bool { return d == dir })
	}
	for _, f := range p.Event.Added {
		s.addFolder(protocol.FileOf(f.URI))
	}
	return nil
}
