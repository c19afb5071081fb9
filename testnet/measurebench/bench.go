package measurebench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node"
	"github.com/tacet-health/tacet/node/store"
)

// Options of a measurement. Zero values are the defaults.
type Options struct {
	Members  int    // default 1,000,000
	Lines    int    // medical and pharmacy together; default 50,000,000
	Seed     uint64 // default 1
	MemoryMB int    // of the database; default 6144
	Threads  int    // default 2
	DSN      string // a PostgreSQL to run beside, as a role that may make tables, in a schema that holds none yet. "" for none
	Reader   string // the same as the role that the measures run under, which may only read
	Dir      string // where data is made, in a folder that is removed in the end; default the system's for temporary files
	Say      func(string, ...any)
}

// Measure is one measure's time and how many people it is about.
type Measure struct {
	ID        string  `json:"id"`
	Seconds   float64 `json:"seconds"`
	CPU       float64 `json:"cpu_seconds"`
	Practices int     `json:"practices"`
	Num       int64   `json:"-"` // for the comparison of engines; made-up people, and yet not printed
	Den       int64   `json:"denominator"`
	rows      []measures.Row
}

// Figures are the result. Times are of the wall, in seconds.
type Figures struct {
	Members  int       `json:"members"`
	Lines    int64     `json:"lines"`
	Bytes    int64     `json:"parquet_bytes"`
	Stored   int64     `json:"stored_bytes"`
	Generate float64   `json:"generate_seconds"`
	Load     float64   `json:"load_seconds"`
	LoadCPU  float64   `json:"load_cpu_seconds"`
	Measures []Measure `json:"measures"`
	Sum      float64   `json:"all_measures_seconds"`
	SumCPU   float64   `json:"all_measures_cpu_seconds"`
	Peak     uint64    `json:"peak_bytes"` // resident, of loading and measuring
	Hand     []Hand    `json:"hand_written"`
	Postgres []Beside  `json:"postgresql,omitempty"`
}

// Run generates, loads, measures, prints lines through Say and says with ErrMissed what is not as it has to be.
func Run(ctx context.Context, o Options) (Figures, error) {
	o = o.withDefaults()
	f, err := run(ctx, o)
	if err != nil {
		return f, err
	}
	return f, f.judge(o.Say)
}

func run(ctx context.Context, o Options) (f Figures, err error) {
	dir, err := os.MkdirTemp(o.Dir, "tacet-bench-measures-")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f.Members = o.Members
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return f, err
	}
	o.Say("making %d members and %d claim lines", o.Members, o.Lines)
	begin := time.Now()
	if f.Bytes, err = generate(ctx, data, population{o.Members, o.Lines, o.Seed}, o, o.Say); err != nil {
		return f, err
	}
	f.Generate = time.Since(begin).Seconds()
	forgetPeak()
	if err := f.load(ctx, filepath.Join(dir, "store"), data, o); err != nil {
		return f, err
	}
	if err := os.RemoveAll(data); err != nil { // what is loaded is on the disk once
		return f, err
	}
	if err := f.measure(ctx, filepath.Join(dir, "store"), o); err != nil {
		return f, err
	}
	f.Peak = node.PeakRSS()
	o.Say("all %d measures %.1f s (cpu %.1f); peak memory %.2f GiB", len(f.Measures), f.Sum, f.SumCPU, float64(f.Peak)/(1<<30))
	if err := f.byHand(ctx, filepath.Join(dir, "store"), o); err != nil {
		return f, err
	}
	if o.DSN != "" {
		if err := f.beside(ctx, filepath.Join(dir, "store"), o); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (o Options) withDefaults() Options {
	if o.Members == 0 {
		o.Members = 1_000_000
	}
	if o.Lines == 0 {
		o.Lines = 50_000_000
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.MemoryMB == 0 {
		o.MemoryMB = 6144
	}
	if o.Threads == 0 {
		o.Threads = min(2, runtime.NumCPU())
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	return o
}

// load is what tacet node load does with a folder of canonical files.
func (f *Figures) load(ctx context.Context, dir, data string, o Options) (err error) {
	s, err := store.Open(ctx, dir, store.Options{MemoryMB: o.MemoryMB, Threads: o.Threads, SpillMB: 30_000, Sources: []string{data}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	begin, used := time.Now(), processorSeconds()
	report, err := s.Load(ctx, data)
	if err != nil {
		return err
	}
	f.Load, f.LoadCPU = time.Since(begin).Seconds(), processorSeconds()-used
	read, loaded := report.Rows()
	if read != loaded {
		return fmt.Errorf("%d rows were made and %d loaded", read, loaded)
	}
	for _, t := range report.Files {
		if t.Table == "medical_claim" || t.Table == "pharmacy_claim" {
			f.Lines += t.Loaded
		}
	}
	o.Say("loaded %d rows, %d of them claim lines, in %.1f s (cpu %.1f; %.2f GiB of Parquet)", loaded, f.Lines, f.Load, f.LoadCPU, float64(f.Bytes)/(1<<30))
	return nil
}

// measure runs every measure of the library, one after the other, as a node does in a run.
func (f *Figures) measure(ctx context.Context, dir string, o Options) (err error) {
	if info, err := os.Stat(filepath.Join(dir, store.FileName)); err == nil {
		f.Stored = info.Size()
	}
	s, err := store.Open(ctx, dir, store.Options{MemoryMB: o.MemoryMB, Threads: o.Threads, SpillMB: 30_000})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, spec := range library.Measures() {
		m := Measure{ID: spec.ID}
		begin, used := time.Now(), processorSeconds()
		if m.rows, err = s.Measure(ctx, spec, engine.Period{Year: year}, slotsOf(spec)...); err != nil {
			return err
		}
		m.Seconds, m.CPU = time.Since(begin).Seconds(), processorSeconds()-used
		m.count()
		f.Sum, f.SumCPU = f.Sum+m.Seconds, f.SumCPU+m.CPU
		o.Say("  %-8s %8.2f s (cpu %7.2f) %7d practices %12d in the denominators, %5.1f %%", m.ID, m.Seconds, m.CPU, m.Practices, m.Den, 100*float64(m.Num)/float64(max(1, m.Den)))
		f.Measures = append(f.Measures, m)
	}
	return nil
}

func (m *Measure) count() {
	m.Practices = len(m.rows)
	for _, r := range m.rows {
		m.Num, m.Den = m.Num+r.Num, m.Den+r.Den
	}
}

// slotsOf are the slots that the measure has.
func slotsOf(spec *measures.Spec) (out []engine.Slot) {
	for _, s := range slots {
		for _, v := range spec.ValueSets {
			if v.Slot == s.Name {
				out = append(out, s)
				break
			}
		}
	}
	return out
}
