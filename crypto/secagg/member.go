package secagg

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cloudflare/circl/kem/xwing"
)

// Sizes of message bodies in bytes.
const (
	keysSize  = 2*xwing.PublicKeySize + 32
	entrySize = 2*xwing.CiphertextSize + 2*32 + boxSize
)

func sharesSize(n int) int { return 32 + n*entrySize }
func revealSize(n int) int { return 32 + n*scalarSize }

// ErrOrder says that a member was asked for a step twice or out of order. A member that has lost its state does not begin again in the round: it has
// dropped.
var ErrOrder = errors.New("secagg: a member does each step of a round once, in order")

// Member is one member's part in one round. Its secrets are in memory only. Not safe for concurrent use.
type Member struct {
	round Round
	id    [32]byte
	self  int
	sign  Signing
	step  Kind // last done

	seed             [32]byte // everything random is drawn from it
	keySeed, ownMask secret
	private          []byte   // of the masks: derived from keySeed, opened when the member drops
	channel          []byte   // of the boxes that shares travel in: never shared, never opened
	keysHash         [32]byte // of all keys messages taken
	publics          [][]byte // by member
	own              [][32]byte
	sent             [][]byte      // shared secrets of this member's encapsulations, by member
	myShares         [2][][]byte   // of this member's secrets, by member
	got              map[int]dealt // of the others
	sharesHash       [32]byte      // of all shares messages taken
	masked, list     *Message      // this member's own
	statuses         []status      // of the list
}

// dealt is what another member has given this one.
type dealt struct{ keyShare, maskShare []byte }

// New prepares a member's part. It refuses a round that Check refuses, and one that does not name the member.
func New(r Round, self string, s Signing) (*Member, error) {
	var seed [32]byte
	rand.Read(seed[:]) // never fails
	return Resume(r, self, s, seed)
}

// Resume is New with the seed that an earlier life of this member drew (Member.Seed): the same inputs then give the same bodies of messages. The caller holds
// each against what that life has said, and stops where they differ: two different messages of one seed could tell what neither does.
func Resume(r Round, self string, s Signing, seed [32]byte) (*Member, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	i := r.index(self)
	if i < 0 {
		return nil, fmt.Errorf("secagg: %s is not in the roster", self)
	}
	m := &Member{round: r, id: r.ID(), self: i, sign: s, seed: seed}
	m.keySeed, m.ownMask = newSecret(m.draw("key-seed")), newSecret(m.draw("own-mask"))
	m.private, _ = keyPair(m.keySeed, m.id)
	m.channel = derive(seed[:], m.id, "channel", xwing.SeedSize, byte(i))
	return m, nil
}

// Seed is what Resume needs. It is as secret as the member's vector.
func (m *Member) Seed() [32]byte { return m.seed }

// draw is a key for what the member draws for a purpose.
func (m *Member) draw(purpose string) []byte {
	return derive(m.seed[:], m.id, purpose, 32, byte(m.self))
}

func (m *Member) take(k Kind) error {
	if m.step != k-1 {
		return fmt.Errorf("%w: %s after %s", ErrOrder, k, m.step)
	}
	m.step = k
	return nil
}

func (m *Member) message(k Kind, body []byte) *Message {
	return sign(m.sign, k, m.id, m.round.Members[m.self], body)
}

// Keys is the first step: the member's public keys, of masks and of boxes, and the commitment to its own mask.
func (m *Member) Keys() (*Message, error) {
	if err := m.take(KindKeys); err != nil {
		return nil, err
	}
	_, public := keyPair(m.keySeed, m.id)
	_, channel := xwing.DeriveKeyPairPacked(m.channel)
	public = append(public, channel...)
	c := commitment(m.id, "own-mask", m.self, m.ownMask.bytes())
	return m.message(KindKeys, append(public, c[:]...)), nil
}

// collect opens one message of each member. With all, every member of the roster must be there.
func collect(s Signing, r Round, k Kind, raw map[string][]byte, size func(int) int, all bool) ([]*Message, error) {
	n := len(r.Members)
	out := make([]*Message, n)
	for name, b := range raw {
		msg, err := open(s, k, r, b, size(n))
		if err != nil {
			return nil, err
		}
		i := r.index(msg.Member)
		if msg.Member != name || i < 0 {
			return nil, fmt.Errorf("secagg: %s message of %.64q where one of %.64q belongs", k, msg.Member, name)
		}
		if len(msg.Body) != size(n) {
			return nil, fmt.Errorf("secagg: %s message of %s: %w", k, name, errForm)
		}
		out[i] = msg
	}
	for i, msg := range out {
		if all && msg == nil {
			return nil, fmt.Errorf("secagg: no %s message of %s: the round cannot be held", k, r.Members[i])
		}
	}
	return out, nil
}

// Shares is the second step: with everybody's keys it makes the pairwise secrets and deals shares of the member's two secrets. Every member of the
// roster must have sent its keys.
func (m *Member) Shares(keys map[string][]byte) (*Message, error) {
	msgs, err := collect(m.sign, m.round, KindKeys, keys, func(int) int { return keysSize }, true)
	if err != nil {
		return nil, err
	}
	if err := m.take(KindShares); err != nil {
		return nil, err
	}
	n := len(m.round.Members)
	_, mine := keyPair(m.keySeed, m.id)
	m.publics, m.own, m.sent = make([][]byte, n), make([][32]byte, n), make([][]byte, n)
	for i, msg := range msgs {
		m.publics[i], m.own[i] = maskKeyOf(msg), [32]byte(ownCommitOf(msg))
	}
	m.keysHash = hashOf(msgs)
	if !bytes.Equal(mine, m.publics[m.self]) {
		return nil, errors.New("secagg: the keys that are shown as this member's are not its own")
	}
	m.myShares = [2][][]byte{m.keySeed.share(m.draw("key-shares"), m.round.Threshold, n), m.ownMask.share(m.draw("mask-shares"), m.round.Threshold, n)}
	body := append(make([]byte, 0, sharesSize(n)), m.keysHash[:]...)
	for j := range n {
		entry := make([]byte, 0, entrySize)
		ct, toBox, sealed := make([]byte, xwing.CiphertextSize), make([]byte, xwing.CiphertextSize), make([]byte, boxSize)
		if j != m.self {
			if m.sent[j], ct, err = encapsulate(m.keySeed, m.id, j, m.publics[j]); err != nil {
				return nil, fmt.Errorf("secagg: public key of %s: %w", m.round.Members[j], err)
			}
			// The box has a key of its own: one that followed from the key seed would be opened with it when this member drops, by whoever has
			// recorded the boxes, and would give away the shares of the own mask: a vector that came late would have no mask left.
			shared, boxCiphertext, err := xwing.Encapsulate(channelKeyOf(msgs[j]), derive(m.seed[:], m.id, "box-encapsulation", xwing.EncapsulationSeedSize, byte(m.self), byte(j)))
			if err != nil {
				return nil, fmt.Errorf("secagg: public key of %s: %w", m.round.Members[j], err)
			}
			plain := append(append([]byte{}, m.myShares[0][j]...), m.myShares[1][j]...)
			toBox, sealed = boxCiphertext, box(shared, m.id, m.self, j).Seal(nil, nonce, plain, nil)
		}
		c0 := commitment(m.id, fmt.Sprintf("key-share/%d", m.self), j, m.myShares[0][j])
		c1 := commitment(m.id, fmt.Sprintf("mask-share/%d", m.self), j, m.myShares[1][j])
		for _, part := range [][]byte{ct, toBox, c0[:], c1[:], sealed} {
			entry = append(entry, part...)
		}
		body = append(body, entry...)
	}
	return m.message(KindShares, body), nil
}

// entry is what member i's shares message says about member j.
type entry struct {
	ciphertext, toBox, keyCommit, maskCommit, sealed []byte
}

// Parts of a keys message, whose size collect has checked.
func maskKeyOf(msg *Message) []byte    { return msg.Body[:xwing.PublicKeySize] }
func channelKeyOf(msg *Message) []byte { return msg.Body[xwing.PublicKeySize:][:xwing.PublicKeySize] }
func ownCommitOf(msg *Message) []byte  { return msg.Body[2*xwing.PublicKeySize:] }

// sameKeys holds that everybody was shown the same keys messages. Else a member that signs two could have a mask removed that was never added.
func sameKeys(keys [32]byte, shares []*Message) error {
	for _, msg := range shares {
		if msg != nil && !bytes.Equal(msg.Body[:32], keys[:]) {
			return fmt.Errorf("secagg: %s was shown other keys: somebody has sent two; compare the keys messages", msg.Member)
		}
	}
	return nil
}

func entryOf(body []byte, j int) entry {
	b := body[32+j*entrySize:][:entrySize]
	ct, rest := xwing.CiphertextSize, b[2*xwing.CiphertextSize:]
	return entry{b[:ct], b[ct : 2*ct], rest[:32], rest[32:64], rest[64:]}
}

func (e entry) holds(round [32]byte, dealer, holder int, d dealt) bool {
	c0 := commitment(round, fmt.Sprintf("key-share/%d", dealer), holder, d.keyShare)
	c1 := commitment(round, fmt.Sprintf("mask-share/%d", dealer), holder, d.maskShare)
	return (d.keyShare == nil || bytes.Equal(c0[:], e.keyCommit)) && (d.maskShare == nil || bytes.Equal(c1[:], e.maskCommit))
}

// hashOf binds to a set of messages, and to who is missing.
func hashOf(msgs []*Message) [32]byte {
	h := sha256.New()
	for _, msg := range msgs {
		if msg == nil {
			h.Write([]byte{0})
			continue
		}
		x := msg.Hash()
		h.Write([]byte{1})
		h.Write(x[:])
	}
	return [32]byte(h.Sum(nil))
}

// Masked is the third step: the vector under the member's own mask and one mask for each other member whose shares are there. At least a threshold of
// members must be. It returns the signed message, which holds the hash of the vector, and the masked vector (little-endian words).
// x has Length elements, none beyond Cap; the error names the element and not its value.
func (m *Member) Masked(shares map[string][]byte, x []int64) (*Message, []byte, error) {
	msgs, err := collect(m.sign, m.round, KindShares, shares, sharesSize, false)
	if err != nil {
		return nil, nil, err
	}
	if len(x) != m.round.Length {
		return nil, nil, fmt.Errorf("secagg: a vector of %d elements where the round has %d", len(x), m.round.Length)
	}
	for i, v := range x {
		if v < 0 && uint64(-v) > m.round.Cap || v >= 0 && uint64(v) > m.round.Cap {
			return nil, nil, fmt.Errorf("secagg: element %d is beyond the round's bound", i)
		}
	}
	if msgs[m.self] == nil || len(shares) < m.round.Threshold {
		return nil, nil, fmt.Errorf("secagg: shares of %d members, this one's among them: %v; want at least %d", len(shares), msgs[m.self] != nil, m.round.Threshold)
	}
	if err := sameKeys(m.keysHash, msgs); err != nil {
		return nil, nil, err
	}
	if err := m.take(KindMasked); err != nil {
		return nil, nil, err
	}
	sum := make([]uint64, len(x))
	for i, v := range x {
		sum[i] = uint64(v)
	}
	apply(sum, ownMaskKey(m.ownMask, m.id), false)
	m.got = map[int]dealt{m.self: {m.myShares[0][m.self], m.myShares[1][m.self]}}
	for j, msg := range msgs {
		if msg == nil || j == m.self {
			continue
		}
		e := entryOf(msg.Body, m.self)
		received := xwing.Decapsulate(e.ciphertext, m.private)
		plain, err := box(xwing.Decapsulate(e.toBox, m.channel), m.id, j, m.self).Open(nil, nonce, e.sealed, nil)
		if err != nil {
			return nil, nil, fmt.Errorf("secagg: the shares of %s cannot be opened: it did not keep to the protocol", msg.Member)
		}
		d := dealt{plain[:scalarSize], plain[scalarSize:]}
		if !e.holds(m.id, j, m.self, d) {
			return nil, nil, fmt.Errorf("secagg: the shares of %s are not those it is bound to", msg.Member)
		}
		m.got[j] = d
		if m.self < j {
			apply(sum, maskKey(m.id, m.self, j, m.sent[j], received), false)
		} else {
			apply(sum, maskKey(m.id, j, m.self, received, m.sent[j]), true)
		}
	}
	m.sharesHash = hashOf(msgs)
	vector := make([]byte, 8*len(sum))
	for i, v := range sum {
		binary.LittleEndian.PutUint64(vector[8*i:], v)
	}
	h := sha256.Sum256(vector)
	m.masked = m.message(KindMasked, append(m.sharesHash[:], h[:]...))
	return m.masked, vector, nil
}
