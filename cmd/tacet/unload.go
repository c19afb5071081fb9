package main

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
)

// unloadCommand is `tacet node unload`.
func unloadCommand(dir *string) *cobra.Command {
	var all, asJSON bool
	c := &cobra.Command{
		Use: "unload TABLE…", Short: "Take tables' rows out of the node's own store, so that corrected files can take their place",
		Long: `Take every row of canonical tables (eligibility, medical_claim, …) out of the store of a node that is not running, and forget that their files were loaded: then
load the right ones. --all takes out everything; what came as FHIR, Synthea or DE-SynPUF, which fill several tables at once, goes by --all only. The files
themselves stay where they are.`,
		Args: func(c *cobra.Command, args []string) error {
			if all == (len(args) > 0) {
				return usageError{c, errors.New("name the tables to take out, or --all")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			rows, err := node.Unload(c.Context(), *dir, args...)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(rows)
			}
			out := &lines{w: c.OutOrStdout()}
			for _, table := range slices.Sorted(maps.Keys(rows)) {
				if rows[table] > 0 || !all {
					out.print("%s: %d rows taken out", table, rows[table])
				}
			}
			if all {
				out.print("the store is empty")
			}
			return out.err()
		},
	}
	c.Flags().BoolVar(&all, "all", false, "take out every table")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
