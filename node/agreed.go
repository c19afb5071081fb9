package node

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tacet-health/tacet/crypto/predicate"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
	"github.com/tacet-health/tacet/measures/engine"
	"github.com/tacet-health/tacet/measures/withhold"
	"github.com/tacet-health/tacet/protocol/run"
)

// agreed is a run as the log fixes it, resolved into what the computation needs. Every member derives the same from the same
// entries; nothing in it comes from a member's own configuration.
type agreed struct {
	run      string
	period   string
	year     engine.Period
	index    uint64 // of the authorising entry
	manifest [32]byte
	specs    []*measures.Spec     // by measure, in the manifest's order
	hashes   []string             // of the specs, as the log has them
	models   [][]engine.Slot      // by measure: the model that the manifest names for it, if any
	programs []disclosure.Program // by measure
	profiles []disclosure.Profile // by measure: the version in force when the run was authorised
	cells    []cellRef            // in slot order
	lines    []rules.ReliabilityLine
	// questions are cells of the circuit behind the others.
	questions []question
	plan      *predicate.Plan
	payers    []string
	readers   []string // recipients
	limits    run.Deadlines
	withhold  string // digest of what payers withhold
}

type cellRef struct {
	measure           int
	practice, stratum string
}

// resolve reads a run from the log's state. It fails when what the log holds cannot be computed by this program as authorised:
// another plan, another parameter set, a definition that does not parse.
func resolve(s *rules.State, name string) (*agreed, error) {
	r, ok := s.Run(name)
	if !ok {
		return nil, fmt.Errorf("run %s is not authorised in the log", name)
	}
	b := r.Body
	manifest, err := hex.DecodeString(r.Manifest)
	if err != nil || len(manifest) != 32 {
		return nil, fmt.Errorf("run %s: manifest hash in the log is malformed", name)
	}
	a := &agreed{
		run: b.Run, period: b.Period, index: r.Index, manifest: [32]byte(manifest), payers: b.Contributors, readers: b.Recipients,
		limits: limits(b.Deadlines), withhold: b.Withhold, lines: b.Reliability,
	}
	if a.year, err = yearOf(name, b.Period); err != nil {
		return nil, err
	}
	for i, ref := range b.Measures {
		m, ok := s.Measure(ref.Hash)
		if !ok {
			return nil, fmt.Errorf("run %s: measure %s is not in the log", name, ref.ID)
		}
		spec, err := measures.ParseCanonical(m.Definition)
		if err != nil {
			return nil, fmt.Errorf("run %s: measure %s: %w", name, ref.ID, err)
		}
		profile := r.Profiles[i].Profile // the version in force when the run was authorised
		program, err := disclosure.Compile(profile, spec)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", name, err)
		}
		model, err := modelSlot(s, spec, ref.Model)
		if err != nil {
			return nil, fmt.Errorf("run %s: %w", name, err)
		}
		a.models = append(a.models, model)
		a.specs, a.hashes, a.programs = append(a.specs, spec), append(a.hashes, ref.Hash), append(a.programs, program)
		a.profiles = append(a.profiles, profile)
	}
	for _, c := range b.Cells {
		a.cells = append(a.cells, cellRef{c.Measure, c.Practice, c.Stratum})
	}
	a.questions = questions(a.programs, a.cells, a.lines, len(a.payers))
	if a.plan, err = plan(a.specs, a.programs, a.cells, a.questions, len(a.payers), b.Parameters.Set); err != nil {
		return nil, fmt.Errorf("run %s: %w", name, err)
	}
	hash := a.plan.Hash()
	if a.plan.Set().Name != b.Parameters.Set || hex.EncodeToString(hash[:]) != b.Parameters.Plan {
		return nil, fmt.Errorf("run %s is authorised with another plan than this program makes of it: members run different versions of tacet; bring them to the same one", name)
	}
	return a, nil
}

func yearOf(run, period string) (engine.Period, error) {
	year, err := strconv.Atoi(period)
	if err != nil {
		return engine.Period{}, fmt.Errorf("run %s: period %q is not a year", run, period)
	}
	return engine.Period{Year: year}, nil
}

// slots are what a measure of the run takes from this node: its own lists, and the model that the manifest names.
func (a *agreed) slots(dir string, measure int) ([]engine.Slot, error) {
	own, err := slotsOf(dir, a.specs[measure])
	return append(own, a.models[measure]...), err
}

// plan puts the cells' compiled rules into the circuit's terms, and those of the questions behind them.
func plan(specs []*measures.Spec, programs []disclosure.Program, refs []cellRef, asked []question, payers int, set string) (*predicate.Plan, error) {
	cells := make([]predicate.Cell, len(refs)+len(asked))
	for i := range cells {
		var ref cellRef
		about := ""
		if i < len(refs) {
			ref = refs[i]
		} else {
			ref, about = refs[asked[i-len(refs)].cell], "reliability of "
		}
		p, s := programs[ref.measure], specs[ref.measure]
		if i >= len(refs) {
			p = p.Asking(asked[i-len(refs)].line)
		}
		c := predicate.Cell{
			Name:     fmt.Sprintf("%s%s of practice %s, stratum %s", about, s.ID, ref.practice, ref.stratum),
			ScaleNum: p.ScaleNum, ScaleDen: p.ScaleDen, Lo: p.Lo, Hi: p.Hi,
			CapNum: p.CapNum, CapDen: p.CapDen, Proportion: s.Type == measures.Proportion,
		}
		for _, r := range p.Rules {
			rule := predicate.Rule{Name: r.Name, PerPayer: r.PerPayer}
			for _, f := range r.AnyOf {
				rule.AnyOf = append(rule.AnyOf, predicate.Form(f))
			}
			c.Rules = append(c.Rules, rule)
		}
		cells[i] = c
	}
	only := benchmarks(specs, programs, refs)
	if set == Tiny && len(only) == 0 { // its ciphertexts have no room for benchmarks
		return predicate.NewPlanIn(set, cells, payers)
	}
	return predicate.NewPlanWith(cells, only, payers, strings.HasPrefix(set, "toy"))
}

// benchmarks are those of the benchmark-only measures, whose cells stand together in slot order.
func benchmarks(specs []*measures.Spec, programs []disclosure.Program, refs []cellRef) []predicate.Benchmark {
	var out []predicate.Benchmark
	for i := 0; i < len(refs); {
		m, from := refs[i].measure, i
		for i < len(refs) && refs[i].measure == m {
			i++
		}
		if b := programs[m].Benchmark; b != nil {
			out = append(out, predicate.Benchmark{
				Name: fmt.Sprintf("%s %s", specs[m].ID, specs[m].Version), From: from, To: i, Lower: b.Lower, MinCells: b.MinPractices,
			})
		}
	}
	return out
}

// vector lays a member's rows out in slot order; a cell the member has nothing of is (0, 0).
func (a *agreed) vector(rows [][]measures.Row) (num, den []int64) {
	type key struct {
		measure           int
		practice, stratum string
	}
	at := make(map[key]measures.Row)
	for m, rs := range rows {
		for _, r := range rs {
			at[key{m, r.Practice, r.Stratum}] = r
		}
	}
	num, den = make([]int64, len(a.cells), len(a.cells)+len(a.questions)), make([]int64, len(a.cells), len(a.cells)+len(a.questions))
	for i, c := range a.cells {
		r := at[key{c.measure, c.practice, c.stratum}]
		num[i], den[i] = r.Num, r.Den
	}
	for _, q := range a.questions {
		num, den = append(num, num[q.cell]), append(den, den[q.cell])
	}
	return num, den
}

// Parameter sets for tests, INSECURE.
const (
	Toy  = "toy"      // or toy-wide, whichever carries the measures
	Tiny = "toy-tiny" // for simulations of many runs
)

// Draft is what a convener fills in to authorise a run; Authorise makes the log entry's body of it.
type Draft struct {
	Run        string
	Measures   []*measures.Spec
	Profiles   map[string]disclosure.Profile
	Period     string
	Practices  map[string][]string // by grain, each in roster order
	Models     map[string]string   // the hash of the model on record, by id, for measures of observed over expected
	Strata     map[string][]string // by kind, those that the measures by that kind release; none given: all of a kind with a fixed list
	Roster     []string            // the whole roster, in its order; default: the practices of the measures' grains, in the measures' order
	Regions    map[string]string   // of practices, for totals; one that is not named has none
	Payers     []string
	Recipients []string
	Deadline   time.Duration // of every phase that Deadlines leaves open; zero: its default by the plan's prediction
	Deadlines  rules.Deadlines
	Purpose    string
	Agreement  string
	// Reliability has the measures named (by id) ask their cells for the line of a certified run of variance components.
	Reliability map[string]rules.ReliabilityLine
	KeepPart2   bool   // records of 42 CFR Part 2 take part; else the payers withhold them, by the list of this program
	Set         string // Toy or Tiny: INSECURE parameters, on a ledger that allows them; empty: 128-bit parameters
}

// strata are those of a measure in the order of their cells.
func (d Draft) strata(s *measures.Spec) ([]string, error) {
	if s.Stratify == "" {
		return []string{measures.Unstratified}, nil
	}
	out, err := engine.StrataOf(s.Stratify, d.Strata[s.Stratify])
	if err != nil {
		return nil, fmt.Errorf("measure %s: %w", s.ID, err)
	}
	return out, nil
}

// Authorise plans the run of a draft: one cell for each practice of a measure's grain, and of a stratified one for each of its strata. It returns the body of run.authorise, the
// roster it refers to, and the plan for people to read. A draft that does not fit the circuit is refused with the numbers.
func Authorise(d Draft) (rules.RunAuthorise, rules.RosterSet, *predicate.Plan, error) {
	var roster rules.RosterSet
	b := rules.RunAuthorise{
		Run: d.Run, Period: d.Period, Contributors: d.Payers, Recipients: d.Recipients,
		Purpose: d.Purpose, Agreement: d.Agreement, Withhold: withhold.Policy{KeepPart2: d.KeepPart2}.Digest(),
	}
	var programs []disclosure.Program
	var refs []cellRef
	seen := map[string]bool{}
	for i, s := range d.Measures {
		profile, ok := d.Profiles[s.Release.Profile]
		if !ok {
			return b, roster, nil, fmt.Errorf("measure %s: no profile %s", s.ID, s.Release.Profile)
		}
		program, err := disclosure.Compile(profile, s)
		if err != nil {
			return b, roster, nil, err
		}
		programs = append(programs, program)
		hash := s.Hash()
		b.Measures = append(b.Measures, rules.MeasureRef{ID: s.ID, Version: s.Version, Hash: hex.EncodeToString(hash[:]), Profile: s.Release.Profile, Model: d.Models[s.Model]})
		b.Caps = append(b.Caps, rules.Ratio{Num: s.Cap.Num, Den: s.Cap.Den})
		strata, err := d.strata(s)
		if err != nil {
			return b, roster, nil, err
		}
		if l, ok := d.Reliability[s.ID]; ok {
			l.Measure = i
			b.Reliability = append(b.Reliability, l)
		}
		for _, p := range d.Practices[s.Grain] {
			for _, stratum := range strata {
				refs = append(refs, cellRef{i, p, stratum})
				b.Cells = append(b.Cells, rules.CellRef{Measure: i, Practice: p, Stratum: stratum})
			}
		}
		if !seen[s.Grain] {
			seen[s.Grain] = true
			roster.Practices = append(roster.Practices, d.Practices[s.Grain]...)
		}
	}
	if d.Roster != nil {
		roster.Practices = d.Roster
	}
	for i, p := range roster.Practices {
		if r := d.Regions[p]; r != "" {
			if roster.Regions == nil {
				roster.Regions = make([]string, len(roster.Practices))
			}
			roster.Regions[i] = r
		}
	}
	roster.Hash = rules.RegionalHash(roster.Practices, roster.Regions)
	b.Roster = roster.Hash
	p, err := plan(d.Measures, programs, refs, questions(programs, refs, b.Reliability, len(d.Payers)), len(d.Payers), d.Set)
	if err != nil {
		return b, roster, nil, err
	}
	b.Deadlines = deadlines(d, p.Predict())
	hash := p.Hash()
	b.Parameters = rules.Parameters{Set: p.Set().Name, Plan: hex.EncodeToString(hash[:])}
	return b, roster, p, nil
}
