package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/tacet-health/tacet/node/intake"
	"github.com/tacet-health/tacet/node/store"
)

// Formats are what LoadFormat takes.
var Formats = []string{"canonical", "fhir", "tuva", "synthea"}

// RejectsFile is the list of rejects in a payer's data directory: file, line,
// column, name and reason of everything that was ever refused. It holds no value.
const RejectsFile = "rejects.csv"

// LoadReport is how a load ended. It holds counts, names and reasons, no member data.
type LoadReport struct {
	Format   string           `json:"format"`
	Files    []LoadedFile     `json:"files"`
	Read     int64            `json:"read"`     // rows or resources
	Loaded   map[string]int64 `json:"loaded"`   // rows by table
	Skipped  map[string]int64 `json:"skipped"`  // left alone, by reason
	Rejected []Rejected       `json:"rejected"` // why a file was refused; at most twenty reasons a load
	Rejects  string           `json:"rejects,omitempty"`
	Already  bool             `json:"already"` // nothing changed: all of it was loaded before
}

// LoadedFile is one file that was taken.
type LoadedFile struct {
	File    string   `json:"file"`
	Table   string   `json:"table,omitempty"` // empty where a file goes into several
	Read    int64    `json:"read,omitempty"`
	Loaded  int64    `json:"loaded,omitempty"`
	Already bool     `json:"already,omitempty"`
	Beside  int64    `json:"beside,omitempty"`  // rows of the table from another file of this name
	Refused bool     `json:"refused,omitempty"` // nothing of it was loaded
	Ignored []string `json:"ignored,omitempty"` // columns that are not kept
}

// Rejected is one reason to refuse a file.
type Rejected struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Name   string `json:"name,omitempty"`
	Reason string `json:"reason"`
}

// LoadFormat takes data of a format into the store of a payer that is not
// running. What was refused is kept in the store's table of rejects and in
// RejectsFile, and the error is a [*store.FileError]; the report is valid with it.
func LoadFormat(ctx context.Context, dir, format string, o intake.Options, paths ...string) (report LoadReport, err error) {
	c, err := readConfig(dir)
	if err != nil {
		return report, err
	}
	if c.Role != Payer {
		return report, fmt.Errorf("%s is a %s and holds no member data", c.Name, c.Role)
	}
	report = LoadReport{Format: format, Files: []LoadedFile{}, Loaded: map[string]int64{}, Skipped: map[string]int64{}, Rejected: []Rejected{}}
	err = withStore(ctx, c, store.Options{Sources: paths, Progress: o.Progress}, func(st *store.Store) error {
		err := report.load(ctx, st, o, paths)
		refused, ok := errors.AsType[*store.FileError](err)
		if !ok {
			return err
		}
		for _, p := range refused.Problems {
			report.Rejected = append(report.Rejected, Rejected(p))
		}
		if kept := st.Reject(ctx, time.Now(), refused.Problems); kept != nil {
			return errors.Join(err, kept)
		}
		report.Rejects = filepath.Join(dir, RejectsFile)
		return errors.Join(err, writeRejects(ctx, st, report.Rejects))
	})
	return report, err
}

// Unload takes tables out of the store of a payer that is not running; without tables, everything.
func Unload(ctx context.Context, dir string, tables ...string) (rows map[string]int64, err error) {
	c, err := readPayer(dir)
	if err != nil {
		return nil, err
	}
	return rows, WithStore(ctx, c, func(st *store.Store) error {
		rows, err = st.Unload(ctx, tables...)
		return err
	})
}

func (r *LoadReport) load(ctx context.Context, st *store.Store, o intake.Options, paths []string) error {
	several := func(in intake.Report, err error) error {
		for _, f := range in.Files {
			r.Files = append(r.Files, LoadedFile{File: f, Already: in.Already})
		}
		r.Read, r.Already = in.Read, in.Already
		for k, n := range in.Loaded {
			r.Loaded[k] = n
		}
		r.skip(in.Skipped)
		return err
	}
	if o.Reader != nil {
		return several(o.Reader(ctx, st, o, paths...))
	}
	switch r.Format {
	case "canonical":
		in, err := st.Load(ctx, paths...)
		return r.tables(in, err)
	case "tuva":
		in, skipped, err := intake.Tuva(ctx, st, paths...)
		r.skip(skipped)
		return r.tables(in, err)
	case "fhir":
		return several(intake.FHIR(ctx, st, o, paths...))
	case "synthea":
		if len(paths) != 1 {
			return errors.New("name one folder, that of the Synthea CSV export")
		}
		return several(intake.Synthea(ctx, st, o, paths[0]))
	}
	return fmt.Errorf("unknown format %.40q; there are %v", r.Format, Formats)
}

func (r *LoadReport) skip(skipped map[string]int64) {
	for k, n := range skipped {
		r.Skipped[k] += n
	}
}

func (r *LoadReport) tables(in store.Report, err error) error {
	r.Already = len(in.Files) > 0
	for _, f := range in.Files {
		r.Files = append(r.Files, LoadedFile{File: f.File, Table: f.Table, Read: f.Read, Loaded: f.Loaded, Already: f.Already, Beside: f.Beside, Refused: f.Refused, Ignored: f.Ignored})
		r.Read += f.Read
		r.Loaded[f.Table] += f.Loaded
		r.Already = r.Already && f.Already
	}
	return err
}

// writeRejects replaces the list, crash-safe.
func writeRejects(ctx context.Context, st *store.Store, path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".rejects-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = errors.Join(st.Rejects(ctx, f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
