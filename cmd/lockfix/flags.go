package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/config"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
	"github.com/lockfix/lockfix/rewrite/hazard"
)

// options are the flags of check.
type options struct {
	write, diff, list, unsafe bool
	interactive               bool
	tests, quiet, verbose     bool
	exitZero, noCache, stats  bool
	selected, ignored         []string
	level, format, color      string
	output, dir, tags, config string
	command                   string
	jobs                      int
	adoptOptions
	cpuProfile, memProfile string
}

func (p program) checkCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.validate(c.Flags().Changed("format")); err != nil {
				return err
			}
			if err := o.validateAdoption(c.Flags().Changed); err != nil {
				return err
			}
			stop, err := o.profile()
			if err != nil {
				return err
			}
			return cmp.Or(p.check(c.Context(), o, args), stop())
		},
	}
	f := c.Flags()
	f.BoolVarP(&o.write, "write", "w", false, "apply the safe fixes, then report what is left")
	f.BoolVarP(&o.diff, "diff", "d", false, "print the fixes as a unified diff")
	f.BoolVarP(&o.list, "list", "l", false, "print the names of files with findings; with -w, of files that changed")
	f.BoolVarP(&o.interactive, "interactive", "i", false, "ask for each fix, unsafe ones too, and write those that are confirmed")
	f.BoolVar(&o.unsafe, "unsafe-fixes", false, "with -w or -d, also fixes that rest on assumptions")
	f.StringVar(&o.command, "check", "", "with -w, run this `command` after the fixes, and take back those that it fails with")
	f.StringSliceVar(&o.selected, "select", nil, "run these `rules` only")
	f.StringSliceVar(&o.ignored, "ignore", nil, "do not run these `rules`")
	f.StringVar(&o.level, "level", "hazard", "lowest `level` to report: contention, hazard or deadlock")
	f.StringVarP(&o.format, "format", "f", "", "`format` of the report: "+strings.Join(report.Formats, ", ")+" (pretty on a terminal, else short)")
	f.StringVarP(&o.output, "output", "o", "", "write the report to a `file`")
	f.StringVar(&o.config, "config", "", "read the configuration from this `file` (default "+config.Name+" of the directory, or of one above it in the module)")
	f.StringVarP(&o.dir, "chdir", "C", "", "run in this `directory`")
	f.IntVarP(&o.jobs, "jobs", "j", 0, "packages to check at a time (0: one a processor)")
	f.BoolVar(&o.noCache, "no-cache", false, "neither use nor keep what runs find out")
	f.BoolVar(&o.tests, "tests", false, "check test files too")
	f.StringVar(&o.tags, "tags", "", "build `tags`, separated by commas")
	f.StringVar(&o.color, "color", "auto", "colors: auto, always or never")
	f.BoolVarP(&o.quiet, "quiet", "q", false, "no summary and no remarks")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "say more about faults, and where the time went")
	f.BoolVar(&o.stats, "stats", false, "name the packages that took longest")
	o.adoptOptions.flags(f)
	o.profileFlags(c)
	f.BoolVar(&o.exitZero, "exit-zero", false, "exit 0 when findings are left")
	return c
}

var (
	levels = map[string]hazard.Level{"contention": hazard.Contention, "hazard": hazard.Hazard, "deadlock": hazard.Deadlock}
	colors = []string{"auto", "always", "never"}
)

// validate refuses what cannot be meant, and settles the format and directory.
func (o *options) validate(formatGiven bool) error {
	switch {
	case formatGiven && !slices.Contains(report.Formats, o.format):
		return fmt.Errorf("unknown format %q: use %s", o.format, strings.Join(report.Formats, ", "))
	case !slices.Contains(colors, o.color):
		return fmt.Errorf("unknown value %q of --color: use %s", o.color, strings.Join(colors, ", "))
	case levels[o.level] == hazard.Silent:
		return fmt.Errorf("unknown level %q: use contention, hazard or deadlock", o.level)
	case o.jobs < 0:
		return fmt.Errorf("-j %d: the number of jobs is at least 1", o.jobs)
	case o.diff && o.list:
		return errors.New("-d and -l both take standard output: use one of them")
	case formatGiven && (o.diff || o.list):
		return errors.New("-f formats the report, which -d and -l replace: use one of them")
	case o.interactive && (o.write || o.diff || o.list || o.unsafe || o.command != ""):
		return errors.New("-i asks which fixes to write, unsafe ones included: use it without -w, -d, -l, --unsafe-fixes and --check")
	case o.unsafe && !o.write && !o.diff:
		return errors.New("--unsafe-fixes says which fixes to apply: use it with -w or -d")
	case o.command != "" && !o.write:
		return errors.New("--check runs a command after the fixes are written: use it with -w")
	}
	if o.interactive { // it writes as -w does, what is confirmed
		o.write, o.unsafe = true, true
	}
	var err error
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return fmt.Errorf("finding the working directory: %w", err)
	}
	if info, err := os.Stat(o.dir); err != nil {
		return fmt.Errorf("changing to a directory: %w", err)
	} else if !info.IsDir() {
		return fmt.Errorf("changing to a directory: %s is none", o.dir)
	}
	return nil
}

// settle chooses format and color by what standard output is.
func (o *options) settle(stdout io.Writer) (color bool) {
	terminal := o.output == "" && isTerminal(stdout)
	if o.format == "" {
		o.format = "short"
		if terminal {
			o.format = "pretty"
		}
	}
	switch o.color {
	case "always":
		return true
	case "never":
		return false
	}
	return terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
