package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/lsp"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/proof"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/internal/nearest"
	"github.com/lockfix/lockfix/rewrite/rule"
)

// explainCommand prints the page of a rule, or the proof of what was found at a place.
func (p program) explainCommand() *cobra.Command {
	c := codeAction{program: p}
	cmd := &cobra.Command{
		Use:               "explain RULE | FILE:LINE[:COL]",
		Short:             "print a rule's page, or the proof of a finding",
		Long:              "Print a rule's page; or the proof of what was found at a place: who holds the\nlock and who waits for whom, side by side, and what the fix rests on.",
		Example:           "  lockfix explain wakeloop\n  lockfix explain p.go:12",
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.FixedCompletions(p.names(), cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) error {
			if i := slices.Index(p.names(), args[0]); i >= 0 {
				return p.rulePage(p.rules[i])
			}
			if !strings.Contains(args[0], ".go") {
				return fmt.Errorf("unknown rule %q: %s", args[0], nearest.Hint(args[0], p.names(), "lockfix rules lists them; a finding is named by its place, FILE.go:LINE"))
			}
			if err := c.options.validate(false); err != nil {
				return err
			}
			return c.explain(cmd.Context(), args[0])
		},
	}
	c.editorFlags(cmd)
	cmd.Flags().StringVarP(&c.dir, "chdir", "C", "", "run in this `directory`")
	return cmd
}

// rulePage prints the page of a rule.
func (p program) rulePage(r *rule.Rule) error {
	fmt.Fprintf(p.stdout, "%s: %s\n", r.Name, r.Title)
	if r.Doc != "" {
		fmt.Fprintf(p.stdout, "\n%s\n", strings.TrimRight(r.Doc, "\n"))
	}
	return nil
}

// explain prints the proofs of the findings at a place.
func (c *codeAction) explain(ctx context.Context, arg string) error {
	if err := c.locate(arg); err != nil {
		return err
	}
	if c.place.line == 0 {
		return fmt.Errorf("%s: a line is needed, as %s:LINE", arg, c.place.file)
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
	for _, p := range c.found.Problems {
		fmt.Fprintln(c.stderr, report.Problem{Pos: p.Pos, Message: p.Message}.String(c.dir))
	}
	proofs, err := c.proofs()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(c.stdout, strings.Join(proofs, "\n")); err != nil {
		return err
	}
	if len(c.found.Problems) > 0 {
		return errFailed
	}
	return nil
}

// proofs words what was found at the place. Where nothing was, it says on which lines
// of the file something is.
func (c *codeAction) proofs() ([]string, error) {
	w := proof.Writer{Dir: c.dir, Width: terminalWidth(c.stdout), Source: func(file string) []byte {
		if text, ok := c.found.Texts[file]; ok {
			return text
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil // the line is left out
		}
		return text
	}}
	var out, lines []string
	for _, f := range c.found.Findings {
		if c.query.Means(f) {
			out = append(out, w.Write(f))
		} else if f.Pos.Filename == c.query.File {
			lines = append(lines, fmt.Sprint(f.Pos.Line))
		}
	}
	switch lines = slices.Compact(lines); {
	case len(out) > 0:
		return out, nil
	case len(lines) == 0:
		return nil, errors.New("nothing was found in " + c.place.file)
	}
	return nil, fmt.Errorf("nothing was found at %s: in this file there is something at line %s", c.place.arg, strings.Join(lines, ", "))
}

// terminalWidth is the number of columns of a terminal; 100 of anything else.
func terminalWidth(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			return n
		}
	}
	return 100
}
