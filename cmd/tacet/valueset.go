package main

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
)

// valueSetCommand is `tacet node value-set`.
func valueSetCommand(dir *string) *cobra.Command {
	c := &cobra.Command{Use: "value-set", Short: "Keep the licensed lists of codes that fill measures' slots", Args: noArgs, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	var asJSON bool
	print := func(c *cobra.Command, sets ...node.FilledSlot) error {
		if asJSON {
			return json.NewEncoder(c.OutOrStdout()).Encode(sets)
		}
		out := &lines{w: c.OutOrStdout()}
		for _, s := range sets {
			out.print("%s: %d codes, sha256 %s", s.Slot, s.Codes, s.Hash)
		}
		if len(sets) == 0 {
			out.print("no value set; a measure with a slot of its own hash declines until tacet node value-set add SLOT FILE")
		}
		return out.err()
	}
	add := &cobra.Command{
		Use: "add SLOT FILE", Short: "Take a list of codes for a slot", Args: exactly(2, "a slot and a file of codes"),
		Long: `Take a file of codes, one a line (# begins a remark), for a slot of measures: what a plan holds under its own licence, such as CPT. The list stays in the node's
directory; definitions name its hash, so that all payers count by the same edition: a measure whose hash is another one's is refused, one that lacks its list declines.`,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := node.AddValueSet(*dir, args[0], args[1])
			if err != nil {
				return err
			}
			return print(c, s)
		},
	}
	list := &cobra.Command{
		Use: "list", Short: "Name the lists there are, with their hashes", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			sets, err := node.ValueSets(*dir)
			if err != nil {
				return err
			}
			return print(c, sets...)
		},
	}
	c.PersistentFlags().BoolVar(&asJSON, "json", false, "print JSON")
	c.AddCommand(add, list)
	return c
}
