package rules

import (
	"github.com/tacet-health/tacet/governance/entry"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// Limits of a run.
const (
	MinContributors = 3
	MaxMeasures     = 64
	MaxCells        = 1 << 15
	MaxDeadline     = 7 * 24 * 3600
)

// RunAuthorise is a run's manifest: everything that its computation depends on. Its hash (Run.Manifest) is what the parties bind keys,
// shares and signatures to.
type RunAuthorise struct {
	Run      string       `json:"run"`
	Measures []MeasureRef `json:"measures"` // in the order of the cells
	Caps     []Ratio      `json:"caps"`     // one per measure: per payer and cell, as in its definition
	Period   string       `json:"period"`
	Roster   string       `json:"roster"` // hash
	// Cells in the order of their slots: by measure, then by the roster's order, then by stratum as text.
	Cells        []CellRef  `json:"cells"`
	Contributors []string   `json:"contributors"` // payers, in the order of their inputs
	Recipients   []string   `json:"recipients"`   // members, in the order of their signatures
	Parameters   Parameters `json:"parameters"`
	Deadlines    Deadlines  `json:"deadlines"`
	Purpose      string     `json:"purpose"`
	Agreement    string     `json:"agreement"` // the data agreement it runs under
	// Withhold is the hash of the list of records under 42 CFR Part 2 that every contributor leaves out; empty where they take part.
	Withhold string `json:"withhold,omitempty"`
	// Reliability has the cells of some measures ask besides whether their people are enough for a reliability of 0.70 (reliability.go).
	Reliability []ReliabilityLine `json:"reliability,omitempty"`
}

// MeasureRef names an approved measure and the disclosure profile it is released under.
type MeasureRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	Profile string `json:"profile"` // the name; the profile in force at this entry counts
	// Model is the hash of the model on record that expected values are made with; of a measure of observed over expected, and of no other.
	Model string `json:"model,omitempty"`
}

// CellRef is one figure: a measure (by its place in Measures), a practice and a stratum.
type CellRef struct {
	Measure  int    `json:"measure"`
	Practice string `json:"practice"`
	Stratum  string `json:"stratum"`
}

// Parameters fix the cryptography of a run.
type Parameters struct {
	Set  string `json:"set"`  // a parameter set's name
	Plan string `json:"plan"` // hash of the plan: layout and circuit
}

func validateAuthorise(b *RunAuthorise) *Refusal {
	switch {
	case !isID(b.Run):
		return refuse(CodeForm, "run %q is not 1 to 64 of a-z, 0-9 and '-'", b.Run)
	case len(b.Measures) == 0 || len(b.Measures) > MaxMeasures:
		return refuse(CodeForm, "%d measures, want 1 to %d", len(b.Measures), MaxMeasures)
	case !isKey(b.Period, 32):
		return refuse(CodeForm, "period is not in its form")
	case !entry.IsHash(b.Roster) || !entry.IsHash(b.Parameters.Plan):
		return refuse(CodeForm, "roster or plan is not a hash")
	case !isID(b.Parameters.Set):
		return refuse(CodeForm, "parameter set %q is not a name", b.Parameters.Set)
	case !isText(b.Purpose, 1000):
		return refuse(CodeForm, "a run needs a purpose, in at most 1000 bytes")
	case !isText(b.Agreement, 200):
		return refuse(CodeForm, "a run cites a data agreement, in at most 200 bytes")
	case b.Withhold != "" && !entry.IsHash(b.Withhold):
		return refuse(CodeForm, "withhold is not a hash")
	case b.Deadlines.check() != nil:
		return b.Deadlines.check()
	case len(b.Cells) == 0 || len(b.Cells) > MaxCells:
		return refuse(CodeCells, "%d cells, want 1 to %d", len(b.Cells), MaxCells)
	case len(b.Caps) != len(b.Measures):
		return refuse(CodeCaps, "%d caps for %d measures", len(b.Caps), len(b.Measures))
	case len(b.Contributors) < MinContributors:
		return refuse(CodeContributors, "%d contributors, at least %d", len(b.Contributors), MinContributors)
	case len(b.Recipients) == 0:
		return refuse(CodeRecipients, "nobody receives the result")
	}
	if n, ok := repeated(b.Contributors); ok {
		return refuse(CodeContributors, "%q contributes twice", n)
	}
	if n, ok := repeated(b.Recipients); ok {
		return refuse(CodeRecipients, "%q receives twice", n)
	}
	return validateReliability(b)
}

func resolveAuthorise(s *State, e *entry.Signed, b *RunAuthorise) (effect, *Refusal) {
	return s.authorise(e, b, nil, "")
}

// mayOpen judges what manifests of all kinds have in common: the convener's, of a new name, after every other run, of payers.
func (s *State) mayOpen(e *entry.Signed, name string, contributors []string) *Refusal {
	if r := onlyConvener(s, e); r != nil {
		return r
	}
	if s.byRun[name] != nil {
		return refuse(CodeRunExists, "run %q is in the log already; choose another name", name)
	}
	if run := s.open(); run != nil {
		return refuse(CodeRunOpen, "run %q is neither certified nor void; finish it first", run.Body.Run)
	}
	for _, n := range contributors {
		if !s.isPayer(n) {
			return refuse(CodeContributors, "%q is not a payer", n)
		}
	}
	return nil
}

// mayStart is the common end: agreement and attestations of the contributors, and from when on the run may be acted on (0: at once).
func (s *State) mayStart(b *RunAuthorise) (start int64, r *Refusal) {
	if r := s.checkAgreement(b); r != nil {
		return 0, r
	}
	if r := s.checkAttestations(b); r != nil {
		return 0, r
	}
	c := s.rulebook()
	if c.AppealSeconds > 0 || c.VetoSeconds > 0 {
		if r := s.needTime("the time for vetoes and appeals"); r != nil {
			return 0, r
		}
	}
	if c.VetoSeconds > 0 {
		start = s.now + c.VetoSeconds
	}
	return start, nil
}

// authorise judges a manifest: of a run of its own, or of one that restates an earlier run.
func (s *State) authorise(e *entry.Signed, b *RunAuthorise, restated *Run, appeal string) (effect, *Refusal) {
	if r := s.mayOpen(e, b.Run, b.Contributors); r != nil {
		return nil, r
	}
	for _, n := range b.Recipients {
		if s.active(n) == nil {
			return nil, refuse(CodeRecipients, "%q is not a member", n)
		}
	}
	if insecure(b.Parameters.Set) && !s.genesis.Insecure {
		return nil, refuse(CodeInsecure, "parameter set %q is for tests; this ledger's genesis does not allow it", b.Parameters.Set)
	}
	if r := s.checkMeasures(b); r != nil {
		return nil, r
	}
	if r := s.checkCells(b, restated); r != nil {
		return nil, r
	}
	if r := s.checkBenchmarks(b, restated); r != nil {
		return nil, r
	}
	if r := s.checkStrata(b); r != nil {
		return nil, r
	}
	if r := s.checkReliability(b, restated); r != nil {
		return nil, r
	}
	start, r := s.mayStart(b)
	if r != nil {
		return nil, r
	}
	return func(index uint64) {
		run := &Run{Body: *b, Index: index, At: s.now, Start: start, Status: RunAuthorised, Manifest: hexOf(e.BodyHash()), Appeal: appeal}
		if restated != nil {
			run.Restates = restated.Body.Run
		}
		for _, ref := range b.Measures {
			p, _ := s.Profile(ref.Profile) // checked above
			run.Profiles = append(run.Profiles, p)
		}
		s.runs, s.byRun[b.Run] = append(s.runs, run), run
	}, nil
}

// insecure says whether a parameter set is one for tests: their names start with "toy" (package crypto/mhe).
func insecure(set string) bool { return len(set) >= 3 && set[:3] == "toy" }

// checkMeasures holds the manifest against the approved measures and the profiles in force.
func (s *State) checkMeasures(b *RunAuthorise) *Refusal {
	for i, ref := range b.Measures {
		m := s.byHash[ref.Hash]
		if m == nil || m.ID != ref.ID || m.Version != ref.Version {
			return refuse(CodeUnknownMeasure, "no measure %s %s with hash %.16q is on record", ref.ID, ref.Version, ref.Hash)
		}
		if m.Status != MeasureApproved {
			return refuse(CodeMeasureNotApproved, "%s %s is %s", m.ID, m.Version, m.Status)
		}
		if s.now < m.InForce {
			return refuse(CodeMeasureNotApproved, "%s %s comes into force at %s", m.ID, m.Version, moment(m.InForce))
		}
		for _, o := range b.Measures[:i] {
			if o.Hash == ref.Hash {
				return refuse(CodeCells, "%s is listed twice", m.ID)
			}
		}
		if want := m.spec.Release.Profile; ref.Profile != want {
			return refuse(CodeProfileMismatch, "%s %s is released under profile %q, not %q", m.ID, m.Version, want, ref.Profile)
		}
		p, ok := s.Profile(ref.Profile)
		if !ok {
			return refuse(CodeUnknownProfile, "profile %q is not on record", ref.Profile)
		}
		if _, err := disclosure.Compile(p.Profile, m.spec); err != nil {
			return refuse(CodeProfileMismatch, "%s %s under profile %q: %v", m.ID, m.Version, ref.Profile, err)
		}
		if r := s.checkAge(p, b.Period); r != nil {
			return r
		}
		if r := s.checkModel(ref, m.spec.Model); r != nil {
			return r
		}
		if want := (Ratio{m.spec.Cap.Num, m.spec.Cap.Den}); b.Caps[i] != want {
			return refuse(CodeCaps, "%s %s is approved with caps %d/%d, not %d/%d", m.ID, m.Version, want.Num, want.Den, b.Caps[i].Num, b.Caps[i].Den)
		}
	}
	return nil
}

// checkAge asks for data as old as the profile says, by the log's time.
func (s *State) checkAge(p ProfileRecord, period string) *Refusal {
	if p.Profile.MinDataAgeDays == 0 {
		return nil
	}
	if r := s.needTime("the age of data"); r != nil {
		return r
	}
	end, ok := periodEnd(period)
	if !ok {
		return refuse(CodeDataAge, "profile %q asks for data of an age; the end of period %q is not known, since it is no year", p.Profile.Name, period)
	}
	if open := end + p.Profile.MinDataAgeDays*day; s.now < open {
		return refuse(CodeDataAge, "profile %q asks for data at least %d days old: period %s from %s on; the log's time is %s", p.Profile.Name, p.Profile.MinDataAgeDays, period, moment(open), moment(s.now))
	}
	return nil
}

// checkCells holds the cells against the roster, their canonical order (which also excludes repeats), and what was released before.
func (s *State) checkCells(b *RunAuthorise, restated *Run) *Refusal {
	roster, ok := s.Roster(b.Roster)
	if !ok {
		return refuse(CodeUnknownRoster, "no roster has hash %.16s…", b.Roster)
	}
	place := make(map[string]int, len(roster.Practices))
	for i, p := range roster.Practices {
		place[p] = i
	}
	used := make([]bool, len(b.Measures))
	for i, c := range b.Cells {
		if c.Measure < 0 || c.Measure >= len(b.Measures) {
			return refuse(CodeCells, "cell %d is of measure number %d of %d", i, c.Measure, len(b.Measures))
		}
		used[c.Measure] = true
		at, ok := place[c.Practice]
		if !ok {
			return refuse(CodeUnknownPractice, "cell %d: practice %.70q is not in the roster", i, c.Practice)
		}
		if !isKey(c.Stratum, 64) {
			return refuse(CodeCells, "cell %d: stratum is not in its form", i)
		}
		if i > 0 {
			p := b.Cells[i-1]
			before := place[p.Practice]
			if c.Measure < p.Measure || c.Measure == p.Measure && (at < before || at == before && c.Stratum <= p.Stratum) {
				return refuse(CodeCells, "cell %d (%s, practice %s) is out of order or a repeat", i, b.Measures[c.Measure].ID, c.Practice)
			}
		}
		if r := s.checkReleased(b, c, restated); r != nil {
			return r
		}
	}
	for i, ok := range used {
		if !ok {
			return refuse(CodeCells, "%s has no cell", b.Measures[i].ID)
		}
	}
	return nil
}
