package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/deck"
)

// deckCommand is `tacet testnet deck`.
func deckCommand() *cobra.Command {
	var o deck.Options
	var asJSON bool
	c := &cobra.Command{
		Use: "deck", Short: "Run the official test patients of a quality measure through the FHIR loader and the library", Args: noArgs,
		Long: `Load each case of a deck of official test patients (FHIR R4 resources and expected populations, one JSON file a case) through the FHIR loader into the
canonical tables, evaluate the library's measure by member, and print one line a case: id, the populations (initial population/denominator/exclusion/
exception/numerator), what the deck expects, ok or differs. The value sets fill the measure's slots of the same name.

Exit codes: 0 every case is right; 1 a case differs; 2 usage; 4 the input cannot be used.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.Cases == "" || o.ValueSets == "" {
				return usageError{c, errors.New("--cases and --valuesets are needed: the folder of case files and the file of value sets")}
			}
			results, err := deck.Run(c.Context(), o)
			if err != nil {
				return err
			}
			right := 0
			out := &lines{w: c.OutOrStdout()}
			for _, r := range results {
				if r.OK {
					right++
				}
				if !asJSON {
					verdict := map[bool]string{true: "ok", false: "differs"}[r.OK]
					if r.Problem != "" {
						verdict = "differs: it was refused:" + r.Problem
					}
					out.print("%s  %s  expected %s  %s", r.Case, r.Got, r.Expected, verdict)
				}
			}
			if asJSON {
				if err := json.NewEncoder(c.OutOrStdout()).Encode(results); err != nil {
					return err
				}
			} else {
				out.print("%d of %d cases are right", right, len(results))
			}
			if right < len(results) {
				return fmt.Errorf("%d of %d cases of %s differ from what the deck expects", len(results)-right, len(results), o.Measure)
			}
			return out.err()
		},
	}
	f := c.Flags()
	f.StringVar(&o.Cases, "cases", "", "folder of case files, one JSON file a case")
	f.StringVar(&o.ValueSets, "valuesets", "", "JSON file of value sets")
	f.StringVar(&o.Measure, "measure", "qp-dsf", "measure of the library")
	f.IntVar(&o.Period, "period", 2026, "measurement year")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
