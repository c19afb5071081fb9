package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/testnet/bench"
)

func benchCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "bench", Short: "Measure a part of the system on this machine", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{c, errors.New("name what to measure: crypto, governance, link, secagg")}
		},
	}
	c.AddCommand(benchLinkCommand(), benchCryptoCommand(), benchSecaggCommand(), benchGovernanceCommand(), strangersCommand(), benchMeasuresCommand())
	return c
}

func benchCryptoCommand() *cobra.Command {
	var o bench.Options
	var asJSON, speed bool
	var memory node.Size
	var sizes []int
	c := &cobra.Command{
		Use:   "crypto",
		Short: "Run the release circuit on random and adversarial cells, check every one, and measure",
		Long: `Make cells at and beside every edge of the circuit, run key generation, inputs, evaluation with refreshes, and flooded decryption with all
payers in this process, compare every decrypted cell with the circuit's oracle and with an independent exact computation, and print what one
member computes and sends.

The cells are divided over all given sets and numbers of payers evenly, and over the strategies by what their ciphertexts hold. At the end
stands a matrix (set, payers, strategy: cells, how many of them at an edge, mismatches, processor seconds), and the kinds of cells. Progress
goes to standard error. 20,000 cells over all 24 settings are about 25 minutes on two idle cores.

All payers live in this process, but one at a time is awake: the peak of memory is that of one member. --memory holds it to a budget.

With --speed the planner's strategy is measured beside the first version of the circuit, which asked all thresholds of a cell at once, at
--sizes cells that are all released, with one set and number of payers (default standard and 5).

Exit codes: 0 no cell differs; 1 a cell differs or a run failed; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			o.Progress, o.Memory = c.ErrOrStderr(), int64(memory)
			if speed {
				return benchSpeed(c, o, sizes, asJSON)
			}
			all, err := bench.Run(c.Context(), o)
			if u, ok := errors.AsType[*bench.UsageError](err); ok {
				return usageError{c, u}
			}
			if asJSON {
				return errors.Join(printJSON(c, all), err)
			}
			for _, f := range all {
				f.Print(c.OutOrStdout())
			}
			if all != nil {
				bench.PrintMatrix(c.OutOrStdout(), all)
			}
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Cells, "cells", 1024, "cells, all together")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the cells")
	f.IntSliceVar(&o.Payers, "payers", []int{3, 5, 8, 15}, "numbers of payers, 3 to 15, comma-separated")
	f.StringSliceVar(&o.Sets, "set", []string{"standard", "wide"}, "parameter sets: standard, wide, toy, toy-wide (toy sets protect nothing)")
	f.StringSliceVar(&o.Strategies, "strategy", []string{"direct", "radix", "binary"}, "strategies: direct, radix, binary, planner (what the planner takes)")
	f.BoolVar(&speed, "speed", false, "measure the planner beside the first version of the circuit")
	f.IntSliceVar(&sizes, "sizes", []int{4000, 32768}, "with --speed: numbers of cells")
	f.IntVar(&o.RunCells, "run-cells", 4096, "most cells in one run; more take more memory, fewer pay for keys more often")
	f.Var(&memory, "memory", "memory budget of the member, like 1.5GiB: what waits beyond it waits on disk (default: none)")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}

func benchSpeed(c *cobra.Command, o bench.Options, sizes []int, asJSON bool) error {
	if !c.Flags().Changed("payers") {
		o.Payers = []int{5}
	}
	if !c.Flags().Changed("set") {
		o.Sets = []string{"standard"}
	}
	all, err := bench.Compare(c.Context(), o, sizes)
	if u, ok := errors.AsType[*bench.UsageError](err); ok {
		return usageError{c, u}
	}
	if asJSON {
		return errors.Join(printJSON(c, all), err)
	}
	bench.PrintComparison(c.OutOrStdout(), all)
	return err
}

func printJSON(c *cobra.Command, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
	}
	return err
}
