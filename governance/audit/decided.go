package audit

import (
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/governance/rules"
)

// Decided is the part of a report that is about how members decide, what they have agreed on, and what came after a release.
type Decided struct {
	Time         int64                   `json:"log_time,omitempty"` // the log's time now
	Charters     []rules.CharterRecord   `json:"charters"`
	Seats        []rules.Seat            `json:"seats"`
	Chair        string                  `json:"chair,omitempty"`
	Motions      []Motion                `json:"motions"`
	Agreements   []rules.AgreementRecord `json:"agreements"`
	Attestations []rules.Attestation     `json:"attestations"`
	Structures   []rules.StructureRecord `json:"structures"`
	Adoptions    []rules.Adoption        `json:"adoptions"`
	Appeals      []rules.Appeal          `json:"appeals"`
	Submissions  []Submission            `json:"submissions"`
	Rooms        []rules.RoomRecord      `json:"rooms"`
	Statements   []rules.StatementRecord `json:"statements"`
	Changes      []rules.ChangeRecord    `json:"roster_changes"`
	Witnessed    []rules.Witnessed       `json:"witnessed"`
	Frozen       *rules.Frozen           `json:"frozen,omitempty"` // nothing is added to the log any more
	Figures      []Figures               `json:"differencing"`
}

// Motion is a motion and what it would do, in a line.
type Motion struct {
	rules.Motion
	Text string `json:"text"`
}

// Status says where a motion stands.
func (m Motion) Status() string {
	switch {
	case m.Carried:
		return "carried"
	case m.Ended > 0:
		return "withdrawn"
	}
	return "open"
}

// Figures are figures of one measure and period that the same runs have released: a line of the differencing ledger.
type Figures struct {
	Measure string   `json:"measure"` // id and version
	Hash    string   `json:"hash"`
	Period  string   `json:"period"`
	Figures int      `json:"figures"` // practices and strata
	Runs    []string `json:"runs"`    // the first release, then restatements, each with its contributors
}

func decided(s *rules.State) Decided {
	d := Decided{
		Time: s.Now(), Charters: s.Charters(), Seats: s.Seats(), Chair: s.Chair(), Agreements: s.Agreements(), Attestations: s.Attestations(), Structures: s.Structures(),
		Adoptions: s.Adoptions(), Appeals: s.Appeals(), Rooms: s.Rooms(), Statements: s.Statements(), Changes: s.RosterChanges(), Witnessed: s.Witnessed(),
		Figures: differencing(s.Runs()),
	}
	if f, ok := s.Frozen(); ok {
		d.Frozen = &f
	}
	for _, m := range s.Motions() {
		d.Motions = append(d.Motions, Motion{m, MotionText(m.Subject, m.Body)})
	}
	return d
}

// differencing groups the figures of certified runs by the runs that released them, in order of first release.
func differencing(runs []rules.Run) []Figures {
	type figure struct{ hash, period, practice, stratum string }
	var order []figure
	by, name := map[figure][]string{}, map[string]string{}
	for _, r := range runs {
		if r.Status != rules.RunCertified {
			continue
		}
		for _, c := range r.Body.Cells {
			m := r.Body.Measures[c.Measure]
			f := figure{m.Hash, r.Body.Period, c.Practice, c.Stratum}
			name[m.Hash] = m.ID + " " + m.Version
			if by[f] == nil {
				order = append(order, f)
			}
			by[f] = append(by[f], fmt.Sprintf("%s (%s)", r.Body.Run, list(r.Body.Contributors)))
		}
	}
	var out []Figures
	at := map[string]int{} // looked up, never walked
	for _, f := range order {
		key := fmt.Sprint(f.hash, f.period, by[f])
		i, ok := at[key]
		if !ok {
			i, at[key] = len(out), len(out)
			out = append(out, Figures{Measure: name[f.hash], Hash: f.hash, Period: f.period, Runs: slices.Clone(by[f])})
		}
		out[i].Figures++
	}
	return out
}

// When says where an entry is in the log, and the log's time there.
func (r *Report) When(index uint64) string {
	if index < uint64(len(r.Entries)) && r.Entries[index].Time > 0 {
		return fmt.Sprintf("at entry %d, %s", index, moment(r.Entries[index].Time))
	}
	return fmt.Sprintf("at entry %d", index)
}

// Author is who wrote an entry.
func (r *Report) Author(index uint64) string {
	if index < uint64(len(r.Entries)) {
		return r.Entries[index].Author
	}
	return ""
}
