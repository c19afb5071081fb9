package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/invitation"
	"github.com/tacet-health/tacet/node/quality"
)

// exactly is a number of arguments with the usage exit code; what names them.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return usageError{c, fmt.Errorf("%d arguments, want: %s", len(args), what)}
		}
		return nil
	}
}

// foundCommand is `tacet coordinator init`.
func foundCommand(dir *string) *cobra.Command {
	var name, ledger, address, advertise string
	var toy bool
	c := &cobra.Command{
		Use: "init", Short: "Make the convener's directory: keys, configuration and a new ledger", Args: noArgs,
		Long: `Make the convener's data directory: its keys, which never leave it, a new ledger of which it is the convener, and tacet.toml, whose comments are
the manual. Payers come in by invitation (tacet coordinator invite).`,
		RunE: func(c *cobra.Command, _ []string) error {
			pub, err := node.Found(node.Config{
				Name: name, Role: node.Convener, Convener: name, Address: address, Advertise: advertise, Dir: *dir, Database: node.Database{MemoryMB: 512, Threads: 1},
			}, ledger, toy)
			if err != nil {
				return err
			}
			out := &lines{w: c.OutOrStdout()}
			out.print("%s: keys, tacet.toml and the ledger %s are in %s", name, ledger, *dir)
			out.print("fingerprint %s", pub.Fingerprint())
			if toy {
				out.print("INSECURE: runs of this ledger may use toy parameters, which protect nothing")
			}
			return out.err()
		},
	}
	f := c.Flags()
	f.StringVar(&name, "name", "convener", "the convener's name")
	f.StringVar(&ledger, "ledger", "", "name of the new ledger, like capci.example/governance")
	f.StringVar(&address, "address", "0.0.0.0:4433", "where to listen, host:port")
	f.StringVar(&advertise, "advertise", "", "host:port that invitations carry, as payers reach it (default: --address)")
	f.BoolVar(&toy, "insecure-toy-parameters", false, "let the ledger's runs use a small ring, for ever; protects nothing")
	required(c, "ledger")
	return c
}

var memberName = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// initCommand is `tacet node init`.
func initCommand(dir *string) *cobra.Command {
	var name, role string
	var asJSON bool
	c := &cobra.Command{
		Use: "init", Short: "Make a node's directory: keys and configuration", Args: noArgs,
		Long: `Make a member's data directory: its keys, which never leave it, and tacet.toml, whose comments are the manual. Next: tacet node join.

A payer holds member data. An auditor, counsel, provider, expert or observer holds none: its node has the whole log without ordering it, judges every
entry itself, cosigns checkpoints and witnesses roots in the log, compares with the other members what they were shown, and raises an alarm
with a proof when the log was forked or rewritten.`,
		RunE: func(c *cobra.Command, _ []string) error {
			if !memberName.MatchString(name) {
				return usageError{c, fmt.Errorf("--name %.40q: want a-z, 0-9 and -, at most 32", name)}
			}
			pub, err := node.Init(node.Config{Name: name, Role: node.Role(role), Dir: *dir, Database: node.Database{MemoryMB: 512, Threads: 1}, Quality: quality.Defaults()})
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(map[string]string{"name": name, "dir": *dir, "fingerprint": pub.Fingerprint()})
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s: keys and tacet.toml are in %s\nfingerprint %s\n", name, *dir, pub.Fingerprint())
			return err
		},
	}
	c.Flags().StringVar(&name, "name", "", "the member's name, for ever: a-z, 0-9 and -")
	c.Flags().StringVar(&role, "role", string(node.Payer), "payer, auditor, counsel, provider, expert or observer")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	required(c, "name")
	return c
}

// required makes flags mandatory, with the usage exit code.
func required(c *cobra.Command, names ...string) {
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		for _, name := range names {
			if !c.Flags().Changed(name) {
				return usageError{c, fmt.Errorf("--%s is missing: %s", name, c.Flags().Lookup(name).Usage)}
			}
		}
		return nil
	}
}

// inviteCommand is `tacet coordinator invite`.
func inviteCommand(dir *string) *cobra.Command {
	var role, out string
	var ttl time.Duration
	c := &cobra.Command{
		Use: "invite NAME", Short: "Make a one-time invitation for a new member", Args: exactly(1, "the new member's name"),
		Long: `Make a one-time invitation under a member's name. Its text is a secret until it is used: hand it to that member's operator. It is for one set of keys
and ends by itself. A second invitation of the same name withdraws the first. The service must be running.`,
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(a *admin.Client) error {
				inv, err := a.Invite(c.Context(), admin.Invite{Member: args[0], Role: role, Seconds: int64(ttl / time.Second)})
				if err != nil {
					return err
				}
				if out == "" {
					_, err = fmt.Fprint(c.OutOrStdout(), inv.Text)
					return err
				}
				f, err := os.OpenFile(out, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
				if err != nil {
					return err
				}
				if _, err = f.WriteString(inv.Text); err != nil {
					return errors.Join(err, f.Close(), os.Remove(out))
				}
				if err := f.Close(); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s: for %s, once, until %s\n", out, args[0], inv.Expires.Format(time.RFC3339))
				return err
			})
		},
	}
	f := c.Flags()
	f.StringVar(&role, "role", "payer", "the new member's role: payer, auditor, counsel, provider, expert or observer")
	f.DurationVar(&ttl, "ttl", time.Hour, "how long it is good for")
	f.StringVar(&out, "out", "", "file to write, mode 0600; must not exist (default: standard output)")
	return c
}

// joinCommand is `tacet node join`.
func joinCommand(dir *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "join INVITATION", Short: "Ask the convener of an invitation to take this node in", Args: exactly(1, "the invitation's file"),
		Long: `Connect to the convener by the pin in the invitation, prove possession of this node's keys, and ask to be taken in. Tell the convener's operator the
fingerprint that is printed, over another channel: it approves by that. The node must not be running; asking again with the same keys
does no harm.`,
		RunE: func(c *cobra.Command, args []string) error {
			inv, err := invitation.Read(args[0])
			if err != nil {
				return err
			}
			j, err := node.Join(c.Context(), *dir, inv)
			if err != nil {
				return err
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(j)
			}
			out := &lines{w: c.OutOrStdout()}
			out.print("ledger %s, convener %s\n  fingerprint of the convener: %s", j.Ledger, j.Convener, j.ConvenerIs)
			out.print("this node is %s (%s)\n  fingerprint of this node: %s", j.Member, j.State, j.Fingerprint)
			out.print("tell the convener's operator this node's fingerprint, and compare the convener's, over another channel")
			if inv.Role == string(node.Payer) {
				out.print("next: write [policy] in %s/tacet.toml, load data (tacet node load), and start it (tacet node run)", *dir)
			} else {
				out.print("next: start it (tacet node run)")
			}
			return out.err()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// approveCommand is `tacet coordinator approve`.
func approveCommand(dir *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "approve NAME FINGERPRINT", Short: "Approve a candidate whose fingerprint its operator has told", Args: exactly(2, "the candidate's name and its fingerprint"),
		Long: `Approve a candidate by the fingerprint that its operator has told over another channel. It comes into the log as soon as more than half of the
payers endorse it, which a node does by itself for the peers and seats of its policy; the first payer needs nobody.`,
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(a *admin.Client) error {
				k, err := a.Approve(c.Context(), admin.Approval{Member: args[0], Fingerprint: args[1]})
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(k)
				}
				out := &lines{w: c.OutOrStdout()}
				if k.State == "member" {
					out.print("%s is a member", k.Member)
				} else {
					out.print("%s is approved and waits for endorsements; it comes in by itself when there are enough:", k.Member)
				}
				for _, w := range k.Waiting {
					out.print("  %s", w)
				}
				return out.err()
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// endorseCommand is `tacet node endorse`.
func endorseCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "endorse NAME FINGERPRINT", Short: "Endorse a new member that the policy does not name", Args: exactly(2, "the candidate's name and its fingerprint"),
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(a *admin.Client) error {
				if err := a.Endorse(c.Context(), admin.Approval{Member: args[0], Fingerprint: args[1]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "%s is endorsed; a run with a new payer also needs it in policy.peers\n", args[0])
				return err
			})
		},
	}
}
