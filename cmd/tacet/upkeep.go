package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// fetch writes what a running member makes into a new file.
func fetch(ctx context.Context, out string, get func(context.Context, io.Writer) error) error {
	f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // never over an older one
	if err != nil {
		return err
	}
	if err := errors.Join(get(ctx, f), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(out))
	}
	return nil
}

// snapshotCommand asks the running member in *dir for a snapshot of its ledger.
func snapshotCommand(dir *string) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use: "snapshot", Short: "Write a snapshot of the ledger, from which any member can begin again", Args: noArgs,
		Long: `Ask the running service for a snapshot: every entry of the governance log with its place, and a signed checkpoint over it. It holds no key and no
member's data, and any member of the ledger can begin again from it (restore), also from another member's. Keys are kept apart: back the
folder keys up on paper or on a disk of its own.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return usageError{c, errors.New("--out is missing: the file to write")}
			}
			return asked(*dir, func(a *admin.Client) error {
				if err := fetch(c.Context(), out, a.Snapshot); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s; a member begins again from it with: restore %s\n", out, out)
				return err
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "file to write; must not exist")
	return c
}

// restoreCommand puts a snapshot in the place of a stopped member's ledger.
func restoreCommand(dir *string) *cobra.Command {
	var replace, asJSON bool
	c := &cobra.Command{
		Use: "restore SNAPSHOT", Short: "Begin again from a snapshot of the ledger", Args: exactly(1, "the snapshot's file"),
		Long: `Make the ledger of this member, whose service must not be running, from a snapshot of its own or of any other member. Every entry is judged by the
rules and every signature verified first. What came after the snapshot comes from the other members, and this one signs nothing before it has again what
it has signed before: it asks more than half of the payers. A convener whose disk is lost needs its folder keys, tacet.toml and genesis.json, and this.`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			r, err := node.RestoreLedger(*dir, f, replace)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(r)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d entries, root %s\nthis member signs again when it has %d entries; start it\n", r.Size, r.Root, r.Floor)
			return err
		},
	}
	c.Flags().BoolVar(&replace, "replace", false, "delete the ledger that is there; what this member has signed is kept in mind")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// wipeCommand is `tacet node wipe`.
func wipeCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "wipe", Short: "Delete this node's copy of the log; everything comes again from the others", Args: noArgs,
		Long: `Delete the copy of the governance log of a node whose service is not running: a damaged one, for example. Keys, member data and proofs of forks stay,
and so does what this member has signed: at its next start it gets every entry again, judges it again, and signs nothing until it has reached that.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := node.WipeLedger(*dir); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), "the copy of the log is deleted; start the service, and it comes again")
			return err
		},
	}
}
