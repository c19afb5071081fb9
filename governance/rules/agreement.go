package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// Agreement is a data agreement: who contributes data, for which purposes, from when to when. Its text is elsewhere; the log holds its hash.
type Agreement struct {
	ID       string   `json:"id"`
	Version  int64    `json:"version"` // 1, then one more each time; the last version counts
	Title    string   `json:"title"`
	Document string   `json:"document"` // hex SHA-256 of the text that was signed
	Purposes []string `json:"purposes"` // a run cites one of these, word for word
	Parties  []string `json:"parties"`  // payers
	From     int64    `json:"from"`     // log time; 0 = from its enactment
	Until    int64    `json:"until"`    // log time; 0 = until it is ended
}

// AgreementEnd ends an agreement: no later run may cite it.
type AgreementEnd struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// AgreementRecord is a version of an agreement on record.
type AgreementRecord struct {
	Index uint64 `json:"index"`
	Ended uint64 `json:"ended"` // index of what ended or replaced it, 0 before
	Agreement
}

func validateEnact(b *Agreement) *Refusal {
	switch {
	case !isID(b.ID) || b.Version < 1 || !isText(b.Title, 200) || !entry.IsHash(b.Document):
		return refuse(CodeForm, "id, version, title or document of the agreement is not in its form")
	case len(b.Purposes) == 0 || len(b.Purposes) > 64:
		return refuse(CodeForm, "%d purposes, want 1 to 64", len(b.Purposes))
	case len(b.Parties) < MinContributors || len(b.Parties) > MaxMembers:
		return refuse(CodeForm, "%d parties, want %d to %d", len(b.Parties), MinContributors, MaxMembers)
	case b.From < 0 || b.Until < 0 || b.Until > 0 && b.Until <= b.From || max(b.From, b.Until) >= maxTime:
		return refuse(CodeForm, "in force from %d to %d", b.From, b.Until)
	}
	for _, p := range b.Purposes {
		if !isText(p, 1000) {
			return refuse(CodeForm, "a purpose is a text of at most 1000 bytes")
		}
	}
	if n, ok := repeated(b.Parties); ok {
		return refuse(CodeForm, "%.40q is a party twice", n)
	}
	return nil
}

func resolveEnact(s *State, b *Agreement) (effect, *Refusal) {
	want := int64(1)
	old := s.agreement(b.ID)
	if old != nil {
		want = old.Version + 1
	}
	if b.Version != want {
		return nil, refuse(CodeDuplicate, "the next version of agreement %q is %d, not %d", b.ID, want, b.Version)
	}
	for _, n := range b.Parties {
		if !s.isPayer(n) {
			return nil, refuse(CodeContributors, "%.40q is not a payer", n)
		}
	}
	if b.From > 0 || b.Until > 0 {
		if r := s.needTime("a date of an agreement"); r != nil {
			return nil, r
		}
	}
	return func(index uint64) {
		if old != nil && old.Ended == 0 {
			old.Ended = index
		}
		s.agreements = append(s.agreements, &AgreementRecord{Index: index, Agreement: *b})
	}, nil
}

func validateEnd(b *AgreementEnd) *Refusal {
	if !isText(b.Reason, 1000) {
		return refuse(CodeForm, "an agreement ends with a reason, in at most 1000 bytes")
	}
	return nil
}

func resolveEnd(s *State, b *AgreementEnd) (effect, *Refusal) {
	a := s.agreement(b.ID)
	if a == nil || a.Ended > 0 {
		return nil, refuse(CodeAgreement, "no agreement %.70q is in force", b.ID)
	}
	return func(index uint64) { a.Ended = index }, nil
}

// agreement is the last version of an agreement.
func (s *State) agreement(id string) *AgreementRecord {
	for i := len(s.agreements) - 1; i >= 0; i-- {
		if s.agreements[i].ID == id {
			return s.agreements[i]
		}
	}
	return nil
}

// Agreements returns all versions of all agreements in order.
func (s *State) Agreements() []AgreementRecord {
	out := make([]AgreementRecord, len(s.agreements))
	for i, a := range s.agreements {
		out[i] = *a
	}
	return out
}

// checkAgreement holds a manifest against the agreement that it cites. A ledger that has neither a charter nor an agreement takes the citation as a text: its founders have
// not said yet what they agreed on.
func (s *State) checkAgreement(b *RunAuthorise) *Refusal {
	if len(s.charters) == 0 && len(s.agreements) == 0 {
		return nil
	}
	a := s.agreement(b.Agreement)
	switch {
	case a == nil:
		return refuse(CodeAgreement, "no agreement %.70q is on record", b.Agreement)
	case a.Ended > 0:
		return refuse(CodeAgreement, "agreement %q ended at entry %d", a.ID, a.Ended)
	case a.From > s.now || a.Until > 0 && s.now >= a.Until:
		return refuse(CodeAgreement, "agreement %q is not in force at %s", a.ID, moment(s.now))
	case !slices.Contains(a.Purposes, b.Purpose):
		return refuse(CodePurpose, "agreement %q does not have the purpose %.200q", a.ID, b.Purpose)
	}
	for _, n := range b.Contributors {
		if !slices.Contains(a.Parties, n) {
			return refuse(CodeAgreement, "%q is not a party to agreement %q", n, a.ID)
		}
	}
	return nil
}
