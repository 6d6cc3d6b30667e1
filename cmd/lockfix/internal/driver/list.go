package driver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// meta is what go list says of a package. Only these fields are asked for:
// others, CompiledGoFiles and Export among them, make go list compile.
type meta struct {
	_ struct{} `cbor:",toarray"` // a server has hundreds of them, and each run reads all

	Dir            string
	ImportPath     string
	Name           string
	Standard       bool
	DepOnly        bool
	ForTest        string
	GoFiles        []string
	CgoFiles       []string
	IgnoredGoFiles []string
	InvalidGoFiles []string // read with errors; some of them are among the others
	TestGoFiles    []string
	XTestGoFiles   []string
	Imports        []string
	ImportMap      map[string]string
	Module         *module
	Match          []string
	Error          *listError

	OwnStandard bool `json:"-"` // of the standard library, listed from within its own module
}

const fields = "Dir,ImportPath,Name,Standard,DepOnly,ForTest,GoFiles,CgoFiles,IgnoredGoFiles,InvalidGoFiles,TestGoFiles,XTestGoFiles,Imports,ImportMap,Module,Match,Error"

type module struct {
	_ struct{} `cbor:",toarray"`

	Path      string
	Dir       string
	Main      bool
	GoVersion string
}

type listError struct {
	_ struct{} `cbor:",toarray"`

	Pos string
	Err string
}

// list runs go list on the patterns and their dependencies, dependencies first.
func list(ctx context.Context, g *group, c Config) ([]*meta, error) {
	args := append([]string{"list", "-e", "-deps", "-json=" + fields}, g.env.restraint()...)
	if c.Tests {
		args = append(args, "-test")
	}
	if c.Tags != "" {
		args = append(args, "-tags="+c.Tags)
	}
	if len(c.Overlay) > 0 {
		file, remove, err := overlayFile(c.Overlay)
		if err != nil {
			return nil, err
		}
		defer remove()
		args = append(args, "-overlay="+file)
	}
	out, remarks, err := run(ctx, g.dir, append(append(args, "--"), g.patterns...)...)
	if err != nil {
		return nil, fmt.Errorf("listing packages: %w", err)
	}
	for line := range strings.Lines(remarks) {
		// "matched no packages" is said by the caller, in its own words.
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "go: downloading") && !strings.HasSuffix(line, "matched no packages") {
			c.Remark(line)
		}
	}
	var all []*meta
	root := moduleRoot(g.dir)
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		m := new(meta)
		if err := dec.Decode(m); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading the output of go list: %w", err)
		}
		m.OwnStandard = m.Standard && ofModule(m.Dir, root)
		all = append(all, m)
	}
}

// ofModule reports whether a package belongs to the module at root. Of the
// standard library, which go list gives no module, only this tells whether the
// user is working on it.
func ofModule(dir, root string) bool {
	return root != "" && strings.HasPrefix(dir, root+string(filepath.Separator)) && moduleRoot(dir) == root
}

// environ is what the go command says of its environment in a directory.
type environ struct {
	GOARCH     string
	GOFLAGS    string
	GOWORK     string
	GOROOT     string
	GOMODCACHE string
	GOENV      string
}

// restraint returns the flags that keep the go command from running a version
// control system, whose settings may come with the source, and from changing
// go.mod, whatever the user's flags allow.
func (e environ) restraint() []string {
	flags := []string{"-buildvcs=false"}
	if slices.Contains(strings.Fields(strings.ReplaceAll(e.GOFLAGS, "--", "-")), "-mod=mod") {
		flags = append(flags, "-mod=readonly")
	}
	return flags
}

// workspace returns the directory of the go.work file in effect, "" without one.
func (e environ) workspace() string {
	if e.GOWORK == "" || e.GOWORK == "off" {
		return ""
	}
	return filepath.Dir(e.GOWORK)
}

// listMembers returns the directories of the modules of the workspace.
func listMembers(ctx context.Context, dir string, e environ) ([]string, error) {
	out, _, err := run(ctx, dir, append([]string{"list", "-m", "-f", "{{.Dir}}"}, e.restraint()...)...)
	if err != nil {
		return nil, fmt.Errorf("listing the modules of the workspace: %w", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n"), nil
}

func goEnv(ctx context.Context, dir string) (environ, error) {
	var e environ
	out, _, err := run(ctx, dir, "env", "-json", "GOARCH", "GOFLAGS", "GOWORK", "GOROOT", "GOMODCACHE", "GOENV")
	if err != nil {
		return e, fmt.Errorf("asking go env: %w", err)
	}
	if err := json.Unmarshal(out, &e); err != nil {
		return e, fmt.Errorf("reading the output of go env: %w", err)
	}
	return e, nil
}

// run runs the go command. Its complaints are the message of the error.
func run(ctx context.Context, dir string, args ...string) (stdout []byte, stderr string, err error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	if os.Getenv("GOGC") == "" { // a fifth of its time, for some MB
		cmd.Env = append(cmd.Environ(), "GOGC=400") // with PWD, by which it names directories behind links
	}
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	err = cmd.Run()
	text := strings.TrimSpace(complaints.String())
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return nil, "", errors.New("no go command in PATH: lockfix asks it where packages are")
	case err != nil && text != "":
		return nil, "", errors.New(text)
	}
	return out.Bytes(), text, err
}

// overlayFile writes files that differ from disk where the go command finds them.
func overlayFile(overlay map[string][]byte) (name string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "lockfix")
	if err != nil {
		return "", nil, fmt.Errorf("making a directory for open files: %w", err)
	}
	remove = func() { os.RemoveAll(dir) }
	replace := make(map[string]string)
	for i, path := range slices.Sorted(maps.Keys(overlay)) {
		copied := filepath.Join(dir, fmt.Sprintf("%d.go", i))
		replace[path] = copied
		if err = os.WriteFile(copied, overlay[path], 0o600); err != nil {
			break
		}
	}
	if err == nil {
		var text []byte
		if text, err = json.Marshal(map[string]any{"Replace": replace}); err == nil {
			name = filepath.Join(dir, "overlay.json")
			err = os.WriteFile(name, text, 0o600)
		}
	}
	if err != nil {
		remove()
		return "", nil, fmt.Errorf("writing open files for the go command: %w", err)
	}
	return name, remove, nil
}
