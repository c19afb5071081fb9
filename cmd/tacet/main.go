// Command tacet is one member's program and the test network around it; see the packages node and testnet. This package only wires.
//
// Exit codes: 0 done, 1 refused by a rule or failed, 2 usage, 3 not verified, 4 input or output.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	stop()
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "tacet: interrupted; every member was stopped")
		os.Exit(130)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tacet:", err)
		os.Exit(exitCode(err))
	}
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "tacet",
		Short:         "Performance of medical practices over all health plans, without any plan showing its part",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE:          group,
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usageError{c, err} })
	c.AddCommand(testnetCommand(), memberCommand("node", node.Payer), memberCommand("coordinator", node.Convener), governCommand(), doctorCommand(), versionCommand())
	return c
}

// group is the action of a command that only has sub-commands.
func group(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{c, fmt.Errorf("unknown command %q", args[0])}
	}
	return c.Help()
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "tacet", node.Version())
			return err
		},
	}
}
