package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp"
)

// lspCommand serves an editor.
func (p program) lspCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "lsp",
		Short: "serve an editor: a language server on standard input and output",
		Long:  "Serve an editor: a language server on standard input and output, beside gopls.\nIt shows the findings of the packages that are open, and offers their fixes as\ncode actions: quickfix for a safe fix, refactor.rewrite.lockfix for one that\nassumes something, source.fixAll.lockfix for all safe ones of a file.",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := o.validate(false); err != nil {
				return err
			}
			stop, err := o.profile()
			if err != nil {
				return err
			}
			a, err := p.newEditorAnalyzer(o)
			if err != nil {
				return err
			}
			status := lsp.Serve(c.Context(), stdio{}, lsp.Config{Analyzer: a, Version: version(), Page: p.page, Log: p.stderr})
			a.store.Trim()
			if err := stop(); err != nil {
				return err
			}
			if status != 0 {
				return errAbandoned
			}
			return nil
		},
	}
	o.editorFlags(c)
	o.profileFlags(c)
	c.Flags().Bool("stdio", true, "many clients say that it is standard input and output")
	if err := c.Flags().MarkHidden("stdio"); err != nil {
		panic(err) // a flag that is not there
	}
	return c
}

// editorFlags are those that the commands for editors share.
func (o *options) editorFlags(c *cobra.Command) {
	o.level, o.color = "hazard", "never"
	f := c.Flags()
	f.StringVar(&o.tags, "tags", "", "build `tags`, separated by commas")
	f.StringVar(&o.config, "config", "", "read the configuration from this `file`")
	f.StringSliceVar(&o.selected, "select", nil, "run these `rules` only")
	f.StringSliceVar(&o.ignored, "ignore", nil, "do not run these `rules`")
	f.IntVarP(&o.jobs, "jobs", "j", 0, "packages to check at a time (0: one a processor)")
	f.BoolVar(&o.noCache, "no-cache", false, "neither use nor keep what runs find out")
}

// stdio is standard input and output as one connection.
type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdin.Close() }
