package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/differ/internal/hunt"
)

// root is the command.
func root() *cobra.Command {
	var opts hunt.Options
	var only int
	cmd := &cobra.Command{
		Use:           "differ",
		Short:         "run programs before and after lockfix and compare",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if only >= 0 {
				opts.First, opts.Programs = only, 1
				text, err := hunt.Show(opts, only)
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s\n", text)
			}
			figures, err := hunt.Run(opts, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), figures)
			if n := len(figures.Findings); n > 0 {
				return fmt.Errorf("%d of %d rewritten programs do what the original never did", n, figures.Edited)
			}
			if n := len(figures.Failed); n > 0 {
				return fmt.Errorf("%d programs do not build as generated", n)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&opts.Programs, "programs", 1000, "how many programs to generate")
	flags.IntVar(&opts.First, "first", 0, "number of the first program")
	flags.IntVar(&only, "only", -1, "one program by its number")
	flags.IntVar(&opts.Schedules, "schedules", 30, "schedules of each variant; the original gets up to 100 times as many before anything is called new")
	flags.Uint64Var(&opts.Seed, "seed", 1, "seed of the programs")
	flags.IntVarP(&opts.Jobs, "jobs", "j", runtime.GOMAXPROCS(0), "batches at a time")
	flags.IntVar(&opts.Batch, "batch", 400, "programs that are built together")
	flags.StringVar(&opts.Keep, "keep", "", "directory for archives of what went wrong")
	flags.StringVar(&opts.Work, "work", os.TempDir(), "directory for batches")
	flags.BoolVar(&opts.Unsafe, "unsafe", false, "also apply fixes with assumptions; then orders may differ")
	return cmd
}
