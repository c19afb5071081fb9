package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
)

// act is what the commands that write to the log have in common: the entry is drafted by the running member, shown as text and as a difference to what is in force,
// and signed when the person agrees.
type act struct {
	dir       *string
	yes, json bool
	file      string
	options   map[string]*string
}

// maxDocument is the longest file that belongs to an entry; an entry has at most a mebibyte.
const maxDocument = 4 << 20

// actCommand is a command that makes one entry. file says what the --file flag is for; empty: there is none.
func actCommand(dir *string, use, short, verb, file string, options map[string]string) *cobra.Command {
	x := &act{dir: dir, options: map[string]*string{}}
	words := strings.Fields(use)
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			want := words[1:]
			last := len(want) > 0 && strings.HasSuffix(want[len(want)-1], "…")
			if len(args) < len(want) || len(args) > len(want) && !last {
				return usageError{c, fmt.Errorf("%d arguments, want: %s", len(args), strings.Join(want, " "))}
			}
			a := admin.Act{Verb: verb, Args: args, Options: map[string]string{}}
			if subject, ok := strings.CutPrefix(verb, "propose "); ok {
				a.Verb, a.Args = "propose", append([]string{subject}, args...)
			}
			if n := len(a.Args) - 1; file != "" && words[len(words)-1] == "FILE" {
				content, err := readDocument(a.Args[n])
				if err != nil {
					return err
				}
				a.Args, a.Content = a.Args[:n], content
			}
			for name, v := range x.options {
				if *v != "" {
					a.Options[name] = *v
				}
			}
			return asked(*dir, func(cl *admin.Client) error { return x.perform(c, cl, a, "") })
		},
	}
	x.flags(c)
	for name, text := range options {
		x.options[name] = c.Flags().String(name, "", text)
	}
	return c
}

func (x *act) flags(c *cobra.Command) {
	c.Flags().BoolVar(&x.yes, "yes", false, "sign without asking; for scripts")
	c.Flags().BoolVar(&x.json, "json", false, "print JSON; nothing is asked, and nothing is signed without --yes")
}

func readDocument(path string) ([]byte, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() || st.Size() > maxDocument {
		return nil, fmt.Errorf("%s is not a file of at most %d bytes", path, maxDocument)
	}
	return os.ReadFile(path)
}

// perform drafts, shows, asks, signs.
func (x *act) perform(c *cobra.Command, cl *admin.Client, a admin.Act, what string) error {
	d, err := draft(c.Context(), cl, a)
	if err != nil {
		return err
	}
	if !x.json {
		if err := showDraft(c.OutOrStdout(), d); err != nil {
			return err
		}
	}
	if !x.yes {
		if x.json {
			return json.NewEncoder(c.OutOrStdout()).Encode(d)
		}
		if err := agree(c, d.Author); err != nil {
			return err
		}
	}
	// A refusal that the draft foresees may be over by now: the member's own copy of the log may be behind.
	i, err := cl.Propose(c.Context(), d.Kind, d.Body)
	if err != nil {
		return err
	}
	if x.json {
		return json.NewEncoder(c.OutOrStdout()).Encode(struct {
			Index uint64 `json:"index"`
			admin.Draft
		}{i, d})
	}
	if what == "" {
		what = d.Kind
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "entry %d: %s\n", i, what)
	return err
}

// draft asks for a draft, and again for a while when the matter has not come to this member yet.
func draft(ctx context.Context, cl *admin.Client, a admin.Act) (admin.Draft, error) {
	end := time.Now().Add(patience)
	for {
		d, err := cl.Draft(ctx, a)
		p, ok := errors.AsType[*admin.Problem](err)
		if !ok || !strings.HasPrefix(p.Code, "unknown_") || time.Now().After(end) {
			return d, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return d, ctx.Err()
		}
	}
}

// showDraft prints what would be signed.
func showDraft(w io.Writer, d admin.Draft) error {
	out := &lines{w: w}
	out.print("%s signs %s:", d.Author, d.Kind)
	for line := range strings.Lines(d.Text) {
		out.print("  %s", strings.TrimSuffix(line, "\n"))
	}
	if d.Diff != "" {
		out.print("against what is in force:")
		for line := range strings.Lines(d.Diff) {
			out.print("  %s", strings.TrimSuffix(line, "\n"))
		}
	}
	if d.Refusal != nil {
		out.print("the rules would refuse it now: %s", d.Refusal.Text)
	}
	return out.err()
}

// errNotSigned says that the person did not agree.
var errNotSigned = errors.New("not signed, nothing was written; --yes signs without asking")

// agree asks whether to sign.
func agree(c *cobra.Command, author string) error {
	if _, err := fmt.Fprintf(c.OutOrStdout(), "Sign as %s? Type yes: ", author); err != nil {
		return err
	}
	line, err := bufio.NewReader(io.LimitReader(c.InOrStdin(), 100)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(strings.ToLower(line)) != "yes" {
		return errNotSigned
	}
	return nil
}

// proposeMeasureCommand proposes a measure, or its form by strata.
func proposeMeasureCommand(dir *string) *cobra.Command {
	var kind string
	c := proposeCommand(dir, "measure ID|FOLDER|FILE", "Put a measure to the vote: of the library, a folder with measure.yaml, or canonical JSON", func(arg string) (node.Proposal, error) {
		if kind != "" {
			return node.ProposeStratified(arg, kind)
		}
		return node.ProposeMeasure(arg)
	})
	c.Flags().StringVar(&kind, "strata", "", "the measure by dual, deprivation, race, ethnicity or language: a definition of its own, ID-by-KIND")
	return c
}

// proposeCommand proposes what the command line reads itself: a measure, a profile, a roster.
func proposeCommand(dir *string, use, short string, read func(string) (node.Proposal, error)) *cobra.Command {
	x := &act{dir: dir}
	c := &cobra.Command{
		Use: use, Short: short, Args: exactly(1, strings.SplitN(use, " ", 2)[1]),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := read(args[0])
			if err != nil {
				return err
			}
			for _, line := range p.Advice {
				if _, err := fmt.Fprintln(c.ErrOrStderr(), "look at "+line); err != nil {
					return err
				}
			}
			var body strings.Builder
			e := json.NewEncoder(&body)
			e.SetEscapeHTML(false)
			if err := e.Encode(p.Body); err != nil {
				return err
			}
			a := admin.Act{Verb: "entry", Args: []string{p.Kind}, Content: []byte(strings.TrimSuffix(body.String(), "\n"))}
			return asked(*dir, func(cl *admin.Client) error { return x.perform(c, cl, a, p.What) })
		},
	}
	x.flags(c)
	return c
}
