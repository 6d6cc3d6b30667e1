// Package protocol has the types of the Language Server Protocol 3.17 that are used
// here, and no more.
package protocol

import (
	"encoding/json"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp/text"
)

// Error codes beside those of JSON-RPC.
const (
	ServerNotInitialized = -32002
	RequestFailed        = -32803
	ContentModified      = -32801
	RequestCancelled     = -32800
)

// Severities of diagnostics.
const (
	SeverityError       = 1
	SeverityWarning     = 2
	SeverityInformation = 3
)

// Types of messages.
const (
	MessageError   = 1
	MessageWarning = 2
	MessageInfo    = 3
	MessageLog     = 4
)

// Incremental is the sync of documents by changed ranges.
const Incremental = 2

// TriggerAutomatic is the trigger of code actions that nobody asked for.
const TriggerAutomatic = 2

// An InitializeParams says what the client can do.
type InitializeParams struct {
	ClientInfo struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"clientInfo"`
	RootPath         string             `json:"rootPath"`
	RootURI          string             `json:"rootUri"`
	WorkspaceFolders []WorkspaceFolder  `json:"workspaceFolders"`
	Capabilities     ClientCapabilities `json:"capabilities"`
}

type WorkspaceFolder struct {
	URI  string `json:"uri"`
	Name string `json:"name"`
}

type ClientCapabilities struct {
	Workspace struct {
		WorkspaceEdit struct {
			DocumentChanges bool `json:"documentChanges"`
		} `json:"workspaceEdit"`
		DidChangeWatchedFiles struct {
			DynamicRegistration bool `json:"dynamicRegistration"`
		} `json:"didChangeWatchedFiles"`
	} `json:"workspace"`
	TextDocument struct {
		PublishDiagnostics struct {
			RelatedInformation bool `json:"relatedInformation"`
		} `json:"publishDiagnostics"`
		CodeAction struct {
			CodeActionLiteralSupport *json.RawMessage `json:"codeActionLiteralSupport"`
			DisabledSupport          bool             `json:"disabledSupport"`
			DataSupport              bool             `json:"dataSupport"`
			ResolveSupport           struct {
				Properties []string `json:"properties"`
			} `json:"resolveSupport"`
		} `json:"codeAction"`
		Hover struct {
			ContentFormat []string `json:"contentFormat"`
		} `json:"hover"`
	} `json:"textDocument"`
	Window struct {
		WorkDoneProgress bool `json:"workDoneProgress"`
		ShowDocument     struct {
			Support bool `json:"support"`
		} `json:"showDocument"`
	} `json:"window"`
}

type InitializeResult struct {
	Capabilities ServerCapabilities `json:"capabilities"`
	ServerInfo   ServerInfo         `json:"serverInfo"`
}

type ServerInfo struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

type ServerCapabilities struct {
	PositionEncoding       string                `json:"positionEncoding"`
	TextDocumentSync       SyncOptions           `json:"textDocumentSync"`
	CodeActionProvider     CodeActionOptions     `json:"codeActionProvider"`
	HoverProvider          bool                  `json:"hoverProvider"`
	ExecuteCommandProvider ExecuteCommandOptions `json:"executeCommandProvider"`
	Workspace              WorkspaceOptions      `json:"workspace"`
}

type SyncOptions struct {
	OpenClose bool        `json:"openClose"`
	Change    int         `json:"change"`
	Save      SaveOptions `json:"save"`
}

type SaveOptions struct {
	IncludeText bool `json:"includeText"`
}

type CodeActionOptions struct {
	CodeActionKinds []string `json:"codeActionKinds"`
	ResolveProvider bool     `json:"resolveProvider"`
}

type ExecuteCommandOptions struct {
	Commands []string `json:"commands"`
}

type WorkspaceOptions struct {
	WorkspaceFolders FolderOptions `json:"workspaceFolders"`
}

type FolderOptions struct {
	Supported           bool `json:"supported"`
	ChangeNotifications bool `json:"changeNotifications"`
}

type TextDocumentItem struct {
	URI     string `json:"uri"`
	Version int32  `json:"version"`
	Text    string `json:"text"`
}

type TextDocumentID struct {
	URI string `json:"uri"`
}

type VersionedTextDocumentID struct {
	URI     string `json:"uri"`
	Version int32  `json:"version"`
}

type DidOpenParams struct {
	TextDocument TextDocumentItem `json:"textDocument"`
}

type DidChangeParams struct {
	TextDocument   VersionedTextDocumentID `json:"textDocument"`
	ContentChanges []ContentChange         `json:"contentChanges"`
}

// A ContentChange without a range is the whole text.
type ContentChange struct {
	Range *text.Range `json:"range,omitempty"`
	Text  string      `json:"text"`
}

type DidSaveParams struct {
	TextDocument TextDocumentID `json:"textDocument"`
}

type DidCloseParams struct {
	TextDocument TextDocumentID `json:"textDocument"`
}

type DidChangeWatchedFilesParams struct {
	Changes []FileEvent `json:"changes"`
}

type FileEvent struct {
	URI string `json:"uri"`
}

type DidChangeWorkspaceFoldersParams struct {
	Event struct {
		Added   []WorkspaceFolder `json:"added"`
		Removed []WorkspaceFolder `json:"removed"`
	} `json:"event"`
}

type CancelParams struct {
	ID json.RawMessage `json:"id"`
}

type Location struct {
	URI   string     `json:"uri"`
	Range text.Range `json:"range"`
}

type RelatedInformation struct {
	Location Location `json:"location"`
	Message  string   `json:"message"`
}

type CodeDescription struct {
	Href string `json:"href"`
}

type Diagnostic struct {
	Range              text.Range           `json:"range"`
	Severity           int                  `json:"severity,omitempty"`
	Code               string               `json:"code,omitempty"`
	CodeDescription    *CodeDescription     `json:"codeDescription,omitempty"`
	Source             string               `json:"source,omitempty"`
	Message            string               `json:"message"`
	RelatedInformation []RelatedInformation `json:"relatedInformation,omitempty"`
}

type PublishDiagnosticsParams struct {
	URI         string       `json:"uri"`
	Version     *int32       `json:"version,omitempty"`
	Diagnostics []Diagnostic `json:"diagnostics"`
}

type CodeActionParams struct {
	TextDocument TextDocumentID    `json:"textDocument"`
	Range        text.Range        `json:"range"`
	Context      CodeActionContext `json:"context"`
}

type CodeActionContext struct {
	Diagnostics []ForeignDiagnostic `json:"diagnostics"`
	Only        Kinds               `json:"only"`
	TriggerKind int                 `json:"triggerKind"`
}

// Kinds are those that are asked for. Neovim 0.7 documents one that is no list.
type Kinds []string

// UnmarshalJSON takes one kind for a list of it.
func (k *Kinds) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil && string(data) != "null" {
		*k = Kinds{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(k))
}

// A ForeignDiagnostic is one of any server, whose code may be a number.
type ForeignDiagnostic struct {
	Range   text.Range      `json:"range"`
	Source  string          `json:"source"`
	Message string          `json:"message"`
	Code    json.RawMessage `json:"code"`
}

type CodeAction struct {
	Title       string          `json:"title"`
	Kind        string          `json:"kind"`
	Diagnostics []Diagnostic    `json:"diagnostics,omitempty"`
	IsPreferred bool            `json:"isPreferred,omitempty"`
	Disabled    *Disabled       `json:"disabled,omitempty"`
	Edit        *WorkspaceEdit  `json:"edit,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
}

type Disabled struct {
	Reason string `json:"reason"`
}

// A WorkspaceEdit has one of the two.
type WorkspaceEdit struct {
	Changes         map[string][]TextEdit `json:"changes,omitempty"`
	DocumentChanges []TextDocumentEdit    `json:"documentChanges,omitempty"`
}

type TextDocumentEdit struct {
	TextDocument OptionalVersionedID `json:"textDocument"`
	Edits        []TextEdit          `json:"edits"`
}

// An OptionalVersionedID has no version where the document is not open.
type OptionalVersionedID struct {
	URI     string `json:"uri"`
	Version *int32 `json:"version"`
}

type TextEdit struct {
	Range   text.Range `json:"range"`
	NewText string     `json:"newText"`
}

type HoverParams struct {
	TextDocument TextDocumentID `json:"textDocument"`
	Position     text.Position  `json:"position"`
}

type Hover struct {
	Contents MarkupContent `json:"contents"`
	Range    *text.Range   `json:"range,omitempty"`
}

type MarkupContent struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type ExecuteCommandParams struct {
	Command   string            `json:"command"`
	Arguments []json.RawMessage `json:"arguments"`
}

type ShowDocumentParams struct {
	URI       string `json:"uri"`
	TakeFocus bool   `json:"takeFocus"`
}

type MessageParams struct {
	Type    int    `json:"type"`
	Message string `json:"message"`
}

type ProgressCreateParams struct {
	Token string `json:"token"`
}

type ProgressParams struct {
	Token string   `json:"token"`
	Value Progress `json:"value"`
}

// A Progress begins, reports or ends.
type Progress struct {
	Kind       string `json:"kind"`
	Title      string `json:"title,omitempty"`
	Message    string `json:"message,omitempty"`
	Percentage *int   `json:"percentage,omitempty"`
}

type RegistrationParams struct {
	Registrations []Registration `json:"registrations"`
}

type Registration struct {
	ID              string `json:"id"`
	Method          string `json:"method"`
	RegisterOptions any    `json:"registerOptions,omitempty"`
}

type WatchedFilesOptions struct {
	Watchers []FileWatcher `json:"watchers"`
}

type FileWatcher struct {
	GlobPattern string `json:"globPattern"`
}
