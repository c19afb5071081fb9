package main

import (
	"encoding/json"
	"fmt"
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
of UDP packets); then ask and fetch over established connections while nothing else happens, while strangers begin handshakes over
QUIC and TCP, and while the members of 50 runs connect.

Exit codes: 0 done; 1 with loss it takes more than twice as long as without, or a member was disturbed; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
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
	f.DurationVar(&o.For, "for", 5*time.Second, "how long to measure what members see")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}
