package main

import (
	"encoding/json"
	"errors"
	"fmt"
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
		Use: "govern", Short: "Propose, comment, vote, approve, and read the governance log", Args: cobra.ArbitraryArgs, RunE: group,
		Long: `A member's part in the governance log. The running service of the member in --dir drafts the entry; it is shown as text and against what is in force, and
signed with the member's keys, which stay there, when you type yes (or gave --yes). A refusal says the rule's code and what it means.

MATTER is a motion's name or a measure: ID, ID@VERSION, or the beginning of its hash. Documents are JSON with the fields of package governance/rules: dates may be
written 2026-01-31, windows 30d, measures ID or ID@VERSION, and a version that is left out is the next one.`,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if dir == "" && c.Name() != "govern" {
				return usageError{c, errors.New("--dir is missing: the data directory of the member that acts")}
			}
			return nil
		},
	}
	c.PersistentFlags().StringVar(&dir, "dir", "", "data directory of the member that acts; its service must be running")
	propose := &cobra.Command{Use: "propose", Short: "Propose: a measure, profile, roster, run, charter, seats, chair, removal, new keys, retirement, agreement, structure, …", Args: cobra.ArbitraryArgs, RunE: group}
	propose.AddCommand(
		proposeMeasureCommand(&dir),
		proposeCommand(&dir, "profile NAME|FILE", "Put a disclosure profile in force: a default one, or JSON (the convener)", node.ProposeProfile),
		proposeCommand(&dir, "roster FILE", "Put a roster on record: CSV with the header grain,practice_id, or grain,practice_id,region (the convener)", node.ProposeRoster),
		proposeRunCommand(&dir))
	propose.AddCommand(proposals(&dir)...)
	c.AddCommand(propose, showCommand(&dir), logCommand(&dir))
	c.AddCommand(acts(&dir)...)
	c.AddCommand(ballotCommand(&dir), countCommand(&dir))
	return c
}

func proposeRunCommand(dir *string) *cobra.Command {
	var q admin.RunRequest
	var measures, payers, recipients, roster, after, strata, groups string
	var deadline time.Duration
	var yes, asJSON bool
	c := &cobra.Command{
		Use: "run NAME", Short: "Authorise a run (the convener), a release or an exact sum: it begins when all payers have cosigned", Args: exactly(1, "the run's name"),
		Long: `Put a run's manifest into the log. There are two kinds.

A release, of approved measures; only rounded rates are ever opened:
  tacet govern propose run spring --measures qp-crc --roster roster.csv --period 2024 --purpose … --agreement …

An exact sum (a run of kind aggregate), of what a motion approved; the sum of the payers' vectors is opened, and no payer's:
  tacet govern propose sum risk.json            then every payer: tacet govern vote sum-1 yes; then: tacet govern approve sum-1
  tacet govern propose run presence --sum risk --stage presence-1 --period 2024 --purpose … --agreement …
  tacet govern propose run fit --sum risk --stage equations --after presence --period 2024 --purpose … --agreement …
  tacet govern propose run regions --sum total --totals spring --purpose … --agreement …

Stages come in their order, each once for a period: presence-1, presence-2, … until a round merges no column, then equations, bins, deciles of a risk model;
components of a reliability. Payers take part whose policy names the measures, or the sum, and which withhold the same records of 42 CFR Part 2.`,
		RunE: func(c *cobra.Command, args []string) (err error) {
			q.Run, q.Measures, q.Payers, q.Recipients = args[0], list(measures), list(payers), list(recipients)
			q.Seconds = int64(deadline / time.Second)
			kind, named, ok := strings.Cut(strata, "=")
			if q.Stratify = strings.TrimSpace(kind); ok {
				q.Strata = list(named)
			}
			if q.Sum != "" && strata != "" || ok && len(q.Strata) == 0 {
				return usageError{c, errors.New("--strata is KIND or KIND=STRATUM,… of a run with --measures")}
			}
			if q.After = list(after); q.Sum == "" && (measures == "" || roster == "") || q.Sum != "" && (measures != "" || roster != "" || (q.Stage == "") == (q.Totals == "") || q.Reliability) {
				return usageError{c, errors.New("a run has --measures and --roster, or is an exact sum with --sum and --stage, or --sum and --totals")}
			}
			if q.Groups = list(groups); q.Totals == "" && (q.Period == "" || q.Groups != nil) || q.Totals != "" && (q.Period != "" || q.Payers != nil || q.After != nil) {
				return usageError{c, errors.New("--period is the run's year; --totals RUN has that run's year and payers, and takes --groups alone")}
			}
			if q.Sum == "" {
				if q.Practices, err = node.ReadRoster(roster); err != nil {
					return err
				}
			}
			return asked(*dir, func(a *admin.Client) error {
				if only := q.Plan || asJSON && !yes; only || !yes {
					q.Plan = true
					r, err := a.Authorise(c.Context(), q)
					if err == nil && asJSON {
						return json.NewEncoder(c.OutOrStdout()).Encode(r)
					}
					if err == nil {
						_, err = fmt.Fprintln(c.OutOrStdout(), r.Text)
					}
					if err != nil || only {
						return err
					}
					if err := agree(c, "the convener"); err != nil {
						return err
					}
					q.Plan = false
				}
				r, err := a.Authorise(c.Context(), q)
				if err == nil && asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(r)
				}
				if err == nil {
					_, err = fmt.Fprintf(c.OutOrStdout(), "entry %d: run %s authorised, %d cells, parameter set %s\n", r.Index, r.Run, r.Cells, r.Set)
				}
				return err
			})
		},
	}
	f := c.Flags()
	f.StringVar(&measures, "measures", "", "approved measures, comma-separated: ID or ID@VERSION")
	f.StringVar(&strata, "strata", "", "the measures by dual, deprivation, race, ethnicity or language (their approved forms ID-by-KIND); race=VALUE,… names the strata to release, which race, ethnicity and language need")
	f.BoolVar(&q.Reliability, "reliability", false, "ask of every cell of a proportion whether its people are enough for a reliability of 0.70, by variance components of this period and these payers")
	f.StringVar(&q.Period, "period", "", "measurement year")
	f.StringVar(&roster, "roster", "", "the roster's file, as proposed")
	f.StringVar(&q.Sum, "sum", "", "an approved exact sum instead of measures: ID or ID@VERSION (a run of kind aggregate)")
	f.StringVar(&q.Stage, "stage", "", "of the sum: presence-1, presence-2, …, equations, bins, deciles of a risk model; components of a reliability; tenths of a quality")
	f.StringVar(&after, "after", "", "certified runs of the same sum that this one follows from, comma-separated, in their order")
	f.StringVar(&q.Totals, "totals", "", "of a sum of kind total: the certified release whose shown practices are added up")
	f.StringVar(&groups, "groups", "", "regions of its roster, or all, comma-separated (default: whatever may be opened together)")
	f.Int64Var(&q.Threshold, "threshold", 0, "payers that must be present in a sum (default: more than half, and the profile's minimum)")
	f.StringVar(&payers, "payers", "", "contributors, comma-separated (default: all payers)")
	f.StringVar(&recipients, "recipients", "", "who receives the table, comma-separated (default: the convener and the contributors)")
	f.DurationVar(&deadline, "deadline", 0, "of each phase (default: by the plan's prediction)")
	f.StringVar(&q.Purpose, "purpose", "", "what the run is for")
	f.StringVar(&q.Agreement, "agreement", "", "the data agreement it runs under")
	f.BoolVar(&q.Plan, "plan", false, "print every test that would be made on ciphertext, and authorise nothing")
	f.BoolVar(&yes, "yes", false, "sign without asking; for scripts")
	f.BoolVar(&asJSON, "json", false, "print JSON; without --yes the plan alone")
	f.StringVar(&q.Restates, "restates", "", "the certified run whose figures this one releases again")
	f.StringVar(&q.Appeal, "appeal", "", "the upheld appeal that it follows")
	f.StringVar(&q.Reason, "reason", "", "why figures are restated")
	required(c, "purpose", "agreement")
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

func showCommand(dir *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "show", Short: "Say what the log amounts to, what is open until when, and what waits for this member", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return asked(*dir, func(a *admin.Client) error {
				s, err := a.State(c.Context())
				if err != nil {
					return err
				}
				d, err := a.Docket(c.Context())
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(shown{s, d})
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
				printDocket(out, d)
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
				out, enc := &lines{w: c.OutOrStdout()}, json.NewEncoder(c.OutOrStdout())
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
							out.print("%6d  %-16s %-18s %.16s  %s", e.Index, e.Author, e.Kind, e.Hash, e.Text)
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
