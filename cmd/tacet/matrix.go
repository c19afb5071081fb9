package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/matrix"
)

func matrixCommand() *cobra.Command {
	var o matrix.Options
	c := &cobra.Command{
		Use:   "matrix",
		Short: "Kill every member at every step, bring it back, and say how the runs ended",
		Long: `Start a network of processes (toy parameters, INSECURE), and for every step of a run, every member and three points of the step: run, kill the
member there with SIGKILL, start it again, and wait for every member's verdict. A run must end certified with the table of the undisturbed
run, or void with a reason; it must not hang, and nobody may show two different objects or statements for one step.

Exit codes: 0 no wrong or hung run; 1 there is one; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if o.Executable, err = os.Executable(); err != nil {
				return fmt.Errorf("find this program: %w", err)
			}
			o.Stdout = c.OutOrStdout()
			return matrix.Run(c.Context(), o)
		},
	}
	f := c.Flags()
	f.IntVar(&o.Payers, "payers", 3, "number of payers, 3 to 15")
	f.StringSliceVar(&o.Steps, "steps", nil, "steps, by name (default: all)")
	f.StringSliceVar(&o.Members, "members", nil, "members, by name (default: all)")
	f.StringSliceVar(&o.Points, "points", nil, "before-write, before-send, after-send (default: all)")
	f.StringSliceVar(&o.Actions, "actions", nil, "kill, stop, disk, clock (default: kill)")
	f.BoolVar(&o.Full, "full", false, "the five riskiest points at 128-bit parameters instead")
	f.DurationVar(&o.Stopped, "stopped", time.Minute, "how long a stopped process stays so")
	f.DurationVar(&o.Timeout, "timeout", 0, "for the verdicts of one run (default 3m, with --full 30m)")
	f.StringVar(&o.Netem, "netem", "", `delay and loss in each direction, in tc's words: "delay 40ms loss 5%" (the kernel's as root, else a relay's)`)
	f.BoolVar(&o.Relay, "relay", false, "with --netem: a relay also where the kernel could")
	f.StringVar(&o.Out, "out", "", "folder of the network (default: a fresh one, removed when all is well)")
	f.BoolVar(&o.JSON, "json", false, "print the result as JSON on the last line")
	return c
}
