package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/intake"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/testnet/synpuf"
)

// formats are those of the node, and one that the test network reads too.
var formats = append(slices.Clone(node.Formats), "synpuf")

// showProgress keeps one line on a terminal: the file, rows so far, and the share of it. The function it returns ends the line.
func showProgress(w io.Writer, o *intake.Options) (done func()) {
	var last time.Time
	shown := false
	o.Progress = func(p store.Progress) {
		if now := time.Now(); now.Sub(last) > 250*time.Millisecond {
			last, shown = now, true
			name := "loading" // several files are read together
			if p.File != "" {
				name = filepath.Base(p.File)
			}
			line := fmt.Sprintf("%s: %d rows", name, p.Rows)
			if p.Size > 0 {
				line += fmt.Sprintf(", %d %%", 100*p.Read/p.Size)
			}
			fmt.Fprintf(w, "\r\x1b[K%s", line)
		}
	}
	return func() {
		if shown {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

// loadCommand is `tacet node load`.
func loadCommand(dir *string) *cobra.Command {
	var format, zone string
	var o intake.Options
	var asJSON bool
	c := &cobra.Command{
		Use: "load DIR|FILE…", Short: "Take data into the node's own store",
		Long: `Take data into the store of a node that is not running. Formats:

  canonical  CSV and Parquet files named after the tables (eligibility.csv, medical_claim.2024.csv.gz, medical_claim.0001.parquet, …; every column
             is documented in node/store, measure_result and practice_crosswalk among them), folders of them, or folders that hold a folder a table
  tuva       the same as the Tuva project publishes it: eligibility_seed.csv, …
  fhir       FHIR R4: bundles (.json) and NDJSON (.ndjson), or folders of them; everything given is one load
  synthea    the folder of a Synthea CSV export
  synpuf     a folder with the files of one sample of CMS's DE-SynPUF: b_YEAR_N.csv[.gz] of one or more years, ip_N.csv[.gz]

Each canonical, Tuva or DE-SynPUF file is taken whole or not at all; what is given of another format is taken together or not at all. Content that was loaded before
changes nothing. What is refused is named with file, line and reason, and kept in rejects.csv in the data directory. Exit code 4: something is refused.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{c, errors.New("name the files or folders to load")}
			}
			if !slices.Contains(formats, format) {
				return usageError{c, fmt.Errorf("unknown format %q; there are %s", format, strings.Join(formats, ", "))}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) (err error) {
			if o.Zone, err = time.LoadLocation(zone); err != nil {
				return usageError{c, fmt.Errorf("--zone: %w", err)}
			}
			if format == "synpuf" {
				o.Reader = synpuf.LoadFolder
			}
			if isTerminal(os.Stderr) {
				done := showProgress(c.ErrOrStderr(), &o)
				defer done()
			}
			report, err := node.LoadFormat(c.Context(), *dir, format, o, args...)
			err = fullDisk(err, *dir)
			if err != nil && len(report.Rejected) == 0 && len(report.Files) == 0 {
				return err // nothing was read
			}
			refused, ok := errors.AsType[*store.FileError](err)
			if ok { // every reason is in the report
				if err = shortly(refused); format == "canonical" && refused.Problems[0].Line <= 1 {
					err = cmp.Or(another(err, args), err)
				}
			}
			if asJSON {
				return errors.Join(err, json.NewEncoder(c.OutOrStdout()).Encode(report))
			}
			return errors.Join(err, printLoad(c, report, *dir))
		},
	}
	f := c.Flags()
	f.StringVar(&format, "format", "canonical", "format of the data: "+strings.Join(formats, ", "))
	f.StringVar(&zone, "zone", "UTC", "time zone of the tables, such as America/Chicago: instants of FHIR and Synthea are brought to it")
	f.BoolVar(&o.AssumeCover, "assume-cover", false, "fhir: people without a dated Coverage are covered from birth on")
	f.StringVar(&o.Namespace, "namespace", "", "fhir: put this before resource ids, for data of several servers in one store")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func printLoad(c *cobra.Command, r node.LoadReport, dir string) error {
	out := &lines{w: c.OutOrStdout()}
	for _, f := range r.Files {
		switch {
		case f.Refused:
			out.print("%s: refused after %d rows, nothing of it loaded", f.File, f.Read)
		case f.Already:
			out.print("%s: loaded before, nothing changed", f.File)
		case f.Table != "":
			out.print("%s: %d rows into %s", f.File, f.Loaded, f.Table)
		}
		if f.Beside > 0 {
			out.print("  beside %d rows of another %s, which stay. If this one takes its place: tacet node unload %s --dir %s, and load that table's files again",
				f.Beside, filepath.Base(f.File), f.Table, dir)
		}
	}
	var loaded int64
	for _, table := range slices.Sorted(maps.Keys(r.Loaded)) {
		loaded += r.Loaded[table]
		if r.Format == "fhir" || r.Format == "synthea" || r.Format == "synpuf" {
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
