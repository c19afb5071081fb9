package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/admin"
	"github.com/tacet-health/tacet/node/page"
	"github.com/tacet-health/tacet/testnet/deck"
)

// explainCommand is `tacet node explain`.
func explainCommand(dir *string) *cobra.Command {
	var period int
	var sets, html string
	var asJSON bool
	c := &cobra.Command{
		Use: "explain MEASURE PERSON", Short: "Say which rows put a person into a measure's populations (member data: stays here)", Args: exactly(2, "a measure and a person's id"),
		Long: `Evaluate a measure of the library for one person on the data of a node that is not running, and again without each row that the measure may have counted.
Rows marked with * decide: without that row alone the populations are others. Rows marked with w are withheld from every measure. Value sets are the node's
own (tacet node value-set). With a warehouse (dsn) the person's rows are read into a database in the data directory that ends with the command, and the
service may be running. --html writes one self-contained page instead, with mode 0600. All output is member data.`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := aYear(c, period); err != nil {
				return err
			}
			specs, err := node.LibraryMeasures(args[0])
			if err != nil {
				return usageError{c, err}
			}
			spec := specs[0]
			e, err := node.Explain(c.Context(), *dir, spec, period, args[1], filling(sets))
			if err != nil {
				return err
			}
			if html != "" {
				return writePage(c, html, func(w io.Writer) error { return page.Explain(w, spec, period, args[1], e) })
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(e)
			}
			out := &lines{w: c.OutOrStdout()}
			out.print("%s %s, %d: %s", spec.ID, spec.Version, period, populations(e.Members))
			for _, line := range page.Expected(spec, e.Members) {
				out.print("  %s", line)
			}
			for _, r := range e.Evidence {
				var cells []string
				for i, name := range r.Columns {
					cells = append(cells, name+"="+r.Values[i])
				}
				mark := " "
				if r.Decides {
					mark = "*"
				}
				if r.Withheld {
					mark = "w"
				}
				out.print("%s %s: %s", mark, r.Table, strings.Join(cells, " "))
				if len(r.Sets) > 0 {
					out.print("    in %s", strings.Join(r.Sets, ", "))
				}
				if r.Decides {
					out.print("    %s; without it: %s", page.Effect(e.Members, r), populations(r.Without))
				}
			}
			if e.More {
				out.print("there are more rows; the first %d were tried", len(e.Evidence))
			}
			return out.err()
		},
	}
	c.Flags().IntVar(&period, "period", 0, "measurement year")
	c.Flags().StringVar(&sets, "valuesets", "", "JSON file of value sets that fill the measure's slots")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&html, "html", "", "write a page to this file")
	return c
}

// filling is a file of value sets, or the node's own lists.
func filling(file string) node.Filling {
	if file == "" {
		return nil
	}
	return deck.SlotsFrom(file)
}

// writePage writes member data for its own people alone.
func writePage(c *cobra.Command, path string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if err := node.WritePrivate(path, b.Bytes()); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "written to %s: member data, open it in a browser and delete it when you are done\n", path)
	return err
}

func populations[M fmt.Stringer](members []M) string {
	if len(members) == 0 {
		return "not in the initial population, or attributed to no practice"
	}
	var parts []string
	for _, m := range members {
		parts = append(parts, m.String())
	}
	return strings.Join(parts, "; ")
}

// previewCommand is `tacet node preview`.
func previewCommand(dir *string) *cobra.Command {
	var period int
	var sets, ids, html, strata string
	var asJSON bool
	c := &cobra.Command{
		Use: "preview [MEASURE|RUN]", Short: "Say what the node would contribute, practice by practice (the payer's own counts: stay here)",
		Long: `Run measures over a payer's own data: numerator and denominator of each practice, the same of the year before, and flags for what to look at before a run.
MEASURE is one of the library. RUN is one of the log: the service answers, with the run's own definitions and year. Otherwise the node is not running, or its
data is in a warehouse (dsn). Nothing leaves the node.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && ids != "" {
				return usageError{c, errors.New("name one measure or run, or --measures")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			rows, unnamed, err := previewed(c, *dir, args, ids, period, sets, strata)
			if err != nil {
				return err
			}
			if html != "" {
				of := strings.Join(args, " ")
				if period != 0 {
					of = strings.TrimSpace(fmt.Sprintf("%s %d", of, period))
				}
				var counts []page.Counts
				for _, r := range rows {
					counts = append(counts, page.Counts{Measure: r.Measure, Practice: r.Practice, Stratum: r.Stratum, Num: r.Num, Den: r.Den, PriorNum: r.PriorNum, PriorDen: r.PriorDen, Flags: strings.Join(r.Flags, "; ")})
				}
				return writePage(c, html, func(w io.Writer) error { return page.Preview(w, of, counts) })
			}
			if asJSON {
				return json.NewEncoder(c.OutOrStdout()).Encode(rows)
			}
			out := &lines{w: c.OutOrStdout()}
			for _, r := range rows {
				out.print("%s  %s  %s  %d of %d  (year before: %d of %d)  %s", r.Measure, r.Practice, r.Stratum, r.Num, r.Den, r.PriorNum, r.PriorDen, strings.Join(r.Flags, "; "))
			}
			for _, line := range unnamed {
				out.print("%s", line)
			}
			out.print("%d rows", len(rows))
			if len(rows) == 0 {
				out.print("no practice has anybody in these measures: is the year loaded, and are members attributed to practices? tacet node check --period YEAR --dir %s says", *dir)
			}
			return out.err()
		},
	}
	c.Flags().IntVar(&period, "period", 0, "measurement year")
	c.Flags().StringVar(&ids, "measures", "", "measures, comma-separated (default: all of the library)")
	c.Flags().StringVar(&sets, "valuesets", "", "JSON file of value sets that fill the measures' slots")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	c.Flags().StringVar(&html, "html", "", "write a page to this file")
	c.Flags().StringVar(&strata, "strata", "", "by dual, deprivation, race, ethnicity or language: what is held, by the names to write in a run; race=VALUE,… says who is in none of them")
	return c
}

// previewed asks the running service about a run, or runs measures of the library itself. unnamed says who is in strata that a run, or strata, does not name.
func previewed(c *cobra.Command, dir string, args []string, ids string, period int, sets, strata string) (rows []node.Previewed, unnamed []string, err error) {
	if len(args) == 1 {
		if _, err := node.LibraryMeasures(args[0]); err != nil {
			if strata != "" {
				return nil, nil, usageError{c, errors.New("--strata is for measures of the library; a run has its own")}
			}
			err = asked(dir, func(a *admin.Client) error {
				rows, err = a.Preview(c.Context(), args[0])
				return err
			})
			if err != nil {
				return nil, nil, fmt.Errorf("%q is no measure of the library (they are %s); as a run: %w", args[0], strings.Join(library(), ", "), err)
			}
			return rows, node.CountUnnamed(rows), nil
		}
		ids = args[0]
	}
	if err := aYear(c, period); err != nil {
		return nil, nil, err
	}
	specs, err := node.LibraryMeasures(list(ids)...)
	if err != nil {
		return nil, nil, usageError{c, err}
	}
	specs, named, err := node.MeasuresBy(specs, strata)
	if err != nil {
		return nil, nil, usageError{c, fmt.Errorf("--strata: %w", err)}
	}
	rows, err = node.Preview(c.Context(), dir, specs, period, filling(sets))
	return rows, node.Unnamed(rows, named), err
}

// library names the library's measures.
func library() (ids []string) {
	all, _ := node.LibraryMeasures() // without names there is no error
	for _, s := range all {
		ids = append(ids, s.ID)
	}
	return ids
}
