package testnet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/library"
	"github.com/tacet-health/tacet/node/store"
	"github.com/tacet-health/tacet/testnet/oracle"
	"github.com/tacet-health/tacet/testnet/synpuf"
	"github.com/tacet-health/tacet/testnet/synthetic"
)

// source is the input of a network: how each payer loads its own part, and the pooled plain counts for the oracle.
type source struct {
	describe string
	from     string // where the data came from, for errors
	period   int
	measures []*measures.Spec
	count    func() ([]oracle.Counts, error) // the pooled plain figures; after load, which checks the rows
	fitted   map[string]*oracle.Fitted       // by id, the models that the measures take expected values from; after count
	counts   []oracle.Counts                 // of count, once it was called
	folders  []string                        // of canonical files, one a payer; nil for another format
	load     func(ctx context.Context, payer int, st *store.Store) error
}

// open finds the input and checks what can be checked before it is loaded.
func (o *Options) open() (*source, error) {
	switch {
	case o.Format == "synpuf":
		return o.openSynPUF()
	case o.Data != "":
		return o.openCanonical(o.Data, o.Period)
	}
	return o.openSynthetic()
}

func (o *Options) openSynPUF() (*source, error) {
	period := o.Period
	if period == 0 {
		period = 2010
	}
	specs, err := choose(o.Measures, synpuf.Measures(), "DE-SynPUF")
	if err != nil {
		return nil, err
	}
	samples, err := synpuf.Find(o.Data, o.Payers, period)
	if err != nil {
		return nil, err
	}
	var numbers []string
	for _, s := range samples {
		numbers = append(numbers, fmt.Sprint(s.Number))
	}
	return &source{
		describe: fmt.Sprintf("DE-SynPUF samples %s, %d", strings.Join(numbers, ", "), period), from: o.Data, period: period, measures: specs,
		count: func() ([]oracle.Counts, error) { return oracle.SynPUF(samples, period, ids(specs)) },
		load: func(ctx context.Context, payer int, st *store.Store) error {
			return synpuf.Load(ctx, st, samples[payer])
		},
	}, nil
}

func (o *Options) openSynthetic() (*source, error) {
	opt := o.Synthetic
	opt.Payers, opt.Period, opt.Strata, opt.Stays = o.Payers, o.Period, opt.Strata || o.Strata != "", opt.Stays || stays(o.Measures)
	if err := opt.Validate(); err != nil {
		return nil, usage("%v", err)
	}
	if _, err := choose(o.Measures, libraryMeasures(), "built-in population"); err != nil {
		return nil, err
	}
	made, err := synthetic.Generate(filepath.Join(o.Out, "population"), opt)
	if err != nil {
		return nil, err
	}
	s, err := o.openFolders(made.Folders, made.Options.Period)
	if err != nil {
		return nil, err
	}
	s.describe = fmt.Sprintf("synthetic population of %d people, %d practices, seed %d, %d", made.Options.People, made.Options.Practices, made.Options.Seed, made.Options.Period)
	return s, nil
}

func (o *Options) openCanonical(dir string, period int) (*source, error) {
	if period == 0 {
		return nil, usage("--data without --format needs --period YEAR")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, &synpuf.InputError{File: dir, Reason: "cannot be read as a folder with one sub-folder per payer: " + err.Error()}
	}
	var folders []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, filepath.Join(dir, e.Name()))
		}
	}
	if len(folders) < o.Payers {
		return nil, &synpuf.InputError{File: dir, Reason: fmt.Sprintf("has %d sub-folders, one per payer; %d payers are asked for (--payers)", len(folders), o.Payers)}
	}
	s, err := o.openFolders(folders[:o.Payers], period)
	if err != nil {
		return nil, err
	}
	s.from = dir
	s.describe = fmt.Sprintf("canonical files of %s, %d", dir, period)
	return s, nil
}

// openFolders reads one folder of canonical files per payer.
func (o *Options) openFolders(folders []string, period int) (*source, error) {
	want := o.Measures
	if len(want) == 0 {
		want = representative
	}
	specs, err := choose(want, libraryMeasures(), "canonical files")
	if err != nil {
		return nil, err
	}
	if specs, err = o.stratify(specs); err != nil {
		return nil, err
	}
	s := &source{period: period, measures: specs, folders: folders}
	s.count = func() (counts []oracle.Counts, err error) {
		if s.fitted, err = pooledModels(folders, period, ids(specs)); err != nil {
			return nil, err
		}
		return o.countStrata(oracle.Canonical(folders, period, ids(specs), s.fitted))
	}
	s.load = func(ctx context.Context, payer int, st *store.Store) error {
		files, err := filepath.Glob(filepath.Join(folders[payer], "*.csv*"))
		if err != nil {
			return err
		}
		slices.Sort(files)
		_, err = st.Load(ctx, files...)
		return err
	}
	return s, nil
}

// benchmarkOnly makes the measures asked for release a benchmark only. It is another definition, so members approve it as such.
func (o *Options) benchmarkOnly(s *source) error {
	for i, id := range o.BenchmarkOnly {
		at := slices.IndexFunc(s.measures, func(m *measures.Spec) bool { return m.ID == id })
		switch {
		case at < 0:
			return usage("--benchmark-only: %q is not among the measures of this run: %s", id, strings.Join(ids(s.measures), ", "))
		case slices.Contains(o.BenchmarkOnly[:i], id):
			return usage("--benchmark-only: %s is named twice", id)
		}
		m := *s.measures[at]
		m.Release.Kind = measures.BenchmarkOnly
		s.measures = slices.Clone(s.measures)
		s.measures[at] = &m
	}
	return nil
}

// benchmarksOf says how many cells release percentiles only.
func benchmarksOf(p *predicate.Plan) string {
	n := 0
	for _, b := range p.Benchmarks() {
		n += b.To - b.From
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d of them in %d benchmarks only)", n, len(p.Benchmarks()))
}

// representative are the measures of a network that is told none.
var representative = []string{"qp-crc", "qc-a1c9", "qa-pcp"}

// libraryMeasures are those of the library that the oracle can check.
func libraryMeasures() []*measures.Spec {
	var out []*measures.Spec
	for _, id := range oracle.Known() {
		s, err := library.Measure(id)
		if err != nil {
			panic("testnet: built-in measure: " + err.Error()) // embedded and covered by the library's tests
		}
		out = append(out, s)
	}
	return out
}

// choose picks the measures asked for, in the order asked; all when none are.
func choose(want []string, have []*measures.Spec, data string) ([]*measures.Spec, error) {
	if len(want) == 0 {
		return have, nil
	}
	var out []*measures.Spec
	for _, id := range want {
		i := slices.IndexFunc(have, func(s *measures.Spec) bool { return nameOf(s) == id })
		if i < 0 {
			return nil, usage("--measures: %q is unknown on %s; known are %s", id, data, strings.Join(ids(have), ", "))
		}
		if slices.ContainsFunc(out, func(s *measures.Spec) bool { return s.ID == have[i].ID }) {
			return nil, usage("--measures: %s is named twice, or in two versions", id)
		}
		out = append(out, have[i])
	}
	return out, nil
}

func ids(specs []*measures.Spec) []string {
	var out []string
	for _, s := range specs {
		out = append(out, nameOf(s))
	}
	return out
}

// public says that the data is CMS's synthetic sample, which is made for anybody's use: none of its records falls under 42 CFR Part 2, though codes of
// the list are drawn in it like all others, and what it shows is compared with other programs' figures.
func (o *Options) public() bool { return o.Format == "synpuf" }
