package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// fingerprintCommand prints what an operator tells another one.
func fingerprintCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "fingerprint", Short: "Print the fingerprint of this member's keys", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			f, err := node.Fingerprint(*dir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(c.OutOrStdout(), f)
			return err
		},
	}
}

// releaseCommand is `tacet node release` and `tacet coordinator release`.
func releaseCommand(dir *string) *cobra.Command {
	var out string
	var asJSON, wait bool
	c := &cobra.Command{
		Use: "release RUN", Short: "Say how a run ended, and write its released table and certificate", Args: exactly(1, "the run's name"),
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(a *admin.Client) error {
				ask := a.Run
				if wait {
					ask = a.WaitRun
				}
				r, err := ask(c.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					if err := json.NewEncoder(c.OutOrStdout()).Encode(r); err != nil {
						return err
					}
				} else if _, err := fmt.Fprintf(c.OutOrStdout(), "run %s: %s\n", r.Run, r.State); err != nil {
					return err
				}
				switch {
				case r.State == "void":
					return fmt.Errorf("run %s is void, nothing is released: %s", r.Run, r.Reason)
				case r.State != "certified" && out != "":
					return fmt.Errorf("run %s is %s: there is no table yet", r.Run, r.State)
				case r.State == "certified" && r.Certificate == nil:
					return fmt.Errorf("run %s is not released yet: %s", r.Run, r.Reason)
				case out == "" || r.State != "certified":
					return nil
				}
				return node.WriteRelease(out, r)
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "folder for release.csv and certificate.json")
	c.Flags().BoolVar(&wait, "wait", false, "wait until the run has ended")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
