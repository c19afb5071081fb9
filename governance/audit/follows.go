package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/governance/rules"
	"github.com/tacet-health/tacet/measures/risk"
)

// Follows makes what those present sign with a sum's table, of the table, those of the runs it came after, in that order, and the models that were on record when it was
// authorised: a risk model of its equations, the line of a reliability. nil: nothing follows from this stage, or this program knows no such kind.
// Members make it when they sign, auditors when they check; both by this.
func Follows(def rules.SumRecord, t SumTable, past []SumTable, models []rules.ModelRecord) ([]byte, error) {
	switch {
	case def.Kind == rules.SumRisk && t.Stage == risk.StageEquations:
		d, err := risk.ReadDefinition(def.Definition)
		if err != nil {
			return nil, err
		}
		var sums []risk.Sum
		for _, p := range past {
			sums = append(sums, risk.Sum{Stage: p.Stage, Values: p.Values})
		}
		var before *risk.Model
		for _, m := range slices.Backward(models) {
			if m.ID != def.ID {
				continue
			}
			before = &risk.Model{}
			if err := json.Unmarshal(m.Model, before); err != nil {
				return nil, fmt.Errorf("model %s version %d: %w", m.ID, m.Version, err)
			}
			break
		}
		m, err := d.Fit(sums, t.Values, before)
		if err != nil {
			return nil, err
		}
		return m.Canonical(), nil
	case def.Kind == rules.SumReliability && t.Stage == risk.StageComponents:
		d, err := risk.ReadReliabilityDefinition(def.Definition)
		if err != nil {
			return nil, err
		}
		r, err := d.Reliability(t.Run, t.Period, t.Present, t.Values)
		if err != nil {
			return nil, err
		}
		return r.Canonical(), nil
	}
	return nil, nil
}

// Sum is an exact sum of the bundle that was checked: its table is the one that those present signed, of what was approved, with as many elements and
// present members as authorised, and none beyond what these can make.
type Sum struct {
	Run     string `json:"run"`
	ID      string `json:"id"` // of what was approved, with its version
	Version int64  `json:"version"`
	Stage   string `json:"stage"`
	Length  int    `json:"elements"`
	Present int    `json:"present"`
	Dropped int    `json:"dropped,omitempty"`
	// Model is the hash of the model that those present signed with the table; Again that it was made again of the tables in the bundle and is the same;
	// Recorded its version in the log, 0 where it is not (yet) on record.
	Model    string `json:"model,omitempty"`
	Again    bool   `json:"made_again,omitempty"`
	Recorded int64  `json:"recorded,omitempty"`
	Why      string `json:"not_made_again,omitempty"` // why not
}

// sumsOf collects the sums that were checked in a log's runs, in their order.
type sumsOf struct {
	st     *rules.State
	tables map[string]SumTable
	list   []Sum
}

// take adds a table that checkSum has accepted. A model that does not follow from it is a finding: everybody present has signed something else.
func (s *sumsOf) take(data []byte, where string, run rules.Run) *Finding {
	t, err := ReadSum(data)
	if err != nil {
		return bad(CodeTable, where, "%v", err) // checkSum has read it
	}
	s.tables[t.Run] = t
	def, _ := s.st.Sum(run.Sum.Sum)
	out := Sum{
		Run: t.Run, ID: def.ID, Version: def.Version, Stage: t.Stage, Length: len(t.Values), Present: len(t.Present), Dropped: len(t.Dropped), Model: run.Result.Model,
	}
	var before []rules.ModelRecord
	for _, m := range s.st.Models() {
		if m.Run == t.Run {
			out.Recorded = m.Version
		}
		if m.Index <= run.Index {
			before = append(before, m)
		}
	}
	if out.Model != "" {
		var past []SumTable
		for _, n := range run.Sum.After {
			p, ok := s.tables[n]
			if !ok {
				out.Why = "the table of run " + n + " is not in the bundle"
				break
			}
			past = append(past, p)
		}
		if out.Why == "" {
			model, err := Follows(def, t, past, before)
			switch h := sha256.Sum256(model); {
			case err != nil:
				return bad(CodeModel, where, "the model of run %s was signed, and none follows from its sum: %v", t.Run, err)
			case model == nil:
				out.Why = fmt.Sprintf("this program makes no model of sums of kind %q, stage %s", def.Kind, t.Stage)
			case hex.EncodeToString(h[:]) != out.Model:
				return bad(CodeModel, where, "the model that follows from the sums has SHA-256 %.16s…, those present in run %s signed %.16s…", hex.EncodeToString(h[:]), t.Run, out.Model)
			default:
				out.Again = true
			}
		}
	}
	s.list = append(s.list, out)
	return nil
}
