package testnet

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/node/vault"
	"github.com/tacet-health/tacet/testnet/oracle"
	"github.com/tacet-health/tacet/testnet/output"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// Export writes what a network started by hand needs to try itself out into the new folder o.Out: one sub-folder of canonical CSV files a payer
// (payer-1, payer-2, …) of the synthetic population, roster.csv, and oracle.csv with what must come out.
func Export(o Options) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Out == "" {
		return usage("--out is missing: a new folder for the data")
	}
	if _, err := choose(o.Measures, libraryMeasures(), "built-in population"); err != nil {
		return err
	}
	opt := o.Synthetic
	opt.Payers, opt.Period, opt.Stays = o.Payers, o.Period, opt.Stays || stays(o.Measures)
	if err := opt.Validate(); err != nil {
		return usage("%v", err)
	}
	if err := o.prepareOut(); err != nil {
		return err
	}
	made, err := synthetic.Generate(o.Out, opt)
	if err != nil {
		return err
	}
	src, err := o.openFolders(made.Folders, made.Options.Period)
	if err != nil {
		return err
	}
	profiles, err := o.profiles()
	if err != nil {
		return err
	}
	expected, practices, err := o.expect(src, profiles)
	if err != nil {
		return err
	}
	if err := writeRoster(filepath.Join(o.Out, "roster.csv"), src.measures, practices, o.regions(practices)); err != nil {
		return err
	}
	if err := output.WriteOracle(filepath.Join(o.Out, "oracle.csv"), o.payerNames(), expected); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.Stdout, "%s: %d people in %d payers' folders, period %d, measures %s; roster.csv; oracle.csv says what must come out\n",
		o.Out, made.Options.People, o.Payers, made.Options.Period, strings.Join(ids(src.measures), ", "))
	return err
}

// writeRoster writes a roster file: the practices of each measure's grain, in the measures' order.
func writeRoster(path string, specs []*measures.Spec, practices map[string][]string, regions map[string]string) error {
	var b strings.Builder
	w := csv.NewWriter(&b)
	records := [][]string{{"grain", "practice_id"}}
	if regions != nil {
		records[0] = append(records[0], "region")
	}
	seen := map[string]bool{}
	for _, s := range specs {
		if seen[s.Grain] {
			continue
		}
		seen[s.Grain] = true
		for _, p := range practices[s.Grain] {
			record := []string{s.Grain, p}
			if regions != nil {
				record = append(record, regions[p])
			}
			records = append(records, record)
		}
	}
	if err := w.WriteAll(records); err != nil {
		return fmt.Errorf("write roster: %w", err)
	}
	return vault.Write(path, []byte(b.String()))
}

// Check compares a release.csv, of a network started by hand, with the oracle.csv that Export wrote, and returns how many cells were released. Cells that differ
// are an ErrDiffers. measures, when given, are those that the run had.
func Check(release, expected string, measures []string) (released, cells int, err error) {
	got, err := output.ReadCells(release)
	if err != nil {
		return 0, 0, err
	}
	want, err := output.ReadExpected(expected)
	if err != nil {
		return 0, 0, err
	}
	cell := func(r oracle.Row) string { return r.Practice + " " + r.Measure + " " + r.Stratum }
	all := map[string]oracle.Row{}
	for _, r := range want {
		if len(measures) > 0 && !slices.Contains(measures, r.Measure) {
			continue
		}
		all[cell(r)] = r
	}
	var differing []string
	for _, r := range got {
		if r.Status == oracle.Released {
			released++
		}
		w, ok := all[cell(r)]
		delete(all, cell(r))
		if !ok || w != r {
			differing = append(differing, cell(r))
		}
	}
	for k := range all {
		differing = append(differing, k+" is missing")
	}
	if len(differing) > 0 {
		return released, len(got), fmt.Errorf("%w in %d cells:\n  %s", ErrDiffers, len(differing), strings.Join(differing, "\n  "))
	}
	return released, len(got), nil
}
