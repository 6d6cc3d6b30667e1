package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/lockfix/lockfix/cmd/lockfix/internal/store"
)

// cacheCommand shows and empties what runs keep.
func (p program) cacheCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "cache",
		Short: "show or empty what runs keep",
		Long: "Show or empty what runs keep: what they found out of packages, in the directory\nthat " + store.Variable + " names, else in lockfix in the user's cache directory.\n\n" +
			"It is never needed and never wrong: what is kept is found by the content of all\nthat it depends on. It stays below a gigabyte, and what was not used for five days\ngoes.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use:   "stats",
		Short: "print where the cache is and how large",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := store.Dir()
			if err != nil {
				return err
			}
			files, bytes := store.Stats(dir)
			_, err = fmt.Fprintf(p.stdout, "%s: %d files, %s of at most %s\n", dir, files, size(bytes), size(store.Limit))
			return err
		},
	}, &cobra.Command{
		Use:   "clean",
		Short: "remove all that is in the cache",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			dir, err := store.Dir()
			if err != nil {
				return err
			}
			bytes, err := store.Clean(dir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.stdout, "%s: %s removed\n", dir, size(bytes))
			return err
		},
	})
	return c
}

func size(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
