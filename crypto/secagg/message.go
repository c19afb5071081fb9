package secagg

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// Context separates the signatures of this package from all others.
const Context = "tacet/secagg/v1"

// Kind is what a message is.
type Kind byte

// The messages of a round, in order.
const (
	KindKeys     Kind = 1 + iota // a member's public keys and the commitment to its own mask
	KindShares                   // its encapsulations and the sealed shares of its secrets
	KindMasked                   // its masked vector: the hash is signed, the vector travels beside it
	KindList                     // who is present and who has dropped, as a present member signs it
	KindReveal                   // shares that open the masks the list calls for
	KindProposal                 // the list as the convener proposes it

	// Of a round with proven ranges (package bounded).
	KindReport // shares of a vector and of the proof that it is in range, sealed to the others
	KindPrep   // an aggregator's part in the verification of each report
	KindCommit // the hash of its masked share of the sum
	KindTags   // tags of the shares it dealt
	KindOpen   // its masked share of the sum

	KindObjection // whom it names for what, instead of a step
)

func (k Kind) String() string {
	names := [...]string{"unknown", "keys", "shares", "masked", "list", "reveal", "proposal", "report", "preparation", "commitment", "tags", "opening", "objection"}
	if int(k) >= len(names) {
		k = 0
	}
	return names[k]
}

// Signing makes and checks members' signatures; the keys are the caller's.
type Signing struct {
	Sign   func(context string, message []byte) []byte
	Verify func(member, context string, message, signature []byte) error
}

// maxSignature bounds a signature (Ed25519 and ML-DSA-65 together are 3,373 bytes).
const maxSignature = 8192

// Message is a signed statement of a member in a round. Form:
//
//	"tsa1" | kind 1 | round 32 | name length 1, name | body length 4, body | signature length 2, signature
//
// The signature covers everything before its length. Decode accepts exactly what encode makes.
type Message struct {
	Kind   Kind
	Member string
	Body   []byte
	signed []byte // all bytes
	head   int    // of them are under the signature
}

// Bytes is the signed message.
func (m *Message) Bytes() []byte { return m.signed }

// Hash names what the message says, whatever signature it bears: a member that signs one statement twice says nothing new.
func (m *Message) Hash() [32]byte { return sha256.Sum256(m.signed[:m.head]) }

const magic = "tsa1"

func head(k Kind, round [32]byte, member string, body []byte) []byte {
	b := make([]byte, 0, len(magic)+1+32+1+len(member)+4+len(body)+2+maxSignature)
	b = append(b, magic...)
	b = append(b, byte(k))
	b = append(b, round[:]...)
	b = append(b, byte(len(member)))
	b = append(b, member...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(body)))
	return append(b, body...)
}

// sign makes a message of this member.
func sign(s Signing, k Kind, round [32]byte, member string, body []byte) *Message {
	b := head(k, round, member, body)
	sig, n := s.Sign(Context, b), len(b)
	b = binary.BigEndian.AppendUint16(b, uint16(len(sig)))
	return &Message{Kind: k, Member: member, Body: body, signed: append(b, sig...), head: n}
}

// Sign makes a member's message of a kind in a round, for what is built on rounds.
func Sign(s Signing, k Kind, r Round, member string, body []byte) *Message {
	return sign(s, k, r.ID(), member, body)
}

// Collect opens one message of every member of the roster, in its order, with bodies of this size; raw is by member and may come from anybody.
func Collect(s Signing, r Round, k Kind, raw map[string][]byte, size int) ([]*Message, error) {
	return collect(s, r, k, raw, func(int) int { return size }, true)
}

// HashAll binds to a set of messages.
func HashAll(msgs []*Message) [32]byte { return hashOf(msgs) }

var errForm = errors.New("not in its form")

// open decodes a message of a kind in this round and verifies its signature. limit bounds its body. The bytes may come from anybody.
func open(s Signing, k Kind, r Round, raw []byte, limit int) (*Message, error) {
	fail := func(why error) (*Message, error) { return nil, fmt.Errorf("secagg: %s message: %w", k, why) }
	id := r.ID()
	if len(raw) > len(magic)+1+32+1+maxName+4+limit+2+maxSignature {
		return fail(errForm)
	}
	rest, ok := bytes.CutPrefix(raw, append([]byte(magic), byte(k)))
	if !ok || len(rest) < 33 {
		return fail(errForm)
	}
	if !bytes.Equal(rest[:32], id[:]) {
		return fail(errors.New("it belongs to another round"))
	}
	n := int(rest[32])
	if rest = rest[33:]; len(rest) < n+4 {
		return fail(errForm)
	}
	m := &Message{Kind: k, Member: string(rest[:n]), signed: raw}
	size := int(binary.BigEndian.Uint32(rest[n:]))
	if rest = rest[n+4:]; size > limit || len(rest) < size+2 {
		return fail(errForm)
	}
	m.Body = rest[:size]
	sig := rest[size+2:]
	m.head = len(raw) - len(sig) - 2
	if int(binary.BigEndian.Uint16(rest[size:])) != len(sig) || len(sig) > maxSignature {
		return fail(errForm)
	}
	if err := s.Verify(m.Member, Context, raw[:len(raw)-len(sig)-2], sig); err != nil {
		return fail(fmt.Errorf("signature of %.64q: %w", m.Member, err))
	}
	return m, nil
}

// Open decodes a message of a kind that a member is said to have sent in a round, and verifies form, size and signature: what a convener does before it
// passes the message on, so that one member's garbage does not end everybody's round.
func Open(s Signing, r Round, k Kind, member string, raw []byte) (*Message, error) {
	n := len(r.Members)
	size := map[Kind]int{KindKeys: keysSize, KindShares: sharesSize(n), KindMasked: maskedSize(n), KindList: listSize(r, n), KindReveal: revealSize(n), KindProposal: listSize(r, n)}[k]
	return OpenSized(s, r, k, member, raw, size)
}

// OpenSized is Open of a message whose body has this size, for what is built on rounds.
func OpenSized(s Signing, r Round, k Kind, member string, raw []byte, size int) (*Message, error) {
	m, err := open(s, k, r, raw, size)
	switch {
	case err != nil:
		return nil, err
	case m.Member != member || len(m.Body) != size:
		return nil, fmt.Errorf("secagg: %s message of %.64q: %w", k, m.Member, errForm)
	}
	return m, nil
}

// MaxMessage bounds any message of a round in bytes, a vector apart.
func (r Round) MaxMessage() int { return Framed(maxBody(r)) }

// Framed bounds a message with a body of this size.
func Framed(body int) int { return len(magic) + 1 + 32 + 1 + maxName + 4 + body + 2 + maxSignature }

// Conflict says whether two messages of one member contradict each other: the same kind in the same round, both signed, different. Whoever holds
// both can show anybody that the member said two things.
func Conflict(s Signing, r Round, k Kind, a, b []byte) (member string, ok bool) {
	return ConflictSized(s, r, k, a, b, maxBody(r))
}

// ConflictSized is Conflict of messages with bodies of at most this size, for what is built on rounds.
func ConflictSized(s Signing, r Round, k Kind, a, b []byte, limit int) (member string, ok bool) {
	x, err := open(s, k, r, a, limit)
	if err != nil {
		return "", false
	}
	y, err := open(s, k, r, b, limit)
	if err != nil || x.Member != y.Member || bytes.Equal(x.Body, y.Body) {
		return "", false
	}
	return x.Member, true
}

// maxBody bounds the body of any message of the round.
func maxBody(r Round) int {
	n := len(r.Members)
	return max(sharesSize(n), listSize(r, n), keysSize, revealSize(n)) + 1024
}
