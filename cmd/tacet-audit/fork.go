package main

import (
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/governance/audit"
)

func forkCommand() *cobra.Command {
	var a anchors
	var bundle string
	c := &cobra.Command{
		Use: "fork PROOF", Short: "Verify the proof of a fork that a member's alarm names", Args: exactly("PROOF"),
		Long: `Verify a fork-N.json of a member's ledger folder: that the other history is signed by whom it says, and that this side's is the beginning of a log that the
convener signed. A proof that was made before its member had such a checkpoint, or that is about members that joined later, needs the
other side from an evidence bundle: --bundle.

Exit codes: 0 the fork is proven, 2 usage, 3 it is not, 4 a file cannot be read.`,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := a.options(c)
			if err != nil {
				return err
			}
			x, err := fork(args[0], bundle, o)
			if err != nil {
				return err
			}
			w := c.OutOrStdout()
			if a.json {
				return verdict(x.Proven, printJSON(w, x))
			}
			return verdict(x.Proven, printFork(w, x))
		},
	}
	c.Flags().StringVar(&bundle, "bundle", "", "evidence bundle of the same ledger, for this side of the fork")
	a.flags(c, true)
	return c
}

func fork(path, bundle string, o audit.Options) (*audit.Fork, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	proof, err := io.ReadAll(io.LimitReader(f, audit.MaxForkProof+1))
	if err != nil || bundle == "" {
		if err != nil {
			return nil, err
		}
		return audit.CheckFork(proof, nil, o)
	}
	b, found, file, err := open(bundle)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if found != nil {
		return &audit.Fork{Findings: []audit.Finding{*found}}, nil
	}
	return audit.CheckFork(proof, b, o)
}

func printFork(w io.Writer, x *audit.Fork) error {
	p := &page{w: w}
	if x.Proven {
		p.line("FORK PROVEN: %s", x.Text)
	} else {
		p.line("NOT PROVEN")
		for _, f := range x.Findings {
			p.line("  %s", f.Error())
		}
	}
	if x.Ledger != "" {
		p.line("ledger   %s\ngenesis  %s\nsize     %d", x.Ledger, x.Genesis, x.Size)
	}
	if len(x.Signers) > 0 {
		p.line("signed   %s", strings.Join(x.Signers, ", "))
	}
	if x.Ours != "" {
		p.line("ours     %s\ntheirs   %s", x.Ours, x.Theirs)
	}
	return p.err
}
