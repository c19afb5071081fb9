package audit

import (
	"encoding/base64"
	"encoding/hex"

	"github.com/tacet-health/tacet/governance/ledger"
	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures"
	"github.com/tacet-health/tacet/measures/disclosure"
)

// Format is the form of bundles and reports. Its README and report are compared byte for byte, so a change of either is a new format.
const Format = "tacet-evidence/v4"

// Report is what a log says: who decided what, what ran under it, what was released. "When" is a place in the log, and the log's time there: the moment that
// more than half of the payers' signed clocks had reached. Index 0 is the genesis, time 0 none.
type Report struct {
	Format   string `json:"format"`
	Ledger   string `json:"ledger"`
	Genesis  string `json:"genesis"`  // hex SHA-256 of genesis.json
	Insecure bool   `json:"insecure"` // a ledger for tests
	Size     uint64 `json:"size"`     // entries
	Root     string `json:"root"`     // base64, as in the checkpoint
	// State is rules.State.Hash after all entries, hex: for comparing two auditors of one version. It is not printed into a bundle, because a later version of
	// the rules may hold more in its state.
	State    string    `json:"state"`
	Signers  []string  `json:"signers"` // of the checkpoint, the convener first
	Members  []Member  `json:"members"`
	Measures []Measure `json:"measures"`
	Profiles []Profile `json:"profiles"`
	Rosters  []Roster  `json:"rosters"`
	Runs     []Run     `json:"runs"`
	Decided
	Entries []Line `json:"entries,omitempty"`
}

// Member is a member of the ledger, present or past.
type Member struct {
	Name        string     `json:"name"`
	Role        rules.Role `json:"role"`
	Joined      uint64     `json:"joined"`
	Left        bool       `json:"left"`
	Parted      uint64     `json:"parted,omitempty"` // the entry with which it left
	Fingerprint string     `json:"fingerprint"`      // of its present keys, to compare with the member's own
	Earlier     []Keys     `json:"earlier_keys,omitempty"`
}

// Keys is a set of keys that a member no longer has.
type Keys struct {
	From        uint64 `json:"from"`  // the entry that brought them
	Until       uint64 `json:"until"` // the entry that replaced them
	Fingerprint string `json:"fingerprint"`
}

func memberOf(m rules.Member) Member {
	out := Member{Name: m.Name, Role: m.Role, Joined: m.Joined, Left: m.Left, Parted: m.Parted, Fingerprint: m.Fingerprint()}
	sets := m.KeySets()
	for i, k := range sets[:len(sets)-1] {
		out.Earlier = append(out.Earlier, Keys{k.Index, sets[i+1].Index, k.Public.Fingerprint()})
	}
	return out
}

// Measure is a measure with how it was decided.
type Measure struct {
	ID        string              `json:"id"`
	Version   string              `json:"version"`
	Title     string              `json:"title"`
	Hash      string              `json:"hash"`
	Status    rules.MeasureStatus `json:"status"`
	Proposer  string              `json:"proposer"`
	Proposed  uint64              `json:"proposed"`
	Approved  uint64              `json:"approved,omitempty"`
	InForce   int64               `json:"in_force,omitempty"` // log time from which runs may use it; 0 = from its approval
	Ended     uint64              `json:"ended,omitempty"`    // what withdrew or retired it
	Reason    string              `json:"reason,omitempty"`   // of its retirement
	Unit      string              `json:"unit"`
	Kind      measures.Kind       `json:"kind,omitempty"` // benchmark-only, or a value for every practice
	Profile   string              `json:"profile"`
	Rationale string              `json:"rationale"`
	Source    string              `json:"source"`
	SQL       string              `json:"sql"`
	rules.Deliberation
}

// Profile is a version of a disclosure profile.
type Profile struct {
	Index uint64 `json:"index"`
	Hash  string `json:"hash"`
	disclosure.Profile
}

// Roster is a roster on record.
type Roster struct {
	Index     uint64 `json:"index"`
	Hash      string `json:"hash"`
	Practices int    `json:"practices"`
}

// Run is a run with its certificate and, where the bundle has it, its table.
type Run struct {
	Run          string             `json:"run"`
	Status       rules.RunStatus    `json:"status"`
	Authorised   uint64             `json:"authorised"`
	Ended        uint64             `json:"ended,omitempty"`
	Reason       string             `json:"reason,omitempty"` // of a void run
	Purpose      string             `json:"purpose"`
	Agreement    string             `json:"agreement"`
	Period       string             `json:"period"`
	Manifest     string             `json:"manifest"`
	Roster       string             `json:"roster"`
	Plan         string             `json:"plan"`
	Parameters   string             `json:"parameters"`
	Insecure     bool               `json:"insecure"`
	Contributors []string           `json:"contributors"`
	Recipients   []string           `json:"recipients"`
	Measures     []rules.MeasureRef `json:"measures"`
	Profiles     []string           `json:"profiles"` // in force at the authorisation, one per measure: name, version, hash
	Cells        int                `json:"cells"`
	// Sum is the manifest of a run of kind aggregate, which has no measures and no cells.
	Sum         *rules.RunAggregate `json:"sum,omitempty"`
	Statement   *rules.Statement    `json:"statement,omitempty"` // of a certified run
	Released    int                 `json:"released"`
	Suppressed  int                 `json:"suppressed"`
	Benchmarks  int                 `json:"benchmarks,omitempty"` // of measures that release nothing else, shown or suppressed
	Charter     int64               `json:"charter"`              // version in force at the authorisation; 0 = none, the payers decide
	Start       int64               `json:"start,omitempty"`      // log time until which counsel may veto
	AppealUntil int64               `json:"appeal_until,omitempty"`
	Vetoed      bool                `json:"vetoed,omitempty"`
	Restates    string              `json:"restates,omitempty"` // the run whose figures it replaces
	Appeal      string              `json:"appeal,omitempty"`   // that it follows
	Final       bool                `json:"final"`
	Bound       []rules.Binding     `json:"bound"` // contributors' own words on what they were bound to
	Table       *Table              `json:"table,omitempty"`
}

// report tells what the history says; tables are the checked tables by run.
func (h *history) report(s *ledger.Signed, tables map[string]Table) *Report {
	genesis, state := rules.Hash(h.genesis), h.state.Hash()
	r := &Report{
		Format: Format, Ledger: h.state.Ledger(), Genesis: hex.EncodeToString(genesis[:]), Insecure: h.state.Genesis().Insecure,
		Size: h.claimed.Size, Root: base64.StdEncoding.EncodeToString(h.claimed.Root[:]), State: hex.EncodeToString(state[:]), Entries: h.lines,
	}
	if s != nil {
		r.Signers = signers(s, h.state)
	}
	for _, m := range h.state.Members() {
		r.Members = append(r.Members, memberOf(m))
	}
	for _, m := range h.state.Measures() {
		s := m.Spec()
		r.Measures = append(r.Measures, Measure{
			ID: m.ID, Version: m.Version, Title: s.Title, Hash: m.Hash, Status: m.Status, Proposer: m.Proposer, Proposed: m.Proposed, Approved: m.Approved,
			InForce: m.InForce, Ended: m.Ended, Reason: m.Reason, Deliberation: m.Deliberation, Unit: s.Release.Unit, Kind: s.Release.Kind, Profile: s.Release.Profile, Rationale: s.Rationale, Source: s.Source, SQL: s.SQL,
		})
	}
	for _, p := range h.state.Profiles() {
		r.Profiles = append(r.Profiles, Profile{p.Index, p.Hash, p.Profile})
	}
	for _, x := range h.state.Rosters() {
		r.Rosters = append(r.Rosters, Roster{x.Index, x.Hash, len(x.Practices)})
	}
	for _, x := range h.state.Runs() {
		run := runOf(x, tables)
		run.Final = h.state.Final(x.Body.Run)
		for _, c := range h.state.Charters() {
			if c.Index < x.Index {
				run.Charter = c.Version
			}
		}
		r.Runs = append(r.Runs, run)
	}
	r.Decided = decided(h.state)
	r.Submissions = submissions(h.state, r.Runs)
	return r
}

func runOf(x rules.Run, tables map[string]Table) Run {
	b := x.Body
	r := Run{
		Run: b.Run, Status: x.Status, Authorised: x.Index, Ended: x.Ended, Reason: x.Reason, Purpose: b.Purpose, Agreement: b.Agreement, Period: b.Period,
		Manifest: x.Manifest, Roster: b.Roster, Plan: b.Parameters.Plan, Parameters: b.Parameters.Set, Insecure: insecure(b.Parameters.Set),
		Contributors: b.Contributors, Recipients: b.Recipients, Measures: b.Measures, Cells: len(b.Cells), Sum: x.Sum,
		Start: x.Start, AppealUntil: x.AppealUntil, Vetoed: x.Vetoed, Restates: x.Restates, Appeal: x.Appeal, Bound: x.Bound,
	}
	for _, p := range x.Profiles {
		r.Profiles = append(r.Profiles, describe(p))
	}
	if x.Result != nil {
		st := x.Result.Statement
		r.Statement = &st
	}
	if t, ok := tables[b.Run]; ok {
		r.Table = &t
		r.Benchmarks = len(t.Benchmarks)
		for _, c := range t.Cells {
			if c.Status == released {
				r.Released++
			} else {
				r.Suppressed++
			}
		}
	}
	return r
}
