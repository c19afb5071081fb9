package rules

import "github.com/tacet-health/tacet/governance/entry"

// Charter is how a ledger decides: seats, quorum, majority, windows. Its first version is decided by the payers and every later one by those it gives the
// decisions to. Without a charter, or with one that has no seats, the payers decide by more than half of those present.
type Charter struct {
	Version         int64 `json:"version"`          // 1, then one more each time
	PlanSeats       int64 `json:"plan_seats"`       // held by payers
	ProviderSeats   int64 `json:"provider_seats"`   // as many; held by provider organisations
	ExpertSeats     int64 `json:"expert_seats"`     // without a vote
	QuorumPercent   int64 `json:"quorum_percent"`   // of plan seats and of provider seats, each for itself; 51 to 100
	MajorityPercent int64 `json:"majority_percent"` // more than this share of yes and no must be yes; 50 to 99
	// Windows in seconds of log time; 0 = none.
	CommentSeconds int64 `json:"comment_seconds"` // public comment on a measure
	MotionSeconds  int64 `json:"motion_seconds"`  // discussion of a motion
	ConsentSeconds int64 `json:"consent_seconds"` // for objections, after the discussion; 0 = every decision needs a ballot
	VetoSeconds    int64 `json:"veto_seconds"`    // for counsel, after an authorisation, before a run may start
	AppealSeconds  int64 `json:"appeal_seconds"`  // after a certificate
	PanelSize      int64 `json:"panel_size"`      // of an appeal's panel: odd; 0 without appeals
	// Attestation is the SHA-256 (hex) of the antitrust statement that every contributor signs each year; empty = none is asked for.
	Attestation string `json:"attestation"`
}

// Limits of a charter.
const (
	MaxSeats  = 32
	MaxWindow = 366 * day
	MaxPanel  = 15
)

func validateCharter(b *Charter) *Refusal {
	for _, w := range []int64{b.CommentSeconds, b.MotionSeconds, b.ConsentSeconds, b.VetoSeconds, b.AppealSeconds} {
		if w < 0 || w > MaxWindow {
			return refuse(CodeForm, "a window of %d s, want 0 to %d", w, MaxWindow)
		}
	}
	for _, n := range []int64{b.PlanSeats, b.ProviderSeats, b.ExpertSeats} {
		if n < 0 || n > MaxSeats {
			return refuse(CodeForm, "%d seats, want 0 to %d of a class", n, MaxSeats)
		}
	}
	switch {
	case b.Version < 1:
		return refuse(CodeForm, "versions start at 1")
	case b.PlanSeats != b.ProviderSeats:
		return refuse(CodeSeatsUnequal, "%d plan seats and %d provider seats; they are equal in number", b.PlanSeats, b.ProviderSeats)
	case b.QuorumPercent < 51 || b.QuorumPercent > 100:
		return refuse(CodeCharterFloor, "a quorum of %d %%, want 51 to 100", b.QuorumPercent)
	case b.MajorityPercent < 50 || b.MajorityPercent > 99:
		return refuse(CodeCharterFloor, "a majority of more than %d %%, want 50 to 99", b.MajorityPercent)
	case (b.PanelSize == 0) != (b.AppealSeconds == 0):
		return refuse(CodeCharterFloor, "appeals need a window and a panel, or neither")
	case b.PanelSize != 0 && (b.PanelSize < 3 || b.PanelSize > MaxPanel || b.PanelSize%2 == 0):
		return refuse(CodeCharterFloor, "a panel of %d, want an odd number from 3 to %d", b.PanelSize, MaxPanel)
	case b.Attestation != "" && !entry.IsHash(b.Attestation):
		return refuse(CodeForm, "attestation is not a hash")
	}
	return nil
}

func resolveCharter(s *State, b *Charter) (effect, *Refusal) {
	if want := s.rulebook().Version + 1; b.Version != want {
		return nil, refuse(CodeDuplicate, "the next charter has version %d, not %d", want, b.Version)
	}
	for _, c := range []struct {
		class Class
		seats int64
	}{{ClassPlan, b.PlanSeats}, {ClassProvider, b.ProviderSeats}, {ClassExpert, b.ExpertSeats}} {
		if n := s.seated(c.class); n > c.seats {
			return nil, refuse(CodeSeatTaken, "%d %s seats are held; a charter with %d would unseat somebody", n, c.class, c.seats)
		}
	}
	return func(index uint64) { s.charters = append(s.charters, &CharterRecord{index, *b}) }, nil
}

// CharterRecord is a version of the charter on record.
type CharterRecord struct {
	Index uint64 `json:"index"` // of the entry that carried it
	Charter
}

// Charters returns all versions of the charter in order.
func (s *State) Charters() []CharterRecord {
	out := make([]CharterRecord, len(s.charters))
	for i, c := range s.charters {
		out[i] = *c
	}
	return out
}

// rulebook is the charter in force; before there is one, that of the founders: no seats, no windows, version 0.
func (s *State) rulebook() Charter {
	if n := len(s.charters); n > 0 {
		return s.charters[n-1].Charter
	}
	return Charter{QuorumPercent: 51, MajorityPercent: 50}
}

// staged says whether measures go through committee and public comment.
func (c Charter) staged() bool { return c.PlanSeats > 0 || c.CommentSeconds > 0 }
