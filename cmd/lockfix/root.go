package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/config"
)

// Exit statuses.
const (
	statusClean    = 0
	statusFindings = 1
	statusFailed   = 2
)

// errFindings ends a run that worked and has findings left. It is not printed.
var errFindings = errors.New("findings left")

// errAbandoned ends a session whose editor did not say shutdown, with the status
// that the protocol asks for. It is not printed.
var errAbandoned = errors.New("session abandoned")

// errFailed ends a run whose problems are printed already.
var errFailed = errors.New("problems met")

// An interruptedError ends a run that was interrupted while it wrote.
type interruptedError struct{ written, total int }

func (e *interruptedError) Error() string {
	if e.written == 0 {
		return "interrupted: nothing was written"
	}
	return fmt.Sprintf("interrupted: %d of %d files were written, each of them whole: run it again for the rest", e.written, e.total)
}

// execute parses the arguments, runs a subcommand and returns the exit status.
func (p program) execute(ctx context.Context, args []string) int {
	root := p.root()
	root.SetArgs(args)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return statusClean
	case errors.Is(err, errFindings), errors.Is(err, errAbandoned):
		return statusFindings
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(p.stderr, "lockfix: %v\n", new(interruptedError))
	case !errors.Is(err, errFailed):
		fmt.Fprintf(p.stderr, "lockfix: %v\n", err)
	}
	return statusFailed
}

func (p program) root() *cobra.Command {
	root := p.checkCommand()
	root.Use = "lockfix [packages | files | work]"
	root.Short = "find and fix critical sections that can deadlock"
	root.Long = "Lockfix finds critical sections that can deadlock because they wake, call back,\nsend, wait or acquire while a lock or token is held, and rewrites them.\n\n" +
		"Exit status: 0 nothing left, 1 findings left or a non-empty diff, 2 something failed."
	root.Example = "  lockfix ./...        findings\n  lockfix -d ./...     the safe fixes as a diff\n  lockfix -w ./...     apply the safe fixes"
	root.Version = version()
	root.SetVersionTemplate("lockfix {{.Version}}\n")
	check := p.checkCommand()
	check.Use = "check [packages | files | work]"
	check.Short = "the same as lockfix alone"
	root.AddCommand(check, p.rulesCommand(), p.explainCommand(), p.graphCommand(), p.lspCommand(), p.codeactionCommand(), p.cacheCommand(), p.initCommand(), p.schemaCommand(), p.versionCommand(), configurationTopic())
	for _, c := range append(root.Commands(), root) {
		c.SilenceErrors, c.SilenceUsage = true, true
		c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
			return fmt.Errorf("%w: see %s --help", err, c.CommandPath())
		})
	}
	return root
}

// configurationTopic has no command, only help.
func configurationTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "configuration",
		Short: "what a project can say in " + config.Name + " and in comments",
		Long:  "What a project can say in " + config.Name + " and in comments.\n\n" + config.Page(),
	}
}

func (p program) rulesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rules",
		Short: "list the rules",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
			for _, r := range p.rules {
				title := r.Title
				if r.Off {
					title += " (off unless selected)"
				}
				fmt.Fprintf(w, "%s\t%s\n", r.Name, title)
			}
			return w.Flush()
		},
	}
}

func (p program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.stdout, "lockfix %s\n", version())
			return err
		},
	}
}
