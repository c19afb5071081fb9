package rules

import (
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// AttestAnnual is a member's antitrust attestation for a calendar year of the log's time: it has read the statement with that hash, and keeps to it.
type AttestAnnual struct {
	Year      int64  `json:"year"`
	Statement string `json:"statement"` // hex SHA-256, the charter's
}

// Attestation is an attestation on record.
type Attestation struct {
	Index     uint64 `json:"index"`
	Member    string `json:"member"`
	Year      int64  `json:"year"`
	Statement string `json:"statement"`
}

func validateAttest(b *AttestAnnual) *Refusal {
	if !entry.IsHash(b.Statement) {
		return refuse(CodeForm, "statement is not a hash")
	}
	return nil
}

func resolveAttest(s *State, e *entry.Signed, b *AttestAnnual) (effect, *Refusal) {
	if r := s.needTime("an annual attestation"); r != nil {
		return nil, r
	}
	if want := s.rulebook().Attestation; b.Statement != want {
		return nil, refuse(CodeAttestation, "the charter asks for the statement %.16q, this is %.16q", want, b.Statement)
	}
	if y := year(s.now); b.Year != y {
		return nil, refuse(CodeAttestation, "the log's year is %d; an attestation for %d does not count", y, b.Year)
	}
	if s.attested(e.Author) {
		return nil, refuse(CodeDuplicate, "%q has attested for %d", e.Author, b.Year)
	}
	return func(index uint64) {
		s.attestations = append(s.attestations, Attestation{index, e.Author, b.Year, b.Statement})
	}, nil
}

// attested says whether a member has attested to the charter's statement in the year of the log.
func (s *State) attested(member string) bool {
	want, y := s.rulebook().Attestation, year(s.now)
	return slices.ContainsFunc(s.attestations, func(a Attestation) bool { return a.Member == member && a.Year == y && a.Statement == want })
}

// Attestations returns all attestations in order.
func (s *State) Attestations() []Attestation { return slices.Clone(s.attestations) }

// checkAttestations asks every contributor of a run for this year's attestation, if the charter does.
func (s *State) checkAttestations(b *RunAuthorise) *Refusal {
	if s.rulebook().Attestation == "" {
		return nil
	}
	if r := s.needTime("an annual attestation"); r != nil {
		return r
	}
	for _, n := range b.Contributors {
		if !s.attested(n) {
			return refuse(CodeAttestation, "%q has not attested to the charter's antitrust statement for %d", n, year(s.now))
		}
	}
	return nil
}
