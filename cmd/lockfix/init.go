package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/config"
	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
)

// initCommand writes a configuration to begin with.
func (p program) initCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "init",
		Short: "write a " + config.Name + " in which all is explained and nothing set",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := filepath.Abs(dir)
			if err != nil {
				return fmt.Errorf("finding the working directory: %w", err)
			}
			name, err := config.Start(dir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.stdout, "%s: take away the # before what you need\n", report.Rel(dir, name))
			return err
		},
	}
	c.Flags().StringVarP(&dir, "chdir", "C", "", "run in this `directory`")
	return c
}
