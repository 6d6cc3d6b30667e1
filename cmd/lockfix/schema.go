package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/report"
)

// schemaCommand is a command, not a topic of help: what it prints is for programs.
func (p program) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of -f json",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := io.WriteString(p.stdout, report.Schema)
			return err
		},
	}
}
