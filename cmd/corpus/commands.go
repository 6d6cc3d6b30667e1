package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/corpus/internal/facts"
	"github.com/lockfix/lockfix/cmd/corpus/internal/measure"
)

// own is where this project keeps its verdicts.
var own = filepath.Join("testdata", "corpus")

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "corpus",
		Short:         "Measure lockfix on local clones of real repositories",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	o := &options{}
	o.register(cmd.PersistentFlags())
	cmd.AddCommand(fixes(o), negatives(o), repos(o), routes(o), findings(o), judge())
	return cmd
}

func fixes(o *options) *cobra.Command {
	var table, shapes, judgements string
	cmd := &cobra.Command{
		Use:   "fixes",
		Short: "Compare findings and edits at the parents of human fixes with these",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := facts.Fixes(table, list(shapes))
			if err != nil {
				return err
			}
			verdicts, err := facts.Judgements(known(cmd, "judgements", judgements))
			if err != nil {
				return err
			}
			b, err := o.bench(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			diffs := filepath.Join(b.Work, "fixes")
			results, err := b.Fixes(rows, verdicts, diffs)
			if err != nil {
				return err
			}
			t := measure.FixTable(results)
			if err := o.write(cmd, t, "id", "intraprocedural", "auto_rewrite", "loaded", "type_errors", "flagged", "fix", "verdict", "remark"); err != nil {
				return err
			}
			measure.Shares(results).Print(cmd.OutOrStdout())
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "diffs: %s\n", diffs)
			return err
		},
	}
	cmd.Flags().StringVar(&table, "facts", "", "table of human fixes")
	cmd.Flags().StringVar(&shapes, "shape", "", "only these shapes, separated by commas")
	cmd.Flags().StringVar(&judgements, "judgements", filepath.Join(own, "judgements.tsv"), "table of verdicts on offered edits: id, verdict, reason")
	require(cmd, "facts")
	return cmd
}

func negatives(o *options) *cobra.Command {
	var table string
	cmd := &cobra.Command{
		Use:   "negatives",
		Short: "Check that nothing is said at places that look alike and are fine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rows, err := facts.Negatives(table)
			if err != nil {
				return err
			}
			b, err := o.bench(cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			results, err := b.Negatives(rows)
			if err != nil {
				return err
			}
			if err := o.write(cmd, measure.NegativeTable(results), "id", "place", "expected", "kept", "remark"); err != nil {
				return err
			}
			kept := measure.KeptNegatives(results)
			fmt.Fprintf(cmd.OutOrStdout(), "kept: %s\n", kept)
			if kept.Part < kept.Whole {
				return fmt.Errorf("more is said than may be at %d places", kept.Whole-kept.Part)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&table, "facts", "", "table of places that look like defects and are none")
	require(cmd, "facts")
	return cmd
}

func repos(o *options) *cobra.Command {
	var only string
	var tests bool
	cmd := &cobra.Command{
		Use:   "repos",
		Short: "Let lockfix write in copies of the newest commits, and check what it promises",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, targets, err := o.targets(cmd, only)
			if err != nil {
				return err
			}
			diffs := filepath.Join(b.Work, "repos")
			runs, err := b.Promises(targets, tests, diffs)
			if err != nil {
				return err
			}
			counts := measure.CountTable(runs)
			if err := measure.Print(cmd.OutOrStdout(), counts, counts.Columns...); err != nil {
				return err
			}
			t := measure.RunTable(runs)
			if err := o.write(cmd, t, t.Columns...); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "diffs: %s\n", diffs)
			if n := measure.PrintBroken(cmd.OutOrStdout(), runs); n > 0 {
				return fmt.Errorf("%d promises were broken", n)
			}
			return nil
		},
	}
	onlyFlag(cmd, &only)
	cmd.Flags().BoolVar(&tests, "tests", false, "run the tests of edited packages, before and after")
	return cmd
}

func routes(o *options) *cobra.Command {
	var only string
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "Check that all ways to run lockfix find the same",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, targets, err := o.targets(cmd, only)
			if err != nil {
				return err
			}
			all, err := b.Routes(targets)
			if err != nil {
				return err
			}
			t := measure.RouteTable(all)
			if err := o.write(cmd, t, t.Columns...); err != nil {
				return err
			}
			if n := measure.Differing(all); n > 0 {
				return fmt.Errorf("%d routes lead elsewhere", n)
			}
			return nil
		},
	}
	onlyFlag(cmd, &only)
	return cmd
}

func findings(o *options) *cobra.Command {
	var only, table string
	cmd := &cobra.Command{
		Use:   "findings",
		Short: "List findings at the newest commits as a table to be judged",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var judged []facts.Verdict
			if table := known(cmd, "facts", table); table != "" {
				var err error
				if judged, _, err = facts.Verdicts(table); err != nil {
					return err
				}
			}
			b, targets, err := o.targets(cmd, only)
			if err != nil {
				return err
			}
			t, err := b.FindingTable(targets, judged)
			if err != nil {
				return err
			}
			if o.out != "" {
				return o.save(t)
			}
			return facts.Write(cmd.OutOrStdout(), t)
		},
	}
	onlyFlag(cmd, &only)
	cmd.Flags().StringVar(&table, "facts", filepath.Join(own, "findings.tsv"), "table of verdicts, to fill in what is known")
	return cmd
}

func judge() *cobra.Command {
	var table string
	cmd := &cobra.Command{
		Use:   "judge",
		Short: "Sum up verdicts on findings",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			verdicts, open, err := facts.Verdicts(table)
			if err != nil {
				return err
			}
			return measure.PrintJudged(cmd.OutOrStdout(), measure.Judge(verdicts), open)
		},
	}
	cmd.Flags().StringVar(&table, "facts", filepath.Join(own, "findings.tsv"), "table of verdicts on findings")
	return cmd
}

// targets makes the bench ready, and the modules that are asked for.
func (o *options) targets(cmd *cobra.Command, only string) (*measure.Bench, []measure.Target, error) {
	b, err := o.bench(cmd.ErrOrStderr())
	if err != nil {
		return nil, nil, err
	}
	targets, err := b.Targets(list(only))
	return b, targets, err
}

func onlyFlag(cmd *cobra.Command, only *string) {
	cmd.Flags().StringVar(only, "only", "", "only these repositories, separated by commas; NAME/DIR for a module below the root")
}

// known is the table that a flag names. The default one need not be there: then
// nothing is known.
func known(cmd *cobra.Command, flag, name string) string {
	if _, err := os.Stat(name); err != nil && !cmd.Flags().Changed(flag) {
		return ""
	}
	return name
}

// require marks a flag as required; the flag is there by construction.
func require(cmd *cobra.Command, flag string) {
	if err := cmd.MarkFlagRequired(flag); err != nil {
		panic(err)
	}
}

// list splits a flag's value at commas; an empty one is no list.
func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
