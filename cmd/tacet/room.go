package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// roomCommand is `tacet node room`: a member's part in silent rooms.
func roomCommand(dir *string) *cobra.Command {
	c := &cobra.Command{
		Use: "room", Short: "Silent rooms: say something that nobody can attribute, and read what was said", Args: cobra.ArbitraryArgs, RunE: group,
		Long: `A silent room sits at fixed times. Everybody present takes part in every sitting, in the same bytes at the same times, whether there is something to say or
not; what comes out is signed by all of them and stands in the log without authors. Nobody learns who said it, not the convener with all members but two.
Purchasers, regulators, counsel, auditors and the convener have no place in a room.`,
	}
	c.AddCommand(openRoomCommand(dir), sayCommand(dir), readRoomCommand(dir),
		actCommand(dir, "close ROOM REASON", "Close a room before its last sitting (the convener or the chair)", "room-close", "", nil))
	return c
}

func openRoomCommand(dir *string) *cobra.Command {
	var members, topic, first string
	var every time.Duration
	var least, sittings, maxText int64
	x := &act{dir: dir}
	c := &cobra.Command{
		Use: "open ROOM", Short: "Open a room (the convener or the chair): its topic, its members, and when it sits", Args: exactly(1, "the room's name"),
		RunE: func(c *cobra.Command, args []string) error {
			at := time.Now().Add(time.Minute)
			if first != "" {
				t, err := time.Parse(time.RFC3339, first)
				if err != nil {
					return usageError{c, fmt.Errorf("--first %q is not a time like 2026-01-31T15:00:00Z", first)}
				}
				at = t
			}
			who := list(members)
			slices.Sort(who)
			if least == 0 {
				least = int64(len(who))
			}
			content, err := json.Marshal(map[string]any{
				"room": args[0], "topic": topic, "members": who, "least": least, "max_text": maxText, "first": at.Unix(), "every": int64(every / time.Second), "sittings": sittings,
			})
			if err != nil {
				return err
			}
			return asked(*dir, func(cl *admin.Client) error {
				return x.perform(c, cl, admin.Act{Verb: "room-open", Content: content, Options: map[string]string{}}, "room "+args[0]+" is open")
			})
		},
	}
	x.flags(c)
	f := c.Flags()
	f.StringVar(&members, "members", "", "who has a place: payers, providers, experts, comma-separated")
	f.StringVar(&topic, "topic", "", "what the room is about")
	f.StringVar(&first, "first", "", "time of the first sitting, RFC 3339 (default: in a minute)")
	f.DurationVar(&every, "every", 24*time.Hour, "from one sitting to the next")
	f.Int64Var(&sittings, "sittings", 10, "number of sittings: a member can say one thing in each")
	f.Int64Var(&least, "least", 0, "how many must be present (default: all)")
	f.Int64Var(&maxText, "max-text", 400, "bytes of a statement; all are padded to it; a multiple of 4")
	return c
}

func sayCommand(dir *string) *cobra.Command {
	var anyway, withdraw bool
	c := &cobra.Command{
		Use: "say ROOM TEXT", Short: "Say something in the next sitting, so that nobody can tell who did", Args: cobra.ArbitraryArgs,
		Long: `Keep a statement, sealed, in the member's own directory for the next sitting. A statement that holds a price, an amount or the name of a plan or member is
refused here and never sent; there is no way around it. One with a percentage needs --anyway.

What you say can give you away by itself: how it is said, what only you can know.`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) < 1 || withdraw != (len(args) == 1) {
				return usageError{c, errors.New("want: ROOM TEXT, or ROOM with --withdraw")}
			}
			return asked(*dir, func(cl *admin.Client) error {
				s, err := cl.Say(c.Context(), admin.Words{Room: args[0], Text: strings.Join(args[1:], " "), Anyway: anyway, Withdraw: withdraw})
				if err != nil {
					return err
				}
				out := &lines{w: c.OutOrStdout()}
				if withdraw {
					out.print("nothing waits in room %s any more", args[0])
					return out.err()
				}
				if s.Due {
					out.print("kept; a sitting is due since %s: it is said in it or in the one after, when at least %d are present", clock(s.Next), s.Least)
				} else {
					out.print("kept; it is said in the sitting at %s, if at least %d are present", clock(s.Next), s.Least)
				}
				out.print("nobody will know who of these said it: %s", strings.Join(s.Members, ", "))
				return out.err()
			})
		},
	}
	c.Flags().BoolVar(&anyway, "anyway", false, "also with a percentage: it is one of a quality measure")
	c.Flags().BoolVar(&withdraw, "withdraw", false, "take back what waits")
	return c
}

func clock(t int64) string { return time.Unix(t, 0).UTC().Format("2006-01-02 15:04:05 UTC") }

func readRoomCommand(dir *string) *cobra.Command {
	var asJSON bool
	var page string
	c := &cobra.Command{
		Use: "read [ROOM]", Short: "What was said in rooms, who was present, when they sit next, and how far an own statement is", Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(cl *admin.Client) error {
				all, err := cl.Rooms(c.Context())
				if err != nil {
					return err
				}
				if len(args) == 1 {
					if all = named(all, args[0]); len(all) == 0 {
						return fmt.Errorf("no room %.64q is on record; `tacet node room read` shows all there are", args[0])
					}
				}
				switch {
				case page != "":
					var b bytes.Buffer
					if err := admin.RoomPage(&b, all); err != nil {
						return err
					}
					return node.WritePrivate(page, b.Bytes())
				case asJSON:
					return json.NewEncoder(c.OutOrStdout()).Encode(all)
				}
				return printRooms(&lines{w: c.OutOrStdout()}, all)
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&page, "page", "", "write a page for a browser to this file; it loads nothing")
	return c
}

func named(all []admin.Room, name string) []admin.Room {
	for _, r := range all {
		if r.Room == name {
			return []admin.Room{r}
		}
	}
	return nil
}

func printRooms(out *lines, all []admin.Room) error {
	if len(all) == 0 {
		out.print("no room was opened")
	}
	for _, r := range all {
		out.print("room %s: %s", r.Room, r.Topic)
		out.print("  members: %s; at least %d must be present", strings.Join(r.Members, ", "), r.Least)
		switch {
		case r.Open && r.Due:
			out.print("  sitting due since %s: it is held as soon as %d are connected (%d of %d are on record)", clock(r.Next), r.Least, r.Sat, r.Sittings)
		case r.Open:
			out.print("  next sitting: %s (%d of %d are on record)", clock(r.Next), r.Sat, r.Sittings)
		case r.Reason != "":
			out.print("  closed: %s", r.Reason)
		default:
			out.print("  over: all sittings are on record")
		}
		for _, s := range r.Said {
			out.print("  sitting %d, entry %d; one of these said it: %s", s.Number, s.Entry, strings.Join(s.Present, ", "))
			for _, t := range s.Statements {
				out.print("    “%s”", t)
			}
			if len(s.Statements) == 0 {
				out.print("    nothing was said")
			}
			if s.Withheld > 0 {
				out.print("    (%d withheld)", s.Withheld)
			}
		}
		if text := admin.OwnStatement(r); text != "" {
			out.print("  this member's own, which nobody else can see: %s", text)
		}
	}
	return out.err()
}

// ballotCommand and countCommand are the two ends of a sealed vote.
func ballotCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use: "ballot MATTER yes|no|abstain", Short: "Give this member's sealed ballot: it is counted with all others, and nobody learns what it says", Args: exactly(2, "a motion or a measure, and yes, no or abstain"),
		Long: `Keep a ballot, sealed, in the member's own directory until the convener has the votes counted; it can be changed until then. A member that is present and has
given none abstains. Who took part is public, and how many said what.`,
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(cl *admin.Client) error {
				if err := cl.Ballot(c.Context(), admin.Ballot{Matter: args[0], Choice: args[1]}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(c.OutOrStdout(), "kept until the votes on %s are counted\n", args[0])
				return err
			})
		},
	}
}

func countCommand(dir *string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "count MATTER", Short: "Have the sealed ballots of everybody present counted (the convener)", Args: exactly(1, "a motion or a measure"),
		RunE: func(c *cobra.Command, args []string) error {
			return asked(*dir, func(cl *admin.Client) error {
				t, err := cl.Count(c.Context(), args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return json.NewEncoder(c.OutOrStdout()).Encode(t)
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "entry %d: %d yes, %d no, %d abstain, %d invalid; took part: %s\n", t.Entry, t.Yes, t.No, t.Abstain, t.Invalid, strings.Join(t.Present, ", "))
				return err
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
