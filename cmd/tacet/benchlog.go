package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/logbench"
)

func benchGovernanceCommand() *cobra.Command {
	var o logbench.Options
	var seconds int
	var asJSON bool
	c := &cobra.Command{
		Use:   "governance",
		Short: "Measure the governance log: entries a second, latency, size, audit",
		Long: `Start replicas of a governance log, connected over QUIC on the loopback device with real signatures and fsyncs, and measure how many signed
entries a second they take in batches, and how long an entry takes at 50 a second. Then generate a log of --entries, and measure its size on
disk, the memory of a replica of it, and how fast tacet-audit verifies its evidence bundle.

All replicas share this machine: every entry is verified by each of them. Needs about 17 kB of disk for each of --entries in the temporary
folder (TMPDIR). The goals are for two idle processors. --short measures for 2 seconds and 5,000 entries, and judges by processor time
instead of the clock, so that it says the same on a machine that others use.

Exit codes: 0 every goal is met; 1 one is missed, the replicas differ, or the bundle does not verify; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.Short && !c.Flags().Changed("seconds") {
				seconds = 2
			}
			if o.Short && !c.Flags().Changed("entries") {
				o.Entries = 5000
			}
			if seconds < 1 || o.Members < 3 || o.Members > 15 || o.Entries < 256 || o.Entries > 1_000_000 {
				return usageError{c, errors.New("want at least one second, 3 to 15 replicas, 256 to 1000000 entries")}
			}
			o.Duration, o.Progress = time.Duration(seconds)*time.Second, c.ErrOrStderr()
			f, err := logbench.Run(c.Context(), o)
			if err != nil && !errors.Is(err, logbench.ErrMissed) {
				return err
			}
			if asJSON {
				return errors.Join(printJSON(c, f), err)
			}
			f.Print(c.OutOrStdout())
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Entries, "entries", logbench.GoalEntries, "entries of the generated log")
	f.IntVar(&seconds, "seconds", 10, "how long entries are written, once as fast as possible and once at 50 a second")
	f.IntVar(&o.Members, "replicas", 5, "replicas, the convener's counted")
	f.BoolVar(&o.Short, "short", false, "2 seconds, 5,000 entries, judged by processor time")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}
