package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/action"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/repair"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/edit"
)

// A codeAction is one run of the command of that name.
type codeAction struct {
	program
	options
	kinds      []string
	exec, json bool

	place place
	query action.Query
	found *action.Report
}

// codeactionCommand offers on the command line what an editor shows.
func (p program) codeactionCommand() *cobra.Command {
	c := codeAction{program: p}
	cmd := &cobra.Command{
		Use:     "codeaction FILE[:LINE[:COL]]",
		Short:   "list the code actions of a place, or run one",
		Long:    "List the code actions of a place as an editor would show them, or run one.\nLINE and COL count from 1, COL in bytes. Kinds: " + strings.Join(action.Kinds, ", ") + ";\none that begins like these means all of them.",
		Example: "  lockfix codeaction p.go:12\n  lockfix codeaction -exec -d p.go:12:4\n  lockfix codeaction -kind=source.fixAll -exec -w p.go",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.validate(); err != nil {
				return err
			}
			return c.run(cmd.Context(), args[0])
		},
	}
	c.editorFlags(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&c.kinds, "kind", nil, "actions of these `kinds` only")
	f.BoolVar(&c.exec, "exec", false, "run the first action: without --kind the first safe fix of the place")
	f.BoolVarP(&c.diff, "diff", "d", false, "with --exec, print what it changes as a unified diff")
	f.BoolVarP(&c.write, "write", "w", false, "with --exec, write the files")
	f.BoolVar(&c.json, "json", false, "print the actions, with their edits, as JSON")
	f.StringVarP(&c.dir, "chdir", "C", "", "run in this `directory`")
	return cmd
}

func (c *codeAction) validate() error {
	for _, kind := range c.kinds {
		if !slices.ContainsFunc(action.Kinds, func(k string) bool { return action.Within(k, kind) }) {
			return fmt.Errorf("unknown kind %q: %s", kind, nearest.Hint(kind, action.Kinds, "lockfix codeaction --help lists them"))
		}
	}
	switch {
	case c.exec && c.json:
		return errors.New("--json lists actions and --exec runs one: use one of them")
	case (c.diff || c.write) && !c.exec:
		return errors.New("-d and -w say what to do with the action that --exec runs: use them with it")
	case c.exec && !c.diff && !c.write:
		return errors.New("--exec needs to know what to do with the edit: -d prints it, -w writes it")
	}
	return c.options.validate(false)
}

// run finds the actions of a place, and lists them or runs one.
func (c *codeAction) run(ctx context.Context, arg string) error {
	if err := c.locate(arg); err != nil {
		return err
	}
	a, err := c.newEditorAnalyzer(c.options)
	if err != nil {
		return err
	}
	c.found, err = a.Check(ctx, lsp.Query{Dir: filepath.Dir(c.query.File), Progress: func(int, int) {}})
	if err != nil {
		return err
	}
	a.store.Trim()
	if err := c.aim(); err != nil {
		return err
	}
	c.query.Only = c.kinds
	actions := action.At(c.found, c.query)
	switch {
	case c.exec:
		err = c.execute(ctx, actions)
	case c.json:
		err = c.writeJSON(actions)
	default:
		err = c.list(actions)
	}
	for _, p := range c.found.Problems {
		fmt.Fprintln(c.stderr, report.Problem{Pos: p.Pos, Message: p.Message}.String(c.dir))
	}
	if err == nil && len(c.found.Problems) > 0 {
		err = errFailed
	}
	return err
}

// A place is what the argument names.
type place struct {
	arg, file string
	line, col int // 0: none
}

var placeForm = regexp.MustCompile(`^(.+?)(?::(\d+)(?::(\d+))?)?$`)

// locate reads the argument. A file may have a colon in its name, so long as no
// number follows.
func (c *codeAction) locate(arg string) error {
	m := placeForm.FindStringSubmatch(arg)
	if m == nil {
		return errors.New("a place is FILE, FILE:LINE or FILE:LINE:COL")
	}
	c.place = place{arg: arg, file: m[1]}
	for i, to := range []*int{&c.place.line, &c.place.col} {
		if text := m[2+i]; text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return fmt.Errorf("%s: lines and columns count from 1: %s is none", arg, text)
			}
			*to = n
		}
	}
	if !strings.HasSuffix(c.place.file, ".go") {
		return fmt.Errorf("%s: a place in a Go file is needed, as FILE.go:LINE or FILE.go:LINE:COL", arg)
	}
	c.query.File = c.place.file
	if !filepath.IsAbs(c.query.File) {
		c.query.File = filepath.Join(c.dir, c.query.File)
	}
	if _, err := os.Stat(c.query.File); err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return fmt.Errorf("reading %s: %w", c.place.file, err)
	}
	return nil
}

// aim finds the bytes of the place in the text that was analysed.
func (c *codeAction) aim() error {
	content, ok := c.found.Texts[c.query.File]
	if !ok {
		return fmt.Errorf("%s is in no package that could be analysed: excluded by build constraints (see --tags), or ignored by the go command", c.place.file)
	}
	c.query.End = len(content)
	if c.place.line == 0 {
		return nil
	}
	lines := bytes.SplitAfter(content, []byte("\n"))
	if len(lines) > 1 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	if c.place.line > len(lines) {
		return fmt.Errorf("%s: the file has %d lines only", c.place.arg, len(lines))
	}
	for _, line := range lines[:c.place.line-1] {
		c.query.Start += len(line)
	}
	line := bytes.TrimRight(lines[c.place.line-1], "\r\n")
	c.query.End = c.query.Start + len(line)
	if c.place.col == 0 {
		return nil
	}
	if c.place.col > len(line)+1 {
		return fmt.Errorf("%s: the line has %d bytes only", c.place.arg, len(line))
	}
	c.query.Start += c.place.col - 1
	c.query.End = c.query.Start
	return nil
}

// list prints the actions as gopls does.
func (c *codeAction) list(actions []action.Action) error {
	for _, a := range actions {
		if a.Disabled != "" {
			fmt.Fprintf(c.stdout, "disabled\t%q [%s]: %s\n", a.Title, a.Kind, a.Disabled)
			continue
		}
		fmt.Fprintf(c.stdout, "edit\t%q [%s]\n", a.Title, a.Kind)
	}
	return nil
}

// execute runs the first action that may be run.
func (c *codeAction) execute(ctx context.Context, actions []action.Action) error {
	a, err := c.choose(actions)
	if err != nil {
		return err
	}
	var files []repair.File
	for _, ch := range a.Changes {
		old := c.found.Texts[ch.File]
		text, err := edit.Apply(old, ch.Edits)
		if err != nil {
			return fmt.Errorf("changing %s: %w", ch.File, err)
		}
		files = append(files, repair.File{Name: ch.File, Old: old, Text: text})
	}
	if c.diff {
		for _, f := range files {
			if _, err := fmt.Fprint(c.stdout, repair.Diff(report.Rel(c.dir, f.Name), f.Old, f.Text)); err != nil {
				return fmt.Errorf("writing the diff: %w", err)
			}
		}
	}
	if !c.write {
		return nil
	}
	return repair.Write(ctx, files...)
}

// choose takes the first action that can be run. What assumes something is run for
// who asked for its kind, and so is what changes other places than the one named.
func (c *codeAction) choose(actions []action.Action) (action.Action, error) {
	why := ""
	for _, a := range actions {
		switch {
		case a.Disabled != "":
			if why == "" {
				why = a.Title + ": " + a.Disabled
			}
		case a.Kind == action.FixAll && len(c.kinds) == 0:
		case a.Kind == action.Rewrite && len(c.kinds) == 0:
			if why == "" {
				why = a.Title + ": --kind=" + action.Rewrite + " runs it all the same"
			}
		default:
			return a, nil
		}
	}
	if why == "" {
		why = "nothing that lockfix could do was found there"
	}
	return action.Action{}, fmt.Errorf("no code action to run at %s: %s", c.place.arg, why)
}

type jsonActions struct {
	Version int          `json:"version"`
	Actions []jsonAction `json:"actions"`
}

type jsonAction struct {
	Kind      string     `json:"kind"`
	Title     string     `json:"title"`
	Preferred bool       `json:"preferred,omitempty"`
	Disabled  string     `json:"disabled,omitempty"`
	Edits     []jsonEdit `json:"edits,omitempty"`
}

type jsonEdit struct {
	File    string `json:"file"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	NewText string `json:"newText"`
}

func (c *codeAction) writeJSON(actions []action.Action) error {
	doc := jsonActions{Version: 1, Actions: []jsonAction{}}
	for _, a := range actions {
		j := jsonAction{Kind: a.Kind, Title: a.Title, Preferred: a.Preferred, Disabled: a.Disabled}
		for _, ch := range a.Changes {
			for _, e := range ch.Edits {
				j.Edits = append(j.Edits, jsonEdit{report.Rel(c.dir, ch.File), e.Start, e.End, e.New})
			}
		}
		doc.Actions = append(doc.Actions, j)
	}
	enc := json.NewEncoder(c.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}
