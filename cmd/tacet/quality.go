package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/quality"
)

// qualityCommand is `tacet node check`.
func qualityCommand(dir *string) *cobra.Command {
	var period int
	var ids string
	var asJSON bool
	c := &cobra.Command{
		Use: "check", Short: "Say whether the node's data is fit for a run (its own figures: stay here)", Args: noArgs,
		Long: `Hold the data of a node that is not running to the thresholds of [quality] in tacet.toml: volume by month and year, late claims, codes, NPIs, attribution,
laboratory results, units, duplicates. The same is asked before every run, of the tables that its measures read; where it fails the node takes no part and
gives no figure. Exit code 1: it fails.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := aYear(c, period); err != nil {
				return err
			}
			specs, err := node.LibraryMeasures(list(ids)...)
			if err != nil {
				return usageError{c, err}
			}
			if ids == "" {
				specs = nil // all tables, not all that the library reads
			}
			report, err := node.CheckQuality(c.Context(), *dir, period, specs)
			if err != nil {
				return err
			}
			if asJSON {
				if err := json.NewEncoder(c.OutOrStdout()).Encode(report); err != nil {
					return err
				}
			} else if err := printQuality(c, report); err != nil {
				return err
			}
			if !report.Pass {
				return errors.New("the data does not pass: load what is missing or wrong, or set the threshold under [quality] in tacet.toml if the feed is as it should be")
			}
			return nil
		},
	}
	c.Flags().IntVar(&period, "period", 0, "measurement year")
	c.Flags().StringVar(&ids, "measures", "", "check only what these measures read, comma-separated (default: all tables)")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printQuality(c *cobra.Command, report quality.Report) error {
	out := &lines{w: c.OutOrStdout()}
	for _, r := range report.Checks {
		verdict := "ok  "
		if !r.Pass {
			verdict = "FAIL"
		}
		line := fmt.Sprintf("%s  %-10s  %-24s", verdict, r.Check, r.Of)
		if r.Percent >= 0 {
			line += fmt.Sprintf("  %d %%", r.Percent)
		}
		if r.AtLeast > 0 {
			line += fmt.Sprintf("  (at least %d %%)", r.AtLeast)
		}
		if r.AtMost > 0 {
			line += fmt.Sprintf("  (at most %d %%)", r.AtMost)
		}
		if r.Note != "" {
			line += "  " + r.Note
		}
		out.print("%s", line)
	}
	return out.err()
}
