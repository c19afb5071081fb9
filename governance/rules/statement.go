package rules

import (
	"regexp"
	"slices"

	"github.com/tacet-health/tacet/governance/entry"
)

// RoomContext separates signatures under sittings and ballots from everything else a member signs.
const RoomContext = "tacet/room/v1"

// StatementPost puts a sitting of a silent room on record. The convener carries it; what was said, every member present has signed that it came out of the
// sums. Nobody, the convener included, knows whose a statement is, and the schema has no field in which an author could stand.
type StatementPost struct {
	Sitting
	Signatures []Signature `json:"signatures"` // of all present, in their order
}

// Sitting is what each member present signs.
type Sitting struct {
	Room       string   `json:"room"`
	Number     int64    `json:"number"`     // from 1; one that ended without statements being opened is missing
	Present    []string `json:"present"`    // who took part: the anonymity set
	Statements []string `json:"statements"` // in alphabetical order
	Withheld   int64    `json:"withheld"`   // statements that the log does not take (Sift)
	Transcript string   `json:"transcript"` // hex: digest of the rounds' messages
}

// Canonical is the signed form, for RoomContext.
func (b Sitting) Canonical() ([]byte, error) { return entry.Canonical(b) }

// StatementRecord is a sitting on record.
type StatementRecord struct {
	Index uint64 `json:"index"`
	StatementPost
}

// price matches an amount of money: a currency before or after a number.
var price = regexp.MustCompile(`(?i)[$€£]\s*[0-9]|[0-9]\s*[$€£]|[0-9]\s*(usd|eur|dollars?|cents?)\b|\b(usd|eur)\s*[0-9]`)

func validateStatement(b *StatementPost) *Refusal {
	switch {
	case !isID(b.Room) || !entry.IsHash(b.Transcript) || b.Number < 1 || b.Withheld < 0:
		return refuse(CodeForm, "room, number or transcript is not in its form")
	case len(b.Present) < MinPresent:
		return refuse(CodeRoom, "%d present, at least %d", len(b.Present), MinPresent)
	case int64(len(b.Statements))+b.Withheld > int64(len(b.Present)):
		return refuse(CodeRoom, "%d statements of %d present: a member has one in a sitting", int64(len(b.Statements))+b.Withheld, len(b.Present))
	case !slices.IsSorted(b.Statements):
		return refuse(CodeForm, "statements stand in alphabetical order: the order in which they came could tell whose they are")
	}
	if r := sortedNames(b.Present, "present"); r != nil {
		return r
	}
	for i, t := range b.Statements {
		if !isText(t, MaxRoomText) {
			return refuse(CodeForm, "statement %d is not a text of at most %d bytes", i+1, MaxRoomText)
		}
		if price.MatchString(t) {
			return refuse(CodePrice, "statement %d states a price", i+1)
		}
	}
	return nil
}

func resolveStatement(s *State, e *entry.Signed, b *StatementPost) (effect, *Refusal) {
	if r := onlyConvener(s, e); r != nil {
		return nil, r
	}
	room, r := s.openRoom(b.Room)
	if r != nil {
		return nil, r
	}
	switch {
	case b.Number <= room.Sat:
		return nil, refuse(CodeDuplicate, "sitting %d of room %q is on record, or one after it", b.Number, b.Room)
	case b.Number > room.Sittings:
		return nil, refuse(CodeRoom, "room %q has %d sittings", b.Room, room.Sittings)
	case int64(len(b.Present)) < room.Least:
		return nil, refuse(CodeRoom, "%d present, room %q wants at least %d", len(b.Present), b.Room, room.Least)
	}
	for _, n := range b.Present {
		if !slices.Contains(room.Members, n) {
			return nil, refuse(CodeRoom, "%q has no place in room %q", n, b.Room)
		}
		if r := s.hasPlace(n); r != nil {
			return nil, r
		}
	}
	for i, t := range b.Statements {
		if int64(len(t)) > room.MaxText {
			return nil, refuse(CodeForm, "statement %d is longer than %d bytes", i+1, room.MaxText)
		}
		if _, ok := s.payerIn(t); ok {
			return nil, refuse(CodeNamesPayer, "statement %d names a payer", i+1)
		}
	}
	text, err := b.Sitting.Canonical()
	if err != nil {
		return nil, refuse(CodeForm, "%v", err)
	}
	if r := s.allSigned(b.Present, text, b.Signatures); r != nil {
		return nil, r
	}
	return func(index uint64) {
		room.Sat = b.Number
		s.statements = append(s.statements, StatementRecord{index, *b})
	}, nil
}

// allSigned wants the signature of every one of names under a text for RoomContext, in order.
func (s *State) allSigned(names []string, text []byte, signatures []Signature) *Refusal {
	if len(signatures) != len(names) {
		return refuse(CodeCertificateSignature, "%d signatures, %d were present", len(signatures), len(names))
	}
	for i, sig := range signatures {
		m := s.active(sig.Member)
		if sig.Member != names[i] || m == nil {
			return refuse(CodeCertificateSignature, "signature %d is of %.40q, want %q", i+1, sig.Member, names[i])
		}
		if err := m.Verify(RoomContext, text, sig.Signature); err != nil {
			return refuse(CodeCertificateSignature, "signature of %q does not verify", sig.Member)
		}
	}
	return nil
}

// Sift parts what was said into what the log takes, in the order it wants, and how many it does not: every member present does it alike. The sender's own
// filter is stricter; this one keeps a member that has no filter from spoiling everybody's sitting.
func (s *State) Sift(texts []string, maxText int64) (taken []string, withheld int64) {
	taken = []string{}
	for _, t := range texts {
		_, names := s.payerIn(t)
		if names || price.MatchString(t) || !isText(t, int(min(maxText, MaxRoomText))) {
			withheld++
			continue
		}
		taken = append(taken, t)
	}
	slices.Sort(taken)
	return taken, withheld
}

// Statements returns the sittings of all rooms in order.
func (s *State) Statements() []StatementRecord { return slices.Clone(s.statements) }
