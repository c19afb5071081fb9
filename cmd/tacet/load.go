package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// loadCommand is `tacet node load`.
func loadCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "load DIR|FILE…", Short: "Take canonical CSV files into the node's own store",
		Long: `Take canonical CSV files (eligibility.csv, medical_claim.2024.csv.gz, …; every column is documented in node/store) or folders of them into the store of a
node that is not running. Each file is taken whole or not at all; content that was loaded before changes nothing. Exit code 4: a
file is refused, with its line and column.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{c, fmt.Errorf("name the files or folders to load")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			report, err := node.Load(c.Context(), *dir, args...)
			out := &lines{w: c.OutOrStdout()}
			for _, f := range report.Files {
				if f.Already {
					out.print("%s: loaded before, nothing changed", f.File)
				} else {
					out.print("%s: %d rows into %s", f.File, f.Loaded, f.Table)
				}
			}
			if err != nil {
				return err
			}
			return out.err()
		},
	}
}

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
