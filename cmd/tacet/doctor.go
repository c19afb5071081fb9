package main

import (
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node/doctor"
)

// doctorCommand is `tacet doctor`.
func doctorCommand() *cobra.Command {
	var dir string
	var asJSON bool
	c := &cobra.Command{
		Use: "doctor", Short: "Go through what a member's service needs of this machine", Args: noArgs,
		Long: `Look at a member's directory, configuration and keys, the way to the convener over UDP and TCP, socket buffers, the clock beside the convener's, versions, disk,
memory and limits, and say in a line each what is wrong and what to do. A running service is not disturbed. Exit code 1: a line fails.`,
		RunE: func(c *cobra.Command, _ []string) error {
			found := doctor.Examine(c.Context(), dir)
			if asJSON {
				if err := json.NewEncoder(c.OutOrStdout()).Encode(found); err != nil {
					return err
				}
			} else {
				out := &lines{w: c.OutOrStdout()}
				for _, l := range found {
					out.print("%-4s  %-13s  %s", l.State, l.Check, l.Text)
					if l.Do != "" {
						out.print("      %-13s  → %s", "", l.Do)
					}
				}
				if err := out.err(); err != nil {
					return err
				}
			}
			if doctor.Failed(found) {
				return errors.New("something fails; see the lines above")
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", ".", "the member's data directory")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
