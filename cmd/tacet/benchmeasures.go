package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/testnet/measurebench"
)

func benchMeasuresCommand() *cobra.Command {
	var o measurebench.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "measures",
		Short: "Measure loading and all measures of the library on generated claims",
		Long: `Make Parquet files of members and claim lines, load them as tacet node load does, run every measure of the library, and print the time of each
and the largest memory. Three measures are run beside queries written by hand for DuckDB alone, which must give the same rows. With --dsn and
--reader the same data is filled into a PostgreSQL and measured there too, and must give the same rows.

Needs about 130 bytes of disk a claim line while it runs; all of it is removed in the end.

Exit codes: 0 done; 1 loading takes more than 10 min, all measures more than 5 min (for 50,000,000 lines; in proportion for fewer, at least 60 s and
30 s), memory is above 8 GiB, a measure takes more than 1.3 times its hand-written query, is about nobody, or two engines differ; 2 usage.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if o.Members < 1000 || o.Members > 20_000_000 || o.Lines < 10*o.Members || o.Lines > 2_000_000_000 || o.MemoryMB < 256 || o.Threads < 1 {
				return usageError{c, errors.New("1,000 to 20,000,000 members, 10 lines a member at least, 256 MB of memory, one thread")}
			}
			if (o.DSN == "") != (o.Reader == "") {
				return usageError{c, errors.New("--dsn and --reader go together")}
			}
			if !asJSON {
				o.Say = func(format string, a ...any) { fmt.Fprintf(c.OutOrStdout(), format+"\n", a...) }
			}
			f, err := measurebench.Run(c.Context(), o)
			if asJSON {
				if jerr := json.NewEncoder(c.OutOrStdout()).Encode(f); jerr != nil {
					return jerr
				}
			}
			return err
		},
	}
	f := c.Flags()
	f.IntVar(&o.Members, "members", 1_000_000, "members")
	f.IntVar(&o.Lines, "lines", 50_000_000, "claim lines, medical and pharmacy together")
	f.Uint64Var(&o.Seed, "seed", 1, "seed of the data")
	f.IntVar(&o.MemoryMB, "memory-mb", 6144, "memory of the database, in MB; what does not fit spills")
	f.IntVar(&o.Threads, "threads", 2, "threads of the database")
	f.StringVar(&o.DSN, "dsn", "", "a PostgreSQL to run beside, as a role that may make tables; the schema (search_path) must have none yet")
	f.StringVar(&o.Reader, "reader", "", "the same PostgreSQL as the role that runs the measures, which may only read what the other makes")
	f.StringVar(&o.Dir, "dir", "", "folder for the data while it is needed (default: that for temporary files)")
	f.BoolVar(&asJSON, "json", false, "print the figures as JSON on one line")
	return c
}
