package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node/admin"
)

// evidenceCommand asks the running member in *dir for its evidence bundle.
func evidenceCommand(dir *string) *cobra.Command {
	var out, name string
	c := &cobra.Command{
		Use: "evidence", Short: "Write the evidence bundle of the governance log", Args: noArgs,
		Long: `Ask the running service for an evidence bundle: the whole governance log with its signatures, the certificates and the tables that this member
received. The service verifies the bundle before it hands it out; anybody else does with: tacet-audit verify FILE

With --run instead: how that run ended here, and when it is void the signed statements of members that show why, each verified.`,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if name != "" {
				return printStatements(c, *dir, name)
			}
			if out == "" {
				return usageError{c, errors.New("--out is missing: the file to write, a zip")}
			}
			a, err := admin.Dial(*dir)
			if err != nil {
				return err
			}
			defer a.Close()
			if err := fetch(c.Context(), out, a.Evidence); err != nil { // an older bundle stays: a later one is compared with it
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s; check it with: tacet-audit verify %s\n", out, out)
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write; must not exist")
	c.Flags().StringVar(&name, "run", "", "show the signed statements that made this run void, instead")
	return c
}

// printStatements shows how a run ended at the running member in dir, and why.
func printStatements(c *cobra.Command, dir, name string) error {
	a, err := admin.Dial(dir)
	if err != nil {
		return err
	}
	defer a.Close()
	r, err := a.Run(c.Context(), name)
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	fmt.Fprintf(w, "run %s: %s\n", name, r.State)
	if r.Reason != "" {
		fmt.Fprintln(w, r.Reason)
	}
	for _, s := range r.Evidence {
		if s.Problem != "" {
			fmt.Fprintf(w, "NOT EVIDENCE: %s: %s\n", s.File, s.Problem)
			continue
		}
		fmt.Fprintf(w, "%s signed a %s: %s\n  %s\n", s.Member, s.Kind, s.Text, s.File)
	}
	return nil
}
