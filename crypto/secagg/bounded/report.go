package bounded

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/cloudflare/circl/vdaf/prio3/sumvec"

	"github.com/tacet-health/tacet/crypto/secagg"
)

var (
	kem  = hpke.MLKEM768X25519()
	kdf  = hpke.HKDFSHA256()
	aead = hpke.AES256GCM()
)

const (
	keySize      = 1216      // of a public key
	sealOverhead = 1120 + 16 // encapsulated key, authentication tag
	seedSize     = 32
)

func boxSize(p *prover, first int) int { return sealOverhead + 2*seedSize + p.shareSize[first] }

// boxInfo binds a box to the round, to all keys, and to who deals it to whom.
func (m *Member) boxInfo(keys [32]byte, from, to int) []byte {
	return slices.Concat([]byte("tacet/secagg/bounded/box"), m.id[:], keys[:], []byte{byte(from), byte(to)})
}

func nonceOf(id, keys [32]byte, author int) sumvec.Nonce {
	h := sha256.Sum256(slices.Concat([]byte("tacet/secagg/bounded/nonce"), id[:], keys[:], []byte{byte(author)}))
	return sumvec.Nonce(h[:16])
}

// Report is the second step: the member's vector in shares with its proof. The vector must be in range; the error names the element and not its value.
func (m *Member) Report(keys map[string][]byte, x []int64) (*secagg.Message, error) {
	if err := m.round.inRange(x); err != nil {
		return nil, err
	}
	msgs, err := m.take(secagg.KindReport, keys)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(msgs[m.self].Body, m.private.PublicKey().Bytes()) {
		return nil, fmt.Errorf("bounded: the key that is shown as this member's is not its own")
	}
	n := len(m.round.Members)
	m.nonce = make([]sumvec.Nonce, n)
	for p := range n {
		m.nonce[p] = nonceOf(m.id, m.hash, p)
	}
	public, shares, err := m.prover.shard(x, &m.nonce[m.self])
	if err != nil {
		return nil, fmt.Errorf("bounded: %w", err)
	}
	encoded := make([][]byte, len(shares))
	for i := range shares {
		if encoded[i], err = shares[i].MarshalBinary(); err != nil {
			return nil, fmt.Errorf("bounded: %w", err)
		}
	}
	return m.deal(msgs, public, encoded)
}

// deal seals a report's shares, by aggregator, to their holders.
func (m *Member) deal(keys []*secagg.Message, public []byte, shares [][]byte) (*secagg.Message, error) {
	out := [][]byte{m.hash[:], public}
	n := len(m.round.Members)
	m.dealt = make([]dealt, n)
	for a := range n - 1 {
		j := (m.self + 1 + a) % n
		to, err := kem.NewPublicKey(keys[j].Body)
		if err != nil {
			return nil, fmt.Errorf("bounded: key of %s: %w", m.round.Members[j], err)
		}
		m.dealt[j] = dealt{coins(seedSize), coins(seedSize), shares[a]}
		plain := slices.Concat(m.dealt[j].mask, m.dealt[j].tag, m.dealt[j].share)
		box, err := hpke.Seal(to, kdf, aead, m.boxInfo(m.hash, m.self, j), plain)
		if err != nil {
			return nil, fmt.Errorf("bounded: sealing to %s: %w", m.round.Members[j], err)
		}
		out = append(out, box)
	}
	return m.message(secagg.KindReport, out...), nil
}

// Prep is the third step: this member's part in the verification of every other member's report. A box that does not open, or a share that is not the
// one the report is bound to, ends the round and names its dealer.
func (m *Member) Prep(reports map[string][]byte) (*secagg.Message, error) {
	keys := m.hash
	msgs, err := m.take(secagg.KindPrep, reports)
	if err != nil {
		return nil, err
	}
	n := len(m.round.Members)
	key := sumvec.VerifyKey(derive(m.hash[:], m.id, "verify"))
	m.got, m.parts, m.mine = make([]dealt, n), make([]part, n), make([]part, n)
	out := [][]byte{m.hash[:]}
	for p, msg := range msgs {
		public := msg.Body[32:][:m.prover.publicSize]
		if p == m.self {
			for j := range n {
				if j == p {
					continue
				}
				// What is wrong with this member's own report, the others say; a part that cannot be made matches nobody's.
				m.mine[j], _ = m.prover.begin(&key, &m.nonce[p], m.round.aggregator(p, j), public, m.dealt[j].share)
			}
			continue
		}
		a, at, size := m.round.aggregator(p, m.self), 32+m.prover.publicSize, boxSize(m.prover, 0)
		if a > 0 {
			at, size = at+size+(a-1)*boxSize(m.prover, 1), boxSize(m.prover, 1)
		}
		plain, err := hpke.Open(m.private, kdf, aead, m.boxInfo(keys, p, m.self), msg.Body[at:][:size])
		if err != nil {
			return nil, fmt.Errorf("bounded: the box of %s cannot be opened: it did not keep to the protocol", msg.Member)
		}
		m.got[p] = dealt{plain[:seedSize], plain[seedSize : 2*seedSize], plain[2*seedSize:]}
		if m.parts[p], err = m.prover.begin(&key, &m.nonce[p], a, public, m.got[p].share); err != nil {
			return nil, fmt.Errorf("%w: the report of %s: %w", ErrRange, msg.Member, err)
		}
		out = append(out, m.parts[p].prep)
	}
	return m.message(secagg.KindPrep, out...), nil
}
