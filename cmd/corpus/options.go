package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/lockfix/lockfix/cmd/corpus/internal/clone"
	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/measure"
	"github.com/lockfix/lockfix/cmd/corpus/internal/tool"
)

// options are the flags that the measuring commands share.
type options struct {
	dir, lockfix, work, out string
	offline                 bool
	timeout                 time.Duration
}

func (o *options) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.dir, "dir", "", "directory of clones: DIR/NAME or DIR/OWNER/NAME")
	flags.StringVar(&o.lockfix, "lockfix", "", "lockfix binary; without it one is built from the module in the working directory")
	flags.StringVar(&o.work, "work", "", "directory for trees and diffs; without it one in the user's cache directory")
	flags.StringVarP(&o.out, "out", "o", "", "also write the table to this file, tab-separated")
	flags.BoolVar(&o.offline, "offline", false, "download no modules for old commits")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Minute, "longest time of one lockfix run")
}

// bench finds the clones and makes the tool ready.
func (o *options) bench(log io.Writer) (*measure.Bench, error) {
	if o.dir == "" {
		return nil, fmt.Errorf("no directory of clones: give --dir")
	}
	repos, err := clone.All(o.dir)
	if err != nil {
		return nil, err
	}
	if len(repos) == 0 {
		return nil, fmt.Errorf("no clones at %s", o.dir)
	}
	work, err := o.workDir()
	if err != nil {
		return nil, err
	}
	binary := o.lockfix
	if binary == "" {
		if binary, err = tool.Build(work); err != nil {
			return nil, err
		}
	}
	if binary, err = filepath.Abs(binary); err != nil { // it runs in other directories
		return nil, fmt.Errorf("find lockfix: %w", err)
	}
	return &measure.Bench{
		Repos: repos, Tool: tool.Tool{Binary: binary, Timeout: o.timeout}, Work: work, Offline: o.offline, Log: log,
	}, nil
}

func (o *options) workDir() (string, error) {
	work := o.work
	if work == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find a directory for trees: %w", err)
		}
		work = filepath.Join(cache, "lockfix-corpus")
	}
	work, err := filepath.Abs(work)
	if err != nil {
		return "", fmt.Errorf("find the directory for trees: %w", err)
	}
	if err := os.MkdirAll(work, 0o755); err != nil {
		return "", fmt.Errorf("make the directory for trees: %w", err)
	}
	return work, nil
}

// write prints some columns of a table and saves all of them if asked to.
func (o *options) write(cmd *cobra.Command, t facts.Table, columns ...string) error {
	if o.out != "" {
		if err := o.save(t); err != nil {
			return err
		}
	}
	return measure.Print(cmd.OutOrStdout(), t, columns...)
}

func (o *options) save(t facts.Table) error {
	f, err := os.Create(o.out)
	if err != nil {
		return fmt.Errorf("save the table: %w", err)
	}
	if err := facts.Write(f, t); err != nil {
		f.Close()
		return fmt.Errorf("save the table: %w", err)
	}
	return f.Close()
}
