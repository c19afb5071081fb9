package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// governCommand is `tacet govern`: a member's part in the governance log, through its running service.
func governCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use: "govern", Short: "Propose, vote, approve, and read the governance log", Args: cobra.ArbitraryArgs, RunE: group,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if dir == "" && c.Name() != "govern" {
				return usageError{c, errors.New("--dir is missing: the data directory of the member that acts")}
			}
			return nil
		},
	}
	c.PersistentFlags().StringVar(&dir, "dir", "", "data directory of the member that acts; its service must be running")
	propose := &cobra.Command{Use: "propose", Short: "Propose a measure, a profile, a roster or a run", Args: cobra.ArbitraryArgs, RunE: group}
	propose.AddCommand(
		proposeCommand(&dir, "measure ID|FOLDER|FILE", "Put a measure to the vote: of the library, a folder with measure.yaml, or canonical JSON", node.ProposeMeasure),
		proposeCommand(&dir, "profile NAME|FILE", "Put a disclosure profile in force: a default one, or JSON (the convener)", node.ProposeProfile),
		proposeCommand(&dir, "roster FILE", "Put a roster on record: CSV with the header grain,practice_id (the convener)", node.ProposeRoster),
		proposeRunCommand(&dir))
	c.AddCommand(propose, voteCommand(&dir), approveMeasureCommand(&dir), showCommand(&dir), logCommand(&dir))
	return c
}

// entered proposes an entry through a running member and says where it is.
func entered(c *cobra.Command, a *admin.Client, p node.Proposal) error {
	i, err := a.Propose(c.Context(), p.Kind, p.Body)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "entry %d: %s\n", i, p.What)
	return err
}

func proposeCommand(dir *string, use, short string, read func(string) (node.Proposal, error)) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: exactly(1, strings.SplitN(use, " ", 2)[1]),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := read(args[0])
			if err != nil {
				return err
			}
			return asked(*dir, func(a *admin.Client) error { return entered(c, a, p) })
		},
	}
}

func proposeRunCommand(dir *string) *cobra.Command {
	var q admin.RunRequest
	var measures, payers, recipients, roster string
	var deadline time.Duration
	c := &cobra.Command{
		Use: "run NAME", Short: "Authorise a run (the convener): it begins when all payers have cosigned", Args: exactly(1, "the run's name"),
		RunE: func(c *cobra.Command, args []string) (err error) {
			q.Run, q.Measures, q.Payers, q.Recipients = args[0], list(measures), list(payers), list(recipients)
			q.Seconds = int64(deadline / time.Second)
			if q.Practices, err = node.ReadRoster(roster); err != nil {
				return err
			}
			return asked(*dir, func(a *admin.Client) error {
				r, err := a.Authorise(c.Context(), q)
				if err != nil {
					return err
				}
				if q.Plan {
					_, err = fmt.Fprintln(c.OutOrStdout(), r.Text)
				} else {
					_, err = fmt.Fprintf(c.OutOrStdout(), "entry %d: run %s authorised, %d cells, parameter set %s\n", r.Index, r.Run, r.Cells, r.Set)
				}
				return err
			})
		},
	}
	f := c.Flags()
	f.StringVar(&measures, "measures", "", "approved measures, comma-separated: ID or ID@VERSION")
	f.StringVar(&q.Period, "period", "", "measurement year")
	f.StringVar(&roster, "roster", "", "the roster's file, as proposed")
	f.StringVar(&payers, "payers", "", "contributors, comma-separated (default: all payers)")
	f.StringVar(&recipients, "recipients", "", "who receives the table, comma-separated (default: the convener and the contributors)")
	f.DurationVar(&deadline, "deadline", 0, "of each phase (default: by the plan's prediction)")
	f.StringVar(&q.Purpose, "purpose", "", "what the run is for")
	f.StringVar(&q.Agreement, "agreement", "", "the data agreement it runs under")
	f.BoolVar(&q.Plan, "plan", false, "print every test that would be made on ciphertext, and authorise nothing")
	required(c, "measures", "period", "roster", "purpose", "agreement")
	return c
}

func list(s string) []string {
	var out []string
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// patience is how long a command waits for an entry of another member to come to this one.
const patience = 15 * time.Second

// measure finds a measure on record, also one that is on its way to this member.
func measure(ctx context.Context, a *admin.Client, want, status string) (admin.Measure, error) {
	end := time.Now().Add(patience)
	for {
		st, err := a.State(ctx)
		if err != nil {
			return admin.Measure{}, err
		}
		if m, ok := node.FindMeasure(st, want, status); ok {
			return m, nil
		}
		if time.Now().After(end) {
			return admin.Measure{}, fmt.Errorf("no measure %s is %s in this member's log (see tacet govern show)", want, status)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return admin.Measure{}, ctx.Err()
		}
	}
}

func voteCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "vote MEASURE yes|no", Short: "Vote on a proposed measure (a payer, once)", Args: exactly(2, "the measure, ID or ID@VERSION, and yes or no"),
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(a *admin.Client) error {
				if _, err := node.ProposeVote(admin.Measure{}, args[1]); err != nil {
					return usageError{c, err}
				}
				m, err := measure(c.Context(), a, args[0], "proposed")
				if err != nil {
					return err
				}
				p, err := node.ProposeVote(m, args[1])
				if err != nil {
					return err
				}
				return entered(c, a, p)
			})
		},
	}
}

func approveMeasureCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "approve MEASURE", Short: "Close a measure's vote (the convener): more than half of the payers said yes", Args: exactly(1, "the measure, ID or ID@VERSION"),
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(a *admin.Client) error {
				m, err := measure(c.Context(), a, args[0], "proposed")
				if err != nil {
					return err
				}
				return entered(c, a, node.ProposeApprove(m))
			})
		},
	}
}

func showCommand(dir *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "show", Short: "Say what the log amounts to: members, measures, profiles, rosters, runs", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return asked(*dir, func(a *admin.Client) error {
				s, err := a.State(c.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(s)
				}
				out := &lines{w: c.OutOrStdout()}
				out.print("ledger %s, %d entries", s.Ledger, s.Entries)
				for _, m := range s.Members {
					out.print("member   %-20s %-9s %s", m.Name, m.Role, m.Fingerprint)
				}
				for _, m := range s.Measures {
					out.print("measure  %-20s %-9s %d votes, profile %s, %.16s", m.ID+"@"+m.Version, m.Status, len(m.Votes), m.Profile, m.Hash)
				}
				for _, p := range s.Profiles {
					out.print("profile  %-20s version %d, %.16s", p.Name, p.Version, p.Hash)
				}
				for _, r := range s.Rosters {
					out.print("roster   %.16s, %d practices", r.Hash, r.Practices)
				}
				for _, r := range s.Runs {
					out.print("run      %-20s %-9s period %s, %s", r.Run, r.Status, r.Period, strings.Join(r.Contributors, ", "))
				}
				return out.err()
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func logCommand(dir *string) *cobra.Command {
	var from uint64
	var asJSON bool
	c := &cobra.Command{
		Use: "log", Short: "Print the log's entries", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return asked(*dir, func(a *admin.Client) error {
				out, enc := &lines{w: c.OutOrStdout()}, json.NewEncoder(os.Stdout)
				enc.SetEscapeHTML(false)
				for {
					l, err := a.Log(c.Context(), from)
					if err != nil || len(l) == 0 {
						return errors.Join(err, out.err())
					}
					for _, e := range l {
						if asJSON {
							out.errs = append(out.errs, enc.Encode(e))
						} else {
							out.print("%6d  %-16s %-18s %.16s", e.Index, e.Author, e.Kind, e.Hash)
						}
					}
					from += uint64(len(l))
				}
			})
		},
	}
	c.Flags().Uint64Var(&from, "from", 0, "index to begin at")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a line")
	return c
}
