package synpuf

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/tacet-health/tacet/node/intake"
	"github.com/tacet-health/tacet/node/store"
)

// LoadFolder puts the one sample of a folder, every year of it, into a payer's store: `tacet node load --format synpuf`. Each file is loaded whole or not
// at all, in one transaction also where it goes into two tables, and the same content once. A bad row is a [*store.FileError].
func LoadFolder(ctx context.Context, s *store.Store, _ intake.Options, paths ...string) (intake.Report, error) {
	report := intake.Report{Loaded: map[string]int64{}, Skipped: map[string]int64{}}
	refuse := func(reason string) error {
		return &store.FileError{Problems: []store.Problem{{File: paths[0], Reason: reason}}}
	}
	if len(paths) != 1 {
		return report, errors.New("name one folder, that of a DE-SynPUF sample")
	}
	entries, err := os.ReadDir(paths[0])
	if err != nil {
		return report, refuse("is no folder that can be read: name the folder that holds the sample's b_YEAR_N.csv and ip_N.csv files (.gz allowed)")
	}
	names, numbers, periods := map[string]bool{}, map[int]bool{}, map[int]bool{}
	for _, e := range entries {
		if m := fileName.FindStringSubmatch(e.Name()); m != nil && !e.IsDir() {
			names[e.Name()] = true
			n, _ := strconv.Atoi(m[2]) // at most six digits
			numbers[n] = true
			if y, err := strconv.Atoi(m[1]); err == nil {
				periods[y] = true
			}
		}
	}
	switch {
	case len(periods) == 0:
		return report, refuse("holds no DE-SynPUF beneficiary file (b_YEAR_N.csv, .gz allowed)")
	case len(numbers) > 1:
		return report, refuse(fmt.Sprintf("holds samples %v, and one payer is one sample: give each a folder of its own", ascending(numbers)))
	}
	report.Already = true
	sample := Sample{Number: ascending(numbers)[0]}
	if sample.Inpatient, err = choose(paths[0], fmt.Sprintf("ip_%d.csv", sample.Number), names); err == nil {
		err = sample.unit(ctx, s, &report, sample.Inpatient, []store.Layout{{Table: "medical_claim", Columns: claimTarget()}}, func(u *store.Unit) error {
			return each(ctx, u, &report, "medical_claim", sample.claimRows())
		})
	}
	for _, year := range ascending(periods) {
		if err != nil {
			break
		}
		sample.Period = year
		if sample.Beneficiary, err = choose(paths[0], fmt.Sprintf("b_%d_%d.csv", year, sample.Number), names); err != nil {
			break
		}
		err = sample.unit(ctx, s, &report, sample.Beneficiary, []store.Layout{{Table: "annual_summary", Columns: summaryTarget()}, {Table: "eligibility", Columns: eligibilityTarget}}, func(u *store.Unit) error {
			if err := each(ctx, u, &report, "annual_summary", sample.summaryRows()); err != nil {
				return err
			}
			read := report.Read
			defer func() { report.Read = read }() // the same rows again
			return each(ctx, u, &report, "eligibility", sample.eligibilityRows())
		})
	}
	if in, ok := errors.AsType[*InputError](err); ok {
		err = &store.FileError{Problems: []store.Problem{{File: in.File, Line: in.Line, Name: in.Column, Reason: in.Reason}}}
	}
	return report, err
}

// unit loads one file into its tables, all or nothing.
func (s Sample) unit(ctx context.Context, st *store.Store, report *intake.Report, path string, layouts []store.Layout, fill func(*store.Unit) error) error {
	from, err := source(path)
	if err != nil {
		return err
	}
	rows, already, err := st.LoadUnit(ctx, "synpuf", []store.Source{from}, layouts, fill)
	if twice, ok := errors.AsType[*store.DuplicateError](err); ok {
		return &InputError{File: path, Reason: "repeats a key of another row of " + twice.Table}
	}
	if err != nil {
		return err
	}
	report.Files = append(report.Files, filepath.Clean(path))
	report.Already = report.Already && already
	for table, n := range rows {
		report.Loaded[table] += n
	}
	return nil
}

func each(ctx context.Context, u *store.Unit, report *intake.Report, table string, rows func(func([]any, error) bool)) error {
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			report.Read++
			err = u.Add(table, row)
		}
		if err != nil {
			return fmt.Errorf("load into %s: %w", table, err)
		}
	}
	return nil
}
