package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/testnet/deck"
)

// explainCommand is `tacet node explain`.
func explainCommand(dir *string) *cobra.Command {
	var period int
	var sets string
	var asJSON bool
	c := &cobra.Command{
		Use: "explain MEASURE PERSON", Short: "Say which rows put a person into a measure's populations (member data: stays here)", Args: exactly(2, "a measure and a person's id"),
		Long: `Evaluate a measure of the library for one person on the data of a node that is not running, and again without each row that the measure may have counted.
Rows marked with * decide: without that row alone the populations are others. The output is member data.`,
		RunE: func(c *cobra.Command, args []string) error {
			if period == 0 {
				return usageError{c, errors.New("--period is missing: the measurement year")}
			}
			specs, err := node.LibraryMeasures(args[0])
			if err != nil {
				return usageError{c, err}
			}
			spec := specs[0]
			slots, err := deck.SlotsFrom(sets)(spec)
			if err != nil {
				return err
			}
			e, err := node.Explain(c.Context(), *dir, spec, period, args[1], slots...)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(e)
			}
			out := &lines{w: c.OutOrStdout()}
			out.print("%s %s, %d: %s", spec.ID, spec.Version, period, populations(e.Members))
			for _, r := range e.Evidence {
				var cells []string
				for i, name := range r.Columns {
					cells = append(cells, name+"="+r.Values[i])
				}
				mark := " "
				if r.Decides {
					mark = "*"
				}
				out.print("%s %s: %s", mark, r.Table, strings.Join(cells, " "))
				if len(r.Sets) > 0 {
					out.print("    in %s", strings.Join(r.Sets, ", "))
				}
				if r.Decides {
					out.print("    without it: %s", populations(r.Without))
				}
			}
			if e.More {
				out.print("there are more rows; the first %d were tried", len(e.Evidence))
			}
			return out.err()
		},
	}
	c.Flags().IntVar(&period, "period", 0, "measurement year")
	c.Flags().StringVar(&sets, "valuesets", "", "JSON file of value sets that fill the measure's slots")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func populations[M fmt.Stringer](members []M) string {
	if len(members) == 0 {
		return "not in the initial population, or attributed to no practice"
	}
	var parts []string
	for _, m := range members {
		parts = append(parts, m.String())
	}
	return strings.Join(parts, "; ")
}

// previewCommand is `tacet node preview`.
func previewCommand(dir *string) *cobra.Command {
	var period int
	var sets, ids string
	var asJSON bool
	c := &cobra.Command{
		Use: "preview", Short: "Say what the node would contribute, practice by practice (the payer's own counts: stay here)", Args: noArgs,
		Long: `Run measures of the library over the data of a node that is not running: numerator and denominator of each practice, the same of the year before, and flags
for what to look at before a run. Nothing leaves the node.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if period == 0 {
				return usageError{c, errors.New("--period is missing: the measurement year")}
			}
			specs, err := node.LibraryMeasures(list(ids)...)
			if err != nil {
				return usageError{c, err}
			}
			rows, err := node.Preview(c.Context(), *dir, specs, period, deck.SlotsFrom(sets))
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(rows)
			}
			out := &lines{w: c.OutOrStdout()}
			for _, r := range rows {
				out.print("%s  %s  %s  %d of %d  (year before: %d of %d)  %s", r.Measure, r.Practice, r.Stratum, r.Num, r.Den, r.PriorNum, r.PriorDen, strings.Join(r.Flags, "; "))
			}
			out.print("%d rows", len(rows))
			return out.err()
		},
	}
	c.Flags().IntVar(&period, "period", 0, "measurement year")
	c.Flags().StringVar(&ids, "measures", "", "measures, comma-separated (default: all of the library)")
	c.Flags().StringVar(&sets, "valuesets", "", "JSON file of value sets that fill the measures' slots")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
