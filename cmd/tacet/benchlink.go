package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/linkbench"
)

func benchLinkCommand() *cobra.Command {
	var o linkbench.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "link",
		Short: "Measure transfers over a path with delay and loss, and what connected members see of a flood",
		Long: `Fetch an object with the transfer of real runs over a path without delay, with delay, and with delay and loss (an in-process relay
of UDP packets); then ask and fetch over established connections, in turn, while nothing else happens, while strangers – a process of
their own – begin handshakes over QUIC and TCP, and while the members of 50 runs connect; then let a network of processes compute
runs (toy parameters) with and without the strangers.

Exit codes: 0 done; 1 a member lost its connection, or a figure is not what it has to be (with loss at most 2 times the duration; beside
a flood at least half of the throughput, and a run at most 2 times its duration); 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if !slices.Contains([]string{"", "transfer", "flood", "run"}, o.Only) {
				return usageError{c, fmt.Errorf("--only %q: must be transfer, flood or run", o.Only)}
			}
			if o.Executable, err = os.Executable(); err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			if !asJSON {
				o.Say = func(format string, a ...any) { fmt.Fprintf(c.OutOrStdout(), format+"\n", a...) }
			}
			f, err := linkbench.Run(c.Context(), o)
			if asJSON {
				if jerr := json.NewEncoder(c.OutOrStdout()).Encode(f); jerr != nil {
					return jerr
				}
			}
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Object, "object", 32<<20, "bytes of the object")
	f.DurationVar(&o.Delay, "delay", 80*time.Millisecond, "of the path, there and back")
	f.Float64Var(&o.Loss, "loss", 0.05, "probability that a packet is lost")
	f.IntVar(&o.Flood, "flood", 1000, "strangers a second")
	f.DurationVar(&o.For, "for", 3*time.Second, "how long each look at what members see takes")
	f.IntVar(&o.Rounds, "rounds", 3, "looks, and runs, with and without each disturbance")
	f.StringVar(&o.Only, "only", "", "transfer, flood or run (default: all)")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}

// strangersCommand is the flood's own process.
func strangersCommand() *cobra.Command {
	return &cobra.Command{
		Use: "strangers ADDRESS RATE", Short: "Flood a hub of a test network with strangers", Hidden: true, Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			rate, err := strconv.Atoi(args[1])
			if err != nil || rate < 1 {
				return usageError{c, fmt.Errorf("rate %q: must be a positive number", args[1])}
			}
			return linkbench.Strangers(c.Context(), args[0], rate, c.OutOrStdout())
		},
	}
}
