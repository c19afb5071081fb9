package rules

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/tacet-health/tacet/governance/entry"
)

// Structure is a payment structure as it is recommended: what is paid for and by which rules, never how much by whom. There is no field for a payer or a price, numbers are
// whole percents, whole numbers of a measure's scale, or counts, and texts that name a payer beside a number are refused. Payers adopt it or not, each by itself.
type Structure struct {
	ID      string `json:"id"`
	Version int64  `json:"version"` // 1, then one more each time
	Title   string `json:"title"`
	Binding bool   `json:"binding"` // false
	// Pillars are the parts of the payment in whole percents: together 100.
	DirectPercent     int64   `json:"direct_percent"`     // direct services
	PopulationPercent int64   `json:"population_percent"` // population-health payment
	IncentivePercent  int64   `json:"incentive_percent"`  // performance incentive
	Tracks            []Track `json:"tracks"`
	// Measures carry the incentive; their weights are together 100.
	Measures    []StructureMeasure `json:"measures"`
	FrozenUntil int64              `json:"frozen_until"` // log time until which benchmarks stay; 0 = they are not frozen
	// SocialRiskPercent is added for practices with many members at social risk.
	SocialRiskPercent int64  `json:"social_risk_percent"`
	Notes             string `json:"notes"` // may be empty
}

// Track is one of the ways to take part, by how much risk a practice bears.
type Track struct {
	ID              string  `json:"id"`
	Title           string  `json:"title"`
	UpsidePercent   int64   `json:"upside_percent"`   // corridor: the most that can be gained, of the target
	DownsidePercent int64   `json:"downside_percent"` // corridor: the most that can be lost
	StopLossPercent int64   `json:"stop_loss_percent"`
	Glide           []Glide `json:"glide"` // size-and-scale glide path; by year, rising
}

// Glide is a step of a glide path: from this year on, for practices with at least so many members.
type Glide struct {
	Year       int64 `json:"year"` // of participation, from 1
	MinMembers int64 `json:"min_members"`
	Percent    int64 `json:"percent"` // of the track's corridor that applies
}

// StructureMeasure is a measure's place in the incentive. Benchmarks are whole numbers of its scale; better ones are rewarded more.
type StructureMeasure struct {
	Measure            string  `json:"measure"` // hash
	Weight             int64   `json:"weight"`  // percent
	Benchmarks         []int64 `json:"benchmarks"`
	AttainmentPercent  int64   `json:"attainment_percent"` // with the improvement's, 100
	ImprovementPercent int64   `json:"improvement_percent"`
}

// StructureRecord is a recommended structure on record.
type StructureRecord struct {
	Index uint64 `json:"index"`
	Hash  string `json:"hash"`
	Structure
}

func validateStructure(b *Structure) *Refusal {
	if b.Binding {
		return refuse(CodeBinding, "a structure is recommended and binds nobody")
	}
	if !isID(b.ID) || b.Version < 1 || !isText(b.Title, 200) || b.Notes != "" && !isText(b.Notes, 10000) || b.FrozenUntil < 0 || b.FrozenUntil >= maxTime {
		return refuse(CodeForm, "id, version, title, notes or freeze of the structure is not in its form")
	}
	percent := []int64{b.DirectPercent, b.PopulationPercent, b.IncentivePercent, b.SocialRiskPercent}
	if len(b.Tracks) == 0 || len(b.Tracks) > 16 || len(b.Measures) == 0 || len(b.Measures) > MaxMeasures {
		return refuse(CodeForm, "%d tracks and %d measures; want 1 to 16 and 1 to %d", len(b.Tracks), len(b.Measures), MaxMeasures)
	}
	ids, hashes := []string{}, []string{}
	for _, t := range b.Tracks {
		if !isID(t.ID) || !isText(t.Title, 200) || len(t.Glide) > 32 {
			return refuse(CodeForm, "id, title or glide path of track %.70q is not in its form", t.ID)
		}
		percent = append(percent, t.UpsidePercent, t.DownsidePercent, t.StopLossPercent)
		for i, g := range t.Glide {
			percent = append(percent, g.Percent)
			if g.Year < 1 || g.Year > 50 || g.MinMembers < 0 || g.MinMembers > 1e9 || i > 0 && (g.Year < t.Glide[i-1].Year || g.Year == t.Glide[i-1].Year && g.MinMembers <= t.Glide[i-1].MinMembers || g.Percent < t.Glide[i-1].Percent) {
				return refuse(CodeForm, "glide path of track %s: step %d is out of order, or falls", t.ID, i+1)
			}
		}
		ids = append(ids, t.ID)
	}
	weights := int64(0)
	for _, m := range b.Measures {
		percent = append(percent, m.Weight, m.AttainmentPercent, m.ImprovementPercent)
		if !entry.IsHash(m.Measure) || len(m.Benchmarks) == 0 || len(m.Benchmarks) > 100 {
			return refuse(CodeForm, "a measure of the structure is not named by its hash, or has no benchmarks")
		}
		if m.AttainmentPercent+m.ImprovementPercent != 100 {
			return refuse(CodePercent, "attainment %d %% and improvement %d %%, together 100", m.AttainmentPercent, m.ImprovementPercent)
		}
		weights += m.Weight
		hashes = append(hashes, m.Measure)
	}
	if x, ok := repeated(append(ids, hashes...)); ok {
		return refuse(CodeForm, "%.70q is in the structure twice", x)
	}
	for _, p := range percent {
		if p < 0 || p > 100 {
			return refuse(CodePercent, "%d %%, want 0 to 100", p)
		}
	}
	if sum := b.DirectPercent + b.PopulationPercent + b.IncentivePercent; sum != 100 || weights != 100 {
		return refuse(CodePercent, "the pillars are together %d %% and the weights %d %%, want 100", sum, weights)
	}
	return nil
}

func resolveStructure(s *State, b *Structure) (effect, *Refusal) {
	texts := []string{b.ID, b.Title, b.Notes}
	for _, t := range b.Tracks {
		texts = append(texts, t.ID, t.Title)
	}
	for _, t := range texts {
		if n, ok := s.payerIn(t); ok && strings.ContainsAny(strings.ReplaceAll(strings.ToLower(t), n, ""), digits+"$€£%") {
			return nil, refuse(CodePayerAmount, "a text names %q beside a number; what a payer pays has no place here", n)
		}
	}
	var old *StructureRecord
	for _, x := range s.structures {
		if x.ID == b.ID {
			old = x
		}
	}
	want := int64(1)
	if old != nil {
		want = old.Version + 1
	}
	if b.Version != want {
		return nil, refuse(CodeDuplicate, "the next version of structure %q is %d, not %d", b.ID, want, b.Version)
	}
	for _, x := range b.Measures {
		m := s.byHash[x.Measure]
		if m == nil || m.Status != MeasureApproved {
			return nil, refuse(CodeUnknownMeasure, "no approved measure has hash %.16q", x.Measure)
		}
		r := m.spec.Release
		for i, v := range x.Benchmarks {
			if v < r.Range[0] || v > r.Range[1] || i > 0 && v <= x.Benchmarks[i-1] {
				return nil, refuse(CodeValue, "benchmark %d of %s is not on its scale of %d to %d, or does not rise", v, m.ID, r.Range[0], r.Range[1])
			}
		}
	}
	if b.FrozenUntil > 0 {
		if r := s.needTime("a freeze of benchmarks"); r != nil {
			return nil, r
		}
	}
	if old != nil && s.now < old.FrozenUntil {
		if b.FrozenUntil < old.FrozenUntil {
			return nil, refuse(CodeFrozen, "the benchmarks of structure %q are frozen until %s; a new version does not shorten that", b.ID, moment(old.FrozenUntil))
		}
		for _, x := range old.Measures {
			if !slices.ContainsFunc(b.Measures, func(n StructureMeasure) bool {
				return n.Measure == x.Measure && slices.Equal(n.Benchmarks, x.Benchmarks)
			}) {
				return nil, refuse(CodeFrozen, "the benchmarks of structure %q are frozen until %s; those of measure %.16s differ", b.ID, moment(old.FrozenUntil), x.Measure)
			}
		}
	}
	raw, err := entry.Canonical(b)
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	return func(index uint64) {
		s.structures = append(s.structures, &StructureRecord{index, hexOf(sha256.Sum256(raw)), *b})
	}, nil
}

// payerIn returns the payer, present or past, that a text names. Letters and digits next to a name make it another word.
func (s *State) payerIn(text string) (string, bool) {
	text = strings.ToLower(text)
	word := func(c byte) bool { return strings.IndexByte(lower+digits, c) >= 0 }
	for _, m := range s.members {
		if m.Role != RolePayer {
			continue
		}
		for at := 0; ; {
			i := strings.Index(text[at:], m.Name)
			if i < 0 {
				break
			}
			i += at
			end := i + len(m.Name)
			if (i == 0 || !word(text[i-1])) && (end == len(text) || !word(text[end])) {
				return m.Name, true
			}
			at = i + 1
		}
	}
	return "", false
}

// Structures returns all recommended structures in order.
func (s *State) Structures() []StructureRecord {
	out := make([]StructureRecord, len(s.structures))
	for i, x := range s.structures {
		out[i] = *x
	}
	return out
}
