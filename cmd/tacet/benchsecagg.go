package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/secaggbench"
)

func benchSecaggCommand() *cobra.Command {
	var o secaggbench.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "secagg",
		Short: "Measure secure aggregation over real sockets, and check that no sum is wrong",
		Long: `Sum one vector of every payer over streams of the link on loopback, under masks and in the clear, alternately: bytes sent, processor
time of a payer, wall time, and beside it a round with proven ranges (Prio3SumVec) at 1,024 elements. Then a risk model of
300 columns over 10 payers, against the fit on the pooled people. With --rounds also play that many rounds with random vectors: every
number of dropouts at every step, for rosters of 3 to 12 and the smallest and largest thresholds, and members that drop at different steps. Each must
end with the plain sum or a clean abort; a table says how each did. 600 rounds and more go through every combination.

Exit codes: 0 done; 1 a payer sends more than 1.02 times the plain vector, masking takes more than 60 ms of processor time (at 8 payers and
1,000,000 elements), the wall time is more than twice the plain one, the model takes more than 5 s of processor time or differs from the
pooled fit by more than 1e-9, or a sum is wrong; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.Payers < 3 || o.Payers > 15 || o.Elements < 1 || o.Elements > 1<<24 || o.Times < 1 || o.Columns < 30 || o.Columns > 1000 || o.Rounds < 0 {
				return usageError{c, errors.New("3 to 15 payers, 1 to 16,777,216 elements, 30 to 1,000 columns, at least once")}
			}
			if !asJSON {
				o.Say = func(format string, a ...any) { fmt.Fprintf(c.OutOrStdout(), format+"\n", a...) }
			}
			f, err := secaggbench.Run(c.Context(), o)
			if asJSON {
				if jerr := json.NewEncoder(c.OutOrStdout()).Encode(f); jerr != nil {
					return jerr
				}
			}
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Payers, "payers", 8, "payers, 3 to 15")
	f.IntVar(&o.Elements, "elements", 1_000_000, "elements of a vector")
	f.IntVar(&o.Times, "times", 5, "how often each is measured")
	f.IntVar(&o.Columns, "columns", 300, "columns of the risk model, 30 to 1000")
	f.IntVar(&o.Rounds, "rounds", 0, "rounds of the exactness mode")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the exactness mode")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}
