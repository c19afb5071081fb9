package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/governance/audit"
)

// anchors are the flags with which an auditor says which ledger is meant.
type anchors struct {
	genesis, policy string
	partial, json   bool
}

func (a *anchors) flags(c *cobra.Command, partial bool) {
	f := c.Flags()
	f.StringVar(&a.genesis, "genesis", "", "SHA-256 that the genesis must have: the one on a member's invitation, or in an earlier bundle")
	f.StringVar(&a.policy, "policy", "", "file with the trust policy that signatures must satisfy (c2sp.org/tlog-policy)")
	f.BoolVar(&a.json, "json", false, "print JSON")
	if partial {
		f.BoolVar(&a.partial, "partial", false, "accept a bundle without the tables that its maker did not receive")
	}
}

func (a *anchors) options(c *cobra.Command) (audit.Options, error) {
	o := audit.Options{Genesis: a.genesis, Partial: a.partial}
	if b, err := hex.DecodeString(a.genesis); a.genesis != "" && (err != nil || len(b) != 32 || strings.ToLower(a.genesis) != a.genesis) {
		return o, usageError{c, fmt.Errorf("--genesis %q is not 64 lower-case hexadecimal digits", a.genesis)}
	}
	if a.policy == "" {
		return o, nil
	}
	b, err := os.ReadFile(a.policy)
	if err != nil {
		return o, err
	}
	if o.Policy, err = audit.ParsePolicy(b); err != nil {
		return o, inputError{fmt.Errorf("%s: %w", a.policy, err)}
	}
	return o, nil
}

// open opens a bundle. A bundle that is not in its form is a finding and not an error of input.
func open(path string) (b *audit.Bundle, found *audit.Finding, file io.Closer, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, nil, err
	}
	st, err := f.Stat()
	if err == nil && !st.Mode().IsRegular() {
		err = inputError{fmt.Errorf("%s is not a file; give the evidence bundle, a zip", path)}
	}
	if err == nil {
		b, err = audit.Open(f, st.Size())
	}
	if x, ok := errors.AsType[*audit.Finding](err); ok {
		return nil, x, f, nil
	}
	if err != nil {
		return nil, nil, nil, errors.Join(err, f.Close())
	}
	return b, nil, f, nil
}

// result verifies the bundle at path.
func result(path string, o audit.Options) (*audit.Result, error) {
	b, found, file, err := open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if found != nil {
		return &audit.Result{Findings: []audit.Finding{*found}}, nil
	}
	return audit.Verify(b, o)
}

func verifyCommand() *cobra.Command {
	var a anchors
	c := &cobra.Command{
		Use: "verify BUNDLE", Short: "Verify an evidence bundle", Args: exactly("BUNDLE"),
		Long: `Verify an evidence bundle from its own bytes: hash the entries, check every signature and cosignature, apply every rule again from the
genesis, and hold every certificate and every released cell against what was authorised.

A bundle vouches for itself only. --genesis or --policy ties it to the ledger that you mean; without them, compare the genesis
that is printed with the one on a member's invitation.

Exit codes: 0 verified, 2 usage, 3 not verified, 4 a file cannot be read.`,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := a.options(c)
			if err != nil {
				return err
			}
			r, err := result(args[0], o)
			if err != nil {
				return err
			}
			if a.json {
				short := *r
				if r.Report != nil { // the whole of it is show's
					summary := *r.Report
					summary.Entries = nil
					summary.Runs = nil
					for _, run := range r.Runs {
						run.Table = nil
						summary.Runs = append(summary.Runs, run)
					}
					short.Report = &summary
				}
				return verdict(r.Verified, printJSON(c.OutOrStdout(), short))
			}
			return verdict(r.Verified, printResult(c.OutOrStdout(), r, o))
		},
	}
	a.flags(c, true)
	return c
}

func releaseCommand() *cobra.Command {
	var a anchors
	var bundle string
	c := &cobra.Command{
		Use: "release TABLE CERTIFICATE", Short: "Verify one release table with its certificate", Args: exactly("TABLE", "CERTIFICATE"),
		Long: `Verify one release table (table.json, or a release.csv as it was written) with its certificate.json: the table is the one that every recipient
signed, and the certificate is in the log.

With --bundle everything is checked that verify checks in a release. With --policy alone the certificate is held against the keys of the policy; what
only the whole log shows is listed as not checked. Without either, evidence.zip beside the certificate is used.

Exit codes: 0 verified, 2 usage, 3 not verified, 4 a file cannot be read.`,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := a.options(c)
			if err != nil {
				return err
			}
			table, certificate, unsigned, err := readRelease(args[0], args[1])
			if err != nil {
				return err
			}
			beside := filepath.Join(filepath.Dir(args[1]), "evidence.zip")
			if _, err := os.Stat(beside); bundle == "" && o.Policy == nil && err == nil {
				bundle = beside
			}
			var r *audit.Release
			switch {
			case bundle != "":
				b, found, file, err := open(bundle)
				if err != nil {
					return err
				}
				defer file.Close()
				if found != nil {
					r = &audit.Release{Findings: []audit.Finding{*found}}
				} else if r, err = audit.CheckRelease(table, certificate, b, o); err != nil {
					return err
				}
			case o.Policy != nil && o.Genesis == "":
				r = audit.CheckReleaseOffline(table, certificate, o.Policy)
			default:
				return usageError{c, errors.New("give --bundle BUNDLE or --policy FILE: a table and its certificate carry no keys that could be trusted")}
			}
			r.Unchecked = append(r.Unchecked, unsigned...)
			if a.json {
				return verdict(r.Verified, printJSON(c.OutOrStdout(), r))
			}
			return verdict(r.Verified, printRelease(c.OutOrStdout(), r, bundle))
		},
	}
	c.Flags().StringVar(&bundle, "bundle", "", "evidence bundle of the log that the certificate is in")
	a.flags(c, false)
	return c
}

// maxInput bounds a table or a certificate, which are read whole.
const maxInput = 64 << 20

func readRelease(tablePath, certificatePath string) (table, certificate []byte, unsigned []string, err error) {
	for _, f := range []struct {
		path string
		to   *[]byte
	}{{tablePath, &table}, {certificatePath, &certificate}} {
		st, err := os.Stat(f.path)
		if err != nil {
			return nil, nil, nil, err
		}
		if !st.Mode().IsRegular() || st.Size() > maxInput {
			return nil, nil, nil, inputError{fmt.Errorf("%s is not a file of at most %d bytes", f.path, maxInput)}
		}
		if *f.to, err = os.ReadFile(f.path); err != nil {
			return nil, nil, nil, err
		}
	}
	if strings.HasSuffix(tablePath, ".csv") {
		if table, err = audit.TableFromCSV(table, certificate); err != nil {
			return nil, nil, nil, inputError{fmt.Errorf("%s: %w", tablePath, err)}
		}
		unsigned = []string{"benchmarks and percentile bands of practices in the CSV (computed from the released values, not signed)"}
	}
	return table, certificate, unsigned, nil
}

func diffCommand() *cobra.Command {
	var a anchors
	c := &cobra.Command{
		Use: "diff OLD NEW", Short: "Show what a later bundle adds, and prove that it continues the earlier one", Args: exactly("OLD", "NEW"),
		Long: `Verify two evidence bundles, prove that the log of NEW begins with the whole log of OLD (a consistency proof of RFC 6962 between the two
signed checkpoints), and show what was added.

Exit codes: 0 verified and continued, 2 usage, 3 not verified, or NEW tells another history, 4 a file cannot be read.`,
		RunE: func(c *cobra.Command, args []string) error {
			o, err := a.options(c)
			if err != nil {
				return err
			}
			var sides [2]*audit.Bundle
			d := &audit.Difference{}
			for i, path := range args {
				b, found, file, err := open(path)
				if err != nil {
					return err
				}
				defer file.Close()
				if found != nil {
					found.Where = strings.TrimSuffix(path+": "+found.Where, ": ")
					d.Findings = append(d.Findings, *found)
				}
				sides[i] = b
			}
			if d.Findings == nil {
				if d, err = audit.Diff(sides[0], sides[1], o); err != nil {
					return err
				}
			}
			if a.json {
				return verdict(d.Verified, printJSON(c.OutOrStdout(), d))
			}
			return verdict(d.Verified, printDifference(c.OutOrStdout(), d))
		},
	}
	a.flags(c, true)
	return c
}

func verdict(verified bool, err error) error {
	if err == nil && !verified {
		return errNotVerified
	}
	return err
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
