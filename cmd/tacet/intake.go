package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/intake"
)

// loadCommand is `tacet node load`.
func loadCommand(dir *string) *cobra.Command {
	var format, zone string
	var o intake.Options
	var asJSON bool
	c := &cobra.Command{
		Use: "load DIR|FILE…", Short: "Take data into the node's own store",
		Long: `Take data into the store of a node that is not running. Formats:

  canonical  CSV files named after the tables (eligibility.csv, medical_claim.2024.csv.gz, …; every column is documented in node/store), or folders of them
  tuva       the same as the Tuva project publishes it: eligibility_seed.csv, …
  fhir       FHIR R4: bundles (.json) and NDJSON (.ndjson), or folders of them; everything given is one load
  synthea    the folder of a Synthea CSV export

Each canonical or Tuva file is taken whole or not at all; what is given of another format is taken together or not at all. Content that was loaded before
changes nothing. What is refused is named with file, line and reason, and kept in rejects.csv in the data directory. Exit code 4: something is refused.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{c, errors.New("name the files or folders to load")}
			}
			if !slices.Contains(node.Formats, format) {
				return usageError{c, fmt.Errorf("unknown format %q; there are %s", format, strings.Join(node.Formats, ", "))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if o.Zone, err = time.LoadLocation(zone); err != nil {
				return usageError{c, fmt.Errorf("--zone: %w", err)}
			}
			if isTerminal(os.Stderr) {
				fmt.Fprintf(c.ErrOrStderr(), "reading %s (%s) …\n", strings.Join(args, ", "), format)
			}
			report, err := node.LoadFormat(c.Context(), *dir, format, o, args...)
			if asJSON {
				return errors.Join(err, json.NewEncoder(c.OutOrStdout()).Encode(report))
			}
			return errors.Join(err, printLoad(c, report))
		},
	}
	f := c.Flags()
	f.StringVar(&format, "format", "canonical", "format of the data: "+strings.Join(node.Formats, ", "))
	f.StringVar(&zone, "zone", "UTC", "time zone of the tables, such as America/Chicago: instants of FHIR and Synthea are brought to it")
	f.BoolVar(&o.AssumeCover, "assume-cover", false, "fhir: people without a dated Coverage are covered from birth on")
	f.StringVar(&o.Namespace, "namespace", "", "fhir: put this before resource ids, for data of several servers in one store")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printLoad(c *cobra.Command, r node.LoadReport) error {
	out := &lines{w: c.OutOrStdout()}
	for _, f := range r.Files {
		switch {
		case f.Already:
			out.print("%s: loaded before, nothing changed", f.File)
		case f.Table != "":
			out.print("%s: %d rows into %s", f.File, f.Loaded, f.Table)
		}
	}
	var loaded int64
	for _, table := range slices.Sorted(maps.Keys(r.Loaded)) {
		loaded += r.Loaded[table]
		if r.Format == "fhir" || r.Format == "synthea" {
			out.print("%s: %d rows", table, r.Loaded[table])
		}
	}
	for _, what := range slices.Sorted(maps.Keys(r.Skipped)) {
		out.print("left alone: %s: %d", what, r.Skipped[what])
	}
	for _, p := range r.Rejected {
		where := p.File
		if p.Line > 0 {
			where += fmt.Sprintf(":%d", p.Line)
		}
		if p.Column > 0 {
			where += fmt.Sprintf(":%d", p.Column)
		}
		out.print("rejected: %s: %s", where, strings.TrimSpace(p.Name+" "+p.Reason))
	}
	out.print("read %d, loaded %d, rejected %d", r.Read, loaded, len(r.Rejected))
	if r.Rejects != "" {
		out.print("nothing of a refused file was loaded; the list of rejects is %s", r.Rejects)
	}
	return out.err()
}
