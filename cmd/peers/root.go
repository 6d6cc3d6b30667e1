package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/peers/internal/contest"
	"github.com/lockfix/lockfix/cmd/peers/internal/growth"
	"github.com/lockfix/lockfix/cmd/peers/internal/latency"
)

// options are the flags that both commands have.
type options struct {
	lockfix, work string
	rounds        int
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "peers",
		Short:         "Measure what lockfix costs",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	o := &options{}
	flags := cmd.PersistentFlags()
	flags.StringVar(&o.lockfix, "lockfix", filepath.Join("bin", "lockfix"), "lockfix binary")
	flags.StringVar(&o.work, "work", os.TempDir(), "directory for copies and caches, which are removed at the end")
	flags.IntVar(&o.rounds, "rounds", 3, "how many times everything is measured")
	cmd.AddCommand(compare(o), size(o), editor(o))
	return cmd
}

func compare(o *options) *cobra.Command {
	var opts contest.Options
	var out string
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Measure lockfix beside go vet, staticcheck and go build on a clone",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			opts.Rounds, opts.Log = o.rounds, cmd.ErrOrStderr()
			if opts.Dir, err = module(opts.Dir); err != nil {
				return err
			}
			if err := opts.Check(); err != nil {
				return err
			}
			if opts.Staticcheck == "" {
				if opts.Staticcheck, err = pinned("staticcheck"); err != nil {
					return err
				}
			}
			var end func() error
			if opts.Lockfix, opts.Work, end, err = o.prepare(); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			r, err := contest.Hold(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if out != "" {
				if err := save(out, r); err != nil {
					return err
				}
			}
			return r.Print(cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Dir, "dir", "", "directory of a module, in a clone")
	flags.StringVar(&opts.Staticcheck, "staticcheck", "", "staticcheck binary; without it the one that go.mod names")
	flags.StringVar(&opts.Leaf, "touch-leaf", "", "file to touch that nothing depends on, relative to --dir; without it one is chosen")
	flags.StringVar(&opts.Deep, "touch-deep", "", "file to touch that much depends on")
	flags.StringSliceVar(&opts.States, "states", contest.States, "what to measure")
	flags.StringVarP(&out, "out", "o", "", "also write all runs to this file, tab-separated")
	return cmd
}

func size(o *options) *cobra.Command {
	opts := growth.Options{}
	cmd := &cobra.Command{
		Use:   "size",
		Short: "Measure lockfix on generated modules, and check how its cost grows",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if opts.Sizes[0] < 1 || !slices.IsSorted(opts.Sizes) || o.rounds < 1 {
				return fmt.Errorf("sizes %v, %d rounds: give --sizes of 1 or more, ascending, and --rounds 1 or more", opts.Sizes, o.rounds)
			}
			opts.Rounds, opts.Log = o.rounds, cmd.ErrOrStderr()
			var end func() error
			if opts.Lockfix, opts.Work, end, err = o.prepare(); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			all, err := growth.Measure(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if err := growth.Print(cmd.OutOrStdout(), all); err != nil {
				return err
			}
			return growth.Check(growth.Steps(all))
		},
	}
	// 1,500 and 2,000 are there for steps of exactly twice the packages.
	cmd.Flags().IntSliceVar(&opts.Sizes, "sizes", []int{10, 100, 1000, 1500, 2000, 3000}, "numbers of packages, ascending")
	return cmd
}

func editor(o *options) *cobra.Command {
	opts := latency.Options{}
	cmd := &cobra.Command{
		Use:   "editor",
		Short: "Measure how long lockfix lsp lets somebody wait who edits a file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			opts.Log = cmd.ErrOrStderr()
			if opts.Dir, err = module(opts.Dir); err != nil {
				return err
			}
			if !strings.HasSuffix(opts.File, ".go") || opts.Edits < 1 {
				return fmt.Errorf("--file %q, --edits %d: give a Go file of the module, relative to --dir, and at least one edit", opts.File, opts.Edits)
			}
			var end func() error
			if opts.Lockfix, opts.Work, end, err = o.prepare(); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, end()) }()
			r, err := latency.Measure(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if err := r.Print(cmd.OutOrStdout()); err != nil {
				return err
			}
			return r.Check()
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Dir, "dir", "", "directory of a module, in a clone")
	flags.StringVar(&opts.File, "file", "", "file to edit, relative to --dir; it is not written")
	flags.IntVar(&opts.Edits, "edits", 40, "how many times something is typed")
	return cmd
}

// prepare finds the binary and makes a directory for the work, which end removes.
func (o *options) prepare() (lockfix, work string, end func() error, err error) {
	if lockfix, err = filepath.Abs(o.lockfix); err != nil { // it runs in other directories
		return "", "", nil, fmt.Errorf("find lockfix: %w", err)
	}
	if _, err := os.Stat(lockfix); err != nil {
		return "", "", nil, fmt.Errorf("find lockfix: %w: run make build, or give --lockfix", err)
	}
	if work, err = os.MkdirTemp(o.work, "lockfix-peers-"); err != nil {
		return "", "", nil, fmt.Errorf("make a directory for copies: %w: give another --work", err)
	}
	if work, err = filepath.Abs(work); err != nil {
		return "", "", nil, fmt.Errorf("find the directory for copies: %w", err)
	}
	return lockfix, work, func() error { return os.RemoveAll(work) }, nil
}

// module checks the directory of the module to measure on.
func module(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("no module to measure on: give --dir, the directory of one in a clone")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		return "", fmt.Errorf("no module to measure on: %w: give --dir the directory of one", err)
	}
	return dir, nil
}

// pinned is the binary of a tool that go.mod names.
func pinned(tool string) (string, error) {
	out, err := exec.Command("go", "tool", "-n", tool).Output()
	if err != nil {
		return "", fmt.Errorf("build %s by go tool: %w: run it where lockfix's go.mod is, or give --%s", tool, err, tool)
	}
	return strings.TrimSpace(string(out)), nil
}

func save(name string, r *contest.Result) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("save the runs: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return r.Save(f)
}
