package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/sim"
)

func simCommand() *cobra.Command {
	var o sim.Options
	var count int
	var first, seed uint64
	var asJSON, verbose bool
	c := &cobra.Command{
		Use:   "sim",
		Short: "Play networks in virtual time, with crashes, partitions, loss and liars",
		Long: `Play whole networks in virtual time: every member's service as it is, over simulated packets, on real directories, with toy parameters.
A seed chooses crashes, partitions (one-way ones too), delay, loss, a refusing disk and a lying member. After every scenario the invariants are
checked: nothing is shared twice, nobody acts without an authorisation in its log, all honest members end alike, the table is right, no secret
is left, the evidence verifies.

  tacet testnet sim --seeds 1000      seeds 1 to 1000, every 50th played twice and compared
  tacet testnet sim --seed 17         one scenario with its trace, played twice and compared

Exit codes: 0 all invariants held; 1 one did not, or a trace was another the second time; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			out := c.OutOrStdout()
			switch {
			case c.Flags().Changed("seed"):
				o.Seeds, o.Again, verbose = []uint64{seed}, 1, true
			case count < 1:
				return usageError{c, fmt.Errorf("--seeds must be at least 1")}
			default:
				for i := range count {
					o.Seeds = append(o.Seeds, first+uint64(i))
				}
			}
			start, done := time.Now(), 0
			o.Each = func(r sim.Result) {
				done++
				switch {
				case asJSON:
				case verbose || len(r.Violations) > 0:
					printScenario(out, r)
				case done%50 == 0:
					fmt.Fprintf(out, "%d of %d scenarios, %.0f s\n", done, len(o.Seeds), time.Since(start).Seconds())
				}
			}
			sum, err := sim.Run(c.Context(), o)
			if err != nil {
				return err
			}
			if asJSON {
				b, err := json.Marshal(sum)
				if err != nil {
					return err
				}
				fmt.Fprintf(out, "%s\n", b)
			} else {
				printSummary(out, sum)
			}
			if len(sum.Broken) > 0 {
				return fmt.Errorf("%d of %d scenarios broke an invariant", len(sum.Broken), sum.Scenarios)
			}
			return nil
		},
	}
	c.Flags().IntVar(&count, "seeds", 100, "number of scenarios")
	c.Flags().Uint64Var(&first, "first", 1, "first seed")
	c.Flags().Uint64Var(&seed, "seed", 0, "play this seed alone, twice, and print its trace")
	c.Flags().IntVar(&o.Again, "again", 50, "play every so many-th seed twice and compare the traces; 0: none")
	c.Flags().IntVar(&o.Workers, "workers", 0, "scenarios at a time (default: two for each processor)")
	c.Flags().BoolVar(&verbose, "trace", false, "print the trace of every scenario")
	c.Flags().BoolVar(&asJSON, "json", false, "print the summary as JSON on one line")
	return c
}

func printScenario(w io.Writer, r sim.Result) {
	fmt.Fprint(w, r.Trace)
	if r.Reason != "" {
		fmt.Fprintf(w, "  reason: %s\n", r.Reason)
	}
	fmt.Fprintf(w, "  %s of virtual time, %d packets\n", r.Virtual.Round(time.Millisecond), r.Packets)
	for _, v := range r.Violations {
		fmt.Fprintf(w, "  BROKEN: %s\n", v)
	}
}

func printSummary(w io.Writer, s sim.Summary) {
	fmt.Fprintf(w, "%d scenarios: %d certified, %d void, %d without anybody left who could say; %d played twice\n", s.Scenarios, s.Certified, s.Void, s.Open, s.Again)
	for _, k := range slices.Sorted(maps.Keys(s.Reasons)) {
		fmt.Fprintf(w, "  void, %s: %d\n", k, s.Reasons[k])
	}
	fmt.Fprintf(w, "%s of virtual time in %s, %d packets, at most %d MB of heap\n", s.Virtual.Round(time.Second), s.Wall.Round(time.Second), s.Packets, s.PeakHeap>>20)
	if len(s.Broken) == 0 {
		fmt.Fprintln(w, "all invariants held")
	}
}
