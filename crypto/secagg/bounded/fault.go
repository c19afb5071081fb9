package bounded

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tacet-health/tacet/crypto/secagg"
)

// ErrRange: a report does not prove that its vector is in range. The text names its author.
var ErrRange = errors.New("bounded: not proven to be in range")

// Charge is what a member is named for.
type Charge byte

const (
	NotProven     Charge = 1 + iota // its report does not prove that its vector is in range
	BadBox                          // what it has sealed for this member cannot be opened
	BadPart                         // its part in the verification of this member's report is not what the protocol says
	BadTag                          // it has not tagged what it dealt this member
	OtherMessages                   // it was shown other messages of the step before, or says so
)

// Fault is why a member ends the round, and whom it names. With NotProven it is ErrRange.
type Fault struct {
	Who    string
	Charge Charge
	why    error
}

// Error has no value of anybody's vector.
func (f *Fault) Error() string {
	switch f.Charge {
	case NotProven:
		return "bounded: the report of " + f.Who + " is not proven to be in range"
	case BadBox:
		return "bounded: the box of " + f.Who + " cannot be opened: it did not keep to the protocol"
	case BadPart:
		return "bounded: " + f.Who + " does not verify this member's report as the protocol says"
	case OtherMessages:
		return "bounded: " + f.Who + " was shown other messages than the rest: somebody has sent two; compare them"
	}
	return "bounded: " + f.Who + " has not tagged what it dealt this member: the sum is not opened"
}

// Is holds that a report without its proof is ErrRange.
func (f *Fault) Is(target error) bool { return target == ErrRange && f.Charge == NotProven }

// Unwrap is what Prio3 or the cipher says.
func (f *Fault) Unwrap() error { return f.why }

const objectionSize = 32 + 3

// Object says, signed and in place of this member's step, whom it names for what: the hash of the messages it was shown last, the step (1), the charge (1),
// the member's place in the roster (1). It is deterministic. A member that has objected does nothing more in the round.
func (m *Member) Object(f *Fault) *secagg.Message {
	body := append(m.hash[:len(m.hash):len(m.hash)], byte(m.step), byte(f.Charge), byte(slices.Index(m.round.Members, f.Who)))
	m.step = secagg.KindObjection
	return m.message(secagg.KindObjection, body)
}

// Objection reads a member's objection, which may come from anybody.
func Objection(r Round, s secagg.Signing, member string, raw []byte) (*Fault, error) {
	m, err := Open(r, s, secagg.KindObjection, member, raw)
	if err != nil {
		return nil, err
	}
	step, charge, who := secagg.Kind(m.Body[32]), Charge(m.Body[33]), int(m.Body[34])
	if !slices.Contains(steps[2:], step) || charge < NotProven || charge > OtherMessages || who >= len(r.Members) || r.Members[who] == member {
		return nil, fmt.Errorf("bounded: the objection of %s is not in its form", member)
	}
	return &Fault{r.Members[who], charge, nil}, nil
}

// Open decodes a message of a kind that a member is said to have sent in a round, and verifies form, size and signature: what a convener does before it
// passes the message on.
func Open(r Round, s secagg.Signing, k secagg.Kind, member string, raw []byte) (*secagg.Message, error) {
	size, err := r.Size(k)
	if err != nil {
		return nil, err
	}
	return secagg.OpenSized(s, r.Base(), k, member, raw, size)
}

// Size of the body of a message of a kind.
func (r Round) Size(k secagg.Kind) (int, error) {
	if k != secagg.KindObjection && !slices.Contains(steps[1:], k) {
		return 0, fmt.Errorf("bounded: a round with proven ranges has no %s message", k)
	}
	p, err := newProver(r)
	if err != nil {
		return 0, fmt.Errorf("bounded: %w", err)
	}
	return r.size(p, k), nil
}

// Steps are the kinds of a member's messages, in their order.
func Steps() []secagg.Kind { return slices.Clone(steps[1:]) }

// Judge holds the messages of a round's first steps against each other, and once KindPrep is there, the reports against the parts in their verification: nil
// when everybody was shown the same and every report is proven to be in range, else a Fault that names the first who was not or whose is not. Anybody can.
//
// What it names is not always who lied: the parts are the other members' word. An author that did keep to the protocol knows what every part must be, and
// objects (BadPart) to the aggregator that says something else.
func Judge(r Round, s secagg.Signing, t Transcript) error {
	if err := r.Check(); err != nil {
		return err
	}
	p, err := newProver(r)
	if err != nil {
		return fmt.Errorf("bounded: %w", err)
	}
	var hash [32]byte
	var msgs []*secagg.Message
	for _, k := range steps[1:] {
		if len(t[k]) == 0 {
			break
		}
		if msgs, hash, err = collect(r, r.Base(), p, s, k, t[k], hash); err != nil {
			return err
		}
		if k != secagg.KindPrep {
			continue
		}
		for author := range r.Members {
			if _, err := verified(r, p, msgs, author); err != nil {
				return err
			}
		}
	}
	return nil
}

// Misreport is for attacks and tests: what a program of the member's own deals that has no vector in range. Each share is one that the report is bound to;
// what they add up to are random field elements. Every honest member refuses it.
func (m *Member) Misreport(keys map[string][]byte) (*secagg.Message, error) {
	msgs, err := m.shown(keys)
	if err != nil {
		return nil, err
	}
	x := make([]int64, m.round.Length)
	for i := range x {
		x[i] = m.round.Low
	}
	if m.round.Form == Histogram {
		x[0] = 1
	}
	return m.report(msgs, x, func(key []byte) (publicShare, []inputShare, error) {
		public, shares, err := m.prover.shard(x, &m.nonce[m.self], key)
		if err != nil {
			return nil, nil, err
		}
		other, swapped, err := m.prover.shard(x, &m.nonce[m.self], derive(key, m.id, "misreport"))
		if err != nil {
			return nil, nil, err
		}
		copy(public[seedSize:2*seedSize], other[seedSize:])
		shares[1] = swapped[1]
		return public, shares, nil
	})
}
