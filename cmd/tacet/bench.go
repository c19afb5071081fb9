package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/bench"
)

func benchCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "bench", Short: "Measure a part of the system on this machine", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{c, errors.New("name what to measure: crypto")}
		},
	}
	c.AddCommand(benchCryptoCommand())
	return c
}

func benchCryptoCommand() *cobra.Command {
	var o bench.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "crypto",
		Short: "Run the release circuit on random and adversarial cells, check every one, and measure",
		Long: `Make cells at and beside every edge of the circuit, run key generation, inputs, evaluation with refreshes, and flooded decryption with all
payers in this process, compare every decrypted cell with the circuit's oracle and with an independent exact computation, and print what one
member computes and sends.

The cells are divided evenly over all given sets and numbers of payers. Progress goes to standard error.

Exit codes: 0 no cell differs; 1 a cell differs or a run failed; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Progress = c.ErrOrStderr()
			all, err := bench.Run(c.Context(), o)
			if u, ok := errors.AsType[*bench.UsageError](err); ok {
				return usageError{c, u}
			}
			if asJSON {
				b, jerr := json.Marshal(all)
				if jerr != nil {
					return jerr
				}
				fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
				return err
			}
			cells, wrong := 0, 0
			for _, f := range all {
				f.Print(c.OutOrStdout())
				cells += f.Cells
				wrong += f.Wrong
			}
			fmt.Fprintf(c.OutOrStdout(), "\n%d cells, %d mismatches\n", cells, wrong)
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Cells, "cells", 1024, "cells, all together")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the cells")
	f.IntSliceVar(&o.Payers, "payers", []int{3, 5, 8, 15}, "numbers of payers, 3 to 15, comma-separated")
	f.StringSliceVar(&o.Sets, "set", []string{"standard", "wide"}, "parameter sets: standard, wide, toy, toy-wide (toy sets protect nothing)")
	f.IntVar(&o.RunCells, "run-cells", 4096, "most cells in one run; more take more memory, fewer pay for keys more often")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}
